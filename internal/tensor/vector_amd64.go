package tensor

import "unsafe"

// Each function below picks the kernel of the active form.

// p is the address of the first float.
func p(x []float32) *float32 { return unsafe.SliceData(x) }

func vecExp(y, x []float32) {
	switch active {
	case AVX512:
		expAVX512(p(y), p(x), len(x))
	case AVX2:
		expAVX2(p(y), p(x), len(x))
	default:
		expGeneric(y, x)
	}
}

func vecSigmoid(y, x []float32) {
	switch active {
	case AVX512:
		sigmoidAVX512(p(y), p(x), len(x))
	case AVX2:
		sigmoidAVX2(p(y), p(x), len(x))
	default:
		sigmoidGeneric(y, x)
	}
}

func vecTanh(y, x []float32) {
	switch active {
	case AVX512:
		tanhAVX512(p(y), p(x), len(x))
	case AVX2:
		tanhAVX2(p(y), p(x), len(x))
	default:
		tanhGeneric(y, x)
	}
}

func vecSiLU(y, x []float32) {
	switch active {
	case AVX512:
		siluAVX512(p(y), p(x), len(x))
	case AVX2:
		siluAVX2(p(y), p(x), len(x))
	default:
		siluGeneric(y, x)
	}
}

func vecSiLUGrad(dx, dy, x []float32) {
	switch active {
	case AVX512:
		siluGradAVX512(p(dx), p(dy), p(x), len(x))
	case AVX2:
		siluGradAVX2(p(dx), p(dy), p(x), len(x))
	default:
		siluGradGeneric(dx, dy, x)
	}
}

func vecSincos(sin, cos, x []float32) {
	switch active {
	case AVX512:
		sincosAVX512(p(sin), p(cos), p(x), len(x))
	case AVX2:
		sincosAVX2(p(sin), p(cos), p(x), len(x))
	default:
		sincosGeneric(sin, cos, x)
	}
}

func vecAxpy(y []float32, alpha float32, x []float32) {
	switch active {
	case AVX512:
		axpyAVX512(p(y), alpha, p(x), len(x))
	case AVX2:
		axpyAVX2(p(y), alpha, p(x), len(x))
	default:
		axpyGeneric(y, alpha, x)
	}
}

func vecScale(x []float32, alpha float32) {
	switch active {
	case AVX512:
		scaleAVX512(p(x), alpha, len(x))
	case AVX2:
		scaleAVX2(p(x), alpha, len(x))
	default:
		scaleGeneric(x, alpha)
	}
}

func vecDot(x, y []float32) float32 {
	switch active {
	case AVX512:
		return dotAVX512(p(x), p(y), len(x))
	case AVX2:
		return dotAVX2(p(x), p(y), len(x))
	}
	return dotGeneric(x, y)
}

func vecAdamW(w, g, m, v []float32, a AdamW) {
	switch active {
	case AVX512:
		adamWAVX512(p(w), p(g), p(m), p(v), len(g), 1-a.Beta1, 1-a.Beta2, a.GradScale, a.Keep, a.Step,
			a.RootScale, a.Eps)
	case AVX2:
		adamWAVX2(p(w), p(g), p(m), p(v), len(g), 1-a.Beta1, 1-a.Beta2, a.GradScale, a.Keep, a.Step,
			a.RootScale, a.Eps)
	default:
		adamWGeneric(w, g, m, v, a)
	}
}

func vecNormalize(xhat, x []float32, eps float32) float32 {
	switch active {
	case AVX512:
		return normalizeAVX512(p(xhat), p(x), len(x), eps)
	case AVX2:
		return normalizeAVX2(p(xhat), p(x), len(x), eps)
	}
	return normalizeGeneric(xhat, x, eps)
}

func vecNormSiLU(x, gain, bias []float32, eps float32) {
	switch active {
	case AVX512:
		normSiLUAVX512(p(x), p(gain), p(bias), len(x), eps)
	case AVX2:
		normSiLUAVX2(p(x), p(gain), p(bias), len(x), eps)
	default:
		normSiLUGeneric(x, gain, bias, eps)
	}
}

func vecAffineSiLU(y, xhat, gain, bias []float32) {
	switch active {
	case AVX512:
		affineSiLUAVX512(p(y), p(xhat), p(gain), p(bias), len(xhat))
	case AVX2:
		affineSiLUAVX2(p(y), p(xhat), p(gain), p(bias), len(xhat))
	default:
		affineSiLUGeneric(y, xhat, gain, bias)
	}
}

func vecAffineSiLUGrad(dh, dy, xhat, gain, bias []float32) {
	switch active {
	case AVX512:
		affineSiLUGradAVX512(p(dh), p(dy), p(xhat), p(gain), p(bias), len(xhat))
	case AVX2:
		affineSiLUGradAVX2(p(dh), p(dy), p(xhat), p(gain), p(bias), len(xhat))
	default:
		affineSiLUGradGeneric(dh, dy, xhat, gain, bias)
	}
}

func vecLayerNormGrad(g LayerNormGrad, dx, dh, xhat []float32, rstd float32) {
	switch active {
	case AVX512:
		layerNormGradAVX512(p(dx), p(dh), p(xhat), p(g.Gain), p(g.DGain), p(g.DBias), len(dh), rstd)
	case AVX2:
		layerNormGradAVX2(p(dx), p(dh), p(xhat), p(g.Gain), p(g.DGain), p(g.DBias), len(dh), rstd)
	default:
		layerNormGradGeneric(g, dx, dh, xhat, rstd)
	}
}

func vecAddHarmonics(sums HarmonicSums, c1, s1 Mat) {
	if active == Generic {
		addHarmonicsGeneric(sums, c1, s1)
		return
	}
	for j := 0; j < sums.Cols; j += lanes() {
		k := sums.At(j, 1)
		cos, sin, c, s := at(sums.Cos, k), at(sums.Sin, k), at(c1.Data, j), at(s1.Data, j)
		if active == AVX512 {
			addHarmonicsAVX512(cos, sin, c, s, 4*c1.Stride, c1.Rows, sums.Harmonics)
		} else {
			addHarmonicsAVX2(cos, sin, c, s, 4*c1.Stride, c1.Rows, sums.Harmonics)
		}
	}
}

func vecHarmonicSeries(y Mat, gain HarmonicSums, c1, s1 Mat) {
	if active == Generic {
		harmonicSeriesGeneric(y, gain, c1, s1)
		return
	}
	for j := 0; j < gain.Cols; j += lanes() {
		k := gain.At(j, 1)
		cos, sin, c, s := at(gain.Cos, k), at(gain.Sin, k), at(c1.Data, j), at(s1.Data, j)
		if active == AVX512 {
			harmonicSeriesAVX512(at(y.Data, j), cos, sin, c, s, 4*c1.Stride, c1.Rows, gain.Harmonics)
		} else {
			harmonicSeriesAVX2(at(y.Data, j), cos, sin, c, s, 4*c1.Stride, c1.Rows, gain.Harmonics)
		}
	}
}

// lanes is the number of floats in a vector of the active form.
func lanes() int {
	if active == AVX512 {
		return 16
	}
	return 8
}
