package sim

import (
	"math"

	"robotd/body"
	"robotd/dynamics"
)

// floorPoint is a sphere (radius may be 0) that the floor can touch.
type floorPoint struct {
	link   int
	pos    body.Vec3 // centre, link frame
	radius float64
	side   int // of the foot whose sole it belongs to, -1 for other parts
	sole   bool
}

// legCapsule is a capsule that touches those of the other leg.
type legCapsule struct {
	link   int
	a, b   body.Vec3 // ends of the axis, link frame
	radius float64
}

// geometry is what can touch what: spheres and corners against the floor, leg against leg.
type geometry struct {
	floor []floorPoint
	legs  [2][]legCapsule
	// tree gives the dofs' ancestors when legs touch: the right leg hangs below the left one, so that the contact fills no
	// entry off the tree.
	crossed [][]int32
	reach   []float64 // of each link's floor points from the link's origin
}

func newGeometry(dm *dynamics.Model) geometry {
	m := dm.Body()
	g := geometry{reach: make([]float64, len(m.Links))}
	for i := range m.Links {
		for _, q := range m.Links[i].Geoms {
			g.add(m, i, q)
		}
	}
	parents := dm.Parents()
	first := dm.LinkDof(m.Feet[body.Right].Link)
	for parents[first] >= dynamics.NBase {
		first = parents[first]
	}
	parents[first] = dm.LinkDof(m.Feet[body.Left].Link)
	g.crossed = dynamics.Ancestors(parents)
	return g
}

func (g *geometry) add(m *body.Model, link int, q body.Geom) {
	side := -1
	for s := range m.Feet {
		if m.Feet[s].Link == link && q.Collide&body.Sole != 0 {
			side = s
		}
	}
	if q.Collide&(body.Sole|body.Bulk) != 0 {
		for _, p := range surface(q) {
			p.link, p.side, p.sole = link, side, side >= 0
			g.floor = append(g.floor, p)
			g.reach[link] = math.Max(g.reach[link], p.pos.Norm()+p.radius)
		}
	}
	if q.Collide&body.LegSide != 0 && q.Shape == body.Capsule {
		axis := q.Rot.Rotate(body.Vec3{0, 0, q.SizeM[1]})
		c := legCapsule{link: link, a: q.PosM.Sub(axis), b: q.PosM.Add(axis), radius: q.SizeM[0]}
		leg := legOf(m, link)
		g.legs[leg] = append(g.legs[leg], c)
	}
}

// surface returns the spheres that stand for a geom against the floor: itself, a capsule's ends, a box's corners.
func surface(q body.Geom) []floorPoint {
	switch q.Shape {
	case body.Sphere:
		return []floorPoint{{pos: q.PosM, radius: q.SizeM[0]}}
	case body.Capsule:
		axis := q.Rot.Rotate(body.Vec3{0, 0, q.SizeM[1]})
		return []floorPoint{{pos: q.PosM.Add(axis), radius: q.SizeM[0]}, {pos: q.PosM.Sub(axis), radius: q.SizeM[0]}}
	}
	var p []floorPoint
	for c := 0; c < 8; c++ {
		v := q.SizeM
		for k := range v {
			if c>>k&1 == 1 {
				v[k] = -v[k]
			}
		}
		p = append(p, floorPoint{pos: q.PosM.Add(q.Rot.Rotate(v))})
	}
	return p
}

// legOf returns which leg a link belongs to: that of the foot below it.
func legOf(m *body.Model, link int) int {
	for i := m.Feet[body.Right].Link; i > 0; i = m.Links[i].Parent {
		if i == link {
			return body.Right
		}
	}
	return body.Left
}

// closest returns the nearest points of segments p1q1 and p2q2 (Ericson, Real-Time Collision Detection, §5.1.9).
func closest(p1, q1, p2, q2 body.Vec3) (c1, c2 body.Vec3) {
	d1, d2, r := q1.Sub(p1), q2.Sub(p2), p1.Sub(p2)
	a, e, f := d1.Dot(d1), d2.Dot(d2), d2.Dot(r)
	b, c := d1.Dot(d2), d1.Dot(r)
	denom := a*e - b*b
	s := 0.5
	if denom > 1e-12 {
		s = clamp01((b*f - c*e) / denom)
	}
	t := (b*s + f) / e
	if t < 0 {
		t, s = 0, clamp01(-c/a)
	} else if t > 1 {
		t, s = 1, clamp01((b-c)/a)
	}
	return p1.Add(d1.Scale(s)), p2.Add(d2.Scale(t))
}

func clamp01(x float64) float64 { return math.Min(math.Max(x, 0), 1) }
