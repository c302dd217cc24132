package mpc_test

import (
	"math"
	"strings"
	"testing"

	"robotd/mpc"
)

// TestCheckRefusesByName: every option that no search can be run with is called by its name and value.
func TestCheckRefusesByName(t *testing.T) {
	nan := math.NaN()
	for _, tc := range []struct {
		want string
		bad  func(o *mpc.Options)
	}{
		{"0 candidates", func(o *mpc.Options) { o.Candidates = 0 }},
		{"-3 candidates", func(o *mpc.Options) { o.Candidates, o.Elites = -3, -4 }},
		{"0 blocks", func(o *mpc.Options) { o.Blocks = 0 }},
		{"-1 blocks", func(o *mpc.Options) { o.Blocks = -1 }},
		{"0 elites", func(o *mpc.Options) { o.Elites = 0 }},
		{"-1 elites", func(o *mpc.Options) { o.Elites = -1 }},
		{"49 elites of 48", func(o *mpc.Options) { o.Elites = o.Candidates + 1 }},
		{"discount 0 ", func(o *mpc.Options) { o.Gamma = 0 }},
		{"discount -0.5", func(o *mpc.Options) { o.Gamma = -0.5 }},
		{"discount 1 ", func(o *mpc.Options) { o.Gamma = 1 }},
		{"discount 1.5", func(o *mpc.Options) { o.Gamma = 1.5 }},
		{"discount NaN", func(o *mpc.Options) { o.Gamma = nan }},
		{"sigma -0.1", func(o *mpc.Options) { o.Sigma = -0.1 }},
		{"sigma NaN", func(o *mpc.Options) { o.Sigma = nan }},
		{"floor -0.1", func(o *mpc.Options) { o.SigmaFloor = -0.1 }},
		{"floor NaN", func(o *mpc.Options) { o.SigmaFloor = nan }},
		{"calm cost 0:", func(o *mpc.Options) { o.CalmCost = 0 }},
		{"calm cost -1", func(o *mpc.Options) { o.CalmCost = -1 }},
		{"calm cost NaN", func(o *mpc.Options) { o.CalmCost = nan }},
	} {
		o := mpc.Defaults()
		tc.bad(&o)
		if err := o.Check(); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%+v: %v, want an error that says %q", o, err, tc.want)
		}
	}
	if (&mpc.Options{}).Check() == nil {
		t.Error("the zero value is accepted")
	}
}

// TestWhatCheckAcceptsRuns: the house's search, and each option at its bound.
func TestWhatCheckAcceptsRuns(t *testing.T) {
	for _, set := range []func(o *mpc.Options){
		func(*mpc.Options) {},
		func(o *mpc.Options) { o.Candidates, o.Blocks, o.Elites = 1, 1, 1 },
		func(o *mpc.Options) { o.Elites = 1 },
		func(o *mpc.Options) { o.Elites = o.Candidates },
		func(o *mpc.Options) { o.Sigma, o.SigmaFloor = 0, 0 },
		func(o *mpc.Options) { o.Gamma, o.CalmCost = 1e-9, 1e-9 },
		func(o *mpc.Options) { o.Gamma = 1 - 1e-9 },
		func(o *mpc.Options) { o.NoCritic, o.NoSeed, o.NoWarmStart = true, true, true },
	} {
		o := mpc.Defaults()
		set(&o)
		if err := o.Check(); err != nil {
			t.Errorf("%+v: %v", o, err)
			continue
		}
		p := mpc.New(newProbe(2, o), constant(0.5), o, 1)
		for range 3 {
			if r := p.Improve(make([]float32, 2), seeded(1)); !r.Admitted || math.IsNaN(r.Cost) || !finite(p.Plan()) {
				t.Errorf("%+v: %+v, plan %v", o, r, p.Plan())
			}
		}
	}
}
