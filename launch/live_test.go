package launch

import (
	"bytes"
	"context"
	"errors"
	"image/gif"
	"math"
	"math/rand/v2"
	"net/http"
	"sort"
	"strings"
	"testing"
	"time"

	"robotd/body"
	"robotd/dash"
	"robotd/dynamics"
	"robotd/jepa"
	"robotd/mpc"
)

var liveModel = dynamics.New(body.Humanoid())

// watched makes a run of the balance planner: fast and unwatched unless edit says otherwise.
func watched(t testing.TB, edit func(*LiveOptions)) *Live {
	t.Helper()
	o := LiveOptions{Planner: Balance, PlanHz: 50, Search: mpc.Defaults(), Seed: 1, Duration: 2 * time.Second, Fast: true, NoDash: true}
	if edit != nil {
		edit(&o)
	}
	l, err := NewLive(liveModel, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := l.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return l
}

func run(t testing.TB, edit func(*LiveOptions)) *LiveReport {
	t.Helper()
	rep, err := watched(t, edit).Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func TestLiveRunAddsUp(t *testing.T) {
	rep := run(t, func(o *LiveOptions) { o.PushNs = [2]float64{1, 3} })
	sum := 0.0
	for _, share := range rep.RungShare {
		sum += share
	}
	if rep.Ticks != 2000 || rep.SimS != 2 || rep.Fell || rep.SafetyStop || rep.Actuators != 28 || rep.Pushes < 1 ||
		math.Abs(sum-1) > 1e-9 || rep.RungShare["balance"] < 0.99 || len(rep.RungShare) != body.NRungs {
		t.Errorf("%+v", rep)
	}
	p := rep.PowerW
	if !(p.Mean > 90 && p.Mean < 200 && p.Peak > p.Mean && p.Peak <= 500) || p.Source != "model" || rep.Violations != 0 {
		t.Errorf("power %+v, %d violations", p, rep.Violations)
	}
	if u := rep.TickUs; !(u.P50 > 0 && u.P50 <= u.P99 && u.P99 <= u.P999 && u.P999 <= u.Max) {
		t.Errorf("tick %+v", u)
	}
	if e := rep.Estimator; !(e.TiltRad > 0 && e.TiltRad < 0.1) {
		t.Errorf("estimator %+v", e)
	}
	if text := rep.Text(); !strings.Contains(text, "upright to the end") || !strings.Contains(text, "balance") {
		t.Error(text)
	}
}

// TestSameSeedSameTrajectory: pacing, watching and filming change nothing of what the robot does; the seed does.
func TestSameSeedSameTrajectory(t *testing.T) {
	model := jepa.NewModel(jepa.DefaultConfig(28), 1)
	for _, planner := range []Planner{Balance, Mode2} {
		set := func(edit func(*LiveOptions)) func(*LiveOptions) {
			return func(o *LiveOptions) {
				o.Planner, o.Model, o.PushNs, o.Duration = planner, model, [2]float64{1, 4}, 1500*time.Millisecond
				edit(o)
			}
		}
		first := run(t, set(func(*LiveOptions) {}))
		for name, edit := range map[string]func(*LiveOptions){
			"again":   func(*LiveOptions) {},
			"paced":   func(o *LiveOptions) { o.Fast = false },
			"watched": func(o *LiveOptions) { o.NoDash, o.Dash.Addr = false, "127.0.0.1:0" },
			"filmed":  func(o *LiveOptions) { o.Video, o.VideoHz = new(bytes.Buffer), 5 },
		} {
			if other := run(t, set(edit)); other.Trajectory != first.Trajectory {
				t.Errorf("%s, %s: trajectory %s, was %s", planner, name, other.Trajectory, first.Trajectory)
			}
		}
		if other := run(t, set(func(o *LiveOptions) { o.Seed = 2 })); other.Trajectory == first.Trajectory {
			t.Errorf("%s: another seed, the same trajectory", planner)
		}
	}
}

func TestStallLosesNoTick(t *testing.T) {
	stalled := false
	rep := run(t, func(o *LiveOptions) {
		o.Fast, o.Duration = false, 500*time.Millisecond
		o.Status = func(s *LiveStatus) {
			if s.SimS > 0.1 && !stalled {
				stalled = true
				time.Sleep(150 * time.Millisecond)
			}
		}
	})
	if rep.Ticks != 500 || rep.WorstMs < 100 || rep.WallS < 0.5 {
		t.Errorf("%d ticks, at worst %.0f ms behind, %.2f s", rep.Ticks, rep.WorstMs, rep.WallS)
	}
}

func TestEndedEarlySaysSo(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	l := watched(t, func(o *LiveOptions) {
		o.Status = func(s *LiveStatus) {
			if s.SimS > 0.5 {
				cancel()
			}
		}
	})
	rep, err := l.Run(ctx)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "of 2.0 s") || rep.Ticks < 500 || rep.Ticks > 600 {
		t.Errorf("%v after %d ticks", err, rep.Ticks)
	}
}

func TestStopCrouchesAndAckLiftsItUp(t *testing.T) {
	l := watched(t, func(o *LiveOptions) { o.NoDash, o.Dash.Addr = false, "127.0.0.1:0" })
	step := func(ms int) {
		for range ms {
			l.Step()
		}
	}
	step(200)
	post := func(path string) {
		order := "{}"
		if path == "/push" {
			order = `{"impulse_ns":[2,0,0]}`
		}
		resp, err := http.Post(l.Address()+path, "application/json", strings.NewReader(order))
		if err != nil || resp.StatusCode != http.StatusAccepted {
			t.Fatalf("%s: %v %v", path, resp, err)
		}
		resp.Body.Close()
	}
	post("/push")
	step(1)
	if l.account.pushes != 1 || l.account.lastPushNs != 2 {
		t.Errorf("pushed %d times, last %g N s", l.account.pushes, l.account.lastPushNs)
	}
	post("/estop")
	step(500)
	if r := l.robot.Granted.Rung(); r != body.RungCrouch {
		t.Errorf("half a second after the stop on %v", r)
	}
	post("/ack")
	step(200)
	if r := l.robot.Granted.Rung(); r != body.RungBalance {
		t.Errorf("after the acknowledgement on %v", r)
	}
	post("/estop")
	step(4500)
	if r := l.robot.Granted.Rung(); r != body.RungOff {
		t.Errorf("long after the stop on %v", r)
	}
	rep := l.Report()
	if !rep.SafetyStop || rep.Fell || rep.Violations != 0 {
		t.Errorf("%+v", rep)
	}
	post("/ack")
	step(1000)
	if r := l.robot.Granted.Rung(); r != body.RungBalance || l.account.down || l.restarts != 1 {
		t.Errorf("lifted up: on %v, down %v, %d restarts", r, l.account.down, l.restarts)
	}
}

func TestFallIsToldAndEndsOff(t *testing.T) {
	l := watched(t, nil)
	l.Command(dash.Command{Kind: dash.Push, ImpulseNs: body.Vec3{40, 0, 0}})
	l.o.Duration = 4 * time.Second
	rep, err := l.Run(context.Background())
	if err != nil || !rep.Fell || !rep.SafetyStop || rep.Ticks != 4000 || rep.RungShare["off"] == 0 {
		t.Errorf("%v %+v", err, rep)
	}
	if !strings.Contains(rep.Text(), "fell") {
		t.Error(rep.Text())
	}
}

// TestEyeReachesTheMind: HostStep runs at the camera's rate and leaves a visual latent.
func TestEyeReachesTheMind(t *testing.T) {
	l := watched(t, func(o *LiveOptions) {
		o.Planner, o.Model = Mode1, jepa.NewModel(jepa.DefaultConfig(28), 1)
	})
	frames := 0
	stamp := int64(-1)
	for range 1000 {
		l.Step()
		if l.head.StampNs != stamp {
			stamp = l.head.StampNs
			frames++
		}
	}
	if _, ok := l.robot.mind.Visual(); !ok || frames != cameraHz {
		t.Errorf("%d frames in a second, seen %v", frames, ok)
	}
}

func TestWatchedStepAllocatesNothing(t *testing.T) {
	l := watched(t, func(o *LiveOptions) {
		o.Planner, o.Model, o.PushNs = Mode2, jepa.NewModel(jepa.DefaultConfig(28), 1), [2]float64{1, 4}
		o.NoDash, o.Dash.Addr, o.Status = false, "127.0.0.1:0", func(*LiveStatus) {}
	})
	for range 200 {
		l.Step()
	}
	if n := testing.AllocsPerRun(10, func() {
		for range 100 {
			l.Step()
		}
	}); n != 0 {
		t.Errorf("%g allocations in 100 ms", n)
	}
}

// TestGhostOfThePresentIsTheRobot: a plan that asks for the present pose lies on the robot, whichever foot it stands on.
func TestGhostOfThePresentIsTheRobot(t *testing.T) {
	l := watched(t, nil)
	for range 300 {
		l.Step()
	}
	l.pose()
	l.sim.Truth(&l.truth)
	for _, onLeft := range []bool{true, false} {
		pos, rot := l.ghost.place(&l.truth.QRad, l.scene.Pos, l.scene.Rot, onLeft)
		for i := range pos {
			if d := pos[i].Sub(l.scene.Pos[i]).Norm(); d > 1e-9 {
				t.Errorf("link %d: %g m off", i, d)
			}
			if d := rot[i].Rotate(body.Vec3{1, 2, 3}).Sub(l.scene.Rot[i].Rotate(body.Vec3{1, 2, 3})).Norm(); d > 1e-9 {
				t.Errorf("link %d: turned by %g", i, d)
			}
		}
	}
}

func TestFilmHoldsTheRun(t *testing.T) {
	var out bytes.Buffer
	run(t, func(o *LiveOptions) {
		o.Video, o.VideoHz, o.Duration, o.PushNs = &out, 10, time.Second, [2]float64{1, 2}
	})
	g, err := gif.DecodeAll(&out)
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Image) != 10 || g.Delay[0] != 10 || g.Config.Width != filmWidth || g.Config.Height != filmHeight {
		t.Errorf("%d frames of %d×%d, delay %d", len(g.Image), g.Config.Width, g.Config.Height, g.Delay[0])
	}
}

func TestBadLiveOptionsAreRefused(t *testing.T) {
	for name, edit := range map[string]func(*LiveOptions){
		"robotd eval":     func(o *LiveOptions) { o.Planner = Oracle },
		"world model":     func(o *LiveOptions) { o.Planner = Mode2 },
		"divide 1000":     func(o *LiveOptions) { o.PlanHz = 7 },
		"ascending":       func(o *LiveOptions) { o.PushNs = [2]float64{5, 2} },
		"none negative":   func(o *LiveOptions) { o.PushNs = [2]float64{math.NaN(), 2} },
		"frames a second": func(o *LiveOptions) { o.Video, o.VideoHz = new(bytes.Buffer), 99 },
		"other machines":  func(o *LiveOptions) { o.NoDash, o.Dash.Addr = false, "0.0.0.0:0" },
	} {
		o := LiveOptions{Planner: Balance, PlanHz: 50, Search: mpc.Defaults(), NoDash: true}
		edit(&o)
		if l, err := NewLive(liveModel, o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want it to say %q", err, name)
			if l != nil {
				l.Close(context.Background())
			}
		}
	}
}

// TestHistogramAgreesWithSorting: the quantiles are those of the sorted values, to 1 %.
func TestHistogramAgreesWithSorting(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var h histogram
	var all []float64
	for range 20_000 {
		us := math.Exp(5 + 1.2*rng.NormFloat64())
		h.add(us)
		all = append(all, us)
	}
	sort.Float64s(all)
	for _, q := range []float64{0.01, 0.5, 0.9, 0.99, 0.999} {
		if got, want := h.quantile(q), all[int(math.Ceil(q*20_000))-1]; math.Abs(got/want-1) > 0.011 {
			t.Errorf("quantile %g: %g, want %g", q, got, want)
		}
	}
	if h.quantile(1) > h.most || h.most != all[len(all)-1] {
		t.Errorf("largest %g, want %g", h.most, all[len(all)-1])
	}
	for _, us := range []float64{0, -3, math.Inf(1), math.NaN()} {
		h.add(us) // a clock that jumps must not end the run
	}
}

// TestStoppableIsToldEveryTick: quiet standing can be stopped, a body in the middle of a push that topples it cannot.
func TestStoppableIsToldEveryTick(t *testing.T) {
	if rep := run(t, nil); !(rep.Stoppable > 0.9) {
		t.Errorf("standing: stoppable in %.0f %% of the ticks", 100*rep.Stoppable)
	}
	l := watched(t, nil)
	for range 500 {
		l.Step()
	}
	if !l.robot.Stoppable || l.robot.StopMarginM < 0.02 {
		t.Errorf("standing: %v, %.3f m", l.robot.Stoppable, l.robot.StopMarginM)
	}
	l.Command(dash.Command{Kind: dash.Push, ImpulseNs: body.Vec3{60, 0, 0}})
	for range 200 {
		l.Step()
	}
	if l.robot.Stoppable || l.robot.StopMarginM > 0 {
		t.Errorf("toppling: %v, %.3f m", l.robot.Stoppable, l.robot.StopMarginM)
	}
}
