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

// joint places link j+1.
func (k *Data) joint(j int, q, dq float64) {
	jt := &k.m.body.Joints[j]
	p, i, dof := jt.Parent, j+1, NBase+j
	rp := &k.Rot[p]
	k.Pos[i] = k.Pos[p].Add(rp.MulVec(jt.OriginM))
	frame := *rp
	if jt.Rot != rigid.Identity {
		frame = rp.Mul(k.m.rot[j])
	}
	axis := frame.MulVec(jt.Axis)
	k.Rot[i] = turn(&frame, jt.Axis, q)
	k.Dof[dof] = Spatial{Ang: axis, Lin: axis.Cross(k.BasePos.Sub(k.Pos[i]))}
	k.qd[dof] = dq
	s := &k.Dof[dof]
	v := &k.Vel[p]
	k.dofDot[dof] = crossMotion(v, s)
	k.Vel[i] = Spatial{Ang: v.Ang.Add(s.Ang.Scale(dq)), Lin: v.Lin.Add(s.Lin.Scale(dq))}
	k.Com[i] = k.Pos[i].Add(k.Rot[i].MulVec(k.m.body.Links[i].ComM))
}

// turn returns r rotated by angle about the unit axis given in r's own frame; coordinate axes take the short way.
func turn(r *rigid.Mat3, axis body.Vec3, angle float64) rigid.Mat3 {
	s, c := math.Sincos(angle)
	var a, b int // the columns that turn: a' = c a + s b, b' = c b − s a
	switch axis {
	case body.Vec3{1, 0, 0}:
		a, b = 1, 2
	case body.Vec3{0, 1, 0}:
		a, b = 2, 0
	case body.Vec3{0, 0, 1}:
		a, b = 0, 1
	default:
		return r.Mul(rigid.AxisAngle(axis, angle).Mat())
	}
	o := *r
	for i := 0; i < 9; i += 3 {
		o[i+a], o[i+b] = c*r[i+a]+s*r[i+b], c*r[i+b]-s*r[i+a]
	}
	return o
}

// crossMotion returns v × s for motion vectors: the change of s carried by v.
func crossMotion(v, s *Spatial) Spatial {
	return Spatial{Ang: v.Ang.Cross(s.Ang), Lin: v.Ang.Cross(s.Lin).Add(v.Lin.Cross(s.Ang))}
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
