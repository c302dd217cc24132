package power

import (
	"math"
	"math/rand/v2"
	"testing"

	"robotd/body"
)

const hotC = 120

func newAllocator(t testing.TB) (*body.Model, *Allocator) {
	t.Helper()
	m := body.Humanoid()
	a, err := NewAllocator(m, hotC, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m, a
}

// randomDemand draws torques inside the limits and speeds up to no-load.
func randomDemand(m *body.Model, rng *rand.Rand, tau, dq []float64) {
	for j := range tau {
		motor := &m.Joints[j].Motor
		tau[j] = motor.TorqueNm * (2*rng.Float64() - 1)
		dq[j] = motor.SpeedRadS * (2*rng.Float64() - 1)
	}
}

func TestAllocatorNeverExceedsTheBudget(t *testing.T) {
	m, a := newAllocator(t)
	rng := rand.New(rand.NewPCG(1, 1))
	n := m.NJoints()
	tau, dq, out, quota := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	bound := 0
	for trial := 0; trial < 100_000; trial++ {
		randomDemand(m, rng, tau, dq)
		budget := 10 + 500*rng.Float64()
		if trial%4 == 0 { // a demand that fits
			for j := range tau {
				tau[j] *= 0.05
			}
			budget += 300
		}
		r := a.Solve(tau, dq, budget, out, quota)
		watts, quotas := 0.0, 0.0
		for j := range out {
			watts += DrawW(&m.Joints[j].Motor, out[j], dq[j], hotC)
			quotas += quota[j]
			if out[j]*tau[j] < 0 || math.Abs(out[j]) > math.Abs(tau[j])*(1+1e-12) {
				t.Fatalf("joint %d: granted %g of demanded %g", j, out[j], tau[j])
			}
			if draw := DrawW(&m.Joints[j].Motor, out[j], dq[j], hotC); draw > quota[j]*(1+1e-9)+1e-9 {
				t.Fatalf("joint %d draws %g W, quota %g W", j, draw, quota[j])
			}
		}
		if watts > budget+1e-6 || math.Abs(quotas-budget) > 1e-6 {
			t.Fatalf("trial %d: %g W granted, quotas %g W, budget %g W", trial, watts, quotas, budget)
		}
		if r.Lambda > 0 {
			bound++
			if slack := budget - r.GrantedW; slack > 1e-2 {
				t.Fatalf("trial %d: slack %g W", trial, slack)
			}
		}
	}
	if bound < 50_000 {
		t.Fatalf("the budget bound in %d of 100000 trials only: the test proves little", bound)
	}
}

func TestAllocatorAgainstProjectedSearch(t *testing.T) {
	m, a := newAllocator(t)
	rng := rand.New(rand.NewPCG(2, 2))
	n := m.NJoints()
	tau, dq, out, quota := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	weights := WeightsByRole(m)
	cost := func(x []float64) float64 {
		sum := 0.0
		for j := range x {
			sum += weights[j] * (x[j] - tau[j]) * (x[j] - tau[j])
		}
		return sum
	}
	draw := func(x []float64) float64 {
		sum := 0.0
		for j := range x {
			sum += DrawW(&m.Joints[j].Motor, x[j], dq[j], hotC)
		}
		return sum
	}
	trial := make([]float64, n)
	for k := 0; k < 200; k++ {
		randomDemand(m, rng, tau, dq)
		budget := 50 + 300*rng.Float64()
		a.Solve(tau, dq, budget, out, quota)
		best := cost(out)
		// The problem is convex: no feasible point near the answer may be cheaper. Trade power between random pairs.
		for s := 0; s < 20_000; s++ {
			copy(trial, out)
			i, j := rng.IntN(n), rng.IntN(n)
			step := math.Pow(10, -4*rng.Float64())
			trial[i] += step * rng.NormFloat64()
			trial[j] += step * rng.NormFloat64()
			if draw(trial) <= budget && cost(trial) < best*(1-1e-4) {
				t.Fatalf("trial %d: joints %d and %d do better: %g against %g", k, i, j, cost(trial), best)
			}
		}
	}
}

func TestPowerFallsWithTheMultiplier(t *testing.T) {
	m, a := newAllocator(t)
	rng := rand.New(rand.NewPCG(3, 3))
	tau, dq := make([]float64, m.NJoints()), make([]float64, m.NJoints())
	for trial := 0; trial < 200; trial++ {
		randomDemand(m, rng, tau, dq)
		last := math.Inf(1)
		for lambda := 1e-7; lambda < 1e4; lambda *= 1.3 {
			w := a.powerW(tau, dq, lambda)
			if w > last*(1+1e-12) {
				t.Fatalf("λ %g: power rises from %g to %g W", lambda, last, w)
			}
			last = w
		}
	}
}

func TestArmsAreShedBeforeLegs(t *testing.T) {
	m, a := newAllocator(t)
	rng := rand.New(rand.NewPCG(4, 4))
	n := m.NJoints()
	tau, dq, out, quota := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	var kept, asked [2]float64
	for trial := 0; trial < 2000; trial++ {
		randomDemand(m, rng, tau, dq)
		for j := range dq {
			dq[j] *= 0.1
		}
		a.Solve(tau, dq, 350, out, quota)
		for j, w := range WeightsByRole(m) {
			peak := m.Joints[j].Motor.TorqueNm
			role := 1
			if w*peak*peak > 10 {
				role = 0
			}
			kept[role] += math.Abs(out[j]) / peak
			asked[role] += math.Abs(tau[j]) / peak
		}
	}
	legs, arms := kept[0]/asked[0], kept[1]/asked[1]
	t.Logf("kept of the demanded torque: legs and waist %.2f, arms and neck %.2f", legs, arms)
	if legs < 2*arms {
		t.Errorf("legs keep %.2f, arms %.2f: arms must go first", legs, arms)
	}
}

// TestQuotasHoldWhenSpeedJumps: a drive that holds its quota keeps the bus within the budget however the speed jumps
// inside the tick, and the tick's own cap alone does not.
func TestQuotasHoldWhenSpeedJumps(t *testing.T) {
	m, a := newAllocator(t)
	rng := rand.New(rand.NewPCG(5, 5))
	n := m.NJoints()
	tau, dq, out, quota := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	const budget = 350
	worst, uncapped := 0.0, 0.0
	for trial := 0; trial < 2000; trial++ {
		randomDemand(m, rng, tau, dq)
		a.Solve(tau, dq, budget, out, quota)
		held, free := 0.0, 0.0
		for j := range out {
			motor := &m.Joints[j].Motor
			speed := dq[j] + 10*(2*rng.Float64()-1)
			along := math.Copysign(1, out[j]) * speed
			bound := TorqueForW(motor.CopperWNm2*CopperFactor(hotC), motor.Efficiency, quota[j], along)
			held += DrawW(motor, math.Copysign(math.Min(math.Abs(tau[j]), bound), out[j]), speed, hotC)
			free += DrawW(motor, out[j], speed, hotC)
		}
		worst, uncapped = math.Max(worst, held), math.Max(uncapped, free)
	}
	t.Logf("worst bus power: %.6f W with quotas, %.0f W with the tick's cap alone, budget %d W", worst, uncapped, budget)
	if worst > budget+1e-6 {
		t.Errorf("quotas let %g W through, budget %d W", worst, budget)
	}
	if uncapped <= budget {
		t.Error("the tick's cap alone never exceeded the budget: the test proves nothing")
	}
}

func TestSolveIsTotalAndAllocatesNothing(t *testing.T) {
	m, a := newAllocator(t)
	n := m.NJoints()
	tau, dq, out, quota := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64} {
		for _, budget := range []float64{350, 0, -5, math.NaN()} {
			clear(tau)
			tau[3], dq[3] = bad, 1
			a.Solve(tau, dq, budget, out, quota)
			sum := 0.0
			for j := range out {
				sum += quota[j]
				if out[j] != 0 {
					t.Fatalf("demand %g, budget %g: joint %d granted %g", bad, budget, j, out[j])
				}
			}
			if !(sum <= max(budget, 0)+1e-9) && sum != 0 {
				t.Fatalf("demand %g, budget %g: quotas %g W", bad, budget, sum)
			}
		}
	}
	rng := rand.New(rand.NewPCG(6, 6))
	randomDemand(m, rng, tau, dq)
	if allocs := testing.AllocsPerRun(100, func() { a.Solve(tau, dq, 350, out, quota) }); allocs != 0 {
		t.Errorf("%g allocations a solve", allocs)
	}
}

func BenchmarkSolveBound(b *testing.B) {
	m, a := newAllocator(b)
	n := m.NJoints()
	tau, dq, out, quota := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	randomDemand(m, rand.New(rand.NewPCG(7, 7)), tau, dq)
	for b.Loop() {
		a.Solve(tau, dq, 350, out, quota)
	}
}

func BenchmarkSolveFree(b *testing.B) {
	m, a := newAllocator(b)
	n := m.NJoints()
	tau, dq, out, quota := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for b.Loop() {
		a.Solve(tau, dq, 350, out, quota)
	}
}
