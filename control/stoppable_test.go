package control_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"robotd/body"
	"robotd/control"
	"robotd/dynamics"
)

// still returns the state of the standing robot, turned to a heading, both soles loaded.
func still(m *body.Model, yaw float64) body.State {
	return placed(m, m.StandRad, body.Quat{math.Cos(yaw / 2), 0, 0, math.Sin(yaw / 2)})
}

// placed returns the state at joint angles and a base orientation.
func placed(m *body.Model, q []float64, rot body.Quat) (st body.State) {
	k := dynamics.New(m).NewData()
	k.Kinematics(body.Vec3{}, rot, body.Vec3{}, body.Vec3{}, q, make([]float64, len(q)))
	copy(st.QRad[:], q)
	st.Rot = rot
	st.Foot[0].ForceN[2], st.Foot[1].ForceN[2] = 170, 170
	k.Balance(body.Vec3{}, &st.Foot, &st.Balance)
	return st
}

func TestQuietStandingIsStoppable(t *testing.T) {
	m := body.Humanoid()
	for _, yaw := range []float64{0, 1, -2.5} {
		st := still(m, yaw)
		ok, margin := control.Stoppable(m, &st)
		// The soles are 15 cm long, the centre of mass stands 1 cm off their middle.
		if !ok || math.Abs(margin-0.066) > 0.001 {
			t.Errorf("heading %g: stoppable %v by %g m", yaw, ok, margin)
		}
		st.Balance.CaptureM[0] += margin - 0.021
		if ok, left := control.Stoppable(m, &st); !ok || math.Abs(left-0.021) > 1e-9 {
			t.Errorf("heading %g, 2.1 cm inside: %v by %g m", yaw, ok, left)
		}
		st.Balance.CaptureM[0] += 0.002
		if ok, _ := control.Stoppable(m, &st); ok {
			t.Errorf("heading %g: stoppable 1.9 cm inside", yaw)
		}
		st.Balance.CaptureM[0] += 0.1
		if ok, margin := control.Stoppable(m, &st); ok || math.Abs(margin+0.081) > 1e-9 {
			t.Errorf("heading %g: 8.1 cm outside: %v, %g m", yaw, ok, margin)
		}
	}
}

func TestAFastJointCannotBeStopped(t *testing.T) {
	m := body.Humanoid()
	st := still(m, 0)
	for _, c := range []struct {
		dq float64
		ok bool
	}{{2, true}, {-2, true}, {2.01, false}, {-2.01, false}, {math.NaN(), false}} {
		st.DQRadS[27] = c.dq
		if ok, margin := control.Stoppable(m, &st); ok != c.ok || margin < 0.06 {
			t.Errorf("%g rad/s: %v by %g m", c.dq, ok, margin)
		}
	}
}

// TestOnlyLoadedSolesSupport: on one foot the middle between the feet is outside; in the air nothing supports.
func TestOnlyLoadedSolesSupport(t *testing.T) {
	m := body.Humanoid()
	st := still(m, 0.7)
	for side, lateral := range []float64{0.09, -0.09} {
		one := st
		one.Balance.LoadN[1-side] = 16 // of 333 N
		if ok, margin := control.Stoppable(m, &one); ok || math.Abs(margin+0.06) > 0.001 {
			t.Errorf("on foot %d: %v by %g m, its inner edge is 6 cm from the middle", side, ok, margin)
		}
		one.Balance.CaptureM = [2]float64{st.Balance.CaptureM[0], lateral}
		if ok, margin := control.Stoppable(m, &one); !ok || math.Abs(margin-0.03) > 0.001 {
			t.Errorf("over foot %d: %v by %g m", side, ok, margin)
		}
	}
	st.Balance.LoadN = [2]float64{16, 16}
	if ok, margin := control.Stoppable(m, &st); ok || margin != -1 {
		t.Errorf("in the air: %v by %g m", ok, margin)
	}
}

// TestSupportFollowsTheFeet: in random poses the margin is that of the soles' true corners, found another way: the nearest of
// many directions in which the hull ends.
func TestSupportFollowsTheFeet(t *testing.T) {
	m := body.Humanoid()
	k := dynamics.New(m).NewData()
	rng := rand.New(rand.NewPCG(5, 5))
	q, dq := make([]float64, m.NJoints()), make([]float64, m.NJoints())
	for range 100 {
		for j := range q {
			q[j] = m.StandRad[j] + 0.3*rng.NormFloat64()
		}
		rot := body.Quat{rng.NormFloat64(), 0.2 * rng.NormFloat64(), 0.2 * rng.NormFloat64(), rng.NormFloat64()}.Normalized()
		st := placed(m, q, rot)
		st.Balance.CaptureM = [2]float64{0.1 * rng.NormFloat64(), 0.1 * rng.NormFloat64()}
		k.Kinematics(body.Vec3{}, rot, body.Vec3{}, body.Vec3{}, q, dq)
		want := math.Inf(1)
		sin, cos := math.Sincos(rot.YawRad())
		mid := k.Point(m.Feet[0].Link, m.Feet[0].SoleM).Add(k.Point(m.Feet[1].Link, m.Feet[1].SoleM)).Scale(0.5)
		for step := range 7200 {
			nx, ny := math.Cos(float64(step)*math.Pi/3600), math.Sin(float64(step)*math.Pi/3600)
			edge := math.Inf(-1)
			for side := range m.Feet {
				for _, c := range m.Feet[side].CornerM {
					p := k.Point(m.Feet[side].Link, c).Sub(mid)
					edge = math.Max(edge, nx*(cos*p[0]+sin*p[1])+ny*(cos*p[1]-sin*p[0]))
				}
			}
			want = math.Min(want, edge-nx*st.Balance.CaptureM[0]-ny*st.Balance.CaptureM[1])
		}
		// Outside beyond a corner the nearest side's line is closer than the corner: both are negative.
		_, got := control.Stoppable(m, &st)
		if want > 0 && math.Abs(got-want) > 3e-4 || want < 0 && !(got < 1e-6 && got >= want-3e-4) {
			t.Fatalf("margin %g, want %g", got, want)
		}
	}
}

func TestNonsenseIsNotStoppable(t *testing.T) {
	m := body.Humanoid()
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64} {
		for i, spoil := range []func(st *body.State){
			func(st *body.State) { st.Balance.CaptureM[1] = bad },
			func(st *body.State) { st.Balance.ComM[0] = bad },
			func(st *body.State) { st.Rot[0] = bad },
			func(st *body.State) { st.QRad[3], st.QRad[9] = bad, bad },
		} {
			st := still(m, 0)
			spoil(&st)
			ok, margin := control.Stoppable(m, &st)
			if i < 2 && ok || math.IsNaN(margin) || math.IsInf(margin, 0) || margin < -1 {
				t.Errorf("%g in part %d: %v by %g m", bad, i, ok, margin)
			}
		}
	}
}

func TestStoppableAllocatesNothing(t *testing.T) {
	m := body.Humanoid()
	st := still(m, 0)
	if n := testing.AllocsPerRun(100, func() { control.Stoppable(m, &st) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

func BenchmarkStoppable(b *testing.B) {
	m := body.Humanoid()
	st := still(m, 0)
	for b.Loop() {
		control.Stoppable(m, &st)
	}
}
