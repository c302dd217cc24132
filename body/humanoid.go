package body

import "math"

// Motor classes of the default humanoid. Torque, speed, gear and armature are those of published 35 kg class humanoids;
// torque constants and resistances are derived (unpublished by makers), so heat and power from them are modelled.
var (
	motorHip   = Motor{TorqueNm: 88, SpeedRadS: 32, Gear: 14.3, KtNmA: 0.089, ResistOhm: 0.065, CopperWNm2: 0.0399, Efficiency: 0.85}
	motorKnee  = Motor{TorqueNm: 139, SpeedRadS: 20, Gear: 22.5, KtNmA: 0.090, ResistOhm: 0.066, CopperWNm2: 0.0161, Efficiency: 0.85}
	motorAnkle = Motor{TorqueNm: 50, SpeedRadS: 30, Gear: 16, KtNmA: 0.069, ResistOhm: 0.19, CopperWNm2: 0.153, Efficiency: 0.85}
	motorArm   = Motor{TorqueNm: 25, SpeedRadS: 37, Gear: 16, KtNmA: 0.069, ResistOhm: 0.39, CopperWNm2: 0.323, Efficiency: 0.85}
	motorSmall = Motor{TorqueNm: 5, SpeedRadS: 22, Gear: 25, KtNmA: 0.074, ResistOhm: 6.1, CopperWNm2: 1.78, Efficiency: 0.85}
)

// Axes of the hinges.
var (
	axisX = Vec3{1, 0, 0}
	axisY = Vec3{0, 1, 0}
	axisZ = Vec3{0, 0, 1}
)

// jointRow is one line of the default humanoid's table, as the left side has it. The right side mirrors y, and the
// ranges of roll and yaw.
type jointRow struct {
	joint, link, parent string
	origin, axis        Vec3
	lower, upper        float64
	kp, kd              float64
	motor               Motor
	armature            float64
	damping, friction   float64
	stand               float64
	massKg              float64
	com, box            Vec3 // centre of mass; full extents of the box whose inertia the link has
	geoms               []Geom
}

const (
	kneeStandRad = 0.6
	leanRad      = 0.029 // so that the centre of mass stands over the middle of the sole
	soleM        = 0.05  // sole below the ankle
	cornerRadM   = 0.01  // radius of the contact spheres at the sole's corners
)

var (
	colBody   = [3]uint8{226, 228, 232}
	colJoint  = [3]uint8{58, 64, 74}
	colAccent = [3]uint8{38, 132, 200}
)

func legRows() []jointRow {
	thigh := capsule(Vec3{0, 0, -0.16}, 0.055, 0.105, LegSide, colBody)
	shank := capsule(Vec3{0, 0, -0.16}, 0.045, 0.115, LegSide|Bulk, colBody)
	foot := Geom{Shape: Box, PosM: Vec3{0.025, 0, -0.030}, Rot: Quat{1, 0, 0, 0}, SizeM: Vec3{0.085, 0.035, 0.020}, Collide: Looks, RGB: colJoint}
	// Legs touch each other as capsules; the foot's lies along x, a little above the floor.
	side := capsule(Vec3{0.025, 0, -0.014}, 0.033, 0.05, LegSide, colJoint)
	side.Rot = Quat{math.Sqrt2 / 2, 0, math.Sqrt2 / 2, 0}
	return []jointRow{
		{"hip_yaw", "hip_yaw_link", "pelvis", Vec3{0, 0.09, -0.05}, axisZ, -1, 1, 120, 4, motorHip, 0.0102, 0.3, 0.2, 0,
			0.6, Vec3{}, Vec3{0.08, 0.08, 0.08}, []Geom{ball(Vec3{}, 0.045, Looks, colJoint)}},
		{"hip_roll", "hip_roll_link", "hip_yaw_link", Vec3{0, 0, -0.03}, axisX, -0.6, 0.9, 250, 8, motorKnee, 0.0251, 0.3, 0.2, 0,
			0.8, Vec3{}, Vec3{0.09, 0.09, 0.09}, nil},
		{"hip_pitch", "thigh", "hip_roll_link", Vec3{}, axisY, -1.8, 1, 250, 8, motorHip, 0.0102, 0.3, 0.2, -(kneeStandRad/2 - leanRad),
			2.6, Vec3{0, 0, -0.15}, Vec3{0.11, 0.11, 0.32}, []Geom{thigh}},
		{"knee", "shank", "thigh", Vec3{0, 0, -0.32}, axisY, 0, 2.2, 250, 8, motorKnee, 0.0251, 0.3, 0.2, kneeStandRad,
			1.8, Vec3{0, 0, -0.14}, Vec3{0.09, 0.09, 0.32}, []Geom{shank, ball(Vec3{}, 0.052, Looks, colJoint)}},
		{"ankle_pitch", "ankle", "shank", Vec3{0, 0, -0.32}, axisY, -0.9, 0.6, 200, 5, motorAnkle, 0.0072, 0.3, 0.2, -(kneeStandRad/2 + leanRad),
			0.2, Vec3{}, Vec3{0.05, 0.05, 0.05}, []Geom{ball(Vec3{}, 0.03, Looks, colJoint)}},
		{"ankle_roll", "foot", "ankle", Vec3{}, axisX, -0.3, 0.3, 120, 3, motorAnkle, 0.0072, 0.3, 0.2, 0,
			0.64, Vec3{0.025, 0, -0.03}, Vec3{0.17, 0.07, 0.04}, append(soleCorners(), foot, side)},
	}
}

func waistRows() []jointRow {
	return []jointRow{
		{"waist_yaw", "waist", "pelvis", Vec3{0, 0, 0.06}, axisZ, -1.5, 1.5, 150, 5, motorHip, 0.0102, 0.3, 0.2, 0,
			0.5, Vec3{}, Vec3{0.1, 0.1, 0.06}, []Geom{ball(Vec3{}, 0.06, Looks, colJoint)}},
		{"waist_pitch", "torso", "waist", Vec3{0, 0, 0.03}, axisY, -0.5, 0.8, 200, 6, motorAnkle, 0.0072, 0.3, 0.2, 0,
			8, Vec3{0, 0, 0.16}, Vec3{0.16, 0.26, 0.32}, []Geom{
				{Shape: Box, PosM: Vec3{0, 0, 0.17}, Rot: Quat{1, 0, 0, 0}, SizeM: Vec3{0.075, 0.12, 0.13}, Collide: Bulk, RGB: colBody},
				{Shape: Box, PosM: Vec3{0.076, 0, 0.20}, Rot: Quat{1, 0, 0, 0}, SizeM: Vec3{0.002, 0.05, 0.03}, Collide: Looks, RGB: colAccent}}},
	}
}

func armRows() []jointRow {
	return []jointRow{
		{"shoulder_pitch", "shoulder", "torso", Vec3{0, 0.15, 0.27}, axisY, -2.8, 2, 40, 2, motorArm, 0.0036, 0.1, 0.1, 0,
			0.4, Vec3{}, Vec3{0.07, 0.07, 0.07}, []Geom{ball(Vec3{}, 0.045, Looks, colJoint)}},
		{"shoulder_roll", "shoulder_roll_link", "shoulder", Vec3{0, 0.03, 0}, axisX, -0.3, 2.2, 40, 2, motorArm, 0.0036, 0.1, 0.1, 0.15,
			0.3, Vec3{}, Vec3{0.06, 0.06, 0.06}, nil},
		{"shoulder_yaw", "upper_arm", "shoulder_roll_link", Vec3{}, axisZ, -1.5, 1.5, 30, 1.5, motorArm, 0.0036, 0.1, 0.1, 0,
			1.1, Vec3{0, 0, -0.11}, Vec3{0.08, 0.08, 0.22}, []Geom{capsule(Vec3{0, 0, -0.11}, 0.038, 0.08, Looks, colBody)}},
		{"elbow", "forearm", "upper_arm", Vec3{0, 0, -0.22}, axisY, -2.2, 0.1, 40, 2, motorArm, 0.0036, 0.1, 0.1, -0.5,
			0.8, Vec3{0, 0, -0.09}, Vec3{0.07, 0.07, 0.18}, []Geom{capsule(Vec3{0, 0, -0.09}, 0.033, 0.065, Looks, colBody), ball(Vec3{}, 0.036, Bulk, colJoint)}},
		{"wrist_roll", "wrist", "forearm", Vec3{0, 0, -0.18}, axisZ, -1.5, 1.5, 15, 0.8, motorArm, 0.0036, 0.1, 0.1, 0,
			0.15, Vec3{}, Vec3{0.05, 0.05, 0.05}, nil},
		{"wrist_pitch", "hand", "wrist", Vec3{}, axisY, -1.2, 1.2, 8, 0.5, motorSmall, 0.0043, 0.1, 0.05, 0,
			0.35, Vec3{0, 0, -0.05}, Vec3{0.04, 0.07, 0.10}, []Geom{ball(Vec3{0, 0, -0.055}, 0.045, Bulk, colAccent)}},
	}
}

func neckRows() []jointRow {
	return []jointRow{
		{"neck_yaw", "neck", "torso", Vec3{0, 0, 0.31}, axisZ, -1, 1, 10, 0.6, motorSmall, 0.0043, 0.05, 0.05, 0,
			0.3, Vec3{}, Vec3{0.05, 0.05, 0.05}, []Geom{capsule(Vec3{}, 0.03, 0.02, Looks, colJoint)}},
		{"neck_pitch", "head", "neck", Vec3{0, 0, 0.03}, axisY, -0.6, 0.6, 10, 0.6, motorSmall, 0.0043, 0.05, 0.05, 0,
			1.4, Vec3{0.01, 0, 0.09}, Vec3{0.14, 0.12, 0.16}, []Geom{
				ball(Vec3{0.01, 0, 0.09}, 0.085, Bulk, colBody),
				{Shape: Box, PosM: Vec3{0.075, 0, 0.10}, Rot: Quat{1, 0, 0, 0}, SizeM: Vec3{0.02, 0.05, 0.02}, Collide: Looks, RGB: colJoint}}},
	}
}

func ball(pos Vec3, radius float64, c Collide, rgb [3]uint8) Geom {
	return Geom{Shape: Sphere, PosM: pos, Rot: Quat{1, 0, 0, 0}, SizeM: Vec3{radius}, Collide: c, RGB: rgb}
}

func capsule(pos Vec3, radius, half float64, c Collide, rgb [3]uint8) Geom {
	return Geom{Shape: Capsule, PosM: pos, Rot: Quat{1, 0, 0, 0}, SizeM: Vec3{radius, half}, Collide: c, RGB: rgb}
}

// soleCorners are the four contact spheres of a foot: front-left, front-right, rear-left, rear-right.
func soleCorners() []Geom {
	var g []Geom
	for _, x := range []float64{0.10, -0.05} {
		for _, y := range []float64{0.03, -0.03} {
			g = append(g, ball(Vec3{x, y, -soleM + cornerRadM}, cornerRadM, Sole, colJoint))
		}
	}
	return g
}

// Humanoid returns the default robot: 28 actuators (12 legs, 2 waist, 12 arms, 2 neck), about 34 kg, 1.35 m, built of
// primitives only. It is the one source that every export and the simulator share.
func Humanoid() *Model {
	m := &Model{Name: "robotd_humanoid"}
	m.Links = []Link{{Name: "pelvis", Parent: -1, MassKg: 4, Inert: boxInertia(4, Vec3{0.15, 0.2, 0.12}), Geoms: []Geom{
		{Shape: Box, PosM: Vec3{0, 0, 0}, Rot: Quat{1, 0, 0, 0}, SizeM: Vec3{0.06, 0.09, 0.05}, Collide: Bulk, RGB: colBody}}}}
	m.addRows("left_", 1, legRows())
	m.addRows("right_", -1, legRows())
	m.addRows("", 1, waistRows())
	m.addRows("left_", 1, armRows())
	m.addRows("right_", -1, armRows())
	m.addRows("", 1, neckRows())
	for side, prefix := range []string{"left_", "right_"} {
		f := Foot{Link: m.LinkIndex(prefix + "foot"), SoleM: Vec3{0.025, 0, -soleM}}
		for i, g := range soleCorners() {
			f.CornerM[i] = Vec3{g.PosM[0], g.PosM[1], -soleM}
		}
		m.Feet[side] = f
		m.Hands[side] = m.LinkIndex(prefix + "hand")
	}
	m.Chest, m.Head = m.LinkIndex("torso"), m.LinkIndex("head")
	// The optical frame looks along +x of the head, 0.35 rad downward, where the hands and the near floor are.
	m.Camera = Camera{Mount: Mount{Link: m.Head, PosM: Vec3{0.10, 0, 0.10}, Rot: opticalRot(0.35)}, Width: 64, Height: 64, FovYRad: 1.2}
	m.IMU = Mount{Link: 0, PosM: Vec3{0, 0, 0}, Rot: Quat{1, 0, 0, 0}}
	hip, knee := m.StandRad[m.JointIndex("left_hip_pitch")], kneeStandRad
	m.StandHeightM = 0.08 + 0.32*math.Cos(hip) + 0.32*math.Cos(hip+knee) + soleM
	return m
}

// knotRad says how far a unit action moves each joint of the default humanoid.
var knotRad = map[string]float64{
	"hip_yaw": 0.3, "hip_roll": 0.35, "hip_pitch": 0.85, "knee": 0.7, "ankle_pitch": 0.4, "ankle_roll": 0.25,
	"waist_yaw": 0.5, "waist_pitch": 0.3, "shoulder_pitch": 1, "shoulder_roll": 0.8, "shoulder_yaw": 0.5, "elbow": 0.5,
	"wrist_roll": 0.3, "wrist_pitch": 0.3, "neck_yaw": 0.2, "neck_pitch": 0.2,
}

// opticalRot returns the rotation of an optical frame (z forward, x right, y down) that looks along +x of its link,
// pitched down by downRad.
func opticalRot(downRad float64) Quat {
	forward := Quat{0.5, -0.5, 0.5, -0.5} // optical z → link x, optical x → −link y, optical y → −link z
	s, c := math.Sincos(downRad / 2)
	return Quat{c, 0, s, 0}.Mul(forward)
}

// addRows appends the rows' joints and links; side −1 mirrors them to the right.
func (m *Model) addRows(prefix string, side float64, rows []jointRow) {
	for _, r := range rows {
		parent := m.LinkIndex(r.parent)
		if p := m.LinkIndex(prefix + r.parent); p >= 0 {
			parent = p
		}
		lower, upper, stand := r.lower, r.upper, r.stand
		if side < 0 && r.axis != axisY { // roll and yaw turn the other way
			lower, upper, stand = -r.upper, -r.lower, -r.stand
		}
		mirror := Vec3{1, side, 1}
		m.Joints = append(m.Joints, Joint{Name: prefix + r.joint, Parent: parent, OriginM: times(r.origin, mirror), Rot: Quat{1, 0, 0, 0},
			Axis: r.axis, LowerRad: lower, UpperRad: upper, ArmatureKgM: r.armature, DampingNms: r.damping, FrictionNm: r.friction,
			KpNmRad: r.kp, KdNmsRad: r.kd, Motor: r.motor})
		geoms := append([]Geom(nil), r.geoms...)
		m.Links = append(m.Links, Link{Name: prefix + r.link, Parent: parent, MassKg: r.massKg, ComM: times(r.com, mirror),
			Inert: boxInertia(r.massKg, r.box), Geoms: geoms})
		m.StandRad = append(m.StandRad, stand)
		m.KnotRad = append(m.KnotRad, knotRad[r.joint])
	}
}

func times(a, b Vec3) Vec3 { return Vec3{a[0] * b[0], a[1] * b[1], a[2] * b[2]} }

// boxInertia returns the inertia about the centre of a solid box of full extents d.
func boxInertia(massKg float64, d Vec3) [6]float64 {
	k := massKg / 12
	return [6]float64{k * (d[1]*d[1] + d[2]*d[2]), k * (d[0]*d[0] + d[2]*d[2]), k * (d[0]*d[0] + d[1]*d[1])}
}
