package proprio

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"robotd/body"
	"robotd/internal/rigid"
)

// TestLevelledPointsUp: the first specific force gives the start its tilt, and no yaw worth the name.
func TestLevelledPointsUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		force := vector(rng, 10)
		if force.Norm() < 1 { // too little to tell
			continue
		}
		up := levelled(force).Rotate(force)
		if d := up.Sub(body.Vec3{0, 0, force.Norm()}).Norm(); d > 1e-9*force.Norm() {
			t.Fatalf("%v is turned to %v", force, up)
		}
	}
	for _, none := range []body.Vec3{{}, {0.3, 0.2, -0.1}, {0, 0, 9.81}} {
		if q := levelled(none); q != rigid.Identity {
			t.Errorf("%v: %v, want no turn", none, q)
		}
	}
}

// wrongStart takes the first sample and is then told that the robot leans and runs.
func wrongStart(o Options, first *body.Sensors, leanRad float64, rng *rand.Rand) *Estimator {
	e := New(humanoid, o)
	var st body.State
	e.Step(first, &st)
	e.f.reset(e.f.rot) // of which it is as sure as at the start
	way := 2 * math.Pi * rng.Float64()
	e.f.rot = rigid.Exp(body.Vec3{leanRad * math.Cos(way), leanRad * math.Sin(way), 0}).Mul(e.f.rot)
	vel := vector(rng, 1)
	e.f.vel = vel.Scale(1 / vel.Norm())
	return e
}

// TestWrongStartIsPutRight: up to 60° of lean and 1 m/s wrong in any direction, with a prior that allows for it, the filter
// is right after a quarter of a second; with the default prior, which says 0.6° and 0.2 m/s, the velocity is, and four fifths
// of the tilt are after one (the accelerometer's bias gets the blame for the rest, which nothing at rest can contradict).
func TestWrongStartIsPutRight(t *testing.T) {
	run := standing()[:1300]
	open := DefaultOptions
	open.StartTiltRad, open.StartVelMS = 1, 1
	for _, tc := range []struct {
		name  string
		o     Options
		after int
		want  func(leanRad float64) off
	}{
		{"open prior", open, 250, func(float64) off { return off{0.004, 0.007, 0.006} }},
		{"default prior", DefaultOptions, 1000, func(lean float64) off { return off{0.22*lean + 0.005, 0.03, 0.17*lean + 0.005} }},
	} {
		for _, deg := range []float64{10, 30, 60} {
			lean := deg * math.Pi / 180
			var late off
			for seed := range uint64(3) {
				e := wrongStart(tc.o, &run[0].in, lean, rand.New(rand.NewPCG(seed, 1)))
				replay(e, run[1:], nil, func(i int, st *body.State) {
					if i >= tc.after {
						late = late.max(between(st, &run[i+1].truth))
					}
				})
			}
			t.Logf("%s, %g° and 1 m/s: from %d ms on at worst %.4f", tc.name, deg, tc.after, late)
			if !late.within(tc.want(lean)) {
				t.Errorf("%s, %g° and 1 m/s: from %d ms on %+v, want %+v", tc.name, deg, tc.after, late, tc.want(lean))
			}
		}
	}
}

// TestAStartInMotion: in the jerk in which drives take hold, and in a push, the first specific force tells a tilt that is up to
// 0.3 rad wrong. A tenth of a second later it is put right. (A first sample that reads as rest does, turning below 0.05 rad/s and
// within 0.3 m/s² of gravity, is believed.)
func TestAStartInMotion(t *testing.T) {
	for _, tc := range []struct {
		name string
		run  []tick
		from int
	}{{"drives take hold", standing(), 3}, {"pushed", falling(), 510}, {"pushed", falling(), 590}, {"swaying", swaying(), 590}} {
		var first, late off
		replay(New(humanoid, DefaultOptions), tc.run[tc.from:], nil, func(i int, st *body.State) {
			o := between(st, &tc.run[tc.from+i].truth)
			if i == 0 {
				first = o
			} else if i >= 100 && i < 600 {
				late = late.max(o)
			}
		})
		t.Logf("%s, tick %d: off by %.3f, from 100 ms on at worst by %.4f", tc.name, tc.from, first, late)
		if !late.within(off{0.025, 0.025, 0.025}) {
			t.Errorf("%s, tick %d: from 100 ms on %.4f", tc.name, tc.from, late)
		}
	}
}

// TestTakenOverItGoesOn: an estimator that takes over in the middle of a fall is from then on the one that it took over from.
func TestTakenOverItGoesOn(t *testing.T) {
	run := falling()
	half := len(run) / 2
	old, young, alone := New(humanoid, DefaultOptions), New(humanoid, DefaultOptions), New(humanoid, DefaultOptions)
	replay(old, run[:half], nil, nil)
	replay(young, swaying()[:300], nil, nil) // what it thought before is forgotten
	var m Memory
	old.Remember(&m)
	young.TakeOver(&m)
	var states []body.State
	replay(old, run[half:], nil, func(_ int, st *body.State) { states = append(states, *st) })
	replay(young, run[half:], nil, func(i int, st *body.State) {
		if *st != states[i] {
			t.Fatalf("%d ms after: off by %.4f", i, between(st, &states[i]))
		}
	})
	_, worst := score(alone, run[half:], nil)
	t.Logf("one that begins there alone is off by %.4f", worst)
	if n := testing.AllocsPerRun(100, func() { old.Remember(&m); young.TakeOver(&m) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestBiasesAreFoundStanding: what a robot at rest can tell, the gyro's bias across the vertical and the accelerometer's
// along it. For the rest see the dance.
func TestBiasesAreFoundStanding(t *testing.T) {
	run := standing()
	gyro, accel := body.Vec3{0.006, -0.005, 0}, body.Vec3{0, 0, 0.12} // added to what the simulator drew
	plain, spoilt := New(humanoid, DefaultOptions), New(humanoid, DefaultOptions)
	replay(plain, run, nil, nil)
	_, worst := score(spoilt, run, func(_ int, in *body.Sensors) {
		in.GyroRadS, in.AccelMS2 = in.GyroRadS.Add(gyro), in.AccelMS2.Add(accel)
	})
	dg := spoilt.f.gyroB.Sub(plain.f.gyroB).Sub(gyro)
	da := spoilt.f.accB.Sub(plain.f.accB).Sub(accel)
	t.Logf("not found of %.4f rad/s and %.3f m/s²: %.5f and %.4f; worst %.4f", gyro, accel, dg, da, worst)
	if math.Hypot(dg[0], dg[1]) > 0.0008 || math.Abs(da[2]) > 0.003 || !worst.within(off{0.015, 0.017, 0.013}) {
		t.Errorf("not found: %.5f rad/s, %.4f m/s²; worst %.4f", dg, da, worst)
	}
}

// surprise is the squared error of tilt and velocity in units of the filter's own covariance, over its dimension: 1 on average
// where the filter knows how much it knows.
func surprise(f *filter, truth *body.State) float64 {
	so := *f
	so.rot, so.vel = truth.Rot, truth.VelMS
	x := invariant(f, &so)
	parts := []int{eRot, eRot + 1, eVel, eVel + 1, eVel + 2}
	e, p := mat.NewVecDense(5, nil), mat.NewSymDense(5, nil)
	for i, a := range parts {
		e.SetVec(i, x[a])
		for j, b := range parts {
			p.SetSym(i, j, f.p[a][b])
		}
	}
	var c mat.Cholesky
	var s mat.VecDense
	if !c.Factorize(p) || c.SolveVecTo(&s, e) != nil {
		return math.NaN()
	}
	return mat.Dot(e, &s) / 5
}

// TestFilterKnowsHowMuchItKnows: errors are as large as the covariance says, standing, swaying and falling; neither much
// larger nor a small part of it.
func TestFilterKnowsHowMuchItKnows(t *testing.T) {
	for _, run := range [][]tick{standing(), swaying(), falling()} {
		e := New(humanoid, DefaultOptions)
		sum, worst, n := 0.0, 0.0, 0.0
		replay(e, run, nil, func(i int, _ *body.State) {
			if i%5 == 0 {
				s := surprise(&e.f, &run[i].truth)
				sum, worst, n = sum+s, math.Max(worst, s), n+1
			}
		})
		mean := sum / n
		t.Logf("squared error over variance: mean %.2f, worst %.2f", mean, worst)
		if !(mean > 0.1 && mean < 1.3 && worst < 3) {
			t.Errorf("squared error over variance: mean %.2f, worst %.2f", mean, worst)
		}
	}
}

// TestCovarianceStaysOne: symmetric and positive at every tick, through a push, the fall and the floor. Scaled to
// correlations, since the parts have different units; yaw is known exactly at the start.
func TestCovarianceStaysOne(t *testing.T) {
	e := New(humanoid, DefaultOptions)
	c := mat.NewSymDense(nErr, nil)
	var eig mat.EigenSym
	least, skewest := math.Inf(1), 0.0
	replay(e, toppling(), nil, func(i int, _ *body.State) {
		p := &e.f.p
		for a := range nErr {
			for b := range a + 1 {
				size := math.Sqrt(p[a][a]*p[b][b]) + 1e-30
				c.SetSym(a, b, p[a][b]/size)
				skewest = math.Max(skewest, math.Abs(p[a][b]-p[b][a])/size)
			}
		}
		if i%20 != 19 {
			return
		}
		if !eig.Factorize(c, false) {
			t.Fatalf("tick %d: no eigenvalues: %v", i, p)
		}
		least = math.Min(least, eig.Values(nil)[0])
	})
	t.Logf("least eigenvalue of the correlations %.2g, asymmetry %.2g", least, skewest)
	if !(least > 0) || !(skewest < 1e-12) {
		t.Errorf("least eigenvalue of the correlations %g, asymmetry %g", least, skewest)
	}
}
