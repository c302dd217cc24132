package gate

import (
	"math"
	"strings"
	"testing"

	"robotd/body"
	"robotd/power"
)

// TestOptionsOnlyTighten: what would widen a limit is refused, and the refusal names field, bound and remedy.
func TestOptionsOnlyTighten(t *testing.T) {
	budget := func(edit func(b *power.Budget)) Options {
		b := power.DefaultBudget
		edit(&b)
		return Options{Budget: b}
	}
	nan := math.NaN()
	for _, c := range []struct {
		o    Options
		want string
	}{
		{budget(func(b *power.Budget) { b.TotalW = 501 }), "Budget.TotalW is 501, allowed are 0 to 500: lower it"},
		{budget(func(b *power.Budget) { b.TotalW = 105 }), "leave nothing for torque"},
		{budget(func(b *power.Budget) { b.ComputeW = 59 }), "Budget.ComputeW is 59, allowed are 60 to"},
		{budget(func(b *power.Budget) { b.QuiescentW = 0.5 }), "Budget.QuiescentW is 0.5, allowed are 1 to"},
		{budget(func(b *power.Budget) { b.SensorsW = 11 }), "Budget.SensorsW is 11, allowed are 12 to"},
		{budget(func(b *power.Budget) { b.MarginW = nan }), "Budget.MarginW is NaN, allowed are 10 to"},
		{budget(func(b *power.Budget) { b.MarginW = math.Inf(1) }), "Budget.MarginW is +Inf"},
		{Options{StartRung: 7}, "StartRung is 7, allowed are 0 to 6: give one of the rungs"},
		{Options{AmbientC: 20}, "AmbientC is 20, allowed are 25 to 60: leave it out"},
		{Options{AmbientC: 61}, "AmbientC is 61"},
		{Options{Tighten: Tighten{TorqueShare: 1.01}}, "Tighten.TorqueShare is 1.01, allowed are 0.1 to 1: leave it out for the whole peak torque"},
		{Options{Tighten: Tighten{TorqueShare: 0.05}}, "Tighten.TorqueShare is 0.05"},
		{Options{Tighten: Tighten{SpeedShare: -1}}, "Tighten.SpeedShare is -1, allowed are 0.1 to 1"},
		{Options{Tighten: Tighten{GainShare: 0.4}}, "Tighten.GainShare is 0.4, allowed are 0.5 to 1"},
		{Options{Tighten: Tighten{GainShare: nan}}, "Tighten.GainShare is NaN"},
		{Options{Tighten: Tighten{MarginRad: -0.01}}, "Tighten.MarginRad is -0.01, allowed are 0 to 0.3: lower it"},
		{Options{Tighten: Tighten{MarginRad: 0.31}}, "Tighten.MarginRad is 0.31"},
		{Options{BusV: [2]float64{50, 40}}, "BusV[1] is 40, allowed are 50 to"},
		{Options{BusV: [2]float64{-1, 40}}, "BusV[0] is -1, allowed are 0 to"},
	} {
		if _, err := New(body.Humanoid(), c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want it to say %q", err, c.want)
		}
	}
	for _, o := range []Options{
		budget(func(b *power.Budget) { b.TotalW, b.ComputeW, b.QuiescentW, b.SensorsW, b.MarginW = 400, 61, 2, 13, 11 }),
		{StartRung: body.RungOff, AmbientC: 60, BusV: [2]float64{42, 42}},
		{Tighten: Tighten{0.1, 0.1, 0.5, 0.3}}, {Tighten: Tighten{1, 1, 1, 0}},
	} {
		if _, err := New(body.Humanoid(), o); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
	}
	odd := body.Humanoid()
	odd.StandRad[3] = 9 // a standing pose outside its range leaves no margin, and is no reason to refuse the body
	if _, err := New(odd, Options{}); err != nil {
		t.Error(err)
	}
}

// TestTighterLimitsHold: half of everything is half of everything.
func TestTighterLimitsHold(t *testing.T) {
	m := body.Humanoid()
	budget := power.DefaultBudget
	budget.TotalW = 300
	g, err := New(m, Options{Budget: budget, AmbientC: 40, Tighten: Tighten{TorqueShare: 0.5, SpeedShare: 0.5, GainShare: 0.5, MarginRad: 0.1}})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{m: m, g: g}
	r.run(5, nil)
	if r.v.BudgetW != 190 || g.WindingC(0) < 40 {
		t.Errorf("%g W for the drives, want 190; winding at %g °C", r.v.BudgetW, g.WindingC(0))
	}
	j := m.JointIndex("left_wrist_pitch")
	joint := &m.Joints[j]
	last := r.out.Command().QRad[j]
	r.run(1, func() { r.c.QRad[j], r.c.DQRadS[j], r.c.TauNm[j], r.c.KpNmRad[j], r.c.KdNmsRad[j] = 9, 99, 99, 99, 99 })
	c := r.out.Command()
	step, stepNm := 0.25*0.5*joint.Motor.TorqueNm/joint.KpNmRad, 0.25*0.5*joint.Motor.TorqueNm
	if math.Abs(c.QRad[j]-last-step) > 1e-12 || math.Abs(c.TauNm[j]-stepNm) > 1e-12 || c.DQRadS[j] != 0.5*joint.Motor.SpeedRadS ||
		c.KpNmRad[j] != joint.KpNmRad || c.KdNmsRad[j] != 1.5*joint.KdNmsRad {
		t.Errorf("granted %g rad on from %g, %g rad/s, %g N m, kp %g, kd %g", c.QRad[j]-last, last, c.DQRadS[j], c.TauNm[j], c.KpNmRad[j], c.KdNmsRad[j])
	}
	r.run(60, func() { r.c.QRad[j], r.c.TauNm[j] = 9, 99 })
	if c := r.out.Command(); c.QRad[j] != joint.UpperRad-0.1 {
		t.Errorf("the target ends at %g rad", c.QRad[j])
	}
	if tau := r.out.TorqueNm(j, m.StandRad[j], 0, unknownC); tau != 0.5*joint.Motor.TorqueNm {
		t.Errorf("%g N m of %g", tau, joint.Motor.TorqueNm)
	}
	if tau := r.out.TorqueNm(j, m.StandRad[j], 0.5*joint.Motor.SpeedRadS, unknownC); tau != 0 {
		t.Errorf("%g N m at half the no-load speed", tau)
	}
	r.run(30, func() { r.c.QRad[j] = -9 })
	if c := r.out.Command(); c.QRad[j] != joint.LowerRad+0.1 {
		t.Errorf("the target ends at %g rad", c.QRad[j])
	}
	r.g.watch.encoder[j] = encoder{}
	r.run(1, func() { r.s.QRad[j], r.s.DQRadS[j] = joint.UpperRad-0.15, 6 }) // stops in 0.09 rad
	if r.v.Limited&LimitBarrier == 0 {
		t.Errorf("no barrier before the margin: %v", r.v.Limited)
	}
}

// TestGainsAreBoxedOnEveryRung: what is lower on the ladder may be less stiff, and the gate's own scripts fit.
func TestGainsAreBoxedOnEveryRung(t *testing.T) {
	for _, c := range []struct {
		rung   body.Rung
		kp, kd float64 // most, times the model's
	}{{body.RungPlan, 2, 3}, {body.RungMode1, 2, 3}, {body.RungBalance, 2, 3}, {body.RungCrouch, 1, 2}, {body.RungFall, 0.15, 2}, {body.RungOff, 0, 1}} {
		m := body.Humanoid()
		g, err := New(m, Options{StartRung: c.rung})
		if err != nil {
			t.Fatal(err)
		}
		r := &rig{m: m, g: g, v: Verdict{Rung: c.rung}}
		r.run(2, func() {
			r.in.Want = c.rung
			for j := range m.Joints {
				r.c.KpNmRad[j], r.c.KdNmsRad[j] = 1e6, 1e6
			}
		})
		got := r.out.Command()
		for j := range m.Joints {
			kp, kd := c.kp*m.Joints[j].KpNmRad, c.kd*m.Joints[j].KdNmsRad
			if got.KpNmRad[j] != kp || got.KdNmsRad[j] != kd {
				t.Fatalf("%v: joint %d is granted kp %g, kd %g; want %g, %g", c.rung, j, got.KpNmRad[j], got.KdNmsRad[j], kp, kd)
			}
		}
		if off := c.rung == body.RungOff; r.v.Rung != c.rung || (r.v.Limited&LimitGains != 0) == off || (r.v.Counters.Scripted > 0) != off {
			t.Errorf("%v: on %v, limits %v, %d scripted", c.rung, r.v.Rung, r.v.Limited, r.v.Counters.Scripted)
		}
		r.run(700, func() { r.in.Want, r.c.StampNs = c.rung, 0 }) // the gate's own script
		if r.v.Limited&LimitGains != 0 {
			t.Errorf("%v: the script does not fit its box: %v", r.v.Rung, r.v.Limited)
		}
	}
}

// TestAGateThatBeginsInTheCrouchStaysDown: the one before it died, and nobody has looked yet.
func TestAGateThatBeginsInTheCrouchStaysDown(t *testing.T) {
	for _, ack := range []bool{false, true} {
		m := body.Humanoid()
		g, err := New(m, Options{StartRung: body.RungCrouch})
		if err != nil {
			t.Fatal(err)
		}
		r := &rig{m: m, g: g, v: Verdict{Rung: body.RungCrouch}}
		r.run(500, nil)
		if r.v.Rung != body.RungCrouch || !r.v.Owed {
			t.Fatalf("healthy for half a second it stands on %v", r.v.Rung)
		}
		r.run(1, func() { r.in.Ack = ack })
		r.run(3000, nil)
		if want := map[bool]body.Rung{false: body.RungOff, true: body.RungPlan}[ack]; r.v.Rung != want {
			t.Errorf("acknowledged %v: on %v, want %v", ack, r.v.Rung, want)
		}
	}
}
