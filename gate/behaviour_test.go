package gate

import (
	"math"
	"testing"

	"robotd/body"
)

// rig runs a gate on a calm robot; a test changes what it wants in each tick.
type rig struct {
	m   *body.Model
	g   *Gate
	s   body.Sensors
	c   body.Command
	in  Input
	out Granted
	v   Verdict
	now int64
}

func newRig(t *testing.T) *rig {
	m, g := newGate(t)
	r := &rig{m: m, g: g}
	r.run(5, nil)
	if r.v.Rung != body.RungPlan {
		t.Fatalf("a calm robot stands on %v: %v", r.v.Rung, r.v.Causes)
	}
	return r
}

// run makes n ticks, in each of which change may spoil the calm.
func (r *rig) run(n int, change func()) {
	for range n {
		r.now += tickNs
		calm(r.m, r.now, &r.s, &r.c)
		r.in = healthyInput(&r.s, &r.c)
		r.in.Rung = r.v.Rung
		if change != nil {
			change()
		}
		r.g.Step(&r.in, &r.out, &r.v)
	}
}

func TestFaultsLeadWhereTheyShould(t *testing.T) {
	hour := func(r *rig) { r.c.StampNs = 0 }
	cases := []struct {
		name   string
		spoil  func(r *rig)
		within int // ticks
		want   body.Rung
		cause  Cause
	}{
		{"one bad command", func(r *rig) { r.c.QRad[0] = math.NaN() }, 1, body.RungTail, CauseCommandBad},
		{"command of an unknown rung", func(r *rig) { r.in.Rung = 9 }, 1, body.RungTail, CauseCommandBad},
		{"command from the future", func(r *rig) { r.c.StampNs = r.now + 1 }, 1, body.RungTail, CauseCommandBad},
		{"dead mind", hour, 10, body.RungCrouch, CauseCommandLost},
		{"stop", func(r *rig) { r.in.Stop = true }, 1, body.RungCrouch, CauseStop},
		{"glitch of a leg joint", func(r *rig) { r.s.QRad[2] = math.Inf(1) }, 3, body.RungPlan, 0},
		{"lost leg joint", func(r *rig) { r.s.QRad[2] = math.Inf(1) }, 4, body.RungCrouch, CauseSensorLost},
		{"lost arm joint", func(r *rig) { r.s.QRad[16] = math.NaN() }, 50, body.RungPlan, 0},
		{"lost IMU", func(r *rig) { r.s.AccelMS2[1] = math.NaN() }, 4, body.RungCrouch, CauseSensorLost},
		{"late sensors", func(r *rig) { r.s.StampNs -= 2 * sampleMaxNs; r.c.StampNs = r.s.StampNs }, 4, body.RungCrouch, CauseSensorLost},
		{"bus over its budget", func(r *rig) { r.s.BusW = 900 }, 10, body.RungCrouch, CauseBusOver},
		{"a spike on the bus meter's wire", func(r *rig) { r.s.BusW = 1e9 }, 50, body.RungPlan, 0},
		{"toppling forward", func(r *rig) { r.s.GyroRadS[1] = 3; r.s.AccelMS2 = body.Vec3{} }, 420, body.RungFall, CauseTilt},
		{"no plan, no actor", func(r *rig) { r.in.PlanFresh, r.in.TailNs, r.in.Mode1OK = false, 0, false }, 1, body.RungBalance, CauseTailUsed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			var counted Cause
			r.run(c.within, func() { c.spoil(r) })
			counted |= r.v.Causes
			if r.v.Rung != c.want || counted&c.cause != c.cause {
				t.Errorf("after %d ticks on %v because of %q, want %v because of %q", c.within, r.v.Rung, counted, c.want, c.cause)
			}
		})
	}
}

func TestDeadMindEndsOffAndDamped(t *testing.T) {
	r := newRig(t)
	dead := r.c
	softest := math.Inf(1)
	r.run(1600, func() { r.c = dead })
	softest = r.out.Command().KpNmRad[3] / r.m.Joints[3].KpNmRad
	if softest > 0.2 || r.out.Command().KdNmsRad[3] <= r.m.Joints[3].KdNmsRad {
		t.Errorf("after 1.6 s a crouch has %.2f of its stiffness, damping %g", softest, r.out.Command().KdNmsRad[3])
	}
	r.run(2000, func() { r.c = dead })
	if r.v.Rung != body.RungOff {
		t.Fatalf("after 3.6 s a dead mind leaves %v", r.v.Rung)
	}
	if tau := r.out.TorqueNm(3, 0, 0.5, unknownC); tau != 0 {
		t.Errorf("off gives %g N m", tau)
	}
	r.run(500, func() { r.in.Ack = true })
	if r.v.Rung != body.RungOff {
		t.Errorf("off did not latch: %v", r.v.Rung)
	}
}

func TestStopNeedsAnAcknowledgement(t *testing.T) {
	r := newRig(t)
	r.run(1, func() { r.in.Stop = true })
	r.run(300, nil)
	if r.v.Rung != body.RungCrouch || !r.v.Owed {
		t.Fatalf("after the stop was released: %v, owed %v", r.v.Rung, r.v.Owed)
	}
	r.run(1, func() { r.in.Ack = true })
	if r.v.Rung != body.RungBalance {
		t.Errorf("acknowledged: %v, want balance first", r.v.Rung)
	}
	r.run(101, nil)
	if r.v.Rung != body.RungPlan {
		t.Errorf("healthy again: %v", r.v.Rung)
	}
	r.run(1, func() { r.in.Stop = true })
	r.run(1, nil)
	r.run(1, func() { r.in.Stop = true })
	if r.v.Rung != body.RungOff {
		t.Errorf("a second press while crouching leads to %v", r.v.Rung)
	}
}

func TestAckHeldDownCountsOnce(t *testing.T) {
	r := newRig(t)
	r.run(1, func() { r.in.Ack = true })
	r.run(1, func() { r.in.Ack, r.in.Stop = true, true })
	r.run(500, func() { r.in.Ack = true })
	if r.v.Rung != body.RungCrouch {
		t.Errorf("a stuck acknowledgement leads up to %v", r.v.Rung)
	}
}

func TestBarrierBrakesBeforeTheStop(t *testing.T) {
	r := newRig(t)
	j := r.m.JointIndex("left_knee")
	upper := r.m.Joints[j].UpperRad
	r.run(1, func() { r.s.QRad[j], r.s.DQRadS[j], r.c.QRad[j], r.c.TauNm[j] = upper-0.05, 10, upper, 100 })
	if r.v.Limited&LimitBarrier == 0 {
		t.Fatalf("limits %v", r.v.Limited)
	}
	if tau := r.out.TorqueNm(j, upper-0.05, 10, unknownC); tau > -50 {
		t.Errorf("%g N m towards a stop 0.05 rad away at 10 rad/s", tau)
	}
	r = newRig(t)
	r.run(1, func() { r.s.QRad[j], r.s.DQRadS[j] = upper-0.05, 1 })
	if r.v.Limited&LimitBarrier != 0 {
		t.Error("the barrier acts at 1 rad/s, which stops in 2.5 mrad")
	}
}

func TestRateBoundsTheTorqueStep(t *testing.T) {
	r := newRig(t)
	j := r.m.JointIndex("left_hip_pitch")
	peak, last := r.m.Joints[j].Motor.TorqueNm, 0.0
	for k := 0; k < 8; k++ {
		r.run(1, func() { r.c.QRad[j] = r.m.StandRad[j] - 1 })
		tau := r.out.TorqueNm(j, r.m.StandRad[j], 0, unknownC)
		if math.Abs(tau-last) > rateOfPeak*peak+1e-9 {
			t.Fatalf("tick %d: torque steps from %g to %g N m", k, last, tau)
		}
		last = tau
	}
}

func TestHotWindingGivesLess(t *testing.T) {
	r := newRig(t)
	j := r.m.JointIndex("left_knee")
	peak := r.m.Joints[j].Motor.TorqueNm
	hot, done := 0, false
	r.run(60_000, func() {
		r.s.TauNm[j] = peak
		if !done {
			hot++
		}
		done = done || r.v.Rung != body.RungPlan
	})
	if !done || r.v.Causes&CauseOverheat == 0 && r.v.Rung != body.RungOff {
		t.Fatalf("a minute of peak torque leaves %v at %g °C", r.v.Rung, r.g.WindingC(j))
	}
	t.Logf("peak torque for %.1f s heats the knee to its limit", float64(hot)/1000)
	if hot < 5000 || hot > 40_000 {
		t.Errorf("the knee overheats after %d ms", hot)
	}
}

func TestGainsAreBoxed(t *testing.T) {
	r := newRig(t)
	r.run(1, func() { r.c.KpNmRad[0], r.c.KdNmsRad[1] = 1e6, -3 })
	c := r.out.Command()
	if c.KpNmRad[0] != 2*r.m.Joints[0].KpNmRad || c.KdNmsRad[1] != 0 || r.v.Limited&LimitGains == 0 {
		t.Errorf("granted kp %g, kd %g, limits %v", c.KpNmRad[0], c.KdNmsRad[1], r.v.Limited)
	}
}

func TestNewExplainsABadBody(t *testing.T) {
	for _, spoil := range []func(m *body.Model){
		func(m *body.Model) { m.Joints[4].LowerRad = 9 },
		func(m *body.Model) { m.Joints[4].KpNmRad = 0 },
		func(m *body.Model) { m.Joints[4].Motor.Efficiency = 0 },
		func(m *body.Model) { m.Joints[4].Motor.CopperWNm2 = math.NaN() },
	} {
		m := body.Humanoid()
		spoil(m)
		if _, err := New(m, Options{}); err == nil {
			t.Error("a body without range, gains or motor passes")
		}
	}
}

func TestNamesOfCausesAndLimits(t *testing.T) {
	if s := (CausePlanStale | CauseStopAgain).String(); s != "plan_stale+stop_again" {
		t.Error(s)
	}
	if s := (LimitGains | LimitPower).String(); s != "gains+power" {
		t.Error(s)
	}
	if s := Cause(0).String() + Limit(0).String(); s != "" {
		t.Error(s)
	}
}
