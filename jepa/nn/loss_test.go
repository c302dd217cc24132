package nn

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"
)

// lossFunc is the shape of every loss here.
type lossFunc func(x []float32, weight float32, dx []float32) float64

// checkLoss compares value and gradient of a loss with a float64 reference; weight 1.5 checks the weight
// too.
func checkLoss(t *testing.T, name string, x []float32, loss lossFunc, ref func(x []float64) float64) {
	t.Helper()
	const weight = 1.5
	x64 := to64(x)
	dx := make([]float32, len(x))
	got, want := loss(x, weight, dx), ref(x64)
	if math.Abs(got-want) > 2e-5*math.Max(1e-3, math.Abs(want)) {
		t.Errorf("%s = %v, reference %v", name, got, want)
	}
	if only := loss(x, weight, nil); only != got {
		t.Errorf("%s without gradient = %v, with %v", name, only, got)
	}
	grad := make([]float64, len(x))
	for i := range x {
		grad[i] = weight * slope(x64, i, func() float64 { return ref(x64) })
	}
	near(t, name+" gradient", dx, grad, 5e-5)
}

func TestPointwiseLosses(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	x, target := normal(rng, 50), normal(rng, 50)
	mean := func(x []float64, f func(x, t float64) float64) float64 {
		var s float64
		for i, v := range x {
			s += f(v, float64(target[i])) / float64(len(x))
		}
		return s
	}
	checkLoss(t, "MSE", x, func(x []float32, w float32, dx []float32) float64 {
		return MSE(x, target, w, dx, nil)
	},
		func(x []float64) float64 { return mean(x, func(x, t float64) float64 { return (x - t) * (x - t) }) })
	checkLoss(t, "MSE by target", x, func(x []float32, w float32, dx []float32) float64 {
		return MSE(target, x, w, nil, dx)
	},
		func(x []float64) float64 { return mean(x, func(x, t float64) float64 { return (x - t) * (x - t) }) })
	for _, beta := range []float32{1, 0.3} {
		checkLoss(t, "SmoothL1", x,
			func(x []float32, w float32, dx []float32) float64 {
				return SmoothL1(x, target, beta, w, dx, nil)
			},
			func(x []float64) float64 {
				return mean(x, func(x, t float64) float64 {
					b := float64(beta)
					if d := math.Abs(x - t); d >= b {
						return d - b/2
					}
					return (x - t) * (x - t) / (2 * b)
				})
			})
	}
	for i := range target {
		target[i] = rng.Float32()
		x[i] *= 5
	}
	checkLoss(t, "BCE", x, func(x []float32, w float32, dx []float32) float64 {
		return BCEWithLogits(x, target, w, dx)
	},
		func(x []float64) float64 {
			return mean(x, func(x, t float64) float64 {
				s := 1 / (1 + math.Exp(-x))
				return -t*math.Log(s) - (1-t)*math.Log(1-s)
			})
		})
}

// refSIGReg is the statistic from its definition: complex exponentials, no recurrence.
func refSIGReg(z []float64, a []float64, rows, dim, directions int) float64 {
	var total float64
	dt := sigTMax / (sigKnots - 1)
	for m := range directions {
		for k := range sigKnots {
			tk := float64(k) * dt
			w := 2 * dt
			if k == 0 || k == sigKnots-1 {
				w = dt
			}
			var ecf complex128
			for b := range rows {
				var x float64
				for i := range dim {
					x += z[b*dim+i] * a[m*dim+i]
				}
				ecf += cmplx.Exp(complex(0, tk*x)) / complex(float64(rows), 0)
			}
			phi := math.Exp(-tk * tk / 2)
			d := cmplx.Abs(ecf - complex(phi, 0))
			total += w * phi * d * d * float64(rows) / float64(directions)
		}
	}
	return total
}

func TestSIGRegMatchesDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	const rows, dim = 9, 5
	s := NewSIGReg(dim, 20, rng)
	if s.directions != 32 {
		t.Fatalf("20 directions became %d, want 32", s.directions)
	}
	a := to64(s.a)
	for i := range a {
		a[i] /= sigTMax / (sigKnots - 1)
	}
	for m := range s.directions {
		var sq float64
		for _, v := range a[m*dim : (m+1)*dim] {
			sq += v * v
		}
		if math.Abs(sq-1) > 1e-5 {
			t.Fatalf("direction %d has length² %v", m, sq)
		}
	}
	z := normal(rng, rows*dim)
	for i := range z {
		z[i] = 2*z[i] + 0.5
	}
	checkLoss(t, "SIGReg", z, func(z []float32, w float32, dz []float32) float64 {
		return s.Loss(z, rows, w, dz)
	},
		func(z []float64) float64 { return refSIGReg(z, a, rows, dim, s.directions) })
}

// Descending SIGReg alone must turn a collapsed, shifted batch into one of unit covariance and zero mean.
func TestSIGRegUndoesCollapse(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	const rows, dim = 256, 4
	z := &Param{Name: "z", Rows: rows, Cols: dim, W: normal(rng, rows*dim)}
	for i := range z.W {
		z.W[i] = 0.05*z.W[i] + 1
	}
	s := NewSIGReg(dim, 64, rng)
	opt := AdamW{LR: 0.02}
	for range 400 {
		s.Resample(rng)
		z.ZeroGrad()
		s.Loss(z.W, rows, 1, z.G)
		opt.Step([]*Param{z})
	}
	for i := range dim {
		for j := range dim {
			var c, mi, mj float64
			for r := range rows {
				mi += float64(z.W[r*dim+i]) / rows
				mj += float64(z.W[r*dim+j]) / rows
				c += float64(z.W[r*dim+i]) * float64(z.W[r*dim+j]) / rows
			}
			want := 0.0
			if i == j {
				want = 1
			}
			if math.Abs(c-mi*mj-want) > 0.15 || math.Abs(mi) > 0.1 {
				t.Errorf("covariance[%d][%d] = %.3f, mean %.3f", i, j, c-mi*mj, mi)
			}
		}
	}
}

func TestVICReg(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 18))
	const rows, dim = 12, 6
	z := normal(rng, rows*dim)
	for i := range z {
		z[i] *= 0.4 + 0.3*float32(i%dim) // some dimensions below, some above the hinge
	}
	v := VICReg{Std: 1, Var: 2, Cov: 3}
	checkLoss(t, "VICReg", z, func(z []float32, w float32, dz []float32) float64 {
		return v.Loss(z, rows, dim, w, dz)
	},
		func(z []float64) float64 { return refVICReg(z, rows, dim) })
}

func refVICReg(z []float64, rows, dim int) float64 {
	cov := func(i, j int) float64 {
		var mi, mj, c float64
		for r := range rows {
			mi += z[r*dim+i] / float64(rows)
			mj += z[r*dim+j] / float64(rows)
		}
		for r := range rows {
			c += (z[r*dim+i] - mi) * (z[r*dim+j] - mj) / float64(rows-1)
		}
		return c
	}
	var s float64
	for i := range dim {
		s += 2 * math.Max(0, 1-math.Sqrt(cov(i, i)+1e-4)) / float64(dim)
		for j := range dim {
			if i != j {
				s += 3 * cov(i, j) * cov(i, j) / float64(dim)
			}
		}
	}
	return s
}
