package body

import (
	"strings"
	"testing"
)

func TestMirrorOfTheHumanoid(t *testing.T) {
	m := Humanoid()
	x, err := m.Mirror()
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		joint, from string
		sign        float32
	}{{"left_knee", "right_knee", 1}, {"right_hip_roll", "left_hip_roll", -1}, {"left_shoulder_yaw", "right_shoulder_yaw", -1},
		{"waist_yaw", "waist_yaw", -1}, {"waist_pitch", "waist_pitch", 1}, {"neck_pitch", "neck_pitch", 1}} {
		j := m.JointIndex(tc.joint)
		if m.Joints[x.From[j]].Name != tc.from || x.Sign[j] != tc.sign {
			t.Errorf("%s is %g × %s, want %g × %s", tc.joint, x.Sign[j], m.Joints[x.From[j]].Name, tc.sign, tc.from)
		}
	}
	for j := range x.From { // twice is nothing
		if x.From[x.From[j]] != j || x.Sign[j]*x.Sign[x.From[j]] != 1 {
			t.Errorf("%s comes back as another", m.Joints[j].Name)
		}
	}
}

// TestUnequalHalvesHaveNoMirror: the error names the joint and what differs.
func TestUnequalHalvesHaveNoMirror(t *testing.T) {
	for _, tc := range []struct {
		want  string
		spoil func(m *Model)
	}{
		{"kg", func(m *Model) { m.Links[m.JointIndex("left_knee")+1].MassKg += 0.1 }},
		{"kg", func(m *Model) { m.Links[m.JointIndex("left_knee")+1].ComM[1] += 0.01 }},
		{"origins", func(m *Model) { m.Joints[m.JointIndex("left_knee")].OriginM[2] -= 0.01 }},
		{"axes", func(m *Model) { m.Joints[m.JointIndex("left_knee")].Axis = Vec3{0.6, 0.8, 0} }},
		{"frames", func(m *Model) { m.Joints[m.JointIndex("left_knee")].Rot = Quat{0.6, 0.8, 0, 0} }},
		{"standing", func(m *Model) { m.StandRad[m.JointIndex("left_knee")] += 0.1 }},
		{"moved", func(m *Model) { m.KnotRad[m.JointIndex("left_knee")] += 0.1 }},
		{"no joint right_shin", func(m *Model) { m.Joints[m.JointIndex("left_knee")].Name = "left_shin" }},
	} {
		m := Humanoid()
		tc.spoil(m)
		if _, err := m.Mirror(); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v, want one that names %q", err, tc.want)
		}
	}
}
