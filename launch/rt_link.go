package launch

import (
	"os"

	"robotd/body"
	"robotd/gate"
	"robotd/internal/rate"
	"robotd/internal/shm"
	"robotd/ros2"
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

	OnGraph    bool     `json:"on_graph"` // the body is on a ROS 2 graph; else it is simulated in the link
	Peer       bool     `json:"peer"`     // that body is our simulator, in a process of this run
	Domain     int      `json:"domain"`   // of the graph; 0: ROS_DOMAIN_ID, or 0
	Interfaces []string `json:"interfaces"`
}

// graph says where on ROS 2 the body is.
func (o *RealtimeOptions) graph() ros2.Options {
	g := ros2.Options{Domain: o.Domain, Range: ros2.RangeLocalhost}
	if len(o.Interfaces) > 0 {
		g.Range, g.Interfaces = ros2.RangeSubnet, o.Interfaces
	}
	return g
}

// BenchDomain is a domain for a run that speaks with nobody else: one of twenty below those of tests, by process.
func BenchDomain() int { return 20 + os.Getpid()%20 }

// cast are the roles that the run has a process for.
func (o *RealtimeOptions) cast() []string {
	if o.OnGraph && o.Peer {
		return roles[:]
	}
	return roles[:nRoles-1]
}

// simulated reports whether the body is one that can be pushed and lifted.
func (o *RealtimeOptions) simulated() bool { return !o.OnGraph || o.Peer }

// SCHED_FIFO priorities, where allowed: the gate before all but a body that stands for hardware.
var priority = map[string]int{roleBody: 85, roleGate: 80, roleLink: 75, roleMind: 70}

// driveTimeoutNs is the age that no grant reaches while it drives: who would become older within a tick has ended.
const driveTimeoutNs = 10_000_000

// link is the wire to a simulated body, which it holds.
type link struct {
	plant
	granted *shm.Latest[gate.Granted]
	sensors *shm.Latest[body.Sensors]
	lift    *shm.Latest[liftFrame]

	grant   gate.Granted
	grantNs int64 // 0: none yet
	sample  body.Sensors
}

// RunLink is the link's process.
func RunLink(o *RealtimeOptions) ([]string, error) {
	region, err := inherited()
	if err != nil {
		return nil, err
	}
	if o.OnGraph {
		return runGraphLink(region, o)
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
	p, err := newPlant(region, o)
	if err != nil {
		return nil, err
	}
	return &link{plant: *p, granted: reader[gate.Granted](region, "granted"), sensors: writer[body.Sensors](region, "sensors"),
		lift: writer[liftFrame](region, "lift")}, nil
}

// mostCatchUp bounds how many lost slots the plant makes up for in one: the world does not wait for its simulator.
const mostCatchUp = 20

// tick moves the body through the slots that have passed and says what it feels now.
func (l *link) tick(t rate.Tick) {
	if l.obey() {
		l.grantNs = 0
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
	l.shown(t.WokeNs)
}

// step is one millisecond of the body. Before the first grant nothing holds it, so it waits in its pose.
func (l *link) step(nowNs int64) {
	if l.grantNs == 0 {
		return
	}
	age := nowNs - l.grantNs
	if l.letGo(age > driveTimeoutNs-tickNs, nowNs, age) {
		free := l.grant.LetGo()
		l.sim.Step(&free)
	} else {
		l.sim.Step(&l.grant)
	}
	l.meter()
}
