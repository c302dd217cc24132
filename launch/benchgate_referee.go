package launch

import (
	"math"

	"robotd/body"
	"robotd/gate"
)

// referee holds granted commands against the limits, written down here a second time, and moves a plant by them: one hinge
// a joint, light enough that its motor could stop it twice as hard as the barrier before a stop trusts it to.
type referee struct {
	m       *body.Model
	b       *GateBench
	n       int
	budgetW float64
	inertia [body.MaxJoints]float64
	q, dq   [body.MaxJoints]float64 // of the plant
	tau     [body.MaxJoints]float64
	seenRad [body.MaxJoints]float64 // last reading that could be true
	lastRad [body.MaxJoints]float64 // granted in the tick before
	lastNm  [body.MaxJoints]float64
	first   bool
}

// Limits as docs and body have them, apart from the gate's own.
const (
	refBrakeRadS2 = 200.0
	refRateShare  = 0.25
	refComputeW   = 60.0
	refReserveW   = refComputeW + 12 + 10 // sensors, margin
	refTotalW     = 500.0
	refPlantC     = 25.0 // of the plant's windings, which its episodes of 0.4 s do not warm
	refPastRad    = 0.05 // past a stop: the barrier brakes by damping, which needs some speed to brake with
)

func newReferee(m *body.Model, b *GateBench) *referee {
	r := &referee{m: m, b: b, n: m.NJoints(), budgetW: refTotalW - refReserveW - float64(m.NJoints())}
	for j := range m.Joints {
		r.inertia[j] = m.Joints[j].Motor.TorqueNm / (2 * refBrakeRadS2)
	}
	b.BudgetW = r.budgetW
	return r
}

// begin puts the plant back into the standing pose.
func (r *referee) begin(p *provoker) {
	r.q, r.dq, r.tau = [body.MaxJoints]float64{}, [body.MaxJoints]float64{}, [body.MaxJoints]float64{}
	copy(r.q[:], r.m.StandRad)
	r.seenRad, r.first = r.q, true
	for j := range r.m.Joints {
		p.goal[j] = r.q[j]
	}
}

// violated counts a broken limit.
func (r *referee) violated(what string, broken bool) {
	if broken {
		r.b.By[what]++
	}
}

// judge checks one granted tick and moves the plant by it.
func (r *referee) judge(p *provoker, out *gate.Granted, v *gate.Verdict) {
	allowedW := r.budgetW
	if beyondW := p.in.ComputeW - refComputeW; beyondW > 0 { // false for what is no number
		allowedW = math.Max(0, allowedW-beyondW)
	}
	late := p.in.NowNs-p.sensors.StampNs > 5_000_000 || p.sensors.StampNs > p.in.NowNs
	for j := 0; j < r.n; j++ {
		r.command(j, p, out, v.Rung, late)
	}
	r.first = false
	for probe := range 2 { // the joints jump while the drives run
		sum := 0.0
		for j := 0; j < r.n; j++ {
			q, dq := r.m.StandRad[j]+p.rng.NormFloat64(), 1.5*r.m.Joints[j].Motor.SpeedRadS*p.rng.NormFloat64()
			if probe == 1 {
				q, dq = p.wild(1), p.wild(10)
			}
			windingC := 25 + 125*p.rng.Float64()
			sum += r.draw(j, out.TorqueNm(j, q, dq, windingC), dq, windingC)
		}
		r.power(sum, allowedW)
	}
	for range benchSubsteps {
		sum := 0.0
		for j := 0; j < r.n; j++ {
			r.tau[j] = out.TorqueNm(j, r.q[j], r.dq[j], refPlantC)
			sum += r.draw(j, r.tau[j], r.dq[j], refPlantC)
		}
		r.power(sum, allowedW)
		r.move(p)
	}
}

// command checks what joint j is granted.
func (r *referee) command(j int, p *provoker, out *gate.Granted, rung body.Rung, late bool) {
	jt, c := &r.m.Joints[j], out.Command()
	q, dq := p.sensors.QRad[j], p.sensors.DQRadS[j]
	told := !late && math.Abs(dq) <= 2*jt.Motor.SpeedRadS && q >= jt.LowerRad-0.5 && q <= jt.UpperRad+0.5
	if told {
		r.seenRad[j] = q
	}
	target := c.QRad[j]
	at := math.Abs(target-r.seenRad[j]) <= 1e-9 // braking holds a joint where it is
	// A joint that was found beyond its stop is led back no faster than the rate allows.
	outside, before := beyond(jt, target), beyond(jt, r.lastRad[j])
	r.violated("range", !at && !r.first && !(outside <= 1e-9 || outside < before))
	kpMost := [body.NRungs]float64{2, 2, 2, 2, 1, 0.15, 0}[min(int(rung), body.NRungs-1)]
	r.violated("gains", !(c.KpNmRad[j] >= 0 && c.KpNmRad[j] <= kpMost*jt.KpNmRad*(1+1e-12)) || !(c.KdNmsRad[j] >= 0 && c.KdNmsRad[j] <= 3*jt.KdNmsRad))
	r.violated("torque", !(math.Abs(c.TauNm[j]) <= jt.Motor.TorqueNm))
	if !r.first {
		step := refRateShare * jt.Motor.TorqueNm
		r.violated("rate", !at && !(math.Abs(target-r.lastRad[j])*jt.KpNmRad <= step*(1+1e-9)))
		lessNm := math.Abs(c.TauNm[j]) < math.Abs(r.lastNm[j]) && c.TauNm[j]*r.lastNm[j] >= 0 // giving up torque is no step
		r.violated("rate", !lessNm && !(math.Abs(c.TauNm[j]-r.lastNm[j]) <= step*(1+1e-9)))
	}
	r.lastRad[j], r.lastNm[j] = target, c.TauNm[j]
	if !told {
		return
	}
	room := jt.UpperRad - q
	if dq < 0 {
		room = q - jt.LowerRad
	}
	if math.Abs(dq) > math.Sqrt(2*refBrakeRadS2*math.Max(room, 0))*(1+1e-9)+1e-6 {
		r.violated("barrier", out.TorqueNm(j, q, dq, refPlantC)*dq > 0)
	}
}

// beyond is how far an angle lies outside a joint's range, negative inside.
func beyond(jt *body.Joint, rad float64) float64 { return math.Max(rad-jt.UpperRad, jt.LowerRad-rad) }

// draw checks a torque and returns the electrical power that it takes from a winding of that temperature, braking uncredited.
func (r *referee) draw(j int, tau, dq, windingC float64) float64 {
	mo := &r.m.Joints[j].Motor
	r.violated("torque", !(math.Abs(tau) <= mo.TorqueNm*(1+1e-12)) || (tau*dq > 0 && math.Abs(dq) > mo.SpeedRadS))
	w := mo.CopperWNm2 * (1 + 0.00393*(windingC-25)) * tau * tau
	if tau*dq > 0 {
		w += tau * dq / mo.Efficiency
	}
	return w
}

func (r *referee) power(sumW, allowedW float64) {
	r.b.WorstW = math.Max(r.b.WorstW, sumW)
	r.violated("power", !(sumW <= allowedW+1e-6))
}

// move turns the hinges by one drive step and measures how far one passes its stop. Where everything is wild the budget may
// leave no torque to brake with; where one joint's commands are, it does.
func (r *referee) move(p *provoker) {
	const h = 1e-3 / benchSubsteps
	for j := 0; j < r.n; j++ {
		jt := &r.m.Joints[j]
		r.dq[j] += h * r.tau[j] / r.inertia[j]
		r.q[j] += h * r.dq[j]
		past := beyond(jt, r.q[j])
		if past > 0 && p.honest {
			r.b.PastStopRad = math.Max(r.b.PastStopRad, past)
			r.violated("position", past > refPastRad)
		}
		if past > 0.2 { // the stop itself
			r.q[j], r.dq[j] = math.Min(math.Max(r.q[j], jt.LowerRad-0.2), jt.UpperRad+0.2), 0
		}
	}
}
