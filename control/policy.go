package control

import (
	"math"

	"robotd/body"
)

// Gains of the analytic balance, per metre of deviation, in units of a macro action. They keep the capture point over the
// soles: the ankles shift the centre of pressure, the hips turn the trunk against the push. The lateral ones were searched
// for by the impulse survived; sagittally the length of the sole bounds what any gains can do.
const (
	anklePitchGain = 10  // for the capture point, forward
	ankleRollCom   = 2.5 // for the centre of mass, leftward
	ankleRollVel   = 5.8 // and for its speed over ω
	hipPitchVel    = 4.5 // trunk against the forward speed
	hipRollCom     = 1.9 // pelvis against the leftward deviation
	hipRollVel     = 5.8 // and speed
	omegaPerS      = 3.7 // √(g/h) of the default humanoid's pendulum
)

// HoldTargets writes the standing pose: the floor that every controller must beat.
func HoldTargets(m *body.Model, out *[body.MaxJoints]float64) {
	*out = [body.MaxJoints]float64{}
	copy(out[:], m.StandRad)
}

// BalanceTargets writes joint targets that keep a robot on its feet with its feet in place: the analytic balance of the
// ladder as a function of the state. It computes the body's standing values anew; a Controller keeps them.
func BalanceTargets(m *body.Model, st *body.State, out *[body.MaxJoints]float64) {
	s := standingOf(m)
	HoldTargets(m, out)
	s.balance(m, st, out)
}

// balance adds ankle and hip strategy to the targets in out.
func (s *standing) balance(m *body.Model, st *body.State, out *[body.MaxJoints]float64) {
	b := &st.Balance
	ex, ey := b.ComM[0]-s.comM[0], b.ComM[1]-s.comM[1]
	vx, vy := b.ComVelMS[0]/omegaPerS, b.ComVelMS[1]/omegaPerS
	ap, hp := unit(anklePitchGain*(ex+vx)), unit(hipPitchVel*vx)
	ar, hr := unit(-ankleRollCom*ey-ankleRollVel*vy), unit(hipRollCom*ey+hipRollVel*vy)
	for side := range s.leg {
		leg := &s.leg[side]
		move(m, out, leg.anklePitch, 0.35*ap)
		move(m, out, leg.ankleRoll, 0.25*ar)
		move(m, out, leg.hipPitch, -0.6*hp)
		move(m, out, leg.hipRoll, 0.35*hr)
	}
	move(m, out, s.waistPitch, 0.3*hp)
}

// unit keeps a macro action in [-1, 1]; what is no number becomes none.
func unit(a float64) float64 {
	if a != a {
		return 0
	}
	return math.Min(math.Max(a, -1), 1)
}

// move adds to joint j's target inside the joint's range; a joint that the body lacks is −1.
func move(m *body.Model, q *[body.MaxJoints]float64, j int, byRad float64) {
	if j < 0 {
		return
	}
	q[j] = math.Min(math.Max(q[j]+byRad, m.Joints[j].LowerRad), m.Joints[j].UpperRad)
}
