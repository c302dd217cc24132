package launch

import (
	"testing"

	"robotd/body"
)

func TestHostileTicksBreakNoLimit(t *testing.T) {
	ticks := 100_000
	if testing.Short() {
		ticks = 20_000
	}
	b, err := BenchGate(body.Humanoid(), ticks, true, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", b)
	if b.Violations != 0 || b.Allocs != 0 || b.Ticks != ticks || !(b.NsPerTick > 0) {
		t.Errorf("%d violations %v, %g allocations a tick", b.Violations, b.By, b.Allocs)
	}
	if b.PowerCapped < uint64(ticks)/10 || b.WorstW < 380 || b.PastStopRad == 0 || b.CommandsBad == 0 || b.RungTicks["off"] == 0 || b.RungTicks["plan"] == 0 {
		t.Errorf("too tame to prove anything: %+v", b)
	}
	again, err := BenchGate(body.Humanoid(), ticks, true, 1)
	if err != nil || again.WorstW != b.WorstW || again.PastStopRad != b.PastStopRad || again.CommandsBad != b.CommandsBad {
		t.Errorf("the same seed, other ticks: %+v", again)
	}
	calm, err := BenchGate(body.Humanoid(), 2000, false, 1)
	if err != nil || calm.Violations != 0 || calm.PowerCapped != 0 || calm.RungTicks["plan"] != 2000 {
		t.Errorf("calm: %v %+v", err, calm)
	}
}

// TestRefereeBites: a referee that allows half of something finds it broken.
func TestRefereeBites(t *testing.T) {
	for want, soften := range map[string]func(m *body.Model){
		"torque": func(m *body.Model) { m.Joints[8].Motor.TorqueNm /= 2 },
		"rate":   func(m *body.Model) { m.Joints[8].KpNmRad *= 2 },
		"gains":  func(m *body.Model) { m.Joints[8].KdNmsRad /= 2 },
		"range":  func(m *body.Model) { m.Joints[8].UpperRad -= 0.3 },
		"power":  func(m *body.Model) { m.Joints[8].Motor.CopperWNm2 *= 4 },
	} {
		m := body.Humanoid()
		b, err := benchGate(m, 20_000, true, 1, func() *body.Model {
			other := body.Humanoid()
			soften(other)
			return other
		}())
		if err != nil {
			t.Fatal(err)
		}
		if b.By[want] == 0 {
			t.Errorf("%s: found %v", want, b.By)
		}
	}
}
