package mpc

import "math"

// Slope is a World whose prediction can be differentiated. Gradient rolls one plan from the present and writes the
// derivative of its cost, the critic's included, into grad; unsafe says that a guardrail is broken at some block.
type Slope interface {
	World
	Gradient(plan, prev []float32, gamma float64, price Pricing, grad []float32) (cost float64, unsafe bool)
}

// Sloped is a Coster that can be differentiated.
type Sloped interface {
	Coster
	Slope(y, a, prev []float32, weight float64, dy, da, dprev []float32) (total float64, unsafe bool)
}

// Pricing is Sloped's method: it adds weight times the derivatives to dy, da and dprev.
type Pricing = func(y, a, prev []float32, weight float64, dy, da, dprev []float32) (price float64, unsafe bool)

// polish walks the mean of the elites down the slope of its own cost. Sampling finds the valley; it takes thousands of samples
// to come to its floor in 140 dimensions, and a gradient costs as much as ten of them.
type polish struct {
	world          Slope
	price          Pricing
	steps          int
	best, trial    []float32
	grad, bestGrad []float32
	bestCost       float64
	bestUnsafe     bool
}

// newPolish returns nil where options, world or cost have no use for it.
func newPolish(w World, c Coster, o Options, k int) *polish {
	slope, ok := w.(Slope)
	sloped, priced := c.(Sloped)
	if o.Polish <= 0 || !ok || !priced || o.NoCritic {
		return nil
	}
	n := o.Blocks * k
	return &polish{world: slope, price: sloped.Slope, steps: o.Polish, best: make([]float32, n), trial: make([]float32, n),
		grad: make([]float32, n), bestGrad: make([]float32, n)}
}

// How far a step goes, in units of the search's noise, and how much shorter after one that led upwards. Longer steps, 0.15 to
// 0.6, overshoot: cost regret against a search a hundred times larger 16 to 26 % instead of 2 % (weights of an earlier training).
const (
	polishReach  = 0.08
	polishShrink = 0.4
)

// improve leaves the best plan met in plan and reports whether it is lawful. sigma is the search's noise: where that is fine,
// steps are short.
func (p *polish) improve(plan, prev []float32, gamma, sigma float64) (lawful bool) {
	copy(p.trial, plan)
	p.bestCost = math.Inf(1)
	reach := polishReach * sigma
	for i := 0; ; i++ {
		cost, unsafe := p.world.Gradient(p.trial, prev, gamma, p.price, p.grad)
		if cost < p.bestCost {
			p.bestCost, p.bestUnsafe = cost, unsafe
			copy(p.best, p.trial)
			copy(p.bestGrad, p.grad)
		} else {
			reach *= polishShrink
		}
		if i == p.steps || !p.step(reach) {
			break
		}
	}
	if math.IsInf(p.bestCost, 1) {
		return false
	}
	copy(plan, p.best)
	return !p.bestUnsafe
}

// step moves the trial from the best plan down its slope, by reach in the root mean square over the plan's numbers.
func (p *polish) step(reach float64) bool {
	sum := 0.0
	for _, g := range p.bestGrad {
		sum += float64(g) * float64(g)
	}
	rms := math.Sqrt(sum / float64(len(p.bestGrad)))
	if !(rms > 0) || math.IsInf(rms, 0) {
		return false
	}
	k := float32(reach / rms)
	for i, g := range p.bestGrad {
		p.trial[i] = p.best[i] - k*g
	}
	clamp(p.trial)
	return true
}
