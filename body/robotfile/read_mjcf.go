package robotfile

import (
	"encoding/xml"
	"fmt"
	"math"
	"path"
	"strings"

	"robotd/body"
)

// mjcfReader turns an MJCF's elements into a rawRobot.
type mjcfReader struct {
	*report
	raw     *rawRobot
	classes map[string]map[string]map[string]string // class → element → attribute → value
	colours map[string][3]uint8
	bodies  map[string]bool
	joint   map[string]int // raw joint by name
	address map[*node]int  // of each joint element in qpos
	nq      int

	radians    bool
	euler      string
	autolimits bool
	fromGeoms  string // auto, true, false
}

const maxIncludes = 64

func readMJCF(r *report, root *node, include func(string) ([]byte, error)) *rawRobot {
	m := &mjcfReader{report: r, raw: &rawRobot{at: root, name: root.get("model"), roles: map[string]string{}},
		classes: map[string]map[string]map[string]string{"main": {}}, colours: map[string][3]uint8{}, bodies: map[string]bool{},
		joint: map[string]int{}, address: map[*node]int{}, euler: "xyz", autolimits: true, fromGeoms: "auto"}
	if m.raw.name == "" {
		m.raw.name = "robot"
	}
	count := 0
	m.splice(root, include, &count)
	if r.errors > 0 {
		return nil
	}
	m.settings(root)
	for _, c := range root.all("custom") {
		for _, n := range c.all("numeric") {
			m.raw.own = m.raw.own || strings.HasPrefix(n.get("name"), mjcfMotor)
		}
	}
	m.world(root)
	for _, n := range root.all("actuator") {
		for _, a := range n.kids {
			m.actuator(a)
		}
	}
	m.custom(root)
	m.keyframe(root)
	m.torques(root)
	return m.raw
}

// splice puts included files in the place of <include>.
func (m *mjcfReader) splice(n *node, include func(string) ([]byte, error), count *int) {
	var kids []*node
	for _, k := range n.kids {
		if k.name != "include" {
			m.splice(k, include, count)
			kids = append(kids, k)
			continue
		}
		if *count++; *count > maxIncludes {
			m.errorf(k, "do not include a file in itself", "more than %d files are included", maxIncludes)
			return
		}
		if include == nil {
			m.errorf(k, "load it from a file", "%q cannot be included here", clip(k.get("file")))
			return
		}
		data, err := include(k.get("file"))
		if err != nil {
			m.errorf(k, "put the file beside this one", "%v", err)
			return
		}
		root := parseXML(m.report, data, path.Join(path.Dir(n.file), k.get("file")))
		if root == nil {
			return
		}
		m.splice(root, include, count)
		kids = append(kids, root.kids...)
	}
	n.kids = kids
}

// unread lists the sections that say nothing about the body.
var unread = map[string]bool{"compiler": true, "option": true, "size": true, "visual": true, "statistic": true, "default": true, "custom": true,
	"asset": true, "worldbody": true, "contact": true, "actuator": true, "sensor": true, "keyframe": true, "extension": true}

// settings reads compiler, defaults and materials.
func (m *mjcfReader) settings(root *node) {
	for _, n := range root.all("compiler") {
		if v := n.get("angle"); v != "" {
			m.radians = v == "radian"
		}
		if v := n.get("eulerseq"); v != "" {
			m.euler = v
		}
		if v := n.get("autolimits"); v != "" {
			m.autolimits = v == "true"
		}
		if v := n.get("inertiafromgeom"); v != "" {
			m.fromGeoms = v
		}
		for _, a := range []string{"settotalmass", "inertiagrouprange"} {
			if v := n.get(a); v != "" && v != "-1" && v != "0 5" {
				m.errorf(n, "save the compiled model and load that", "<compiler %s=%q> is not supported", a, clip(v))
			}
		}
	}
	if len(m.euler) != 3 || strings.Trim(m.euler, "xyzXYZ") != "" {
		m.errorf(root, "give three of x, y, z, X, Y, Z", "eulerseq %q", clip(m.euler))
		m.euler = "xyz"
	}
	for _, n := range root.all("default") {
		m.class(n, "main", true)
	}
	for _, n := range root.all("asset") {
		for _, mat := range n.all("material") {
			if v, ok := m.numbers(m.with(mat, "material", ""), "rgba", 4, 4); ok && v != nil {
				m.colours[mat.get("name")] = rgbOf(v)
			}
		}
	}
	for _, n := range root.kids {
		if !unread[n.name] {
			m.warnf(n, "check that standing does not depend on it", "<%s> is not simulated", n.name)
		}
	}
}

// class reads a default class and those inside it; a class begins with what its parent has.
func (m *mjcfReader) class(n *node, parent string, top bool) {
	name := n.get("class")
	if name == "" {
		if !top {
			m.errorf(n, `give <default class="...">`, "a class without a name")
			return
		}
		name = "main"
	}
	if _, ok := m.classes[name]; ok && !top {
		m.errorf(n, "give every class a name of its own", "a second default class is named %q", clip(name))
		return
	}
	if len(m.classes) > maxLinks {
		m.errorf(n, "leave classes out", "more than %d default classes", maxLinks)
		return
	}
	set := map[string]map[string]string{}
	for element, attrs := range m.classes[parent] {
		set[element] = attrs
	}
	for _, k := range n.kids {
		if k.name == "default" {
			continue
		}
		element := k.name
		if isActuator(element) {
			element = "actuator"
		}
		attrs := map[string]string{}
		for a, v := range set[element] {
			attrs[a] = v
		}
		for _, a := range k.attr {
			attrs[a.Name.Local] = a.Value
		}
		set[element] = attrs
	}
	m.classes[name] = set
	if top && name != "main" {
		m.classes["main"] = set // the outermost class holds for all, whatever its name
	}
	for _, k := range n.all("default") {
		m.class(k, name, false)
	}
}

// with returns the element with the defaults of its class filled in.
func (m *mjcfReader) with(n *node, element, childclass string) *node {
	name := n.get("class")
	if name == "" {
		name = childclass
	}
	if name == "" {
		name = "main"
	}
	class, ok := m.classes[name]
	if !ok {
		m.errorf(n, "name a <default class> of this file", "<%s> is of class %q, which is not there", n.name, clip(name))
		return n
	}
	defaults := class[element]
	if len(defaults) == 0 {
		return n
	}
	out := *n
	out.attr = append([]xml.Attr(nil), n.attr...)
	for a, v := range defaults {
		if _, own := n.lookup(a); !own {
			out.attr = append(out.attr, xml.Attr{Name: xml.Name{Local: a}, Value: v})
		}
	}
	return &out
}

func (m *mjcfReader) angle(x float64) float64 {
	if m.radians {
		return x
	}
	return x * math.Pi / 180
}

// placed is an element and the pose of the <frame> elements around it, in its body.
type placed struct {
	*node
	pose  pose
	class string
}

// flatten returns a body's elements with <frame> taken out.
func (m *mjcfReader) flatten(n *node, at pose, class string) []placed {
	var out []placed
	for _, k := range n.kids {
		switch k.name {
		case "frame":
			inner := class
			if c := k.get("childclass"); c != "" {
				inner = c
			}
			out = append(out, m.flatten(k, at.then(m.orient(k)), inner)...)
		case "composite", "flexcomp", "attach", "replicate":
			m.errorf(k, "save the compiled model (mj_saveLastXML) and load that", "<%s> is not expanded", k.name)
		default:
			out = append(out, placed{k, at, class})
		}
	}
	return out
}

// world finds the robot among the bodies of the world.
func (m *mjcfReader) world(root *node) {
	var robots []placed
	for _, w := range root.all("worldbody") {
		for _, e := range m.flatten(w, noPose, "") {
			if e.name != "body" {
				continue
			}
			if m.count(e.node) {
				robots = append(robots, e)
			} else {
				m.notef(e.node, "", "body %q has no hinges and is left out", clip(e.get("name")))
			}
		}
	}
	switch {
	case len(robots) == 0:
		m.errorf(root, "give a body with hinges", "no robot in the world")
	case len(robots) > 1:
		m.errorf(robots[1].node, "load one robot a file", "several roots: bodies %q and %q both have hinges", clip(robots[0].get("name")),
			clip(robots[1].get("name")))
	default:
		m.body(robots[0], -1, body.Vec3{})
	}
}

// count gives every joint of a body and those below its place in qpos, and says whether there is a hinge.
func (m *mjcfReader) count(n *node) bool {
	hinged := false
	for _, k := range n.kids {
		switch k.name {
		case "freejoint":
			m.nq += 7
		case "joint":
			m.address[k] = m.nq
			switch k.get("type") {
			case "free":
				m.nq += 7
			case "ball":
				m.nq += 4
				hinged = true
			default:
				m.nq++
				hinged = true
			}
		}
	}
	for _, k := range n.kids {
		if (k.name == "body" || k.name == "frame") && m.count(k) {
			hinged = true
		}
	}
	return hinged
}

// unnamed makes a name for an element that has none.
func (m *mjcfReader) unnamed(n *node) string {
	return fmt.Sprintf("%s_%d_%d_%d", n.name, n.line, n.col, len(m.bodies)+len(m.joint))
}
