package mpc_test

import (
	"testing"

	"robotd/mpc"
)

// brink is where stopping ends: of the first joint in the last block.
const brink = 0.3

// tempting is cheaper the larger the first action.
func tempting() pricing {
	return func(_, a, _ []float32) (float64, bool) { return 1 - float64(a[0]), false }
}

func belowBrink(y []float32) bool { return y[0] < brink }

// TestATailStaysStoppable: while the older plan can be stopped where it ends, so can every newer one, and the search still goes to
// the brink. Without a judge it goes over it.
func TestATailStaysStoppable(t *testing.T) {
	o := steady(0.1)
	for _, judged := range []bool{true, false} {
		p := mpc.New(newProbe(2, o), tempting(), o, 1)
		if judged {
			p.AdmitBy(belowBrink)
		}
		rng, lost := seeded(1), 0
		p.Improve(make([]float32, 2), rng) // around the actor, whose tail stops; there is no older plan yet
		for call := range 60 {
			older := p.Plan()[2*(o.Blocks-1)]
			r := p.Improve(make([]float32, 2), rng)
			end := p.Plan()[2*(o.Blocks-1)]
			if !r.Admitted || judged && older < brink && end >= brink {
				t.Fatalf("call %d: %+v, ends at %g, the older one at %g", call, r, end, older)
			}
			if r.TailLost {
				lost++
			}
		}
		end := p.Plan()[2*(o.Blocks-1)]
		if judged && (end < brink/2 || lost == 0) || !judged && (end < brink || lost > 0) {
			t.Errorf("judged %v: ended at %g, %d plans not admitted for their tails", judged, end, lost)
		}
	}
}

// TestBeyondStoppingEveryPlanIsWelcome: where the older plan cannot be stopped either, the search is free.
func TestBeyondStoppingEveryPlanIsWelcome(t *testing.T) {
	o := steady(0.1)
	p := mpc.New(newProbe(2, o), tempting(), o, 1)
	p.AdmitBy(func([]float32) bool { return false })
	free := mpc.New(newProbe(2, o), tempting(), o, 1)
	a, b := seeded(1), seeded(1)
	for call := range 20 {
		r, want := p.Improve(make([]float32, 2), a), free.Improve(make([]float32, 2), b)
		if r != want || !within(p.Plan(), free.Plan(), 0) {
			t.Fatalf("call %d: %+v, want %+v", call, r, want)
		}
	}
}

// TestWhatStandsInIsLawful: the candidate that takes the place of a plan with a bad tail is judged by the guardrails too.
func TestWhatStandsInIsLawful(t *testing.T) {
	o := steady(0.1)
	unlawful := false
	c := pricing(func(_, a, _ []float32) (float64, bool) { return 1 - float64(a[0]), unlawful && a[0] < brink })
	p := mpc.New(newProbe(2, o), c, o, 1)
	p.AdmitBy(belowBrink)
	rng, met := seeded(1), false
	for range 60 {
		r := p.Improve(make([]float32, 2), rng)
		if unlawful && r.TailLost {
			met = true
			if r.Admitted {
				t.Fatalf("admitted %v", p.Plan())
			}
		}
		unlawful = p.Plan()[2*(o.Blocks-1)] > 0.7*brink // from now on only what cannot be stopped is lawful
	}
	if !met {
		t.Error("no plan had to be stood in for")
	}
}

// TestTailsAllocateNothing.
func TestTailsAllocateNothing(t *testing.T) {
	o := steady(0.1)
	p := mpc.New(newProbe(2, o), tempting(), o, 1)
	p.AdmitBy(func(y []float32) bool { return belowBrink(y) })
	prev, rng := make([]float32, 2), seeded(1)
	w := 0
	if n := testing.AllocsPerRun(50, func() {
		if p.Improve(prev, rng).TailLost {
			w++
		}
	}); n > 1 { // the probe's own record of rollouts grows
		t.Errorf("%g allocations", n)
	}
}
