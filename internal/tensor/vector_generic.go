package tensor

import "math"

func expGeneric(y, x []float32) {
	for i, v := range x {
		y[i] = expf(v)
	}
}

func sigmoidGeneric(y, x []float32) {
	for i, v := range x {
		y[i] = sigmoidf(v)
	}
}

func tanhGeneric(y, x []float32) {
	for i, v := range x {
		y[i] = tanhf(v)
	}
}

func siluGeneric(y, x []float32) {
	for i, v := range x {
		y[i] = v / (1 + expf(-v))
	}
}

func siluGradGeneric(dx, dy, x []float32) {
	for i, v := range x {
		s := sigmoidf(v)
		dx[i] = dy[i] * s * (1 + v*(1-s))
	}
}

func sincosGeneric(sin, cos, x []float32) {
	for i, v := range x {
		sin[i], cos[i] = sincosf(v)
	}
}

func axpyGeneric(y []float32, alpha float32, x []float32) {
	for i, v := range x {
		y[i] += alpha * v
	}
}

func scaleGeneric(x []float32, alpha float32) {
	for i := range x {
		x[i] *= alpha
	}
}

func dotGeneric(x, y []float32) float32 {
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(x); i += 4 {
		s0 += x[i] * y[i]
		s1 += x[i+1] * y[i+1]
		s2 += x[i+2] * y[i+2]
		s3 += x[i+3] * y[i+3]
	}
	for ; i < len(x); i++ {
		s0 += x[i] * y[i]
	}
	return (s0 + s1) + (s2 + s3)
}

func normalizeGeneric(xhat, x []float32, eps float32) (rstd float32) {
	n := float32(len(x))
	var sum float32
	for _, v := range x {
		sum += v
	}
	mean := sum / n
	var sq float32
	for i, v := range x {
		d := v - mean
		xhat[i] = d
		sq += d * d
	}
	rstd = 1 / float32(math.Sqrt(float64(sq/n+eps)))
	for i := range xhat {
		xhat[i] *= rstd
	}
	return rstd
}

func normSiLUGeneric(x, gain, bias []float32, eps float32) {
	normalizeGeneric(x, x, eps)
	affineSiLUGeneric(x, x, gain, bias)
}

func affineSiLUGeneric(y, xhat, gain, bias []float32) {
	for i, v := range xhat {
		h := v*gain[i] + bias[i]
		y[i] = h / (1 + expf(-h))
	}
}

func layerNormGradGeneric(g LayerNormGrad, dx, dh, xhat []float32, rstd float32) {
	var s1, s2 float32
	for i, d := range dh {
		g.DBias[i] += d
		g.DGain[i] += d * xhat[i]
		dg := d * g.Gain[i]
		s1 += dg
		s2 += dg * xhat[i]
		dx[i] = dg
	}
	n := float32(len(dh))
	s1, s2 = s1/n, s2/n
	for i := range dx {
		dx[i] = rstd * (dx[i] - s1 - xhat[i]*s2)
	}
}

func affineSiLUGradGeneric(dh, dy, xhat, gain, bias []float32) {
	for i, v := range xhat {
		h := v*gain[i] + bias[i]
		s := sigmoidf(h)
		dh[i] = dy[i] * s * (1 + h*(1-s))
	}
}

func adamWGeneric(w, g, m, v []float32, a AdamW) {
	for i, gi := range g {
		gi *= a.GradScale
		m[i] += (1 - a.Beta1) * (gi - m[i])
		v[i] += (1 - a.Beta2) * (gi*gi - v[i])
		den := float32(math.Sqrt(float64(v[i])))*a.RootScale + a.Eps
		w[i] = w[i]*a.Keep - a.Step*m[i]/den
	}
}

func addHarmonicsGeneric(sums HarmonicSums, c1, s1 Mat) {
	for j := range c1.Cols {
		cs, sn := sums.strip(j)
		lane := j % Strip
		for b := range c1.Rows {
			c, s := c1.Data[b*c1.Stride+j], s1.Data[b*s1.Stride+j]
			ck, sk := c, s
			for k := lane; k < len(cs); k += Strip {
				cs[k] += ck
				sn[k] += sk
				ck, sk = ck*c-sk*s, sk*c+ck*s
			}
		}
	}
}

func harmonicSeriesGeneric(y Mat, gain HarmonicSums, c1, s1 Mat) {
	for j := range c1.Cols {
		cg, sg := gain.strip(j)
		lane := j % Strip
		for b := range c1.Rows {
			c, s := c1.Data[b*c1.Stride+j], s1.Data[b*s1.Stride+j]
			ck, sk := c, s
			var d float32
			for k := lane; k < len(cg); k += Strip {
				d += cg[k]*ck + sg[k]*sk
				ck, sk = ck*c-sk*s, sk*c+ck*s
			}
			y.Data[b*y.Stride+j] = d
		}
	}
}
