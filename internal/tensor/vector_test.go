package tensor

import (
	"math"
	"math/rand/v2"
	"testing"
)

// ulps is the distance of got from want in units of the last place of want (of the least normal number,
// when smaller).
func ulps(got float32, want float64) float64 {
	if math.IsNaN(want) {
		if got != got {
			return 0
		}
		return math.Inf(1)
	}
	mag := max(math.Abs(want), 0x1p-126)
	return math.Abs(float64(got)-want) / math.Ldexp(1, math.Ilogb(mag)-23)
}

// sweepInputs covers [-limit, limit]: evenly, at random, and towards zero.
func sweepInputs(limit float64) []float32 {
	rng := newRand(7)
	var x []float32
	for i := range 60_000 {
		x = append(x, float32(limit*(float64(i)/30_000-1)), float32(limit*(2*rng.Float64()-1)),
			float32(math.Copysign(math.Exp2(-30*rng.Float64()), rng.Float64()-0.5)))
	}
	return append(x, 0, float32(math.Copysign(0, -1)))
}

func sigmoid64(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// The documented accuracy of each function over the range in which it does not saturate. The bounds come
// from the number of roundings: e^x is the polynomial (1 ulp) times a power of two; a sigmoid adds a sum
// and a quotient.
func TestFunctionsAreAccurate(t *testing.T) {
	for _, tc := range []struct {
		name    string
		limit   float64
		ulp     float64
		f       func(y, x []float32)
		exact   func(x float64) float64
		ofScale bool // error in units of 1, not of the result
	}{
		{"exp", 87, 1.5, Exp, math.Exp, false},
		{"sigmoid", 86, 2.5, Sigmoid, sigmoid64, false},
		{"silu", 80, 3, SiLU, func(x float64) float64 { return x * sigmoid64(x) }, false},
		{"tanh", 20, 2, Tanh, math.Tanh, false},
		{"sin", 3000, 1, func(y, x []float32) { Sincos(y, make([]float32, len(x)), x) }, math.Sin, true},
		{"cos", 3000, 1, func(y, x []float32) { Sincos(make([]float32, len(x)), y, x) }, math.Cos, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			eachForm(t, func(t *testing.T) {
				x := sweepInputs(tc.limit)
				y := make([]float32, len(x))
				tc.f(y, x)
				worst, at := 0.0, float32(0)
				for i, v := range x {
					want := tc.exact(float64(v))
					u := ulps(y[i], want)
					if tc.ofScale {
						u = math.Abs(float64(y[i])-want) / 0x1p-23
					}
					if u > worst {
						worst, at = u, v
					}
				}
				if worst > tc.ulp {
					t.Errorf("off by %.2f ulp at %v, documented %.2f", worst, at, tc.ulp)
				}
				t.Logf("worst %.2f ulp at %v", worst, at)
			})
		})
	}
}

func TestFunctionsSaturateAndKeepNaN(t *testing.T) {
	inf := float32(math.Inf(1))
	eachForm(t, func(t *testing.T) {
		for _, odd := range []uint32{0x7fc00000, 0x7fc00001, 0xffc12345, 0x7f800001} {
			x := []float32{math.Float32frombits(odd)}
			for name, f := range map[string]func(y, x []float32){"exp": Exp, "sigmoid": Sigmoid,
				"silu": SiLU, "tanh": Tanh,
				"siluGrad": func(y, x []float32) { SiLUGrad(y, []float32{1}, x) }} {
				y := make([]float32, 1)
				if f(y, x); y[0] == y[0] {
					t.Errorf("%s(NaN %x) = %v", name, odd, y[0])
				}
			}
		}
		x, y := []float32{inf, -inf, 1000, -1000}, make([]float32, 4)
		Exp(y, x)
		if math.Abs(float64(y[0])/2.4e38-1) > 0.01 || y[2] != y[0] || !(y[1] < 2e-38) || y[3] != y[1] {
			t.Errorf("exp of ±Inf, ±1000: %v", y)
		}
		Tanh(y, x)
		if y[0] != 1 || y[1] != -1 || y[2] != 1 || y[3] != -1 {
			t.Errorf("tanh: %v", y)
		}
		Sigmoid(y, x)
		if y[0] != 1 || y[2] != 1 || y[3] < 0 || y[3] > 1e-37 {
			t.Errorf("sigmoid: %v", y)
		}
	})
}

// elementwise is every kernel that maps element i to element i, with its outputs in out and inputs in in.
var elementwise = map[string]func(out, in [][]float32){
	"exp":      func(o, x [][]float32) { Exp(o[0], x[0]) },
	"sigmoid":  func(o, x [][]float32) { Sigmoid(o[0], x[0]) },
	"silu":     func(o, x [][]float32) { SiLU(o[0], x[0]) },
	"tanh":     func(o, x [][]float32) { Tanh(o[0], x[0]) },
	"siluGrad": func(o, x [][]float32) { SiLUGrad(o[0], x[0], x[1]) },
	"sincos":   func(o, x [][]float32) { Sincos(o[0], o[1], x[0]) },
	"axpy":     func(o, x [][]float32) { copy(o[0], x[0]); Axpy(o[0], 0.3, x[1]) },
	"scale":    func(o, x [][]float32) { copy(o[0], x[0]); Scale(o[0], 0.3) },
	"affine":   func(o, x [][]float32) { AffineSiLU(o[0], x[0], x[1], x[2]) },
	"dAffine":  func(o, x [][]float32) { AffineSiLUGrad(o[0], x[0], x[1], x[2], x[3]) },
	"adamW": func(o, x [][]float32) {
		for i := range 3 {
			for j, v := range x[i] {
				o[i][j] = v * v
			}
		}
		AdamW{Beta1: 0.9, Beta2: 0.99, GradScale: 0.5, Keep: 0.999, Step: 0.01, RootScale: 1.1,
			Eps: 1e-8}.Update(o[0], x[3], o[1], o[2])
	},
}

// Whatever the length, element i is the same: tails go through the same arithmetic, and nothing is
// written behind the end.
func TestTailsEqualWholeVectors(t *testing.T) {
	const most = 67
	rng := newRand(3)
	in := make([][]float32, 4)
	for i := range in {
		in[i] = make([]float32, most)
		for j := range in[i] {
			in[i][j] = float32(2 * rng.NormFloat64())
		}
	}
	fresh := func(n int) [][]float32 {
		o := make([][]float32, 3)
		for i := range o {
			o[i] = make([]float32, n+8)
			for j := range o[i] {
				o[i][j] = guard
			}
		}
		return o
	}
	eachForm(t, func(t *testing.T) {
		for name, f := range elementwise {
			whole := fresh(most)
			f(cut(whole, most), in)
			for n := range most {
				part := fresh(n)
				f(cut(part, n), cut(in, n))
				for i := range part {
					for j, v := range part[i] {
						if w := whole[i][j]; j < n && v != w && (v == v || w == w) {
							t.Fatalf("%s of %d: output %d[%d] = %v, of %d: %v", name, n, i, j, v, most, w)
						} else if j >= n && v == v {
							t.Fatalf("%s of %d wrote %v at %d", name, n, v, j)
						}
					}
				}
			}
		}
	})
}

func cut(x [][]float32, n int) [][]float32 {
	y := make([][]float32, len(x))
	for i := range x {
		y[i] = x[i][:n]
	}
	return y
}

// All forms share one algorithm; they may differ by the roundings that fusing saves, a few ulp of the
// largest term.
func TestFormsAgree(t *testing.T) {
	rng := newRand(4)
	const n = 100
	in := make([][]float32, 4)
	for i := range in {
		in[i] = make([]float32, n)
		for j := range in[i] {
			in[i][j] = float32(rng.NormFloat64())
		}
	}
	for name, f := range elementwise {
		first := map[string][][]float32{}
		eachForm(t, func(t *testing.T) {
			o := [][]float32{make([]float32, n), make([]float32, n), make([]float32, n)}
			f(o, in)
			want, ok := first[name]
			if !ok {
				first[name] = o
				return
			}
			for i := range o {
				for j, v := range o[i] {
					if d := math.Abs(float64(v - want[i][j])); d > 16*unit*max(1, math.Abs(float64(v))) {
						t.Fatalf("%s: output %d[%d] = %v, another form %v", name, i, j, v, want[i][j])
					}
				}
			}
		})
	}
}

func randomVector(rng *rand.Rand, n int, mean, dev float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(mean + dev*rng.NormFloat64())
	}
	return x
}

func TestDotIsWithinItsErrorBound(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		rng := newRand(5)
		for n := range 70 {
			x, y := randomVector(rng, n, 0, 1), randomVector(rng, n, 0, 1)
			var sum, size float64
			for i, v := range x {
				sum += float64(v) * float64(y[i])
				size += math.Abs(float64(v) * float64(y[i]))
			}
			if got := Dot(x, y); math.Abs(float64(got)-sum) > gamma(n)*size {
				t.Fatalf("Dot of %d = %v, exact %v", n, got, sum)
			}
		}
	})
}

func TestAdamWIsAccurate(t *testing.T) {
	eachForm(t, func(t *testing.T) {
		rng := newRand(6)
		const n = 37
		w, g := randomVector(rng, n, 0, 1), randomVector(rng, n, 0, 1)
		m, v := randomVector(rng, n, 0, 1), randomVector(rng, n, 2, 0.1)
		a := AdamW{Beta1: 0.9, Beta2: 0.999, GradScale: 0.5, Keep: 0.99, Step: 0.1, RootScale: 1.5, Eps: 1e-3}
		w0, m0, v0 := append([]float32(nil), w...), append([]float32(nil), m...), append([]float32(nil), v...)
		a.Update(w, g, m, v)
		for i := range n {
			gi := float64(g[i]) * 0.5
			me := float64(m0[i]) + (1-float64(a.Beta1))*(gi-float64(m0[i]))
			ve := float64(v0[i]) + (1-float64(a.Beta2))*(gi*gi-float64(v0[i]))
			we := float64(w0[i])*float64(a.Keep) - float64(a.Step)*me/(1.5*math.Sqrt(ve)+float64(a.Eps))
			for _, c := range [][2]float64{{float64(m[i]), me}, {float64(v[i]), ve}, {float64(w[i]), we}} {
				if math.Abs(c[0]-c[1]) > 8*unit*max(1, math.Abs(c[1])) {
					t.Fatalf("element %d: %v, exact %v", i, c[0], c[1])
				}
			}
		}
	})
}
