package robotfile

import (
	"fmt"
	"math"

	"robotd/body"
	"robotd/internal/rigid"
)

// mjcfClass is a default class of geoms: what it touches, as MuJoCo's bits. Two geoms touch when one's contype meets the
// other's conaffinity: bit 1 belongs to the floor, bit 2 to the left leg against the right one.
type mjcfClass struct {
	name                 string
	contype, conaffinity int
	group                int // 3 is not drawn
}

// The classes. Our simulator tests a capsule's two ends against the floor in one contact frame; MuJoCo turns the frame along
// the capsule, so such a capsule touches the floor with two spheres of class bulk_end instead of itself.
var mjcfClasses = []mjcfClass{
	{"looks", 0, 0, 1},
	{"sole", 0, 1, 1},
	{"bulk", 0, 1, 1},
	{"bulk_capsule", 0, 0, 1},
	{"bulk_end", 0, 1, 3},
	{"leg_left", 2, 0, 1},
	{"leg_right", 0, 2, 1},
	{"leg_bulk_left", 2, 0, 1},
	{"leg_bulk_right", 0, 2, 1},
}

// classOf names a geom's class.
func classOf(m *body.Model, link int, g *body.Geom) string {
	capsule := g.Shape == body.Capsule
	switch {
	case g.Collide&body.Sole != 0:
		return "sole"
	case g.Collide&body.LegSide != 0 && capsule:
		side := "left"
		if onRightLeg(m, link) {
			side = "right"
		}
		if g.Collide&body.Bulk != 0 {
			return "leg_bulk_" + side
		}
		return "leg_" + side
	case g.Collide&body.Bulk != 0 && capsule:
		return "bulk_capsule"
	case g.Collide&body.Bulk != 0:
		return "bulk"
	}
	return "looks"
}

func onRightLeg(m *body.Model, link int) bool {
	for i := m.Feet[body.Right].Link; i > 0; i = m.Links[i].Parent {
		if i == link {
			return true
		}
	}
	return false
}

var mjcfShapes = map[body.Shape]string{body.Sphere: "sphere", body.Capsule: "capsule", body.Box: "box"}

// Names of what marks a file as ours, in custom fields that other readers pass over.
const (
	mjcfMotor = "robotd_motor_" // + joint: kp, kd, no-load speed, gear, Kt, resistance, copper heat, efficiency, knot amplitude
	mjcfRole  = "robotd_"       // + role: link name
)

type mjcfWriter struct {
	writer
	m    *body.Model
	o    Options
	kids [][]int
}

func exportMJCF(m *body.Model, o Options) ([]byte, error) {
	for i := range m.Links {
		if m.Links[i].MassKg <= 0 {
			return nil, fmt.Errorf("robotfile: link %s has no mass: MuJoCo takes no massless moving body, give it a mass", m.Links[i].Name)
		}
	}
	w := &mjcfWriter{m: m, o: o, kids: children(m)}
	w.open("mujoco", "model", m.Name)
	w.comment("One step of this model is one step of robotd's simulator; the contact is its own.")
	w.head()
	w.open("worldbody")
	w.leaf("light", "pos", "0 0 4", "dir", "0 0 -1", "type", "directional")
	w.leaf("geom", "name", "floor", "type", "plane", "size", "0 0 0.05", "contype", "1", "conaffinity", "0", "rgba", "0.82 0.84 0.87 1")
	w.link(0)
	w.close()
	w.tail()
	w.close()
	return w.b.Bytes(), nil
}

// head writes options and defaults.
func (w *mjcfWriter) head() {
	p := &body.DefaultContact
	w.leaf("compiler", "angle", "radian", "autolimits", "true", "inertiafromgeom", "false")
	w.leaf("option", "timestep", "0.001", "gravity", num(0, 0, -p.GravityMS), "integrator", "implicitfast", "cone", "pyramidal",
		"solver", "Newton", "iterations", "50", "tolerance", "1e-10", "impratio", num(p.ImpRatio))
	w.open("default")
	w.leaf("geom", "condim", "3", "friction", num(p.Friction, 0.005, 0.0001), "solref", num(p.SolRef[:]...), "solimp", num(p.SolImp[:]...))
	w.leaf("joint", "solreflimit", num(p.LimitRef[:]...), "solimplimit", num(p.LimitImp[:]...))
	for _, c := range mjcfClasses {
		w.open("default", "class", c.name)
		w.leaf("geom", "contype", fmt.Sprint(c.contype), "conaffinity", fmt.Sprint(c.conaffinity), "group", fmt.Sprint(c.group))
		w.close()
	}
	w.close()
}

// link writes a link and all below it.
func (w *mjcfWriter) link(i int) {
	l := &w.m.Links[i]
	if i == 0 {
		w.open("body", "name", l.Name, "pos", num(0, 0, w.m.StandHeightM))
		w.leaf("freejoint", "name", "base")
	} else {
		jt := &w.m.Joints[i-1]
		w.open("body", "name", l.Name, "pos", num(jt.OriginM[:]...), "quat", turned(jt.Rot))
	}
	in := l.Inert
	if in[3] == 0 && in[4] == 0 && in[5] == 0 {
		w.leaf("inertial", "pos", num(l.ComM[:]...), "mass", num(l.MassKg), "diaginertia", num(in[:3]...))
	} else {
		w.leaf("inertial", "pos", num(l.ComM[:]...), "mass", num(l.MassKg), "fullinertia", num(in[:]...))
	}
	if i > 0 {
		w.joint(&w.m.Joints[i-1])
	}
	for k := range l.Geoms {
		w.geom(i, k, &l.Geoms[k])
	}
	w.sensors(i)
	for _, k := range w.kids[i] {
		w.link(k)
	}
	w.close()
}

func (w *mjcfWriter) joint(jt *body.Joint) {
	friction := ""
	if jt.FrictionNm > 0 && !w.o.NoDryFriction {
		friction = num(jt.FrictionNm)
	}
	w.leaf("joint", "name", jt.Name, "axis", num(jt.Axis[:]...), "range", num(jt.LowerRad, jt.UpperRad), "armature", num(jt.ArmatureKgM),
		"damping", num(jt.DampingNms), "frictionloss", friction)
}

func (w *mjcfWriter) geom(link, k int, g *body.Geom) {
	class := classOf(w.m, link, g)
	name := fmt.Sprintf("%s_%d", w.m.Links[link].Name, k)
	rgba := rgbaOf(g.RGB)
	size := g.SizeM[:]
	switch g.Shape {
	case body.Sphere:
		size = size[:1]
	case body.Capsule:
		size = size[:2]
	}
	w.leaf("geom", "name", name, "class", class, "type", mjcfShapes[g.Shape], "pos", num(g.PosM[:]...), "quat", turned(g.Rot),
		"size", num(size...), "rgba", rgba)
	if g.Shape == body.Capsule && g.Collide&body.Bulk != 0 && g.Collide&body.Sole == 0 {
		axis := g.Rot.Rotate(body.Vec3{0, 0, g.SizeM[1]})
		for e, end := range []body.Vec3{g.PosM.Add(axis), g.PosM.Sub(axis)} {
			w.leaf("geom", "name", fmt.Sprintf("%s_end%d", name, e), "class", "bulk_end", "type", "sphere", "pos", num(end[:]...),
				"size", num(g.SizeM[0]), "rgba", rgba)
		}
	}
}

// sensors writes the sites and cameras of a link.
func (w *mjcfWriter) sensors(link int) {
	m := w.m
	if m.IMU.Link == link {
		w.leaf("site", "name", "imu", "pos", num(m.IMU.PosM[:]...), "quat", turned(m.IMU.Rot), "size", "0.01", "group", "4")
	}
	for side, name := range []string{"left_sole", "right_sole"} {
		if f := &m.Feet[side]; f.Link == link {
			w.leaf("site", "name", name, "pos", num(f.SoleM[:]...), "size", "0.01", "group", "4")
		}
	}
	if c := &m.Camera; c.Link == link {
		// MuJoCo's camera looks along its −z with y up; the optical frame has z forward and y down: half a turn about x.
		rot := c.Rot.Mul(body.Quat{0, 1, 0, 0})
		w.leaf("camera", "name", "head_camera", "pos", num(c.PosM[:]...), "quat", turned(rot), "fovy", num(c.FovYRad*180/math.Pi),
			"resolution", fmt.Sprintf("%d %d", c.Width, c.Height))
	}
}

// tail writes motors, sensors, the standing pose and what only robotd reads.
func (w *mjcfWriter) tail() {
	m := w.m
	w.open("actuator")
	for j := range m.Joints {
		t := m.Joints[j].Motor.TorqueNm
		w.leaf("motor", "name", m.Joints[j].Name, "joint", m.Joints[j].Name, "ctrlrange", num(-t, t))
	}
	w.close()
	w.open("sensor")
	w.leaf("gyro", "name", "gyro", "site", "imu")
	w.leaf("accelerometer", "name", "accelerometer", "site", "imu")
	for _, side := range []string{"left", "right"} {
		w.leaf("force", "name", side+"_foot_force", "site", side+"_sole")
		w.leaf("torque", "name", side+"_foot_torque", "site", side+"_sole")
	}
	w.close()
	w.open("keyframe")
	w.leaf("key", "name", "stand", "qpos", num(append([]float64{0, 0, m.StandHeightM, 1, 0, 0, 0}, m.StandRad...)...))
	w.close()
	w.open("custom")
	for j := range m.Joints {
		jt := &m.Joints[j]
		mo := &jt.Motor
		w.leaf("numeric", "name", mjcfMotor+jt.Name, "data", num(jt.KpNmRad, jt.KdNmsRad, mo.SpeedRadS, mo.Gear, mo.KtNmA, mo.ResistOhm,
			mo.CopperWNm2, mo.Efficiency, m.KnotRad[j]))
	}
	for _, r := range roles(m) {
		w.leaf("text", "name", mjcfRole+r.name, "data", m.Links[r.link].Name)
	}
	w.close()
}

// role is a link's part in the balance code.
type role struct {
	name string
	link int
}

func roles(m *body.Model) []role {
	return []role{{"left_foot", m.Feet[0].Link}, {"right_foot", m.Feet[1].Link}, {"left_hand", m.Hands[0]}, {"right_hand", m.Hands[1]},
		{"chest", m.Chest}, {"head", m.Head}}
}

// turned writes a rotation, or nothing for none.
func turned(q body.Quat) string {
	if q == rigid.Identity {
		return ""
	}
	return num(q[:]...)
}

func rgbaOf(c [3]uint8) string {
	return num(round3(float64(c[0])/255), round3(float64(c[1])/255), round3(float64(c[2])/255), 1)
}

// round3 rounds a colour to three places, enough to give back the byte.
func round3(x float64) float64 { return math.Round(x*1000) / 1000 }
