package body

import (
	"math"
	"testing"
)

func TestHumanoidIsWhatTheDesignSays(t *testing.T) {
	m := Humanoid()
	if m.NJoints() != 28 {
		t.Fatalf("actuators: %d, want 28", m.NJoints())
	}
	if kg := m.MassKg(); math.Abs(kg-33.68) > 0.01 {
		t.Errorf("mass %.3f kg, want 33.68", kg)
	}
	if h := m.StandHeightM; math.Abs(h-0.741) > 0.002 {
		t.Errorf("standing height %.4f m, want 0.741", h)
	}
	for j, joint := range m.Joints {
		if q := m.StandRad[j]; q < joint.LowerRad || q > joint.UpperRad {
			t.Errorf("%s stands at %g outside [%g, %g]", joint.Name, q, joint.LowerRad, joint.UpperRad)
		}
		if m.Links[j+1].Parent != joint.Parent || joint.Parent > j {
			t.Errorf("%s: tree order broken", joint.Name)
		}
	}
}

func TestHumanoidMirrorsLeftAndRight(t *testing.T) {
	m := Humanoid()
	for _, j := range m.Joints {
		if len(j.Name) < 6 || j.Name[:5] != "left_" {
			continue
		}
		k := m.JointIndex("right_" + j.Name[5:])
		r := m.Joints[k]
		if r.OriginM != times(j.OriginM, Vec3{1, -1, 1}) {
			t.Errorf("%s: origin %v does not mirror %v", r.Name, r.OriginM, j.OriginM)
		}
		lower, upper := j.LowerRad, j.UpperRad
		if j.Axis != axisY {
			lower, upper = -j.UpperRad, -j.LowerRad
		}
		if r.LowerRad != lower || r.UpperRad != upper {
			t.Errorf("%s: range [%g, %g], want [%g, %g]", r.Name, r.LowerRad, r.UpperRad, lower, upper)
		}
	}
}

func TestCameraLooksForwardAndDown(t *testing.T) {
	m := Humanoid()
	z := m.Camera.Rot.Rotate(Vec3{0, 0, 1})
	x := m.Camera.Rot.Rotate(Vec3{1, 0, 0})
	if z[0] < 0.9 || z[2] > -0.3 || x[1] > -0.99 {
		t.Errorf("optical axis %v, right %v: want forward-down and −y", z, x)
	}
}
