// Package safetensors reads and writes float32 weights in the safetensors format (version 0.x of
// github.com/huggingface/safetensors): 8 bytes little-endian header length, a JSON header that names
// every tensor with dtype, shape and byte range, then the raw little-endian numbers without gaps.
// PyTorch, JAX and Rust read the same files.
//
// Reading is strict, because a weights file decides how a robot moves: whatever is not exactly right is
// refused with the tensor's name, what is wrong and what to do.
package safetensors

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Limits of what is read. A header of 16 MiB names about 100,000 tensors.
const (
	MaxHeaderBytes = 16 << 20
	MaxFileBytes   = 4 << 30
	maxDims        = 8
)

// Tensor is one named array, row-major. A nil Shape is a scalar.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32
}

// File is what one file holds: tensors and free text about them (Metadata may be nil).
type File struct {
	Tensors  []Tensor // in the order of their bytes
	Metadata map[string]string
}

// Get is the data of the tensor of that name, which must have that shape. The slice is the file's own.
func (f *File) Get(name string, shape ...int) ([]float32, error) {
	for i := range f.Tensors {
		t := &f.Tensors[i]
		if t.Name != name {
			continue
		}
		if !slices.Equal(t.Shape, shape) {
			return nil, fmt.Errorf("safetensors: tensor %q has shape %v, the network needs %v: the file "+
				"belongs to a network of other widths; use the configuration it was trained with", name, t.Shape, shape)
		}
		return t.Data, nil
	}
	return nil, fmt.Errorf("safetensors: no tensor %q; the file has %s: it belongs to another network or "+
		"version",
		name, f.names())
}

// names lists the first tensors for an error message.
func (f *File) names() string {
	const shown = 4
	var b strings.Builder
	for i, t := range f.Tensors {
		if i == shown {
			fmt.Fprintf(&b, " and %d more", len(f.Tensors)-shown)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", t.Name)
	}
	if b.Len() == 0 {
		return "no tensors"
	}
	return b.String()
}

// elements is the product of shape; ok is false when it is negative or absurd.
func elements(shape []int) (n int, ok bool) {
	n = 1
	for _, d := range shape {
		if d < 0 || (d > 0 && n > MaxFileBytes/d) {
			return 0, false
		}
		n *= d
	}
	return n, true
}

// finite names the first number of t that is NaN or infinite.
func (t *Tensor) finite() error {
	for i, v := range t.Data {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("safetensors: tensor %q: element %d of %d is %v: the training that wrote it "+
				"diverged or the file is damaged; use an earlier checkpoint", t.Name, i, len(t.Data), v)
		}
	}
	return nil
}
