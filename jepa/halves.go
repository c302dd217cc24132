package jepa

import (
	"fmt"
	"math"
	"strings"

	"robotd/body"
)

// mirrorTol is how far a half may differ from the other one: metres, kilograms, radians.
const mirrorTol = 1e-6

// halvesOf compares the halves of a body: joints whose names begin with left_ and right_, all others lie in the middle. What joint
// j does in the sagittal plane (y → −y) is sign[j] times what joint from[j] does. The error names the joint that has no equal.
func halvesOf(m *body.Model) (out reflected, err error) {
	for j := range m.Joints {
		other := m.JointIndex(otherSide(m.Joints[j].Name))
		if other < 0 {
			return out, fmt.Errorf("%s: no joint %s on the other side", m.Joints[j].Name, otherSide(m.Joints[j].Name))
		}
		sign, err := mirrored(m, j, other)
		if err != nil {
			return out, fmt.Errorf("%s does not mirror %s: %w", m.Joints[j].Name, m.Joints[other].Name, err)
		}
		out.from, out.sign = append(out.from, other), append(out.sign, sign)
	}
	return out, nil
}

func otherSide(name string) string {
	if rest, ok := strings.CutPrefix(name, "left_"); ok {
		return "right_" + rest
	}
	if rest, ok := strings.CutPrefix(name, "right_"); ok {
		return "left_" + rest
	}
	return name
}

// mirrored returns the sign with which joint j does in the mirror what the other one does. Turning is a pseudo-vector: in the
// mirror it keeps its y and loses the signs of x and z.
func mirrored(m *body.Model, j, other int) (float32, error) {
	a, b := &m.Joints[j], &m.Joints[other]
	sign := -a.Axis[0]*b.Axis[0] + a.Axis[1]*b.Axis[1] - a.Axis[2]*b.Axis[2]
	la, lb := &m.Links[j+1], &m.Links[other+1]
	turned := a.Rot[0]*b.Rot[0] - a.Rot[1]*b.Rot[1] + a.Rot[2]*b.Rot[2] - a.Rot[3]*b.Rot[3]
	switch {
	case math.Abs(math.Abs(sign)-1) > mirrorTol:
		return 0, fmt.Errorf("axes %v and %v", a.Axis, b.Axis)
	case math.Abs(math.Abs(turned)-1) > mirrorTol:
		return 0, fmt.Errorf("frames turned by %v and %v", a.Rot, b.Rot)
	case a.OriginM.Sub(body.Vec3{b.OriginM[0], -b.OriginM[1], b.OriginM[2]}).Norm() > mirrorTol:
		return 0, fmt.Errorf("origins %v and %v", a.OriginM, b.OriginM)
	case math.Abs(la.MassKg-lb.MassKg) > mirrorTol || la.ComM.Sub(body.Vec3{lb.ComM[0], -lb.ComM[1], lb.ComM[2]}).Norm() > mirrorTol:
		return 0, fmt.Errorf("%g kg at %v and %g kg at %v", la.MassKg, la.ComM, lb.MassKg, lb.ComM)
	case math.Abs(m.StandRad[j]-sign*m.StandRad[other]) > mirrorTol || math.Abs(m.KnotRad[j]-m.KnotRad[other]) > mirrorTol:
		return 0, fmt.Errorf("standing at %g and %g rad, moved by up to %g and %g rad", m.StandRad[j], m.StandRad[other], m.KnotRad[j], m.KnotRad[other])
	}
	return float32(math.Copysign(1, sign)), nil
}
