package proprio

import (
	"math"
	"math/rand/v2"
	"testing"

	"robotd/body"
	"robotd/internal/rigid"
)

// bad writes the same number into every channel that the estimator reads.
func bad(in *body.Sensors, v float64) {
	for j := range in.QRad {
		in.QRad[j], in.DQRadS[j] = v, v
	}
	all := body.Vec3{v, v, v}
	in.GyroRadS, in.AccelMS2 = all, all
	in.Foot = [2]body.Wrench{{ForceN: all, MomentNm: all}, {ForceN: all, MomentNm: all}}
}

// TestWhatIsNoNumberIsBridged: for 20 ms no channel says anything sensible, at rest and in the middle of a push. What comes
// out are numbers throughout and hardly worse, then and later.
func TestWhatIsNoNumberIsBridged(t *testing.T) {
	for _, tc := range []struct {
		name string
		run  []tick
		at   int
		hurt off // at worst, beside what the estimate is off anyway
	}{{"standing", standing()[:1400], 1000, off{0.001, 0.003, 0.004}}, {"pushed", falling()[:1000], 560, off{0.003, 0.012, 0.008}}} {
		var calm []off
		replay(New(humanoid, DefaultOptions), tc.run, nil, func(i int, st *body.State) { calm = append(calm, between(st, &tc.run[i].truth)) })
		for _, v := range []float64{math.NaN(), math.Inf(-1), 1e308, -1e6} {
			var hurt off
			replay(New(humanoid, DefaultOptions), tc.run, func(i int, in *body.Sensors) {
				if i >= tc.at && i < tc.at+20 {
					bad(in, v)
				}
			}, func(i int, st *body.State) {
				o := between(st, &tc.run[i].truth)
				hurt = hurt.max(off{o.tiltRad - calm[i].tiltRad, o.velMS - calm[i].velMS, o.captureM - calm[i].captureM})
			})
			t.Logf("%s, %g: hurts by %.4f", tc.name, v, hurt)
			if !hurt.within(tc.hurt) {
				t.Errorf("%s, %g: hurts by %.4f, want %.4f", tc.name, v, hurt, tc.hurt)
			}
		}
	}
}

// TestGarbageFromTheFirstSample: an estimator that has never seen a number still answers with numbers, and takes the first
// real ones.
func TestGarbageFromTheFirstSample(t *testing.T) {
	run := standing()[:1000]
	for _, v := range []float64{math.NaN(), math.Inf(-1), 1e308} {
		var late off
		replay(New(humanoid, DefaultOptions), run, func(i int, in *body.Sensors) {
			if i < 100 {
				bad(in, v)
			}
		}, func(i int, st *body.State) {
			o := between(st, &run[i].truth)
			if !o.within(off{0.05, 0.1, 0.1}) {
				t.Fatalf("%g: tick %d: %+v", v, i, o)
			}
			if i > 300 {
				late = late.max(o)
			}
		})
		t.Logf("%g for the first 100 ms: from 300 ms on %.4f", v, late)
		if !late.within(off{0.012, 0.01, 0.012}) {
			t.Errorf("%g for the first 100 ms: from 300 ms on %.4f", v, late)
		}
	}
}

// TestOneChannelGone: an arm's encoder and the moment of a foot fall silent for good; the state is no worse.
func TestOneChannelGone(t *testing.T) {
	nan := math.NaN()
	elbow := humanoid.Body().JointIndex("left_elbow")
	rms, worst := score(New(humanoid, DefaultOptions), swaying(), func(i int, in *body.Sensors) {
		if i > 200 {
			in.QRad[elbow], in.DQRadS[elbow] = nan, nan
			in.Foot[body.Right].MomentNm = body.Vec3{nan, nan, nan}
		}
	})
	t.Logf("rms %.4f, worst %.4f", rms, worst)
	if !rms.within(off{0.011, 0.004, 0.008}) || !worst.within(off{0.018, 0.013, 0.014}) {
		t.Errorf("rms %.4f, worst %.4f", rms, worst)
	}
}

// slide lets the left leg's encoders tell of a foot that slides level at the speed.
func slide(in *body.Sensors, speedMS float64) {
	m := humanoid.Body()
	const legM = 0.61 // from hip to ankle
	in.DQRadS[m.JointIndex("left_hip_pitch")] += speedMS / legM
	in.DQRadS[m.JointIndex("left_ankle_pitch")] -= speedMS / legM
}

// TestSlippingFootMovesLittle: the left foot slides while the right one stands. The faster it does the less it is believed;
// a slow slide does worst.
func TestSlippingFootMovesLittle(t *testing.T) {
	for _, run := range [][]tick{standing()[:1600], falling()[:1600]} {
		for _, speed := range []float64{0.1, 0.3, 1, 7} {
			_, worst := score(New(humanoid, DefaultOptions), run, func(i int, in *body.Sensors) {
				if i >= 1000 && i < 1100 {
					slide(in, speed)
				}
			})
			t.Logf("left foot slides at %g m/s for 100 ms: velocity off by %.4f m/s, tilt by %.4f", speed, worst.velMS, worst.tiltRad)
			worst.captureM = 0 // it reads the faked speed itself
			if !worst.within(off{0.018, 0.055, 0}) {
				t.Errorf("left foot slides at %g m/s for 100 ms: %.4f", speed, worst)
			}
		}
	}
}

// TestLandingFootIsDoubted: the same slide does less when the foot has just come down than when it has stood for long.
func TestLandingFootIsDoubted(t *testing.T) {
	var hurt [2]float64
	for k, lift := range []int{800, 0} {
		run := standing()[:1100]
		replay(New(humanoid, DefaultOptions), run, func(i int, in *body.Sensors) {
			if i >= lift && i < lift+200 {
				in.Foot[body.Left] = body.Wrench{}
			}
			if i >= 1000 && i < 1010 {
				slide(in, 0.1)
			}
		}, func(i int, st *body.State) {
			if i >= 1000 {
				hurt[k] = math.Max(hurt[k], between(st, &run[i].truth).velMS)
			}
		})
	}
	t.Logf("a slide at 0.1 m/s for 10 ms: velocity off by %.4f m/s after landing, by %.4f later", hurt[0], hurt[1])
	if !(hurt[0] < 0.7*hurt[1]) {
		t.Errorf("a slide at 0.1 m/s for 10 ms: velocity off by %.4f m/s after landing, by %.4f later", hurt[0], hurt[1])
	}
}

// TestDeadFootSensor: one foot's force reads zero all the time, so it never counts as standing; the other does for both.
// With both dead the robot is thought to hang, and the figures are worse but bounded.
func TestDeadFootSensor(t *testing.T) {
	for _, tc := range []struct {
		name       string
		dead       []int
		run        []tick
		rms, worst off
	}{
		{"left, swaying", []int{0}, swaying(), off{0.011, 0.004, 0.008}, off{0.022, 0.015, 0.017}},
		{"left, falling", []int{0}, falling(), off{0.004, 0.009, 0.004}, off{0.019, 0.018, 0.015}},
		{"right, swaying", []int{1}, swaying(), off{0.011, 0.004, 0.008}, off{0.019, 0.014, 0.015}},
		{"right, falling", []int{1}, falling(), off{0.004, 0.006, 0.003}, off{0.020, 0.017, 0.017}},
		{"both, swaying", []int{0, 1}, swaying(), off{0.012, 0.06, 0.02}, off{0.035, 0.12, 0.05}},
	} {
		rms, worst := score(New(humanoid, DefaultOptions), tc.run, func(_ int, in *body.Sensors) {
			for _, side := range tc.dead {
				in.Foot[side] = body.Wrench{}
			}
		})
		t.Logf("%s: rms %.4f, worst %.4f", tc.name, rms, worst)
		if !rms.within(tc.rms) || !worst.within(tc.worst) {
			t.Errorf("%s: rms %.4f, worst %.4f; want %.4f and %.4f", tc.name, rms, worst, tc.rms, tc.worst)
		}
	}
}

// hang swings the body about a point lM above its base.
func hang(ticks int, stepS, ampRad float64, see func(i int, in *body.Sensors, rot body.Quat, vel body.Vec3)) {
	const lM = 1.0
	rng := rand.New(rand.NewPCG(3, 3))
	w := math.Sqrt(gravityMS2 / lM)
	var in body.Sensors
	copy(in.QRad[:], humanoid.Body().StandRad)
	gyroB, accB := vector(rng, 0.002), vector(rng, 0.03)
	for i := range ticks {
		sin, cos := math.Sincos(w * float64(i) * stepS)
		a, da, dda := ampRad*cos, -ampRad*w*sin, -ampRad*w*w*cos
		rot := rigid.AxisAngle(body.Vec3{0, 1, 0}, a)
		in.StampNs = int64(float64(i) * stepS * 1e9)
		in.GyroRadS = body.Vec3{0, da, 0}.Add(gyroB).Add(vector(rng, 0.005))
		in.AccelMS2 = body.Vec3{-dda * lM, 0, da * da * lM}.Add(rot.Conj().Rotate(body.Vec3{0, 0, gravityMS2})).Add(accB).Add(vector(rng, 0.05))
		see(i, &in, rot, rot.Rotate(body.Vec3{-da * lM, 0, 0}))
	}
}

// TestHangingOnAHoist for a minute, still or swinging, feet in the air: nothing tells of the velocity, but it stays bounded,
// and the tilt is known the better the less it swings.
func TestHangingOnAHoist(t *testing.T) {
	const stepS, half = 4e-3, 7500
	for _, tc := range []struct{ ampRad, tiltRad, velMS, lateRad, lateMS float64 }{
		{0, 0.02, 0.35, 0.01, 0.12},
		{0.1, 0.15, 2, 0.04, 0.9},
	} {
		e := New(humanoid, DefaultOptions)
		var st body.State
		var whole, late off
		hang(2*half, stepS, tc.ampRad, func(i int, in *body.Sensors, rot body.Quat, vel body.Vec3) {
			e.Step(in, &st)
			o := between(&st, &body.State{Rot: rot, VelMS: vel})
			o.captureM = 0
			whole = whole.max(o)
			if i > half {
				late = late.max(o)
			}
		})
		t.Logf("swinging by %g rad: at worst %.4f, after half a minute %.4f", tc.ampRad, whole, late)
		if !whole.within(off{tc.tiltRad, tc.velMS, 0}) || !late.within(off{tc.lateRad, tc.lateMS, 0}) {
			t.Errorf("swinging by %g rad: at worst %.4f, after half a minute %.4f", tc.ampRad, whole, late)
		}
	}
}

// TestFewerSamples: at 200 Hz the state is nearly as good.
func TestFewerSamples(t *testing.T) {
	for _, run := range [][]tick{swaying(), falling()} {
		var few []tick
		for i := 0; i < len(run); i += 5 {
			few = append(few, run[i])
		}
		rms, worst := score(New(humanoid, DefaultOptions), few, nil)
		t.Logf("rms %.4f, worst %.4f", rms, worst)
		if !rms.within(off{0.011, 0.012, 0.008}) || !worst.within(off{0.018, 0.03, 0.015}) {
			t.Errorf("rms %.4f, worst %.4f", rms, worst)
		}
	}
}

// TestAGapAtRestIsHarmless: after 0.3 s without a sample the standing robot is where it was; a gap is not integrated through.
func TestAGapAtRestIsHarmless(t *testing.T) {
	run := append(standing()[:600:600], standing()[900:1400]...)
	_, worst := score(New(humanoid, DefaultOptions), run, nil)
	t.Logf("worst %.4f", worst)
	if !worst.within(off{0.014, 0.010, 0.013}) {
		t.Errorf("worst %.4f", worst)
	}
}

// TestTimeNeverRunsBack: late and repeated samples are not integrated, and the stamp that goes out never falls.
func TestTimeNeverRunsBack(t *testing.T) {
	e := New(humanoid, DefaultOptions)
	run := falling()[:800]
	var last int64
	replay(e, run, nil, nil)
	pos := e.pos
	for i := range 20 {
		var st body.State
		old := run[len(run)-1-i%3].in
		e.Step(&old, &st)
		if st.StampNs < last || st.StampNs != run[len(run)-1].in.StampNs {
			t.Errorf("stamp %d after %d", st.StampNs, last)
		}
		last = st.StampNs
		if d := st.PosM.Sub(pos); math.Hypot(d[0], d[1]) != 0 {
			t.Errorf("moved by %v m", d)
		}
	}
}
