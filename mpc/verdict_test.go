package mpc_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"robotd/mpc"
)

// finite reports whether all of a plan is.
func finite(plan []float32) bool {
	for _, v := range plan {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return false
		}
	}
	return true
}

// TestNaNComesLast tempts the search: the cost falls towards a cliff behind which it is not a number.
func TestNaNComesLast(t *testing.T) {
	const cliff = 0.3
	c := pricing(func(_, a, _ []float32) (float64, bool) {
		if a[0] > cliff {
			return math.NaN(), false
		}
		return 1 - float64(a[0]), false
	})
	o := steady(0.1)
	w := newProbe(2, o)
	p := mpc.New(w, c, o, 1)
	rng := seeded(1)
	for call := range 40 {
		r := p.Improve(make([]float32, 2), rng)
		if !r.Admitted || math.IsNaN(r.Cost) || r.Cost > 1 || !finite(p.Plan()) {
			t.Fatalf("call %d: %+v, plan %v", call, r, p.Plan())
		}
		for h := range o.Blocks {
			if a := p.Plan()[2*h]; a > cliff+1e-6 {
				t.Fatalf("call %d: block %d goes over the cliff: %g", call, h, a)
			}
		}
	}
	if a := p.Plan()[0]; a < cliff/2 {
		t.Errorf("plan starts with %g: the search did not go near the cliff at %g", a, cliff)
	}
}

// TestOneSoundCandidate: where all but the actor's own sequence cost NaN or infinity, the plan is that sequence.
func TestOneSoundCandidate(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		o := steady(0.25)
		w := newProbe(2, o)
		w.fill(0.25)
		c := pricing(func(_, a, _ []float32) (float64, bool) {
			if a[0] == 0.25 && a[1] == 0.25 {
				return 0.5, false
			}
			return bad, false
		})
		p := mpc.New(w, c, o, 1)
		r := p.Improve(make([]float32, 2), seeded(1))
		if !r.Admitted || r.Cost > 1 || !within(p.Plan(), w.actor, 0) {
			t.Errorf("others cost %g: %+v, plan %v", bad, r, p.Plan())
		}
	}
}

// TestHopelessWorlds: where every future costs NaN, in the cost or in the critic, the plan is finite and not admitted.
func TestHopelessWorlds(t *testing.T) {
	for _, tc := range []struct {
		name         string
		price, value float64
	}{{"cost", math.NaN(), 0}, {"critic", 0.5, math.NaN()}, {"both", math.NaN(), math.NaN()}} {
		o := mpc.Defaults()
		w := newProbe(2, o)
		w.value = float32(tc.value)
		price := 0.5
		p := mpc.New(w, pricing(func(_, _, _ []float32) (float64, bool) { return price, false }), o, 1)
		rng := seeded(1)
		p.Improve(make([]float32, 2), rng)
		price = tc.price
		r := p.Improve(make([]float32, 2), rng)
		if r.Admitted || !math.IsInf(r.Cost, 1) || !finite(p.Plan()) {
			t.Errorf("%s NaN: %+v, plan %v; want a finite plan, infinite cost, not admitted", tc.name, r, p.Plan())
		}
	}
}

// TestSigmaFollowsCalm: noise is full until a plan promises block costs below CalmCost, shrinks with them to the floor, and is
// back one call after the calm is over. The critic has no say in it.
func TestSigmaFollowsCalm(t *testing.T) {
	o := mpc.Defaults()
	for _, noCritic := range []bool{false, true} {
		o.NoCritic = noCritic
		w := newProbe(2, o)
		w.value = 0.9
		price := 0.5
		p := mpc.New(w, pricing(func(_, _, _ []float32) (float64, bool) { return price, false }), o, 1)
		rng := seeded(1)
		for i, tc := range []struct{ price, sigma float64 }{
			{0, o.Sigma}, // of the call: what the call before promised
			{o.CalmCost / 2, o.Sigma * o.SigmaFloor}, {o.CalmCost / 5, o.Sigma / 2}, {o.CalmCost / 100, o.Sigma / 5},
			{o.CalmCost, o.Sigma * o.SigmaFloor}, {1, o.Sigma}, {0.01, o.Sigma}, {0.5, o.Sigma / 2},
			{0.01, o.Sigma}, // and calm again before the Reset
		} {
			price = tc.price
			r := p.Improve(make([]float32, 2), rng)
			if math.Abs(r.Sigma-tc.sigma) > 1e-9 {
				t.Errorf("NoCritic %v, call %d: sigma %g, want %g", noCritic, i, r.Sigma, tc.sigma)
			}
			widest := 0.0
			for _, v := range w.seen {
				widest = math.Max(widest, math.Abs(float64(v)))
			}
			if widest < tc.sigma || widest > 8*tc.sigma {
				t.Errorf("NoCritic %v, call %d: the widest noise is %g at sigma %g", noCritic, i, widest, tc.sigma)
			}
		}
		p.Reset()
		if r := p.Improve(make([]float32, 2), rng); r.Sigma != o.Sigma {
			t.Errorf("after Reset sigma is %g, want %g", r.Sigma, o.Sigma)
		}
	}
}

// TestCalmIsTheBestPlans: an actor that promises an uproar does not keep the noise up when the best candidate is calm.
func TestCalmIsTheBestPlans(t *testing.T) {
	o := mpc.Defaults()
	w := newProbe(2, o)
	w.fill(0.5)
	c := pricing(func(_, a, _ []float32) (float64, bool) {
		if a[0] == 0.5 { // the actor's own
			return 1, false
		}
		return o.CalmCost / 4, false
	})
	p := mpc.New(w, c, o, 1)
	rng := seeded(1)
	p.Improve(make([]float32, 2), rng)
	if r := p.Improve(make([]float32, 2), rng); math.Abs(r.Sigma-o.Sigma/4) > 1e-9 {
		t.Errorf("sigma %g after a best candidate at a quarter of the calm level, want %g", r.Sigma, o.Sigma/4)
	}
}

// TestAdmitted judges the mean at every block: one broken guardrail refuses it, wherever along the horizon; what breaks in
// the dear candidates alone does not.
func TestAdmitted(t *testing.T) {
	o := steady(0.25)
	type place struct {
		name   string
		unsafe func(block, action float32) bool
		want   bool
	}
	places := []place{
		{"nowhere", func(_, _ float32) bool { return false }, true},
		{"everywhere", func(_, _ float32) bool { return true }, false},
		{"where the cheap ones go", func(_, a float32) bool { return a > -0.05 }, false},
		{"where the dear ones go", func(_, a float32) bool { return a < -0.05 }, true},
	}
	for at := range o.Blocks {
		is := func(b float32) bool { return b == float32(at) }
		in := func(where string) string { return fmt.Sprintf("%s block %d", where, at) }
		places = append(places,
			place{in("in"), func(b, _ float32) bool { return is(b) }, false},
			place{in("everywhere but in"), func(b, _ float32) bool { return !is(b) }, false},
			place{in("where the cheap ones go in"), func(b, a float32) bool { return is(b) && a > -0.05 }, false},
			place{in("where the dear ones go in"), func(b, a float32) bool { return is(b) && a < -0.05 }, true})
	}
	for _, tc := range places {
		w := newProbe(1, o)
		p := mpc.New(w, pricing(func(y, a, _ []float32) (float64, bool) {
			return 1 - float64(a[0]), tc.unsafe(y[1], a[0])
		}), o, 1)
		rng := seeded(1)
		for range 5 {
			if r := p.Improve(make([]float32, 1), rng); r.Admitted != tc.want {
				t.Errorf("guardrail broken %s: admitted %v, want %v", tc.name, r.Admitted, tc.want)
			}
		}
	}
}

// between leads a planner's mean to 0 between two candidates that are as good as each other, the actor's sequence at -0.5 and
// the plan before at 0.5, and returns the verdict on it.
func between(t *testing.T, price pricing) mpc.Result {
	t.Helper()
	o := mpc.Defaults()
	o.Candidates, o.Elites, o.Sigma = 2, 2, 0
	w := newProbe(1, o)
	w.fill(0.5)
	p := mpc.New(w, price, o, 1)
	p.Improve([]float32{0.5}, seeded(1))
	w.fill(-0.5)
	r := p.Improve([]float32{0.5}, seeded(1))
	if want := make([]float32, o.Blocks); !slices.Equal(p.Plan(), want) {
		t.Fatalf("the plan is %v, want all 0: this test does not test what it says", p.Plan())
	}
	if w.candidate(0)[0] != -0.5 || w.candidate(1)[0] != 0.5 {
		t.Fatalf("candidates %v, want -0.5 and 0.5: this test does not test what it says", w.seen)
	}
	return r
}

// TestTheMeanIsJudgedNotItsElites: the mean of two lawful ways round an obstacle goes into it; the mean of two that leave the
// road on either side stays on it. One block is enough, and so is one of which nobody can say what it costs.
func TestTheMeanIsJudgedNotItsElites(t *testing.T) {
	for at := range mpc.Defaults().Blocks {
		here := func(y []float32) bool { return y[1] == float32(at) }
		middle := func(a []float32) bool { return a[0] > -0.1 && a[0] < 0.1 }
		for _, tc := range []struct {
			name  string
			price pricing
			want  bool
		}{
			{"free", func(_, _, _ []float32) (float64, bool) { return 0.5, false }, true},
			{"obstacle in the middle", func(y, a, _ []float32) (float64, bool) { return 0.5, here(y) && middle(a) }, false},
			{"ditches at the sides", func(y, a, _ []float32) (float64, bool) { return 0.5, here(y) && !middle(a) }, true},
			{"unpriced in the middle", func(y, a, _ []float32) (float64, bool) {
				if here(y) && middle(a) {
					return math.NaN(), false
				}
				return 0.5, false
			}, false},
			{"jump into block", func(y, a, prev []float32) (float64, bool) { // the mean comes from 0, but at first from 0.5
				return 0.5, here(y) && middle(a) && (prev[0] == 0.5) == (at == 0)
			}, false},
		} {
			if r := between(t, tc.price); r.Admitted != tc.want || math.Abs(r.Cost-r.SeedCost) > 1e-9 {
				t.Errorf("%s, block %d: %+v, want admitted %v and two candidates of one price", tc.name, at, r, tc.want)
			}
		}
	}
}

// TestTheMeanIsRolledOnItsOwn: after the candidates one row goes from the present through all blocks, and it is the plan.
func TestTheMeanIsRolledOnItsOwn(t *testing.T) {
	o := steady(0.25)
	w := newProbe(2, o)
	w.fill(0.3)
	p := mpc.New(w, near(-0.2), o, 1)
	rng := seeded(1)
	for range 5 {
		w.begun = nil
		p.Improve(make([]float32, 2), rng)
		if want := []int{1, o.Candidates, 1}; !slices.Equal(w.begun, want) || w.block != o.Blocks || !slices.Equal(w.lone, p.Plan()) {
			t.Fatalf("rollouts of %v rows, %d blocks of %v in the last; want %v (actor, candidates, mean), all of the plan %v",
				w.begun, w.block, w.lone, want, p.Plan())
		}
	}
}

// TestInfiniteCostIsNotAdmitted, be it of the blocks or the critic's, even where no guardrail is broken.
func TestInfiniteCostIsNotAdmitted(t *testing.T) {
	for _, tc := range []struct {
		name         string
		price, value float64
	}{{"blocks", math.Inf(1), 0}, {"critic", 0.5, math.Inf(1)}} {
		o := mpc.Defaults()
		w := newProbe(2, o)
		w.value = float32(tc.value)
		p := mpc.New(w, constant(tc.price), o, 1)
		rng := seeded(1)
		for range 2 {
			if r := p.Improve(make([]float32, 2), rng); r.Admitted || !math.IsInf(r.Cost, 1) || !finite(p.Plan()) {
				t.Errorf("%s infinite: %+v, plan %v; want a finite plan, infinite cost, not admitted", tc.name, r, p.Plan())
			}
		}
	}
}

// TestSafeDetourIsFound: where the guardrail costs what the house's cost module lets it cost, the search leaves the forbidden
// region within a block's twenty calls, and is admitted.
func TestSafeDetourIsFound(t *testing.T) {
	o := mpc.Defaults()
	o.NoCritic = true // costs are those of a mean block
	w := newProbe(2, o)
	w.fill(0.5)
	c := pricing(func(_, a, _ []float32) (float64, bool) {
		posture := float64((a[0]-0.5)*(a[0]-0.5) + a[1]*a[1])
		over := math.Min(math.Max(float64(a[0]-0.2)/0.2, 0), 1)
		return posture/(posture+1.5) + over, over >= 1
	})
	p := mpc.New(w, c, o, 1)
	rng := seeded(1)
	var r mpc.Result
	for range 20 {
		r = p.Improve(make([]float32, 2), rng)
	}
	if !r.Admitted || r.SeedCost < 1 || r.Cost > 0.25 {
		t.Errorf("%+v, want an admitted plan far cheaper than the actor's", r)
	}
	for h := range o.Blocks {
		if a := p.Plan()[2*h]; a > 0.3 {
			t.Errorf("block %d of the plan is at %g, forbidden from 0.4 on", h, a)
		}
	}
}
