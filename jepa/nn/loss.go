package nn

import (
	"fmt"
	"math"

	"robotd/internal/tensor"
)

// Every loss returns its plain value and adds weight times its gradient to the gradient slices given, so
// that losses sum up; a nil gradient slice is not wanted. A loss over one shard of a batch takes weight =
// w * shard/batch.

// MSE is mean((pred-target)²). dtarget gets the opposite gradient: nil where the target is a constant.
func MSE(pred, target []float32, weight float32, dpred, dtarget []float32) float64 {
	n := lossLen("MSE", pred, target, dpred, dtarget)
	k := 2 * weight / float32(n)
	var sum float64
	for i, p := range pred {
		d := p - target[i]
		sum += float64(d) * float64(d)
		addPair(dpred, dtarget, i, k*d)
	}
	return sum / float64(n)
}

// SmoothL1 is the mean of d²/(2*beta) where |d| < beta, |d|-beta/2 elsewhere, d = pred-target (PyTorch's
// smooth_l1_loss).
func SmoothL1(pred, target []float32, beta, weight float32, dpred, dtarget []float32) float64 {
	n := lossLen("SmoothL1", pred, target, dpred, dtarget)
	k := weight / float32(n)
	var sum float64
	for i, p := range pred {
		d := p - target[i]
		a := max(d, -d)
		if a < beta {
			sum += float64(d) * float64(d) / (2 * float64(beta))
			addPair(dpred, dtarget, i, k*d/beta)
			continue
		}
		sum += float64(a) - float64(beta)/2
		addPair(dpred, dtarget, i, float32(math.Copysign(float64(k), float64(d))))
	}
	return sum / float64(n)
}

// BCEWithLogits is the mean binary cross-entropy between sigmoid(logit) and a soft target in [0, 1].
func BCEWithLogits(logit, target []float32, weight float32, dlogit []float32) float64 {
	n := lossLen("BCEWithLogits", logit, target, dlogit, nil)
	k := float64(weight) / float64(n)
	var sum float64
	for i, l := range logit {
		x, t := float64(l), float64(target[i])
		e := math.Exp(-math.Abs(x))
		sum += max(x, 0) - x*t + math.Log1p(e)
		if dlogit == nil {
			continue
		}
		s := 1 / (1 + e)
		if x < 0 {
			s = e / (1 + e)
		}
		dlogit[i] += float32(k * (s - t))
	}
	return sum / float64(n)
}

func addPair(dpred, dtarget []float32, i int, g float32) {
	if dpred != nil {
		dpred[i] += g
	}
	if dtarget != nil {
		dtarget[i] -= g
	}
}

func lossLen(who string, pred, target, dpred, dtarget []float32) int {
	n := len(pred)
	if n == 0 || len(target) != n || (dpred != nil && len(dpred) != n) ||
		(dtarget != nil && len(dtarget) != n) {
		panic(fmt.Sprintf("nn: %s: lengths %d, %d and gradients %d, %d differ", who, n, len(target),
			len(dpred), len(dtarget)))
	}
	return n
}

// VICReg holds the variance and covariance terms of VICReg (Bardes et al., arXiv 2105.04906), an
// alternative to SIGReg. Use by one goroutine at a time.
type VICReg struct {
	Std      float32 // wanted deviation of each dimension, e.g. 1
	Var, Cov float32 // weights of the two terms
	mean     []float32
	zc, cov  []float32
	gain     []float32
	scratch  tensor.Packed
}

// Loss returns Var*mean_j(max(0, Std-sqrt(var_j+1e-4))) + Cov*sum_{i!=j} C_ij²/dim over z (rows x dim),
// and adds weight times its gradient to dz.
func (v *VICReg) Loss(z []float32, rows, dim int, weight float32, dz []float32) float64 {
	if rows < 2 || len(z) < rows*dim || (dz != nil && len(dz) < rows*dim) {
		panic(fmt.Sprintf("nn: VICReg: %d rows of %d from %d floats; at least two rows", rows, dim, len(z)))
	}
	v.center(z, rows, dim)
	zc := tensor.Rows(v.zc, rows, dim)
	cov := tensor.Rows(v.cov, dim, dim)
	tensor.MulTN(cov, zc, zc, false, &v.scratch)
	norm := 1 / float32(rows-1)
	tensor.Scale(v.cov, norm)
	var varSum, covSum float64
	for j := range dim {
		std := math.Sqrt(float64(v.cov[j*dim+j]) + 1e-4)
		v.gain[j] = 0
		if std < float64(v.Std) {
			varSum += float64(v.Std) - std
			v.gain[j] = -v.Var * norm / float32(float64(dim)*std)
		}
		for i, c := range cov.Row(j) {
			if i != j {
				covSum += float64(c) * float64(c)
			}
		}
	}
	if dz != nil {
		// The gradient by z is zc·K with K_ij = 4*Cov*C_ij/(dim*(rows-1)) off the diagonal and the
		// variance gains on it.
		tensor.Scale(v.cov, 4*v.Cov*norm/float32(dim)*weight)
		for j := range dim {
			v.cov[j*dim+j] = v.gain[j] * weight
		}
		tensor.MulNN(tensor.Rows(dz, rows, dim), zc, cov, true, &v.scratch)
	}
	return float64(v.Var)*varSum/float64(dim) + float64(v.Cov)*covSum/float64(dim)
}

// center writes z minus its column means to v.zc.
func (v *VICReg) center(z []float32, rows, dim int) {
	grow(&v.zc, rows*dim)
	grow(&v.cov, dim*dim)
	grow(&v.mean, dim)
	grow(&v.gain, dim)
	clear(v.mean)
	for r := range rows {
		tensor.Axpy(v.mean, 1/float32(rows), z[r*dim:(r+1)*dim])
	}
	copy(v.zc, z[:rows*dim])
	for r := range rows {
		tensor.Axpy(v.zc[r*dim:(r+1)*dim], -1, v.mean)
	}
}
