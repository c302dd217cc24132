package robotfile

import (
	"math"
	"unicode"

	"robotd/body"
	"robotd/internal/rigid"
)

// body reads a body and those below it. parent is the raw link that it hangs from, -1 for the world; shift is the place of that
// link's origin in the parent body's frame: a link's origin is its last hinge, a body's anywhere.
func (m *mjcfReader) body(e placed, parent int, shift body.Vec3) {
	name := e.get("name")
	if name == "" {
		name = m.unnamed(e.node)
	}
	if m.bodies[name] {
		m.errorf(e.node, "give every body a name of its own", "a second body is named %q", clip(name))
		return
	}
	m.bodies[name] = true
	class := e.class
	if c := e.get("childclass"); c != "" {
		class = c
	}
	elements := m.flatten(e.node, noPose, class)
	at := pose{shift.Scale(-1), rigid.Identity}.then(e.pose).then(m.orient(e.node))
	link, origin, ok := m.joints(e.node, name, elements, parent, at)
	if !ok {
		return
	}
	l := &rawLink{at: e.node, name: name}
	back := pose{origin.Scale(-1), rigid.Identity}
	m.content(l, elements, back, link)
	m.raw.links[link] = *l
	for _, k := range elements {
		if k.name == "body" {
			m.body(k, link, origin)
		}
	}
}

// joints makes the links and joints of a body: one link, and one more between each two hinges. It returns the last link and
// its origin in the body's frame.
func (m *mjcfReader) joints(n *node, name string, elements []placed, parent int, at pose) (link int, origin body.Vec3, ok bool) {
	var hinges []rawJoint
	free := false
	for _, k := range elements {
		switch k.name {
		case "freejoint":
			free = true
		case "joint":
			j := m.with(k.node, "joint", k.class)
			if j.get("type") == "free" {
				free = true
				continue
			}
			if h, good := m.hinge(k, j); good {
				hinges = append(hinges, h)
			} else {
				return 0, origin, false
			}
		}
	}
	add := func(l rawLink) int {
		m.raw.links = append(m.raw.links, l)
		return len(m.raw.links) - 1
	}
	if parent < 0 {
		if len(hinges) > 0 {
			m.errorf(hinges[0].at, "give the base a freejoint and no hinge", "joint %s: the base %s turns about a hinge", hinges[0].name, name)
			return 0, origin, false
		}
		m.raw.fixed = !free
		return add(rawLink{at: n, name: name}), origin, true
	}
	if free {
		m.errorf(n, "use hinges", "body %s: only the base floats", name)
		return 0, origin, false
	}
	if len(hinges) == 0 {
		link = add(rawLink{at: n, name: name})
		m.raw.joints = append(m.raw.joints, rawJoint{at: n, name: name + "_weld", parent: parent, child: link, pose: at, fixed: true})
		return link, origin, true
	}
	for i := range hinges {
		h := &hinges[i]
		linkName := name
		if i < len(hinges)-1 {
			linkName = name + "_" + h.name
		}
		anchor := h.pose // place in the body's frame, and the turn that ref asks for
		if i == 0 {
			h.pose = at.then(anchor)
		} else {
			h.pose = pose{anchor.p.Sub(origin), anchor.q}
		}
		origin = anchor.p
		h.parent, h.child = parent, add(rawLink{at: n, name: linkName, bare: true})
		parent = h.child
		m.joint[h.name] = len(m.raw.joints)
		m.raw.joints = append(m.raw.joints, *h)
	}
	return parent, origin, true
}

// hinge reads a joint; j is the element with its defaults.
func (m *mjcfReader) hinge(e placed, j *node) (rawJoint, bool) {
	h := rawJoint{at: e.node, name: e.get("name"), armatureSaid: true}
	if h.name == "" {
		h.name = m.unnamed(e.node)
	}
	if _, taken := m.joint[h.name]; taken {
		m.errorf(e.node, "give every joint a name of its own", "a second joint is named %q", clip(h.name))
		return h, false
	}
	m.joint[h.name] = -1
	if kind := j.get("type"); kind != "" && kind != "hinge" {
		m.errorf(e.node, "use hinges: robotd drives nothing else", "joint %s: type %s is not supported", h.name, clip(kind))
		return h, false
	}
	anchor, ok1 := m.vec3(j, "pos", body.Vec3{})
	axis, ok2 := m.vec3(j, "axis", body.Vec3{0, 0, 1})
	if !ok1 || !ok2 {
		return h, false
	}
	axis, ok := m.unit(e.node, h.name, axis, false)
	if !ok {
		return h, false
	}
	h.axis = e.pose.q.Rotate(axis)
	h.pose = pose{e.pose.p.Add(e.pose.q.Rotate(anchor)), rigid.Identity}
	ref, ok := m.number(j, "ref", 0)
	if ref != 0 {
		h.pose.q = rigid.AxisAngle(h.axis, -m.angle(ref))
	}
	return h, m.limits(e.node, j, &h) && ok
}

// limits reads range, friction and rotor of a hinge.
func (m *mjcfReader) limits(at, j *node, h *rawJoint) bool {
	ok := true
	for _, f := range []struct {
		name string
		to   *float64
	}{{"armature", &h.armature}, {"damping", &h.damping}, {"frictionloss", &h.friction}} {
		v, good := m.numbers(j, f.name, 1, 5)
		if good && v != nil {
			*f.to = v[0]
			if v[0] < 0 {
				m.errorf(at, "give a number not below zero", "joint %s: %s %g", h.name, f.name, v[0])
			}
			if len(v) > 1 {
				m.warnf(at, "", "joint %s: of %s only the linear part is simulated", h.name, f.name)
			}
		}
		ok = ok && good
	}
	if v, good := m.numbers(j, "stiffness", 1, 5); good && v != nil && v[0] != 0 {
		m.warnf(at, "", "joint %s: its spring is not simulated", h.name)
	}
	limited := j.get("limited")
	span, good := m.numbers(j, "range", 2, 2)
	if limited == "false" || span == nil || (limited != "true" && !m.autolimits) {
		if good {
			m.warnf(at, `give range="..."`, "joint %s has no range: it is taken as one turn", h.name)
		}
		h.lower, h.upper = -math.Pi, math.Pi
	} else {
		h.lower, h.upper = m.angle(span[0]), m.angle(span[1])
		if h.lower >= h.upper {
			m.errorf(at, "give lower < upper", "joint %s: range [%g, %g] rad", h.name, h.lower, h.upper)
		}
	}
	force, goodForce := m.numbers(j, "actuatorfrcrange", 2, 2)
	if force != nil && j.get("actuatorfrclimited") != "false" {
		h.motor.TorqueNm = math.Max(math.Abs(force[0]), math.Abs(force[1]))
	}
	return ok && good && goodForce
}

// orient reads pos and the orientation of an element.
func (m *mjcfReader) orient(n *node) pose {
	p, _ := m.vec3(n, "pos", body.Vec3{})
	return pose{p, m.rotation(n)}
}

func (m *mjcfReader) rotation(n *node) body.Quat {
	if v, ok := m.numbers(n, "quat", 4, 4); ok && v != nil {
		q := body.Quat{v[0], v[1], v[2], v[3]}
		if length := math.Sqrt(q[0]*q[0] + q[1]*q[1] + q[2]*q[2] + q[3]*q[3]); length < 1e-9 {
			m.errorf(n, "give a unit quaternion", "quat of length %g", length)
			return rigid.Identity
		} else if math.Abs(length-1) > 1e-15 {
			return q.Normalized()
		}
		return q
	}
	if v, ok := m.numbers(n, "axisangle", 4, 4); ok && v != nil {
		if axis, good := m.unit(n, n.get("name"), body.Vec3{v[0], v[1], v[2]}, false); good {
			return rigid.AxisAngle(axis, m.angle(v[3]))
		}
	}
	if v, ok := m.vec3(n, "euler", body.Vec3{}); ok && v != (body.Vec3{}) {
		q := rigid.Identity
		for i, c := range m.euler {
			var axis body.Vec3
			axis[unicode.ToLower(c)-'x'] = 1
			turn := rigid.AxisAngle(axis, m.angle(v[i]))
			if unicode.IsUpper(c) {
				q = turn.Mul(q)
			} else {
				q = q.Mul(turn)
			}
		}
		return q
	}
	if v, ok := m.numbers(n, "xyaxes", 6, 6); ok && v != nil {
		x, good := m.unit(n, n.get("name"), body.Vec3{v[0], v[1], v[2]}, false)
		y := body.Vec3{v[3], v[4], v[5]}
		y, good2 := m.unit(n, n.get("name"), y.Sub(x.Scale(x.Dot(y))), false)
		if good && good2 {
			z := x.Cross(y)
			return rigid.Mat3{x[0], y[0], z[0], x[1], y[1], z[1], x[2], y[2], z[2]}.Quat()
		}
	}
	if v, ok := m.vec3(n, "zaxis", body.Vec3{}); ok && v != (body.Vec3{}) {
		if z, good := m.unit(n, n.get("name"), v, false); good {
			return zTo(z)
		}
	}
	return rigid.Identity
}

// zTo returns the shortest turn of the z axis to v.
func zTo(v body.Vec3) body.Quat {
	axis := body.Vec3{0, 0, 1}.Cross(v)
	s := axis.Norm()
	if s < 1e-10 {
		if v[2] > 0 {
			return rigid.Identity
		}
		return body.Quat{0, 1, 0, 0}
	}
	return rigid.AxisAngle(axis.Scale(1/s), math.Atan2(s, v[2]))
}

// content reads mass, geoms, sites and cameras of a body into its link.
func (m *mjcfReader) content(l *rawLink, elements []placed, back pose, link int) {
	var w weight
	var inertial *node
	for _, k := range elements {
		switch k.name {
		case "inertial":
			inertial = k.node
			m.inertial(k, l, back)
		case "geom":
			if g, ok := m.geom(k, &w, back); ok {
				l.geoms = append(l.geoms, g)
			}
		case "site":
			n := m.with(k.node, "site", k.class)
			m.raw.sensors = append(m.raw.sensors, rawFrame{name: n.get("name"), kind: "site", link: link, pose: back.then(k.pose).then(m.orient(n))})
		case "camera":
			m.camera(k, back, link)
		}
	}
	if m.fromGeoms == "true" || (m.fromGeoms == "auto" && inertial == nil) {
		l.massKg = w.massKg
		l.com, l.inert = w.centre()
	}
}

func (m *mjcfReader) camera(e placed, back pose, link int) {
	n := m.with(e.node, "camera", e.class)
	fov, ok1 := m.number(n, "fovy", 45)
	size, ok2 := m.numbers(n, "resolution", 2, 2)
	if !ok1 || !ok2 {
		return
	}
	if size == nil {
		size = []float64{64, 64}
	}
	if c := m.cameraOf(e.node, size[0], size[1], fov*math.Pi/180); c != nil {
		m.raw.sensors = append(m.raw.sensors, rawFrame{name: n.get("name"), kind: "camera", link: link, camera: c,
			pose: back.then(e.pose).then(m.orient(n))})
	}
}

func (m *mjcfReader) inertial(e placed, l *rawLink, back pose) {
	n := e.node
	mass, ok := m.number(n, "mass", math.NaN())
	if ok && !(mass >= 0) {
		m.errorf(n, "give the mass in kg", "body %s: mass %q", l.name, clip(n.get("mass")))
		return
	}
	diag, ok1 := m.numbers(n, "diaginertia", 3, 3)
	full, ok2 := m.numbers(n, "fullinertia", 6, 6)
	if !ok || !ok1 || !ok2 {
		return
	}
	var v [6]float64
	switch {
	case diag != nil:
		copy(v[:], diag)
	case full != nil:
		copy(v[:], full)
	default:
		m.errorf(n, "give diaginertia or fullinertia", "body %s: <inertial> without an inertia", l.name)
		return
	}
	l.inertAt = n
	at := back.then(e.pose).then(m.orient(n))
	l.massKg, l.com, l.inert = mass, at.p, turnInertia(symmetric(v), at.q)
}
