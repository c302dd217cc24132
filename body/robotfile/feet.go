package robotfile

import (
	"math"
	"slices"

	"robotd/body"
	"robotd/internal/rigid"
)

const (
	maxLegJoints  = 12 // joints that move one contact, as the simulator has it
	maxLegsJoints = 18 // of both legs together, where they touch
	soleRadiusM   = 0.01
	levelM        = 0.01 // points this near the lowest are the sole
)

// point is a place on a foot where the floor may touch it.
type point struct {
	at     body.Vec3 // lowest point
	sphere int       // index of the sphere among the foot's geoms, -1 for other shapes
}

// feet finds each foot's sole: centre and four corners, and gives it four contact spheres.
func (b *built) feet() {
	for side := range b.m.Feet {
		b.foot(side)
	}
}

func (b *built) foot(side int) {
	f := &b.m.Feet[side]
	geoms := b.geoms[f.Link]
	corners, spheres, ok := soleOf(geoms)
	sole := b.soleFrame(side, f.Link)
	if !ok {
		at := body.Vec3{0.025, 0, -0.05}
		if sole != nil {
			at = sole.p
		}
		for i := range corners {
			corners[i] = at.Add(body.Vec3{[2]float64{0.075, -0.075}[i/2], [2]float64{0.03, -0.03}[i%2], 0})
		}
		b.warnf(b.at[f.Link], "give the foot's link a box as collision", "the sole of %s is guessed: no box, capsule or four spheres show it",
			b.m.Links[f.Link].Name)
	}
	f.CornerM = corners
	for _, c := range corners {
		f.SoleM = f.SoleM.Add(c.Scale(0.25))
	}
	if sole != nil {
		f.SoleM = sole.p
	}
	if spheres {
		for i := range geoms {
			if geoms[i].Shape == body.Sphere && geoms[i].touches {
				geoms[i].kind, geoms[i].known = body.Sole, true
			}
		}
		return
	}
	for i := range geoms { // the spheres touch in the place of the foot's own shapes
		if !geoms[i].known {
			geoms[i].touches = false
		}
	}
	for _, c := range corners {
		b.geoms[f.Link] = append(b.geoms[f.Link], rawGeom{at: b.at[f.Link], touches: true, kind: body.Sole, known: true,
			Geom: body.Geom{Shape: body.Sphere, PosM: c.Add(body.Vec3{0, 0, soleRadiusM}), Rot: rigid.Identity, SizeM: body.Vec3{soleRadiusM}, RGB: grey}})
	}
}

// soleFrame returns the frame that names the sole centre on that link.
func (b *built) soleFrame(side, link int) *pose {
	for i := range b.named {
		f := &b.named[i]
		ws := words(f.name)
		if f.link == link && sideOf(ws) == side && (ws[len(ws)-1] == "sole" || (len(ws) > 1 && ws[len(ws)-2] == "sole")) {
			return &f.pose
		}
	}
	return nil
}

// soleOf returns the corners of the lowest level of a foot's shapes: front-left, front-right, rear-left, rear-right; spheres
// says that four spheres are the corners.
func soleOf(geoms []rawGeom) (corners [4]body.Vec3, spheres, ok bool) {
	var pts []point
	low := math.Inf(1)
	said := slices.ContainsFunc(geoms, isSole)
	for i := range geoms {
		if !geoms[i].touches || (said && !isSole(geoms[i])) {
			continue
		}
		for _, p := range lowPoints(&geoms[i].Geom, i) {
			pts = append(pts, p)
			low = math.Min(low, p.at[2])
		}
	}
	var mid body.Vec3
	n := 0
	for _, p := range pts {
		if p.at[2] <= low+levelM {
			mid = mid.Add(p.at)
			n++
		}
	}
	if n < 4 {
		return corners, false, false
	}
	mid = mid.Scale(1 / float64(n))
	spheres = true
	for c := range corners {
		sx, sy := [2]float64{1, -1}[c/2], [2]float64{1, -1}[c%2]
		best := math.Inf(-1)
		sphere := false
		for _, p := range pts {
			if d := p.at.Sub(mid); p.at[2] <= low+levelM && sx*d[0]+sy*d[1] > best {
				best, corners[c], sphere = sx*d[0]+sy*d[1], p.at, p.sphere >= 0
			}
		}
		spheres = spheres && sphere
	}
	length := corners[0].Sub(corners[2]).Norm()
	width := corners[0].Sub(corners[1]).Norm()
	return corners, spheres, length*width > 1e-4
}

// isSole says that a file of ours names the geom as part of the sole.
func isSole(g rawGeom) bool { return g.known && g.kind == body.Sole }

// lowPoints returns the points of a shape that may be lowest; a capsule across the foot has its ends.
func lowPoints(g *body.Geom, index int) []point {
	down := body.Vec3{0, 0, -1}
	switch g.Shape {
	case body.Sphere:
		return []point{{g.PosM.Add(down.Scale(g.SizeM[0])), index}}
	case body.Capsule:
		axis := g.Rot.Rotate(body.Vec3{0, 0, g.SizeM[1]})
		foot := down.Scale(g.SizeM[0])
		return []point{{g.PosM.Add(axis).Add(foot), -1}, {g.PosM.Sub(axis).Add(foot), -1}}
	}
	var out []point
	for c := range 8 {
		v := g.SizeM
		for k := range v {
			if c>>k&1 == 1 {
				v[k] = -v[k]
			}
		}
		out = append(out, point{g.PosM.Add(g.Rot.Rotate(v)), -1})
	}
	return out
}

// touch decides what each geom touches, and copies the geoms into the model.
func (b *built) touch() {
	m := b.m
	leg := map[int]bool{}
	for side := range m.Feet {
		for l := m.Feet[side].Link; l > 0; l = m.Links[l].Parent {
			leg[l] = true
		}
	}
	wide := b.depth(m.Feet[0].Link)+b.depth(m.Feet[1].Link) > maxLegsJoints
	tooDeep := false
	for i := range m.Links {
		for _, g := range b.geoms[i] {
			kind := g.kind
			switch {
			case !g.touches:
				kind = body.Looks
			case g.known:
			case leg[i] && g.Shape == body.Capsule:
				kind = body.LegSide | body.Bulk
			default:
				kind = body.Bulk
			}
			if wide {
				kind &^= body.LegSide
			}
			if kind&body.Bulk != 0 && b.depth(i) > maxLegJoints {
				kind, tooDeep = kind&^body.Bulk, true
			}
			if kind == body.Looks && !g.visible {
				continue
			}
			g.Collide = kind
			m.Links[i].Geoms = append(m.Links[i].Geoms, g.Geom)
		}
	}
	if wide {
		b.warnf(b.raw.at, "", "the legs do not touch each other in the simulator: %d joints in both, %d at the most", b.depth(m.Feet[0].Link)+
			b.depth(m.Feet[1].Link), maxLegsJoints)
	}
	if tooDeep {
		b.warnf(b.raw.at, "", "shapes behind more than %d joints touch nothing in the simulator", maxLegJoints)
	}
}
