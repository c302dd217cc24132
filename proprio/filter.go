package proprio

import (
	"math"

	"robotd/body"
	"robotd/internal/rigid"
)

// filter is a right-invariant extended Kalman filter (Barrau & Bonnabel 1410.1465; Hartley 1904.09251) of the base's
// orientation and velocity and of the IMU's biases. The error of orientation and velocity is η = X̂ X⁻¹, world axes: how it
// propagates does not depend on the estimate itself (biases apart), so a wrong start converges from far. Nothing that is
// measured here speaks of yaw, which drifts.
type filter struct {
	o *Options
	belief
}

// belief is what a filter holds to be so, and how surely.
type belief struct {
	rot   body.Quat // body to world
	vel   body.Vec3 // base, world axes
	gyroB body.Vec3 // biases, body axes
	accB  body.Vec3
	p     [nErr][nErr]float64 // covariance of the error: rotation, velocity, gyro bias, accelerometer bias
}

// Offsets of the error's parts.
const (
	eRot = 0
	eVel = 3
	eGyr = 6
	eAcc = 9
	nErr = 12
)

const gravityMS2 = 9.81

// reset takes up the orientation rot, at rest; the biases are unknown.
func (f *filter) reset(rot body.Quat) {
	f.belief = belief{rot: rot}
	for i := 0; i < 3; i++ {
		f.p[eRot+i][eRot+i] = sq(f.o.StartTiltRad)
		f.p[eVel+i][eVel+i] = sq(f.o.StartVelMS)
		f.p[eGyr+i][eGyr+i] = sq(f.o.GyroBiasRadS)
		f.p[eAcc+i][eAcc+i] = sq(f.o.AccelBiasMS2)
	}
	f.p[eRot+2][eRot+2] = 0 // yaw is zero by definition
}

// What a start in motion hides: the specific force is not gravity alone, so the tilt that it gives may be
// far off (0.28 rad in the first ticks after drives take hold, 0.22 in a push).
const (
	movingTiltRad = 0.3
	movingVelMS   = 1.0
)

// startInMotion widens what reset is sure of.
func (f *filter) startInMotion() {
	for i := 0; i < 3; i++ {
		f.p[eVel+i][eVel+i] = math.Max(f.p[eVel+i][eVel+i], sq(movingVelMS))
	}
	for i := 0; i < 2; i++ {
		f.p[eRot+i][eRot+i] = math.Max(f.p[eRot+i][eRot+i], sq(movingTiltRad))
	}
}

// predict moves the estimate by dtS under the turning rate and the specific force, as measured, body axes.
func (f *filter) predict(rateRadS, forceMS2 body.Vec3, dtS float64) {
	r := f.rot.Mat()
	acc := r.MulVec(forceMS2.Sub(f.accB))
	acc[2] -= gravityMS2
	f.propagate(&r, dtS)
	f.vel = f.vel.Add(acc.Scale(dtS))
	f.rot = f.rot.Mul(rigid.Exp(rateRadS.Sub(f.gyroB).Scale(dtS))).Normalized()
}

// What a gap of which nothing is known may hide, beside the motion that its end shows.
const (
	longestDoubtS = 0.5
	doubtRadS     = 0.05
	doubtMS2      = 0.5
)

// doubt widens tilt and velocity after a gap that ends at the turning rate and specific force given.
func (f *filter) doubt(gapS float64, rateRadS, forceMS2 body.Vec3) {
	turn := (doubtRadS + rateRadS.Norm()) * gapS
	speed := (doubtMS2 + math.Abs(forceMS2.Norm()-gravityMS2)) * gapS
	for i := 0; i < 3; i++ {
		f.p[eVel+i][eVel+i] += speed * speed
	}
	for i := 0; i < 2; i++ {
		f.p[eRot+i][eRot+i] += turn * turn
	}
}

// propagate moves the covariance: P ← Φ P Φᵀ + Q dt with Φ = I + A dt and
//
//	A = [ 0     0  −R       0 ]
//	    [ [g]×  0  −[v]×R  −R ]
//	    [ 0     0   0       0 ]
//	    [ 0     0   0       0 ].
func (f *filter) propagate(r *rigid.Mat3, dtS float64) {
	vr := cross(f.vel).Mul(*r)
	for c := range f.p { // Φ P, column by column; Φ leaves the biases' rows
		var x [nErr]float64
		for i := range x {
			x[i] = f.p[i][c]
		}
		d := drift(r, &vr, &x)
		for i := range d {
			f.p[i][c] += dtS * d[i]
		}
	}
	for i := range f.p { // (Φ P) Φᵀ, row by row
		d := drift(r, &vr, &f.p[i])
		for c := range d {
			f.p[i][c] += dtS * d[c]
		}
	}
	for i := 0; i < 3; i++ { // the gyro's noise also reaches the velocity, through [v]×R: far below the accelerometer's
		f.p[eRot+i][eRot+i] += sq(f.o.GyroNoise) * dtS
		f.p[eVel+i][eVel+i] += sq(f.o.AccelNoise) * dtS
		f.p[eGyr+i][eGyr+i] += sq(f.o.GyroWalk) * dtS
		f.p[eAcc+i][eAcc+i] += sq(f.o.AccelWalk) * dtS
	}
}

// drift returns the rows of A x that are not zero: those of rotation and velocity.
func drift(r, vr *rigid.Mat3, x *[nErr]float64) (d [eGyr]float64) {
	gx, gy, gz := x[eGyr], x[eGyr+1], x[eGyr+2]
	ax, ay, az := x[eAcc], x[eAcc+1], x[eAcc+2]
	for i := 0; i < 3; i++ {
		k := 3 * i
		d[eRot+i] = -(r[k]*gx + r[k+1]*gy + r[k+2]*gz)
		d[eVel+i] = -(vr[k]*gx + vr[k+1]*gy + vr[k+2]*gz) - (r[k]*ax + r[k+1]*ay + r[k+2]*az)
	}
	d[eVel] += gravityMS2 * x[eRot+1] // [g]× of g = (0, 0, −9.81)
	d[eVel+1] -= gravityMS2 * x[eRot]
	return d
}

// measurement tells of the error: z = Hrot ξrot + Hvel ξvel + Hacc ξacc + noise, world axes. Hvel is onVel times the unit
// matrix.
type measurement struct {
	z        body.Vec3
	rot, acc rigid.Mat3
	onVel    float64
	sigma    float64 // of the noise, the same in all directions
}

// correct takes a measurement into the estimate. One that the filter's own covariance makes improbable counts as noisier, so
// that no single lie does much and a filter that is itself wrong still comes back. What is no number is passed over.
func (f *filter) correct(m *measurement) {
	var ph [nErr][3]float64 // P Hᵀ
	for r := range ph {
		p := &f.p[r]
		for i := 0; i < 3; i++ {
			k := 3 * i
			ph[r][i] = p[eRot]*m.rot[k] + p[eRot+1]*m.rot[k+1] + p[eRot+2]*m.rot[k+2] + p[eVel+i]*m.onVel +
				p[eAcc]*m.acc[k] + p[eAcc+1]*m.acc[k+1] + p[eAcc+2]*m.acc[k+2]
		}
	}
	var s rigid.Mat3 // H P Hᵀ
	for i := 0; i < 3; i++ {
		k := 3 * i
		for j := 0; j < 3; j++ {
			s[k+j] = m.rot[k]*ph[eRot][j] + m.rot[k+1]*ph[eRot+1][j] + m.rot[k+2]*ph[eRot+2][j] + m.onVel*ph[eVel+i][j] +
				m.acc[k]*ph[eAcc][j] + m.acc[k+1]*ph[eAcc+1][j] + m.acc[k+2]*ph[eAcc+2][j]
		}
	}
	noise := sq(m.sigma)
	inv := inverse(s, noise)
	far := m.z.Dot(inv.MulVec(m.z)) / gate2
	if !(far >= 0) || math.IsInf(far, 0) {
		return
	}
	if far > 1 {
		noise = far*noise + (far-1)*(s[0]+s[4]+s[8])/3
		inv = inverse(s, noise)
	}
	var gain [nErr][3]float64
	var dx [nErr]float64
	for r := range gain {
		for i := 0; i < 3; i++ {
			gain[r][i] = ph[r][0]*inv[i] + ph[r][1]*inv[3+i] + ph[r][2]*inv[6+i]
			dx[r] -= gain[r][i] * m.z[i]
		}
	}
	for r := range gain {
		for c := r; c < nErr; c++ {
			x := f.p[r][c] - (gain[r][0]*ph[c][0] + gain[r][1]*ph[c][1] + gain[r][2]*ph[c][2])
			f.p[r][c], f.p[c][r] = x, x
		}
	}
	f.move(&dx)
}

// gate2 is the squared Mahalanobis distance from which a measurement loses weight: 97 % of honest ones lie within.
const gate2 = 9

// move applies a correction of the error: X̂ ← Exp(δ) X̂.
func (f *filter) move(dx *[nErr]float64) {
	turn := rigid.Exp(body.Vec3{dx[eRot], dx[eRot+1], dx[eRot+2]})
	f.rot = turn.Mul(f.rot).Normalized()
	f.vel = turn.Rotate(f.vel).Add(body.Vec3{dx[eVel], dx[eVel+1], dx[eVel+2]})
	f.gyroB = f.gyroB.Add(body.Vec3{dx[eGyr], dx[eGyr+1], dx[eGyr+2]})
	f.accB = f.accB.Add(body.Vec3{dx[eAcc], dx[eAcc+1], dx[eAcc+2]})
}

func sq(x float64) float64 { return x * x }

// cross returns the matrix [v]×.
func cross(v body.Vec3) rigid.Mat3 {
	return rigid.Mat3{0, -v[2], v[1], v[2], 0, -v[0], -v[1], v[0], 0}
}

// inverse returns (m + d I)⁻¹ of a symmetric m; NaN where there is none.
func inverse(m rigid.Mat3, d float64) rigid.Mat3 {
	a, b, c, e, f, i := m[0]+d, m[1], m[2], m[4]+d, m[5], m[8]+d
	ca, cb, cc := e*i-f*f, c*f-b*i, b*f-c*e
	det := a*ca + b*cb + c*cc
	if !(det > 0) {
		det = math.NaN()
	}
	k := 1 / det
	return rigid.Mat3{ca * k, cb * k, cc * k, cb * k, (a*i - c*c) * k, (b*c - a*f) * k, cc * k, (b*c - a*f) * k, (a*e - b*b) * k}
}
