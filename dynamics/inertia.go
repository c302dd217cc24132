package dynamics

import (
	"robotd/body"
	"robotd/internal/rigid"
)

// spatialInertia is a rigid body's inertia about the common point, world axes: mass, first moment, second moment
// (xx, yy, zz, xy, xz, yz). It adds along the tree.
type spatialInertia struct {
	m float64
	h body.Vec3
	i [6]float64
}

func (s *spatialInertia) add(o *spatialInertia) {
	s.m += o.m
	s.h = s.h.Add(o.h)
	for k := range s.i {
		s.i[k] += o.i[k]
	}
}

// mul returns the momentum of motion v.
func (s *spatialInertia) mul(v *Spatial) Spatial {
	w := v.Ang
	return Spatial{
		Ang: body.Vec3{
			s.i[0]*w[0] + s.i[3]*w[1] + s.i[4]*w[2],
			s.i[3]*w[0] + s.i[1]*w[1] + s.i[5]*w[2],
			s.i[4]*w[0] + s.i[5]*w[1] + s.i[2]*w[2],
		}.Add(s.h.Cross(v.Lin)),
		Lin: v.Lin.Scale(s.m).Add(w.Cross(s.h)),
	}
}

// linkInertias fills linkIn after Kinematics.
func (k *Data) linkInertias() {
	for i := range k.m.body.Links {
		mass := k.m.body.Links[i].MassKg
		c := k.Com[i].Sub(k.BasePos)
		s := &k.linkIn[i]
		s.m, s.h = mass, c.Scale(mass)
		rotated := congruent(&k.Rot[i], &k.m.inertia[i])
		cc := c.Dot(c)
		s.i = [6]float64{
			rotated[0] + mass*(cc-c[0]*c[0]), rotated[1] + mass*(cc-c[1]*c[1]), rotated[2] + mass*(cc-c[2]*c[2]),
			rotated[3] - mass*c[0]*c[1], rotated[4] - mass*c[0]*c[2], rotated[5] - mass*c[1]*c[2],
		}
	}
}

// congruent returns R I Rᵀ as xx, yy, zz, xy, xz, yz.
func congruent(r, in *rigid.Mat3) [6]float64 {
	var t rigid.Mat3 // R I
	for a := 0; a < 9; a += 3 {
		x, y, z := r[a], r[a+1], r[a+2]
		t[a] = x*in[0] + y*in[3] + z*in[6]
		t[a+1] = x*in[1] + y*in[4] + z*in[7]
		t[a+2] = x*in[2] + y*in[5] + z*in[8]
	}
	row := func(a, b int) float64 { return t[a]*r[b] + t[a+1]*r[b+1] + t[a+2]*r[b+2] }
	return [6]float64{row(0, 0), row(3, 3), row(6, 6), row(0, 3), row(0, 6), row(3, 6)}
}

// MassMatrix fills M with the joint-space inertia (composite rigid body algorithm), armature included: entries [i][j], j
// an ancestor of i or i itself; entries off the tree are zero. Kinematics must have run.
func (k *Data) MassMatrix() {
	b := k.m.body
	k.linkInertias()
	copy(k.subIn, k.linkIn)
	for i := len(b.Links) - 1; i > 0; i-- {
		k.subIn[b.Links[i].Parent].add(&k.subIn[i])
	}
	nv := k.m.nv
	for dof := nv - 1; dof >= 0; dof-- {
		link := max(dof-NBase+1, 0)
		f := k.subIn[link].mul(&k.Dof[dof])
		row := k.M[dof*nv : (dof+1)*nv]
		row[dof] = k.Dof[dof].Ang.Dot(f.Ang) + k.Dof[dof].Lin.Dot(f.Lin)
		for _, a := range k.m.ancestor[dof] {
			s := &k.Dof[a]
			row[a] = s.Ang.Dot(f.Ang) + s.Lin.Dot(f.Lin)
		}
	}
	for j := range b.Joints {
		k.M[(NBase+j)*nv+NBase+j] += b.Joints[j].ArmatureKgM
	}
}

// BiasForces fills Bias with the generalised forces that keep all accelerations zero (recursive Newton-Euler): Coriolis,
// centrifugal and gravity. Kinematics and MassMatrix (or linkInertias) must have run.
func (k *Data) BiasForces() {
	b := k.m.body
	base := Spatial{Lin: body.Vec3{0, 0, body.DefaultContact.GravityMS}}
	for i := 0; i < NBase; i++ {
		base.Ang = base.Ang.Add(k.dofDot[i].Ang.Scale(k.qd[i]))
		base.Lin = base.Lin.Add(k.dofDot[i].Lin.Scale(k.qd[i]))
	}
	k.acc[0] = base
	for i := 1; i < len(b.Links); i++ {
		p, dof := b.Links[i].Parent, NBase+i-1
		k.acc[i] = Spatial{Ang: k.acc[p].Ang.Add(k.dofDot[dof].Ang.Scale(k.qd[dof])), Lin: k.acc[p].Lin.Add(k.dofDot[dof].Lin.Scale(k.qd[dof]))}
	}
	for i := range b.Links {
		k.force[i] = k.linkForce(i)
	}
	for i := len(b.Links) - 1; i > 0; i-- {
		p := b.Links[i].Parent
		k.Bias[NBase+i-1] = k.Dof[NBase+i-1].Ang.Dot(k.force[i].Ang) + k.Dof[NBase+i-1].Lin.Dot(k.force[i].Lin)
		k.force[p].Ang = k.force[p].Ang.Add(k.force[i].Ang)
		k.force[p].Lin = k.force[p].Lin.Add(k.force[i].Lin)
	}
	for d := 0; d < NBase; d++ {
		k.Bias[d] = k.Dof[d].Ang.Dot(k.force[0].Ang) + k.Dof[d].Lin.Dot(k.force[0].Lin)
	}
}

// linkForce returns I a + v ×* I v of a link.
func (k *Data) linkForce(i int) Spatial {
	v := &k.Vel[i]
	f := k.linkIn[i].mul(&k.acc[i])
	p := k.linkIn[i].mul(v)
	f.Ang = f.Ang.Add(v.Ang.Cross(p.Ang)).Add(v.Lin.Cross(p.Lin))
	f.Lin = f.Lin.Add(v.Ang.Cross(p.Lin))
	return f
}

// KineticEnergyJ returns ½ vᵀ M v of the links, armature left out; MassMatrix must have run.
func (k *Data) KineticEnergyJ() float64 {
	e := 0.0
	for i := range k.linkIn {
		p := k.linkIn[i].mul(&k.Vel[i])
		e += 0.5 * (k.Vel[i].Ang.Dot(p.Ang) + k.Vel[i].Lin.Dot(p.Lin))
	}
	return e
}

// MomentumAbout returns the linear momentum and the angular momentum about a world point; MassMatrix must have run.
func (k *Data) MomentumAbout(point body.Vec3) (linear, angular body.Vec3) {
	for i := range k.linkIn {
		p := k.linkIn[i].mul(&k.Vel[i])
		linear = linear.Add(p.Lin)
		angular = angular.Add(p.Ang)
	}
	return linear, angular.Add(k.BasePos.Sub(point).Cross(linear))
}
