// Package dynamics computes the motion of a body.Model: kinematics, centre of mass, joint-space inertia (CRBA), bias forces
// (RNEA), and the sparse factorisation that turns forces into accelerations.
//
// Generalised velocity is [base linear (world axes), base angular (body axes), joint speeds], as in MuJoCo. Inside, spatial
// vectors are expressed in world axes about one common point, the base's origin, so that they add along the tree without
// transforms (Featherstone, Rigid Body Dynamics Algorithms, 2008; the layout is MuJoCo's).
package dynamics

import (
	"robotd/body"
	"robotd/internal/rigid"
)

// NBase is the number of velocity coordinates of the floating base.
const NBase = 6

// Model is the constant part: the tree of a body, prepared for the algorithms. It may be shared by any number of workers.
type Model struct {
	body     *body.Model
	nv       int
	rot      []rigid.Mat3 // of each joint frame in its parent's
	turned   []bool       // joint frames that are not parallel to their parent's
	axis     []int8       // 0, 1, 2 for a joint about a coordinate axis of its frame, -1 otherwise
	inertia  []rigid.Mat3 // of each link about its centre of mass, link axes
	massKg   float64
	ancestor [][]int32 // of each dof, nearest first, the dof itself left out
	standing [body.NFeatures]float64
}

// New prepares m.
func New(m *body.Model) *Model {
	d := &Model{body: m, nv: NBase + m.NJoints(), massKg: m.MassKg()}
	for i := range m.Links {
		l := &m.Links[i]
		in := l.Inert
		d.inertia = append(d.inertia, rigid.Mat3{in[0], in[3], in[4], in[3], in[1], in[5], in[4], in[5], in[2]})
	}
	for j := range m.Joints {
		d.rot = append(d.rot, m.Joints[j].Rot.Mat())
		d.turned = append(d.turned, m.Joints[j].Rot != rigid.Identity)
		axis := int8(-1)
		for a, v := range []body.Vec3{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}} {
			if m.Joints[j].Axis == v {
				axis = int8(a)
			}
		}
		d.axis = append(d.axis, axis)
	}
	d.ancestor = Ancestors(d.parents())
	data := d.NewData()
	var st body.State
	copy(st.QRad[:], m.StandRad)
	st.Rot = rigid.Identity
	load := d.massKg * body.DefaultContact.GravityMS / 2
	st.Foot[body.Left].ForceN[2], st.Foot[body.Right].ForceN[2] = load, load
	data.Kinematics(body.Vec3{0, 0, m.StandHeightM}, st.Rot, body.Vec3{}, body.Vec3{}, st.QRad[:m.NJoints()], st.DQRadS[:m.NJoints()])
	data.Balance(body.Vec3{}, &st.Foot, &st.Balance)
	d.standing = st.Balance.Quantities()
	return d
}

// Body returns the model that was prepared.
func (d *Model) Body() *body.Model { return d.body }

// NV returns the number of velocity coordinates.
func (d *Model) NV() int { return d.nv }

// Standing returns the balance features' physical values in quiet standing.
func (d *Model) Standing() [body.NFeatures]float64 { return d.standing }

// parents returns each dof's parent dof, -1 for the first.
func (d *Model) parents() []int32 {
	p := make([]int32, d.nv)
	for i := 0; i < NBase; i++ {
		p[i] = int32(i) - 1
	}
	for j := range d.body.Joints {
		p[NBase+j] = d.LinkDof(d.body.Joints[j].Parent)
	}
	return p
}

// LinkDof returns the last dof that moves a link.
func (d *Model) LinkDof(link int) int32 {
	if link == 0 {
		return NBase - 1
	}
	return int32(NBase + link - 1)
}

// Ancestors lists, for a tree of dofs given by parents, each dof's ancestors, nearest first.
func Ancestors(parent []int32) [][]int32 {
	a := make([][]int32, len(parent))
	for i, p := range parent {
		if p >= 0 {
			a[i] = append([]int32{p}, a[p]...)
		}
	}
	return a
}

// AncestorsOf returns the dofs above dof i, nearest first.
func (d *Model) AncestorsOf(i int32) []int32 { return d.ancestor[i] }

// Parents returns a copy of the dof tree.
func (d *Model) Parents() []int32 { return d.parents() }

// Tree lists every dof's ancestors, nearest first: what Factor and Solve walk.
func (d *Model) Tree() [][]int32 { return d.ancestor }
