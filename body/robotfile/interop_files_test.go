package robotfile_test

import (
	"math"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"robotd/body"
	"robotd/body/robotfile"
	"robotd/dynamics"
)

// TestInteropGazeboTakesTheSDF: sdformat's own checker finds nothing, and reads the links, joints and sensors that were meant.
func TestInteropGazeboTakesTheSDF(t *testing.T) {
	ign := peer(t, "sdformat.sh")
	file := exported(t, "sdf", robotfile.Options{})
	out, err := exec.Command(ign, "sdf", "--check", file).CombinedOutput()
	if text := string(out); err != nil || !strings.Contains(text, "Valid.") || strings.Contains(text, "Warning") || strings.Contains(text, "Error [") {
		t.Errorf("ign sdf --check: %v\n%s", err, text)
	}
	out, err = exec.Command(ign, "sdf", "--print", file).CombinedOutput()
	if err != nil {
		t.Fatalf("ign sdf --print: %v\n%s", err, out)
	}
	m := body.Humanoid()
	shapes := 0
	for _, l := range m.Links {
		for _, g := range l.Geoms {
			shapes++
			if g.Collide != body.Looks {
				shapes++
			}
		}
	}
	for _, c := range []struct {
		what string
		want int
	}{{"<link ", len(m.Links)}, {"<joint ", m.NJoints()}, {"<sensor ", 4}, {"<geometry>", shapes}, {"<frame ", 2}} {
		if n := strings.Count(string(out), c.what); n != c.want {
			t.Errorf("sdformat reads %d %s, want %d", n, c.what, c.want)
		}
	}
	t.Logf("sdformat 12 finds the SDF valid: %d links, %d joints, no warning", len(m.Links), m.NJoints())
}

// TestInteropURDFIsTheSameRobot: MuJoCo's own URDF reader gives the mass matrix that the model has without rotors.
func TestInteropURDFIsTheSameRobot(t *testing.T) {
	m := body.Humanoid()
	ask := asURDF(m, exported(t, "urdf", robotfile.Options{}), 0)
	worst := sameRobot(t, m, ask, mujoco(t, ask)[0])
	t.Logf("the exported URDF in MuJoCo's reader, 20 random states: mass matrix off by %.2g, relative", worst)
}

// asURDF asks for the mass matrix of MuJoCo's own reading of a URDF at random poses, joints in the order of m.
func asURDF(m *body.Model, file string, bound float64) request {
	ask := request{File: file, URDF: true, Bound: bound, Want: []string{"dynamics"}}
	for _, jt := range m.Joints {
		ask.Joints = append(ask.Joints, jt.Name)
	}
	rng := rand.New(rand.NewPCG(3, 1))
	for range 20 {
		s := state{QPos: []float64{0, 0, 0, 1, 0, 0, 0}, QVel: make([]float64, 6+m.NJoints())}
		for _, jt := range m.Joints {
			s.QPos = append(s.QPos, jt.LowerRad+rng.Float64()*(jt.UpperRad-jt.LowerRad))
		}
		ask.States = append(ask.States, s)
	}
	return ask
}

// sameRobot compares the mass matrix of m without rotors with MuJoCo's: total mass and the joints' block, which no choice of the
// base's axes changes. It returns the worst difference.
func sameRobot(t *testing.T, m *body.Model, ask request, got answer) float64 {
	t.Helper()
	dm := dynamics.New(m)
	worst := 0.0
	for i, s := range ask.States {
		mm, _ := ours(dm, s)
		for j := range m.Joints {
			mm[(6+j)*(dm.NV()+1)] -= m.Joints[j].ArmatureKgM
		}
		theirs := got.Dynamics[i].M
		worst = math.Max(worst, math.Abs(mm[0]/theirs[0]-1))
		worst = math.Max(worst, matrixDifference(jointBlock(mm, dm.NV()), jointBlock(theirs, dm.NV()), m.NJoints()))
	}
	if worst > 1e-8 {
		t.Errorf("mass matrix off by %.3g, relative", worst)
	}
	return worst
}

func jointBlock(mm []float64, nv int) []float64 {
	var out []float64
	for a := 6; a < nv; a++ {
		out = append(out, mm[a*nv+6:(a+1)*nv]...)
	}
	return out
}

// real is one of the field's own robot files and what must come of it.
type real struct {
	file         string
	joints       int
	refused      string // part of the error
	feet, hands  [2]string
	chest        string
	heightM      float64 // of the base in the zero pose, 0 not checked
	boundInertia float64 // MuJoCo refuses the file's point masses without it
}

var reals = []real{
	{file: "g1_description/urdf/g1_29dof_rev_1_0.urdf", joints: 29, feet: [2]string{"left_ankle_roll_link", "right_ankle_roll_link"},
		hands: [2]string{"left_wrist_yaw_link", "right_wrist_yaw_link"}, chest: "torso_link", heightM: 0.79},
	{file: "g1_description/urdf/g1_29dof_with_hand_rev_1_0.urdf", joints: 43, feet: [2]string{"left_ankle_roll_link", "right_ankle_roll_link"},
		hands: [2]string{"left_wrist_yaw_link", "right_wrist_yaw_link"}, chest: "torso_link", heightM: 0.79},
	{file: "icub_description/robots/icub.urdf", joints: 32, feet: [2]string{"l_ankle_2", "r_ankle_2"}, hands: [2]string{"l_hand", "r_hand"},
		chest: "chest", heightM: 0.6, boundInertia: 1e-12},
	{file: "icub_description/robots/icub_reduced.urdf", joints: 29, feet: [2]string{"l_ankle_2", "r_ankle_2"},
		hands: [2]string{"l_hand", "r_hand"}, chest: "chest", heightM: 0.6, boundInertia: 1e-12},
	{file: "talos_data/robots/talos_full_v2.urdf", joints: 32, feet: [2]string{"leg_left_6_link", "leg_right_6_link"},
		hands: [2]string{"arm_left_7_link", "arm_right_7_link"}, chest: "torso_2_link", heightM: 1.08},
	{file: "talos_data/robots/talos_reduced.urdf", joints: 32, feet: [2]string{"leg_left_6_link", "leg_right_6_link"},
		hands: [2]string{"arm_left_7_link", "arm_right_7_link"}, chest: "torso_2_link", heightM: 1.08},
	{file: "simple_humanoid_description/urdf/simple_humanoid.urdf", joints: 29, feet: [2]string{"l_ankle", "r_ankle"},
		hands: [2]string{"l_wrist", "r_wrist"}, chest: "torso"},
	{file: "bolt_description/robots/bolt.urdf", joints: 6, feet: [2]string{"FL_LOWER_LEG", "FR_LOWER_LEG"},
		hands: [2]string{"base_link", "base_link"}, chest: "base_link"},
	{file: "romeo_description/urdf/romeo.urdf", refused: "joint LHand: torque limit 0"},
	{file: "romeo_description/urdf/romeo_small.urdf", refused: "link RShoulderYawLink: the inertia breaks the triangle inequality"},
	{file: "panda_description/urdf/panda.urdf", refused: "type prismatic is not supported"},
}

// TestInteropRealRobots reads the field's own humanoids: what is accepted has MuJoCo's mass matrix, what is refused is refused
// for a fault that is named.
func TestInteropRealRobots(t *testing.T) {
	dir := peer(t, "robots.sh")
	var models []*body.Model
	var asks []request
	for _, c := range reals {
		file := filepath.Join(dir, c.file)
		m, findings, err := robotfile.Load(file)
		if c.refused != "" {
			if err == nil || !strings.Contains(err.Error(), c.refused) || !strings.Contains(err.Error(), ".urdf:") {
				t.Errorf("%s: error %v, want one with %q and its place", c.file, err, c.refused)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		c.check(t, m)
		t.Logf("%s: %d joints, %.2f kg, base at %.3f m, %d findings", m.Name, m.NJoints(), m.MassKg(), m.StandHeightM, len(findings))
		models = append(models, m)
		asks = append(asks, asURDF(m, file, c.boundInertia))
	}
	for i, got := range mujoco(t, asks...) {
		worst := sameRobot(t, models[i], asks[i], got)
		t.Logf("%s: mass matrix off MuJoCo's by %.2g", models[i].Name, worst)
	}
}

// check compares joints, roles and height.
func (c *real) check(t *testing.T, m *body.Model) {
	name := func(l int) string { return m.Links[l].Name }
	feet := [2]string{name(m.Feet[0].Link), name(m.Feet[1].Link)}
	hands := [2]string{name(m.Hands[0]), name(m.Hands[1])}
	if m.NJoints() != c.joints || feet != c.feet || hands != c.hands || name(m.Chest) != c.chest {
		t.Errorf("%s: %d joints, feet %v, hands %v, chest %s", c.file, m.NJoints(), feet, hands, name(m.Chest))
	}
	if c.heightM > 0 && math.Abs(m.StandHeightM-c.heightM) > 0.02 {
		t.Errorf("%s: base %.3f m above the floor, about %g expected", c.file, m.StandHeightM, c.heightM)
	}
}

// TestInteropForeignMJCF: a model in the manner of others, with all that MJCF lets one leave to defaults, has the same mass
// matrix and bias forces here as in MuJoCo.
func TestInteropForeignMJCF(t *testing.T) {
	const file = "testdata/foreign.xml"
	m, findings, err := robotfile.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	dm := dynamics.New(m)
	states := randomStates(m, 50)
	ask := request{File: file, Want: []string{"dynamics"}}
	for _, s := range states { // the ball comes first
		ask.States = append(ask.States, state{QPos: append([]float64{9, 9, 9, 1, 0, 0, 0}, s.QPos...), QVel: append(make([]float64, 6), s.QVel...)})
	}
	worstM, worstB := 0.0, 0.0
	nv := dm.NV()
	for i, a := range mujoco(t, ask)[0].Dynamics {
		var theirs []float64
		for row := 6; row < 6+nv; row++ {
			theirs = append(theirs, a.M[row*(6+nv)+6:(row+1)*(6+nv)]...)
		}
		mm, bias := ours(dm, states[i])
		worstM = math.Max(worstM, matrixDifference(mm, theirs, nv))
		worstB = math.Max(worstB, difference(bias, a.Bias[6:]))
	}
	t.Logf("foreign MJCF, %d joints, %.2f kg, %d findings: mass matrix off MuJoCo's by %.2g, bias by %.2g", m.NJoints(), m.MassKg(), len(findings),
		worstM, worstB)
	if worstM > 1e-8 || worstB > 1e-8 {
		t.Errorf("mass matrix off by %.3g, bias by %.3g", worstM, worstB)
	}
	hip := m.Joints[m.JointIndex("hip_y_left")]
	if hip.Motor.TorqueNm != 120 || hip.KpNmRad != 120 || hip.KdNmsRad != 3 || m.StandRad[m.JointIndex("knee_right")] != 0.4 {
		t.Errorf("hip_y_left %+v, stand %v", hip, m.StandRad)
	}
	if forward := m.Camera.Rot.Rotate(body.Vec3{0, 0, 1}); m.Camera.Link != m.LinkIndex("head") || forward[0] < 0.9 || m.Camera.FovYRad < 1.39 {
		t.Errorf("camera %+v looks along %v", m.Camera, forward)
	}
}
