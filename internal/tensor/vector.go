package tensor

import "fmt"

// same panics unless every slice has at least n floats, so that the kernels may skip bounds checks.
func same(who string, n int, slices ...int) {
	for _, l := range slices {
		if l < n {
			panic(fmt.Sprintf("tensor: %s: a slice of %d floats where %d are needed", who, l, n))
		}
	}
}

// AdamW holds the scalars of one decoupled-weight-decay Adam step (Loshchilov & Hutter 2019), bias correction folded in:
//
//	g' = GradScale*g;  m += (1-Beta1)*(g'-m);  v += (1-Beta2)*(g'²-v)
//	w = Keep*w - Step*m/(RootScale*sqrt(v) + Eps)
type AdamW struct {
	Beta1, Beta2 float32
	GradScale    float32 // gradient clipping
	Keep         float32 // 1 - lr*decay
	Step         float32 // lr / (1 - Beta1^t)
	RootScale    float32 // 1 / sqrt(1 - Beta2^t)
	Eps          float32
}

// LayerNormGrad holds the vectors that all rows of one layer-norm share: the gain (in) and the gradients of gain and bias (added to).
type LayerNormGrad struct {
	Gain, DGain, DBias []float32
}
