package gate

import (
	"math"
	"testing"

	"robotd/power"
)

// wrist asks the rig's left wrist, whose motor is the smallest, for a torque and has its sensor read another.
func (r *rig) wrist(ticks int, askedNm, readNm float64) {
	j := r.m.JointIndex("left_wrist_pitch")
	r.run(ticks, func() { r.c.TauNm[j], r.s.TauNm[j] = askedNm, readNm })
}

// countedW is what the gate counts for the wrist's torque alone.
func (r *rig) countedW(t *testing.T, tauNm float64) float64 {
	t.Helper()
	r.wrist(20, 0, 0)
	without := r.v.DemandW
	r.wrist(20, tauNm, 0)
	return r.v.DemandW - without
}

// TestCopperCountsAsWarmAsTheWindingIsModelled: cold at first, warmer as it works, never above what is allowed.
func TestCopperCountsAsWarmAsTheWindingIsModelled(t *testing.T) {
	r := newRig(t)
	j := r.m.JointIndex("left_wrist_pitch")
	motor := &r.m.Joints[j].Motor
	last := 0.0
	for range 5 {
		got, want := r.countedW(t, 2), power.CopperW(motor, 2, math.Min(r.g.WindingC(j)+warmMarginC, power.MaxC))
		if math.Abs(got-want) > 0.01*want || got < last {
			t.Errorf("winding at %.1f °C: 2 N m count %g W, want %g W", r.g.WindingC(j), got, want)
		}
		last = got
		r.wrist(20_000, 3, 3)
	}
	if r.g.WindingC(j) < 60 {
		t.Errorf("100 s of 3 N m leave the winding at %g °C: the test proves little", r.g.WindingC(j))
	}
	if cap := r.g.copperC(j); cap > power.MaxC {
		t.Errorf("counted at %g °C", cap)
	}
}

// TestASensorThatReadsLessThanWasGrantedCoolsNothing.
func TestASensorThatReadsLessThanWasGrantedCoolsNothing(t *testing.T) {
	honest, liar := newRig(t), newRig(t)
	j := honest.m.JointIndex("left_wrist_pitch")
	honest.wrist(10_000, 2, 2)
	liar.wrist(10_000, 2, 0)
	if a, b := honest.g.WindingC(j), liar.g.WindingC(j); math.Abs(a-b) > 0.1 || a < 34 {
		t.Errorf("10 s of 2 N m: %g °C by an honest sensor, %g °C by one that reads zero", a, b)
	}
}

// TestOnHardwareCopperCountsAsHotAsItMayBe: whoever is switched on may have worked a minute ago.
func TestOnHardwareCopperCountsAsHotAsItMayBe(t *testing.T) {
	r := newRig(t)
	g, err := New(r.m, Options{Hardware: true})
	if err != nil {
		t.Fatal(err)
	}
	r.g = g
	motor := &r.m.Joints[r.m.JointIndex("left_wrist_pitch")].Motor
	if got, want := r.countedW(t, 2), power.CopperW(motor, 2, power.MaxC); math.Abs(got-want) > 1e-6*want {
		t.Errorf("2 N m count %g W, want %g W", got, want)
	}
}

// TestADriveHoldsItsQuotaByItsOwnTemperature: hotter than the gate took it to be, it gives less.
func TestADriveHoldsItsQuotaByItsOwnTemperature(t *testing.T) {
	r := newRig(t)
	j := r.m.JointIndex("left_wrist_pitch")
	motor := &r.m.Joints[j].Motor
	r.run(1, func() {
		for k := range r.m.Joints {
			r.c.TauNm[k] = r.m.Joints[k].Motor.TorqueNm
		}
	})
	quota := r.out.quotaW[j]
	cold := r.out.TorqueNm(j, r.s.QRad[j], 0, 25)
	for _, windingC := range []float64{25, 60, 120, 150} {
		tau := r.out.TorqueNm(j, r.s.QRad[j], 0, windingC)
		if draw := power.CopperW(motor, tau, windingC); draw > quota*(1+1e-9) || tau > cold {
			t.Errorf("at %g °C: %g N m draw %g W of a quota of %g W", windingC, tau, draw, quota)
		}
	}
	if hot := r.out.TorqueNm(j, r.s.QRad[j], 0, 150); hot > 0.95*cold {
		t.Errorf("%g N m cold, %g N m at 150 °C", cold, hot)
	}
	if freezing := r.out.TorqueNm(j, r.s.QRad[j], 0, -200); freezing != cold {
		t.Errorf("a sensor that reads -200 °C changes the torque from %g to %g N m", cold, freezing)
	}
}
