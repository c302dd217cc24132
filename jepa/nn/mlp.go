package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"robotd/internal/tensor"
)

// layerNormEps is PyTorch's default.
const layerNormEps = 1e-5

// MLPOptions are the choices of NewMLP.
type MLPOptions struct {
	ZeroLast bool // start with an output of zero: residual predictors then start as "nothing changes"
}

// MLP is a multi-layer perceptron: hidden layers Linear -> LayerNorm -> SiLU, then a plain Linear.
// Weights are const in Forward, Backward and Infer, so goroutines may share one MLP, each with its own
// Cache, Grads or Workspace. After weights change (AdamW.Step, loading, LerpParams) call Pack before the
// next use.
type MLP struct {
	name   string
	sizes  []int
	layers []layer
	params []*Param
}

// layer is one Linear with, except in the last layer, the LayerNorm after it.
type layer struct {
	w, b       *Param        // out x in, 1 x out
	gain, bias *Param        // 1 x out; nil in the last layer
	fwd        tensor.Packed // Wᵀ, for y = x·Wᵀ
	bwd        tensor.Packed // W, for dx = dy·W
	packed     uint64        // w.version of fwd and bwd
}

// NewMLP makes an MLP of the given widths: sizes[0] inputs, sizes[len-1] outputs, hidden widths between.
// Linear weights and biases start from U(-1/sqrt(in), 1/sqrt(in)), PyTorch's default; gains 1, norm
// biases 0. Parameters are called name.i.weight, name.i.bias, name.i.norm.weight, name.i.norm.bias.
func NewMLP(name string, sizes []int, rng *rand.Rand, opts MLPOptions) *MLP {
	if len(sizes) < 2 {
		panic(fmt.Sprintf("nn: NewMLP %s: sizes %v: at least an input and an output", name, sizes))
	}
	m := &MLP{name: name, sizes: append([]int(nil), sizes...), layers: make([]layer, len(sizes)-1)}
	for i := range m.layers {
		in, out := sizes[i], sizes[i+1]
		if in < 1 || out < 1 {
			panic(fmt.Sprintf("nn: NewMLP %s: sizes %v: widths are positive", name, sizes))
		}
		l := &m.layers[i]
		at := name + "." + strconv.Itoa(i)
		l.w, l.b = newMatrix(at+".weight", out, in), newVector(at+".bias", out)
		m.params = append(m.params, l.w, l.b)
		if i < len(m.layers)-1 {
			l.gain, l.bias = newVector(at+".norm.weight", out), newVector(at+".norm.bias", out)
			l.gain.fill(1)
			m.params = append(m.params, l.gain, l.bias)
		} else if opts.ZeroLast {
			continue
		}
		bound := 1 / math.Sqrt(float64(in))
		l.w.uniform(rng, bound)
		l.b.uniform(rng, bound)
	}
	m.Pack()
	return m
}

// Name is the prefix of the parameters' names.
func (m *MLP) Name() string { return m.name }

// Inputs is the width of x.
func (m *MLP) Inputs() int { return m.sizes[0] }

// Outputs is the width of y.
func (m *MLP) Outputs() int { return m.sizes[len(m.sizes)-1] }

// Params lists the trained arrays in a fixed order.
func (m *MLP) Params() []*Param { return m.params }

// NewGrads makes an empty gradient for one worker shard.
func (m *MLP) NewGrads() *Grads { return newGrads(m.params) }

// FLOP is the number of multiplications and additions of the matrix products of one forward row.
func (m *MLP) FLOP() int {
	n := 0
	for i := range m.layers {
		n += 2 * m.sizes[i] * m.sizes[i+1]
	}
	return n
}

// Pack lays the weights out for the kernels. Call it after every change of the weights, not during
// Forward, Backward or Infer.
func (m *MLP) Pack() {
	for i := range m.layers {
		l := &m.layers[i]
		l.fwd.PackT(l.w.mat())
		l.bwd.Pack(l.w.mat())
		l.packed = l.w.version
	}
}

// fresh panics when the weights changed and Pack was forgotten: a network that quietly never learns is
// worse.
func (m *MLP) fresh(l *layer) {
	if l.packed != l.w.version {
		panic("nn: " + l.w.Name + " changed after the last Pack: call " + m.name + ".Pack()")
	}
}
