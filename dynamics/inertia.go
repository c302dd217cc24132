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
	wx, wy, wz, vx, vy, vz := v.Ang[0], v.Ang[1], v.Ang[2], v.Lin[0], v.Lin[1], v.Lin[2]
	hx, hy, hz := s.h[0], s.h[1], s.h[2]
	return Spatial{
		Ang: body.Vec3{
			s.i[0]*wx + s.i[3]*wy + s.i[4]*wz + hy*vz - hz*vy,
			s.i[3]*wx + s.i[1]*wy + s.i[5]*wz + hz*vx - hx*vz,
			s.i[4]*wx + s.i[5]*wy + s.i[2]*wz + hx*vy - hy*vx,
		},
		Lin: body.Vec3{s.m*vx + wy*hz - wz*hy, s.m*vy + wz*hx - wx*hz, s.m*vz + wx*hy - wy*hx},
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
		row[dof] = dot(&k.Dof[dof], &f)
		for _, a := range k.m.ancestor[dof] {
			row[a] = dot(&k.Dof[a], &f)
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
		qd, dd, from := k.qd[dof], &k.dofDot[dof], &k.acc[p]
		for c := 0; c < 3; c++ {
			k.acc[i].Ang[c] = from.Ang[c] + dd.Ang[c]*qd
			k.acc[i].Lin[c] = from.Lin[c] + dd.Lin[c]*qd
		}
	}
	for i := range b.Links {
		k.force[i] = k.linkForce(i)
	}
	for i := len(b.Links) - 1; i > 0; i-- {
		p := b.Links[i].Parent
		k.Bias[NBase+i-1] = dot(&k.Dof[NBase+i-1], &k.force[i])
		k.force[p].add(&k.force[i])
	}
	for d := 0; d < NBase; d++ {
		k.Bias[d] = dot(&k.Dof[d], &k.force[0])
	}
}

// linkForce returns I a + v ×* I v of a link.
func (k *Data) linkForce(i int) Spatial {
	v := &k.Vel[i]
	f := k.linkIn[i].mul(&k.acc[i])
	p := k.linkIn[i].mul(v)
	wx, wy, wz, vx, vy, vz := v.Ang[0], v.Ang[1], v.Ang[2], v.Lin[0], v.Lin[1], v.Lin[2]
	ax, ay, az, lx, ly, lz := p.Ang[0], p.Ang[1], p.Ang[2], p.Lin[0], p.Lin[1], p.Lin[2]
	return Spatial{
		Ang: body.Vec3{f.Ang[0] + wy*az - wz*ay + vy*lz - vz*ly, f.Ang[1] + wz*ax - wx*az + vz*lx - vx*lz, f.Ang[2] + wx*ay - wy*ax + vx*ly - vy*lx},
		Lin: body.Vec3{f.Lin[0] + wy*lz - wz*ly, f.Lin[1] + wz*lx - wx*lz, f.Lin[2] + wx*ly - wy*lx},
	}
}

// dot returns the power of force f along motion s.
func dot(s, f *Spatial) float64 {
	return s.Ang[0]*f.Ang[0] + s.Ang[1]*f.Ang[1] + s.Ang[2]*f.Ang[2] + s.Lin[0]*f.Lin[0] + s.Lin[1]*f.Lin[1] + s.Lin[2]*f.Lin[2]
}

// add adds f to s.
func (s *Spatial) add(f *Spatial) {
	for i := range s.Ang {
		s.Ang[i] += f.Ang[i]
		s.Lin[i] += f.Lin[i]
	}
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
