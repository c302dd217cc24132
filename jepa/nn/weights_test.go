package nn

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"robotd/jepa/safetensors"
)

func TestWeightsSurviveAFile(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	a := NewMLP("net", []int{3, 8, 1}, rng, MLPOptions{})
	b := NewMLP("net", []int{3, 8, 1}, rng, MLPOptions{})
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := safetensors.Save(path, &safetensors.File{Tensors: Tensors(a.Params())}); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := LoadParams(b.Params(), f); err != nil {
		t.Fatal(err)
	}
	b.Pack()
	x := normal(rng, 6)
	var ca, cb Cache
	ya, yb := a.Forward(x, 2, &ca), b.Forward(x, 2, &cb)
	if ya[0] != yb[0] || ya[1] != yb[1] {
		t.Errorf("%v before, %v after the file", ya, yb)
	}
	wide := NewMLP("net", []int{4, 8, 1}, rng, MLPOptions{})
	before := wide.Params()[1].W[0]
	if err := LoadParams(wide.Params(), f); err == nil || !strings.Contains(err.Error(), "net.0.weight") {
		t.Errorf("weights of another width: %v", err)
	}
	if wide.Params()[1].W[0] != before {
		t.Error("a refused file changed weights")
	}
}
