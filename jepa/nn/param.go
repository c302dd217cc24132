package nn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"robotd/internal/tensor"
)

// Param is one trained array. Matrices are row-major [out][in] (Rows = out, Cols = in), as PyTorch's
// Linear.weight; vectors (bias, gain) have Rows = 1 and Vector set.
type Param struct {
	Name       string
	Rows, Cols int
	W          []float32 // weights, Rows*Cols
	G          []float32 // gradient, written by Reduce
	M, V       []float32 // AdamW's moments; nil until the first step
	Vector     bool      // a bias or gain: one dimension in a file, no weight decay
	version    uint64    // grows with each change, so that stale packed copies are found
}

func newMatrix(name string, out, in int) *Param {
	return &Param{Name: name, Rows: out, Cols: in, W: tensor.Aligned(out * in), version: 1}
}

func newVector(name string, n int) *Param {
	return &Param{Name: name, Rows: 1, Cols: n, Vector: true, W: tensor.Aligned(n), version: 1}
}

// Shape is the shape of p in a weights file: [out, in], a vector [n], as PyTorch's state dict.
func (p *Param) Shape() []int {
	if p.Vector {
		return []int{p.Cols}
	}
	return []int{p.Rows, p.Cols}
}

// uniform fills W from U(-bound, bound).
func (p *Param) uniform(rng *rand.Rand, bound float64) {
	for i := range p.W {
		p.W[i] = float32((2*rng.Float64() - 1) * bound)
	}
}

func (p *Param) fill(v float32) {
	for i := range p.W {
		p.W[i] = v
	}
}

// Touch tells that W was written by hand, so that networks holding a packed copy ask for Pack.
func (p *Param) Touch() { p.version++ }

// ZeroGrad clears the gradient, making it on first use.
func (p *Param) ZeroGrad() {
	if p.G == nil {
		p.G = tensor.Aligned(len(p.W))
		return
	}
	clear(p.G)
}

// mat is W as a matrix.
func (p *Param) mat() tensor.Mat { return tensor.Rows(p.W, p.Rows, p.Cols) }

// Grads collects the gradients of one MLP from one worker shard. Not safe for concurrent use: one a shard.
type Grads struct {
	of      []*Param
	g       [][]float32   // as of
	scratch tensor.Packed // layer input laid out for dW
}

func newGrads(params []*Param) *Grads {
	gr := &Grads{of: params, g: make([][]float32, len(params))}
	for i, p := range params {
		gr.g[i] = tensor.Aligned(len(p.W))
	}
	return gr
}

// Zero clears the collected gradients.
func (gr *Grads) Zero() {
	for _, g := range gr.g {
		clear(g)
	}
}

// Of is the gradient collected for parameter i, in the order of MLP.Params.
func (gr *Grads) Of(i int) []float32 { return gr.g[i] }

// Reduce adds the shards' gradients, in the order given, into the Param.G of the parameters they belong
// to (which ZeroGrad cleared), and clears the shards. The order alone decides the rounding, so any number
// of threads gives the same bytes.
func Reduce(shards ...*Grads) {
	for _, s := range shards {
		for i, p := range s.of {
			if p.G == nil {
				p.ZeroGrad()
			}
			tensor.Axpy(p.G, 1, s.g[i])
			clear(s.g[i])
		}
	}
}

// CopyParams copies weights from src to dst, pairwise; shapes must match.
func CopyParams(dst, src []*Param) error { return LerpParams(dst, src, 1) }

// LerpParams moves dst towards src: dst += rate*(src-dst). It is the exponential moving average of a
// target network (I-JEPA's momentum m is 1-rate).
func LerpParams(dst, src []*Param, rate float32) error {
	if len(dst) != len(src) {
		return fmt.Errorf("nn: %d parameters for %d", len(src), len(dst))
	}
	for i, d := range dst {
		s := src[i]
		if d.Rows != s.Rows || d.Cols != s.Cols {
			return fmt.Errorf("nn: %s is %d x %d, %s is %d x %d", d.Name, d.Rows, d.Cols, s.Name, s.Rows,
				s.Cols)
		}
	}
	for i, d := range dst {
		if rate == 1 {
			copy(d.W, src[i].W)
		} else {
			tensor.Scale(d.W, 1-rate)
			tensor.Axpy(d.W, rate, src[i].W)
		}
		d.Touch()
	}
	return nil
}

// CountParams is the number of trained scalars.
func CountParams(params []*Param) int {
	n := 0
	for _, p := range params {
		n += len(p.W)
	}
	return n
}

// Finite names the first parameter that holds NaN or infinity.
func Finite(params []*Param) error {
	for _, p := range params {
		for i, w := range p.W {
			if f := float64(w); math.IsNaN(f) || math.IsInf(f, 0) {
				return fmt.Errorf("nn: %s[%d][%d] is %v: the training diverged or the file is damaged",
					p.Name, i/p.Cols, i%p.Cols, w)
			}
		}
	}
	return nil
}
