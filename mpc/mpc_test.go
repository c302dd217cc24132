package mpc_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"robotd/mpc"
)

// TestPriceByHand: two blocks, γ = 0.5, critic 0.8. (1−γ)(c₀ + γ c₁) + γ² V.
func TestPriceByHand(t *testing.T) {
	o := mpc.Defaults()
	o.Blocks = 2
	w := newProbe(1, o)
	w.value = 0.8
	// The price reads the feature (the action that led there), the action and the action before.
	c := pricing(func(y, a, prev []float32) (float64, bool) { return float64(y[0] + 10*a[0] + 100*prev[0]), false })
	// c₀ = 0.5 + 5 + 25 = 30.5, c₁ = 0.75 + 7.5 + 50 = 58.25; 0.5·30.5 + 0.25·58.25 + 0.25·0.8
	if got, want := mpc.Price(w, c, 0.5, []float32{0.5, 0.75}, []float32{0.25}), 30.0125; math.Abs(got-want) > 1e-6 {
		t.Errorf("price %.7f, want %.7f", got, want)
	}
	if got, want := mpc.Price(w, c, 0.5, nil, []float32{0.25}), 0.8; math.Abs(got-want) > 1e-6 {
		t.Errorf("price of no plan %.7f, want the critic's %.7f", got, want)
	}
}

// TestCandidatesArePricedAsPlans: the cost that Improve reports is Price's of the same plan, and without the critic the
// (1−γ)-weighted mean of the block costs.
func TestCandidatesArePricedAsPlans(t *testing.T) {
	for _, noCritic := range []bool{false, true} {
		o := mpc.Defaults()
		o.Candidates, o.Elites, o.NoCritic = 1, 1, noCritic
		w := newProbe(2, o)
		w.value = 0.3
		for i := range w.actor {
			w.actor[i] = float32(i)/20 - 0.2
		}
		c := pricing(func(y, a, prev []float32) (float64, bool) {
			return 1 + float64(y[0]*y[2]+a[1]) + 3*math.Abs(float64(a[0]-prev[0])), false
		})
		prev := []float32{0.9, -0.4}
		r := mpc.New(w, c, o, 1).Improve(prev, seeded(1))
		want := mpc.Price(w, c, o.Gamma, w.actor, prev)
		if noCritic {
			end := math.Pow(o.Gamma, float64(o.Blocks))
			if w.values != 1 {
				t.Errorf("the critic was asked %d times, want only Price's once", w.values)
			}
			want = (want - end*0.3) / (1 - end)
		}
		if math.Abs(r.Cost-want) > 1e-6 || r.Cost != r.SeedCost {
			t.Errorf("NoCritic %v: cost %.8f, seed's %.8f, by Price %.8f", noCritic, r.Cost, r.SeedCost, want)
		}
	}
}

// TestPlanIsTheElitesSoftmaxMean recomputes the plan from the candidates that the world saw.
func TestPlanIsTheElitesSoftmaxMean(t *testing.T) {
	const k = 3
	o := steady(0.3)
	w := newProbe(k, o)
	w.value = 0.1
	w.fill(0.2)
	c := near(-0.1)
	prev := make([]float32, k)
	p := mpc.New(w, c, o, 3)
	for call := range 3 {
		r := p.Improve(prev, seeded(uint64(call)))
		type rated struct {
			cost float64
			plan []float32
		}
		all := make([]rated, o.Candidates)
		seen := slices.Clone(w.seen)
		for i := range all {
			plan := seen[i*o.Blocks*k : (i+1)*o.Blocks*k]
			all[i] = rated{mpc.Price(w, c, o.Gamma, plan, prev), plan}
		}
		sort.Slice(all, func(i, j int) bool { return all[i].cost < all[j].cost })
		if math.Abs(all[0].cost-r.Cost) > 1e-6 {
			t.Errorf("cost %.8f, the best candidate's is %.8f", r.Cost, all[0].cost)
		}
		all = all[:o.Elites]
		mean, variance, sum := 0.0, 0.0, 0.0
		for _, e := range all {
			mean += e.cost / float64(o.Elites)
		}
		for _, e := range all {
			variance += (e.cost - mean) * (e.cost - mean) / float64(o.Elites)
		}
		want := make([]float64, o.Blocks*k)
		for _, e := range all {
			weight := math.Exp(-(e.cost - all[0].cost) / math.Sqrt(variance))
			sum += weight
			for i, a := range e.plan {
				want[i] += weight * float64(a)
			}
		}
		for i, v := range want {
			if math.Abs(v/sum-float64(p.Plan()[i])) > 1e-4 {
				t.Fatalf("call %d: plan[%d] = %.6f, the elites' mean is %.6f", call, i, p.Plan()[i], v/sum)
			}
		}
	}
}

// TestNoiseStatistics: along the blocks the noise keeps its size, with a correlation of 0.8 from block to block; between joints there is
// none.
func TestNoiseStatistics(t *testing.T) {
	const k, sigma = 3, 0.1
	o := steady(sigma)
	o.NoSeed, o.NoWarmStart = true, true
	w := newProbe(k, o)
	p := mpc.New(w, constant(1), o, 11)
	rng := seeded(1)
	var mean, square [5 * k]float64
	var lag1, lag2, across, n float64
	for range 300 {
		p.Improve(make([]float32, k), rng)
		for c := 1; c < o.Candidates; c++ {
			a := w.candidate(c)
			for i, v := range a {
				mean[i] += float64(v)
				square[i] += float64(v) * float64(v)
			}
			lag1 += float64(a[k]*a[2*k]) / (sigma * sigma)
			lag2 += float64(a[k]*a[3*k]) / (sigma * sigma)
			across += float64(a[0]*a[1]) / (sigma * sigma)
			n++
		}
	}
	for i := range mean {
		if m, s := mean[i]/n, math.Sqrt(square[i]/n); math.Abs(m) > 0.05*sigma || math.Abs(s/sigma-1) > 0.04 {
			t.Errorf("block %d, joint %d: mean %.4f, deviation %.4f, want 0 and %g", i/k, i%k, m, s, sigma)
		}
	}
	for _, r := range []struct {
		name      string
		got, want float64
	}{{"next block", lag1 / n, 0.8}, {"block after that", lag2 / n, 0.64}, {"other joint", across / n, 0}} {
		if math.Abs(r.got-r.want) > 0.04 {
			t.Errorf("correlation with the %s %.3f, want %.2f", r.name, r.got, r.want)
		}
	}
}

// TestActionsStayInRange: whatever actor and noise want, the world sees and the plan holds [-1, 1].
func TestActionsStayInRange(t *testing.T) {
	o := steady(2)
	w := newProbe(2, o)
	w.fill(-7)
	p := mpc.New(w, near(9), o, 1)
	rng := seeded(1)
	for range 20 {
		p.Improve(make([]float32, 2), rng)
		for _, v := range slices.Concat(w.seen, w.lone, p.Plan()) {
			if !(v >= -1 && v <= 1) {
				t.Fatalf("action %g", v)
			}
		}
	}
	if p.Plan()[0] < 0.5 {
		t.Errorf("plan %v, want it driven to the upper limit", p.Plan())
	}
}

// TestSameSeedSameBytes; another stream of random numbers gives another plan, and so does another table.
func TestSameSeedSameBytes(t *testing.T) {
	l := newLQR(lqrBlockS)
	run := func(table, stream uint64) (out []float32) {
		o := lqrOptions()
		w := newLinearWorld(l, o.Candidates)
		copy(w.now, []float64{0.1, -0.2, 0.1, 0.2, 0, -0.1})
		p := mpc.New(w, quadratic{l, 1, 1}, o, table)
		rng, action := seeded(stream), make([]float32, lqrJoints)
		for range 50 {
			r := p.Improve(action, rng)
			out = append(append(out, p.Plan()...), float32(r.Cost), float32(r.Sigma))
			copy(action, p.Plan())
			p.Shift(0.25)
			w.move(w.now, action, 1)
		}
		return out
	}
	a := run(1, 1)
	if !slices.Equal(a, run(1, 1)) {
		t.Error("same seeds, other plans")
	}
	if slices.Equal(a, run(2, 1)) || slices.Equal(a, run(1, 2)) {
		t.Error("other seeds, same plans")
	}
}

// TestImproveAllocatesNothing, nor do Shift and Reset.
func TestImproveAllocatesNothing(t *testing.T) {
	p, prev, rng := cheap()
	if n := testing.AllocsPerRun(50, func() {
		p.Improve(prev, rng)
		p.Shift(0.05)
	}); n != 0 {
		t.Errorf("%g allocations a call", n)
	}
	if n := testing.AllocsPerRun(5, func() {
		p.Reset()
		p.Improve(prev, rng)
	}); n != 0 {
		t.Errorf("%g allocations after Reset", n)
	}
}

// cheap returns the house's search on the linear world.
func cheap() (*mpc.Planner, []float32, *rand.Rand) {
	l := newLQR(lqrBlockS)
	w := newLinearWorld(l, mpc.Defaults().Candidates)
	copy(w.now, l.unsaturated(seeded(3)))
	return mpc.New(w, quadratic{l, 1, 1}, mpc.Defaults(), 1), make([]float32, lqrJoints), seeded(1)
}

// BenchmarkImprove times the search itself: 48 candidates of 5 blocks on a world that costs little.
func BenchmarkImprove(b *testing.B) {
	p, prev, rng := cheap()
	b.ReportAllocs()
	for b.Loop() {
		p.Improve(prev, rng)
	}
}
