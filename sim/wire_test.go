package sim

import (
	"math"
	"testing"

	"robotd/body"
)

// TestABodyBehindAWireStands: the same PD holds it as would through a grant, and no command gets more out of a motor than it has.
func TestABodyBehindAWireStands(t *testing.T) {
	m := body.Humanoid()
	s := New(m, Options{})
	s.Reset(ResetOptions{Seed: 3, JointNoiseRad: 0.01})
	var c body.Command
	for j := range m.Joints {
		c.QRad[j], c.KpNmRad[j], c.KdNmsRad[j] = m.StandRad[j], m.Joints[j].KpNmRad, m.Joints[j].KdNmsRad
	}
	for range 1500 {
		s.StepWire(&c)
	}
	var truth body.State
	if s.Truth(&truth); !truth.Balance.Upright(m.StandHeightM) {
		t.Errorf("it fell: %+v", truth.Balance)
	}
	for j := range m.Joints {
		c.TauNm[j] = 1e6
	}
	c.TauNm[0] = math.NaN()
	s.StepWire(&c)
	var felt body.Sensors
	s.Sensors(&felt)
	if felt.TauNm[0] != 0 {
		t.Errorf("a torque that is no number gave %g N m", felt.TauNm[0])
	}
	most := 0.0
	for j := 1; j < m.NJoints(); j++ {
		if tau := math.Abs(felt.TauNm[j]); tau > m.Joints[j].Motor.TorqueNm {
			t.Errorf("%s gives %.1f N m of %.1f", m.Joints[j].Name, tau, m.Joints[j].Motor.TorqueNm)
		} else {
			most = math.Max(most, tau/m.Joints[j].Motor.TorqueNm)
		}
	}
	if most < 0.9 {
		t.Errorf("no motor gave more than %.2f of what it has: the test proves nothing", most)
	}
}
