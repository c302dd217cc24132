package robotfile

import (
	"math"
	"slices"
	"strings"
)

// isActuator says whether an element is an actuator or its default: all kinds share their defaults.
func isActuator(name string) bool {
	switch name {
	case "general", "motor", "position", "velocity", "intvelocity", "damper", "cylinder", "muscle", "adhesion", "dcmotor", "pd":
		return true
	}
	return false
}

// actuator gives a joint its motor: the torque limit, and the gains of a position servo.
func (m *mjcfReader) actuator(e *node) {
	n := m.with(e, "actuator", "")
	name := n.get("joint")
	if name == "" {
		name = n.get("jointinparent")
	}
	if name == "" {
		m.warnf(e, "drive joints", "<%s> %q drives no joint and is left out", e.name, clip(n.get("name")))
		return
	}
	i, ok := m.joint[name]
	if !ok {
		m.errorf(e, "name a joint of the robot", "<%s> %q drives joint %q, which is not there", e.name, clip(n.get("name")), clip(name))
		return
	}
	if i < 0 {
		return
	}
	j := &m.raw.joints[i]
	gear, ok1 := m.numbers(n, "gear", 1, 6)
	force, ok2 := m.numbers(n, "forcerange", 2, 2)
	ctrl, ok3 := m.numbers(n, "ctrlrange", 2, 2)
	kp, ok4 := m.number(n, "kp", 0)
	kv, ok5 := m.number(n, "kv", 0)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 {
		return
	}
	ratio := 1.0
	if gear != nil {
		ratio = math.Abs(gear[0])
	}
	limit := math.Inf(1)
	if j.motor.TorqueNm > 0 {
		limit = j.motor.TorqueNm
	}
	if force != nil && n.get("forcelimited") != "false" {
		limit = math.Min(limit, ratio*math.Max(math.Abs(force[0]), math.Abs(force[1])))
	}
	if e.name == "motor" && ctrl != nil && n.get("ctrllimited") != "false" {
		limit = math.Min(limit, ratio*math.Max(math.Abs(ctrl[0]), math.Abs(ctrl[1])))
	}
	if e.name == "position" {
		j.kp, j.kd = kp, kv
	}
	if math.IsInf(limit, 1) || limit <= 0 {
		m.errorf(e, "give forcerange, or ctrlrange of a motor", "joint %s: its actuator has no torque limit", name)
		limit = 1
	}
	j.motor.TorqueNm = limit
}

// torques checks that every hinge has a motor.
func (m *mjcfReader) torques(root *node) {
	var bare []string
	var at *node
	for i := range m.raw.joints {
		if j := &m.raw.joints[i]; !j.fixed && !(j.motor.TorqueNm > 0) {
			if at == nil {
				at = j.at
			}
			bare = append(bare, j.name)
		}
	}
	if at != nil {
		m.errorf(at, "give each a <motor> with a ctrlrange, or weld it: robotd drives every hinge", "%d joints have no torque limit: %s",
			len(bare), list(bare))
	}
}

// custom reads what Export adds for itself.
func (m *mjcfReader) custom(root *node) {
	for _, c := range root.all("custom") {
		for _, n := range c.all("text") {
			if role, ok := strings.CutPrefix(n.get("name"), mjcfRole); ok {
				m.raw.roles[role] = n.get("data")
			}
		}
		for _, n := range c.all("numeric") {
			name, ok := strings.CutPrefix(n.get("name"), mjcfMotor)
			if !ok {
				continue
			}
			i, there := m.joint[name]
			v, good := m.numbers(n, "data", 9, 9)
			if !there || i < 0 || !good || v == nil {
				if good {
					m.errorf(n, "name a joint of this file", "%s is for joint %q, which is not there", mjcfMotor, clip(name))
				}
				continue
			}
			j := &m.raw.joints[i]
			j.kp, j.kd, j.knot = v[0], v[1], v[8]
			mo := &j.motor
			mo.SpeedRadS, mo.Gear, mo.KtNmA, mo.ResistOhm, mo.CopperWNm2, mo.Efficiency = v[2], v[3], v[4], v[5], v[6], v[7]
		}
	}
}

// keyframe takes the standing pose from the keyframe that a standing robot would have.
func (m *mjcfReader) keyframe(root *node) {
	var keys []*node
	for _, k := range root.all("keyframe") {
		keys = append(keys, k.all("key")...)
	}
	if len(keys) == 0 {
		return
	}
	key := keys[0]
	for _, name := range []string{"stand", "standing", "home"} {
		if i := slices.IndexFunc(keys, func(k *node) bool { return k.get("name") == name }); i >= 0 {
			key = keys[i]
			break
		}
	}
	q, ok := m.numbers(key, "qpos", 0, maxNodes)
	if !ok || q == nil {
		return
	}
	if len(q) != m.nq {
		m.errorf(key, "give one number a coordinate: seven for the free base, one a hinge", "keyframe %q has %d of %d coordinates",
			clip(key.get("name")), len(q), m.nq)
		return
	}
	for i := range m.raw.joints {
		j := &m.raw.joints[i]
		if a, ok := m.address[j.at]; ok && !j.fixed {
			j.stand, j.standSaid = q[a], true
		}
	}
}
