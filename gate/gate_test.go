package gate

import (
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"robotd/body"
	"robotd/power"
)

// calm fills sensors and command of a robot that stands still and holds its pose.
func calm(m *body.Model, nowNs int64, s *body.Sensors, c *body.Command) {
	*s, *c = body.Sensors{StampNs: nowNs, AccelMS2: body.Vec3{0, 0, 9.81}}, body.Command{StampNs: nowNs}
	for j := range m.Joints {
		s.QRad[j], c.QRad[j] = m.StandRad[j], m.StandRad[j]
		c.KpNmRad[j], c.KdNmsRad[j] = m.Joints[j].KpNmRad, m.Joints[j].KdNmsRad
	}
}

func newGate(t testing.TB) (*body.Model, *Gate) {
	t.Helper()
	m := body.Humanoid()
	g, err := New(m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m, g
}

func healthyInput(s *body.Sensors, c *body.Command) Input {
	return Input{NowNs: s.StampNs, Sensors: s, Command: c, PlanFresh: true, TailNs: 1e8, Mode1OK: true, BalanceOK: true}
}

func TestAHealthyTickIsGrantedAsAsked(t *testing.T) {
	m, g := newGate(t)
	var s body.Sensors
	var c body.Command
	var out Granted
	var v Verdict
	for k := int64(1); k <= 1000; k++ {
		calm(m, k*tickNs, &s, &c)
		in := healthyInput(&s, &c)
		g.Step(&in, &out, &v)
		if v.Rung != body.RungPlan || v.Causes != 0 || v.Limited != 0 || out.Rung() != body.RungPlan {
			t.Fatalf("tick %d: %+v", k, v)
		}
		if *out.Command() != c {
			t.Fatalf("tick %d: the command was changed", k)
		}
	}
	if v.BudgetW != 390 {
		t.Errorf("actuators may draw %g W, want 500−60−28−12−10", v.BudgetW)
	}
}

// unknownC is the winding's temperature of a drive that has no sensor for it.
var unknownC = math.NaN()

// drawW is what a torque draws at a winding's temperature, apart from the code under test.
func drawW(m *body.Motor, tau, dq, tempC float64) float64 {
	w := m.CopperWNm2 * (1 + 0.00393*(tempC-25)) * tau * tau
	if tau*dq > 0 {
		w += tau * dq / m.Efficiency
	}
	return w
}

// byzantine fills a tick with whatever a broken or hostile planner and broken sensors may send.
func byzantine(m *body.Model, rng *rand.Rand, nowNs int64, s *body.Sensors, c *body.Command, in *Input) {
	calm(m, nowNs, s, c)
	*in = healthyInput(s, c)
	nasty := [...]float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, 5e-324, 1e9, -1e9, 0}
	wild := func() float64 {
		switch rng.IntN(4) {
		case 0:
			return nasty[rng.IntN(len(nasty))]
		case 1:
			return math.Float64frombits(rng.Uint64())
		}
		return 100 * rng.NormFloat64()
	}
	share := [...]float64{0, 0.02, 0.3}[rng.IntN(3)]
	for j := range m.Joints {
		motor := &m.Joints[j].Motor
		s.QRad[j] += 0.5 * rng.NormFloat64()
		s.DQRadS[j] = motor.SpeedRadS * rng.NormFloat64()
		c.QRad[j] += 2 * rng.NormFloat64()
		c.TauNm[j] = 2 * motor.TorqueNm * rng.NormFloat64()
		c.KpNmRad[j] = math.Abs(1e4 * rng.NormFloat64())
		c.KdNmsRad[j] = 1e3 * rng.NormFloat64()
		if rng.Float64() < share {
			s.QRad[j], s.DQRadS[j], s.TauNm[j] = wild(), wild(), wild()
		}
		if rng.Float64() < share*share {
			c.QRad[j], c.DQRadS[j], c.TauNm[j], c.KpNmRad[j], c.KdNmsRad[j] = wild(), wild(), wild(), wild(), wild()
		}
	}
	if rng.Float64() < share {
		s.BusW, s.GyroRadS[0], s.AccelMS2[2], in.ComputeW = wild(), wild(), wild(), wild()
		in.Rung, in.Want = body.Rung(rng.IntN(256)), body.Rung(rng.IntN(256))
		in.NowNs, s.StampNs, c.StampNs = int64(rng.Uint64()), int64(rng.Uint64()), int64(rng.Uint64())
		in.PlanFresh, in.Mode1OK, in.BalanceOK, in.Stop, in.Ack = rng.IntN(2) == 0, rng.IntN(2) == 0, rng.IntN(2) == 0, rng.IntN(9) == 0, rng.IntN(2) == 0
		in.TailNs = int64(rng.Uint64())
	}
	in.HumanNear, in.ArmContact[0], in.ArmContact[1] = Near(rng.IntN(5)), rng.IntN(3) == 0, rng.IntN(3) == 0
	if rng.Float64() < 0.05*share {
		in.StopLine = [2]Line{Line(rng.IntN(5)), Line(rng.IntN(5))}
		in.OnHoist, in.Arm, in.BusV, s.Foot[0].ForceN[2] = rng.IntN(2) == 0, rng.IntN(2) == 0, wild(), wild()
	}
}

// TestByzantine: whatever planner and sensors send, at no instant of a tick does the bus draw more than the budget or a
// joint give more than its peak, though positions, speeds and windings' temperatures jump while the drives run.
func TestByzantine(t *testing.T) {
	ticks := 1_000_000
	if s := os.Getenv("ROBOTD_BYZANTINE_TICKS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		ticks = n
	}
	if testing.Short() {
		ticks /= 40
	}
	m, g := newGate(t)
	rng := rand.New(rand.NewPCG(8, 8))
	var s body.Sensors
	var c body.Command
	var in Input
	var out Granted
	var v Verdict
	worstW, capped, reached := 0.0, 0, [body.NRungs]int{}
	for k := 1; k <= ticks; k++ {
		if k%100 == 0 {
			g.Reset()
		}
		byzantine(m, rng, int64(k)*tickNs, &s, &c, &in)
		g.Step(&in, &out, &v)
		reached[v.Rung]++
		if v.Lambda > 0 {
			capped++
		}
		allowed := power.DefaultBudget.ActuatorW(m, in.ComputeW)
		sumW := 0.0
		for j := range m.Joints {
			motor := &m.Joints[j].Motor
			q, dq := m.StandRad[j]+rng.NormFloat64(), 1.5*motor.SpeedRadS*rng.NormFloat64()
			windingC := 25 + 125*rng.Float64()
			tau := out.TorqueNm(j, q, dq, windingC)
			if !(math.Abs(tau) <= motor.TorqueNm) || (tau*dq > 0 && math.Abs(dq) > motor.SpeedRadS) {
				t.Fatalf("tick %d: joint %d gives %g N m at %g rad/s", k, j, tau, dq)
			}
			sumW += drawW(motor, tau, dq, windingC)
			if z := &out.cmd; !(z.QRad[j] >= m.Joints[j].LowerRad-2.1 && z.QRad[j] <= m.Joints[j].UpperRad+2.1) || !(z.KpNmRad[j] >= 0) {
				t.Fatalf("tick %d: joint %d granted %g rad, kp %g", k, j, z.QRad[j], z.KpNmRad[j])
			}
		}
		worstW = max(worstW, sumW)
		if !(sumW <= allowed+1e-6) {
			t.Fatalf("tick %d: the bus draws %g W of %g", k, sumW, allowed)
		}
	}
	t.Logf("%d ticks: worst draw %.3f W of 390, power capped in %d, rungs %v, %+v", ticks, worstW, capped, reached, v.Counters)
	if capped < ticks/10 || worstW < 300 {
		t.Errorf("the budget bound in %d ticks, worst draw %g W: the test proves little", capped, worstW)
	}
	for r, n := range reached {
		if n == 0 {
			t.Errorf("rung %v was never reached", body.Rung(r))
		}
	}
}

func TestTorqueIsTotal(t *testing.T) {
	m, g := newGate(t)
	var s body.Sensors
	var c body.Command
	var out Granted
	var v Verdict
	calm(m, tickNs, &s, &c)
	in := healthyInput(&s, &c)
	g.Step(&in, &out, &v)
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64} {
		for _, z := range [][2]float64{{bad, 0}, {0, bad}, {bad, bad}} {
			tau := out.TorqueNm(3, z[0], z[1], unknownC)
			if !(math.Abs(tau) <= m.Joints[3].Motor.TorqueNm) {
				t.Errorf("position %g, speed %g: %g N m", z[0], z[1], tau)
			}
		}
	}
	if tau := new(Granted).TorqueNm(0, 1, 1, unknownC); tau != 0 {
		t.Errorf("the zero Granted gives %g N m", tau)
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	m, g := newGate(t)
	rng := rand.New(rand.NewPCG(9, 9))
	var s body.Sensors
	var c body.Command
	var in Input
	var out Granted
	var v Verdict
	now := int64(0)
	if n := testing.AllocsPerRun(2000, func() {
		now += tickNs
		byzantine(m, rng, now, &s, &c, &in)
		g.Step(&in, &out, &v)
	}); n != 0 {
		t.Errorf("%g allocations a tick", n)
	}
}

func BenchmarkStepCalm(b *testing.B) {
	m, g := newGate(b)
	var s body.Sensors
	var c body.Command
	var out Granted
	var v Verdict
	calm(m, tickNs, &s, &c)
	in := healthyInput(&s, &c)
	for b.Loop() {
		s.StampNs += tickNs
		c.StampNs, in.NowNs = s.StampNs, s.StampNs
		g.Step(&in, &out, &v)
	}
}

func BenchmarkStepOverload(b *testing.B) {
	m, g := newGate(b)
	rng := rand.New(rand.NewPCG(10, 10))
	var s body.Sensors
	var c body.Command
	var out Granted
	var v Verdict
	calm(m, tickNs, &s, &c)
	for j := range m.Joints {
		s.DQRadS[j], c.QRad[j] = 5*rng.NormFloat64(), 3*rng.NormFloat64()
	}
	in := healthyInput(&s, &c)
	for b.Loop() {
		s.StampNs += tickNs
		c.StampNs, in.NowNs = s.StampNs, s.StampNs
		g.Step(&in, &out, &v)
	}
}

func BenchmarkTorque28(b *testing.B) {
	m, g := newGate(b)
	var s body.Sensors
	var c body.Command
	var out Granted
	var v Verdict
	calm(m, tickNs, &s, &c)
	in := healthyInput(&s, &c)
	g.Step(&in, &out, &v)
	for b.Loop() {
		for j := range m.Joints {
			out.TorqueNm(j, 0.1, 0.5, unknownC)
		}
	}
}
