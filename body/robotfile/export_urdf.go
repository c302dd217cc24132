package robotfile

import (
	"fmt"
	"math"

	"robotd/body"
	"robotd/internal/rigid"
)

// Names of the frames that the URDF adds as massless fixed links: REP-103's for the camera, REP-120's for soles and grippers.
const (
	frameIMU     = "imu_link"
	frameCamera  = "camera_link"
	frameOptical = "camera_optical_frame"
)

var (
	frameSole    = [2]string{"l_sole", "r_sole"}
	frameGripper = [2]string{"l_gripper", "r_gripper"}
)

// urdfKinds names what a collision touches; it ends the collision's name.
var urdfKinds = map[body.Collide]string{body.Sole: "sole", body.LegSide: "leg", body.Bulk: "bulk", body.LegSide | body.Bulk: "leg_bulk"}

type urdfWriter struct {
	writer
	m *body.Model
	o Options
}

func exportURDF(m *body.Model, o Options) []byte {
	w := &urdfWriter{m: m, o: o}
	w.b.WriteString("<?xml version=\"1.0\"?>\n")
	w.open("robot", "name", m.Name)
	w.materials()
	for i := range m.Links {
		w.link(i)
	}
	for j := range m.Joints {
		w.joint(j)
	}
	w.frames()
	w.extension()
	w.close()
	return w.b.Bytes()
}

func colourName(c [3]uint8) string { return fmt.Sprintf("rgb_%02x%02x%02x", c[0], c[1], c[2]) }

func (w *urdfWriter) materials() {
	seen := map[[3]uint8]bool{}
	for i := range w.m.Links {
		for _, g := range w.m.Links[i].Geoms {
			if seen[g.RGB] {
				continue
			}
			seen[g.RGB] = true
			w.open("material", "name", colourName(g.RGB))
			w.leaf("color", "rgba", rgbaOf(g.RGB))
			w.close()
		}
	}
}

func (w *urdfWriter) link(i int) {
	l := &w.m.Links[i]
	w.open("link", "name", l.Name)
	if l.MassKg > 0 {
		w.open("inertial")
		w.leaf("origin", "xyz", num(l.ComM[:]...), "rpy", "0 0 0")
		w.leaf("mass", "value", num(l.MassKg))
		in := l.Inert
		w.leaf("inertia", "ixx", num(in[0]), "ixy", num(in[3]), "ixz", num(in[4]), "iyy", num(in[1]), "iyz", num(in[5]), "izz", num(in[2]))
		w.close()
	}
	for k := range l.Geoms {
		g := &l.Geoms[k]
		w.shape("visual", fmt.Sprintf("%s_%d", l.Name, k), g)
		if g.Collide != body.Looks {
			w.shape("collision", fmt.Sprintf("%s_%d_%s", l.Name, k, urdfKinds[g.Collide]), g)
		}
	}
	w.close()
}

// shape writes a geom as a visual or a collision; URDF has no capsule, so one is a cylinder and a sphere at each end.
func (w *urdfWriter) shape(element, name string, g *body.Geom) {
	switch g.Shape {
	case body.Sphere:
		w.primitive(element, name, g, g.PosM, "sphere", "radius", num(g.SizeM[0]))
	case body.Box:
		w.primitive(element, name, g, g.PosM, "box", "size", num(2*g.SizeM[0], 2*g.SizeM[1], 2*g.SizeM[2]))
	case body.Capsule:
		axis := g.Rot.Rotate(body.Vec3{0, 0, g.SizeM[1]})
		w.primitive(element, name, g, g.PosM, "cylinder", "radius", num(g.SizeM[0]), "length", num(2*g.SizeM[1]))
		w.primitive(element, name+"_end0", g, g.PosM.Add(axis), "sphere", "radius", num(g.SizeM[0]))
		w.primitive(element, name+"_end1", g, g.PosM.Sub(axis), "sphere", "radius", num(g.SizeM[0]))
	}
}

func (w *urdfWriter) primitive(element, name string, g *body.Geom, pos body.Vec3, shape string, attrs ...string) {
	w.open(element, "name", name)
	rpy := body.Vec3{}
	if shape != "sphere" {
		rpy = rpyOf(g.Rot)
	}
	w.leaf("origin", "xyz", num(pos[:]...), "rpy", num(rpy[:]...))
	w.open("geometry")
	w.leaf(shape, attrs...)
	w.close()
	if element == "visual" {
		w.leaf("material", "name", colourName(g.RGB))
	}
	w.close()
}

func (w *urdfWriter) joint(j int) {
	jt := &w.m.Joints[j]
	rpy := rpyOf(jt.Rot)
	w.open("joint", "name", jt.Name, "type", "revolute")
	w.leaf("origin", "xyz", num(jt.OriginM[:]...), "rpy", num(rpy[:]...))
	w.leaf("parent", "link", w.m.Links[jt.Parent].Name)
	w.leaf("child", "link", w.m.Links[j+1].Name)
	w.leaf("axis", "xyz", num(jt.Axis[:]...))
	w.leaf("limit", "lower", num(jt.LowerRad), "upper", num(jt.UpperRad), "effort", num(jt.Motor.TorqueNm), "velocity", num(jt.Motor.SpeedRadS))
	friction := jt.FrictionNm
	if w.o.NoDryFriction {
		friction = 0
	}
	w.leaf("dynamics", "damping", num(jt.DampingNms), "friction", num(friction))
	w.close()
}

// frames writes the sensors' and REP-120's frames.
func (w *urdfWriter) frames() {
	m := w.m
	forward := body.Quat{0.5, -0.5, 0.5, -0.5} // of the optical frame in the camera's body frame (x forward)
	w.frame(frameIMU, m.Links[m.IMU.Link].Name, m.IMU.PosM, m.IMU.Rot)
	w.frame(frameCamera, m.Links[m.Camera.Link].Name, m.Camera.PosM, m.Camera.Rot.Mul(forward.Conj()))
	w.frame(frameOptical, frameCamera, body.Vec3{}, forward)
	for side := range m.Feet {
		w.frame(frameSole[side], m.Links[m.Feet[side].Link].Name, m.Feet[side].SoleM, rigid.Identity)
		w.frame(frameGripper[side], m.Links[m.Hands[side]].Name, body.Vec3{}, rigid.Identity)
	}
}

func (w *urdfWriter) frame(name, parent string, pos body.Vec3, rot body.Quat) {
	w.leaf("link", "name", name)
	rpy := rpyOf(rot)
	w.open("joint", "name", name+"_joint", "type", "fixed")
	w.leaf("origin", "xyz", num(pos[:]...), "rpy", num(rpy[:]...))
	w.leaf("parent", "link", parent)
	w.leaf("child", "link", name)
	w.close()
}

// extension writes what URDF has no word for; readers pass over elements that they do not know.
func (w *urdfWriter) extension() {
	m := w.m
	w.open("robotd")
	for j := range m.Joints {
		jt := &m.Joints[j]
		mo := &jt.Motor
		w.leaf("drive", "joint", jt.Name, "stand", num(m.StandRad[j]), "knot", num(m.KnotRad[j]), "kp", num(jt.KpNmRad), "kd", num(jt.KdNmsRad),
			"armature", num(jt.ArmatureKgM), "gear", num(mo.Gear), "kt", num(mo.KtNmA), "resistance", num(mo.ResistOhm),
			"copper", num(mo.CopperWNm2), "efficiency", num(mo.Efficiency))
	}
	for _, r := range roles(m) {
		w.leaf("role", "name", r.name, "link", m.Links[r.link].Name)
	}
	w.leaf("camera", "width", fmt.Sprint(m.Camera.Width), "height", fmt.Sprint(m.Camera.Height), "fovy", num(m.Camera.FovYRad))
	w.close()
}

// rpyOf returns roll, pitch and yaw of URDF and SDF: rotation about z by yaw after y by pitch after x by roll.
func rpyOf(q body.Quat) body.Vec3 {
	m := q.Mat()
	level := math.Hypot(m[0], m[3])
	pitch := math.Atan2(-m[6], level)
	if level < 1e-9 { // roll and yaw turn about one axis: all is yaw
		return body.Vec3{0, pitch, math.Atan2(-m[1], m[4])}
	}
	return body.Vec3{math.Atan2(m[7], m[8]), pitch, math.Atan2(m[3], m[0])}
}

// fromRPY is the inverse of rpyOf.
func fromRPY(v body.Vec3) body.Quat {
	return rigid.AxisAngle(body.Vec3{0, 0, 1}, v[2]).Mul(rigid.AxisAngle(body.Vec3{0, 1, 0}, v[1])).Mul(rigid.AxisAngle(body.Vec3{1, 0, 0}, v[0]))
}
