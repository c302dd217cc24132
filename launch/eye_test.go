package launch

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"robotd/body"
	"robotd/dynamics"
	"robotd/jepa"
	"robotd/jepa/nn"
	"robotd/sim"
)

// standing returns the link poses of the standing robot.
func standing(m *body.Model) *sighting {
	e := newEye(m)
	e.begin()
	e.record(sim.New(m, sim.Options{}))
	return e.take()
}

// TestBallIsWhereTheCameraFrameSays puts balls at known places of the optical frame (REP-103: z forward, x right, y down).
func TestBallIsWhereTheCameraFrameSays(t *testing.T) {
	m := body.Humanoid()
	s, p := standing(m), newPainter(m)
	head := s.rot[m.Camera.Link]
	eye := s.pos[m.Camera.Link].Add(head.Rotate(m.Camera.PosM))
	optical := head.Mul(m.Camera.Rot)
	at := func(x, y, z float64) sim.Object {
		o := redBall
		o.PosM = eye.Add(optical.Rotate(body.Vec3{x, y, z}))
		return o
	}
	blue := at(0.01, 0, 0.6)
	blue.RGB, blue.RadiusM = otherBalls[0], 0.1
	away := at(0, 0, 1)
	away.VelMS = optical.Rotate(body.Vec3{0.5, 0, 0})
	for _, tc := range []struct {
		name                         string
		balls                        []sim.Object
		after                        float64
		bearing, elevation, distance float64
		inView                       bool
	}{
		{"ahead", []sim.Object{at(0, 0, 1)}, 0, 0, 0, 1, true},
		{"to the right", []sim.Object{at(0.5, 0, 1)}, 0, math.Atan(0.5), 0, math.Sqrt(1.25), true},
		{"below", []sim.Object{at(0, 0.3, 1)}, 0, 0, math.Atan(0.3), math.Sqrt(1.09), true},
		{"above to the left", []sim.Object{at(-0.2, -0.2, 0.4)}, 0, -math.Atan(0.5), -math.Atan(0.2 / math.Sqrt(0.2)), math.Sqrt(0.24), true},
		{"drifted to the right", []sim.Object{away}, 0.8, math.Atan(0.4), 0, math.Sqrt(1.16), true},
		{"outside the picture", []sim.Object{at(0.9, 0, 1)}, 0, math.Atan(0.9), 0, math.Sqrt(1.81), false},
		{"behind", []sim.Object{at(0.1, 0, -1)}, 0, math.Pi - math.Atan(0.1), 0, math.Sqrt(1.01), false},
		{"hidden by another ball", []sim.Object{at(0, 0, 1), blue}, 0, 0, 0, 1, false},
	} {
		p.paint(s.pos, s.rot, tc.balls, tc.after)
		got, inView := p.ball()
		want := [3]float64{tc.bearing, tc.elevation, tc.distance}
		for k := range want {
			if math.Abs(float64(got[k])-want[k]) > 1e-5 {
				t.Errorf("%s: %s = %.4f, want %.4f", tc.name, ballNames[k], got[k], want[k])
			}
		}
		if inView != tc.inView {
			t.Errorf("%s: in view is %v", tc.name, inView)
		}
	}
}

func TestFirstBallIsTheRedOneAndTheOnlyRedOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	counts := map[int]int{}
	for i := 0; i < 300; i++ {
		balls := randomObjects(rng)
		counts[len(balls)]++
		for k, b := range balls {
			if isRed(b.RGB[:]) != (k == 0) {
				t.Fatalf("ball %d has colour %v", k, b.RGB)
			}
		}
	}
	if len(counts) != 3 || counts[1] == 0 || counts[3] == 0 {
		t.Errorf("numbers of balls: %v, want 1 to 3", counts)
	}
}

// gatheredSight gathers a few frames of poses for the tests of sight.
func gatheredSight(t *testing.T, dm *dynamics.Model, frames int, seed uint64) *footage {
	t.Helper()
	p := sightPlan(frames, seed, &recorder{})
	p.seconds = 0.3 // the more episodes, the more balls
	f, err := gatherSight(context.Background(), dm, p)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestPicturesFollowFromTheSeedAlone(t *testing.T) {
	dm := dynamics.New(body.Humanoid())
	before := runtime.GOMAXPROCS(1)
	a := gatheredSight(t, dm, 120, 3)
	runtime.GOMAXPROCS(3)
	b := gatheredSight(t, dm, 120, 3)
	runtime.GOMAXPROCS(before)
	if a.Frames() != b.Frames() || len(a.Images) != a.Frames()*a.ImageLen || !bytes.Equal(a.Images, b.Images) {
		t.Fatal("another number of cores, other pictures")
	}
	b.paint(4)
	if bytes.Equal(a.Images, b.Images) {
		t.Error("another seed, the same balls")
	}
	b.paint(3)
	if !bytes.Equal(a.Images, b.Images) {
		t.Error("painting once more with the first seed gave other pictures")
	}
	if share := a.viewShare(); share < 0.4 || share > 0.95 {
		t.Errorf("the red ball is in view in %.2f of the frames", share)
	}
}

// TestSightFindsTheBall trains the visual part for a moment: it must then tell where the ball is better than random features
// do, on balls that it has never seen, and its prediction must beat 'nothing moves'.
func TestSightFindsTheBall(t *testing.T) {
	dm := dynamics.New(body.Humanoid())
	f := gatheredSight(t, dm, 1600, 11)
	test := &footage{Footage: f.Footage, m: f.m, poses: f.poses}
	test.Images, test.inView, test.ball = nil, nil, nil
	test.paint(99)
	m := jepa.NewModel(jepa.DefaultConfig(dm.Body().NJoints()), 2)
	before, err := measureSight(m, f, test, 7)
	if err != nil {
		t.Fatal(err)
	}
	o := jepa.DefaultSightOptions()
	const updates = 240
	tr := jepa.NewSightTrainer(m, &f.Footage, o, 5)
	sched := nn.Schedule{Peak: 2e-3, Warmup: 20, Total: updates}
	for i := 0; i < updates; i++ {
		if i > 0 && i%40 == 0 {
			f.paint(1000 + uint64(i))
		}
		tr.Update(&f.Footage, sched.At(i))
	}
	after, err := measureSight(m, f, test, 7)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("probe R² %s untrained, %s trained; ahead %+v", ballR2(before.ProbeR2), ballR2(after.ProbeR2), after.Ahead)
	for _, name := range ballNames[:2] {
		if after.ProbeR2[name] < before.ProbeR2[name]+0.1 {
			t.Errorf("%s: probe R² %.3f after training, %.3f before", name, after.ProbeR2[name], before.ProbeR2[name])
		}
	}
	if last := after.Ahead[len(after.Ahead)-1]; last.Latent > 0.97 {
		t.Errorf("%d blocks ahead: error %.3f of persistence", last.Blocks, last.Latent)
	}
	if after.Spectrum.MeanStd < 0.3 {
		t.Errorf("visual latent has collapsed: mean std %.3f", after.Spectrum.MeanStd)
	}
}
