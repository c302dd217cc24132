// Package robotfile reads and writes robots in the field's own files: MJCF (MuJoCo), URDF (ROS) and SDF (Gazebo).
//
// Export writes a body.Model so that the other simulators have the robot that ours has; the MJCF also has its contact, so
// that one step of MuJoCo is one step of package sim. Load reads a URDF or an MJCF and says, with place, cause and remedy,
// what is wrong with it and what had to be guessed.
package robotfile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"robotd/body"
)

// Options of an export.
type Options struct {
	// NoDryFriction leaves the joints' dry friction out. The simulators' forms of it differ (ours smooths it by tanh, MuJoCo's is
	// a constraint), so comparisons between them go without.
	NoDryFriction bool
}

// Export writes m as "mjcf", "urdf" or "sdf" (1.9). It fails for another format, and for a model that the format cannot say.
func Export(m *body.Model, format string) ([]byte, error) {
	return ExportWith(m, format, Options{})
}

// ExportWith is Export with options.
func ExportWith(m *body.Model, format string, o Options) ([]byte, error) {
	if err := exportable(m); err != nil {
		return nil, err
	}
	switch format {
	case "mjcf":
		return exportMJCF(m, o)
	case "urdf":
		return exportURDF(m, o), nil
	case "sdf":
		return exportSDF(m, o), nil
	}
	return nil, fmt.Errorf("robotfile: no format %q: take mjcf, urdf or sdf", format)
}

// exportable checks what every format needs: arrays of one length and links in depth-first order, the order in which readers
// meet them.
func exportable(m *body.Model) error {
	n := len(m.Joints)
	if len(m.Links) != n+1 || len(m.StandRad) != n || len(m.KnotRad) != n {
		return fmt.Errorf("robotfile: model %s has %d links, %d joints, %d standing angles, %d amplitudes: a model has one link more "+
			"than joints and one angle and amplitude a joint", m.Name, len(m.Links), n, len(m.StandRad), len(m.KnotRad))
	}
	for j, jt := range m.Joints {
		if jt.Parent < 0 || jt.Parent > j || m.Links[j+1].Parent != jt.Parent {
			return fmt.Errorf("robotfile: joint %s hangs from link %d: a parent stands before its children, and link and joint name the "+
				"same one", jt.Name, jt.Parent)
		}
	}
	kids := children(m)
	var order []int
	var walk func(int)
	walk = func(i int) {
		order = append(order, i)
		for _, k := range kids[i] {
			walk(k)
		}
	}
	walk(0)
	for i, l := range order {
		if i != l {
			return fmt.Errorf("robotfile: link %s stands out of depth-first order: order each limb's links together", m.Links[i].Name)
		}
	}
	ends := []int{m.Feet[0].Link, m.Feet[1].Link, m.Hands[0], m.Hands[1], m.Chest, m.Head, m.Camera.Link, m.IMU.Link}
	for _, l := range ends {
		if l < 0 || l > n {
			return fmt.Errorf("robotfile: model %s names link %d of %d as a foot, hand, chest, head or sensor mount", m.Name, l, n+1)
		}
	}
	return nil
}

// children lists each link's children.
func children(m *body.Model) [][]int {
	kids := make([][]int, len(m.Links))
	for j := range m.Joints {
		p := m.Joints[j].Parent
		kids[p] = append(kids[p], j+1)
	}
	return kids
}

// Load reads a URDF or MJCF file, told apart by content. A sound file gives a model whose links' axes are all parallel to the
// base's at zero angles; fixed joints are merged into the links that they hang from. The findings say what was left out or
// guessed. When one of them is an error there is no model, and err holds all errors.
func Load(path string) (*body.Model, []Finding, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("robotfile: %w", err)
	}
	dir := filepath.Dir(path)
	return parse(data, path, func(name string) ([]byte, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		return os.ReadFile(name)
	})
}

// parse reads a robot from memory; include opens the files that an MJCF includes.
func parse(data []byte, file string, include func(string) ([]byte, error)) (*body.Model, []Finding, error) {
	r := &report{}
	m := r.model(data, file, include)
	if err := r.err(); err != nil {
		return nil, r.findings, err
	}
	return m, r.findings, nil
}

func (r *report) model(data []byte, file string, include func(string) ([]byte, error)) *body.Model {
	root := parseXML(r, data, file)
	if root == nil {
		return nil
	}
	var raw *rawRobot
	switch root.name {
	case "robot":
		if n := xacroIn(root); n != nil {
			r.errorf(n, fmt.Sprintf("run: xacro %s > robot.urdf, and load that", filepath.Base(file)), "this is a xacro macro, not a URDF")
			return nil
		}
		raw = readURDF(r, root)
	case "mujoco", "mujocoinclude":
		raw = readMJCF(r, root, include)
	case "sdf":
		r.errorf(root, "load the URDF or MJCF that it was made from", "SDF is written, not read")
		return nil
	default:
		r.errorf(root, "give a URDF (<robot>) or an MJCF (<mujoco>)", "the root element is <%s>", root.name)
		return nil
	}
	if r.errors > 0 {
		return nil
	}
	return assemble(r, raw)
}

// xacroIn returns the first element of a xacro macro.
func xacroIn(n *node) *node {
	if strings.Contains(n.space, "xacro") {
		return n
	}
	for _, k := range n.kids {
		if x := xacroIn(k); x != nil {
			return x
		}
	}
	return nil
}
