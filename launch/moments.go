package launch

import (
	"fmt"
	"path/filepath"

	"robotd/internal/tensor"
	"robotd/jepa/safetensors"
)

// The optimisers' moments pass from round to round (each round begins its learning rate and its bias correction anew, a soft
// restart), so an interrupted training keeps them beside the weights and goes on as an unbroken one does.
const momentsFile = "moments.safetensors"

func (t *Trainer) saveMoments() error {
	f := &safetensors.File{}
	for _, p := range t.model.Params() {
		if p.M == nil {
			continue
		}
		f.Tensors = append(f.Tensors, safetensors.Tensor{Name: p.Name + ".m", Shape: []int{len(p.M)}, Data: p.M},
			safetensors.Tensor{Name: p.Name + ".v", Shape: []int{len(p.V)}, Data: p.V})
	}
	return safetensors.Save(filepath.Join(t.o.Dir, momentsFile), f)
}

func (t *Trainer) loadMoments() error {
	path := filepath.Join(t.o.Dir, momentsFile)
	f, err := safetensors.Load(path)
	if err != nil {
		return fmt.Errorf("%w; remove the folder %s to begin anew", err, t.o.Dir)
	}
	known := map[string]bool{}
	for _, x := range f.Tensors {
		known[x.Name] = true
	}
	for _, p := range t.model.Params() {
		if !known[p.Name+".m"] { // not trained yet
			continue
		}
		m, err := f.Get(p.Name+".m", len(p.W))
		if err != nil {
			return fmt.Errorf("%s: %w; remove the folder to begin anew", path, err)
		}
		v, err := f.Get(p.Name+".v", len(p.W))
		if err != nil {
			return fmt.Errorf("%s: %w; remove the folder to begin anew", path, err)
		}
		p.M, p.V = tensor.Aligned(len(p.W)), tensor.Aligned(len(p.W))
		copy(p.M, m)
		copy(p.V, v)
	}
	return nil
}
