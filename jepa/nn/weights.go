package nn

import (
	"fmt"

	"robotd/jepa/safetensors"
)

// shape is the tensor shape of p: matrices [out, in], vectors [n], as PyTorch.
func (p *Param) shape() []int {
	if p.Rows == 1 {
		return []int{p.Cols}
	}
	return []int{p.Rows, p.Cols}
}

// Tensors lists the weights for a file. The data is shared with the parameters, not copied.
func Tensors(params []*Param) []safetensors.Tensor {
	ts := make([]safetensors.Tensor, len(params))
	for i, p := range params {
		ts[i] = safetensors.Tensor{Name: p.Name, Shape: p.shape(), Data: p.W}
	}
	return ts
}

// LoadParams copies the weights of that name and shape from f, all of them or, on an error, none. Call Pack afterwards.
func LoadParams(params []*Param, f *safetensors.File) error {
	found := make([][]float32, len(params))
	for i, p := range params {
		data, err := f.Get(p.Name, p.shape()...)
		if err != nil {
			return fmt.Errorf("nn: %w", err)
		}
		found[i] = data
	}
	for i, p := range params {
		copy(p.W, found[i])
		p.Touch()
	}
	return nil
}
