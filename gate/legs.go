package gate

import (
	"math"

	"robotd/body"
)

const (
	legsApartM   = 0.0  // when they touch no hip swings or turns one leg into the other
	legsBrakeMS2 = 100  // deceleration with which legs that close in are trusted to stop at that distance
	legsLeverM   = 0.05 // a joint that moves the nearest points by less a radian has no part in it
	legsMost     = 8    // capsules of a leg
)

// legs keeps the two legs out of each other: from the joints' angles it knows the nearest pair of their capsules, and which
// hips bring them nearer. Only axes that swing or turn a leg sideways are held; those that bend it carry the weight.
type legs struct {
	m     *body.Model
	chain [2][]int // links from the hip to the foot
	caps  [2][]capsule
	pos   [body.MaxJoints + 1]body.Vec3 // of links, in the base's frame
	rot   [body.MaxJoints + 1]body.Mat3
	hold  [body.MaxJoints]float64 // direction in which a joint may not be driven: +1, −1, or 0
}

// capsule is one of a leg's shapes, in its link's frame.
type capsule struct {
	link    int
	a, b    body.Vec3
	radiusM float64
}

func newLegs(m *body.Model) legs {
	l := legs{m: m}
	l.rot[0] = body.Mat3{1, 0, 0, 0, 1, 0, 0, 0, 1}
	for side, foot := range m.Feet {
		for i := foot.Link; i > 0; i = m.Links[i].Parent {
			l.chain[side] = append([]int{i}, l.chain[side]...)
		}
		for _, i := range l.chain[side] {
			for _, g := range m.Links[i].Geoms {
				if g.Collide&body.LegSide != 0 && g.Shape == body.Capsule && len(l.caps[side]) < legsMost {
					axis := g.Rot.Rotate(body.Vec3{0, 0, g.SizeM[1]})
					l.caps[side] = append(l.caps[side], capsule{i, g.PosM.Sub(axis), g.PosM.Add(axis), g.SizeM[0]})
				}
			}
		}
	}
	return l
}

// look finds the nearest points and marks the joints that may not bring them nearer.
func (l *legs) look(q, dq *[body.MaxJoints]float64) (acted bool) {
	l.hold = [body.MaxJoints]float64{}
	for side := range l.chain {
		for _, i := range l.chain[side] {
			j, p := &l.m.Joints[i-1], l.m.Links[i].Parent
			l.pos[i], l.rot[i] = l.pos[p].Add(l.rot[p].MulVec(j.OriginM)), l.rot[p].Mul(j.Turned(q[i-1]))
		}
	}
	gap, at := l.nearest()
	away := at[body.Right].Sub(at[body.Left])
	if length := away.Norm(); length > 1e-9 {
		away = away.Scale(1 / length)
	}
	lever := [body.MaxJoints]float64{} // how fast each joint opens the gap, m/rad
	opens := 0.0
	for side, sign := range [2]float64{-1, 1} {
		for _, i := range l.chain[side] {
			axis := l.rot[i].MulVec(l.m.Joints[i-1].Axis)
			lever[i-1] = sign * away.Dot(axis.Cross(at[side].Sub(l.pos[i])))
			opens += lever[i-1] * dq[i-1]
		}
	}
	room := math.Max(gap-legsApartM, 0)
	if !(opens < 0 && opens*opens > 2*legsBrakeMS2*room) && gap > legsApartM {
		return false
	}
	for side := range l.chain {
		for _, i := range l.chain[side] {
			if sideways := math.Abs(l.m.Joints[i-1].Axis[1]) < 0.5; sideways && math.Abs(lever[i-1]) > legsLeverM {
				l.hold[i-1], acted = -math.Copysign(1, lever[i-1]), true
			}
		}
	}
	return acted
}

// nearest returns the smallest gap between the legs' capsules and the points of either leg where it is.
func (l *legs) nearest() (gapM float64, at [2]body.Vec3) {
	gapM = math.Inf(1)
	for i := range l.caps[body.Left] {
		a := &l.caps[body.Left][i]
		a0, a1 := l.point(a.link, a.a), l.point(a.link, a.b)
		for k := range l.caps[body.Right] {
			b := &l.caps[body.Right][k]
			p, q := closest(a0, a1, l.point(b.link, b.a), l.point(b.link, b.b))
			if gap := q.Sub(p).Norm() - a.radiusM - b.radiusM; gap < gapM {
				gapM, at = gap, [2]body.Vec3{p, q}
			}
		}
	}
	return gapM, at
}

func (l *legs) point(link int, p body.Vec3) body.Vec3 { return l.pos[link].Add(l.rot[link].MulVec(p)) }

// closest returns the nearest points of two segments (Ericson, Real-Time Collision Detection, 5.1.9).
func closest(p0, p1, q0, q1 body.Vec3) (body.Vec3, body.Vec3) {
	d, e, r := p1.Sub(p0), q1.Sub(q0), p0.Sub(q0)
	a, b, c, f, h := d.Dot(d), d.Dot(e), d.Dot(r), e.Dot(r), e.Dot(e)
	s, den := 0.0, a*h-b*b
	if den > 1e-12 {
		s = clamp((b*f-c*h)/den, 0, 1)
	}
	t := clamp((b*s+f)/math.Max(h, 1e-12), 0, 1)
	s = clamp((b*t-c)/math.Max(a, 1e-12), 0, 1)
	return p0.Add(d.Scale(s)), q0.Add(e.Scale(t))
}
