package robotfile

import (
	"fmt"
	"math"

	"robotd/body"
	"robotd/internal/rigid"
)

// maxLinks bounds the links before merging; each named frame of a URDF is one.
const maxLinks = 4096

const minTorqueNm = 1e-3 // of a joint: less moves nothing

// built is a model in the making.
type built struct {
	*report
	raw   *rawRobot
	m     *body.Model
	at    []*node     // of each link of the model
	from  []int       // raw joint of each joint of the model
	host  []int       // of each raw link: the model link that it became part of
	in    []pose      // of each raw link: its frame in that link
	geoms [][]rawGeom // of each link of the model, in its frame
	named []rawFrame  // every frame that has a name, in its link
	axes  body.Quat   // of the base's axes in the root link's frame, inverted
}

// assemble makes the model: the tree, roles, feet, drives, standing pose.
func assemble(r *report, raw *rawRobot) *body.Model {
	kids, root := r.tree(raw)
	if r.errors > 0 {
		return nil
	}
	mark := len(r.findings)
	b := newBuilt(r, raw)
	b.axes = rigid.Identity
	b.merge(kids, root)
	if r.errors > 0 {
		return nil
	}
	if !b.roles() {
		return nil
	}
	if b.backward() {
		r.findings = r.findings[:mark] // the second walk finds them again
		r.notef(raw.at, "", "the left foot is at −y of %s: the base's axes are turned half a turn about z, so that x is forward", b.m.Links[0].Name)
		b = newBuilt(r, raw)
		b.axes = body.Quat{0, 0, 0, 1}
		b.merge(kids, root)
		if !b.roles() {
			return nil
		}
	}
	b.sane()
	if r.errors > 0 {
		return nil
	}
	b.feet()
	b.touch()
	b.drives()
	b.sensors()
	if r.errors > 0 {
		return nil
	}
	b.stand()
	b.say()
	return b.m
}

func newBuilt(r *report, raw *rawRobot) *built {
	return &built{report: r, raw: raw, m: &body.Model{Name: raw.name}, host: make([]int, len(raw.links)), in: make([]pose, len(raw.links))}
}

// tree checks that the joints make one tree and returns each link's joints to its children, and the root.
func (r *report) tree(raw *rawRobot) (kids [][]int, root int) {
	n := len(raw.links)
	if n == 0 {
		r.errorf(raw.at, "give links", "the robot has no links")
		return nil, 0
	}
	if n > maxLinks {
		r.errorf(raw.at, "leave frames out", "%d links, %d are read", n, maxLinks)
		return nil, 0
	}
	kids = make([][]int, n)
	above := make([]int, n)
	for i := range above {
		above[i] = -1
	}
	for j := range raw.joints {
		jt := &raw.joints[j]
		if above[jt.child] >= 0 {
			r.errorf(jt.at, "a link hangs from one joint: cut the loop", "joint %s: link %s already hangs from joint %s", jt.name,
				raw.links[jt.child].name, raw.joints[above[jt.child]].name)
			continue
		}
		above[jt.child] = j
		kids[jt.parent] = append(kids[jt.parent], j)
	}
	root = -1
	for i, a := range above {
		switch {
		case a >= 0:
		case root < 0:
			root = i
		default:
			r.errorf(raw.links[i].at, "join it to the tree by a joint", "several roots: %s and %s hang from nothing", raw.links[root].name,
				raw.links[i].name)
		}
	}
	if root < 0 {
		r.errorf(raw.at, "cut the loop", "every link hangs from another: the joints make a loop")
		return nil, 0
	}
	if r.errors > 0 {
		return nil, 0
	}
	r.reach(raw, kids, root)
	for j := range raw.joints {
		if jt := &raw.joints[j]; jt.floating && jt.parent != root {
			r.errorf(jt.at, "use revolute or fixed", "joint %s: only the base floats", jt.name)
		}
	}
	return kids, root
}

// reach finds links that hang from themselves.
func (r *report) reach(raw *rawRobot, kids [][]int, root int) {
	seen := make([]bool, len(raw.links))
	todo := []int{root}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		seen[i] = true
		for _, j := range kids[i] {
			todo = append(todo, raw.joints[j].child)
		}
	}
	for i := range seen {
		if !seen[i] {
			r.errorf(raw.links[i].at, "cut the loop", "link %s hangs from itself: the joints make a loop", raw.links[i].name)
			return
		}
	}
}

// merge walks the tree depth first: a hinge begins a link, a fixed joint adds to the one above.
func (b *built) merge(kids [][]int, root int) {
	var mass []weight
	bad := map[int][]Finding{}
	begin := func(name string, parent int, at *node) int {
		b.m.Links = append(b.m.Links, body.Link{Name: name, Parent: parent})
		b.at = append(b.at, at)
		b.geoms = append(b.geoms, nil)
		mass = append(mass, weight{})
		return len(b.m.Links) - 1
	}
	var walk func(i, host int, at pose)
	walk = func(i, host int, at pose) {
		l := &b.raw.links[i]
		b.host[i], b.in[i] = host, at
		b.named = append(b.named, rawFrame{name: l.name, kind: "link", link: host, pose: at})
		if text := unsound(l.massKg, sixOf(l.inert)); text != "" && l.inertAt != nil {
			bad[host] = append(bad[host], Finding{Place: l.inertAt.place(), Text: fmt.Sprintf("link %s: the inertia %s", l.name, text)})
		}
		mass[host].add(l.massKg, at.p.Add(at.q.Rotate(l.com)), turnInertia(l.inert, at.q))
		for _, g := range l.geoms {
			p := at.then(pose{g.PosM, g.Rot})
			g.PosM, g.Rot = p.p, p.q
			b.geoms[host] = append(b.geoms[host], g)
		}
		for _, j := range kids[i] {
			jt := &b.raw.joints[j]
			down := at.then(jt.pose)
			if jt.fixed {
				walk(jt.child, host, down)
				continue
			}
			if len(b.m.Joints) == body.MaxJoints {
				b.errorf(jt.at, "make the joints of fingers and eyes fixed", "joint %s is one too many: robotd drives %d", jt.name, body.MaxJoints)
				return
			}
			link := begin(b.raw.links[jt.child].name, host, b.raw.links[jt.child].at)
			b.m.Joints = append(b.m.Joints, body.Joint{Name: jt.name, Parent: host, OriginM: down.p, Rot: rigid.Identity,
				Axis: tidy(down.q.Rotate(jt.axis)), LowerRad: jt.lower, UpperRad: jt.upper, ArmatureKgM: jt.armature, DampingNms: jt.damping,
				FrictionNm: jt.friction, KpNmRad: jt.kp, KdNmsRad: jt.kd, Motor: jt.motor})
			b.from = append(b.from, j)
			walk(jt.child, link, pose{q: down.q})
		}
	}
	begin(b.raw.links[root].name, -1, b.raw.links[root].at)
	walk(root, 0, pose{q: b.axes})
	for i := range b.m.Links {
		l := &b.m.Links[i]
		com, inert := mass[i].centre()
		l.MassKg, l.ComM, l.Inert = mass[i].massKg, com, sixOf(inert)
		b.inertia(i, bad[i])
	}
	for _, f := range b.raw.sensors {
		f.pose = b.in[f.link].then(f.pose)
		f.link = b.host[f.link]
		b.named = append(b.named, f)
	}
	b.weigh()
}

// inertia reports a link's unsound parts: errors when the whole is unsound too, warnings when fixed parts make it good.
func (b *built) inertia(i int, bad []Finding) {
	l := &b.m.Links[i]
	whole := unsound(l.MassKg, l.Inert)
	for _, f := range bad {
		f.Severity, f.Remedy = SeverityWarning, "no mass has such moments: take them from the CAD model again, about the centre of mass, in kg m²"
		if whole != "" {
			f.Severity = SeverityError
		}
		b.put(f)
	}
	if whole != "" && len(bad) == 0 {
		b.errorf(b.at[i], "give the inertia about the centre of mass, in kg m²", "link %s: the inertia %s", l.Name, whole)
	}
}

// weigh checks the masses of the links that move.
func (b *built) weigh() {
	below := make([]float64, len(b.m.Links))
	for i := len(b.m.Links) - 1; i >= 0; i-- {
		l := &b.m.Links[i]
		below[i] += l.MassKg
		if i > 0 {
			below[l.Parent] += below[i]
		}
		switch {
		case i == 0 && l.MassKg <= 0:
			b.errorf(b.at[0], "give it an <inertial>", "the base %s has no mass", l.Name)
		case below[i] <= 0:
			b.errorf(b.at[i], "give it an <inertial>, or make its joint fixed", "link %s has no mass, and nothing below it has", l.Name)
		case l.MassKg <= 0 && !b.raw.links[b.raw.joints[b.from[i-1]].child].bare:
			b.warnf(b.at[i], "give it an <inertial>", "link %s has no mass of its own: other simulators may refuse it", l.Name)
		case l.MassKg > 0 && principal(l.Inert)[0] <= 0:
			b.warnf(b.at[i], "give it an inertia", "link %s is a point mass", l.Name)
			if i > 0 && (b.m.Joints[i-1].ArmatureKgM > 0 || !b.raw.joints[b.from[i-1]].armatureSaid) {
				continue // its rotor keeps the mass matrix regular
			}
			for a := range 3 {
				l.Inert[a] += 0.4 * l.MassKg * 0.01 * 0.01 // a ball of 1 cm does
			}
		}
	}
}

// sane refuses a robot of impossible size: numbers that are each possible may not be so together.
func (b *built) sane() {
	for i := range b.named {
		if f := &b.named[i]; !(f.pose.p.Norm() <= maxValue/10) {
			b.errorf(b.at[f.link], "give metres", "frame %s lies %g m from its link", f.name, f.pose.p.Norm())
		}
	}
	for i := range b.m.Links {
		l := &b.m.Links[i]
		all := append([]float64{l.MassKg}, l.ComM[:]...)
		all = append(all, l.Inert[:]...)
		for _, g := range b.geoms[i] {
			all = append(append(all, g.PosM[:]...), g.SizeM[:]...)
		}
		if i > 0 {
			jt := &b.m.Joints[i-1]
			all = append(all, jt.OriginM[:]...)
			if t := jt.Motor.TorqueNm; t < minTorqueNm || t > maxValue {
				b.errorf(b.raw.joints[b.from[i-1]].at, "give the torque limit in N m", "joint %s: torque limit %g", jt.Name, t)
			}
		}
		for _, x := range all {
			if !(math.Abs(x) <= maxValue/10) { // what is written of them stays below maxValue
				b.errorf(b.at[i], "give metres, kilograms and kg m²", "link %s: %g in its mass, inertia or places", l.Name, x)
				break
			}
		}
	}
}

// tidy takes rounding out of an axis that is a coordinate axis.
func tidy(v body.Vec3) body.Vec3 {
	for i := range v {
		if math.Abs(v[i]) < 1e-12 {
			v[i] = 0
		} else if 1-math.Abs(v[i]) < 1e-15 {
			v[i] = math.Copysign(1, v[i])
		}
	}
	return v
}

// forward computes link poses at joint angles q with the base at the origin.
func forward(m *body.Model, q []float64) []pose {
	out := make([]pose, len(m.Links))
	out[0] = noPose
	for j := range m.Joints {
		jt := &m.Joints[j]
		out[j+1] = out[jt.Parent].then(pose{jt.OriginM, jt.Rot.Mul(rigid.AxisAngle(jt.Axis, q[j]))})
	}
	return out
}
