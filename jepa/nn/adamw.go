package nn

import (
	"math"

	"robotd/internal/tensor"
)

// AdamW is Adam with decoupled weight decay (Loshchilov & Hutter, arXiv 1711.05101) and clipping of the
// global gradient norm. Decay acts on matrices only, not on biases and gains.
// Zero Beta1, Beta2, Eps mean 0.9, 0.999, 1e-8; zero ClipNorm means no clipping.
type AdamW struct {
	LR          float32 // set it before each Step from a Schedule
	WeightDecay float32
	Beta1       float32
	Beta2       float32
	Eps         float32
	ClipNorm    float32

	Steps   int // steps done
	Skipped int // steps refused because a gradient was not finite
}

// Step moves every parameter along its gradient G and returns the gradient norm before clipping. When
// that norm is not finite nothing moves and Skipped grows. Follow it with Pack on each network and
// ZeroGrad on each parameter.
func (o *AdamW) Step(params []*Param) (gradNorm float64) {
	var sq float64
	for _, p := range params {
		sq += float64(tensor.Dot(p.G, p.G))
	}
	gradNorm = math.Sqrt(sq)
	if math.IsNaN(gradNorm) || math.IsInf(gradNorm, 0) {
		o.Skipped++
		return gradNorm
	}
	o.Steps++
	k := o.scalars(gradNorm)
	for _, p := range params {
		if p.M == nil {
			p.M, p.V = tensor.Aligned(len(p.W)), tensor.Aligned(len(p.W))
		}
		k.Keep = 1
		if !p.Vector {
			k.Keep = 1 - o.LR*o.WeightDecay
		}
		k.Update(p.W, p.G, p.M, p.V)
		p.Touch()
	}
	return gradNorm
}

// scalars folds bias correction, clipping and defaults into the kernel's constants.
func (o *AdamW) scalars(gradNorm float64) tensor.AdamW {
	b1, b2, eps := orDefault(o.Beta1, 0.9), orDefault(o.Beta2, 0.999), orDefault(o.Eps, 1e-8)
	t := float64(o.Steps)
	k := tensor.AdamW{Beta1: b1, Beta2: b2, Eps: eps, GradScale: 1}
	if o.ClipNorm > 0 && gradNorm > float64(o.ClipNorm) {
		k.GradScale = float32(float64(o.ClipNorm) / gradNorm)
	}
	k.Step = float32(float64(o.LR) / (1 - math.Pow(float64(b1), t)))
	k.RootScale = float32(1 / math.Sqrt(1-math.Pow(float64(b2), t)))
	return k
}

func orDefault(v, d float32) float32 {
	if v == 0 {
		return d
	}
	return v
}

// Schedule is a linear warm-up to Peak over Warmup steps, then a half cosine down to Floor at step Total.
type Schedule struct {
	Peak, Floor   float32
	Warmup, Total int
}

// At is the learning rate of step s (from 0).
func (c Schedule) At(s int) float32 {
	if s < c.Warmup {
		return c.Peak * float32(s+1) / float32(c.Warmup)
	}
	if s >= c.Total {
		return c.Floor
	}
	u := float64(s-c.Warmup) / float64(max(1, c.Total-c.Warmup))
	return c.Floor + (c.Peak-c.Floor)*float32(0.5*(1+math.Cos(math.Pi*u)))
}
