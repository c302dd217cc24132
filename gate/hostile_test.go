package gate

import (
	"math"
	"testing"

	"robotd/body"
)

func TestEveryReadingIsWatched(t *testing.T) {
	m := body.Humanoid()
	for j := range m.Joints {
		for _, spoil := range []func(s *body.Sensors){
			func(s *body.Sensors) { s.QRad[j] = math.NaN() },
			func(s *body.Sensors) { s.QRad[j] = 4 },
			func(s *body.Sensors) { s.DQRadS[j] = 1000 },
			func(s *body.Sensors) { s.DQRadS[j] = math.Inf(-1) },
		} {
			r := newRig(t)
			r.run(1, func() { spoil(&r.s) })
			if r.v.Counters.Bridged != 1 {
				t.Fatalf("%s: %d readings bridged, want 1", m.Joints[j].Name, r.v.Counters.Bridged)
			}
		}
	}
	r := newRig(t)
	r.run(4, func() { r.in.NowNs -= 1 })
	if r.v.Rung != body.RungCrouch {
		t.Errorf("sensors from the future leave %v", r.v.Rung)
	}
}

func TestClockCannotStopTheTimers(t *testing.T) {
	for name, clock := range map[string]func(r *rig) int64{
		"stands":    func(r *rig) int64 { return 5 * tickNs },
		"runs back": func(r *rig) int64 { return 1e12 - r.now },
		"leaps":     func(r *rig) int64 { return r.now * 3600_000 },
	} {
		r := newRig(t)
		at := func() {
			r.in.NowNs = clock(r)
			r.s.StampNs, r.c.StampNs = r.in.NowNs, r.in.NowNs
		}
		r.run(1, func() { at(); r.in.Stop = true })
		if r.v.Rung != body.RungCrouch {
			t.Errorf("%s: stop leads to %v", name, r.v.Rung)
		}
		r.run(2900, func() { at(); r.in.Stop = true })
		if r.v.Rung != body.RungCrouch {
			t.Errorf("%s: after 2.9 s of crouch: %v", name, r.v.Rung)
		}
		r.run(200, func() { at(); r.in.Stop = true })
		if r.v.Rung != body.RungOff {
			t.Errorf("%s: after 3.1 s of crouch: %v", name, r.v.Rung)
		}
	}
}

func TestAReplayedCommandIsBad(t *testing.T) {
	r := newRig(t)
	r.run(1, func() { r.c.StampNs -= 2 * tickNs })
	if r.v.Causes&CauseCommandBad == 0 {
		t.Error("a command older than the last one passed")
	}
	for range 100 { // good ones between the bad: nothing is lost
		r.run(1, nil)
		r.run(1, func() { r.c.TauNm[0] = math.NaN() })
		if r.v.Causes&CauseCommandLost != 0 {
			t.Fatal("every other command is good and they count as lost")
		}
	}
}

// TestAMindThatIgnoresTheLadderIsNotServed: crouching, falling and off do not take the commands of better rungs.
func TestAMindThatIgnoresTheLadderIsNotServed(t *testing.T) {
	r := newRig(t)
	kick := func() { r.in.Rung, r.c.TauNm[3], r.c.KdNmsRad[3] = body.RungPlan, -40, 0 }
	r.run(1, func() { kick(); r.in.Stop = true })
	r.run(100, func() { kick(); r.in.Stop = true })
	if tau := r.out.TorqueNm(3, r.out.Command().QRad[3], 0, unknownC); tau != 0 || r.v.Counters.Scripted < 100 {
		t.Errorf("crouching, a plan's command still gives %g N m", tau)
	}
	r.run(400, func() { kick(); r.s.GyroRadS[0] = 4; r.s.AccelMS2 = body.Vec3{} })
	if kp := r.out.Command().KpNmRad[3]; r.v.Rung != body.RungFall || kp > 0.2*r.m.Joints[3].KpNmRad {
		t.Errorf("on %v with kp %g", r.v.Rung, kp)
	}
	r.run(1500, kick)
	r.run(600, func() { kick(); r.in.Rung = body.RungOff })
	if tau := r.out.TorqueNm(3, 0, 1, unknownC); r.v.Rung != body.RungOff || tau != 0 {
		t.Errorf("on %v a command of that rung gives %g N m", r.v.Rung, tau)
	}
}

func TestVerticalFollowsTheGyroAndSettlesOnGravity(t *testing.T) {
	r := newRig(t)
	r.run(200, func() { r.s.GyroRadS[1] = 2; r.s.AccelMS2 = body.Vec3{} }) // 0.4 rad nose down
	if up := r.g.watch.up; math.Abs(up[0]+math.Sin(0.4)) > 1e-3 || math.Abs(up[2]-math.Cos(0.4)) > 1e-3 {
		t.Errorf("nose down by 0.4 rad, the vertical in the body is %v", up)
	}
	r = newRig(t)
	r.run(60_000, func() { r.s.GyroRadS[1] = 0.01 }) // a biased gyro
	if up := r.g.watch.up; math.Abs(up[0]+0.02) > 2e-3 || r.v.Rung != body.RungPlan {
		t.Errorf("after a minute of 0.01 rad/s bias: vertical %v on %v", up, r.v.Rung)
	}
}

// TestTorqueLimitIsThePeakTimesTheDerating: on a joint small enough for the power budget.
func TestTorqueLimitIsThePeakTimesTheDerating(t *testing.T) {
	r := newRig(t)
	j := r.m.JointIndex("left_wrist_pitch")
	peak := r.m.Joints[j].Motor.TorqueNm
	push := func() { r.c.TauNm[j], r.c.QRad[j] = 100, r.m.Joints[j].UpperRad }
	r.run(10, push)
	if tau := r.out.TorqueNm(j, r.m.StandRad[j], 0, unknownC); math.Abs(tau-peak) > 1e-9 {
		t.Errorf("%g N m granted, peak %g", tau, peak)
	}
	for _, heat := range []float64{peak, math.NaN()} { // a torque sensor that says nothing heats like the peak
		r = newRig(t)
		for k := 0; r.g.derate[j] > 0.5; k++ {
			if k > 60_000 {
				t.Fatalf("a minute at %g N m leaves the winding at %g °C", heat, r.g.WindingC(j))
			}
			r.run(1, func() { push(); r.s.TauNm[j] = heat })
		}
		if tau := r.out.TorqueNm(j, r.m.StandRad[j], 0, unknownC); tau > 0.5*peak+1e-9 || r.v.Rung != body.RungPlan {
			t.Errorf("half derated: %g N m of %g, on %v", tau, peak, r.v.Rung)
		}
	}
	r = newRig(t)
	r.run(10, func() { push(); r.s.QRad[j] = math.NaN() })
	if tau := r.out.TorqueNm(j, r.m.StandRad[j], 0, unknownC); tau != 0 {
		t.Errorf("an arm joint that is not sensed gives %g N m", tau)
	}
}

func TestBarrierHoldsAtBothEnds(t *testing.T) {
	r := newRig(t)
	j := r.m.JointIndex("left_knee")
	lower := r.m.Joints[j].LowerRad
	r.run(1, func() { r.s.QRad[j], r.s.DQRadS[j], r.c.QRad[j], r.c.TauNm[j] = lower+0.05, -10, lower, -100 })
	if tau := r.out.TorqueNm(j, lower+0.05, -10, unknownC); tau < 50 || r.v.Limited&LimitBarrier == 0 {
		t.Errorf("%g N m towards the lower stop, limits %v", tau, r.v.Limited)
	}
}

func TestTargetsEndInsideTheRange(t *testing.T) {
	r := newRig(t)
	j := r.m.JointIndex("left_knee")
	joint := &r.m.Joints[j]
	r.run(100, func() { r.c.QRad[j], r.c.DQRadS[j] = 9, -900 })
	if c := r.out.Command(); c.QRad[j] != joint.UpperRad || c.DQRadS[j] != -joint.Motor.SpeedRadS || r.v.Limited&LimitRange == 0 {
		t.Errorf("granted %g rad, %g rad/s, limits %v", c.QRad[j], c.DQRadS[j], r.v.Limited)
	}
}

func TestDemandKnowsTheTorqueSpeedLine(t *testing.T) {
	r := newRig(t)
	j := r.m.JointIndex("left_shoulder_pitch")
	motor, calmW := &r.m.Joints[j].Motor, r.v.DemandW
	r.run(1, func() { // a tenth below no-load speed a fifth of the peak is left
		r.s.DQRadS[j] = -0.9 * motor.SpeedRadS
		r.c.DQRadS[j], r.c.TauNm[j] = r.s.DQRadS[j], -6
	})
	want := drawW(motor, -0.2*motor.TorqueNm, -0.9*motor.SpeedRadS, r.g.WindingC(j)+15)
	if got := r.v.DemandW - calmW; math.Abs(got-want) > 1e-6*want || r.v.Limited != LimitTorque {
		t.Errorf("the joint counts %g W, want %g W; limits %v", got, want, r.v.Limited)
	}
}

func TestComputingShrinksTheBudgetToNothing(t *testing.T) {
	r := newRig(t)
	for computeW, want := range map[float64]float64{math.NaN(): 390, 0: 390, 220: 230, 1e9: 0, math.Inf(1): 0} {
		r.run(1, func() { r.in.ComputeW, r.c.TauNm[3] = computeW, 20 })
		if r.v.BudgetW != want || r.v.GrantedW > want {
			t.Errorf("computing at %g W leaves %g W, want %g", computeW, r.v.BudgetW, want)
		}
	}
}

func TestAcknowledgementDuringTheCauseIsVoid(t *testing.T) {
	r := newRig(t)
	r.run(5, func() { r.in.Stop = true })
	r.run(1, func() { r.in.Stop, r.in.Ack = true, true })
	r.run(300, nil)
	if r.v.Rung != body.RungCrouch {
		t.Errorf("an acknowledgement while the stop was pressed leads to %v", r.v.Rung)
	}
}
