package robotfile

import (
	"strings"

	"robotd/body"
)

// geom reads a geom into the link's frame and adds its mass to w.
func (m *mjcfReader) geom(e placed, w *weight, back pose) (rawGeom, bool) {
	n := m.with(e.node, "geom", e.class)
	g := rawGeom{at: e.node, visible: true, Geom: body.Geom{RGB: m.colourOf(n)}}
	at, ok := m.size(n, &g)
	weighs := m.fromGeoms != "false"
	if !ok {
		return g, false
	}
	p := back.then(e.pose).then(at)
	g.PosM, g.Rot = p.p, p.q
	if weighs {
		volume, unit := solid(&g.Geom)
		density, ok1 := m.number(n, "density", 1000)
		mass, ok2 := m.number(n, "mass", density*volume)
		if !ok1 || !ok2 || mass < 0 {
			return g, false
		}
		w.add(mass, g.PosM, turnInertia(symmetric([6]float64{mass * unit[0], mass * unit[1], mass * unit[2]}), g.Rot))
	}
	contype, ok1 := m.number(n, "contype", 1)
	conaffinity, ok2 := m.number(n, "conaffinity", 1)
	if !ok1 || !ok2 {
		return g, false
	}
	g.touches = contype != 0 || conaffinity != 0
	if m.raw.own {
		class := e.get("class")
		if class == "bulk_end" { // a sphere of the capsule before it
			return g, false
		}
		g.kind, g.known = mjcfKind(class)
		g.touches = g.kind != body.Looks
	}
	asPrimitive(m.raw, &g)
	return g, true
}

// mjcfKind is the inverse of classOf.
func mjcfKind(class string) (body.Collide, bool) {
	switch {
	case class == "looks":
		return body.Looks, true
	case class == "sole":
		return body.Sole, true
	case class == "bulk" || class == "bulk_capsule":
		return body.Bulk, true
	case strings.HasPrefix(class, "leg_bulk_"):
		return body.LegSide | body.Bulk, true
	case strings.HasPrefix(class, "leg_"):
		return body.LegSide, true
	}
	return 0, false
}

func (m *mjcfReader) colourOf(n *node) [3]uint8 {
	if v, ok := m.numbers(n, "rgba", 4, 4); ok && v != nil {
		return rgbOf(v)
	}
	if c, ok := m.colours[n.get("material")]; ok {
		return c
	}
	return grey
}

// sizesOf says how many sizes a type has, and how many remain beside fromto.
var sizesOf = map[string]struct {
	shape       body.Shape
	size, along int
}{
	"sphere": {body.Sphere, 1, 0}, "capsule": {body.Capsule, 2, 1}, "cylinder": {cylinder, 2, 1}, "box": {body.Box, 3, 2},
	"ellipsoid": {ellipsoid, 3, 2},
}

// size reads type, size and place of a geom in its body.
func (m *mjcfReader) size(n *node, g *rawGeom) (pose, bool) {
	kind := n.get("type")
	if kind == "" {
		kind = "sphere"
	}
	if _, mesh := n.lookup("mesh"); mesh || kind == "mesh" || kind == "sdf" {
		m.raw.meshes++
		if m.raw.mesh == nil {
			m.raw.mesh = g.at
		}
		return noPose, false
	}
	t, ok := sizesOf[kind]
	if !ok {
		m.warnf(g.at, "use sphere, capsule, cylinder or box", "a geom of type %q is left out", clip(kind))
		return noPose, false
	}
	g.Shape = t.shape
	at := m.orient(n)
	need := t.size
	ends, okEnds := m.numbers(n, "fromto", 6, 6)
	if ends != nil && t.along > 0 {
		a, b := body.Vec3{ends[0], ends[1], ends[2]}, body.Vec3{ends[3], ends[4], ends[5]}
		span := a.Sub(b)
		length := span.Norm()
		if length < 1e-9 {
			m.errorf(g.at, "give two different ends", "a geom from a point to itself")
			return at, false
		}
		at = pose{a.Add(b).Scale(0.5), zTo(span.Scale(1 / length))}
		need = t.along
		g.SizeM[t.size-1] = length / 2
	}
	v, okSize := m.numbers(n, "size", 1, 3)
	if !okEnds || !okSize {
		return at, false
	}
	if len(v) < need {
		m.errorf(g.at, "give its sizes", "a %s has %d sizes, %d are needed", kind, len(v), need)
		return at, false
	}
	for i := range need {
		g.SizeM[i] = v[i]
	}
	return at, m.positive(g.at, g.SizeM[:t.size])
}
