//go:build !amd64

package tensor

func detect() Form { return Generic }

func peakRounds(rounds int) float64 { return peakScalar(rounds) }

func sweep(c Mat, a operand, b *Packed, st start) { sweepGeneric(c, a, b, st) }

func vecAddHarmonics(sums HarmonicSums, c1, s1 Mat) { addHarmonicsGeneric(sums, c1, s1) }

func vecHarmonicSeries(y Mat, gain HarmonicSums, c1, s1 Mat) { harmonicSeriesGeneric(y, gain, c1, s1) }

func vecExp(y, x []float32) { expGeneric(y, x) }

func vecSigmoid(y, x []float32) { sigmoidGeneric(y, x) }

func vecTanh(y, x []float32) { tanhGeneric(y, x) }

func vecSiLU(y, x []float32) { siluGeneric(y, x) }

func vecSiLUGrad(dx, dy, x []float32) { siluGradGeneric(dx, dy, x) }

func vecSincos(sin, cos, x []float32) { sincosGeneric(sin, cos, x) }

func vecAxpy(y []float32, alpha float32, x []float32) { axpyGeneric(y, alpha, x) }

func vecScale(x []float32, alpha float32) { scaleGeneric(x, alpha) }

func vecDot(x, y []float32) float32 { return dotGeneric(x, y) }

func vecAdamW(w, g, m, v []float32, a AdamW) { adamWGeneric(w, g, m, v, a) }

func vecNormalize(xhat, x []float32, eps float32) float32 { return normalizeGeneric(xhat, x, eps) }

func vecNormSiLU(x, gain, bias []float32, eps float32) { normSiLUGeneric(x, gain, bias, eps) }

func vecAffineSiLU(y, xhat, gain, bias []float32) { affineSiLUGeneric(y, xhat, gain, bias) }

func vecAffineSiLUGrad(dh, dy, xhat, gain, bias []float32) {
	affineSiLUGradGeneric(dh, dy, xhat, gain, bias)
}

func vecLayerNormGrad(g LayerNormGrad, dx, dh, xhat []float32, rstd float32) {
	layerNormGradGeneric(g, dx, dh, xhat, rstd)
}
