package control

import (
	"math"

	"robotd/body"
)

// What "stoppable now" asks for.
const (
	stopMarginM   = 0.02 // of the capture point inside the soles
	stopRadS      = 2.0  // of the fastest joint
	loadedShare   = 0.05 // of the weight: a sole that carries less does not count
	noSupportM    = -1.0 // the margin of a robot on no sole at all
	sameCornerM   = 1e-6
	soleCorners   = 4
	worstCornersN = 2 * soleCorners
)

// Stoppable reports whether the robot can stop where it stands now: its capture point lies inside the polygon of the loaded
// soles by 2 cm, and no joint is faster than 2 rad/s. MarginM is how far inside the capture point lies, negative outside; a
// robot on no sole has −1 m. A state with what is no number is not stoppable.
func Stoppable(m *body.Model, st *body.State) (ok bool, marginM float64) {
	var corner [worstCornersN][2]float64
	n := 0
	leastN := leastLoadN(m)
	for side := range m.Feet {
		if st.Balance.LoadN[side] >= leastN {
			footprint(m, st, side, corner[n:])
			n += soleCorners
		}
	}
	marginM = inside(corner[:n], st.Balance.CaptureM)
	still := true
	for j := range m.Joints {
		still = still && math.Abs(st.DQRadS[j]) <= stopRadS // false for what is no number
	}
	return still && marginM >= stopMarginM, marginM
}

// leastLoadN is what a sole must carry to count.
func leastLoadN(m *body.Model) float64 {
	return loadedShare * m.MassKg() * body.DefaultContact.GravityMS
}

// footprint writes a sole's corners in the heading frame: from the middle of the soles, x along the pelvis' heading.
func footprint(m *body.Model, st *body.State, side int, out [][2]float64) {
	f, b := &m.Feet[side], &st.Balance
	rot := body.Mat3{1, 0, 0, 0, 1, 0, 0, 0, 1} // of the foot in the base
	for l := f.Link; l > 0; l = m.Links[l].Parent {
		rot = m.Joints[l-1].Turned(st.QRad[l-1]).Mul(rot)
	}
	rot = st.Rot.Mat().Mul(rot)
	sin, cos := math.Sincos(st.Rot.YawRad())
	for i, c := range f.CornerM {
		v := rot.MulVec(c.Sub(f.SoleM))
		out[i] = [2]float64{b.ComM[0] + b.FootM[side][0] + cos*v[0] + sin*v[1], b.ComM[1] + b.FootM[side][1] - sin*v[0] + cos*v[1]}
	}
}

// inside returns the distance of p from the nearest side of the points' convex hull, negative outside. A pair of points is
// a side when all others lie left of it.
func inside(points [][2]float64, p [2]float64) float64 {
	margin := math.Inf(1)
	for i, a := range points {
		for k, b := range points {
			x, y := b[0]-a[0], b[1]-a[1]
			length := math.Hypot(x, y)
			if i == k || length < sameCornerM {
				continue
			}
			side := true
			for _, c := range points {
				side = side && x*(c[1]-a[1])-y*(c[0]-a[0]) >= -sameCornerM*length
			}
			if side {
				margin = math.Min(margin, (x*(p[1]-a[1])-y*(p[0]-a[0]))/length)
			}
		}
	}
	if !(math.Abs(margin) < -noSupportM) { // no side at all, or no number
		return noSupportM
	}
	return margin
}
