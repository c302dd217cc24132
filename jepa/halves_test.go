package jepa

import (
	"strings"
	"testing"

	"robotd/body"
)

func TestHalvesOfTheHumanoid(t *testing.T) {
	m := body.Humanoid()
	x, err := halvesOf(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		joint, from string
		sign        float32
	}{{"left_knee", "right_knee", 1}, {"right_hip_roll", "left_hip_roll", -1}, {"left_shoulder_yaw", "right_shoulder_yaw", -1},
		{"waist_yaw", "waist_yaw", -1}, {"waist_pitch", "waist_pitch", 1}, {"neck_pitch", "neck_pitch", 1}} {
		j := m.JointIndex(tc.joint)
		if m.Joints[x.from[j]].Name != tc.from || x.sign[j] != tc.sign {
			t.Errorf("%s is %g × %s, want %g × %s", tc.joint, x.sign[j], m.Joints[x.from[j]].Name, tc.sign, tc.from)
		}
	}
	for j := range x.from { // twice is nothing
		if x.from[x.from[j]] != j || x.sign[j]*x.sign[x.from[j]] != 1 {
			t.Errorf("%s comes back as another", m.Joints[j].Name)
		}
	}
}

// TestUnequalHalvesHaveNoMirror: the error names the joint and what differs.
func TestUnequalHalvesHaveNoMirror(t *testing.T) {
	for _, tc := range []struct {
		want  string
		spoil func(m *body.Model)
	}{
		{"kg", func(m *body.Model) { m.Links[m.JointIndex("left_knee")+1].MassKg += 0.1 }},
		{"kg", func(m *body.Model) { m.Links[m.JointIndex("left_knee")+1].ComM[1] += 0.01 }},
		{"origins", func(m *body.Model) { m.Joints[m.JointIndex("left_knee")].OriginM[2] -= 0.01 }},
		{"axes", func(m *body.Model) { m.Joints[m.JointIndex("left_knee")].Axis = body.Vec3{0.6, 0.8, 0} }},
		{"frames", func(m *body.Model) { m.Joints[m.JointIndex("left_knee")].Rot = body.Quat{0.6, 0.8, 0, 0} }},
		{"standing", func(m *body.Model) { m.StandRad[m.JointIndex("left_knee")] += 0.1 }},
		{"moved", func(m *body.Model) { m.KnotRad[m.JointIndex("left_knee")] += 0.1 }},
		{"no joint right_shin", func(m *body.Model) { m.Joints[m.JointIndex("left_knee")].Name = "left_shin" }},
	} {
		m := body.Humanoid()
		tc.spoil(m)
		if _, err := halvesOf(m); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v, want one that names %q", err, tc.want)
		}
	}
}
