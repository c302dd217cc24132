package nn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"robotd/internal/tensor"
)

// SIGReg's integration grid: sigKnots knots t_k evenly spaced in [0, sigTMax].
const (
	sigKnots = 17
	sigTMax  = 3.0
)

// SIGReg pulls a batch of latents towards an isotropic standard Gaussian (LeJEPA, arXiv 2511.08544):
// along random unit directions it compares the empirical characteristic function with exp(-t²/2) by the
// Epps-Pulley statistic
//
//	S_m = B * sum_k w_k * [ (mean_b cos(t_k x) - exp(-t_k²/2))² + (mean_b sin(t_k x))² ],  x = z_b·a_m
//
// with w_k = trapezoid weight (doubled: the integrand is even) * exp(-t_k²/2), averaged over directions.
// Use by one goroutine at a time.
type SIGReg struct {
	dim, directions int
	a               []float32 // directions x dim, unit vectors times the knot spacing
	aT              tensor.Packed
	aN              tensor.Packed
	w, phi          [sigKnots]float64
	sums, gain      tensor.HarmonicSums
	sin, cos, dx    []float32 // rows x directions
}

// NewSIGReg makes the loss for latents of width dim. directions is rounded up to a multiple of 16.
func NewSIGReg(dim, directions int, rng *rand.Rand) *SIGReg {
	if dim < 1 || directions < 1 {
		panic(fmt.Sprintf("nn: NewSIGReg: width %d, %d directions", dim, directions))
	}
	directions = (directions + tensor.Strip - 1) / tensor.Strip * tensor.Strip
	s := &SIGReg{dim: dim, directions: directions, a: tensor.Aligned(directions * dim)}
	s.sums = tensor.NewHarmonicSums(sigKnots-1, directions)
	s.gain = tensor.NewHarmonicSums(sigKnots-1, directions)
	const dt = sigTMax / (sigKnots - 1)
	for k := range sigKnots {
		t := dt * float64(k)
		s.phi[k] = math.Exp(-t * t / 2)
		s.w[k] = 2 * dt * s.phi[k]
	}
	s.w[sigKnots-1] /= 2 // knot 0 has half weight too, but adds nothing: both functions are 1 there
	s.Resample(rng)
	return s
}

// Resample draws new directions; LeJEPA does so at every step.
func (s *SIGReg) Resample(rng *rand.Rand) {
	for m := range s.directions {
		row := s.a[m*s.dim : (m+1)*s.dim]
		var sq float64
		for i := range row {
			v := rng.NormFloat64()
			row[i] = float32(v)
			sq += v * v
		}
		tensor.Scale(row, float32(1/math.Sqrt(sq)))
	}
	s.setDirections(s.a)
}

// setDirections takes unit vectors (directions x dim), scales them so that z·a is the angle at the first
// knot, and lays them out.
func (s *SIGReg) setDirections(unit []float32) {
	const dt = sigTMax / (sigKnots - 1)
	copy(s.a, unit)
	tensor.Scale(s.a, dt)
	mat := tensor.Rows(s.a, s.directions, s.dim)
	s.aT.PackT(mat)
	s.aN.Pack(mat)
}

// Loss returns the mean statistic of z (rows x dim) over directions and adds weight times its gradient to
// dz (nil: value only).
func (s *SIGReg) Loss(z []float32, rows int, weight float32, dz []float32) float64 {
	if rows < 1 || len(z) < rows*s.dim || (dz != nil && len(dz) < rows*s.dim) {
		panic(fmt.Sprintf("nn: SIGReg: %d rows of %d from %d floats", rows, s.dim, len(z)))
	}
	n := rows * s.directions
	grow(&s.sin, n)
	grow(&s.cos, n)
	grow(&s.dx, n)
	angle := tensor.Rows(s.dx, rows, s.directions)
	sin, cos := tensor.Rows(s.sin, rows, s.directions), tensor.Rows(s.cos, rows, s.directions)
	tensor.MulPacked(angle, tensor.Rows(z, rows, s.dim), &s.aT, nil)
	tensor.Sincos(s.sin, s.cos, s.dx)
	clear(s.sums.Cos)
	clear(s.sums.Sin)
	tensor.AddHarmonics(s.sums, cos, sin)
	loss := s.statistic(rows, weight)
	if dz != nil {
		tensor.HarmonicSeries(angle, s.gain, cos, sin)
		tensor.MulPackedAdd(tensor.Rows(dz, rows, s.dim), angle, &s.aN)
	}
	return loss
}

// statistic turns the sums into the mean of S_m, and into the factors of cos(k*x) and sin(k*x) in the
// gradient by x = t_1*z·a: dS/dx_b = 2 sum_k w_k k [ S_k cos(k x_b) - (C_k-phi_k) sin(k x_b) ].
func (s *SIGReg) statistic(rows int, weight float32) float64 {
	inv := 1 / float64(rows)
	g := 2 * float64(weight) / float64(s.directions)
	var total float64
	for m := range s.directions {
		for k := 1; k < sigKnots; k++ {
			at := s.sums.At(m, k)
			dc := float64(s.sums.Cos[at])*inv - s.phi[k]
			ds := float64(s.sums.Sin[at]) * inv
			total += s.w[k] * (dc*dc + ds*ds)
			f := g * s.w[k] * float64(k)
			s.gain.Cos[at] = float32(f * ds)
			s.gain.Sin[at] = float32(-f * dc)
		}
	}
	return total * float64(rows) / float64(s.directions)
}
