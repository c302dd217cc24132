package tensor

// LayerNormGrad holds the vectors that all rows of one layer norm share: the gain (in) and the gradients
// of gain and bias (added to).
type LayerNormGrad struct {
	Gain, DGain, DBias []float32
}

// Normalize writes xhat = (x-mean)*rstd, rstd = 1/sqrt(variance+eps), and returns rstd. xhat may be x.
func Normalize(xhat, x []float32, eps float32) (rstd float32) {
	same("Normalize", len(x), len(xhat))
	return vecNormalize(xhat, x, eps)
}

// NormSiLU replaces x by silu(normalised(x)*gain + bias): LayerNorm and SiLU of one row, in place.
// Every element equals what Normalize and AffineSiLU give one after the other.
func NormSiLU(x, gain, bias []float32, eps float32) {
	same("NormSiLU", len(x), len(gain), len(bias))
	vecNormSiLU(x, gain, bias, eps)
}

// AffineSiLU writes y = silu(xhat*gain + bias), element by element. y may be xhat.
func AffineSiLU(y, xhat, gain, bias []float32) {
	same("AffineSiLU", len(xhat), len(y), len(gain), len(bias))
	vecAffineSiLU(y, xhat, gain, bias)
}

// AffineSiLUGrad writes dh = dy*silu'(xhat*gain+bias). dh may be dy.
func AffineSiLUGrad(dh, dy, xhat, gain, bias []float32) {
	same("AffineSiLUGrad", len(xhat), len(dh), len(dy), len(gain), len(bias))
	vecAffineSiLUGrad(dh, dy, xhat, gain, bias)
}

// Row back-propagates one row: given dh, the gradient after gain and bias, it adds to DGain and DBias and
// writes dx = rstd*(g - mean(g) - xhat*mean(g*xhat)), g = dh*gain. dx may be dh.
func (g LayerNormGrad) Row(dx, dh, xhat []float32, rstd float32) {
	n := len(dh)
	same("LayerNormGrad", n, len(dx), len(xhat), len(g.Gain), len(g.DGain), len(g.DBias))
	vecLayerNormGrad(g, dx, dh, xhat, rstd)
}
