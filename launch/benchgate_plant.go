package launch

import (
	"math"

	"robotd/body"
	"robotd/gate"
	"robotd/launch/referee"
)

// benchPlant is moved by the granted torques while a referee judges them: one hinge a joint, light enough that its motor could stop
// it twice as hard as the barrier before a stop trusts it to.
type benchPlant struct {
	m        *body.Model
	b        *GateBench
	n        int
	ref      *referee.Referee
	inertia  [body.MaxJoints]float64
	q, dq    [body.MaxJoints]float64
	tau      [body.MaxJoints]float64
	windingC [body.MaxJoints]float64 // which its episodes of 0.4 s do not warm
}

const (
	plantC  = 25.0
	pastRad = 0.05 // past a stop: the barrier brakes by damping, which needs some speed to brake with
)

func newBenchPlant(m *body.Model, b *GateBench) *benchPlant {
	p := &benchPlant{m: m, b: b, n: m.NJoints(), ref: referee.New(m)}
	p.ref.By = b.By
	for j := range m.Joints {
		p.inertia[j], p.windingC[j] = m.Joints[j].Motor.TorqueNm/(2*referee.BrakeRadS2), plantC
	}
	b.BudgetW = p.ref.BudgetW
	return p
}

// begin puts the plant back into the standing pose.
func (c *benchPlant) begin(p *provoker) {
	c.q, c.dq, c.tau = [body.MaxJoints]float64{}, [body.MaxJoints]float64{}, [body.MaxJoints]float64{}
	copy(c.q[:], c.m.StandRad)
	c.ref.Begin()
	for j := range c.m.Joints {
		p.goal[j] = c.q[j]
	}
}

// judge checks one granted tick, with joints that jump while the drives run, and moves the plant by it.
func (c *benchPlant) judge(p *provoker, out *gate.Granted, v *gate.Verdict) {
	c.ref.Judge(&p.in, out, v.Rung)
	for probe := range 2 {
		var q, dq, windingC [body.MaxJoints]float64
		for j := 0; j < c.n; j++ {
			q[j], dq[j] = c.m.StandRad[j]+p.rng.NormFloat64(), 1.5*c.m.Joints[j].Motor.SpeedRadS*p.rng.NormFloat64()
			if probe == 1 {
				q[j], dq[j] = p.wild(1), p.wild(10)
			}
			windingC[j] = 25 + 125*p.rng.Float64()
		}
		c.ref.Drives(&p.in, out, q[:], dq[:], windingC[:])
	}
	for range benchSubsteps {
		for j := 0; j < c.n; j++ {
			c.tau[j] = out.TorqueNm(j, c.q[j], c.dq[j], plantC)
		}
		c.ref.Drives(&p.in, out, c.q[:], c.dq[:], c.windingC[:])
		c.move(p)
	}
	c.b.WorstW = c.ref.WorstW
}

// move turns the hinges by one drive step and measures how far one passes its stop. Where everything is wild the budget may
// leave no torque to brake with; where one joint's commands are, it does.
func (c *benchPlant) move(p *provoker) {
	const h = 1e-3 / benchSubsteps
	for j := 0; j < c.n; j++ {
		jt := &c.m.Joints[j]
		c.dq[j] += h * c.tau[j] / c.inertia[j]
		c.q[j] += h * c.dq[j]
		past := referee.Beyond(jt, c.q[j])
		if past > 0 && p.honest {
			c.b.PastStopRad = math.Max(c.b.PastStopRad, past)
			c.ref.Violated("position", past > pastRad)
		}
		if past > 0.2 { // the stop itself
			c.q[j], c.dq[j] = math.Min(math.Max(c.q[j], jt.LowerRad-0.2), jt.UpperRad+0.2), 0
		}
	}
}
