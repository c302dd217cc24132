package launch

import (
	"context"
	"runtime/debug"

	"robotd/body"
	"robotd/internal/rate"
	"robotd/internal/shm"
	edge "robotd/nodes/ros2"
)

// bodyProcess is a simulated body behind ROS 2: our simulator and our own ROS 2 client at the far end of the wire, in a process
// that hands over nothing but messages. Of the shared memory it uses what people say to a simulated body, and shows the judge the
// truth. Its drives let go by themselves when commands stay away.
type bodyProcess struct {
	plant
	peer   *edge.Peer
	raised *shm.Latest[raisedFrame]

	command   body.Command
	commandNs int64 // when it came; 0: none yet
	sinceNs   int64 // stamp of the first sample since the last lift: answers to older ones are of the fall
	epochNs   int64 // of the body's clock, which is not ours
	sample    body.Sensors
}

// bodyTimeoutNs is the age of the newest command, by the body's own clock, from which on its drives let go.
const bodyTimeoutNs = 8_000_000

// RunBody is the process of a simulated body on a graph.
func RunBody(o *RealtimeOptions) ([]string, error) {
	region, err := inherited()
	if err != nil {
		return nil, err
	}
	p, err := newPlant(region, o)
	if err != nil {
		return nil, err
	}
	b := &bodyProcess{plant: *p, raised: writer[raisedFrame](region, "raised"), epochNs: bodyEpochNs - rate.System{}.NowNs()}
	if b.peer, err = edge.OpenPeer(context.Background(), b.m, "body", o.graph()); err != nil {
		return nil, err
	}
	defer b.peer.Close()
	k, warnings, err := newKeeper(region, roleBody, rate.SetupOptions{Priority: priority[roleBody]})
	if err != nil {
		return warnings, err
	}
	debug.SetGCPercent(100) // discovery allocates
	k.share(b.tick)
	return warnings, k.failure()
}

// bodyEpochNs is what the body's clock says at its start.
const bodyEpochNs = 1_000_000_000_000

// tick moves the body through the slots that have passed and publishes what it feels now.
func (b *bodyProcess) tick(t rate.Tick) {
	b.sample.StampNs = t.DueNs + t.Lost*tickNs + b.epochNs
	if b.obey() {
		b.commandNs, b.sinceNs = 0, b.sample.StampNs
	}
	var c body.Command
	if b.peer.Take(&c) && !b.waits && c.StampNs >= b.sinceNs {
		b.command, b.commandNs = c, t.WokeNs
	}
	for n := min(t.Lost, mostCatchUp); n >= 0; n-- {
		b.step(t.WokeNs)
	}
	stampNs := b.sample.StampNs
	b.sim.Sensors(&b.sample)
	b.sample.StampNs = stampNs
	if b.waits { // said before the sample: who hears it knows that it stands
		_ = b.raised.Store(&raisedFrame{AtNs: b.liftNs, StampNs: b.sinceNs}, t.WokeNs, 0)
	}
	_ = b.peer.Publish(&b.sample) // one that is not sent is a lost message like any other
	b.shown(t.WokeNs)
}

// step is one millisecond of the body. Before the first command nothing holds it, so it waits in its pose.
func (b *bodyProcess) step(nowNs int64) {
	if b.commandNs == 0 {
		return
	}
	age := nowNs - b.commandNs
	if age > bodyTimeoutNs-tickNs {
		for j := range b.command.QRad {
			b.command.KpNmRad[j], b.command.TauNm[j], b.command.DQRadS[j] = 0, 0, 0
		}
	}
	b.letGo(limp(&b.command), nowNs, age)
	b.sim.StepWire(&b.command)
	b.meter()
}

// limp reports whether a command only damps.
func limp(c *body.Command) bool {
	damps := false
	for j := range c.KpNmRad {
		if c.KpNmRad[j] != 0 {
			return false
		}
		damps = damps || c.KdNmsRad[j] > 0
	}
	return damps
}
