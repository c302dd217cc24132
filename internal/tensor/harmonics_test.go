package tensor

import (
	"math"
	"testing"
)

// Harmonics by angle addition against direct sines and cosines: each step adds about two roundings to a
// number of size one.
func TestHarmonicsMatchDirectSines(t *testing.T) {
	const harmonics, cols = 16, 48
	eachForm(t, func(t *testing.T) {
		rng := newRand(11)
		for rows := 1; rows <= 11; rows++ {
			x := padded(rng, rows, cols)
			c1 := Mat{Data: make([]float32, len(x.Data)), Rows: rows, Cols: cols, Stride: x.Stride}
			s1, y := c1, c1
			s1.Data, y.Data = make([]float32, len(x.Data)), make([]float32, len(x.Data))
			for i := range rows {
				for j, v := range x.Row(i) {
					c1.Row(i)[j], s1.Row(i)[j] = float32(math.Cos(float64(v))), float32(math.Sin(float64(v)))
				}
			}
			sums, gain := NewHarmonicSums(harmonics, cols), NewHarmonicSums(harmonics, cols)
			copy(gain.Cos, randomVector(rng, harmonics*cols, 0, 1))
			copy(gain.Sin, randomVector(rng, harmonics*cols, 0, 1))
			sums.Cos[sums.At(3, 2)] = 5 // sums are added to
			AddHarmonics(sums, c1, s1)
			HarmonicSeries(y, gain, c1, s1)
			for j := range cols {
				series := make([]float64, rows)
				for k := 1; k <= harmonics; k++ {
					var cs, sn float64
					if j == 3 && k == 2 {
						cs = 5
					}
					for r := range rows {
						a := float64(k) * float64(x.Row(r)[j])
						cs, sn = cs+math.Cos(a), sn+math.Sin(a)
						at := gain.At(j, k)
						series[r] += float64(gain.Cos[at])*math.Cos(a) + float64(gain.Sin[at])*math.Sin(a)
					}
					tol := float64(rows) * 4 * harmonics * unit
					if at := sums.At(j, k); math.Abs(float64(sums.Cos[at])-cs) > tol ||
						math.Abs(float64(sums.Sin[at])-sn) > tol {
						t.Fatalf("rows %d, column %d, harmonic %d: %v, %v; exact %v, %v", rows, j, k,
							sums.Cos[at], sums.Sin[at], cs, sn)
					}
				}
				for r, want := range series {
					if got := y.Row(r)[j]; math.Abs(float64(got)-want) > 4*harmonics*harmonics*unit {
						t.Fatalf("rows %d: series[%d][%d] = %v, exact %v", rows, r, j, got, want)
					}
				}
			}
		}
	})
}
