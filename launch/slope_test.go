package launch

import (
	"math"
	"math/rand/v2"
	"testing"

	"robotd/body"
	"robotd/cost"
	"robotd/dynamics"
	"robotd/jepa"
	"robotd/mpc"
)

// The mind and the cost table are what the planner's polish needs.
var (
	_ mpc.Slope  = (*jepa.Mind)(nil)
	_ mpc.Sloped = cost.Module{}
)

// TestSlopeIsThatOfThePrice: the gradient's cost is the price that candidates pay, and its derivative agrees with differences.
func TestSlopeIsThatOfThePrice(t *testing.T) {
	price := cost.New(dynamics.New(body.Humanoid()).Standing())
	m := jepa.NewModel(jepa.DefaultConfig(28), 3)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, p := range m.Params() { // the predictor begins as "nothing changes"
		for i := range p.W {
			p.W[i] += 0.02 * float32(rng.NormFloat64())
		}
		p.Touch()
	}
	m.Pack()
	mind := jepa.NewMind(m, 4)
	obs := make([]float32, m.Config.ObsDim())
	const blocks, k = 5, 28
	plan, prev, grad, other := make([]float32, blocks*k), make([]float32, k), make([]float32, blocks*k), make([]float32, blocks*k)
	for round := 0; round < 5; round++ {
		for i := range obs {
			obs[i] = 0.5 * float32(round) * float32(rng.NormFloat64())
		}
		for i := range plan {
			plan[i] = 0.3 * float32(rng.NormFloat64())
		}
		mind.Encode(obs, obs)
		at := func() float64 {
			c, _ := mind.Gradient(plan, prev, 0.97, price.Slope, other)
			return c
		}
		c, _ := mind.Gradient(plan, prev, 0.97, price.Slope, grad)
		if want := mpc.Price(mind, price, 0.97, plan, prev); math.Abs(c-want) > 1e-6 {
			t.Errorf("cost %.8f, candidates pay %.8f", c, want)
		}
		for i := 0; i < len(plan); i += 9 {
			const e = 0.01
			x := plan[i]
			plan[i] = x + e
			up := at()
			plan[i] = x - e
			down := at()
			plan[i] = x
			if want := (up - down) / (2 * e); math.Abs(float64(grad[i])-want) > 2e-5+0.02*math.Abs(want) {
				t.Errorf("round %d, number %d: %g, differences say %g", round, i, grad[i], want)
			}
		}
	}
	if n := testing.AllocsPerRun(20, func() { mind.Gradient(plan, prev, 0.97, price.Slope, grad) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}
