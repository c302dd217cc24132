package robotfile

import (
	"fmt"
	"math"

	"robotd/body"
	"robotd/internal/rigid"
)

// Shapes that only the files have; the size of a cylinder is radius, half length, that of an ellipsoid its half axes.
const (
	cylinder  body.Shape = 100
	ellipsoid body.Shape = 101
)

// joinCapsule replaces a cylinder and the spheres at its two ends, the last three geoms, by the capsule that they are.
func joinCapsule(g []rawGeom) []rawGeom {
	n := len(g)
	if n < 3 {
		return g
	}
	c, a, b := &g[n-3], &g[n-2], &g[n-1]
	if c.Shape != cylinder || a.Shape != body.Sphere || b.Shape != body.Sphere ||
		math.Abs(a.SizeM[0]-c.SizeM[0]) > 1e-9 || math.Abs(b.SizeM[0]-c.SizeM[0]) > 1e-9 {
		return g
	}
	axis := c.Rot.Rotate(body.Vec3{0, 0, c.SizeM[1]})
	at := func(s *rawGeom, end body.Vec3) bool { return s.PosM.Sub(c.PosM.Add(end)).Norm() < 1e-9 }
	back := axis.Scale(-1)
	if (at(a, axis) && at(b, back)) || (at(a, back) && at(b, axis)) {
		c.Shape = body.Capsule
		return g[:n-2]
	}
	return g
}

// asPrimitive replaces a shape that robotd does not have by the nearest that it has: a long cylinder by the capsule of the
// same length, a flat one by a box, an ellipsoid by the sphere of the same volume.
func asPrimitive(raw *rawRobot, g *rawGeom) {
	switch g.Shape {
	case cylinder:
		radius, half := g.SizeM[0], g.SizeM[1]
		if half > 1.05*radius {
			g.Shape, g.SizeM = body.Capsule, body.Vec3{radius, half - radius}
		} else {
			g.Shape, g.SizeM = body.Box, body.Vec3{radius, radius, half}
		}
	case ellipsoid:
		g.Shape, g.SizeM = body.Sphere, body.Vec3{math.Cbrt(g.SizeM[0] * g.SizeM[1] * g.SizeM[2])}
	default:
		return
	}
	if g.touches || g.at.name == "collision" {
		raw.replaced++
		if raw.other == nil {
			raw.other = g.at
		}
	}
}

// solid returns volume and the inertia of a shape of unit mass about its centre, in its own axes.
func solid(g *body.Geom) (volume float64, in body.Vec3) {
	a, b, c := g.SizeM[0], g.SizeM[1], g.SizeM[2]
	switch g.Shape {
	case body.Sphere:
		i := 0.4 * a * a
		return 4.0 / 3 * math.Pi * a * a * a, body.Vec3{i, i, i}
	case ellipsoid:
		return 4.0 / 3 * math.Pi * a * b * c, body.Vec3{(b*b + c*c) / 5, (a*a + c*c) / 5, (a*a + b*b) / 5}
	case body.Box:
		return 8 * a * b * c, body.Vec3{(b*b + c*c) / 3, (a*a + c*c) / 3, (a*a + b*b) / 3}
	case cylinder:
		side := a*a/4 + b*b/3
		return 2 * math.Pi * a * a * b, body.Vec3{side, side, a * a / 2}
	}
	// A capsule: cylinder and two half spheres, whose centres lie 3/8 radius beyond the ends.
	tube, ball := 2*math.Pi*a*a*b, 4.0/3*math.Pi*a*a*a
	mt, mb := tube/(tube+ball), ball/(tube+ball)
	side := mt*(a*a/4+b*b/3) + mb*(0.4*a*a+b*b+0.75*a*b)
	return tube + ball, body.Vec3{side, side, mt*a*a/2 + mb*0.4*a*a}
}

// weight is a mass gathered from bodies: mass, first moment, and inertia about the frame's origin.
type weight struct {
	massKg float64
	first  body.Vec3
	inert  rigid.Mat3
	parts  int
	com    body.Vec3 // of the only part, so that nothing is lost to rounding
	about  rigid.Mat3
}

// add adds a body of that mass, centre and inertia about its centre.
func (w *weight) add(massKg float64, com body.Vec3, about rigid.Mat3) {
	if massKg <= 0 {
		return
	}
	w.parts++
	w.com, w.about = com, about
	w.massKg += massKg
	w.first = w.first.Add(com.Scale(massKg))
	w.inert = sum(w.inert, sum(about, offset(massKg, com)))
}

// centre returns the centre of mass and the inertia about it.
func (w *weight) centre() (body.Vec3, rigid.Mat3) {
	if w.parts <= 1 {
		return w.com, w.about
	}
	com := w.first.Scale(1 / w.massKg)
	return com, sum(w.inert, offset(-w.massKg, com))
}

// offset returns the inertia of a point mass at c about the origin.
func offset(massKg float64, c body.Vec3) rigid.Mat3 {
	cc := c.Dot(c)
	return rigid.Mat3{
		massKg * (cc - c[0]*c[0]), -massKg * c[0] * c[1], -massKg * c[0] * c[2],
		-massKg * c[0] * c[1], massKg * (cc - c[1]*c[1]), -massKg * c[1] * c[2],
		-massKg * c[0] * c[2], -massKg * c[1] * c[2], massKg * (cc - c[2]*c[2]),
	}
}

func sum(a, b rigid.Mat3) rigid.Mat3 {
	for i := range a {
		a[i] += b[i]
	}
	return a
}

// symmetric makes a matrix of xx, yy, zz, xy, xz, yz.
func symmetric(v [6]float64) rigid.Mat3 {
	return rigid.Mat3{v[0], v[3], v[4], v[3], v[1], v[5], v[4], v[5], v[2]}
}

// sixOf is the inverse of symmetric.
func sixOf(m rigid.Mat3) [6]float64 { return [6]float64{m[0], m[4], m[8], m[1], m[2], m[5]} }

// turnInertia returns R I Rᵀ.
func turnInertia(in rigid.Mat3, q body.Quat) rigid.Mat3 {
	if q == rigid.Identity {
		return in
	}
	r := q.Mat()
	out := r.Mul(in).Mul(r.T())
	return symmetric(sixOf(out)) // exactly symmetric
}

// principal returns the principal moments, smallest first (Jacobi's method).
func principal(v [6]float64) [3]float64 {
	m := symmetric(v)
	for range 30 {
		p, q := 0, 1
		for _, pq := range [][2]int{{0, 2}, {1, 2}} {
			if math.Abs(m[3*pq[0]+pq[1]]) > math.Abs(m[3*p+q]) {
				p, q = pq[0], pq[1]
			}
		}
		off := m[3*p+q]
		if off == 0 {
			break
		}
		angle := 0.5 * math.Atan2(2*off, m[3*q+q]-m[3*p+p])
		s, c := math.Sincos(angle)
		turn := rigid.Mat3{1, 0, 0, 0, 1, 0, 0, 0, 1}
		turn[3*p+p], turn[3*q+q], turn[3*p+q], turn[3*q+p] = c, c, s, -s
		m = turn.T().Mul(m).Mul(turn)
		m[3*p+q], m[3*q+p] = 0, 0
	}
	e := [3]float64{m[0], m[4], m[8]}
	if e[0] > e[1] {
		e[0], e[1] = e[1], e[0]
	}
	if e[1] > e[2] {
		e[1], e[2] = e[2], e[1]
	}
	if e[0] > e[1] {
		e[0], e[1] = e[1], e[0]
	}
	return e
}

// unsound says what is wrong with an inertia, "" for nothing: a rigid body's principal moments are above zero, and none is larger
// than the other two together. A thousandth is left to rounding, and a body smaller than a millimetre may be a point.
func unsound(massKg float64, v [6]float64) string {
	e := principal(v)
	slack := max(1e-3*math.Abs(e[2]), 1e-6*massKg)
	switch {
	case massKg == 0:
	case e[0] < -slack || e[0] <= 0 && e[2] > 1e-6*massKg:
		return fmt.Sprintf("is not positive: principal moments %.4g, %.4g, %.4g", e[0], e[1], e[2])
	case e[0]+e[1] < e[2]-slack:
		return fmt.Sprintf("breaks the triangle inequality: principal moments %.4g + %.4g < %.4g", e[0], e[1], e[2])
	}
	return ""
}
