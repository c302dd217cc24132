// Package rigid holds the small float64 vectors, quaternions and rotation matrices of rigid-body motion.
//
// Values are plain arrays so that they can lie in fixed-size frames. Quaternions are unit, ordered w, x, y, z, and
// rotate vectors of the body frame into the parent frame; matrices are row-major.
package rigid

import "math"

// Vec3 is a vector x, y, z.
type Vec3 [3]float64

// Quat is a unit quaternion w, x, y, z.
type Quat [4]float64

// Mat3 is a 3×3 matrix, row-major.
type Mat3 [9]float64

// Identity is the rotation that changes nothing.
var Identity = Quat{1, 0, 0, 0}

// Add returns a+b.
func (a Vec3) Add(b Vec3) Vec3 { return Vec3{a[0] + b[0], a[1] + b[1], a[2] + b[2]} }

// Sub returns a-b.
func (a Vec3) Sub(b Vec3) Vec3 { return Vec3{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }

// Scale returns s·a.
func (a Vec3) Scale(s float64) Vec3 { return Vec3{a[0] * s, a[1] * s, a[2] * s} }

// Dot returns the inner product.
func (a Vec3) Dot(b Vec3) float64 { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }

// Cross returns a×b.
func (a Vec3) Cross(b Vec3) Vec3 {
	return Vec3{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

// Norm returns the Euclidean length.
func (a Vec3) Norm() float64 { return math.Sqrt(a.Dot(a)) }

// Mul returns the product p·q: first q, then p.
func (p Quat) Mul(q Quat) Quat {
	return Quat{
		p[0]*q[0] - p[1]*q[1] - p[2]*q[2] - p[3]*q[3],
		p[0]*q[1] + p[1]*q[0] + p[2]*q[3] - p[3]*q[2],
		p[0]*q[2] - p[1]*q[3] + p[2]*q[0] + p[3]*q[1],
		p[0]*q[3] + p[1]*q[2] - p[2]*q[1] + p[3]*q[0],
	}
}

// Conj returns the inverse rotation.
func (p Quat) Conj() Quat { return Quat{p[0], -p[1], -p[2], -p[3]} }

// Normalized returns p scaled to unit length; the zero quaternion becomes the identity.
func (p Quat) Normalized() Quat {
	n := math.Sqrt(p[0]*p[0] + p[1]*p[1] + p[2]*p[2] + p[3]*p[3])
	if n == 0 {
		return Identity
	}
	return Quat{p[0] / n, p[1] / n, p[2] / n, p[3] / n}
}

// Mat returns the rotation matrix of p.
func (p Quat) Mat() Mat3 {
	w, x, y, z := p[0], p[1], p[2], p[3]
	return Mat3{
		1 - 2*(y*y+z*z), 2 * (x*y - w*z), 2 * (x*z + w*y),
		2 * (x*y + w*z), 1 - 2*(x*x+z*z), 2 * (y*z - w*x),
		2 * (x*z - w*y), 2 * (y*z + w*x), 1 - 2*(x*x+y*y),
	}
}

// Rotate returns p·v·p*: v of the body frame expressed in the parent frame.
func (p Quat) Rotate(v Vec3) Vec3 { return p.Mat().MulVec(v) }

// YawRad returns the heading of p: the rotation about the world z axis.
func (p Quat) YawRad() float64 {
	w, x, y, z := p[0], p[1], p[2], p[3]
	return math.Atan2(2*(w*z+x*y), 1-2*(y*y+z*z))
}

// AxisAngle returns the rotation by angleRad about the unit axis.
func AxisAngle(axis Vec3, angleRad float64) Quat {
	s, c := math.Sincos(angleRad / 2)
	return Quat{c, s * axis[0], s * axis[1], s * axis[2]}
}

// Exp returns the rotation by the rotation vector w (rad).
func Exp(w Vec3) Quat {
	a := w.Norm()
	if a < 1e-12 {
		return Quat{1, w[0] / 2, w[1] / 2, w[2] / 2}.Normalized()
	}
	return AxisAngle(w.Scale(1/a), a)
}

// MulVec returns m·v.
func (m Mat3) MulVec(v Vec3) Vec3 {
	return Vec3{
		m[0]*v[0] + m[1]*v[1] + m[2]*v[2],
		m[3]*v[0] + m[4]*v[1] + m[5]*v[2],
		m[6]*v[0] + m[7]*v[1] + m[8]*v[2],
	}
}

// MulVecT returns mᵀ·v.
func (m Mat3) MulVecT(v Vec3) Vec3 {
	return Vec3{
		m[0]*v[0] + m[3]*v[1] + m[6]*v[2],
		m[1]*v[0] + m[4]*v[1] + m[7]*v[2],
		m[2]*v[0] + m[5]*v[1] + m[8]*v[2],
	}
}

// Mul returns m·n.
func (m Mat3) Mul(n Mat3) Mat3 {
	var o Mat3
	for i := 0; i < 3; i++ {
		for j := 0; j < 3; j++ {
			o[3*i+j] = m[3*i]*n[j] + m[3*i+1]*n[3+j] + m[3*i+2]*n[6+j]
		}
	}
	return o
}

// T returns the transpose.
func (m Mat3) T() Mat3 { return Mat3{m[0], m[3], m[6], m[1], m[4], m[7], m[2], m[5], m[8]} }

// Col returns column j.
func (m Mat3) Col(j int) Vec3 { return Vec3{m[j], m[3+j], m[6+j]} }

// Quat returns the unit quaternion of a rotation matrix.
func (m Mat3) Quat() Quat {
	t := m[0] + m[4] + m[8]
	var q Quat
	switch {
	case t > 0:
		r := math.Sqrt(1 + t)
		q = Quat{r / 2, (m[7] - m[5]) / (2 * r), (m[2] - m[6]) / (2 * r), (m[3] - m[1]) / (2 * r)}
	case m[0] > m[4] && m[0] > m[8]:
		r := math.Sqrt(1 + m[0] - m[4] - m[8])
		q = Quat{(m[7] - m[5]) / (2 * r), r / 2, (m[1] + m[3]) / (2 * r), (m[2] + m[6]) / (2 * r)}
	case m[4] > m[8]:
		r := math.Sqrt(1 - m[0] + m[4] - m[8])
		q = Quat{(m[2] - m[6]) / (2 * r), (m[1] + m[3]) / (2 * r), r / 2, (m[5] + m[7]) / (2 * r)}
	default:
		r := math.Sqrt(1 - m[0] - m[4] + m[8])
		q = Quat{(m[3] - m[1]) / (2 * r), (m[2] + m[6]) / (2 * r), (m[5] + m[7]) / (2 * r), r / 2}
	}
	return q.Normalized()
}
