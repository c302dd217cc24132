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

// polish walks a plan down the slope of its own cost. Sampling finds the valley; it takes thousands of samples to come to its
// floor in 140 dimensions, and a gradient costs as much as ten of them.
type polish struct {
	world       Slope
	price       Pricing
	steps       int
	best, trial []float32
	grad        []float32
	mean, power []float64 // of the gradients, per number of the plan
	bestCost    float64
	bestUnsafe  bool
}

// newPolish returns nil where options, world or cost have no use for it.
func newPolish(w World, c Coster, o Options, k int) *polish {
	slope, ok := w.(Slope)
	sloped, priced := c.(Sloped)
	if o.Polish <= 0 || !ok || !priced || o.NoCritic {
		return nil
	}
	return makePolish(slope, sloped.Slope, o.Polish, o.Blocks*k)
}

func makePolish(w Slope, price Pricing, steps, n int) *polish {
	return &polish{world: w, price: price, steps: steps, best: make([]float32, n), trial: make([]float32, n), grad: make([]float32, n),
		mean: make([]float64, n), power: make([]float64, n)}
}

// Steps are Adam's (1412.6980), each number of the plan at its own pace: the first one goes polishReach of the search's noise, each
// further one a fifth less far. Six of them take 41 % of what sixty would gain; one length for all numbers takes 22 % at best.
const (
	polishReach  = 0.2
	polishShrink = 0.8
	polishMean   = 0.7 // decay of the gradients' mean
	polishPower  = 0.9 // and of their mean square
)

// begin forgets what was walked before.
func (p *polish) begin() {
	p.bestCost, p.bestUnsafe = math.Inf(1), false
	clear(p.mean)
	clear(p.power)
}

// improve leaves the best plan met in plan and reports whether it is lawful. It starts from plan, or from rival where rivalCost is below
// what plan costs. sigma is the search's noise: where that is fine, steps are short.
func (p *polish) improve(plan, rival []float32, rivalCost float64, prev []float32, gamma, sigma float64) (lawful bool) {
	p.begin()
	copy(p.trial, plan)
	reach := polishReach * sigma
	for i, taken := 0, 0; ; i++ {
		cost, unsafe := p.world.Gradient(p.trial, prev, gamma, p.price, p.grad)
		if cost < p.bestCost {
			p.bestCost, p.bestUnsafe = cost, unsafe
			copy(p.best, p.trial)
		}
		if i == 0 && rivalCost < cost { // the mean of many good plans is a worse one
			copy(p.trial, rival)
			continue
		}
		taken++
		if i >= p.steps || !p.step(reach, taken) {
			break
		}
		reach *= polishShrink
	}
	if math.IsInf(p.bestCost, 1) {
		return false
	}
	copy(plan, p.best)
	return !p.bestUnsafe
}

// step moves the trial down the slope; n counts the gradients taken up, for their means lean to zero at first. It reports false
// where there is no slope to follow.
func (p *polish) step(reach float64, n int) bool {
	sum := 0.0
	for i, g := range p.grad {
		g := float64(g)
		p.mean[i] += (1 - polishMean) * (g - p.mean[i])
		p.power[i] += (1 - polishPower) * (g*g - p.power[i])
		sum += g * g
	}
	if !(sum > 0) || math.IsInf(sum, 0) {
		return false
	}
	scale := reach * math.Sqrt(1-math.Pow(polishPower, float64(n))) / (1 - math.Pow(polishMean, float64(n)))
	for i, m := range p.mean {
		if p.power[i] > 0 {
			p.trial[i] -= float32(scale * m / math.Sqrt(p.power[i]))
		}
	}
	clamp(p.trial)
	return true
}
