package sim

import (
	"math"

	"robotd/body"
	"robotd/power"
)

// StepWire moves the world by one tick under a command that came over a wire, for a simulated body that stands at the far end of
// one: its drives see messages, not a grant, and hold to their motors' peak and speed alone. Whoever holds a Granted takes Step;
// of the house only the peer of a ROS 2 graph calls this, which a test of internal/tidy holds.
func (s *Sim) StepWire(c *body.Command) {
	s.tick(func(tau *[maxJoints]float64) {
		for j := range s.m.Joints {
			dq := s.st.vel[6+j]
			tau[j] = s.motorNm(j, c.TauNm[j]+c.KpNmRad[j]*(c.QRad[j]-s.st.q[j])+c.KdNmsRad[j]*(c.DQRadS[j]-dq), dq)
		}
	}, func(j int, torqueNm, dqRadS, _ float64) float64 { return s.motorNm(j, torqueNm, dqRadS) })
}

// motorNm returns what the motor of joint j gives of a torque at velocity dq; nothing of one that is no number.
func (s *Sim) motorNm(j int, torqueNm, dqRadS float64) float64 {
	mo := &s.m.Joints[j].Motor
	most := power.SpeedLineNm(mo.TorqueNm, mo.SpeedRadS, math.Copysign(1, torqueNm)*dqRadS)
	switch {
	case torqueNm != torqueNm:
		return 0
	case math.Abs(torqueNm) > most:
		return math.Copysign(most, torqueNm)
	}
	return torqueNm
}
