package proprio

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"robotd/body"
	"robotd/internal/rigid"
)

// loud noises, all different, so that none is lost in a comparison.
var loud = Options{GyroNoise: 0.3, AccelNoise: 0.7, GyroWalk: 0.2, AccelWalk: 0.5, GyroBiasRadS: 0.1, AccelBiasMS2: 0.3, StartTiltRad: 0.2, StartVelMS: 0.4}

func vector(rng *rand.Rand, size float64) body.Vec3 {
	return body.Vec3{rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()}.Scale(size)
}

// anywhere returns a filter in a random state with a random full covariance.
func anywhere(rng *rand.Rand) filter {
	f := filter{o: &loud, belief: belief{rot: rigid.Exp(vector(rng, 1)), vel: vector(rng, 1), gyroB: vector(rng, 0.1), accB: vector(rng, 0.3)}}
	root := mat.NewDense(nErr, nErr, nil)
	for i := range nErr {
		for j := range nErr {
			root.Set(i, j, 0.1*rng.NormFloat64())
		}
	}
	var p mat.Dense
	p.Mul(root, root.T())
	for i := range nErr {
		for j := range nErr {
			f.p[i][j] = p.At(i, j)
		}
	}
	return f
}

func (f *filter) dense() *mat.Dense {
	p := mat.NewDense(nErr, nErr, nil)
	for i := range nErr {
		for j := range nErr {
			p.Set(i, j, f.p[i][j])
		}
	}
	return p
}

// put writes k times a 3×3 matrix.
func put(m *mat.Dense, row, col int, k float64, b rigid.Mat3) {
	for i := range 3 {
		for j := range 3 {
			m.Set(row+i, col+j, k*b[3*i+j])
		}
	}
}

// skew is [v]×, written by the rule that it takes each axis to v × axis.
func skew(v body.Vec3) (m rigid.Mat3) {
	for j := range 3 {
		var axis body.Vec3
		axis[j] = 1
		c := v.Cross(axis)
		m[j], m[3+j], m[6+j] = c[0], c[1], c[2]
	}
	return m
}

// transition is Φ = I + A dt of the errors of rotation, velocity and biases, from the paper.
func transition(f *filter, dtS float64) *mat.Dense {
	phi := mat.NewDense(nErr, nErr, nil)
	for i := range nErr {
		phi.Set(i, i, 1)
	}
	r := f.rot.Mat()
	put(phi, eRot, eGyr, -dtS, r)
	put(phi, eVel, eRot, dtS, skew(body.Vec3{0, 0, -9.81}))
	put(phi, eVel, eGyr, -dtS, skew(f.vel).Mul(r))
	put(phi, eVel, eAcc, -dtS, r)
	return phi
}

// furthest returns the largest difference of two matrices.
func furthest(a, b mat.Matrix) float64 {
	var d mat.Dense
	d.Sub(a, b)
	return math.Max(mat.Max(&d), -mat.Min(&d))
}

// TestPropagateIsDense: the sparse steps are Φ P Φᵀ + Q dt.
func TestPropagateIsDense(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		f := anywhere(rng)
		const dt = 0.013
		phi := transition(&f, dt)
		var want mat.Dense
		want.Product(phi, f.dense(), phi.T())
		for i, density := range []float64{loud.GyroNoise, loud.AccelNoise, loud.GyroWalk, loud.AccelWalk} {
			for j := 3 * i; j < 3*i+3; j++ {
				want.Set(j, j, want.At(j, j)+density*density*dt)
			}
		}
		r := f.rot.Mat()
		f.propagate(&r, dt)
		if d := furthest(f.dense(), &want); d > 1e-13 {
			t.Fatalf("off by %g", d)
		}
	}
}

// invariant is the error of an estimate, first order: X̂ X⁻¹ in world axes, and the biases.
func invariant(est, truth *filter) (x [nErr]float64) {
	turn := est.rot.Mul(truth.rot.Conj())
	vel := est.vel.Sub(turn.Rotate(truth.vel))
	gyr, acc := est.gyroB.Sub(truth.gyroB), est.accB.Sub(truth.accB)
	for i := range 3 {
		x[eRot+i], x[eVel+i], x[eGyr+i], x[eAcc+i] = 2*turn[1+i]*math.Copysign(1, turn[0]), vel[i], gyr[i], acc[i]
	}
	return x
}

// TestErrorsMoveAsPropagated: Φ is what becomes of a small error when truth and estimate are integrated side by side. It
// holds the signs and axes of the paper's A against the filter's own motion.
func TestErrorsMoveAsPropagated(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	const dt, small = 1e-4, 1e-6
	for range 20 {
		start := anywhere(rng)
		rate, force := vector(rng, 1), vector(rng, 10)
		phi := transition(&start, dt)
		for c := range nErr {
			truth, est := start, start
			var dx [nErr]float64
			dx[c] = small
			est.move(&dx)
			truth.predict(rate, force, dt)
			est.predict(rate, force, dt)
			for r, x := range invariant(&est, &truth) {
				if got, want := x/small, phi.At(r, c); math.Abs(got-want) > 3e-6 {
					t.Fatalf("error %d of a unit of error %d after %g s: %.8f, by Φ %.8f", r, c, dt, got, want)
				}
			}
		}
	}
}

// TestALargeErrorMovesTheSameAnywhere is what the invariant error buys: biases apart, it propagates independently of where
// the robot is and how it moves, however large it is.
func TestALargeErrorMovesTheSameAnywhere(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	turn, kick := rigid.Exp(body.Vec3{0.9, -0.5, 0.3}), body.Vec3{1, -2, 0.5}
	var first [nErr]float64
	for i := range 20 {
		truth := anywhere(rng)
		est := truth
		est.rot, est.vel = turn.Mul(truth.rot), turn.Rotate(truth.vel).Add(kick)
		for range 100 {
			rate, force := vector(rng, 2), vector(rng, 10)
			truth.predict(rate, force, 1e-3)
			est.predict(rate, force, 1e-3)
		}
		x := invariant(&est, &truth)
		if i == 0 {
			first = x
		}
		for r := range x {
			if math.Abs(x[r]-first[r]) > 1e-9 {
				t.Fatalf("error %d is %.12f here, %.12f there", r, x[r], first[r])
			}
		}
	}
}

// told draws a measurement that the filter finds probable.
func told(rng *rand.Rand) measurement {
	m := measurement{z: vector(rng, 0.05), onVel: rng.NormFloat64(), sigma: 0.1 + rng.Float64()}
	for i := range m.rot {
		m.rot[i], m.acc[i] = rng.NormFloat64(), rng.NormFloat64()
	}
	return m
}

// kalman returns K and the covariance after, Joseph's form, of H and the noise's variance.
func kalman(p, h *mat.Dense, variance float64) (gain, after *mat.Dense) {
	var ph, s, inv, left, kr mat.Dense
	ph.Mul(p, h.T())
	s.Mul(h, &ph)
	for i := range 3 {
		s.Set(i, i, s.At(i, i)+variance)
	}
	if err := inv.Inverse(&s); err != nil {
		panic(err)
	}
	gain, after = new(mat.Dense), new(mat.Dense)
	gain.Mul(&ph, &inv)
	left.Mul(gain, h)
	left.Scale(-1, &left)
	for i := range nErr {
		left.Set(i, i, left.At(i, i)+1)
	}
	after.Product(&left, p, left.T())
	kr.Mul(gain, gain.T())
	kr.Scale(variance, &kr)
	after.Add(after, &kr)
	return gain, after
}

// TestCorrectIsKalmans: the textbook's update, dense, with the error taken off on the left.
func TestCorrectIsKalmans(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	for range 50 {
		f, m := anywhere(rng), told(rng)
		h := mat.NewDense(3, nErr, nil)
		put(h, 0, eRot, 1, m.rot)
		put(h, 0, eVel, m.onVel, rigid.Identity.Mat())
		put(h, 0, eAcc, 1, m.acc)
		gain, after := kalman(f.dense(), h, m.sigma*m.sigma)
		var dx mat.VecDense
		dx.MulVec(gain, mat.NewVecDense(3, m.z[:]))
		part := func(i int) body.Vec3 { return body.Vec3{-dx.AtVec(i), -dx.AtVec(i + 1), -dx.AtVec(i + 2)} }
		turn := rigid.Exp(part(eRot))
		rot, vel := turn.Mul(f.rot).Mat(), turn.Rotate(f.vel).Add(part(eVel))
		gyr, acc := f.gyroB.Add(part(eGyr)), f.accB.Add(part(eAcc))
		f.correct(&m)
		worst := furthest(f.dense(), after)
		for i, v := range f.rot.Mat() {
			worst = math.Max(worst, math.Abs(v-rot[i]))
		}
		worst = math.Max(worst, f.vel.Sub(vel).Norm()+f.gyroB.Sub(gyr).Norm()+f.accB.Sub(acc).Norm())
		if !(worst < 1e-12) {
			t.Fatalf("off by %g", worst)
		}
	}
}

// TestNoSingleLieDoesMuch: past the gate a measurement teaches the less the more improbable it is; it moves the filter little
// more than an honest one could, and from five times the gate on less and less.
func TestNoSingleLieDoesMuch(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	for range 20 {
		start := anywhere(rng)
		way := vector(rng, 1)
		way = way.Scale(1 / way.Norm())
		tell := func(size float64) (moved, variance float64) {
			f := start
			f.correct(&measurement{z: way.Scale(size), onVel: 1, sigma: 0.1})
			return f.vel.Sub(start.vel).Norm(), f.p[eVel][eVel] + f.p[eVel+1][eVel+1] + f.p[eVel+2][eVel+2]
		}
		s := start.p
		inv := inverse(rigid.Mat3{s[3][3], s[3][4], s[3][5], s[4][3], s[4][4], s[4][5], s[5][3], s[5][4], s[5][5]}, 0.01)
		gate := 3 / math.Sqrt(way.Dot(inv.MulVec(way))) // the size at three standard deviations
		honest, sure := tell(gate)
		last := math.Inf(1)
		for _, times := range []float64{1.3, 1.6, 2, 5, 20, 1000, 1e9} {
			moved, unsure := tell(times * gate)
			if unsure <= sure || moved > 2.2*honest || times >= 5 && moved >= math.Min(last, honest) {
				t.Fatalf("%g times the gate moves by %g m/s, variance %g; at the gate by %g, variance %g", times, moved, unsure, honest, sure)
			}
			last, sure = moved, unsure
		}
	}
}

// TestNoNumberIsPassedOver: what is no number, and what cannot be told, changes nothing.
func TestNoNumberIsPassedOver(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	f := anywhere(rng)
	before := f
	nan, inf := math.NaN(), math.Inf(1)
	for _, m := range []measurement{
		{z: body.Vec3{nan, 0, 0}, onVel: 1, sigma: 0.1}, {z: body.Vec3{0, inf, 0}, onVel: 1, sigma: 0.1},
		{z: body.Vec3{0, 0, 1e200}, onVel: 1, sigma: 0.1}, {onVel: 1, sigma: nan}, {onVel: nan, sigma: 0.1},
		{onVel: 1, sigma: 0.1, rot: rigid.Mat3{4: nan}}, {onVel: 1, sigma: 0.1, acc: rigid.Mat3{4: inf}}, {},
	} {
		f.correct(&m)
		if f != before {
			t.Errorf("%+v changed the filter", m)
			f = before
		}
	}
}
