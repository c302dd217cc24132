package control

import (
	"math"
	"testing"

	"robotd/body"
)

// quiet is the state of a robot that stands as its standing pose says.
func quiet(m *body.Model) body.State {
	var st body.State
	copy(st.QRad[:], m.StandRad)
	s := standingOf(m)
	st.Balance.ComM, st.Balance.ChestUp, st.Balance.PelvisUp = s.comM, body.Vec3{0, 0, 1}, body.Vec3{0, 0, 1}
	return st
}

func TestPlanIsFollowedKnotByKnot(t *testing.T) {
	m := body.Humanoid()
	c, st := New(m), quiet(m)
	p := body.Plan{StartNs: 1000, BlockNs: 20e6, Blocks: 3}
	for h := range p.QRad[:3] {
		for j := range p.QRad[h] {
			p.QRad[h][j] = float64(h) + 0.01*float64(j)
		}
	}
	var out body.Command
	for now, want := range map[int64]int{-5e9: 0, 1000: 0, 20e6 + 999: 0, 20e6 + 1000: 1, 50e6: 2, 60e6 + 999: 2, 61e6: 2, 1 << 62: 2} {
		for _, rung := range []body.Rung{body.RungPlan, body.RungTail} {
			c.Reset() // nothing to come from: the knot at once
			c.Step(&Input{NowNs: now, State: &st, Plan: &p, Rung: rung}, &out)
			if out.QRad != p.QRad[want] {
				t.Errorf("%v at %d ns: knot %g, want %d", rung, now, out.QRad[0], want)
			}
		}
	}
	for j := range m.Joints {
		if out.KpNmRad[j] != m.Joints[j].KpNmRad || out.KdNmsRad[j] != m.Joints[j].KdNmsRad || out.TauNm[j] != 0 {
			t.Fatalf("joint %d: gains %g, %g", j, out.KpNmRad[j], out.KdNmsRad[j])
		}
	}
	for _, bad := range []*body.Plan{nil, {}, {Blocks: 3}, {Blocks: -1, BlockNs: 20e6}} {
		c.Step(&Input{State: &st, Plan: bad, Rung: body.RungPlan}, &out)
		if out.QRad[3] != m.StandRad[3] {
			t.Errorf("plan %v: knee at %g", bad, out.QRad[3])
		}
	}
	c.Step(&Input{NowNs: 1e9, State: &st, Plan: &body.Plan{Blocks: 99, BlockNs: 1}, Rung: body.RungPlan}, &out)
}

// TestKnotsAreJoinedByRamps: targets move evenly for 10 ms and then stand, and no rung begins with a jump.
func TestKnotsAreJoinedByRamps(t *testing.T) {
	m := body.Humanoid()
	c, st := New(m), quiet(m)
	p := body.Plan{BlockNs: 20e6, Blocks: 2}
	p.QRad[1][3] = 1
	var out body.Command
	for ms := int64(0); ms < 40; ms++ {
		c.Step(&Input{NowNs: ms * 1e6, State: &st, Plan: &p, Rung: body.RungPlan}, &out)
		if want := math.Min(math.Max(float64(ms-19)/10, 0), 1); math.Abs(out.QRad[3]-want) > 1e-9 {
			t.Fatalf("%d ms: %g, want %g", ms, out.QRad[3], want)
		}
	}
	knot := p.QRad[0]
	c.Step(&Input{NowNs: 40e6, State: &st, Rung: body.RungMode1, Knot: &knot}, &out)
	if math.Abs(out.QRad[3]-0.9) > 1e-9 {
		t.Errorf("the actor's knot begins at %g, want a tenth of the way", out.QRad[3])
	}
	other := New(m)
	other.CopyStateFrom(c)
	var again body.Command
	in := Input{NowNs: 41e6, State: &st, Rung: body.RungMode1, Knot: &knot}
	c.Step(&in, &out)
	other.Step(&in, &again)
	if out != again {
		t.Error("a copy goes on differently")
	}
}

func TestBalanceLeansAgainstThePush(t *testing.T) {
	m := body.Humanoid()
	var rest, q [body.MaxJoints]float64
	st := quiet(m)
	BalanceTargets(m, &st, &rest)
	for j, want := range m.StandRad {
		if math.Abs(rest[j]-want) > 1e-12 {
			t.Fatalf("quiet standing moves %s to %g", m.Joints[j].Name, rest[j])
		}
	}
	moved := func(name string) float64 { j := m.JointIndex(name); return q[j] - rest[j] }
	st.Balance.ComM[0] += 0.01
	st.Balance.ComVelMS[0] = 0.05
	BalanceTargets(m, &st, &q)
	if moved("left_ankle_pitch") <= 0 || moved("right_ankle_pitch") != moved("left_ankle_pitch") || moved("left_hip_pitch") >= 0 {
		t.Errorf("falling forward: ankle %g, hip %g", moved("left_ankle_pitch"), moved("left_hip_pitch"))
	}
	st = quiet(m)
	st.Balance.ComVelMS[1] = 0.05
	BalanceTargets(m, &st, &q)
	left := q
	if moved("left_ankle_roll") >= 0 || moved("left_hip_roll") <= 0 {
		t.Errorf("falling left: ankle roll %g, hip roll %g", moved("left_ankle_roll"), moved("left_hip_roll"))
	}
	st.Balance.ComVelMS[1] = -0.05
	BalanceTargets(m, &st, &q)
	for j := range rest {
		if math.Abs(left[j]+q[j]-2*rest[j]) > 1e-12 && math.Abs(m.KnotRad[j]) > 0 {
			t.Errorf("%s does not mirror: %g and %g about %g", m.Joints[j].Name, left[j], q[j], rest[j])
		}
	}
}

func TestNonsenseStateGivesFiniteTargets(t *testing.T) {
	m := body.Humanoid()
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64} {
		st := quiet(m)
		st.Balance.ComM, st.Balance.ComVelMS = body.Vec3{bad, bad, bad}, body.Vec3{bad, -bad, bad}
		var q [body.MaxJoints]float64
		BalanceTargets(m, &st, &q)
		for j := range m.Joints {
			if !(q[j] >= m.Joints[j].LowerRad && q[j] <= m.Joints[j].UpperRad) {
				t.Errorf("state of %g: %s at %g", bad, m.Joints[j].Name, q[j])
			}
		}
	}
}

// TestCrouchIsLowFlatAndOverTheFeet: the kneeling pose, sole flat, is lower and keeps the centre of mass where it stands.
func TestCrouchIsLowFlatAndOverTheFeet(t *testing.T) {
	m := body.Humanoid()
	c := New(m)
	g := c.stand.leg[body.Left]
	com := comOverFeet(m, &c.crouchRad)
	lean := -(c.crouchRad[g.hipPitch] + c.crouchRad[g.knee] + c.crouchRad[g.anklePitch])
	sin, cos := math.Sincos(lean)
	x, z := cos*com[0]+sin*com[2], cos*com[2]-sin*com[0]
	t.Logf("kneel: knee %.2f, hip %.2f, ankle %.2f, lean %.2f rad; centre of mass at %.3f m (standing %.3f), %.2f m high (standing %.2f)",
		c.crouchRad[g.knee], c.crouchRad[g.hipPitch], c.crouchRad[g.anklePitch], lean, x, c.stand.comM[0], z, c.stand.comM[2])
	if math.Abs(x-c.stand.comM[0]) > 0.005 || z > c.stand.comM[2]-0.15 {
		t.Errorf("centre of mass at %.3f, %.3f m", x, z)
	}
}

func TestLowerRungsGrowSoft(t *testing.T) {
	m := body.Humanoid()
	c, st := New(m), quiet(m)
	var out body.Command
	last := math.Inf(1)
	for ms := int64(0); ms <= 2000; ms += 100 {
		c.Step(&Input{NowNs: ms * 1e6, State: &st, Rung: body.RungCrouch}, &out)
		if out.KpNmRad[3] > last || out.KdNmsRad[3] < m.Joints[3].KdNmsRad {
			t.Fatalf("%d ms: kp %g, kd %g", ms, out.KpNmRad[3], out.KdNmsRad[3])
		}
		last = out.KpNmRad[3]
	}
	for j := range m.Joints {
		if math.Abs(out.QRad[j]-c.crouchRad[j]) > 1e-12 {
			t.Errorf("after 1.5 s %s is at %g, the crouch ends at %g", m.Joints[j].Name, out.QRad[j], c.crouchRad[j])
		}
	}
	c.Step(&Input{NowNs: 3e9, State: &st, Rung: body.RungOff}, &out)
	if out.KpNmRad[3] != 0 || out.KdNmsRad[3] != 0 {
		t.Error("off has gains")
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	m := body.Humanoid()
	c, st := New(m), quiet(m)
	var out body.Command
	var q [body.MaxJoints]float64
	in := Input{State: &st, Knot: &q}
	if n := testing.AllocsPerRun(200, func() {
		in.NowNs += 1e6
		in.Rung = (in.Rung + 1) % 7
		c.Step(&in, &out)
		BalanceTargets(m, &st, &q)
	}); n != 0 {
		t.Errorf("%g allocations a tick", n)
	}
}

func BenchmarkStepBalance(b *testing.B) {
	m := body.Humanoid()
	c, st := New(m), quiet(m)
	var out body.Command
	in := Input{State: &st, Rung: body.RungBalance}
	for b.Loop() {
		c.Step(&in, &out)
	}
}

func BenchmarkBalanceTargets(b *testing.B) {
	m := body.Humanoid()
	st := quiet(m)
	var q [body.MaxJoints]float64
	for b.Loop() {
		BalanceTargets(m, &st, &q)
	}
}
