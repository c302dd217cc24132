package gate

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"robotd/body"
	"robotd/dynamics"
)

// TestReachesBoundTheSpeedOfEveryPoint: with every arm joint at its speed beside a person no point of the arm is faster than
// the cap, in any pose; and a bound that held by being tiny would prove nothing.
func TestReachesBoundTheSpeedOfEveryPoint(t *testing.T) {
	m := body.Humanoid()
	a := newArms(m)
	k := dynamics.New(m).NewData()
	rng := rand.New(rand.NewPCG(3, 3))
	n, worst := m.NJoints(), 0.0
	q, dq := make([]float64, n), make([]float64, n)
	for range 3000 {
		for j := range q {
			jt := &m.Joints[j]
			q[j], dq[j] = jt.LowerRad+(jt.UpperRad-jt.LowerRad)*rng.Float64(), 0
			if s := a.side[j]; s != neither {
				dq[j] = math.Copysign(a.speedRadS[s], rng.Float64()-0.5)
			}
		}
		k.Kinematics(body.Vec3{}, body.Quat{1, 0, 0, 0}, body.Vec3{}, body.Vec3{}, q, dq)
		for _, hand := range m.Hands {
			for _, at := range []body.Vec3{{}, {0, 0, -0.1}, {0.045, 0, -0.055}, {0, 0.045, -0.055}} {
				worst = math.Max(worst, k.PointVelocity(hand, at).Norm())
			}
		}
	}
	t.Logf("joints at %.3f rad/s: the fastest point makes %.3f m/s", a.speedRadS[0], worst)
	if worst > handMaxMS || worst < 0.5*handMaxMS || a.speedRadS[0] != a.speedRadS[1] {
		t.Errorf("%.3f m/s of %g", worst, handMaxMS)
	}
}

// TestArmsAreFoundByTheTree: fingers belong to their arm, a body without hands has no arms, and one whose chest is its base
// has them all the same.
func TestArmsAreFoundByTheTree(t *testing.T) {
	count := func(m *body.Model) (n [2]int) {
		a := newArms(m)
		for j := range m.Joints {
			if s := a.side[j]; s != neither {
				n[s]++
				if name := m.Joints[j].Name; !strings.Contains(name, []string{"left", "right"}[s]) {
					t.Errorf("%s belongs to arm %d", name, s)
				}
			}
		}
		return n
	}
	m := body.Humanoid()
	if n := count(m); n != [2]int{6, 6} {
		t.Errorf("%v joints a side", n)
	}
	bare := newArms(m)
	finger := m.Joints[m.Hands[0]-1]
	finger.Name, finger.Parent, finger.OriginM = "left_finger", m.Hands[0], body.Vec3{0, 0, -0.2}
	m.Joints = append(m.Joints, finger)
	m.Links = append(m.Links, body.Link{Name: "left_fingertip", Parent: m.Hands[0], MassKg: 0.05, ComM: body.Vec3{0, 0, -0.03}})
	m.StandRad, m.KnotRad = append(m.StandRad, 0), append(m.KnotRad, 0)
	if n := count(m); n != [2]int{7, 6} {
		t.Errorf("with a finger %v joints a side", n)
	}
	// The finger reaches 0.26 m beyond the hand's joint in place of 0.1 m, and turns about an axis of its own.
	if long := newArms(m); !(long.speedRadS[0] < 0.8*bare.speedRadS[0]) || long.speedRadS[1] != bare.speedRadS[1] {
		t.Errorf("a long finger slows its arm from %g to %g rad/s", bare.speedRadS[0], long.speedRadS[0])
	}
	m = body.Humanoid()
	m.Hands = [2]int{0, m.Chest}
	if n := count(m); n != [2]int{} {
		t.Errorf("without hands %v joints a side", n)
	}
	m = body.Humanoid()
	m.Chest = 0
	if n := newArms(m); n.side[m.JointIndex("left_elbow")] != 0 || n.side[m.JointIndex("left_knee")] != neither {
		t.Errorf("with the base as chest: %v", n.side[:m.NJoints()])
	}
}

func TestNearnessIsKnownOrAssumed(t *testing.T) {
	for _, c := range []struct {
		hardware bool
		said     Near
		near     bool
	}{{false, NearUnknown, false}, {false, NearNo, false}, {false, NearYes, true}, {false, 9, true},
		{true, NearUnknown, true}, {true, NearNo, false}, {true, NearYes, true}} {
		m := body.Humanoid()
		g, err := New(m, Options{Hardware: c.hardware})
		if err != nil {
			t.Fatal(err)
		}
		r := &rig{m: m, g: g}
		elbow, knee := m.JointIndex("left_elbow"), m.JointIndex("left_knee")
		r.run(5, func() { r.in.HumanNear = c.said })
		r.run(1, func() {
			r.in.HumanNear = c.said
			for _, j := range []int{elbow, knee} {
				r.c.QRad[j], r.c.DQRadS[j] = m.StandRad[j]+0.1, 5
			}
		})
		got := r.out.Command()
		step, w := got.QRad[elbow]-m.StandRad[elbow], g.arms.speedRadS[0]
		if r.v.Near != c.near || (r.v.Limited&LimitNear != 0) != c.near || got.QRad[knee]-m.StandRad[knee] < 0.09 {
			t.Fatalf("%+v: near %v, limits %v, knee %g", c, r.v.Near, r.v.Limited, got.QRad[knee])
		}
		if c.near && (math.Abs(step-w*1e-3) > 1e-12 || got.DQRadS[elbow] != w) || !c.near && (step < 0.09 || got.DQRadS[elbow] != 5) {
			t.Errorf("%+v: the elbow's set-point moves %g rad, speed %g", c, step, got.DQRadS[elbow])
		}
		if r.v.Limited&LimitRange != 0 {
			t.Errorf("%+v: limits %v", c, r.v.Limited)
		}
	}
}

// TestBesideAPersonTorqueOnlyBrakes: at the arm's speed no torque speeds it up and all of it brakes; at half the speed
// everything is there.
func TestBesideAPersonTorqueOnlyBrakes(t *testing.T) {
	r := newRig(t)
	j := r.m.JointIndex("left_wrist_pitch")
	peak, w := r.m.Joints[j].Motor.TorqueNm, r.g.arms.speedRadS[0]
	push := func(dq, tau float64) func() {
		return func() { r.in.HumanNear, r.s.DQRadS[j], r.c.TauNm[j] = NearYes, dq, tau }
	}
	r.run(10, push(0, 100))
	q := r.m.StandRad[j]
	if tau := r.out.TorqueNm(j, q, 0.4*w, unknownC); tau < 0.99*peak {
		t.Errorf("slow: %g N m of %g", tau, peak)
	}
	if tau := r.out.TorqueNm(j, q, w, unknownC); tau != 0 {
		t.Errorf("at the cap: %g N m along", tau)
	}
	if tau := r.out.TorqueNm(j, q, -2*w, unknownC); math.Abs(tau-peak) > 1e-9 {
		t.Errorf("beyond the cap: %g N m against, peak %g", tau, peak)
	}
	if cut := r.out.CutNm(j, 3, 2*w, unknownC); cut != 1.5 {
		t.Errorf("a step that ends too fast keeps %g N m of 3", cut)
	}
	if cut := r.out.CutNm(j, 3, 0.5*w, unknownC); cut != 3 {
		t.Errorf("a step that ends slow keeps %g N m of 3", cut)
	}
	target := r.out.Command().QRad[j]
	r.run(1, push(1.5*w, 100)) // too fast: the spring lets go where it would pull on, the set-point stays
	c := r.out.Command()
	if c.TauNm[j] != 0 || c.DQRadS[j] != 0 || c.KdNmsRad[j] != 3*r.m.Joints[j].KdNmsRad && c.KdNmsRad[j] != r.m.Joints[j].KdNmsRad {
		t.Errorf("too fast: %g N m, %g rad/s, kd %g", c.TauNm[j], c.DQRadS[j], c.KdNmsRad[j])
	}
	r.run(1, func() { push(1.5*w, 0)(); r.s.QRad[j] = target - 0.1 })
	if c = r.out.Command(); c.KpNmRad[j] != 0 || math.Abs(c.QRad[j]-target) > 2e-3 {
		t.Errorf("too fast towards the set-point: kp %g, set-point %g", c.KpNmRad[j], c.QRad[j])
	}
	r.run(1, func() { push(1.5*w, 0)(); r.s.QRad[j] = target + 0.1 })
	if c = r.out.Command(); c.KpNmRad[j] != r.m.Joints[j].KpNmRad {
		t.Errorf("too fast away from the set-point: kp %g", c.KpNmRad[j])
	}
	r.run(1, func() { push(-2.1*w, 0)(); r.s.QRad[j] = target + 0.1 })
	if c = r.out.Command(); c.QRad[j] != target+0.1 || c.KdNmsRad[j] != 3*r.m.Joints[j].KdNmsRad {
		t.Errorf("much too fast: the set-point is %g, the joint at %g, kd %g", c.QRad[j], target+0.1, c.KdNmsRad[j])
	}
}

// TestBesideAPersonAnArmIsHeld: stiffness and damping stay the model's own, whatever is asked for, until the robot falls.
func TestBesideAPersonAnArmIsHeld(t *testing.T) {
	r := newRig(t)
	elbow, knee := r.m.JointIndex("left_elbow"), r.m.JointIndex("left_knee")
	own := &r.m.Joints[elbow]
	for _, ask := range []float64{0, 1e3} {
		r.run(1, func() {
			r.in.HumanNear = NearYes
			for _, j := range []int{elbow, knee} {
				r.c.KpNmRad[j], r.c.KdNmsRad[j] = ask, ask
			}
		})
		c := r.out.Command()
		if c.KpNmRad[elbow] != own.KpNmRad || ask == 0 && (c.KdNmsRad[elbow] != own.KdNmsRad || c.KpNmRad[knee] != 0) {
			t.Errorf("asked for %g: elbow kp %g, kd %g; knee kp %g", ask, c.KpNmRad[elbow], c.KdNmsRad[elbow], c.KpNmRad[knee])
		}
	}
	r.run(1, func() { r.in.HumanNear = NearYes; r.in.Stop = true })
	r.run(1600, func() { r.in.HumanNear, r.c.StampNs = NearYes, 0 }) // the gate's own crouch
	if c := r.out.Command(); r.v.Rung != body.RungCrouch || c.KpNmRad[elbow] != own.KpNmRad || c.KpNmRad[knee] > 0.2*r.m.Joints[knee].KpNmRad {
		t.Errorf("on %v: elbow kp %g, knee kp %g", r.v.Rung, c.KpNmRad[elbow], c.KpNmRad[knee])
	}
	r.run(450, func() { r.in.HumanNear = NearYes; r.s.GyroRadS[0] = 4; r.s.AccelMS2 = body.Vec3{} })
	if c := r.out.Command(); r.v.Rung != body.RungFall || c.KpNmRad[elbow] > 0.2*own.KpNmRad {
		t.Errorf("on %v: elbow kp %g", r.v.Rung, c.KpNmRad[elbow])
	}
}

// sway moves the left elbow's target at 2 rad/s and reports contacts of the left arm.
func sway(r *rig, ms int, touch bool) {
	j := r.m.JointIndex("left_elbow")
	r.run(ms, func() {
		r.c.QRad[j] = math.Max(r.m.StandRad[j]-2e-9*float64(r.now), r.m.Joints[j].LowerRad)
		r.in.ArmContact[0] = touch
	})
}

func TestAContactTakesTheArmBack(t *testing.T) {
	r := newRig(t)
	j, other := r.m.JointIndex("left_elbow"), r.m.JointIndex("right_elbow")
	sway(r, 500, false)
	at := r.out.Command().QRad[j]
	if math.Abs(at-(r.m.StandRad[j]-1.01)) > 1e-9 {
		t.Fatalf("the elbow is at %g", at)
	}
	sway(r, 1, true)
	c := r.out.Command()
	if c.KpNmRad[j] != 0.3*r.m.Joints[j].KpNmRad || c.KdNmsRad[j] != r.m.Joints[j].KdNmsRad || r.v.Limited&LimitContact == 0 || c.KpNmRad[other] != r.m.Joints[other].KpNmRad {
		t.Errorf("touched: kp %g, kd %g, limits %v", c.KpNmRad[j], c.KdNmsRad[j], r.v.Limited)
	}
	for ms := 2; ms <= 400; ms++ { // it goes back as fast as it came, and no further than 0.3 s
		sway(r, 1, true)
		want := at + math.Min(2e-3*float64(ms), 0.6)
		if got := r.out.Command().QRad[j]; math.Abs(got-want) > 0.011 {
			t.Fatalf("%d ms after the touch the set-point is at %g, want %g", ms, got, want)
		}
	}
	back := r.out.Command().QRad[j]
	sway(r, 499, false) // it stays soft and back until there was quiet for half a second
	if c := r.out.Command(); c.QRad[j] != back || c.KpNmRad[j] != 0.3*r.m.Joints[j].KpNmRad || c.TauNm[j] != 0 {
		t.Errorf("499 ms of quiet: set-point moved %g, kp %g", c.QRad[j]-back, c.KpNmRad[j])
	}
	sway(r, 1, false)
	if got := back - r.out.Command().QRad[j]; math.Abs(got-0.5e-3) > 1e-12 {
		t.Errorf("free: the set-point moves %g rad in a tick", got)
	}
	sway(r, 399, false)
	if got := back - r.out.Command().QRad[j]; math.Abs(got-0.2) > 1e-9 || r.v.Limited&LimitContact == 0 {
		t.Errorf("free for 0.4 s: the set-point moved %g rad, limits %v", got, r.v.Limited)
	}
	if kp := r.out.Command().KpNmRad[j] / r.m.Joints[j].KpNmRad; math.Abs(kp-1) > 1e-9 {
		t.Errorf("free for 0.4 s: %g of the stiffness", kp)
	}
	sway(r, 5000, false)
	if c := r.out.Command(); c.QRad[j] != r.m.Joints[j].LowerRad || r.v.Limited&LimitContact != 0 || r.g.arms.touch[0].returning {
		t.Errorf("long after: set-point %g, limits %v", c.QRad[j], r.v.Limited)
	}
	if r.v.Rung != body.RungPlan || r.v.Counters.Falls != 0 {
		t.Errorf("on %v", r.v.Rung)
	}
}

// TestAnArmThatIsPushedOnGoesNoFurther: torque and speed that are asked for beside the set-point are dropped while in
// contact, and full stiffness comes back evenly.
func TestAnArmThatIsPushedOnGoesNoFurther(t *testing.T) {
	r := newRig(t)
	j := r.m.JointIndex("right_elbow")
	push := func(touch bool) func() {
		return func() {
			r.c.TauNm[j], r.c.DQRadS[j], r.c.KpNmRad[j], r.c.KdNmsRad[j], r.in.ArmContact[1] = -20, -5, 1e3, 1e3, touch
		}
	}
	r.run(5, push(false))
	r.run(5, push(true))
	c := r.out.Command()
	if c.TauNm[j] != 0 || c.DQRadS[j] != 0 || c.KpNmRad[j] != 0.3*r.m.Joints[j].KpNmRad || c.KdNmsRad[j] != 2*r.m.Joints[j].KdNmsRad {
		t.Errorf("in contact: %g N m, %g rad/s, kp %g, kd %g", c.TauNm[j], c.DQRadS[j], c.KpNmRad[j], c.KdNmsRad[j])
	}
	r.run(500, push(false))
	last := r.out.Command().KpNmRad[j]
	for ms := 1; ms <= 900; ms++ {
		r.run(1, push(false))
		kp := r.out.Command().KpNmRad[j]
		if want := math.Min(0.3+2e-3*float64(ms), 2) * r.m.Joints[j].KpNmRad; math.Abs(kp-want) > 1e-9 || kp < last {
			t.Fatalf("%d ms after quiet kp %g, want %g", ms, kp, want)
		}
		last = kp
	}
}

// TestTheWayBackIsTakenOnce: touched again on the way out, the arm goes back from where it is; touched before it has moved,
// it stays.
func TestTheWayBackIsTakenOnce(t *testing.T) {
	r := newRig(t)
	j := r.m.JointIndex("left_elbow")
	sway(r, 500, false)
	sway(r, 100, true)
	first := r.out.Command().QRad[j]
	sway(r, 900, false)
	out := r.out.Command().QRad[j]
	sway(r, 300, true)
	if again := r.out.Command().QRad[j]; again < out+0.14 || again > first+0.62 {
		t.Errorf("out to %g and touched again: back to %g, the first time to %g", out, again, first)
	}
	m, g := newGate(t)
	r = &rig{m: m, g: g}
	r.run(400, func() { r.in.ArmContact = [2]bool{true, true}; r.c.QRad[j] = -2 })
	if c := r.out.Command(); math.Abs(c.QRad[j]-m.StandRad[j]) > 1e-9 {
		t.Errorf("touched from the first tick the set-point is at %g", c.QRad[j])
	}
}

// TestTheWayBackStaysInsideTheRange: a joint that was found beyond its stop has a way that leads back there.
func TestTheWayBackStaysInsideTheRange(t *testing.T) {
	m, g := newGate(t)
	r := &rig{m: m, g: g}
	for elbow, stop := range map[string]float64{"left_elbow": 0.1, "right_elbow": -2.2} {
		j := m.JointIndex(elbow)
		g.Reset()
		r.run(1, func() { r.s.QRad[j], r.c.QRad[j] = stop+math.Copysign(0.3, stop), stop })
		if q := r.out.Command().QRad[j]; math.Abs(q) <= math.Abs(stop) {
			t.Fatalf("found at %g beyond the stop the set-point begins at %g", stop+0.3, q)
		}
		r.run(100, func() { r.c.QRad[j] = -0.5 })
		r.run(300, func() { r.c.QRad[j], r.in.ArmContact = -0.5, [2]bool{true, true} })
		if q := r.out.Command().QRad[j]; q != stop {
			t.Errorf("the way back leads to %g, the stop is at %g", q, stop)
		}
	}
}

// TestAFallingRobotSparesNoArm: contacts of a robot that falls or is off are the ground.
func TestAFallingRobotSparesNoArm(t *testing.T) {
	r := newRig(t)
	sway(r, 300, false)
	r.run(450, func() { r.in.ArmContact[0] = true; r.s.GyroRadS[0] = 4; r.s.AccelMS2 = body.Vec3{} })
	if r.v.Rung != body.RungFall || r.v.Limited&LimitContact != 0 {
		t.Errorf("on %v, limits %v", r.v.Rung, r.v.Limited)
	}
	if touch := r.g.arms.touch[0]; touch.retreating || touch.returning || touch.firm != stiffestKp {
		t.Errorf("%+v", touch)
	}
}
