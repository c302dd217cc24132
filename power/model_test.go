package power

import (
	"math"
	"testing"

	"robotd/body"
)

// TestThermalAgainstFineEuler: the exact steps of 10 ms end within 0.1 K of an Euler integration in steps of 0.1 ms, and
// the steady state is P (Rwc + Rca).
func TestThermalAgainstFineEuler(t *testing.T) {
	m := body.Humanoid()
	th := NewThermal(m, 25, 0.01, nil)
	torque := make([]float64, m.NJoints())
	for j := range torque {
		torque[j] = 0.5 * m.Joints[j].Motor.TorqueNm
	}
	for _, j := range []int{2, 3, 4, 14, 19} {
		x := th.Rest()
		p, a := DefaultThermal(&m.Joints[j].Motor), m.Joints[j].Motor.CopperWNm2
		w, c := 25.0, 25.0
		for step := 0; step < 2000; step++ { // 20 s
			th.Step(&x, torque)
			for range 100 {
				heat := a * CopperFactor(w) * torque[j] * torque[j]
				flow := (w - c) / p.WindingCaseKW
				w += 1e-4 * (heat - flow) / p.WindingJK
				c += 1e-4 * (flow - (c-25)/p.CaseAirKW) / p.CaseJK
			}
			if math.Abs(w-x.WindingC[j]) > 0.1 || math.Abs(c-x.CaseC[j]) > 0.1 {
				t.Fatalf("%s after %d steps: %.3f, %.3f °C, Euler %.3f, %.3f", m.Joints[j].Name, step, x.WindingC[j], x.CaseC[j], w, c)
			}
			if w > MaxC {
				break
			}
		}
	}
	d := discretise(ThermalParams{0.6, 2, 60, 500}, 0.01)
	x0, x1 := 0.0, 0.0
	for range 2_000_000 {
		x0, x1 = d.a00*x0+d.a01*x1+d.b0*10, d.a10*x0+d.a11*x1+d.b1*10
	}
	if math.Abs(x0-26) > 1e-3 || math.Abs(x1-20) > 1e-3 {
		t.Errorf("10 W end at %.4f, %.4f K over air, want 26 and 20", x0, x1)
	}
}

func TestDerate(t *testing.T) {
	for temp, want := range map[float64]float64{25: 1, 100: 1, 110: 0.5, 120: 0, 200: 0} {
		if got := Derate(temp); got != want {
			t.Errorf("%g °C: %g, want %g", temp, got, want)
		}
	}
}

func TestBatteryVoltageSolvesTheCircuit(t *testing.T) {
	b := DefaultBattery
	for _, load := range []float64{-300, 0, 50, 500, 2000, 9000} {
		s := b.Full()
		s.Charge = 0.6
		open := b.OpenCircuitV(s.Charge)
		b.Step(&s, load, 0.001)
		if v := open - b.InnerOhm*s.CurrentA; math.Abs(v-s.VoltageV) > 1e-9 || math.Abs(v*s.CurrentA-load) > 1e-6 {
			t.Errorf("%g W: %g V, %g A, circuit %g V", load, s.VoltageV, s.CurrentA, v)
		}
	}
	s := b.Full()
	s.Charge = 0.6
	most := b.MaxW(&s)
	b.Step(&s, 1.01*most, 0.001)
	if !s.Sagged || math.Abs(s.VoltageV-b.OpenCircuitV(0.6)/2) > 1e-6 {
		t.Errorf("beyond %g W: sagged %v, %g V", most, s.Sagged, s.VoltageV)
	}
}

// TestBatteryKeepsItsEnergy: what the open-circuit source gave is load + heat + what the RC branch still holds.
func TestBatteryKeepsItsEnergy(t *testing.T) {
	b := DefaultBattery
	s := b.Full()
	s.Charge = 0.9
	const dt = 0.001
	source, load, heat, brake := 0.0, 0.0, 0.0, 0.0
	for k := 0; k < 120_000; k++ {
		want := 300 + 400*math.Sin(float64(k)*dt)
		open := b.OpenCircuitV(s.Charge)
		heat += b.Step(&s, want, dt)
		source += open * s.CurrentA * dt
		load += want * dt
		brake += s.BrakeW * dt
	}
	if balance := load + brake + heat; math.Abs(source-balance) > 1e-3*source {
		t.Errorf("source %g J, load %g + brake %g + heat %g = %g J", source, load, brake, heat, balance)
	}
}

func TestFullBatteryBrakesIntoTheResistor(t *testing.T) {
	b := DefaultBattery
	s := b.Full()
	b.Step(&s, -400, 0.001)
	if s.CurrentA != 0 || math.Abs(s.BrakeW-400) > 1e-9 || s.VoltageV > 54.6+1e-9 {
		t.Errorf("a full pack takes %g A at %g V, the resistor %g W", s.CurrentA, s.VoltageV, s.BrakeW)
	}
}

// TestKneelingHeatsCopper: on the bent knees of a 35 kg robot, which carry all but the shanks and feet, the copper takes
// 2.6, 10, 21 and 43 W at 20, 40, 60 and 90° (both knees, half the weight each, 0.32 m links, hip over the ankle).
func TestKneelingHeatsCopper(t *testing.T) {
	m := body.Humanoid()
	knee := &m.Joints[m.JointIndex("left_knee")].Motor
	const carriedKg = 33
	for deg, want := range map[float64]float64{20: 2.6, 40: 10, 60: 21, 90: 43} {
		lever := 0.32 * math.Sin(deg/2*math.Pi/180)
		got := 2 * CopperW(knee, carriedKg*9.81/2*lever, ReferenceC)
		t.Logf("%g°: %.1f W of copper in both knees, reference %g W", deg, got, want)
		if math.Abs(got-want) > 0.05*want {
			t.Errorf("%g°: %.1f W, want %g W", deg, got, want)
		}
	}
}

func TestBudgetCountsComputeAtLeastItsReserve(t *testing.T) {
	m := body.Humanoid()
	b := DefaultBudget
	for compute, want := range map[float64]float64{0: 390, 60: 390, 200: 250, 1e6: 0} {
		if got := b.ActuatorW(m, compute); got != want {
			t.Errorf("computing %g W leaves %g W, want %g", compute, got, want)
		}
	}
	if got := b.ActuatorW(m, math.NaN()); got != 390 {
		t.Errorf("an unknown computing power leaves %g W", got)
	}
	small := Budget{TotalW: 100, ComputeW: 120}
	if small.Check(m) == nil {
		t.Error("100 W with 120 W of computing pass")
	}
}

func TestLedgerBalances(t *testing.T) {
	m := body.Humanoid()
	motor := &m.Joints[3].Motor
	var l Ledger
	busJ := 0.0
	for k := 0; k < 1000; k++ {
		tau, dq := 40*math.Sin(float64(k)), 3*math.Cos(0.7*float64(k))
		busW := DrawW(motor, tau, dq, ReferenceC) + 40 + 120
		l.JointStep(CopperW(motor, tau, ReferenceC), tau*dq, motor.Efficiency, 0.001)
		l.EndStep(busW, 40, Watts{120, FromModel}, 0.001, 0.001)
		busJ += busW * 0.001
	}
	if math.Abs(l.TotalJ()-busJ) > 1e-9*busJ || math.Abs(l.MeanW()-busJ) > 1e-6*busJ || l.ComputeBy != FromModel {
		t.Errorf("ledger %g J, bus %g J: %+v", l.TotalJ(), busJ, l)
	}
	if cot := l.CostOfTransport(33.68); math.Abs(cot-busJ/(33.68*9.81)) > 1e-9*cot {
		t.Errorf("cost of transport %g", cot)
	}
}

func TestThermalAllocatesNothing(t *testing.T) {
	m := body.Humanoid()
	th := NewThermal(m, 25, 0.01, nil)
	torque := make([]float64, m.NJoints())
	b, s, x := DefaultBattery, DefaultBattery.Full(), th.Rest()
	if n := testing.AllocsPerRun(100, func() { th.Step(&x, torque); b.Step(&s, 100, 0.001) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

func TestSpeedLine(t *testing.T) {
	for along, want := range map[float64]float64{-50: 88, 0: 88, 16: 88, 24: 44, 32: 0, 99: 0} {
		if got := SpeedLineNm(88, 32, along); math.Abs(got-want) > 1e-12 {
			t.Errorf("%g rad/s: %g N m, want %g", along, got, want)
		}
	}
}

// TestTorqueForWattsInvertsTheDraw over the plane of speed and power.
func TestTorqueForWattsInvertsTheDraw(t *testing.T) {
	motor := &body.Humanoid().Joints[3].Motor
	for _, watts := range []float64{0, 1e-9, 1, 50, 400} {
		for _, speed := range []float64{-20, 0, 1e-6, 3, 20} {
			tau := TorqueForW(motor.CopperWNm2, motor.Efficiency, watts, speed)
			if got := DrawW(motor, tau, speed, ReferenceC); math.Abs(got-watts) > 1e-9*watts {
				t.Errorf("%g W at %g rad/s: %g N m draw %g W", watts, speed, tau, got)
			}
		}
	}
}

func TestBadPacksAreRefused(t *testing.T) {
	good := DefaultBattery
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for _, b := range []Battery{{}, {CapacityAh: 9, InnerOhm: math.NaN(), SlowS: 1, OpenV: good.OpenV},
		{CapacityAh: 9, InnerOhm: 0.1, SlowS: 1, OpenV: []float64{40}}, {CapacityAh: 9, InnerOhm: 0.1, SlowS: 1, OpenV: good.OpenV, BrakeA: -1}} {
		if b.Check() == nil {
			t.Errorf("%+v passes", b)
		}
	}
}
