package dynamics

import (
	"math"

	"robotd/body"
	"robotd/internal/rigid"
)

// Spatial is a motion vector (angular, linear at the common point) or a force vector (moment about it, force), world axes.
type Spatial struct{ Ang, Lin body.Vec3 }

// Data is one worker's scratch; every method that fills it says so.
type Data struct {
	m *Model

	// Filled by Kinematics.
	BasePos body.Vec3
	BaseRot body.Quat
	Pos     []body.Vec3  // link origins, world
	Rot     []rigid.Mat3 // link axes, world
	Com     []body.Vec3  // link centres of mass, world
	Dof     []Spatial    // motion of unit speed of each dof
	Vel     []Spatial    // of each link
	dofDot  []Spatial
	qd      []float64
	frame   rigid.Mat3

	// Filled by Inertia: the links' spatial inertia about the common point.
	linkIn []spatialInertia
	subIn  []spatialInertia

	acc   []Spatial
	force []Spatial
	M     []float64 // nv × nv, lower triangle along the tree; filled by MassMatrix
	Bias  []float64 // filled by BiasForces
}

// NewData makes scratch for one worker.
func (d *Model) NewData() *Data {
	n := len(d.body.Links)
	return &Data{m: d, Pos: make([]body.Vec3, n), Rot: make([]rigid.Mat3, n), Com: make([]body.Vec3, n), Dof: make([]Spatial, d.nv),
		Vel: make([]Spatial, n), dofDot: make([]Spatial, d.nv), qd: make([]float64, d.nv), linkIn: make([]spatialInertia, n),
		subIn: make([]spatialInertia, n), acc: make([]Spatial, n), force: make([]Spatial, n), M: make([]float64, d.nv*d.nv),
		Bias: make([]float64, d.nv)}
}

// Model returns the constant part.
func (k *Data) Model() *Model { return k.m }

// Kinematics computes poses and velocities of all links: base position, orientation, linear velocity in world axes and
// angular velocity in body axes; joint positions and speeds.
func (k *Data) Kinematics(pos body.Vec3, rot body.Quat, vel, angVel body.Vec3, q, dq []float64) {
	b := k.m.body
	k.BasePos, k.BaseRot = pos, rot
	r := rot.Mat()
	k.Pos[0], k.Rot[0] = pos, r
	for i := 0; i < 3; i++ {
		k.qd[i], k.qd[3+i] = vel[i], angVel[i]
		k.Dof[i] = Spatial{}
		k.Dof[i].Lin[i] = 1
		k.Dof[3+i] = Spatial{Ang: r.Col(i)}
	}
	k.Vel[0] = Spatial{Ang: r.MulVec(angVel), Lin: vel}
	for i := 0; i < 3; i++ {
		k.dofDot[i] = Spatial{}
		k.dofDot[3+i] = crossMotion(&k.Vel[0], &k.Dof[3+i])
	}
	k.Com[0] = pos.Add(r.MulVec(b.Links[0].ComM))
	for j := range b.Joints {
		k.joint(j, q[j], dq[j])
	}
}

// joint places link j+1. It is written out by component: this is the simulator's hottest loop, and arrays do not live in
// registers.
func (k *Data) joint(j int, q, dq float64) {
	jt := &k.m.body.Joints[j]
	p, i, dof := jt.Parent, j+1, NBase+j
	rp, at := &k.Rot[p], &k.Pos[p]
	ox, oy, oz := jt.OriginM[0], jt.OriginM[1], jt.OriginM[2]
	x := at[0] + rp[0]*ox + rp[1]*oy + rp[2]*oz
	y := at[1] + rp[3]*ox + rp[4]*oy + rp[5]*oz
	z := at[2] + rp[6]*ox + rp[7]*oy + rp[8]*oz
	k.Pos[i] = body.Vec3{x, y, z}
	frame := rp
	if k.m.turned[j] {
		k.frame = rp.Mul(k.m.rot[j])
		frame = &k.frame
	}
	r := &k.Rot[i]
	var ax, ay, az float64
	if a := k.m.axis[j]; a >= 0 {
		ax, ay, az = frame[a], frame[3+a], frame[6+a]
		turn(frame, a, q, r)
	} else {
		v := frame.MulVec(jt.Axis)
		ax, ay, az = v[0], v[1], v[2]
		*r = frame.Mul(rigid.AxisAngle(jt.Axis, q).Mat())
	}
	dx, dy, dz := k.BasePos[0]-x, k.BasePos[1]-y, k.BasePos[2]-z
	lx, ly, lz := ay*dz-az*dy, az*dx-ax*dz, ax*dy-ay*dx
	k.Dof[dof] = Spatial{Ang: body.Vec3{ax, ay, az}, Lin: body.Vec3{lx, ly, lz}}
	k.qd[dof] = dq
	v := &k.Vel[p]
	k.dofDot[dof] = crossMotion(v, &k.Dof[dof])
	k.Vel[i] = Spatial{Ang: body.Vec3{v.Ang[0] + ax*dq, v.Ang[1] + ay*dq, v.Ang[2] + az*dq},
		Lin: body.Vec3{v.Lin[0] + lx*dq, v.Lin[1] + ly*dq, v.Lin[2] + lz*dq}}
	c := &k.m.body.Links[i].ComM
	k.Com[i] = body.Vec3{x + r[0]*c[0] + r[1]*c[1] + r[2]*c[2], y + r[3]*c[0] + r[4]*c[1] + r[5]*c[2], z + r[6]*c[0] + r[7]*c[1] + r[8]*c[2]}
}

// turn writes r turned by angle about its own coordinate axis: the two other columns mix.
func turn(r *rigid.Mat3, axis int8, angle float64, out *rigid.Mat3) {
	s, c := math.Sincos(angle)
	a, b := (axis+1)%3, (axis+2)%3
	for i := int8(0); i < 9; i += 3 {
		u, v := r[i+a], r[i+b]
		out[i+axis], out[i+a], out[i+b] = r[i+axis], c*u+s*v, c*v-s*u
	}
}

// crossMotion returns v × s for motion vectors: the change of s carried by v.
func crossMotion(v, s *Spatial) Spatial {
	wx, wy, wz, vx, vy, vz := v.Ang[0], v.Ang[1], v.Ang[2], v.Lin[0], v.Lin[1], v.Lin[2]
	ax, ay, az, lx, ly, lz := s.Ang[0], s.Ang[1], s.Ang[2], s.Lin[0], s.Lin[1], s.Lin[2]
	return Spatial{
		Ang: body.Vec3{wy*az - wz*ay, wz*ax - wx*az, wx*ay - wy*ax},
		Lin: body.Vec3{wy*lz - wz*ly + vy*az - vz*ay, wz*lx - wx*lz + vz*ax - vx*az, wx*ly - wy*lx + vx*ay - vy*ax},
	}
}

// Point returns the world position of a point given in a link's frame.
func (k *Data) Point(link int, p body.Vec3) body.Vec3 { return k.Pos[link].Add(k.Rot[link].MulVec(p)) }

// PointVelocity returns the world velocity of a point fixed to a link, given in the link's frame.
func (k *Data) PointVelocity(link int, p body.Vec3) body.Vec3 {
	return k.VelocityAt(link, k.Point(link, p))
}

// VelocityAt returns the velocity of the link's material at a world point.
func (k *Data) VelocityAt(link int, world body.Vec3) body.Vec3 {
	v := &k.Vel[link]
	return v.Lin.Add(v.Ang.Cross(world.Sub(k.BasePos)))
}

// JacobianColumn returns the velocity of a world point under unit speed of a dof that moves it.
func (k *Data) JacobianColumn(dof int32, world body.Vec3) body.Vec3 {
	s := &k.Dof[dof]
	return s.Lin.Add(s.Ang.Cross(world.Sub(k.BasePos)))
}

// CentreOfMass returns the body's centre of mass and its velocity, world.
func (k *Data) CentreOfMass() (com, vel body.Vec3) {
	for i := range k.m.body.Links {
		w := k.m.body.Links[i].MassKg / k.m.massKg
		com = com.Add(k.Com[i].Scale(w))
		vel = vel.Add(k.VelocityAt(i, k.Com[i]).Scale(w))
	}
	return com, vel
}

// Balance fills the balance quantities from the kinematic state. extra is added to every velocity: an estimator that ran
// Kinematics with the base at rest passes the base's linear velocity.
func (k *Data) Balance(extra body.Vec3, feet *[2]body.Wrench, out *body.Balance) {
	b := k.m.body
	com, vel := k.CentreOfMass()
	vel = vel.Add(extra)
	var sole [2]body.Vec3
	for side := range b.Feet {
		sole[side] = k.Point(b.Feet[side].Link, b.Feet[side].SoleM)
		out.LoadN[side] = feet[side].ForceN[2]
	}
	mid := sole[0].Add(sole[1]).Scale(0.5)
	floor := math.Min(sole[0][2], sole[1][2])
	sin, cos := math.Sincos(k.BaseRot.YawRad())
	heading := func(v body.Vec3) body.Vec3 { return body.Vec3{cos*v[0] + sin*v[1], -sin*v[0] + cos*v[1], v[2]} }
	e := heading(com.Sub(mid))
	out.ComM = body.Vec3{e[0], e[1], com[2] - floor}
	out.ComVelMS = heading(vel)
	omega := math.Sqrt(body.DefaultContact.GravityMS / math.Max(out.ComM[2], 0.2))
	for i := 0; i < 2; i++ {
		out.CaptureM[i] = out.ComM[i] + out.ComVelMS[i]/omega
		f := heading(sole[i].Sub(com))
		out.FootM[i] = [2]float64{f[0], f[1]}
		out.SoleHeightM[i] = sole[i][2] - floor
	}
	out.ChestUp = heading(k.Rot[b.Chest].Col(2))
	out.PelvisUp = heading(k.Rot[0].Col(2))
	out.PelvisHeightM = k.Pos[0][2] - floor
}

// LinkPose returns a link's pose in the world.
func (k *Data) LinkPose(i int) (body.Vec3, body.Quat) { return k.Pos[i], k.Rot[i].Quat() }
