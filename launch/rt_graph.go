package launch

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"robotd/body"
	"robotd/dynamics"
	"robotd/gate"
	"robotd/internal/rate"
	"robotd/internal/shm"
	edge "robotd/nodes/ros2"
)

// graphLink is the wire to a body on a ROS 2 graph. It alone is the participant that sensors come to and commands go from, so the
// wire lives while host and mind die. Samples go to the others as they come, on the graph's goroutines; commands leave in a loop, a
// little after the gate's.
type graphLink struct {
	edge    *edge.Edge
	clock   bodyClock
	granted *shm.Latest[gate.Granted]
	sensors *shm.Latest[body.Sensors]
	raised  *shm.Latest[raisedFrame]
	lift    *shm.Latest[liftFrame]
	wire    *shm.Latest[wireFrame]
	graph   *shm.Latest[graphFrame]

	// Of hear.
	sample body.Sensors
	up     raisedFrame
	liftNs int64 // the newest lift that was passed on

	mu    sync.Mutex
	heard [sampleMemory]heardSample
	n     uint64 // samples heard
	age   rate.Histogram

	// Of the loop.
	grant   gate.Granted
	grantNs int64 // of the newest; 0: none yet
	seq     uint64
	answers heardSample
	out     wireFrame
	pressed graphFrame
	ticks   int64
}

// heardSample is a sample, its stamp by our clock, and the body's own stamp.
type heardSample struct {
	sample  body.Sensors
	stampNs int64
}

// sampleMemory is how many samples back a command may answer.
const sampleMemory = 16

// graphLetGoNs is the age of the newest grant from which on the body is told to let go: what is left of driveTimeoutNs is for this
// loop's period, for the way, and for the body's own tick.
const graphLetGoNs = 7_000_000

// runGraphLink is the link's process when the body is on a graph.
func runGraphLink(region *shm.Region, o *RealtimeOptions) ([]string, error) {
	l := newGraphLink(region)
	var err error
	if l.edge, err = edge.OpenBlind(context.Background(), dynamics.New(body.Humanoid()).Body(), "robotd", o.graph()); err != nil {
		return nil, err
	}
	defer l.edge.Close()
	k, warnings, err := newKeeperAt(region, roleLink, sendPhaseNs, rate.SetupOptions{Priority: priority[roleLink]})
	if err != nil {
		return warnings, err
	}
	debug.SetGCPercent(100) // discovery allocates: now and then, by people's doing
	go l.hear(k)
	go l.miss()
	k.share(l.tick)
	return warnings, k.failure()
}

func newGraphLink(region *shm.Region) *graphLink {
	return &graphLink{granted: reader[gate.Granted](region, "granted"), sensors: writer[body.Sensors](region, "sensors"),
		raised: reader[raisedFrame](region, "raised"), lift: writer[liftFrame](region, "lift"), wire: writer[wireFrame](region, "wire"),
		graph: writer[graphFrame](region, "graph"), liftNs: rate.System{}.NowNs()}
}

// hear passes samples on as they come.
func (l *graphLink) hear(k *keeper) {
	for range l.edge.Ready() {
		fresh, _, err := l.edge.Take(&l.sample)
		if err != nil {
			k.fail(err) // the next link begins with the body's new clock
			return
		}
		if fresh {
			l.pass(rate.System{}.NowNs())
		}
	}
}

// pass hands on the sample that was taken at nowNs.
func (l *graphLink) pass(nowNs int64) {
	stampNs := l.sample.StampNs
	l.sample.StampNs = l.clock.at(stampNs, nowNs)
	l.mu.Lock()
	l.heard[l.n%sampleMemory] = heardSample{l.sample, stampNs}
	l.n++
	l.age.Add(nowNs - l.sample.StampNs)
	l.mu.Unlock()
	_ = l.sensors.Store(&l.sample, nowNs, 0)
	// A lift is told after the first sample of the body that stands.
	if _, err := l.raised.Load(&l.up); err == nil && l.up.AtNs > l.liftNs && stampNs >= l.up.StampNs {
		l.liftNs = l.up.AtNs
		_ = l.lift.Store(&liftFrame{AtNs: l.liftNs}, nowNs, 0)
	}
}

// tick sends the newest grant, or tells the body to let go when there is none any more.
func (l *graphLink) tick(t rate.Tick) {
	s, err := l.granted.Load(&l.grant)
	switch {
	case err == nil && s.StampNs > l.grantNs:
		if l.grantNs > 0 {
			l.out.Missed += s.Seq - l.seq - 1
		}
		l.grantNs, l.seq = s.StampNs, s.Seq
		if t.WokeNs-s.StampNs <= graphLetGoNs {
			l.send(&l.grant, l.grant.Command().StampNs)
		}
	case l.grantNs > 0 && t.WokeNs-l.grantNs > graphLetGoNs:
		free := l.grant.LetGo()
		l.send(&free, 0)
		l.out.LetGo++
	}
	if l.edge.TakeStop() {
		l.pressed.StopNs = t.WokeNs
		_ = l.graph.Store(&l.pressed, t.WokeNs, 0)
	}
	if l.ticks++; l.ticks%healthTicks == 0 {
		l.tell(t.WokeNs)
	}
}

// send publishes a command that answers the sample of that stamp; 0, or one that is forgotten: the newest.
func (l *graphLink) send(g *gate.Granted, stampNs int64) {
	if !l.find(stampNs) {
		return // nothing was heard yet
	}
	if err := l.edge.SendAs(g, &l.answers.sample, l.answers.stampNs); err != nil {
		l.out.Failed++
		return
	}
	l.out.Sent++
}

func (l *graphLink) find(stampNs int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.n == 0 {
		return false
	}
	at := (l.n - 1) % sampleMemory
	for i := range l.heard {
		if l.heard[i].sample.StampNs == stampNs {
			at = uint64(i)
		}
	}
	l.answers = l.heard[at]
	return true
}

func (l *graphLink) tell(nowNs int64) {
	l.mu.Lock()
	l.out.Samples, l.out.Age = l.n, l.age
	l.mu.Unlock()
	l.out.Skipped, l.out.Incomplete = l.edge.Skipped(), l.edge.Counts().Incomplete.Load()
	_ = l.wire.Store(&l.out, nowNs, 0)
}

// miss says what is missing when the body is silent.
func (l *graphLink) miss() {
	said, heard := "", uint64(0)
	for range time.Tick(silence) {
		l.mu.Lock()
		n := l.n
		l.mu.Unlock()
		missing := ""
		if n == heard {
			missing = strings.Join(l.edge.Missing(), ", ")
		}
		if missing != "" && missing != said {
			fmt.Fprintf(os.Stderr, "the body is silent: %s; refused %v\n", missing, l.edge.Counts().Map())
		}
		heard, said = n, missing
	}
}
