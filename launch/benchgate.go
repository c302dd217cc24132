package launch

import (
	"math"
	"math/rand/v2"
	"runtime"
	"time"

	"robotd/body"
	"robotd/gate"
	"robotd/power"
)

// GateBench is what 'robotd bench gate' measures.
type GateBench struct {
	Ticks       int            `json:"ticks"`
	Byzantine   bool           `json:"byzantine"` // hostile commands, corrupt sensors
	Seed        uint64         `json:"seed"`
	Violations  int            `json:"violations"`
	By          map[string]int `json:"violations_by"`
	Allocs      float64        `json:"allocs"` // a tick
	NsPerTick   float64        `json:"ns_per_tick"`
	WorstW      float64        `json:"worst_actuator_w"` // at any probed instant; the budget below
	BudgetW     float64        `json:"actuator_budget_w"`
	PastStopRad float64        `json:"worst_past_stop_rad"` // of joints that a few hostile commands drive against their stops
	PowerCapped uint64         `json:"power_capped_ticks"`
	CommandsBad uint64         `json:"bad_commands"`
	RungTicks   map[string]int `json:"rung_ticks"`
	PowerSource power.Source   `json:"power_source"`
}

const (
	benchEpisode  = 400 // ticks between power cycles
	benchSubsteps = 4   // at which the plant's drives turn, a tick
)

// BenchGate drives a gate with seeded commands and sensors and holds every tick against limits that it computes itself: it
// shares no code with the gate. Each joint is a hinge of its own that the granted torque moves.
func BenchGate(m *body.Model, ticks int, byzantine bool, seed uint64) (*GateBench, error) {
	return benchGate(m, ticks, byzantine, seed, m)
}

// benchGate lets the referee judge by another body than the gate's: a test of the referee.
func benchGate(m *body.Model, ticks int, byzantine bool, seed uint64, judged *body.Model) (*GateBench, error) {
	g, err := gate.New(m, gate.Options{})
	if err != nil {
		return nil, err
	}
	b := &GateBench{Ticks: ticks, Byzantine: byzantine, Seed: seed, By: map[string]int{}, RungTicks: map[string]int{}, PowerSource: power.FromModel}
	c := newBenchPlant(judged, b)
	p := provoker{m: m, rng: rand.New(rand.NewPCG(seed, 0x67617465)), byzantine: byzantine}
	var out gate.Granted
	var v gate.Verdict
	rungs := [body.NRungs]int{}
	for k := range ticks {
		if k%benchEpisode == 0 {
			b.PowerCapped += v.Counters.PowerCapped
			b.CommandsBad += v.Counters.CommandsBad
			g.Reset()
			v = gate.Verdict{}
			p.begin()
			c.begin(&p)
		}
		p.next(v.Rung, c)
		g.Step(&p.in, &out, &v)
		c.judge(&p, &out, &v)
		rungs[min(int(v.Rung), body.NRungs-1)]++
	}
	b.PowerCapped += v.Counters.PowerCapped
	b.CommandsBad += v.Counters.CommandsBad
	for rung, n := range rungs {
		b.RungTicks[body.Rung(rung).String()] = n
	}
	for _, n := range b.By {
		b.Violations += n
	}
	b.NsPerTick, b.Allocs = timeGate(g, &p, c, min(ticks, 200_000))
	return b, nil
}

// timeGate times ticks over inputs made beforehand.
func timeGate(g *gate.Gate, p *provoker, c *benchPlant, ticks int) (ns, allocs float64) {
	frames := make([]provoker, 512)
	p.begin()
	c.begin(p)
	for i := range frames {
		p.next(body.RungPlan, c)
		frames[i] = *p
		frames[i].in.Sensors, frames[i].in.Command = &frames[i].sensors, &frames[i].command
	}
	var out gate.Granted
	var v gate.Verdict
	var before, after runtime.MemStats
	g.Reset()
	runtime.ReadMemStats(&before)
	began := time.Now()
	for k := range ticks {
		g.Step(&frames[k%len(frames)].in, &out, &v)
	}
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	n := max(ticks, 1)
	return float64(took.Nanoseconds()) / float64(n), float64((after.Mallocs - before.Mallocs) / uint64(n))
}

// provoker makes the inputs of a tick.
type provoker struct {
	m         *body.Model
	rng       *rand.Rand
	byzantine bool

	nowNs   int64
	hostile [body.MaxJoints]bool // joints whose commands are wild in this episode
	corrupt float64              // share of sensors that are wild
	honest  bool                 // in this episode nothing but the commands of one joint is wild
	goal    [body.MaxJoints]float64
	sensors body.Sensors
	command body.Command
	in      gate.Input
}

// begin draws an episode: wild in everything, or in the commands of one joint alone.
func (p *provoker) begin() {
	p.hostile, p.corrupt, p.honest = [body.MaxJoints]bool{}, 0, true
	if !p.byzantine {
		return
	}
	if p.honest = p.rng.IntN(2) == 0; p.honest {
		p.hostile[p.rng.IntN(p.m.NJoints())] = true
		return
	}
	p.corrupt = [...]float64{0, 0.02, 0.3}[p.rng.IntN(3)]
	for j := range p.m.Joints {
		p.hostile[j] = true
	}
}

// wild is any number there is, or one that a robot might see.
func (p *provoker) wild(scale float64) float64 {
	nasty := [...]float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, 5e-324, 1e9, -1e9, 0}
	switch p.rng.IntN(4) {
	case 0:
		return nasty[p.rng.IntN(len(nasty))]
	case 1:
		return math.Float64frombits(p.rng.Uint64())
	}
	return scale * p.rng.NormFloat64()
}

// next fills the tick after: what the plant's joints do, a command, and what people say.
func (p *provoker) next(rung body.Rung, c *benchPlant) {
	p.nowNs += 1_000_000
	p.sensors = body.Sensors{StampNs: p.nowNs, QRad: c.q, DQRadS: c.dq, TauNm: c.tau, AccelMS2: body.Vec3{0, 0, 9.81}, BusW: 100}
	p.command = body.Command{StampNs: p.nowNs}
	for j := range p.m.Joints {
		p.ask(j)
	}
	p.in = gate.Input{NowNs: p.nowNs, Sensors: &p.sensors, Command: &p.command, Rung: rung, PlanFresh: true, TailNs: 1e8, Mode1OK: true, BalanceOK: true}
	if p.byzantine && !p.honest && p.rng.Float64() < p.corrupt {
		p.lie()
	}
}

// ask writes joint j's command: to hold the pose, or to beat between its stops with all that there is.
func (p *provoker) ask(j int) {
	jt, c, rng := &p.m.Joints[j], &p.command, p.rng
	c.QRad[j], c.KpNmRad[j], c.KdNmsRad[j] = p.m.StandRad[j], jt.KpNmRad, jt.KdNmsRad
	if !p.hostile[j] {
		return
	}
	if rng.IntN(60) == 0 {
		p.goal[j] = jt.LowerRad - 1 + (jt.UpperRad-jt.LowerRad+2)*rng.Float64()
	}
	c.QRad[j] = p.goal[j]
	c.DQRadS[j], c.TauNm[j] = 20*rng.NormFloat64(), math.Copysign(2*jt.Motor.TorqueNm, p.goal[j]-p.sensors.QRad[j])
	c.KpNmRad[j], c.KdNmsRad[j] = math.Abs(1e4*rng.NormFloat64()), 1e2*rng.NormFloat64()
	if rng.Float64() < p.corrupt {
		p.sensors.QRad[j], p.sensors.DQRadS[j], p.sensors.TauNm[j] = p.wild(3), p.wild(10), p.wild(50)
	}
	if rng.Float64() < p.corrupt*p.corrupt/10 {
		c.QRad[j], c.TauNm[j], c.KpNmRad[j], c.KdNmsRad[j] = p.wild(3), p.wild(100), p.wild(1e3), p.wild(1e3)
	}
}

// lie spoils what is not a joint's: clocks, requests, the IMU, people.
func (p *provoker) lie() {
	rng, in, s := p.rng, &p.in, &p.sensors
	coin := func(n int) bool { return rng.IntN(n) == 0 }
	s.BusW, s.GyroRadS[rng.IntN(3)], s.AccelMS2[rng.IntN(3)], in.ComputeW = p.wild(500), p.wild(10), p.wild(20), p.wild(100)
	s.Foot[rng.IntN(2)].ForceN[2], in.BusV = p.wild(300), p.wild(50)
	in.Rung, in.Want = body.Rung(rng.IntN(256)), body.Rung(rng.IntN(256))
	in.PlanFresh, in.Mode1OK, in.BalanceOK, in.TailNs = coin(2), coin(2), coin(2), int64(rng.Uint64())
	in.Stop, in.Ack, in.Arm, in.OnHoist = coin(20), coin(2), coin(2), coin(2)
	in.HumanNear, in.ArmContact = gate.Near(rng.IntN(5)), [2]bool{coin(3), coin(3)}
	if coin(10) {
		in.NowNs, s.StampNs, p.command.StampNs = int64(rng.Uint64()), int64(rng.Uint64()), int64(rng.Uint64())
	}
	if coin(50) {
		in.StopLine = [2]gate.Line{gate.Line(rng.IntN(5)), gate.Line(rng.IntN(5))}
	}
}
