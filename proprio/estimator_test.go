package proprio

import (
	"math"
	"testing"

	"robotd/body"
	"robotd/dynamics"
	"robotd/internal/rigid"
	"robotd/sim"
)

// TestEstimatorFollowsTheTruthUntilTheFall holds every quantity that the costs read against the simulator's truth while the
// robot stands, is pushed and topples: sensors are noisy and biased, truth is never shown.
func TestEstimatorFollowsTheTruthUntilTheFall(t *testing.T) {
	for _, tc := range []struct {
		name       string
		run        []tick
		rms, worst off
	}{
		{"standing", standing(), off{0.004, 0.003, 0.003}, off{0.014, 0.010, 0.013}},
		{"swaying", swaying(), off{0.011, 0.0035, 0.008}, off{0.018, 0.012, 0.014}},
		{"falling", falling(), off{0.004, 0.007, 0.0035}, off{0.014, 0.014, 0.013}},
	} {
		rms, worst := score(New(humanoid, DefaultOptions), tc.run, nil)
		t.Logf("%s, %d ms: rms %.4f, worst %.4f", tc.name, len(tc.run), rms, worst)
		if !rms.within(tc.rms) || !worst.within(tc.worst) {
			t.Errorf("%s: rms %.4f, worst %.4f; want %.4f and %.4f", tc.name, rms, worst, tc.rms, tc.worst)
		}
	}
}

// TestWithoutNoiseTheEstimateIsExactAtRest leaves no error to hide behind.
func TestWithoutNoiseTheEstimateIsExactAtRest(t *testing.T) {
	run := record(5, 0, 1000, sim.Options{Noiseless: true})
	var est body.State
	replay(New(humanoid, DefaultOptions), run, nil, func(_ int, st *body.State) { est = *st })
	truth := &run[len(run)-1].truth
	got, want := est.Balance.Quantities(), truth.Balance.Quantities()
	worst := 0.0
	for i := range got[:body.FeatLeftLoad] {
		worst = math.Max(worst, math.Abs(got[i]-want[i]))
		if math.Abs(got[i]-want[i]) > 1e-4 {
			t.Errorf("%s: %.6f, truth %.6f", body.FeatureTable[i].Name, got[i], want[i])
		}
	}
	if z := est.PosM[2] - truth.PosM[2]; math.Abs(z) > 5e-4 {
		t.Errorf("base %.5f m high, truth %.5f", est.PosM[2], truth.PosM[2])
	}
	t.Logf("worst quantity off by %.2g, height by %.2g m", worst, est.PosM[2]-truth.PosM[2])
}

func TestHeadingAndPositionAreNotClaimed(t *testing.T) {
	// Turning the world about the vertical changes no sensor, so the balance quantities must not depend on yaw.
	k := humanoid.NewData()
	m := humanoid.Body()
	var still [body.MaxJoints]float64
	var feet [2]body.Wrench
	var first body.Balance
	for i, yaw := range []float64{0, 1, -2.5} {
		rot := body.Quat{math.Cos(yaw / 2), 0, 0, math.Sin(yaw / 2)}.Mul(body.Quat{math.Cos(0.1), 0, math.Sin(0.1), 0})
		vel := body.Vec3{0.3 * math.Cos(yaw), 0.3 * math.Sin(yaw), 0}
		k.Kinematics(body.Vec3{float64(i), 2, 0.8}, rot, vel, body.Vec3{}, m.StandRad, still[:m.NJoints()])
		var b body.Balance
		k.Balance(body.Vec3{}, &feet, &b)
		if i == 0 {
			first = b
			continue
		}
		got, want := b.Quantities(), first.Quantities()
		for j := range got {
			if math.Abs(got[j]-want[j]) > 1e-9 {
				t.Errorf("yaw %g: %s %.6f, was %.6f", yaw, body.FeatureTable[j].Name, got[j], want[j])
			}
		}
	}
}

// TestIMUMayBeMountedTurned: the same motion, felt by an IMU that is screwed on askew, gives the same state.
func TestIMUMayBeMountedTurned(t *testing.T) {
	mount := rigid.Exp(body.Vec3{0.7, -1.9, 0.4})
	askew := body.Humanoid()
	askew.IMU.Rot = mount
	a, b := New(humanoid, DefaultOptions), New(dynamics.New(askew), DefaultOptions)
	var straight []body.State
	replay(a, falling(), nil, func(_ int, st *body.State) { straight = append(straight, *st) })
	worst := 0.0
	replay(b, falling(), func(_ int, in *body.Sensors) {
		in.GyroRadS, in.AccelMS2 = mount.Conj().Rotate(in.GyroRadS), mount.Conj().Rotate(in.AccelMS2)
	}, func(i int, st *body.State) {
		s := &straight[i]
		for k, v := range st.Rot {
			worst = math.Max(worst, math.Abs(v-s.Rot[k]))
		}
		worst = math.Max(worst, st.VelMS.Sub(s.VelMS).Norm()+st.AngVelRadS.Sub(s.AngVelRadS).Norm()+st.PosM.Sub(s.PosM).Norm())
	})
	if !(worst < 1e-9) {
		t.Errorf("the states are %g apart", worst)
	}
}

// TestContactHasTwoThresholds: a foot stands from OnN on, and then down to OffN; the other has no say.
func TestContactHasTwoThresholds(t *testing.T) {
	for side := range 2 {
		e := New(humanoid, DefaultOptions)
		in, st := standing()[0].in, body.State{}
		in.Foot = [2]body.Wrench{}
		in.Foot[1-side].ForceN[2] = 300
		for _, tc := range []struct {
			forceN float64
			stands bool
		}{{0, false}, {39, false}, {41, true}, {39, true}, {16, true}, {14, false}, {39, false}, {-300, false}, {300, true}, {-300, false}} {
			in.StampNs += 1e6
			in.Foot[side].ForceN[2] = tc.forceN
			e.Step(&in, &st)
			if st.Contact[side] != tc.stands || !st.Contact[1-side] {
				t.Errorf("foot %d at %g N, the other loaded: contacts %v", side, tc.forceN, st.Contact)
			}
		}
	}
}

// TestPressurePointIsOnTheSole: My/−Fz forward, Mx/Fz to the left of the sole's centre, never beyond its corners.
func TestPressurePointIsOnTheSole(t *testing.T) {
	foot := &humanoid.Body().Feet[body.Left]
	for _, tc := range []struct {
		moment body.Vec3
		forceN float64
		want   body.Vec3 // of the sole's centre
	}{
		{body.Vec3{}, 200, body.Vec3{}},
		{body.Vec3{0, -4, 0}, 200, body.Vec3{0.02, 0, 0}},
		{body.Vec3{4, 0, 9}, 200, body.Vec3{0, 0.02, 0}},
		{body.Vec3{1, 4, 0}, 200, body.Vec3{-0.02, 0.005, 0}},
		{body.Vec3{1e5, -1e5, 0}, 200, foot.CornerM[0].Sub(foot.SoleM)},
		{body.Vec3{-1e5, 1e5, 0}, 0, foot.CornerM[3].Sub(foot.SoleM)},
	} {
		got := pressurePoint(foot, &body.Wrench{ForceN: body.Vec3{0, 0, tc.forceN}, MomentNm: tc.moment})
		if d := got.Sub(foot.SoleM).Sub(tc.want); math.Hypot(d[0], d[1]) > 1e-9 {
			t.Errorf("moment %v at %g N: %v off the sole's centre, want %v", tc.moment, tc.forceN, got.Sub(foot.SoleM), tc.want)
		}
	}
}

// TestResetForgets: after Reset an estimator is as new, to the bit.
func TestResetForgets(t *testing.T) {
	used, fresh := New(humanoid, DefaultOptions), New(humanoid, DefaultOptions)
	replay(used, toppling(), nil, nil)
	used.Reset()
	var want []body.State
	run := swaying()[:300]
	replay(fresh, run, nil, func(_ int, st *body.State) { want = append(want, *st) })
	replay(used, run, nil, func(i int, st *body.State) {
		if *st != want[i] {
			t.Fatalf("tick %d differs", i)
		}
	})
}

// TestStepDoesNotAllocate, with feet on the ground or in the air.
func TestStepDoesNotAllocate(t *testing.T) {
	e := New(humanoid, DefaultOptions)
	var st body.State
	s := swaying()[700].in
	for _, loaded := range []bool{true, false} {
		if !loaded {
			s.Foot = [2]body.Wrench{}
		}
		if n := testing.AllocsPerRun(50, func() { s.StampNs += 1e6; e.Step(&s, &st) }); n != 0 {
			t.Errorf("feet on the ground %v: %g allocations a step", loaded, n)
		}
	}
}

// BenchmarkStep times one sample of a standing robot.
func BenchmarkStep(b *testing.B) {
	e := New(humanoid, DefaultOptions)
	var st body.State
	s := standing()[700].in
	b.ReportAllocs()
	for b.Loop() {
		s.StampNs += 1e6
		e.Step(&s, &st)
	}
}
