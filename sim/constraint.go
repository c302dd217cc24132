package sim

import (
	"math"

	"robotd/body"
	"robotd/dynamics"
)

const (
	maxContacts = 40
	maxChain    = 18 // dofs that one contact moves: base 6 + 12 of a chain, or 12 of two legs
)

// contact is one touching pair, in the terms of MuJoCo's pyramidal friction cone of dimension 3: four rows
// normal ± μ tangent, each allowed to push only.
type contact struct {
	n     int             // dofs that it moves
	dof   [maxChain]int32 // ascending ancestors' order, nearest first
	jac   [3][maxChain]float64
	frame [3]body.Vec3 // normal (away from the floor, or from the left leg to the right), two tangents
	pos   body.Vec3    // world
	side  int          // of the sole, -1 otherwise
	link  int          // that touches the floor, -1 of legs that touch each other
	aref  [4]float64
	x     [4]float64 // J a − aref
	jd    [4]float64 // J dir
	d     float64    // 1/R, the same for all rows
	mu    float64
}

// limit is a joint at its stop: sign·acceleration may not go below aref.
type limit struct {
	dof   int
	sign  float64
	aref  float64
	x, jd float64
	d     float64
}

// constraints are those of the present step.
type constraints struct {
	contacts  [maxContacts]contact
	nContacts int
	limits    [2 * maxJoints]limit
	nLimits   int
	overlapM  float64 // of the legs
	legs      bool    // left touches right: the Hessian fills entries across the legs

	linkWeight []float64 // of each link, MuJoCo's body_invweight0, translational
	dofWeight  []float64 // dof_invweight0 of joints
}

// weights computes the inverse masses at the zero pose that scale the constraints' softness.
func (c *constraints) weights(dm *dynamics.Model) {
	m, nv := dm.Body(), dm.NV()
	k := dm.NewData()
	zero := make([]float64, m.NJoints())
	k.Kinematics(body.Vec3{}, body.Quat{1, 0, 0, 0}, body.Vec3{}, body.Vec3{}, zero, zero)
	k.MassMatrix()
	anc := make([][]int32, nv)
	for i := range anc {
		anc[i] = dm.AncestorsOf(int32(i))
	}
	dynamics.Factor(k.M, nv, anc)
	x := make([]float64, nv)
	c.linkWeight = make([]float64, len(m.Links))
	for i := range m.Links {
		for axis := 0; axis < 3; axis++ {
			clear(x)
			last := dm.LinkDof(i)
			chain := append([]int32{last}, dm.AncestorsOf(last)...)
			for _, d := range chain {
				x[d] = k.JacobianColumn(d, k.Com[i])[axis]
			}
			j := append([]float64(nil), x...)
			dynamics.Solve(k.M, nv, anc, x)
			for _, d := range chain {
				c.linkWeight[i] += j[d] * x[d] / 3
			}
		}
	}
	c.dofWeight = make([]float64, m.NJoints())
	for j := range c.dofWeight {
		clear(x)
		x[dynamics.NBase+j] = 1
		dynamics.Solve(k.M, nv, anc, x)
		c.dofWeight[j] = x[dynamics.NBase+j]
	}
}

// softness returns MuJoCo's impedance and the stiffness and damping of the reference acceleration.
func softness(ref [2]float64, imp [5]float64, dist, h float64) (impedance, stiff, damp float64) {
	tc := math.Max(ref[0], 2*h)
	dmin, dmax := imp[0], imp[1]
	x := math.Min(math.Abs(dist)/imp[2], 1)
	y := 2 * x * x // midpoint 0.5, power 2
	if x > 0.5 {
		y = 1 - 2*(1-x)*(1-x)
	}
	impedance = dmin + y*(dmax-dmin)
	stiff = 1 / (dmax * dmax * tc * tc * ref[1] * ref[1])
	damp = 2 / (dmax * tc)
	return impedance, stiff, damp
}

// build finds what touches what and fills the rows of this step.
func (s *Sim) build() {
	c := &s.rows
	c.nContacts, c.nLimits, c.legs, c.overlapM = 0, 0, false, 0
	for i := range s.geom.floor {
		p := &s.geom.floor[i]
		if s.k.Pos[p.link][2] > s.geom.reach[p.link] {
			continue
		}
		centre := s.k.Point(p.link, p.pos)
		dist := centre[2] - p.radius
		if dist >= 0 || c.nContacts == maxContacts {
			continue
		}
		ct := &c.contacts[c.nContacts]
		c.nContacts++
		ct.pos = body.Vec3{centre[0], centre[1], dist / 2}
		ct.frame = [3]body.Vec3{{0, 0, 1}, {0, 1, 0}, {-1, 0, 0}}
		ct.side, ct.link = p.side, p.link
		s.floorJacobian(ct, p.link)
		s.finish(ct, dist, c.linkWeight[p.link])
	}
	s.legContacts()
	s.jointLimits()
}

// floorJacobian fills the rows' Jacobian for a point of a link against the fixed floor.
func (s *Sim) floorJacobian(ct *contact, link int) {
	last := s.dm.LinkDof(link)
	ct.n = 0
	s.column(ct, last, 1)
	for _, d := range s.dm.AncestorsOf(last) {
		s.column(ct, d, 1)
	}
}

// column appends a dof's motion of the contact point, times sign, along the contact's frame.
func (s *Sim) column(ct *contact, dof int32, sign float64) {
	v := s.k.JacobianColumn(dof, ct.pos)
	ct.dof[ct.n] = dof
	for r := range ct.frame {
		ct.jac[r][ct.n] = sign * ct.frame[r].Dot(v)
	}
	ct.n++
}

// legContacts tests every capsule of the left leg against every one of the right.
func (s *Sim) legContacts() {
	c := &s.rows
	for i := range s.geom.legs[0] {
		l := &s.geom.legs[0][i]
		la, lb := s.k.Point(l.link, l.a), s.k.Point(l.link, l.b)
		for j := range s.geom.legs[1] {
			r := &s.geom.legs[1][j]
			cl, cr := closest(la, lb, s.k.Point(r.link, r.a), s.k.Point(r.link, r.b))
			gap := cr.Sub(cl)
			length := gap.Norm()
			dist := length - l.radius - r.radius
			if dist >= 0 || length < 1e-9 || c.nContacts == maxContacts {
				continue
			}
			ct := &c.contacts[c.nContacts]
			c.nContacts++
			c.legs = true
			c.overlapM = math.Max(c.overlapM, -dist)
			n := gap.Scale(1 / length)
			ct.pos = cl.Add(n.Scale(l.radius + dist/2))
			ct.frame = frameOf(n)
			ct.side, ct.link, ct.n = -1, -1, 0
			s.legColumns(ct, r.link, 1)
			s.legColumns(ct, l.link, -1)
			s.finish(ct, dist, c.linkWeight[l.link]+c.linkWeight[r.link])
		}
	}
}

// legColumns appends the columns of a link's own leg; the base moves both legs alike.
func (s *Sim) legColumns(ct *contact, link int, sign float64) {
	for d := s.dm.LinkDof(link); d >= dynamics.NBase; {
		s.column(ct, d, sign)
		anc := s.dm.AncestorsOf(d)
		d = anc[0]
	}
}

// frameOf completes a normal to a contact frame the way MuJoCo does (mju_makeFrame).
func frameOf(n body.Vec3) [3]body.Vec3 {
	y := body.Vec3{0, 1, 0}
	if math.Abs(n[1]) >= 0.5 {
		y = body.Vec3{0, 0, 1}
	}
	y = y.Sub(n.Scale(n.Dot(y)))
	y = y.Scale(1 / y.Norm())
	return [3]body.Vec3{n, y, n.Cross(y)}
}

// finish sets a contact's reference acceleration and softness.
func (s *Sim) finish(ct *contact, dist, weight float64) {
	p := &body.DefaultContact
	imp, stiff, damp := softness(p.SolRef, p.SolImp, dist, s.h)
	mu := p.Friction
	if s.faults.Friction > 0 {
		mu = s.faults.Friction
	}
	ct.mu = mu
	diag := weight * (1 + mu*mu)
	r := 2 * mu * mu * math.Max((1-imp)/imp*diag, 1e-15)
	ct.d = 1 / r
	var u [3]float64
	for k := range u {
		u[k] = ct.along(k, &s.st.vel)
	}
	for i, v := range pyramid(u, mu) {
		ct.aref[i] = -damp*v - stiff*imp*dist
	}
}

// along returns row k of the contact's Jacobian times x.
func (ct *contact) along(k int, x *[maxV]float64) float64 {
	sum := 0.0
	j := &ct.jac[k]
	for i := 0; i < ct.n; i++ {
		sum += j[i] * x[ct.dof[i]]
	}
	return sum
}

// pyramid turns normal and tangential motion into the four rows.
func pyramid(u [3]float64, mu float64) [4]float64 {
	return [4]float64{u[0] + mu*u[1], u[0] - mu*u[1], u[0] + mu*u[2], u[0] - mu*u[2]}
}

// jointLimits fills the rows of joints beyond their range.
func (s *Sim) jointLimits() {
	c, p := &s.rows, &body.DefaultContact
	for j := range s.m.Joints {
		jt := &s.m.Joints[j]
		sign, dist := 0.0, 0.0
		if d := s.st.q[j] - jt.LowerRad; d < 0 {
			sign, dist = 1, d
		} else if d := jt.UpperRad - s.st.q[j]; d < 0 {
			sign, dist = -1, d
		} else {
			continue
		}
		imp, stiff, damp := softness(p.LimitRef, p.LimitImp, dist, s.h)
		l := &c.limits[c.nLimits]
		c.nLimits++
		l.dof, l.sign = dynamics.NBase+j, sign
		l.d = 1 / math.Max((1-imp)/imp*c.dofWeight[j], 1e-15)
		l.aref = -damp*sign*s.st.vel[l.dof] - stiff*imp*dist
	}
}
