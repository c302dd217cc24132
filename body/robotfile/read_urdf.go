package robotfile

import (
	"math"
	"strings"

	"robotd/body"
)

// urdfReader turns a URDF's elements into a rawRobot.
type urdfReader struct {
	*report
	raw     *rawRobot
	link    map[string]int
	joint   map[string]int
	colours map[string][3]uint8
	mimic   []string
	mimicAt *node
}

var grey = [3]uint8{170, 174, 180}

func readURDF(r *report, root *node) *rawRobot {
	u := &urdfReader{report: r, raw: &rawRobot{at: root, name: root.get("name"), roles: map[string]string{}}, link: map[string]int{},
		joint: map[string]int{}, colours: map[string][3]uint8{}}
	if u.raw.name == "" {
		r.warnf(root, `give <robot name="...">`, "the robot has no name")
		u.raw.name = "robot"
	}
	u.raw.own = root.child("robotd") != nil
	for _, n := range root.all("material") {
		u.colour(n)
	}
	for _, n := range root.all("link") {
		for _, v := range n.all("visual") {
			if m := v.child("material"); m != nil {
				u.colour(m)
			}
		}
	}
	for _, n := range root.all("link") {
		u.readLink(n)
	}
	for _, n := range root.all("joint") {
		u.readJoint(n)
	}
	for _, n := range root.all("transmission") {
		for _, j := range n.all("joint") {
			if name := j.get("name"); name != "" {
				if _, ok := u.joint[name]; !ok {
					u.errorf(j, "name a joint of this file", "the transmission %s drives joint %q, which is not there", n.get("name"), clip(name))
				}
			}
		}
	}
	if ext := root.child("robotd"); ext != nil {
		u.extension(ext)
	}
	if u.mimicAt != nil {
		u.notef(u.mimicAt, "", "%d mimic joints have no motor of their own and are held at their offset: %s", len(u.mimic), list(u.mimic))
	}
	return u.raw
}

// colour remembers a named material.
func (u *urdfReader) colour(n *node) {
	c := n.child("color")
	if c == nil {
		return
	}
	if v, ok := u.numbers(c, "rgba", 3, 4); ok && v != nil {
		u.colours[n.get("name")] = rgbOf(v)
	}
}

func rgbOf(v []float64) (c [3]uint8) {
	for i := range c {
		c[i] = uint8(math.Round(255 * math.Min(math.Max(v[i], 0), 1)))
	}
	return c
}

func (u *urdfReader) readLink(n *node) {
	name := n.get("name")
	if _, taken := u.link[name]; taken || name == "" {
		u.errorf(n, "give every link a name of its own", "a second link is named %q", clip(name))
		return
	}
	l := rawLink{at: n, name: name}
	if in := n.child("inertial"); in != nil {
		u.inertial(in, &l)
	}
	visuals := u.shapes(n.all("visual"))
	contacts := u.shapes(n.all("collision"))
	for i := range visuals {
		visuals[i].visible = true
		for k := range contacts {
			if same(&visuals[i].Geom, &contacts[k].Geom) && !contacts[k].visible {
				visuals[i].touches, visuals[i].kind, visuals[i].known = true, contacts[k].kind, contacts[k].known
				contacts[k].visible = true
				break
			}
		}
	}
	l.geoms = visuals
	for _, c := range contacts {
		if !c.visible {
			c.touches = true
			l.geoms = append(l.geoms, c)
		}
	}
	u.link[name] = len(u.raw.links)
	u.raw.links = append(u.raw.links, l)
}

// same says whether a visual and a collision are one primitive.
func same(a, b *body.Geom) bool {
	turn := a.Rot.Conj().Mul(b.Rot)
	return a.Shape == b.Shape && a.PosM.Sub(b.PosM).Norm() < 1e-9 && body.Vec3(a.SizeM).Sub(b.SizeM).Norm() < 1e-9 &&
		math.Abs(turn[0]) > 1-1e-12
}

func (u *urdfReader) inertial(n *node, l *rawLink) {
	at, ok := u.origin(n)
	m := n.child("mass")
	if m == nil {
		u.errorf(n, `give <mass value="..."/>`, "link %s: <inertial> without a mass", l.name)
		return
	}
	mass, okMass := u.number(m, "value", math.NaN())
	if okMass && (math.IsNaN(mass) || mass < 0) {
		u.errorf(m, "give the mass in kg", "link %s: mass %q", l.name, clip(m.get("value")))
		okMass = false
	}
	in := n.child("inertia")
	if in == nil {
		u.errorf(n, `give <inertia ixx="..." .../>`, "link %s: <inertial> without an inertia", l.name)
		return
	}
	var v [6]float64
	for i, name := range []string{"ixx", "iyy", "izz", "ixy", "ixz", "iyz"} {
		x, good := u.number(in, name, 0)
		v[i], ok = x, ok && good
	}
	if !ok || !okMass {
		return
	}
	l.massKg, l.com = mass, at.p
	l.inert = turnInertia(symmetric(v), at.q)
	l.inertAt = in
}

// origin reads the <origin> of an element.
func (u *urdfReader) origin(n *node) (pose, bool) {
	o := n.child("origin")
	if o == nil {
		return noPose, true
	}
	xyz, ok1 := u.vec3(o, "xyz", body.Vec3{})
	rpy, ok2 := u.vec3(o, "rpy", body.Vec3{})
	return pose{xyz, fromRPY(rpy)}, ok1 && ok2
}

// extension reads what Export adds for itself.
func (u *urdfReader) extension(ext *node) {
	for _, n := range ext.all("drive") {
		i, ok := u.joint[n.get("joint")]
		if !ok {
			u.errorf(n, "name a joint of this file", "a drive is for joint %q, which is not there", clip(n.get("joint")))
		}
		if !ok || i < 0 {
			continue
		}
		j := &u.raw.joints[i]
		j.standSaid, j.armatureSaid = true, true
		for _, f := range []struct {
			name string
			to   *float64
		}{{"stand", &j.stand}, {"knot", &j.knot}, {"kp", &j.kp}, {"kd", &j.kd}, {"armature", &j.armature}, {"gear", &j.motor.Gear},
			{"kt", &j.motor.KtNmA}, {"resistance", &j.motor.ResistOhm}, {"copper", &j.motor.CopperWNm2}, {"efficiency", &j.motor.Efficiency}} {
			*f.to, _ = u.number(n, f.name, 0)
		}
	}
	for _, n := range ext.all("role") {
		u.raw.roles[n.get("name")] = n.get("link")
	}
	if n := ext.child("camera"); n != nil {
		w, ok1 := u.number(n, "width", 64)
		h, ok2 := u.number(n, "height", 64)
		fov, ok3 := u.number(n, "fovy", 1)
		if ok1 && ok2 && ok3 {
			u.raw.camera = u.cameraOf(n, w, h, fov)
		}
	}
}

// cameraOf checks a camera's size and field of view.
func (r *report) cameraOf(n *node, width, height, fovYRad float64) *body.Camera {
	if !(width >= 1 && width <= 8192 && height >= 1 && height <= 8192 && fovYRad > 0 && fovYRad < math.Pi) {
		r.errorf(n, "give 1 to 8192 pixels and a field of view below 180 degrees", "a camera of %g × %g pixels and %g rad", width, height, fovYRad)
		return nil
	}
	return &body.Camera{Width: int(width), Height: int(height), FovYRad: fovYRad}
}

func list(names []string) string {
	if len(names) > 6 {
		return strings.Join(names[:6], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}
