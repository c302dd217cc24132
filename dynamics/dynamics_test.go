package dynamics

import (
	"math"
	"math/rand/v2"
	"testing"

	"robotd/body"
	"robotd/internal/rigid"
)

// randomState fills a state of all coordinates.
func randomState(m *Model, rng *rand.Rand) (pos body.Vec3, rot body.Quat, vel, ang body.Vec3, q, dq []float64) {
	v := func(s float64) body.Vec3 {
		return body.Vec3{s * rng.NormFloat64(), s * rng.NormFloat64(), s * rng.NormFloat64()}
	}
	n := m.Body().NJoints()
	q, dq = make([]float64, n), make([]float64, n)
	for j, jt := range m.Body().Joints {
		q[j] = jt.LowerRad + rng.Float64()*(jt.UpperRad-jt.LowerRad)
		dq[j] = 2 * rng.NormFloat64()
	}
	return v(1), rigid.Exp(v(1)), v(1), v(1), q, dq
}

// TestMassMatrixIsTheKineticEnergy compares ½ vᵀ M v with the links' own energy.
func TestMassMatrixIsTheKineticEnergy(t *testing.T) {
	m := New(body.Humanoid())
	k := m.NewData()
	rng := rand.New(rand.NewPCG(1, 1))
	for i := 0; i < 100; i++ {
		pos, rot, vel, ang, q, dq := randomState(m, rng)
		k.Kinematics(pos, rot, vel, ang, q, dq)
		k.MassMatrix()
		mv := make([]float64, m.nv)
		MulSym(k.M, m.nv, m.Tree(), k.qd, mv)
		e := 0.0
		for d := range mv {
			e += 0.5 * mv[d] * k.qd[d]
		}
		for j := range dq {
			e -= 0.5 * m.body.Joints[j].ArmatureKgM * dq[j] * dq[j]
		}
		if want := k.KineticEnergyJ(); math.Abs(e-want) > 1e-9*want {
			t.Fatalf("½vᵀMv = %.12g, links hold %.12g J", e, want)
		}
	}
}

// TestFactorSolves multiplies what Solve returns back.
func TestFactorSolves(t *testing.T) {
	m := New(body.Humanoid())
	k := m.NewData()
	rng := rand.New(rand.NewPCG(2, 1))
	pos, rot, vel, ang, q, dq := randomState(m, rng)
	k.Kinematics(pos, rot, vel, ang, q, dq)
	k.MassMatrix()
	x := make([]float64, m.nv)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	b := make([]float64, m.nv)
	MulSym(k.M, m.nv, m.Tree(), x, b)
	h := append([]float64(nil), k.M...)
	Factor(h, m.nv, m.Tree())
	Solve(h, m.nv, m.Tree(), b)
	for i := range x {
		if math.Abs(b[i]-x[i]) > 1e-8 {
			t.Fatalf("dof %d: %.12g, want %.12g", i, b[i], x[i])
		}
	}
}

// TestFreeFallKeepsMomentum integrates the free body with small steps: in flight the angular momentum about the centre of
// mass stays, and the linear one changes by gravity alone. It holds M, the bias and the kinematics against each other.
func TestFreeFallKeepsMomentum(t *testing.T) {
	m := New(body.Humanoid())
	k := m.NewData()
	rng := rand.New(rand.NewPCG(3, 1))
	pos, rot, vel, ang, q, dq := randomState(m, rng)
	for j := range m.body.Joints { // rotors turn with their links' parents: leave them out of the balance
		m.body.Joints[j].ArmatureKgM = 0
	}
	momentum := func() (body.Vec3, body.Vec3) {
		com, _ := k.CentreOfMass()
		return k.MomentumAbout(com)
	}
	const h, steps = 2e-5, 500
	var lin0, ang0 body.Vec3
	for i := 0; i <= steps; i++ {
		k.Kinematics(pos, rot, vel, ang, q, dq)
		k.MassMatrix()
		k.BiasForces()
		if i == 0 {
			lin0, ang0 = momentum()
		}
		if i == steps {
			break
		}
		a := make([]float64, m.nv)
		for d := range a {
			a[d] = -k.Bias[d]
		}
		hm := append([]float64(nil), k.M...)
		Factor(hm, m.nv, m.Tree())
		Solve(hm, m.nv, m.Tree(), a)
		for d := 0; d < 3; d++ {
			vel[d] += h * a[d]
			ang[d] += h * a[3+d]
		}
		pos = pos.Add(vel.Scale(h))
		rot = rot.Mul(rigid.Exp(ang.Scale(h))).Normalized()
		for j := range q {
			dq[j] += h * a[6+j]
			q[j] += h * dq[j]
		}
	}
	lin1, ang1 := momentum()
	want := lin0.Sub(body.Vec3{0, 0, m.massKg * 9.81 * h * steps})
	if d := lin1.Sub(want).Norm(); d > 1e-2 {
		t.Errorf("linear momentum off by %.3g N s", d)
	}
	if d := ang1.Sub(ang0).Norm(); d > 5e-3*(1+ang0.Norm()) {
		t.Errorf("angular momentum moved from %v to %v", ang0, ang1)
	}
}

// TestJacobianIsTheVelocity compares column sums with the point's velocity.
func TestJacobianIsTheVelocity(t *testing.T) {
	m := New(body.Humanoid())
	k := m.NewData()
	rng := rand.New(rand.NewPCG(4, 1))
	pos, rot, vel, ang, q, dq := randomState(m, rng)
	k.Kinematics(pos, rot, vel, ang, q, dq)
	for link := range m.body.Links {
		p := body.Vec3{0.1, -0.2, 0.3}
		world := k.Point(link, p)
		last := m.LinkDof(link)
		sum := k.JacobianColumn(last, world).Scale(k.qd[last])
		for _, d := range m.AncestorsOf(last) {
			sum = sum.Add(k.JacobianColumn(d, world).Scale(k.qd[d]))
		}
		if d := sum.Sub(k.PointVelocity(link, p)).Norm(); d > 1e-12 {
			t.Fatalf("link %d: Jacobian and velocity differ by %g m/s", link, d)
		}
	}
}

func TestNothingAllocates(t *testing.T) {
	m := New(body.Humanoid())
	k := m.NewData()
	rng := rand.New(rand.NewPCG(5, 1))
	pos, rot, vel, ang, q, dq := randomState(m, rng)
	if n := testing.AllocsPerRun(20, func() {
		k.Kinematics(pos, rot, vel, ang, q, dq)
		k.MassMatrix()
		k.BiasForces()
	}); n != 0 {
		t.Errorf("%g allocations", n)
	}
}
