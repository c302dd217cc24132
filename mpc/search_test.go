package mpc_test

import (
	"math"
	"slices"
	"testing"

	"robotd/mpc"
)

// within reports whether every element of a is at most by from that of b.
func within(a, b []float32, by float64) bool {
	for i := range a {
		if !(math.Abs(float64(a[i]-b[i])) <= by) {
			return false
		}
	}
	return true
}

// TestCandidatesStandAroundActorAndPlan looks at what is rolled out: one row is each centre itself, the others stay within six
// standard deviations of it.
func TestCandidatesStandAroundActorAndPlan(t *testing.T) {
	const k, sigma = 3, 0.01
	half := mpc.Defaults().Candidates / 2
	for _, tc := range []struct {
		name                string
		noSeed, noWarmStart bool
		first, again        float32 // centre of the upper half of the rows, in the first call and in the second
		lower               float32 // centre of the lower half in the second call
		asked               int     // of the actor, in two calls
	}{
		{"seed and warm start", false, false, 0.4, 0.4, -0.4, 10},
		{"no seed", true, false, 0, 0, 0, 0},
		{"no warm start", false, true, 0.4, -0.4, -0.4, 10},
		{"neither", true, true, 0, 0, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := steady(sigma)
			o.NoSeed, o.NoWarmStart = tc.noSeed, tc.noWarmStart
			w := newProbe(k, o)
			w.fill(0.4)
			p := mpc.New(w, near(0.41), o, 1)
			prev, rng := make([]float32, k), seeded(1)
			around := func(from, to int, centre float32, when string) {
				want := slices.Repeat([]float32{centre}, o.Blocks*k)
				for c := from; c < to; c++ {
					if !within(w.candidate(c), want, 6.5*sigma) {
						t.Fatalf("%s: row %d is not around %g: %v", when, c, centre, w.candidate(c))
					}
				}
			}
			r := p.Improve(prev, rng)
			around(0, o.Candidates, tc.first, "first call")
			if !within(w.candidate(0), slices.Repeat([]float32{tc.first}, o.Blocks*k), 1e-7) {
				t.Errorf("first call: row 0 is %v, want the centre itself", w.candidate(0))
			}
			if math.IsNaN(r.SeedCost) != tc.noSeed {
				t.Errorf("first call: seed cost %g", r.SeedCost)
			}
			plan := slices.Clone(p.Plan())
			w.fill(-0.4)
			p.Improve(prev, rng)
			// The plan itself may have moved a little from its centre.
			want := slices.Repeat([]float32{tc.lower}, o.Blocks*k)
			for c := range half {
				if !within(w.candidate(c), want, 12*sigma) {
					t.Fatalf("second call: row %d is not around %g: %v", c, tc.lower, w.candidate(c))
				}
			}
			for c := half; c < o.Candidates; c++ {
				if !within(w.candidate(c), slices.Repeat([]float32{tc.again}, o.Blocks*k), 12*sigma) {
					t.Fatalf("second call: row %d is not around %g: %v", c, tc.again, w.candidate(c))
				}
			}
			row := half
			if tc.noSeed {
				row = 0
			}
			if same := slices.Equal(w.candidate(row), plan); same == tc.noWarmStart {
				t.Errorf("second call: row %d equals the plan before: %v", row, same)
			}
			if w.asked != tc.asked {
				t.Errorf("the actor was asked %d times, want %d", w.asked, tc.asked)
			}
		})
	}
}

// TestNoWarmStartForgets gives two planners different pasts: without warm start the next plan is the same, with it is not.
func TestNoWarmStartForgets(t *testing.T) {
	for _, forget := range []bool{true, false} {
		o := steady(0.1)
		o.NoWarmStart = forget
		var plans [2][]float32
		for i, past := range []float32{0.5, -0.5} {
			w := newProbe(3, o)
			target := past
			c := pricing(func(y, a, prev []float32) (float64, bool) { return near(target)(y, a, prev) })
			p := mpc.New(w, c, o, 1)
			p.Improve(make([]float32, 3), seeded(1))
			target = 0
			p.Improve(make([]float32, 3), seeded(2))
			plans[i] = slices.Clone(p.Plan())
		}
		if slices.Equal(plans[0], plans[1]) != forget {
			t.Errorf("NoWarmStart %v: plans after different pasts are %v and %v", forget, plans[0][:3], plans[1][:3])
		}
	}
}

// TestResetForgets: after Reset a planner is as new.
func TestResetForgets(t *testing.T) {
	l := newLQR(lqrBlockS)
	o := lqrOptions()
	w := newLinearWorld(l, o.Candidates)
	used := mpc.New(w, quadratic{l, 1, 1}, o, 1)
	copy(w.now, l.unsaturated(seeded(5)))
	prev := make([]float32, lqrJoints)
	for range 30 {
		used.Improve(prev, seeded(1))
	}
	used.Reset()
	a := used.Improve(prev, seeded(2))
	fresh := mpc.New(w, quadratic{l, 1, 1}, o, 1)
	b := fresh.Improve(prev, seeded(2))
	if a != b || !slices.Equal(used.Plan(), fresh.Plan()) {
		t.Errorf("after Reset: %+v, as new: %+v", a, b)
	}
}

// TestSeedIsTheActorInClosedLoop rolls a linear actor out by hand: row 0 of the search is that sequence, clamped to [-1, 1],
// and SeedCost is its price.
func TestSeedIsTheActorInClosedLoop(t *testing.T) {
	l := newLQR(lqrBlockS)
	o := mpc.Defaults()
	for _, gain := range []float32{1, 20} {
		w := newLinearWorld(l, o.Candidates)
		w.proposes = func(x []float64, a []float32) {
			l.act(x, a)
			for i := range a {
				a[i] *= gain
			}
		}
		copy(w.now, l.unsaturated(seeded(6)))
		var sequence []float32
		x, clamped := slices.Clone(w.now), false
		for range o.Blocks {
			a := make([]float32, lqrJoints)
			w.proposes(x, a)
			for i, v := range a {
				a[i] = min(max(v, -1), 1)
				clamped = clamped || a[i] != v
			}
			l.move(x, a, 1)
			sequence = append(sequence, a...)
		}
		if clamped != (gain > 1) {
			t.Fatalf("gain %g: clamped %v: this test does not test what it says", gain, clamped)
		}
		c := quadratic{l, 1, 1}
		prev := make([]float32, lqrJoints)
		r := mpc.New(w, c, o, 1).Improve(prev, seeded(1))
		if want := mpc.Price(w, c, o.Gamma, sequence, prev); math.Abs(r.SeedCost-want) > 1e-6*want {
			t.Errorf("gain %g: seed cost %.8f, by hand %.8f", gain, r.SeedCost, want)
		}
		if r.Cost > r.SeedCost {
			t.Errorf("gain %g: the best candidate costs %.8f, more than the seed among them, %.8f", gain, r.Cost, r.SeedCost)
		}
	}
}

// TestNeverWorseThanTheSeed: without noise the plan is the better of the actor's sequence and the plan before; with little noise
// it is better than a seed that can be bettered, and worse than the optimum by the square of the noise at most.
func TestNeverWorseThanTheSeed(t *testing.T) {
	l := newLQR(lqrBlockS)
	c := quadratic{l, 1, 1}
	prev := make([]float32, lqrJoints)
	rng := seeded(8)
	for _, sigma := range []float64{0, 0.001, 0.01} {
		o := steady(sigma)
		for range 20 {
			w := newLinearWorld(l, o.Candidates)
			copy(w.now, l.unsaturated(rng))
			p := mpc.New(w, c, o, rng.Uint64())
			r := p.Improve(prev, rng)
			price := mpc.Price(w, c, o.Gamma, p.Plan(), prev)
			if price > r.SeedCost*(1+1e-6) || (sigma > 0 && price >= r.SeedCost) {
				t.Errorf("sigma %g: the plan costs %.8f, its seed %.8f", sigma, price, r.SeedCost)
			}
			w.proposes = l.act // the optimum; the plan before is worse
			r = p.Improve(prev, rng)
			after := mpc.Price(w, c, o.Gamma, p.Plan(), prev)
			if allowed := r.SeedCost*(1+1e-6) + sigma*sigma; after > allowed || after > price {
				t.Errorf("sigma %g: the plan costs %.8f, the optimal seed %.8f, the plan before %.8f", sigma, after, r.SeedCost, price)
			}
			w.proposes = func(_ []float64, a []float32) { clear(a) } // a worse seed than the plan before
			p.Improve(prev, rng)
			if last := mpc.Price(w, c, o.Gamma, p.Plan(), prev); last > after*(1+1e-6)+sigma*sigma {
				t.Errorf("sigma %g: the plan costs %.8f, the plan before %.8f", sigma, last, after)
			}
		}
	}
}

// TestShiftMovesThePlan: by a whole block each row takes the next one's place, by a fraction it goes that far; the last stays.
func TestShiftMovesThePlan(t *testing.T) {
	const k = 2
	o := mpc.Defaults()
	o.Candidates, o.Elites = 1, 1
	w := newProbe(k, o)
	for i := range w.actor {
		w.actor[i] = []float32{0.1, -0.2, 0.3, 0.5, -0.7, 0.9, 0.2, 0, 0.6, -1}[i]
	}
	for _, tc := range []struct {
		fraction float64
		want     []float32
	}{
		{0, []float32{0.1, -0.2, 0.3, 0.5, -0.7, 0.9, 0.2, 0, 0.6, -1}},
		{1, []float32{0.3, 0.5, -0.7, 0.9, 0.2, 0, 0.6, -1, 0.6, -1}},
		{0.5, []float32{0.2, 0.15, -0.2, 0.7, -0.25, 0.45, 0.4, -0.5, 0.6, -1}},
		{0.05, []float32{0.11, -0.165, 0.25, 0.52, -0.655, 0.855, 0.22, -0.05, 0.6, -1}},
	} {
		p := mpc.New(w, constant(1), o, 1)
		p.Improve(make([]float32, k), seeded(1))
		p.Shift(tc.fraction)
		if !within(p.Plan(), tc.want, 1e-6) {
			t.Errorf("shifted by %g: %v, want %v", tc.fraction, p.Plan(), tc.want)
		}
	}
}
