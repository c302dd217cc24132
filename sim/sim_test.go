package sim

import (
	"math"
	"testing"

	"robotd/body"
)

// hold is the PD law on the standing pose at drive level: tests drive raw torques, nothing else may.
func (s *Sim) hold(tau *[maxJoints]float64) {
	for j := range s.m.Joints {
		jt := &s.m.Joints[j]
		t := jt.KpNmRad*(s.m.StandRad[j]-s.st.q[j]) - jt.KdNmsRad*s.st.vel[6+j]
		tau[j] = math.Max(-jt.Motor.TorqueNm, math.Min(jt.Motor.TorqueNm, t))
	}
}

func TestHoldStandsAndFallsUnderABigPush(t *testing.T) {
	s := New(body.Humanoid(), Options{Noiseless: true})
	var st body.State
	for i := 0; i < 10_000; i++ {
		s.tick(s.hold, nil)
	}
	s.Truth(&st)
	if !st.Balance.Upright(s.m.StandHeightM) {
		t.Fatal("fell while nobody pushed")
	}
	weight := s.m.MassKg() * 9.81
	if f := st.Foot[0].ForceN[2] + st.Foot[1].ForceN[2]; math.Abs(f-weight) > 0.01*weight {
		t.Errorf("feet carry %.1f N, weight %.1f N", f, weight)
	}
	s.Push(Push{StartNs: s.NowNs(), DurationNs: 100e6, ImpulseNs: body.Vec3{30, 0, 0}, Link: s.m.Chest})
	for i := 0; i < 3000; i++ {
		s.tick(s.hold, nil)
	}
	s.Truth(&st)
	if st.Balance.Upright(s.m.StandHeightM) {
		t.Error("holding the pose survived 30 N s")
	}
}

func BenchmarkTickStanding(b *testing.B) {
	s := New(body.Humanoid(), Options{})
	for i := 0; i < 500; i++ {
		s.tick(s.hold, nil)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		s.tick(s.hold, nil)
	}
}
