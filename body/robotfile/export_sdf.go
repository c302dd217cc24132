package robotfile

import (
	"fmt"
	"math"

	"robotd/body"
	"robotd/internal/rigid"
)

type sdfWriter struct {
	writer
	m *body.Model
	o Options
}

// exportSDF writes an SDF 1.9 model. SDF says neither the rotors' reflected inertia nor that the legs touch each other alone,
// so both are left out; the robot does not collide with itself.
func exportSDF(m *body.Model, o Options) []byte {
	w := &sdfWriter{m: m, o: o}
	w.b.WriteString("<?xml version=\"1.0\"?>\n")
	w.open("sdf", "version", "1.9")
	w.open("model", "name", m.Name, "canonical_link", m.Links[0].Name)
	w.text("pose", num(0, 0, m.StandHeightM, 0, 0, 0))
	w.text("self_collide", "false")
	for i := range m.Links {
		w.link(i)
	}
	for j := range m.Joints {
		w.joint(j)
	}
	for side, name := range frameSole {
		w.open("frame", "name", name, "attached_to", m.Links[m.Feet[side].Link].Name)
		w.pose("", m.Feet[side].SoleM, rigid.Identity)
		w.close()
	}
	w.close()
	w.close()
	return w.b.Bytes()
}

// pose writes a pose, relative to the parent element unless told otherwise.
func (w *sdfWriter) pose(relativeTo string, pos body.Vec3, rot body.Quat) {
	rpy := rpyOf(rot)
	w.text("pose", num(pos[0], pos[1], pos[2], rpy[0], rpy[1], rpy[2]), "relative_to", relativeTo)
}

func (w *sdfWriter) link(i int) {
	l := &w.m.Links[i]
	w.open("link", "name", l.Name)
	if i > 0 {
		w.pose(w.m.Joints[i-1].Name, body.Vec3{}, rigid.Identity)
	}
	if l.MassKg > 0 {
		w.open("inertial")
		w.pose("", l.ComM, rigid.Identity)
		w.text("mass", num(l.MassKg))
		w.open("inertia")
		for k, name := range []string{"ixx", "iyy", "izz", "ixy", "ixz", "iyz"} {
			w.text(name, num(l.Inert[k]))
		}
		w.close()
		w.close()
	}
	for k := range l.Geoms {
		g := &l.Geoms[k]
		name := fmt.Sprintf("%s_%d", l.Name, k)
		w.visual(name, g)
		if g.Collide != body.Looks {
			w.collision(name+"_"+urdfKinds[g.Collide], g)
		}
	}
	w.sensors(i)
	w.close()
}

func (w *sdfWriter) visual(name string, g *body.Geom) {
	w.open("visual", "name", name)
	w.pose("", g.PosM, g.Rot)
	w.geometry(g)
	w.open("material")
	w.text("ambient", rgbaOf(g.RGB))
	w.text("diffuse", rgbaOf(g.RGB))
	w.close()
	w.close()
}

func (w *sdfWriter) collision(name string, g *body.Geom) {
	mu := num(body.DefaultContact.Friction)
	w.open("collision", "name", name)
	w.pose("", g.PosM, g.Rot)
	w.geometry(g)
	w.open("surface")
	w.open("friction")
	w.open("ode")
	w.text("mu", mu)
	w.text("mu2", mu)
	w.close()
	w.close()
	w.close()
	w.close()
}

func (w *sdfWriter) geometry(g *body.Geom) {
	w.open("geometry")
	switch g.Shape {
	case body.Sphere:
		w.open("sphere")
		w.text("radius", num(g.SizeM[0]))
	case body.Capsule:
		w.open("capsule")
		w.text("radius", num(g.SizeM[0]))
		w.text("length", num(2*g.SizeM[1]))
	case body.Box:
		w.open("box")
		w.text("size", num(2*g.SizeM[0], 2*g.SizeM[1], 2*g.SizeM[2]))
	}
	w.close()
	w.close()
}

func (w *sdfWriter) joint(j int) {
	jt := &w.m.Joints[j]
	w.open("joint", "name", jt.Name, "type", "revolute")
	w.pose(w.m.Links[jt.Parent].Name, jt.OriginM, jt.Rot)
	w.text("parent", w.m.Links[jt.Parent].Name)
	w.text("child", w.m.Links[j+1].Name)
	w.open("axis")
	w.text("xyz", num(jt.Axis[:]...))
	w.open("limit")
	w.text("lower", num(jt.LowerRad))
	w.text("upper", num(jt.UpperRad))
	w.text("effort", num(jt.Motor.TorqueNm))
	w.text("velocity", num(jt.Motor.SpeedRadS))
	w.close()
	w.open("dynamics")
	w.text("damping", num(jt.DampingNms))
	if !w.o.NoDryFriction {
		w.text("friction", num(jt.FrictionNm))
	}
	w.close()
	w.close()
	for side, f := range w.m.Feet {
		if f.Link == j+1 {
			w.open("sensor", "name", []string{"left", "right"}[side]+"_foot_force", "type", "force_torque")
			w.text("update_rate", "1000")
			w.open("force_torque")
			w.text("frame", "child")
			w.text("measure_direction", "parent_to_child")
			w.close()
			w.close()
		}
	}
	w.close()
}

// sensors writes the IMU and the camera. Gazebo's camera looks along its +x: the optical frame turned back.
func (w *sdfWriter) sensors(link int) {
	m := w.m
	if m.IMU.Link == link {
		w.open("sensor", "name", "imu", "type", "imu")
		w.pose("", m.IMU.PosM, m.IMU.Rot)
		w.text("always_on", "true")
		w.text("update_rate", "1000")
		w.close()
	}
	if c := &m.Camera; c.Link == link {
		forward := body.Quat{0.5, -0.5, 0.5, -0.5}
		w.open("sensor", "name", "head_camera", "type", "camera")
		w.pose("", c.PosM, c.Rot.Mul(forward.Conj()))
		w.text("update_rate", "30")
		w.open("camera")
		w.text("horizontal_fov", num(horizontalFov(c)))
		w.open("image")
		w.text("width", fmt.Sprint(c.Width))
		w.text("height", fmt.Sprint(c.Height))
		w.text("format", "R8G8B8")
		w.close()
		w.open("clip")
		w.text("near", "0.02")
		w.text("far", "50")
		w.close()
		w.close()
		w.close()
	}
}

// horizontalFov returns the angle across the image of a pin-hole camera with square pixels.
func horizontalFov(c *body.Camera) float64 {
	return 2 * math.Atan(math.Tan(c.FovYRad/2)*float64(c.Width)/float64(c.Height))
}
