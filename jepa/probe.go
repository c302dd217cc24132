package jepa

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Probe is a linear read-out fitted by ridge regression: what a latent says about a quantity without further learning.
type Probe struct {
	w     *mat.Dense // (dims+1) × targets, the last row is the bias
	dims  int
	names []string
}

// FitProbe fits targets y (rows × len(names)) from x (rows × dims); ridge is relative to the mean variance of x.
func FitProbe(x, y []float32, dims int, names []string, ridge float64) (*Probe, error) {
	k := len(names)
	rows := len(x) / dims
	if rows < dims+1 || len(y) != rows*k {
		return nil, fmt.Errorf("probe: %d rows of %d dimensions and %d of %d targets: gather more", rows, dims, len(y)/max(k, 1), k)
	}
	a := mat.NewSymDense(dims+1, nil)
	b := mat.NewDense(dims+1, k, nil)
	row := make([]float64, dims+1)
	row[dims] = 1
	for r := 0; r < rows; r++ {
		for i := range row[:dims] {
			row[i] = float64(x[r*dims+i])
		}
		v := mat.NewVecDense(dims+1, row)
		a.SymRankOne(a, 1, v)
		for j := 0; j < k; j++ {
			t := float64(y[r*k+j])
			for i := range row {
				b.Set(i, j, b.At(i, j)+row[i]*t)
			}
		}
	}
	trace := 0.0
	for i := 0; i < dims; i++ {
		trace += a.At(i, i)
	}
	for i := 0; i < dims; i++ {
		a.SetSym(i, i, a.At(i, i)+ridge*trace/float64(dims)+1e-9)
	}
	var ch mat.Cholesky
	if !ch.Factorize(a) {
		return nil, fmt.Errorf("probe: the latent's covariance is not positive definite: it holds non-finite numbers")
	}
	p := &Probe{w: new(mat.Dense), dims: dims, names: names}
	return p, ch.SolveTo(p.w, b)
}

// R2 returns the share of each target's variance that the probe explains on data it was not fitted to.
func (p *Probe) R2(x, y []float32) map[string]float64 {
	k, rows := len(p.names), len(x)/p.dims
	out := make(map[string]float64, k)
	for j, name := range p.names {
		var sum, sum2, res float64
		for r := 0; r < rows; r++ {
			t, hat := float64(y[r*k+j]), p.w.At(p.dims, j)
			for i := 0; i < p.dims; i++ {
				hat += p.w.At(i, j) * float64(x[r*p.dims+i])
			}
			sum += t
			sum2 += t * t
			res += (t - hat) * (t - hat)
		}
		tot := sum2 - sum*sum/float64(rows)
		out[name] = 1 - res/math.Max(tot, 1e-12)
	}
	return out
}

// Spectrum describes how a set of latents fills its space.
type Spectrum struct {
	EffectiveRank float64 `json:"effective_rank"` // exp of the entropy of the covariance's normalised eigenvalues
	MeanStd       float64 `json:"mean_std"`
	LeastStd      float64 `json:"least_std"`
	Dims          int     `json:"dims"`
}

// MeasureSpectrum computes the spectrum of z (rows × dims). A collapsed latent may have a high rank: read the standard
// deviation beside it.
func MeasureSpectrum(z []float32, dims int) Spectrum {
	rows := len(z) / dims
	mean := make([]float64, dims)
	for i, v := range z {
		mean[i%dims] += float64(v) / float64(rows)
	}
	cov := mat.NewSymDense(dims, nil)
	d := make([]float64, dims)
	for r := 0; r < rows; r++ {
		for i := range d {
			d[i] = float64(z[r*dims+i]) - mean[i]
		}
		cov.SymRankOne(cov, 1/float64(rows), mat.NewVecDense(dims, d))
	}
	s := Spectrum{Dims: dims, LeastStd: math.Inf(1)}
	for i := 0; i < dims; i++ {
		std := math.Sqrt(cov.At(i, i))
		s.MeanStd += std / float64(dims)
		s.LeastStd = math.Min(s.LeastStd, std)
	}
	var eig mat.EigenSym
	if !eig.Factorize(cov, false) {
		return s
	}
	total, entropy := 0.0, 0.0
	values := eig.Values(nil)
	for _, v := range values {
		total += math.Max(v, 0)
	}
	for _, v := range values {
		if p := v / total; p > 1e-15 {
			entropy -= p * math.Log(p)
		}
	}
	s.EffectiveRank = math.Exp(entropy)
	return s
}

// OpenLoop compares rolled-out predictions with what came, block by block, over windows of a replay: latent error and
// read-out error, each divided by that of 'nothing moves'.
type OpenLoop struct {
	Blocks       int     `json:"blocks"`
	Latent       float64 `json:"latent_error_over_persistence"`
	BodyState    float64 `json:"body_state_error_over_persistence"`
	CaptureError float64 `json:"capture_unexplained_variance"`
	CaptureStill float64 `json:"capture_unexplained_variance_of_persistence"`
}

// MeasureOpenLoop rolls the predictor out over horizon blocks from windows drawn evenly over r.
func (m *Model) MeasureOpenLoop(r *Replay, horizon, windows int) []OpenLoop {
	z, _ := m.Latents(r, 0)
	nz, n, d := m.Config.LatentDim(), m.Config.Joints, m.Config.ObsDim()
	r.index(horizon + 1)
	out := make([]OpenLoop, horizon)
	acc := make([][6]float64, horizon) // latent err, still; body err, still; capture err, still
	var capSum, capSum2 float64
	mind := NewMind(m, 1)
	y := make([]float32, mind.FeatureDim())
	step := max(1, len(r.starts)/windows)
	count := 0
	for w := 0; w < len(r.starts); w += step {
		t := r.starts[w]
		copy(mind.now, z[t*nz:(t+1)*nz])
		mind.Begin(1)
		first := r.obs[t*d+FeatureOffset(n):]
		for h := 0; h < horizon; h++ {
			mind.Step(r.act[(t+h)*n : (t+h+1)*n])
			mind.Features(y)
			goal, real := z[(t+h+1)*nz:(t+h+2)*nz], r.obs[(t+h+1)*d+FeatureOffset(n):]
			a := &acc[h]
			for i := range goal {
				a[0] += sq(mind.z[i] - goal[i])
				a[1] += sq(z[t*nz+i] - goal[i])
			}
			for i := range y {
				a[2] += sq(y[i] - real[i])
				a[3] += sq(first[i] - real[i])
			}
			a[4] += sq(y[0]-real[0]) + sq(y[1]-real[1])
			a[5] += sq(first[0]-real[0]) + sq(first[1]-real[1])
		}
		capSum += float64(first[0] + first[1])
		capSum2 += sq(first[0]) + sq(first[1])
		count++
	}
	variance := capSum2/float64(count) - 2*math.Pow(capSum/float64(2*count), 2)
	for h := range out {
		a := &acc[h]
		out[h] = OpenLoop{h + 1, a[0] / a[1], a[2] / a[3], a[4] / float64(count) / variance, a[5] / float64(count) / variance}
	}
	return out
}

func sq(x float32) float64 { return float64(x) * float64(x) }
