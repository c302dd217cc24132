package tensor

import (
	"math"
	"testing"
)

// exactNorm is (x-mean)/sqrt(variance+eps) in float64.
func exactNorm(x []float32, eps float64) (xhat []float64, rstd float64) {
	n := float64(len(x))
	var mean, sq float64
	for _, v := range x {
		mean += float64(v) / n
	}
	for _, v := range x {
		sq += (float64(v) - mean) * (float64(v) - mean) / n
	}
	rstd = 1 / math.Sqrt(sq+eps)
	for _, v := range x {
		xhat = append(xhat, (float64(v)-mean)*rstd)
	}
	return xhat, rstd
}

// The mean carries gamma(n) of the largest |x|; after dividing by the deviation that is the error of
// every element, and the squares add gamma(n) of relative error to rstd.
func TestNormalizeIsWithinItsErrorBound(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		rng := newRand(8)
		for n := 1; n <= 300; n += 1 + n/9 {
			for _, mean := range []float64{0, 100} {
				x := randomVector(rng, n, mean, 1)
				y := make([]float32, n)
				want, rstdWant := exactNorm(x, 1e-5)
				rstd := Normalize(y, x, 1e-5)
				var big float64
				for _, v := range x {
					big = max(big, math.Abs(float64(v)))
				}
				tol := 2 * gamma(n+4) * big * rstdWant
				for i, v := range want {
					if d := math.Abs(float64(y[i]) - v); !(d <= tol+gamma(n+8)*math.Abs(v)) {
						t.Fatalf("n %d, mean %v: xhat[%d] = %v, exact %v, bound %v", n, mean, i, y[i], v, tol)
					}
				}
				if rel := math.Abs(float64(rstd)/rstdWant - 1); rel > gamma(n+8)+tol {
					t.Fatalf("n %d: rstd %v, exact %v", n, rstd, rstdWant)
				}
			}
		}
	})
}

// Inference fuses what training does in two steps; both must give the same bytes.
func TestNormSiLUEqualsItsTwoSteps(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		rng := newRand(9)
		for n := 1; n <= 70; n++ {
			x, gain := randomVector(rng, n, 1, 2), randomVector(rng, n, 1, 0.2)
			bias := randomVector(rng, n, 0, 1)
			want := make([]float32, n)
			Normalize(want, x, 1e-5)
			AffineSiLU(want, want, gain, bias)
			NormSiLU(x, gain, bias, 1e-5)
			for i, v := range x {
				if v != want[i] {
					t.Fatalf("n %d: [%d] = %v fused, %v in two steps", n, i, v, want[i])
				}
			}
		}
	})
}

func TestLayerNormGradMatchesFormula(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		rng := newRand(10)
		for n := 1; n <= 70; n++ {
			dh, xhat := randomVector(rng, n, 0, 1), randomVector(rng, n, 0, 1)
			gain := randomVector(rng, n, 1, 0.3)
			dgain, dbias := randomVector(rng, n, 0, 1), randomVector(rng, n, 0, 1)
			g0, b0 := append([]float32(nil), dgain...), append([]float32(nil), dbias...)
			const rstd = 1.7
			var s1, s2 float64
			for i, d := range dh {
				s1 += float64(d) * float64(gain[i]) / float64(n)
				s2 += float64(d) * float64(gain[i]) * float64(xhat[i]) / float64(n)
			}
			dx := make([]float32, n)
			LayerNormGrad{Gain: gain, DGain: dgain, DBias: dbias}.Row(dx, dh, xhat, rstd)
			for i, d := range dh {
				want := rstd * (float64(d)*float64(gain[i]) - s1 - float64(xhat[i])*s2)
				wantG := float64(g0[i]) + float64(d)*float64(xhat[i])
				if math.Abs(float64(dx[i])-want) > 1e-5 || math.Abs(float64(dgain[i])-wantG) > 1e-6 ||
					dbias[i] != b0[i]+d {
					t.Fatalf("n %d [%d]: dx %v (%v), dgain %v (%v), dbias %v (%v)", n, i, dx[i], want,
						dgain[i], wantG, dbias[i], b0[i]+d)
				}
			}
		}
	})
}
