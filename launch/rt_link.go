package launch

import (
	"math/rand/v2"

	"robotd/body"
	"robotd/dynamics"
	"robotd/gate"
	"robotd/internal/rate"
	"robotd/internal/shm"
	"robotd/sim"
)

// RealtimeOptions shape a real-time run; every process gets the same.
type RealtimeOptions struct {
	Planner Planner    `json:"planner"`
	PlanHz  int        `json:"plan_hz"`
	Weights string     `json:"weights"` // file; empty: the embedded ones
	Seed    uint64     `json:"seed"`
	PushNs  [2]float64 `json:"push_ns"`
	NoDash  bool       `json:"no_dash"`
	Addr    string     `json:"addr"`
	Remote  bool       `json:"remote"`
}

// SCHED_FIFO priorities, where allowed: the gate before all.
var priority = map[string]int{roleGate: 80, roleLink: 75, roleMind: 70}

// driveTimeoutNs is the age that no grant reaches while it drives: who would become older within a tick has ended.
const driveTimeoutNs = 10_000_000

// link is the wire to the body; of a simulated body it is the plant.
type link struct {
	o       *RealtimeOptions
	sim     *sim.Sim
	m       *body.Model
	rng     *rand.Rand
	granted *shm.Latest[gate.Granted]
	people  [2]*shm.Latest[peopleFrame] // host and supervisor
	sensors *shm.Latest[body.Sensors]
	scene   *shm.Latest[sceneFrame]
	verdict *shm.Latest[verdictFrame]
	lift    *shm.Latest[liftFrame]
	pushes  *shm.Ring[body.Vec3]

	grant   gate.Granted
	grantNs int64 // 0: none yet
	sample  body.Sensors
	view    sceneFrame
	asked   peopleFrame
	liftNs  int64 // the newest lift
	waits   bool  // lifted, and the gate does not know it yet: its grants are those of the fall
	said    verdictFrame
	free    bool    // the drives have let go
	peakW   float64 // at the bus since the last showing
	beforeW float64 // and between the two showings before
	truth   body.State
	nextNs  int64 // of the random pushes, simulated time
	n       int64 // ticks
}

// RunLink is the link's process.
func RunLink(o *RealtimeOptions) ([]string, error) {
	region, err := inherited()
	if err != nil {
		return nil, err
	}
	l, err := newLink(region, o)
	if err != nil {
		return nil, err
	}
	k, warnings, err := newKeeper(region, roleLink, rate.SetupOptions{Priority: priority[roleLink]})
	if err != nil {
		return warnings, err
	}
	k.run(l.tick)
	return warnings, nil
}

func newLink(region *shm.Region, o *RealtimeOptions) (*link, error) {
	dm := dynamics.New(body.Humanoid())
	l := &link{o: o, sim: sim.NewOn(dm, sim.Options{}), m: dm.Body(), rng: rand.New(rand.NewPCG(o.Seed, 0x6c696e6b)),
		granted: reader[gate.Granted](region, "granted"), people: twoWhoLift(region),
		sensors: writer[body.Sensors](region, "sensors"), scene: writer[sceneFrame](region, "scene"), liftNs: rate.System{}.NowNs(),
		verdict: reader[verdictFrame](region, "verdict"), lift: writer[liftFrame](region, "lift")}
	var err error
	if l.pushes, err = shm.OpenRing[body.Vec3](region, "pushes"); err != nil {
		return nil, err
	}
	l.begin()
	return l, nil
}

func (l *link) begin() {
	l.sim.Reset(sim.ResetOptions{Seed: l.rng.Uint64(), JointNoiseRad: 0.01, JointVelNoiseRadS: 0.05, Objects: randomObjects(l.rng)})
	l.grantNs = 0
	l.nextNs = 1_500_000_000 + l.rng.Int64N(1_500_000_000)
	l.view.Upright = true
}

// twoWhoLift are those who put a simulated robot back on its feet: the page and the supervisor.
func twoWhoLift(region *shm.Region) [2]*shm.Latest[peopleFrame] {
	return [2]*shm.Latest[peopleFrame]{reader[peopleFrame](region, "people.host"), reader[peopleFrame](region, "people.operator")}
}

// mostCatchUp bounds how many lost slots the plant makes up for in one: the world does not wait for its simulator.
const mostCatchUp = 20

// tick moves the body through the slots that have passed and says what it feels now.
func (l *link) tick(t rate.Tick) {
	l.n++
	l.obey()
	if l.waits {
		_, err := l.verdict.Load(&l.said)
		l.waits = err != nil || l.said.LiftNs < l.liftNs
	}
	if s, err := l.granted.Load(&l.grant); err == nil && s.StampNs > l.grantNs && !l.waits {
		l.grantNs = s.StampNs
	}
	for n := min(t.Lost, mostCatchUp); n >= 0; n-- {
		l.step(t.WokeNs)
	}
	l.sim.Sensors(&l.sample)
	l.sample.StampNs = t.DueNs + t.Lost*tickNs // the slot: when the world was so
	_ = l.sensors.Store(&l.sample, t.WokeNs, 0)
	if l.waits { // said after the sample: who hears it finds a robot that stands
		_ = l.lift.Store(&liftFrame{AtNs: l.liftNs}, t.WokeNs, 0)
	}
	if due(l.n, 50) {
		l.show(t.WokeNs)
	}
}

// step is one millisecond of the body. Before the first grant nothing holds it, so it waits in its pose.
func (l *link) step(nowNs int64) {
	if l.grantNs == 0 {
		return
	}
	if age := nowNs - l.grantNs; age > driveTimeoutNs-tickNs {
		if !l.free {
			l.free, l.view.LetGoNs, l.view.LetGoAgeNs = true, nowNs, age
		}
		free := l.grant.LetGo()
		l.sim.Step(&free)
		l.sim.Step(&free)
		l.view.DriveTimeouts++
	} else {
		l.free = false
		l.sim.Step(&l.grant)
	}
	mean, peak := l.sim.BusW()
	l.view.Ticks++
	l.view.SumBusW += mean
	l.view.WorstBusW, l.peakW = max(l.view.WorstBusW, peak), max(l.peakW, peak)
	if peak > 500 {
		l.view.Over++
	}
}

// obey does what people ask of a simulated body: pushes, and putting it back on its feet.
func (l *link) obey() {
	for _, p := range l.people {
		if _, err := p.Load(&l.asked); err == nil && l.asked.LiftNs > l.liftNs {
			l.liftNs, l.waits = l.asked.LiftNs, true
			l.begin()
		}
	}
	var j body.Vec3
	for {
		if _, err := l.pushes.Next(&j); err != nil {
			break
		}
		l.hit(j)
	}
	if l.o.PushNs[1] > 0 && l.view.Upright && l.sim.NowNs() >= l.nextNs {
		l.nextNs = l.sim.NowNs() + 2_500_000_000 + l.rng.Int64N(2_000_000_000)
		l.hit(randomPush(l.rng, l.o.PushNs))
	}
}

func (l *link) hit(impulseNs body.Vec3) {
	l.view.PushNs, l.view.PushedNs = impulseNs, l.sim.NowNs()
	l.sim.Push(sim.Push{StartNs: l.sim.NowNs(), DurationNs: 100e6, ImpulseNs: impulseNs, Link: l.m.Chest})
}

// show publishes the world.
func (l *link) show(nowNs int64) {
	v := &l.view
	l.sim.Truth(&l.truth)
	up := l.truth.Balance.Upright(l.m.StandHeightM)
	if v.Upright && !up {
		v.Fallen++
	}
	v.Upright, v.SimNs, v.Foot = up, l.sim.NowNs(), l.truth.Foot
	for i := range l.m.Links {
		v.Pos[i], v.Rot[i] = l.sim.LinkPose(i)
	}
	v.NObjects = copy(v.Objects[:], l.sim.Objects())
	v.BusMeanW, _ = l.sim.BusW()
	v.BusPeakW, l.beforeW, l.peakW = max(l.beforeW, l.peakW), l.peakW, 0
	_ = l.scene.Store(v, nowNs, 0)
}
