package mpc_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"robotd/mpc"
)

const (
	oracleStates = 4
	oracleBlocks = 40 // 4 s; what is left afterwards is priced by the Riccati solution
	oracleSlack  = 1.03
)

// lqrOptions is the house's search with the calm level at this problem's scale: below a block cost of 0.3 the noise shrinks.
func lqrOptions() mpc.Options {
	o := mpc.Defaults()
	o.CalmCost = 0.3
	return o
}

// setting is one way to set the planner on the problem with the known answer.
type setting struct {
	name          string
	state, effort float64 // factors of the coster
	sign, value   float64 // factors of the world's action and critic
	noCritic      bool
	misses        float64 // least ratio that this fault costs; 0: no fault, the optimum is reached
}

var settings = []setting{
	{name: "sound", state: 1, effort: 1, sign: 1, value: 1},
	{name: "cost's sign turned", state: -1, effort: -1, sign: 1, value: 1, misses: 2},
	{name: "cost blind to the state, no critic", state: 0, effort: 1, sign: 1, value: 1, noCritic: true, misses: 2},
	{name: "cost blind to effort", state: 1, effort: 0, sign: 1, value: 1, misses: 1.1},
	{name: "world's action turned", state: 1, effort: 1, sign: -1, value: 1, misses: 2},
	{name: "world deaf to the action", state: 1, effort: 1, sign: 0, value: 1, misses: 2},
	{name: "critic's sign turned", state: 1, effort: 1, sign: 1, value: -1, misses: 2},
	{name: "no critic", state: 1, effort: 1, sign: 1, value: 1, noCritic: true, misses: 1.1},
}

// TestClosedLoopReachesRiccati drives the plant of an LQR problem with the planner, twenty improvements a block, and compares
// the discounted cost that the plant really paid with the Riccati optimum. The actor proposes nothing. Every fault in what
// the planner is told must miss the figure, else the test could not see one in the planner.
func TestClosedLoopReachesRiccati(t *testing.T) {
	l := newLQR(lqrBlockS)
	for _, s := range settings {
		t.Run(s.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 1))
			paid, optimum, worst := 0.0, 0.0, 0.0
			for range oracleStates {
				x := l.unsaturated(rng)
				best := l.optimum(x)
				c := driveBlocks(l, s, x, rng)
				paid, optimum, worst = paid+c, optimum+best, math.Max(worst, c/best)
			}
			t.Logf("paid / optimum: %.4f in all, worst state %.4f", paid/optimum, worst)
			if s.misses == 0 && (paid > oracleSlack*optimum || paid < optimum*0.9999) {
				t.Errorf("paid %.4f of the optimum, want 1 to %.2f", paid/optimum, oracleSlack)
			}
			if s.misses > 0 && paid < s.misses*optimum {
				t.Errorf("paid %.4f of the optimum in spite of the fault, want %.1f or more: this test is blind", paid/optimum, s.misses)
			}
		})
	}
}

// driveBlocks returns the plant's discounted cost from x.
func driveBlocks(l *lqr, s setting, x []float64, rng *rand.Rand) float64 {
	o := lqrOptions()
	o.NoCritic = s.noCritic
	w := newLinearWorld(l, o.Candidates)
	w.sign, w.value = s.sign, s.value
	p := mpc.New(w, quadratic{l, s.state, s.effort}, o, rng.Uint64())
	action := make([]float32, lqrJoints)
	paid, discount := 0.0, 1.0
	for range oracleBlocks {
		copy(w.now, x)
		for range 20 {
			p.Improve(action, rng)
		}
		copy(action, p.Plan())
		p.Shift(1)
		l.move(x, action, 1)
		paid += discount * l.blockCost(x, action)
		discount *= o.Gamma
	}
	return paid + discount*l.optimum(x)
}

// TestClosedLoopEveryTwentieth does it as the robot does: the plant moves by a twentieth of a block between improvements and
// the plan is shifted by as much. The referee is the Riccati gain, applied at the same instants to the same plant.
func TestClosedLoopEveryTwentieth(t *testing.T) {
	const ticks = 20
	l, fine := newLQR(lqrBlockS), newLQR(lqrBlockS/ticks)
	rng := rand.New(rand.NewPCG(2, 1))
	paid, riccati := 0.0, 0.0
	for range oracleStates {
		x := l.unsaturated(rng)
		gain := append([]float64(nil), x...)
		o := lqrOptions()
		w := newLinearWorld(l, o.Candidates)
		p := mpc.New(w, quadratic{l, 1, 1}, o, rng.Uint64())
		action, optimal := make([]float32, lqrJoints), make([]float32, lqrJoints)
		for range 40 * ticks {
			copy(w.now, x)
			p.Improve(action, rng)
			copy(action, p.Plan())
			p.Shift(1.0 / ticks)
			fine.move(x, action, 1)
			paid += fine.blockCost(x, action)

			l.act(gain, optimal)
			fine.move(gain, optimal, 1)
			riccati += fine.blockCost(gain, optimal)
		}
	}
	t.Logf("paid / Riccati gain: %.4f", paid/riccati)
	if paid > 1.05*riccati {
		t.Errorf("paid %.4f of what the Riccati gain pays, want 1.05 at most", paid/riccati)
	}
}

// TestImprovesTowardsTheOptimum holds one state still: the plan's own price falls from the seed's to the optimum's.
func TestImprovesTowardsTheOptimum(t *testing.T) {
	l := newLQR(lqrBlockS)
	rng := rand.New(rand.NewPCG(3, 1))
	o := lqrOptions()
	w := newLinearWorld(l, o.Candidates)
	c := quadratic{l, 1, 1}
	copy(w.now, l.unsaturated(rng))
	optimum := (1 - o.Gamma) * l.optimum(w.now)
	p := mpc.New(w, c, o, 1)
	prev := make([]float32, lqrJoints)
	still := mpc.Price(w, c, o.Gamma, make([]float32, o.Blocks*lqrJoints), prev)
	last := still
	for _, calls := range []int{5, 15, 60} {
		for range calls {
			p.Improve(prev, rng)
		}
		price := mpc.Price(w, c, o.Gamma, p.Plan(), prev)
		t.Logf("after %d more: %.5f of the optimum (still: %.5f)", calls, price/optimum, still/optimum)
		if price > last*1.002 {
			t.Errorf("price rose from %.6f to %.6f", last, price)
		}
		last = price
	}
	if last < optimum*(1-1e-5) || last > 1.02*optimum {
		t.Errorf("price %.5f of the optimum, want 1 to 1.02", last/optimum)
	}
}
