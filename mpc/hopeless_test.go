package mpc_test

import (
	"math"
	"testing"

	"robotd/mpc"
)

// TestHopelessWorldsLeaveNoTrace: where every future costs NaN for a while, in the cost or in the critic, each plan is finite and
// not admitted; and once the world is sound again the next plan is finite and admitted.
func TestHopelessWorldsLeaveNoTrace(t *testing.T) {
	nan := math.NaN()
	for _, noSeed := range []bool{false, true} {
		for _, tc := range []struct {
			name         string
			price, value float64
		}{{"cost", nan, 0}, {"critic", 0, nan}, {"both", nan, nan}} {
			o := mpc.Defaults()
			o.NoSeed = noSeed
			w := newProbe(2, o)
			ill := 0.0
			p := mpc.New(w, pricing(func(_, a, _ []float32) (float64, bool) { return 0.5 + ill + float64(a[0]*a[0]+a[1]*a[1]), false }), o, 1)
			rng := seeded(1)
			p.Improve(make([]float32, 2), rng)
			ill, w.value = tc.price, float32(tc.value)
			for range 3 {
				r := p.Improve(make([]float32, 2), rng)
				if r.Admitted || !math.IsInf(r.Cost, 1) || !finite(p.Plan()) || math.IsNaN(r.Sigma) {
					t.Errorf("NoSeed %v, %s NaN: %+v, plan %v; want a finite plan, infinite cost, not admitted", noSeed, tc.name, r, p.Plan())
				}
			}
			ill, w.value = 0, 0
			if r := p.Improve(make([]float32, 2), rng); !r.Admitted || !finite(p.Plan()) || r.Sigma != o.Sigma {
				t.Errorf("NoSeed %v, after %s NaN: %+v, plan %v; want a finite plan, admitted", noSeed, tc.name, r, p.Plan())
			}
		}
	}
}

// TestOneTickOfNaN: the same after a single hopeless call.
func TestOneTickOfNaN(t *testing.T) {
	o := mpc.Defaults()
	w := newProbe(2, o)
	ill := math.NaN()
	p := mpc.New(w, pricing(func(_, a, _ []float32) (float64, bool) { return 0.5 + ill + float64(a[0]*a[0]+a[1]*a[1]), false }), o, 1)
	rng := seeded(1)
	p.Improve(make([]float32, 2), rng)
	ill = 0
	if r := p.Improve(make([]float32, 2), rng); !finite(p.Plan()) || math.IsNaN(r.Sigma) {
		t.Errorf("after one call of NaN: %+v, plan %v", r, p.Plan())
	}
}
