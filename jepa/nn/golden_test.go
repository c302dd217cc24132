package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"robotd/internal/tensor"
	"robotd/jepa/safetensors"
)

// golden is testdata/golden.safetensors: what PyTorch computes for the same numbers (testdata/golden.py
// makes it).
type golden struct {
	t *testing.T
	f *safetensors.File
}

func loadGolden(t *testing.T) golden {
	t.Helper()
	f, err := safetensors.Load("testdata/golden.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	return golden{t, f}
}

func (g golden) get(name string) []float32 {
	g.t.Helper()
	for _, t := range g.f.Tensors {
		if t.Name == name {
			return t.Data
		}
	}
	g.t.Fatalf("no %q in the golden file", name)
	return nil
}

// eachForm runs the test with every kernel form of this processor.
func eachForm(t *testing.T, test func(t *testing.T)) {
	before := tensor.Active()
	defer tensor.Use(before)
	for _, f := range tensor.Forms() {
		if err := tensor.Use(f); err != nil {
			t.Fatal(err)
		}
		t.Run(f.String(), test)
	}
}

// network is the golden MLP with its weights.
func (g golden) network() *MLP {
	m := NewMLP("net", []int{5, 24, 17, 3}, rand.New(rand.NewPCG(1, 1)), MLPOptions{})
	for _, p := range m.Params() {
		w, err := g.f.Get(p.Name, p.Shape()...)
		if err != nil {
			g.t.Fatal(err)
		}
		copy(p.W, w)
		p.Touch()
	}
	m.Pack()
	return m
}

func TestNetworkEqualsPyTorch(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		g := loadGolden(t)
		m := g.network()
		var c Cache
		near(t, "y", m.Forward(g.get("x"), 7, &c), to64(g.get("y")), 2e-6)
		grads := m.NewGrads()
		near(t, "dx", m.Backward(g.get("direction"), &c, grads), to64(g.get("x.grad")), 1e-5)
		for i, p := range m.Params() {
			near(t, p.Name, grads.Of(i), to64(g.get(p.Name+".grad")), 1e-5)
		}
	})
}

func TestOptimiserEqualsPyTorch(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		g := loadGolden(t)
		m := g.network()
		opt := AdamW{LR: 0.01, WeightDecay: 0.1, ClipNorm: 1}
		for step := range 5 {
			for _, p := range m.Params() {
				p.G = g.get(fmt.Sprintf("step%d.%s.grad", step, p.Name))
			}
			want := float64(g.get(fmt.Sprintf("step%d.norm", step))[0])
			if norm := opt.Step(m.Params()); math.Abs(norm/want-1) > 1e-5 {
				t.Errorf("step %d: gradient norm %v, PyTorch %v", step, norm, want)
			}
		}
		for _, p := range m.Params() {
			near(t, p.Name, p.W, to64(g.get(p.Name+".after")), 1e-6)
		}
	})
}

func TestLossesEqualPyTorch(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		g := loadGolden(t)
		reg := NewSIGReg(6, 32, rand.New(rand.NewPCG(1, 1)))
		reg.setDirections(g.get("directions"))
		vic := VICReg{Std: 1.5, Var: 2, Cov: 3}
		for name, f := range map[string]func(x, dx []float32) float64{
			"mse": func(x, dx []float32) float64 { return MSE(x, g.get("target"), 1, dx, nil) },
			"smooth_l1": func(x, dx []float32) float64 {
				return SmoothL1(x, g.get("target"), 0.7, 1, dx, nil)
			},
			"bce":    func(x, dx []float32) float64 { return BCEWithLogits(x, g.get("soft"), 1, dx) },
			"sigreg": func(x, dx []float32) float64 { return reg.Loss(x, 20, 1, dx) },
			"vicreg": func(x, dx []float32) float64 { return vic.Loss(x, 20, 6, 1, dx) },
		} {
			x := g.get(name + ".x")
			dx := make([]float32, len(x))
			got, want := f(x, dx), float64(g.get(name + ".value")[0])
			if math.Abs(got/want-1) > 3e-6 {
				t.Errorf("%s = %v, PyTorch %v", name, got, want)
			}
			near(t, name+" gradient", dx, to64(g.get(name+".grad")), 1e-5)
		}
	})
}
