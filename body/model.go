// Package body is the vocabulary that every room of the house shares: what a robot is (Model), what it senses
// (Sensors, Image), where it is (State), what it intends (Plan) and what it is told (Command).
//
// Units are SI; frames follow REP-103 (x forward, y left, z up). Joints are indices into Model.Joints; names matter only
// at the edges.
package body

import "robotd/internal/rigid"

// MaxJoints and MaxBlocks bound the fixed-size frames, so that a frame can lie in shared memory.
const (
	MaxJoints = 64
	MaxBlocks = 16
)

// Vec3, Quat and Mat3 are the vectors and rotations of the vocabulary.
type (
	Vec3 = rigid.Vec3
	Quat = rigid.Quat
	Mat3 = rigid.Mat3
)

// Model is a robot: a tree of links joined by one-axis hinges, its motors, feet and sensors. It is constant after it is
// built and may be shared by any number of workers.
type Model struct {
	Name   string
	Links  []Link  // Links[0] is the floating base (pelvis); a parent stands before its children
	Joints []Joint // Joints[j] moves Links[j+1]
	Feet   [2]Foot // left, right
	Hands  [2]int  // link index of the left and right hand
	Chest  int     // link index of the torso: where pushes act
	Head   int     // link index of the head
	Camera Camera
	IMU    Mount
	// StandRad is the standing pose, one angle a joint; StandHeightM the height of the base's origin in it, soles on the
	// floor.
	StandRad     []float64
	StandHeightM float64
	// KnotRad is the amplitude of a unit action: a knot's joint target is StandRad + KnotRad·a, a in [-1, 1].
	KnotRad []float64
}

// Link is one rigid body. Its frame is the frame of the joint that moves it, at zero angle parallel to the parent's.
type Link struct {
	Name   string
	Parent int // link index, -1 for the base
	MassKg float64
	ComM   Vec3       // centre of mass in the link frame
	Inert  [6]float64 // about the centre of mass, link axes: xx, yy, zz, xy, xz, yz (kg m²)
	Geoms  []Geom
}

// Joint is a hinge between Links[Parent] and the link that it moves.
type Joint struct {
	Name        string
	Parent      int  // link index
	OriginM     Vec3 // in the parent link's frame
	Rot         Quat // of the joint frame in the parent's frame at zero angle
	Axis        Vec3 // unit, in the joint frame
	LowerRad    float64
	UpperRad    float64
	ArmatureKgM float64 // reflected rotor inertia, kg m²
	DampingNms  float64 // viscous friction, N m s/rad
	FrictionNm  float64 // dry friction
	KpNmRad     float64 // default servo stiffness
	KdNmsRad    float64 // default servo damping
	Motor       Motor
}

// Turned returns the rotation of the link that the joint moves, at angle qRad, in the parent link's frame.
func (j *Joint) Turned(qRad float64) Mat3 { return j.Rot.Mul(rigid.AxisAngle(j.Axis, qRad)).Mat() }

// Motor is the electrical side of a joint; the arithmetic is package power's.
type Motor struct {
	TorqueNm   float64 // peak torque at the joint
	SpeedRadS  float64 // no-load speed at the joint
	Gear       float64
	KtNmA      float64 // torque constant at the rotor
	ResistOhm  float64
	CopperWNm2 float64 // copper heat per squared joint torque at 25 °C, W/(N m)²
	Efficiency float64 // drive and gear, motoring
}

// Shape is a geometric primitive.
type Shape uint8

// The primitives. Size holds: sphere radius; capsule radius, half length along z; box half extents x, y, z.
const (
	Sphere Shape = iota
	Capsule
	Box
)

// Geom is one primitive fixed to a link.
type Geom struct {
	Shape   Shape
	PosM    Vec3
	Rot     Quat
	SizeM   Vec3
	RGB     [3]uint8
	Collide Collide
}

// Collide says what a geom touches.
type Collide uint8

// Looks touches nothing. Sole spheres touch the floor. LegSide capsules and boxes touch those of the other leg.
// Bulk touches the floor when the robot falls.
const (
	Looks   Collide = 0
	Sole    Collide = 1 << 0
	LegSide Collide = 1 << 1
	Bulk    Collide = 1 << 2
)

// Foot names what the balance code needs of a foot.
type Foot struct {
	Link    int
	SoleM   Vec3    // sole centre in the link frame: below the ankle, on the ground plane when standing
	CornerM [4]Vec3 // sole corners in the link frame: front-left, front-right, rear-left, rear-right
}

// Mount is a sensor's place on a link.
type Mount struct {
	Link int
	PosM Vec3
	Rot  Quat
}

// Camera is a pin-hole camera; its optical frame has z forward, x right, y down (REP-103).
type Camera struct {
	Mount
	Width, Height int
	FovYRad       float64
}

// NJoints returns the number of joints, which is the number of actuators.
func (m *Model) NJoints() int { return len(m.Joints) }

// MassKg returns the total mass.
func (m *Model) MassKg() float64 {
	sum := 0.0
	for i := range m.Links {
		sum += m.Links[i].MassKg
	}
	return sum
}

// JointIndex returns the index of the joint of that name, or -1.
func (m *Model) JointIndex(name string) int {
	for i := range m.Joints {
		if m.Joints[i].Name == name {
			return i
		}
	}
	return -1
}

// LinkIndex returns the index of the link of that name, or -1.
func (m *Model) LinkIndex(name string) int {
	for i := range m.Links {
		if m.Links[i].Name == name {
			return i
		}
	}
	return -1
}
