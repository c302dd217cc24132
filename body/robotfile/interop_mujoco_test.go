package robotfile_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"robotd/body"
	"robotd/body/robotfile"
	"robotd/dynamics"
	"robotd/internal/rigid"
)

// TestInteropMuJoCoReadsTheModel compares what MuJoCo 4 compiles from the MJCF with the model, part by part.
func TestInteropMuJoCoReadsTheModel(t *testing.T) {
	m := body.Humanoid()
	got := mujoco(t, request{File: exported(t, "mjcf", robotfile.Options{}), Want: []string{"model"}})[0].Model
	if math.Abs(got.Mass-m.MassKg()) > 1e-9 || len(got.Bodies) != len(m.Links) || len(got.Joints) != m.NJoints()+1 || len(got.Motors) != m.NJoints() {
		t.Fatalf("%g kg, %d bodies, %d joints, %d motors; the model has %g kg, %d links, %d joints", got.Mass, len(got.Bodies), len(got.Joints),
			len(got.Motors), m.MassKg(), len(m.Links), m.NJoints())
	}
	near := func(what string, a, b float64) {
		t.Helper()
		if math.Abs(a-b) > 1e-9 {
			t.Errorf("%s: MuJoCo %.12g, model %.12g", what, a, b)
		}
	}
	for i, l := range m.Links {
		b := got.Bodies[i]
		if b.Name != l.Name || (i > 0 && b.Parent != m.Links[l.Parent].Name) {
			t.Fatalf("body %d is %s below %s", i, b.Name, b.Parent)
		}
		near(l.Name+" mass", b.Mass, l.MassKg)
		for k := range 3 {
			near(l.Name+" com", b.Com[k], l.ComM[k])
		}
		for k, at := range []int{0, 4, 8, 1, 2, 5} {
			near(l.Name+" inertia", b.Inertia[at], l.Inert[k])
		}
	}
	for j, jt := range m.Joints {
		g, mo := got.Joints[j+1], got.Motors[j]
		if g.Name != jt.Name || g.Body != m.Links[j+1].Name || !g.Limited || mo.Name != jt.Name || mo.Joint != jt.Name {
			t.Fatalf("joint %d is %s of %s, motor %s of %s", j, g.Name, g.Body, mo.Name, mo.Joint)
		}
		near(jt.Name+" lower", g.Range[0], jt.LowerRad)
		near(jt.Name+" upper", g.Range[1], jt.UpperRad)
		near(jt.Name+" armature", g.Armature, jt.ArmatureKgM)
		near(jt.Name+" damping", g.Damping, jt.DampingNms)
		near(jt.Name+" dry friction", g.Frictionloss, jt.FrictionNm)
		near(jt.Name+" torque", mo.Range[1], jt.Motor.TorqueNm)
		near(jt.Name+" torque", -mo.Range[0], jt.Motor.TorqueNm)
		near(jt.Name+" stand", got.Key[7+j], m.StandRad[j])
		for k := range 3 {
			near(jt.Name+" axis", g.Axis[k], jt.Axis[k])
		}
	}
	near("standing height", got.Key[2], m.StandHeightM)
	near("timestep", got.Timestep, 1e-3)
	near("gravity", got.Gravity[2], -body.DefaultContact.GravityMS)
	checkCamera(t, m, got.Camera.Rot, got.Camera.Fovy, got.Camera.Resolution)
	want := []string{"gyro", "accelerometer", "left_foot_force", "left_foot_torque", "right_foot_force", "right_foot_torque"}
	if !slices.Equal(got.Sensors, want) {
		t.Errorf("sensors %v, want %v", got.Sensors, want)
	}
}

// checkCamera turns MuJoCo's camera axes (x right, y up, looking along −z) back into the optical frame.
func checkCamera(t *testing.T, m *body.Model, rot []float64, fovyDeg float64, resolution []int) {
	optical := m.Camera.Rot.Mat()
	for i := range 3 {
		r := rot[3*i : 3*i+3]
		for k, v := range []float64{r[0], -r[1], -r[2]} {
			if math.Abs(v-optical[3*i+k]) > 1e-9 {
				t.Errorf("camera axis %d along %d: %g, optical frame %g", k, i, v, optical[3*i+k])
			}
		}
	}
	if math.Abs(fovyDeg*math.Pi/180-m.Camera.FovYRad) > 1e-9 || !slices.Equal(resolution, []int{64, 64}) {
		t.Errorf("camera of %g degrees, %v", fovyDeg, resolution)
	}
}

// TestInteropMassMatrixAndBias compares joint-space inertia and bias forces at random states. Both sides take the base's
// velocity as linear in world and angular in base axes, so nothing has to be turned.
func TestInteropMassMatrixAndBias(t *testing.T) {
	m := body.Humanoid()
	dm := dynamics.New(m)
	states := randomStates(m, 100)
	got := mujoco(t, request{File: exported(t, "mjcf", robotfile.Options{}), States: states, Want: []string{"dynamics"}})[0].Dynamics
	worstM, worstB := 0.0, 0.0
	for i, s := range states {
		mm, bias := ours(dm, s)
		worstM = math.Max(worstM, matrixDifference(mm, got[i].M, dm.NV()))
		worstB = math.Max(worstB, difference(bias, got[i].Bias))
	}
	t.Logf("mass matrix and bias against MuJoCo 4.0.0, 100 random states: worst relative difference %.2g and %.2g", worstM, worstB)
	if worstM > 1e-8 || worstB > 1e-8 {
		t.Errorf("mass matrix off by %.3g, bias by %.3g, relative", worstM, worstB)
	}
}

func randomStates(m *body.Model, n int) []state {
	rng := rand.New(rand.NewPCG(7, 1))
	var out []state
	for range n {
		rot := rigid.Exp(body.Vec3{rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()})
		s := state{QPos: []float64{rng.NormFloat64(), rng.NormFloat64(), 10 + rng.NormFloat64(), rot[0], rot[1], rot[2], rot[3]}}
		for _, jt := range m.Joints {
			s.QPos = append(s.QPos, jt.LowerRad+rng.Float64()*(jt.UpperRad-jt.LowerRad))
		}
		for range 6 + m.NJoints() {
			s.QVel = append(s.QVel, 2*rng.NormFloat64())
		}
		out = append(out, s)
	}
	return out
}

// ours returns the full mass matrix and the bias forces of package dynamics.
func ours(dm *dynamics.Model, s state) (mm, bias []float64) {
	k, nv := dm.NewData(), dm.NV()
	q, v := s.QPos, s.QVel
	k.Kinematics(body.Vec3(q[:3]), body.Quat(q[3:7]), body.Vec3(v[:3]), body.Vec3(v[3:6]), q[7:], v[6:])
	k.MassMatrix()
	k.BiasForces()
	mm = make([]float64, nv*nv)
	for i := range nv {
		for j := range i + 1 {
			mm[i*nv+j], mm[j*nv+i] = k.M[i*nv+j], k.M[i*nv+j]
		}
	}
	return mm, k.Bias
}

// difference returns the largest difference, relative to the largest entry.
func difference(a, b []float64) float64 {
	size, worst := 0.0, 0.0
	for i := range a {
		size = math.Max(size, math.Abs(b[i]))
		worst = math.Max(worst, math.Abs(a[i]-b[i]))
	}
	return worst / size
}

// matrixDifference returns the largest difference of two n × n inertias, each entry relative to the two diagonal ones that bound
// it, so that a wrist's error is not lost beside the body's mass.
func matrixDifference(a, b []float64, n int) float64 {
	worst := 0.0
	for i := range n {
		for j := range n {
			worst = math.Max(worst, math.Abs(a[i*n+j]-b[i*n+j])/math.Sqrt(b[i*n+i]*b[j*n+j]))
		}
	}
	return worst
}

// TestInteropContactsOfStanding: in the keyframe, 0.1 mm lower, the eight sole spheres touch the floor and nothing else does;
// in the keyframe itself the lowest of them is at the floor.
func TestInteropContactsOfStanding(t *testing.T) {
	m := body.Humanoid()
	at := func(drop float64) state {
		return state{QPos: append([]float64{0, 0, m.StandHeightM - drop, 1, 0, 0, 0}, m.StandRad...), QVel: make([]float64, 6+m.NJoints())}
	}
	got := mujoco(t, request{File: exported(t, "mjcf", robotfile.Options{}), States: []state{at(1e-4), at(-1e-6), at(1e-6)}, Want: []string{"contacts"}})[0].Contacts
	soles := map[string]int{}
	for _, c := range got[0] {
		a, b := c[0].(string), c[1].(string)
		if a != "floor" || math.Abs(c[2].(float64)+1e-4) > 1e-9 {
			t.Errorf("%s touches %s at %v m", a, b, c[2])
		}
		soles[b[:strings.LastIndex(b, "_")]]++
	}
	if len(got[0]) != 8 || soles["left_foot"] != 4 || soles["right_foot"] != 4 {
		t.Errorf("contacts %v, want four of each foot", got[0])
	}
	if len(got[1]) != 0 || len(got[2]) != 8 {
		t.Errorf("a micrometre above the floor %d contacts, below it %d; want 0 and 8", len(got[1]), len(got[2]))
	}
}
