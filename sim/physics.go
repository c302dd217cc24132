package sim

import (
	"math"

	"robotd/body"
	"robotd/dynamics"
	"robotd/internal/rigid"
)

// slipRadS is the joint speed at which dry friction has reached 76 % of its value: Coulomb friction is smoothed by tanh.
const slipRadS = 0.05

// physics moves the state by one physics step: semi-implicit Euler, joint damping and dry friction implicit (MuJoCo's
// implicitfast).
func (s *Sim) physics() {
	s.ready()
	s.k.MassMatrix()
	s.k.BiasForces()
	s.smooth()
	nv := s.nv
	copy(s.mass, s.k.M)
	dynamics.Factor(s.mass, nv, s.tree())
	s.free = s.smth
	dynamics.Solve(s.mass, nv, s.tree(), s.free[:nv])
	s.build()
	if s.rows.nContacts+s.rows.nLimits > 0 {
		s.solve()
	} else {
		s.st.acc, s.cons = s.free, [maxV]float64{}
	}
	s.integrate()
}

// smooth fills the generalised forces other than contact, and the derivative of the passive ones by speed.
func (s *Sim) smooth() {
	st := &s.st
	for i := 0; i < s.nv; i++ {
		s.smth[i] = -s.k.Bias[i]
	}
	for j := range s.m.Joints {
		jt := &s.m.Joints[j]
		d := dynamics.NBase + j
		v := st.vel[d]
		s.damp[d] = jt.DampingNms
		f := st.tauNm[j] - jt.DampingNms*v
		if !s.o.NoDryFriction && jt.FrictionNm > 0 {
			t := math.Tanh(v / slipRadS)
			f -= jt.FrictionNm * t
			s.damp[d] += jt.FrictionNm / slipRadS * (1 - t*t)
		}
		s.smth[d] += f
	}
	s.fault()
	for i := 0; i < st.nPushes; i++ {
		s.push(&st.pushes[i])
	}
}

// push adds a push's force while it lasts.
func (s *Sim) push(p *Push) {
	if s.st.nowNs < p.StartNs || s.st.nowNs >= p.StartNs+p.DurationNs {
		return
	}
	s.pull(p.Link, p.ImpulseNs.Scale(1e9/float64(p.DurationNs)))
}

// pull adds a force at a link's centre of mass.
func (s *Sim) pull(link int, force body.Vec3) {
	last := s.dm.LinkDof(link)
	at := s.k.Com[link]
	s.smth[last] += s.k.JacobianColumn(last, at).Dot(force)
	for _, d := range s.dm.AncestorsOf(last) {
		s.smth[d] += s.k.JacobianColumn(d, at).Dot(force)
	}
}

// integrate solves (M + h B) a = smooth + contact and moves speeds, then positions.
func (s *Sim) integrate() {
	st, nv := &s.st, s.nv
	copy(s.imp, s.k.M)
	var a [maxV]float64
	for i := 0; i < nv; i++ {
		a[i] = s.smth[i] + s.cons[i]
		if i >= dynamics.NBase {
			s.imp[i*nv+i] += s.h * s.damp[i]
		}
	}
	dynamics.Factor(s.imp, nv, s.tree())
	dynamics.Solve(s.imp, nv, s.tree(), a[:nv])
	for i := 0; i < nv; i++ {
		st.vel[i] += s.h * a[i]
	}
	for i := 0; i < 3; i++ {
		st.pos[i] += s.h * st.vel[i]
	}
	st.rot = st.rot.Mul(rigid.Exp(body.Vec3{st.vel[3], st.vel[4], st.vel[5]}.Scale(s.h))).Normalized()
	for j := range s.m.Joints {
		st.q[j] += s.h * st.vel[6+j]
	}
	s.kinematics()
}
