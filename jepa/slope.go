package jepa

import (
	"robotd/body"
	"robotd/jepa/nn"
)

// Pricing returns the cost of one block and whether a guardrail is broken outright, from its read-outs, its action and the
// action before, and adds the cost's derivatives times weight to dy, da and dprev.
type Pricing = func(y, a, prev []float32, weight float64, dy, da, dprev []float32) (price float64, unsafe bool)

// slope is what differentiating one plan needs.
type slope struct {
	pred, read []nn.Cache // one a block
	critic     nn.Cache
	z, in      []float32 // present latent; [latent, action]
	dy         []float32 // blocks × features
	dz         []float32
	first      []float32 // derivative by the action in force, which nobody can change
	logit      [1]float32
}

func newSlope(m *Model, blocks int) *slope {
	nz, k := m.Config.LatentDim(), m.Config.Joints
	return &slope{pred: make([]nn.Cache, blocks), read: make([]nn.Cache, blocks), z: make([]float32, nz), in: make([]float32, nz+k),
		dy: make([]float32, blocks*body.NFeatures), dz: make([]float32, nz), first: make([]float32, k)}
}

// Gradient rolls one plan (blocks × ActionDim) from the present, prices it as planners do, Σ (1−γ) γ^h c_h + γ^H V(z_H), and
// writes the price's derivative by the plan into grad. prev is the action in force. It reports whether a guardrail is broken
// at any block.
func (d *Mind) Gradient(plan, prev []float32, gamma float64, price Pricing, grad []float32) (cost float64, unsafe bool) {
	nz, k := len(d.now), d.m.Config.Joints
	blocks := len(plan) / k
	if d.slope == nil || len(d.slope.pred) < blocks {
		d.slope = newSlope(d.m, blocks)
	}
	s := d.slope
	clear(grad)
	clear(s.dy)
	copy(s.z, d.now)
	weight := 1 - gamma
	before, dbefore := prev, s.first
	for h := 0; h < blocks; h++ {
		a := plan[h*k : (h+1)*k]
		copy(s.in, s.z)
		copy(s.in[nz:], a)
		for i, v := range d.m.Pred.Forward(s.in, 1, &s.pred[h]) {
			s.z[i] += v
		}
		y := d.m.Read.Forward(s.z, 1, &s.read[h])
		c, bad := price(y, a, before, weight, s.dy[h*body.NFeatures:(h+1)*body.NFeatures], grad[h*k:(h+1)*k], dbefore)
		cost += weight * c
		unsafe = unsafe || bad
		weight *= gamma
		before, dbefore = a, grad[h*k:(h+1)*k]
	}
	end := weight / (1 - gamma)
	v := sigmoid(d.m.Critic.Forward(s.z, 1, &s.critic)[0])
	cost += end * float64(v)
	s.logit[0] = float32(end) * v * (1 - v)
	copy(s.dz, d.m.Critic.Backward(s.logit[:], &s.critic, nil))
	for h := blocks - 1; h >= 0; h-- {
		addTo(s.dz, d.m.Read.Backward(s.dy[h*body.NFeatures:(h+1)*body.NFeatures], &s.read[h], nil))
		din := d.m.Pred.Backward(s.dz, &s.pred[h], nil)
		addTo(s.dz, din[:nz])
		addTo(grad[h*k:(h+1)*k], din[nz:])
	}
	return cost, unsafe
}
