package launch

import (
	"os"
	"sync/atomic"

	"robotd/body"
	"robotd/gate"
	"robotd/internal/rate"
	"robotd/internal/shm"
	"robotd/proprio"
	"robotd/sim"
)

// The frames that the processes of a real-time run hand over. One process writes each.

// mindFrame is what the mind asks of the gate.
type mindFrame struct {
	Command    body.Command
	Rung       body.Rung // that the command serves
	Want       body.Rung // best one that the planner asks for
	Plan       body.Plan // the newest admitted one
	PlanNs     int64     // when it was made
	Admitted   bool      // the newest thought was
	ArmContact [2]bool
	State      body.State
	PlanUs     float64
	Late       uint64 // decisions that were due while a thought was under way
	Refused    uint64 // plans that were not admitted
	LiftNs     int64  // since when the mind remembers nothing
}

// peopleFrame is what somebody asks: one of the host, one of the supervisor, one of a command typed elsewhere.
type peopleFrame struct {
	Stop, Ack, Arm, OnHoist bool
	Near                    gate.Near
	LiftNs                  int64 // when a simulated robot was last to be put back on its feet; 0: never
}

// estimateFrame is what the gate's estimator remembers: a mind that begins, or begins anew, goes on from it. A sample alone does
// not tell how a body that moves stands.
type estimateFrame struct {
	Memory proprio.Memory
	LiftNs int64 // the newest lift that the estimator knows of
}

// verdictFrame is what the gate decided.
type verdictFrame struct {
	Verdict gate.Verdict
	Rungs   [body.NRungs]uint64 // ticks on each
	Reserve uint64              // ticks that the gate's own controllers served
	Down    gate.Cause          // what last took the robot from its rungs of standing to the crouch or lower
	LiftNs  int64               // the newest lift that it knows of

	Stoppable   bool // the robot can stop where it stands now, by the gate's own estimate
	StopMarginM float64
}

// sceneFrame is the simulated world, for the eye, the page and the judge.
type sceneFrame struct {
	SimNs         int64
	Pos           [body.MaxJoints + 1]body.Vec3
	Rot           [body.MaxJoints + 1]body.Quat
	Objects       [maxObjects]sim.Object
	NObjects      int
	BusMeanW      float64
	BusPeakW      float64   // most since the showing before the last one
	PushNs        body.Vec3 // the last push, N s
	PushedNs      int64     // when it began, simulated time
	SumBusW       float64   // over all ticks
	WorstBusW     float64
	Ticks, Over   uint64 // ticks; those of more than 500 W
	DriveTimeouts uint64 // ticks in which the drives had let go
	LetGoNs       int64  // when they last did, monotonic; 0: never
	LetGoAgeNs    int64  // how old the last grant was then
	Upright       bool
	Fallen        uint64 // how often the robot went down
	Foot          [2]body.Wrench
}

const maxObjects = 8

// raisedFrame says that a body behind ROS 2 was put back on its feet: from the sample of that stamp on, by its own clock, it stands.
type raisedFrame struct {
	AtNs    int64 // when it was asked for
	StampNs int64
}

// wireFrame is the link's account of a body on a graph.
type wireFrame struct {
	Samples    uint64 // that came whole
	Skipped    uint64 // of those, replaced by a newer one before they were passed on
	Incomplete uint64 // given up because a part never came
	Sent       uint64 // commands
	Missed     uint64 // grants that a newer one replaced before they were sent
	Failed     uint64 // commands that could not be sent
	LetGo      uint64 // of those sent, the ones that told the body to let go
	Age        rate.Histogram
}

// graphFrame is what somebody on the graph asks for.
type graphFrame struct {
	StopNs int64 // when the stop was last pressed there; 0: never
}

// liftFrame says that a simulated robot was put back on its feet: whoever remembers the fall forgets it.
type liftFrame struct {
	AtNs int64 // when it was asked for
}

// seenFrame is what the host sees for the mind.
type seenFrame struct {
	Visual [maxVisual]float32
	N      int
}

const maxVisual = 256

// healthFrame is the account that each process gives of itself.
type healthFrame struct {
	PID   int
	Loop  rate.Stats
	Began int64 // monotonic ns
	Soft  bool  // the system refused something: soft real time
	Ended bool  // it has seen the end

	GCCycles, MajorFaults, MinorFaults uint64 // since its loop runs
}

// linesFrame is what a reader of the two-channel emergency stop sees.
type linesFrame struct{ Line [2]gate.Line }

// linesMaxNs is the age at which the lines count as broken: their reader may have died, and a closed line must be seen to be one.
const linesMaxNs = 50_000_000

// careFrame is what the supervisor has done.
type careFrame struct {
	Restarts [nRoles]uint64 // of each role
}

// endFrame tells everybody to leave.
type endFrame struct{ Leave bool }

// Roles of the processes.
const (
	roleLink = "link"
	roleGate = "gate"
	roleMind = "mind"
	roleHost = "host"
	roleBody = "body" // a simulated one on a graph
)

var roles = [nRoles]string{roleLink, roleGate, roleMind, roleHost, roleBody}

const nRoles = 5

// parts are the region's table of contents.
func parts() []shm.Part {
	p := []shm.Part{
		shm.LatestPart[body.Sensors]("sensors"),
		shm.LatestPart[gate.Granted]("granted"),
		shm.LatestPart[estimateFrame]("estimate"),
		shm.LatestPart[mindFrame]("mind"),
		shm.LatestPart[verdictFrame]("verdict"),
		shm.LatestPart[peopleFrame]("people.host"),
		shm.LatestPart[peopleFrame]("people.operator"),
		shm.LatestPart[peopleFrame]("people.command"),
		shm.LatestPart[sceneFrame]("scene"),
		shm.LatestPart[seenFrame]("seen"),
		shm.LatestPart[liftFrame]("lift"),
		shm.LatestPart[raisedFrame]("raised"),
		shm.LatestPart[wireFrame]("wire"),
		shm.LatestPart[graphFrame]("graph"),
		shm.LatestPart[linesFrame]("lines"),
		shm.LatestPart[endFrame]("end"),
		shm.LatestPart[careFrame]("care"),
		shm.RingPart[body.Vec3]("pushes", 16),
	}
	for _, r := range roles {
		p = append(p, shm.LatestPart[healthFrame]("health."+r))
	}
	return p
}

// Where a child finds the region, the first of its extra files; and the host the page's port, the second one.
const (
	regionFD = 3
	portFD   = 4
)

// inherited maps the region that the supervisor handed down.
func inherited() (*shm.Region, error) { return shm.Open(regionFD, parts()...) }

// reader and writer open a part of the region; a writer claims it. The table of contents was checked when the region was mapped, so a
// failure is a mistake of this program.
func reader[T any](r *shm.Region, name string) *shm.Latest[T] {
	l, err := shm.OpenLatest[T](r, name)
	if err != nil {
		panic(err)
	}
	return l
}

func writer[T any](r *shm.Region, name string) *shm.Latest[T] {
	l := reader[T](r, name)
	if err := l.Claim(); err != nil {
		panic(err)
	}
	return l
}

// keeper runs a child's loop: it ends when told to, or when the supervisor is gone.
type keeper struct {
	loop   *rate.Loop
	end    *shm.Latest[endFrame]
	health *shm.Latest[healthFrame]
	frame  healthFrame
	base   rate.Counts
	gc     *atomic.Uint64
	told   endFrame
	parent int
	n      int64
	failed atomic.Pointer[error] // of another goroutine: the loop ends
}

// Slots of the period, one process after the other: what is sensed at 0 is answered within the millisecond.
// A link to a graph has nothing to sense at 0: it sends after the gate.
var phaseNs = map[string]int64{roleLink: 0, roleMind: 150_000, roleBody: 500_000, roleGate: 600_000}

const sendPhaseNs = 850_000

func newKeeper(region *shm.Region, role string, setup rate.SetupOptions) (*keeper, []string, error) {
	return newKeeperAt(region, role, phaseNs[role], setup)
}

func newKeeperAt(region *shm.Region, role string, phaseNs int64, setup rate.SetupOptions) (*keeper, []string, error) {
	loop, err := rate.New(rate.Options{Grid: rate.Grid{PeriodNs: tickNs, PhaseNs: phaseNs}})
	if err != nil {
		return nil, nil, err
	}
	k := &keeper{loop: loop, end: reader[endFrame](region, "end"), health: writer[healthFrame](region, "health."+role), parent: os.Getppid()}
	warnings := rate.Setup(setup)
	k.frame = healthFrame{PID: os.Getpid(), Began: rate.System{}.NowNs(), Soft: len(warnings) > 0}
	k.base, k.gc = rate.ReadCounts(), rate.Collections()
	return k, warnings, nil
}

const (
	warmTicks   = 200 // after which a loop's account begins
	healthTicks = 100
)

// run serves tick after tick, as steadily as rate.Steady has it, until the supervisor says leave, or is gone.
func (k *keeper) run(serve func(rate.Tick)) {
	k.loop.Run(func(t rate.Tick) bool { return k.turn(t, serve) })
	k.leave()
}

// share is run in a process whose other goroutines allocate and share locks with serve: the Go scheduler may now and then take the
// loop's turn away for some ten microseconds.
func (k *keeper) share(serve func(rate.Tick)) {
	for k.turn(k.loop.Wait(), serve) {
	}
	k.leave()
}

func (k *keeper) turn(t rate.Tick, serve func(rate.Tick)) (more bool) {
	k.n++
	if k.n == warmTicks {
		k.loop.Forget()
	}
	if k.n%healthTicks == 0 {
		k.tell()
		if _, err := k.end.Load(&k.told); (err == nil && k.told.Leave) || os.Getppid() != k.parent || k.failed.Load() != nil {
			return false
		}
	}
	serve(t)
	return true
}

// fail ends the loop soon, from another goroutine.
func (k *keeper) fail(err error) { k.failed.Store(&err) }

// failure returns what ended the loop; nil: the supervisor did.
func (k *keeper) failure() error {
	if err := k.failed.Load(); err != nil {
		return *err
	}
	return nil
}

func (k *keeper) tell() {
	k.frame.Loop = *k.loop.Stats()
	if !k.frame.Ended {
		major, minor := rate.Faults()
		k.frame.GCCycles, k.frame.MajorFaults, k.frame.MinorFaults = k.gc.Load(), major-k.base.MajorFaults, minor-k.base.MinorFaults
	}
	_ = k.health.Store(&k.frame, rate.System{}.NowNs(), 0) // a replaced process has nothing to say
}

// leave gives the last account.
func (k *keeper) leave() {
	c := rate.ReadCounts().Since(k.base)
	k.frame.GCCycles, k.frame.MajorFaults, k.frame.MinorFaults, k.frame.Ended = c.GCCycles, c.MajorFaults, c.MinorFaults, true
	k.tell()
}
