package tensor

func sweep(c Mat, a operand, b *Packed, st start) { sweepGeneric(c, a, b, st) }

// Exp writes y[i] = e^x[i]. y may be x.
func Exp(y, x []float32) { same("Exp", len(x), len(y)); expGeneric(y, x) }

// Sigmoid writes y[i] = 1/(1+e^-x[i]). y may be x.
func Sigmoid(y, x []float32) { same("Sigmoid", len(x), len(y)); sigmoidGeneric(y, x) }

// Tanh writes y[i] = tanh(x[i]). y may be x.
func Tanh(y, x []float32) { same("Tanh", len(x), len(y)); tanhGeneric(y, x) }

// SiLU writes y[i] = x[i]*sigmoid(x[i]). y may be x.
func SiLU(y, x []float32) { same("SiLU", len(x), len(y)); siluGeneric(y, x) }

// SiLUGrad writes dx[i] = dy[i]*s*(1+x[i]*(1-s)), s = sigmoid(x[i]). dx may be dy or x.
func SiLUGrad(dx, dy, x []float32) {
	same("SiLUGrad", len(x), len(dx), len(dy))
	siluGradGeneric(dx, dy, x)
}

// Sincos writes sin[i], cos[i] of x[i].
func Sincos(sin, cos, x []float32) {
	same("Sincos", len(x), len(sin), len(cos))
	sincosGeneric(sin, cos, x)
}

// Axpy adds alpha*x to y.
func Axpy(y []float32, alpha float32, x []float32) {
	same("Axpy", len(x), len(y))
	axpyGeneric(y, alpha, x)
}

// Scale multiplies x by alpha.
func Scale(x []float32, alpha float32) { scaleGeneric(x, alpha) }

// Dot is the scalar product of x and y.
func Dot(x, y []float32) float32 { same("Dot", len(x), len(y)); return dotGeneric(x, y) }

// Normalize writes xhat = (x-mean)*rstd, rstd = 1/sqrt(var+eps), and returns rstd. xhat may be x.
func Normalize(xhat, x []float32, eps float32) (rstd float32) {
	same("Normalize", len(x), len(xhat))
	return normalizeGeneric(xhat, x, eps)
}

// AffineSiLU writes y = silu(xhat*gain + bias), element by element.
func AffineSiLU(y, xhat, gain, bias []float32) {
	same("AffineSiLU", len(xhat), len(y), len(gain), len(bias))
	affineSiLUGeneric(y, xhat, gain, bias)
}

// AffineSiLUGrad writes dh = dy*silu'(xhat*gain+bias).
func AffineSiLUGrad(dh, dy, xhat, gain, bias []float32) {
	same("AffineSiLUGrad", len(xhat), len(dh), len(dy), len(gain), len(bias))
	affineSiLUGradGeneric(dh, dy, xhat, gain, bias)
}

// Row back-propagates one row: given dh, the gradient after the affine step, it adds to DGain and DBias and writes dx. dx may be dh.
func (g LayerNormGrad) Row(dx, dh, xhat []float32, rstd float32) {
	n := len(dh)
	same("LayerNormGrad", n, len(dx), len(xhat), len(g.Gain), len(g.DGain), len(g.DBias))
	layerNormGradGeneric(g, dx, dh, xhat, rstd)
}

// Update does one step on weights w with gradient g and moments m, v.
func (a AdamW) Update(w, g, m, v []float32) {
	same("AdamW", len(g), len(w), len(m), len(v))
	adamWGeneric(w, g, m, v, a)
}

// AddHarmonics adds to sums, over the rows of the angles x, cos(k*x) and sin(k*x), k = 1..Harmonics.
// c1 and s1 hold cos x and sin x (rows x columns); higher k follow by angle addition.
func AddHarmonics(sums HarmonicSums, c1, s1 Mat) {
	sums.check("AddHarmonics", c1, s1)
	characteristicSumsGeneric(sums, c1, s1)
}

// HarmonicSeries writes y = sum over k of gain.Cos[k]*cos(k*x) + gain.Sin[k]*sin(k*x), column by column.
func HarmonicSeries(y Mat, gain HarmonicSums, c1, s1 Mat) {
	gain.check("HarmonicSeries", c1, s1)
	gain.check("HarmonicSeries", y, s1)
	harmonicSeriesGeneric(y, gain, c1, s1)
}
