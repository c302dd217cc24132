package cost_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"robotd/body"
)

// TestSlopeAgreesWithDifferences over postures from quiet to fallen, every feature and action in turn.
func TestSlopeAgreesWithDifferences(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	m := house
	const e = 1e-2
	worst := 0.0
	for round := 0; round < 200; round++ {
		y, a, prev := make([]float32, body.NFeatures), make([]float32, joints), make([]float32, joints)
		size := 3 * rng.Float64()
		for i := range y {
			y[i] = float32(size * rng.NormFloat64())
		}
		for i := range a {
			a[i], prev[i] = float32(0.4*rng.NormFloat64()), float32(0.4*rng.NormFloat64())
		}
		dy, da, dp := make([]float32, len(y)), make([]float32, joints), make([]float32, joints)
		total, unsafe := m.Slope(y, a, prev, 0.5, dy, da, dp)
		if c, bad := m.Price(y, a, prev); c != total || bad != unsafe {
			t.Fatalf("slope prices %g %v, price %g %v", total, unsafe, c, bad)
		}
		for _, v := range []struct{ x, d []float32 }{{y, dy}, {a, da}, {prev, dp}} {
			for i := range v.x {
				x := v.x[i]
				v.x[i] = x + e
				up, _ := m.Price(y, a, prev)
				v.x[i] = x - e
				down, _ := m.Price(y, a, prev)
				v.x[i] = x
				here, _ := m.Price(y, a, prev)
				left, right := 0.5*(here-down)/e, 0.5*(up-here)/e
				// At the kink of a guardrail either side's slope is a slope.
				off := math.Max(0, math.Max(float64(v.d[i])-math.Max(left, right), math.Min(left, right)-float64(v.d[i])))
				worst = math.Max(worst, off)
				if off > 2e-3 {
					t.Errorf("round %d, number %d of %d: %g, differences say %g and %g", round, i, len(v.x), v.d[i], left, right)
				}
			}
		}
	}
	t.Logf("worst %g", worst)
}
