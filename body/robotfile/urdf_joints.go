package robotfile

import (
	"math"

	"robotd/body"
	"robotd/internal/rigid"
)

// readJoint reads one <joint>.
func (u *urdfReader) readJoint(n *node) {
	j := rawJoint{at: n, name: n.get("name"), parent: -1, child: -1}
	if _, taken := u.joint[j.name]; taken || j.name == "" {
		u.errorf(n, "give every joint a name of its own", "a second joint is named %q", clip(j.name))
		return
	}
	ok := u.end(n, "parent", &j.parent)
	ok = u.end(n, "child", &j.child) && ok
	at, good := u.origin(n)
	j.pose = at
	ok = ok && good
	kind := n.get("type")
	switch kind {
	case "revolute", "continuous":
		if m := n.child("mimic"); m != nil {
			u.hold(m, &j)
		} else {
			ok = u.hinge(n, &j, kind) && ok
		}
	case "fixed":
		j.fixed = true
	case "floating":
		j.fixed, j.floating = true, true
	case "prismatic", "planar":
		if n.child("mimic") != nil {
			u.hold(n.child("mimic"), &j)
			break
		}
		u.errorf(n, "use revolute, continuous or fixed: robotd drives hinges", "joint %s: type %s is not supported", j.name, kind)
		ok = false
	default:
		u.errorf(n, "use revolute, continuous or fixed", "joint %s: no type %q", j.name, clip(kind))
		ok = false
	}
	u.joint[j.name] = len(u.raw.joints)
	if ok {
		u.raw.joints = append(u.raw.joints, j)
	} else {
		u.joint[j.name] = -1
	}
}

// end reads the link that a joint's <parent> or <child> names.
func (u *urdfReader) end(n *node, which string, out *int) bool {
	e := n.child(which)
	if e == nil {
		u.errorf(n, "give <"+which+` link="..."/>`, "joint %s has no %s", n.get("name"), which)
		return false
	}
	i, ok := u.link[e.get("link")]
	if !ok {
		u.errorf(e, "name a <link> of this file", "joint %s: its %s link %q is not there", n.get("name"), which, clip(e.get("link")))
		return false
	}
	*out = i
	return true
}

// hold makes a mimic joint a fixed one: it follows another joint's motor, and robotd simulates one motor a joint.
func (u *urdfReader) hold(m *node, j *rawJoint) {
	if u.mimicAt == nil {
		u.mimicAt = m
	}
	u.mimic = append(u.mimic, j.name)
	j.fixed = true
	offset, ok := u.number(m, "offset", 0)
	axis, okAxis := u.axis(j)
	if ok && okAxis && (j.at.get("type") == "revolute" || j.at.get("type") == "continuous") {
		j.pose.q = j.pose.q.Mul(rigid.AxisAngle(axis, offset))
	}
}

func (u *urdfReader) axis(j *rawJoint) (body.Vec3, bool) {
	a := j.at.child("axis")
	if a == nil {
		return body.Vec3{1, 0, 0}, true
	}
	v, ok := u.vec3(a, "xyz", body.Vec3{1, 0, 0})
	if !ok {
		return v, false
	}
	return u.unit(a, j.name, v, true)
}

// unit checks an axis; rounding in the file is taken out of it.
func (r *report) unit(at *node, joint string, v body.Vec3, strict bool) (body.Vec3, bool) {
	length := v.Norm()
	if length < 1e-6 || (strict && math.Abs(length-1) > 1e-3) {
		r.errorf(at, "give a unit vector", "joint %s: the axis (%s) has length %.4g", joint, num(v[:]...), length)
		return v, false
	}
	if math.Abs(length-1) < 1e-12 {
		return v, true
	}
	return v.Scale(1 / length), true
}

// hinge reads axis, limits and dynamics.
func (u *urdfReader) hinge(n *node, j *rawJoint, kind string) bool {
	axis, ok := u.axis(j)
	j.axis = axis
	l := n.child("limit")
	if l == nil {
		u.errorf(n, `give <limit lower upper effort velocity/>`, "joint %s has no limit", j.name)
		return false
	}
	lower, ok1 := u.number(l, "lower", 0)
	upper, ok2 := u.number(l, "upper", 0)
	effort, ok3 := u.number(l, "effort", 0)
	speed, ok4 := u.number(l, "velocity", 0)
	if kind == "continuous" {
		lower, upper = -math.Pi, math.Pi
		u.warnf(n, "make it revolute with the range that the cables allow", "joint %s turns without end: its range is taken as one turn", j.name)
	}
	ok = ok && ok1 && ok2 && ok3 && ok4
	if ok && lower >= upper {
		u.errorf(l, "give lower < upper in radians", "joint %s: range [%g, %g]", j.name, lower, upper)
		ok = false
	}
	if ok && effort <= 0 {
		u.errorf(l, `give effort="..." in N m`, "joint %s: torque limit %g", j.name, effort)
		ok = false
	}
	if ok && speed <= 0 {
		u.warnf(l, `give velocity="..." in rad/s`, "joint %s: speed limit %g, %g rad/s taken", j.name, speed, guessSpeedRadS)
		speed = guessSpeedRadS
	}
	j.lower, j.upper, j.motor.TorqueNm, j.motor.SpeedRadS = lower, upper, effort, speed
	if d := n.child("dynamics"); d != nil {
		damping, ok1 := u.number(d, "damping", 0)
		friction, ok2 := u.number(d, "friction", 0)
		if ok1 && ok2 && (damping < 0 || friction < 0) {
			u.errorf(d, "give them not below zero", "joint %s: damping %g, friction %g", j.name, damping, friction)
		}
		j.damping, j.friction, ok = damping, friction, ok && ok1 && ok2
	}
	return ok
}
