package robotfile

import (
	"strings"

	"robotd/body"
)

// shapes reads visuals or collisions; meshes are counted, a cylinder with a sphere at each end is a capsule.
func (u *urdfReader) shapes(nodes []*node) []rawGeom {
	var out []rawGeom
	for _, n := range nodes {
		if g, ok := u.shape(n); ok {
			out = append(out, g)
			out = joinCapsule(out)
		}
	}
	for i := range out {
		if g := &out[i]; g.Shape == cylinder {
			asPrimitive(u.raw, g)
		}
	}
	return out
}

func (u *urdfReader) shape(n *node) (rawGeom, bool) {
	at, ok := u.origin(n)
	geo := n.child("geometry")
	if geo == nil || len(geo.kids) == 0 {
		u.warnf(n, "give a box, cylinder or sphere", "<%s> without a geometry is left out", n.name)
		return rawGeom{}, false
	}
	g := rawGeom{at: n, Geom: body.Geom{PosM: at.p, Rot: at.q, RGB: grey}}
	shape := geo.kids[0]
	var size []float64
	switch shape.name {
	case "sphere":
		g.Shape = body.Sphere
		size = u.sizes(shape, "radius")
	case "cylinder", "capsule":
		g.Shape = cylinder
		if shape.name == "capsule" {
			g.Shape = body.Capsule
		}
		if size = u.sizes(shape, "radius", "length"); size != nil {
			size[1] /= 2
		}
	case "box":
		g.Shape = body.Box
		if v, good := u.vec3(shape, "size", body.Vec3{}); good && u.positive(shape, v[:]) {
			size = []float64{v[0] / 2, v[1] / 2, v[2] / 2}
		}
	case "mesh":
		u.raw.meshes++
		if u.raw.mesh == nil {
			u.raw.mesh = shape
		}
		return g, false
	default:
		u.warnf(shape, "use box, cylinder or sphere", "the shape <%s> is left out", shape.name)
		return g, false
	}
	if !ok || size == nil {
		return g, false
	}
	copy(g.SizeM[:], size)
	if m := n.child("material"); m != nil {
		if c, known := u.colours[m.get("name")]; known {
			g.RGB = c
		}
	}
	g.kind, g.known = kindOf(n.get("name"), u.raw.own && n.name == "collision")
	return g, true
}

// kindOf reads what a collision of our own file touches from the end of its name.
func kindOf(name string, own bool) (body.Collide, bool) {
	if !own {
		return 0, false
	}
	for end := range 2 {
		name = strings.TrimSuffix(name, []string{"_end0", "_end1"}[end])
	}
	best, length := body.Collide(0), 0
	for kind, word := range urdfKinds {
		if strings.HasSuffix(name, "_"+word) && len(word) > length {
			best, length = kind, len(word)
		}
	}
	return best, length > 0
}

// sizes reads positive numbers, one an attribute.
func (u *urdfReader) sizes(n *node, names ...string) []float64 {
	var out []float64
	for _, name := range names {
		v, ok := u.number(n, name, 0)
		if !ok || !u.positive(n, []float64{v}) {
			return nil
		}
		out = append(out, v)
	}
	return out
}

func (r *report) positive(n *node, v []float64) bool {
	for _, x := range v {
		if !(x > 0) {
			r.errorf(n, "give positive sizes in metres", "a <%s> of size %g", n.name, x)
			return false
		}
	}
	return true
}
