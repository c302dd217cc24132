// Package referee holds granted commands against the limits, written down here a second time: it shares no code with the gate.
package referee

import (
	"math"

	"robotd/body"
	"robotd/gate"
)

// Limits as docs and body have them, apart from the gate's own.
const (
	BrakeRadS2 = 200.0 // deceleration that a joint is trusted with before its stop
	TotalW     = 500.0
	rateShare  = 0.25
	computeW   = 60.0
	reserveW   = computeW + 12 + 10 // sensors, margin
	probeC     = 25.0               // of a winding when the barrier is judged
	lateNs     = 5_000_000
	leapRad    = 0.05 // beyond what a joint could have turned
	warmUp     = 20   // samples
)

// Referee judges the ticks of one gate, in order.
type Referee struct {
	m       *body.Model
	n       int
	By      map[string]int          // violations
	WorstW  float64                 // drawn at any probed instant
	BudgetW float64                 // of the actuators
	seenRad [body.MaxJoints]float64 // last angle that could be true
	seenN   [body.MaxJoints]int     // samples of such angles
	ageNs   [body.MaxJoints]int64   // of the last one
	nowNs   int64
	stampNs int64
	lastRad [body.MaxJoints]float64 // granted in the tick before
	lastNm  [body.MaxJoints]float64
	first   bool
}

// New makes a referee for the gate of the body.
func New(m *body.Model) *Referee {
	r := &Referee{m: m, n: m.NJoints(), By: map[string]int{}, BudgetW: TotalW - reserveW - float64(m.NJoints())}
	r.Begin()
	return r
}

// Begin follows a power cycle of the gate.
func (r *Referee) Begin() {
	r.seenRad = [body.MaxJoints]float64{}
	copy(r.seenRad[:], r.m.StandRad)
	r.seenN, r.ageNs = [body.MaxJoints]int{}, [body.MaxJoints]int64{}
	r.first = true
}

// Total counts the violations.
func (r *Referee) Total() (n int) {
	for _, k := range r.By {
		n += k
	}
	return n
}

// Violated counts a limit that is broken.
func (r *Referee) Violated(what string, broken bool) {
	if broken {
		r.By[what]++
	}
}

// Judge checks what one tick grants.
func (r *Referee) Judge(in *gate.Input, out *gate.Granted, rung body.Rung) {
	late := in.NowNs-in.Sensors.StampNs > lateNs || in.Sensors.StampNs > in.NowNs
	dt := in.NowNs - r.nowNs
	if r.first || dt <= 0 || dt > 100_000_000 { // no clock that ticks
		dt = 1_000_000
	}
	fresh := r.first || in.Sensors.StampNs != r.stampNs
	r.nowNs, r.stampNs = in.NowNs, in.Sensors.StampNs
	for j := 0; j < r.n; j++ {
		r.ageNs[j] += dt
		r.joint(j, in.Sensors, out, rung, !late && r.told(j, in.Sensors, fresh))
	}
	r.first = false
}

// told reports whether joint j's reading can be true: inside its range, no faster than twice its motor turns, and, once it was
// read for a while, no farther than its motor could have taken it.
func (r *Referee) told(j int, s *body.Sensors, fresh bool) bool {
	jt, q := &r.m.Joints[j], s.QRad[j]
	most := 2 * jt.Motor.SpeedRadS
	leaps := r.seenN[j] >= warmUp && math.Abs(q-r.seenRad[j]) > leapRad+jt.Motor.SpeedRadS*float64(r.ageNs[j])*1e-9
	if !(math.Abs(s.DQRadS[j]) <= most && q >= jt.LowerRad-0.5 && q <= jt.UpperRad+0.5) || leaps {
		return false
	}
	if fresh {
		r.seenN[j]++
	}
	return true
}

// joint checks what joint j is granted.
func (r *Referee) joint(j int, s *body.Sensors, out *gate.Granted, rung body.Rung, told bool) {
	jt, c := &r.m.Joints[j], out.Command()
	q, dq := s.QRad[j], s.DQRadS[j]
	if told {
		r.seenRad[j], r.ageNs[j] = q, 0
	}
	target := c.QRad[j]
	at := math.Abs(target-r.seenRad[j]) <= 1e-9 // braking holds a joint where it is
	// A joint that was found beyond its stop is led back no faster than the rate allows.
	outside, before := Beyond(jt, target), Beyond(jt, r.lastRad[j])
	r.Violated("range", !at && !r.first && !(outside <= 1e-9 || outside < before))
	kpMost := [body.NRungs]float64{2, 2, 2, 2, 1, 0.15, 0}[min(int(rung), body.NRungs-1)]
	r.Violated("gains", !(c.KpNmRad[j] >= 0 && c.KpNmRad[j] <= kpMost*jt.KpNmRad*(1+1e-12)) || !(c.KdNmsRad[j] >= 0 && c.KdNmsRad[j] <= 3*jt.KdNmsRad))
	r.Violated("torque", !(math.Abs(c.TauNm[j]) <= jt.Motor.TorqueNm))
	if !r.first {
		step := rateShare * jt.Motor.TorqueNm
		r.Violated("rate", !at && !(math.Abs(target-r.lastRad[j])*jt.KpNmRad <= step*(1+1e-9)))
		lessNm := math.Abs(c.TauNm[j]) < math.Abs(r.lastNm[j]) && c.TauNm[j]*r.lastNm[j] >= 0 // giving up torque is no step
		r.Violated("rate", !lessNm && !(math.Abs(c.TauNm[j]-r.lastNm[j]) <= step*(1+1e-9)))
	}
	r.lastRad[j], r.lastNm[j] = target, c.TauNm[j]
	if !told {
		return
	}
	room := jt.UpperRad - q
	if dq < 0 {
		room = q - jt.LowerRad
	}
	if math.Abs(dq) > math.Sqrt(2*BrakeRadS2*math.Max(room, 0))*(1+1e-9)+1e-6 {
		r.Violated("barrier", out.TorqueNm(j, q, dq, probeC)*dq > 0)
	}
}

// Beyond is how far an angle lies outside a joint's range, negative inside.
func Beyond(jt *body.Joint, rad float64) float64 { return math.Max(rad-jt.UpperRad, jt.LowerRad-rad) }

// Drives checks the torques that drives give at these angles, speeds and windings, one a joint, and what they draw together,
// braking uncredited.
func (r *Referee) Drives(in *gate.Input, out *gate.Granted, qRad, dqRadS, windingC []float64) {
	sum := 0.0
	for j := 0; j < r.n; j++ {
		sum += r.draw(j, out.TorqueNm(j, qRad[j], dqRadS[j], windingC[j]), dqRadS[j], windingC[j])
	}
	allowedW := r.BudgetW
	if beyondW := in.ComputeW - computeW; beyondW > 0 { // false for what is no number
		allowedW = math.Max(0, allowedW-beyondW)
	}
	r.WorstW = math.Max(r.WorstW, sum)
	r.Violated("power", !(sum <= allowedW+1e-6))
}

// draw checks a torque and returns the electrical power that it takes from a winding of that temperature.
func (r *Referee) draw(j int, tau, dq, windingC float64) float64 {
	mo := &r.m.Joints[j].Motor
	r.Violated("torque", !(math.Abs(tau) <= mo.TorqueNm*(1+1e-12)) || (tau*dq > 0 && math.Abs(dq) > mo.SpeedRadS))
	w := mo.CopperWNm2 * (1 + 0.00393*(windingC-25)) * tau * tau
	if tau*dq > 0 {
		w += tau * dq / mo.Efficiency
	}
	return w
}
