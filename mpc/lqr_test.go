package mpc_test

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"robotd/mpc"
)

const (
	lqrJoints   = 3
	lqrStates   = 2 * lqrJoints
	lqrBlockS   = 0.1
	lqrGamma    = 0.97
	lqrAccel    = 1.5  // rad/s² of an action of 1
	lqrCoupling = 0.25 // share of a joint's acceleration that the others feel
	lqrPosition = 1.0  // cost of position, 1/rad²
	lqrVelocity = 0.05 // cost of velocity, s²/rad²
	lqrEffort   = 0.2  // cost of action, 1
)

// lqr is the problem with a known answer: joints as coupled double integrators x = (q, v), x' = A x + B a, block cost
// x'ᵀQx' + aᵀRa, discounted. Its optimal cost to go from x is xᵀPx, its optimal action −Kx (Bertsekas, Dynamic Programming
// and Optimal Control, vol. 1, §3.1).
type lqr struct {
	a, b, q, r, p, k *mat.Dense
	fast             struct { // the same numbers for the loops
		a, p  [lqrStates][lqrStates]float64
		b     [lqrStates][lqrJoints]float64
		k     [lqrJoints][lqrStates]float64
		qDiag [lqrStates]float64
	}
}

// newLQR discretises the joints for blocks of blockS and solves the discounted Riccati equation by iteration:
// S = Q + γP, K = (R + BᵀSB)⁻¹BᵀSA, P = Aᵀ S (A − BK).
func newLQR(blockS float64) *lqr {
	n := lqrJoints
	l := &lqr{a: mat.NewDense(2*n, 2*n, nil), b: mat.NewDense(2*n, n, nil), q: mat.NewDense(2*n, 2*n, nil),
		r: mat.NewDense(n, n, nil), p: mat.NewDense(2*n, 2*n, nil), k: mat.NewDense(n, 2*n, nil)}
	for i := range n {
		l.a.Set(i, i, 1)
		l.a.Set(i, n+i, blockS)
		l.a.Set(n+i, n+i, 1)
		l.q.Set(i, i, lqrPosition)
		l.q.Set(n+i, n+i, lqrVelocity)
		l.r.Set(i, i, lqrEffort)
		for j := range n {
			gain := lqrAccel
			if i != j {
				gain *= -lqrCoupling
			}
			l.b.Set(i, j, gain*blockS*blockS/2)
			l.b.Set(n+i, j, gain*blockS)
		}
	}
	for range 2000 {
		var s, bs, bsb, bsa, closed, sc mat.Dense
		s.Scale(lqrGamma, l.p)
		s.Add(&s, l.q)
		bs.Mul(l.b.T(), &s)
		bsb.Mul(&bs, l.b)
		bsb.Add(&bsb, l.r)
		bsa.Mul(&bs, l.a)
		if err := l.k.Solve(&bsb, &bsa); err != nil {
			panic(err) // R is positive: the sum cannot be singular
		}
		closed.Mul(l.b, l.k)
		closed.Sub(l.a, &closed)
		sc.Mul(&s, &closed)
		l.p.Mul(l.a.T(), &sc)
	}
	for i := range 2 * n {
		copy(l.fast.a[i][:], l.a.RawRowView(i))
		copy(l.fast.b[i][:], l.b.RawRowView(i))
		copy(l.fast.p[i][:], l.p.RawRowView(i))
		l.fast.qDiag[i] = l.q.At(i, i)
	}
	for i := range n {
		copy(l.fast.k[i][:], l.k.RawRowView(i))
	}
	return l
}

// optimum returns xᵀPx.
func (l *lqr) optimum(x []float64) float64 {
	sum := 0.0
	for r, p := range l.fast.p {
		for c, v := range p {
			sum += x[r] * v * x[c]
		}
	}
	return sum
}

// act writes the optimal action −Kx.
func (l *lqr) act(x []float64, a []float32) {
	for i, k := range l.fast.k {
		sum := 0.0
		for j, v := range k {
			sum -= v * x[j]
		}
		a[i] = float32(sum)
	}
}

// move writes A x + sign B a into x.
func (l *lqr) move(x []float64, a []float32, sign float64) {
	var next [lqrStates]float64
	for i := range next {
		for j, v := range l.fast.a[i] {
			next[i] += v * x[j]
		}
		for j, v := range l.fast.b[i] {
			next[i] += v * sign * float64(a[j])
		}
	}
	copy(x, next[:])
}

// blockCost is what the plant is judged by.
func (l *lqr) blockCost(x []float64, a []float32) float64 {
	sum := 0.0
	for i, v := range x {
		sum += l.fast.qDiag[i] * v * v
	}
	for _, v := range a {
		sum += lqrEffort * float64(v) * float64(v)
	}
	return sum
}

// linearWorld is the planner's model of an lqr: mpc.World over it. Its features are the state itself.
type linearWorld struct {
	*lqr
	now      []float64 // the present
	x        []float64 // rows × 2 joints
	n        int
	sign     float64 // of the action, −1 breaks the world
	value    float64 // factor of the critic: 1 is the truth
	proposes func(x []float64, a []float32)
}

var _ mpc.World = (*linearWorld)(nil)

func newLinearWorld(l *lqr, rows int) *linearWorld {
	return &linearWorld{lqr: l, now: make([]float64, lqrStates), x: make([]float64, rows*lqrStates), sign: 1, value: 1,
		proposes: func(_ []float64, a []float32) { clear(a) }}
}

func (w *linearWorld) ActionDim() int  { return lqrJoints }
func (w *linearWorld) FeatureDim() int { return lqrStates }

func (w *linearWorld) row(i int) []float64 { return w.x[i*lqrStates : (i+1)*lqrStates] }

func (w *linearWorld) Begin(rows int) {
	w.n = rows
	for i := range rows {
		copy(w.row(i), w.now)
	}
}

func (w *linearWorld) Step(a []float32) {
	for i := range w.n {
		w.move(w.row(i), a[i*lqrJoints:(i+1)*lqrJoints], w.sign)
	}
}

func (w *linearWorld) Features(y []float32) {
	for i, v := range w.x[:w.n*lqrStates] {
		y[i] = float32(v)
	}
}

// Value is (1−γ) xᵀPx, in the units in which the planner sums (1−γ)-weighted blocks.
func (w *linearWorld) Value(v []float32) {
	for i := range w.n {
		v[i] = float32(w.value * (1 - lqrGamma) * w.optimum(w.row(i)))
	}
}

func (w *linearWorld) Propose(a []float32) {
	for i := range w.n {
		w.proposes(w.row(i), a[i*lqrJoints:(i+1)*lqrJoints])
	}
}

// quadratic is the Coster of an lqr; its factors break it.
type quadratic struct {
	*lqr
	state, effort float64
}

func (q quadratic) Price(y, a, _ []float32) (float64, bool) {
	s, e := 0.0, 0.0
	for i, v := range y {
		s += q.fast.qDiag[i] * float64(v) * float64(v)
	}
	for _, v := range a {
		e += lqrEffort * float64(v) * float64(v)
	}
	return q.state*s + q.effort*e, false
}

// unsaturated draws a state from which the optimal controller stays inside the actions' limits, so that the Riccati cost is
// what a planner in [-1, 1] can reach.
func (l *lqr) unsaturated(rng *rand.Rand) []float64 {
	var a [lqrJoints]float32
	for {
		x := make([]float64, lqrStates)
		for i := range lqrJoints {
			x[i], x[lqrJoints+i] = 0.5*(2*rng.Float64()-1), 0.5*(2*rng.Float64()-1)
		}
		run, inside := append([]float64(nil), x...), true
		for range 40 {
			l.act(run, a[:])
			for _, v := range a {
				inside = inside && math.Abs(float64(v)) < 0.8
			}
			l.move(run, a[:], 1)
		}
		if inside {
			return x
		}
	}
}
