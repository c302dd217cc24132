package nn

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestMovingAverageOfWeights(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	a := NewMLP("a", []int{3, 5, 2}, rng, MLPOptions{})
	b := NewMLP("b", []int{3, 5, 2}, rng, MLPOptions{})
	was, goal := a.Params()[0].W[4], b.Params()[0].W[4]
	if err := LerpParams(a.Params(), b.Params(), 0.25); err != nil {
		t.Fatal(err)
	}
	if got, want := a.Params()[0].W[4], 0.75*was+0.25*goal; math.Abs(float64(got-want)) > 1e-7 {
		t.Errorf("a quarter of the way from %v to %v: %v", was, goal, got)
	}
	if err := CopyParams(a.Params(), b.Params()); err != nil {
		t.Fatal(err)
	}
	for i, p := range a.Params() {
		for j, w := range p.W {
			if w != b.Params()[i].W[j] {
				t.Fatalf("%s[%d] = %v after the copy of %v", p.Name, j, w, b.Params()[i].W[j])
			}
		}
	}
	other := NewMLP("c", []int{3, 6, 2}, rng, MLPOptions{})
	if err := CopyParams(a.Params(), other.Params()); err == nil || !strings.Contains(err.Error(), "a.0.weight") {
		t.Errorf("other widths: %v", err)
	}
}

func TestFiniteNamesTheDamage(t *testing.T) {
	m := NewMLP("net", []int{3, 5, 2}, rand.New(rand.NewPCG(1, 2)), MLPOptions{})
	if n := CountParams(m.Params()); n != 3*5+5+5+5+5*2+2 {
		t.Errorf("%d parameters", n)
	}
	if err := Finite(m.Params()); err != nil {
		t.Error(err)
	}
	m.Params()[0].W[7] = float32(math.Inf(-1))
	if err := Finite(m.Params()); err == nil || !strings.Contains(err.Error(), "net.0.weight[2][1]") {
		t.Errorf("infinite weight: %v", err)
	}
}
