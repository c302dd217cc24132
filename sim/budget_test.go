package sim

import (
	"math"
	"strings"
	"testing"

	"robotd/body"
	"robotd/control"
	"robotd/gate"
	"robotd/power"
)

// flail is a robot that balances on its legs while its arms are told to beat, left and right against each other: more than
// 500 W of demand on top of standing. Without the gate its command goes to the motors as it is, cut at their peak torque.
type flail struct {
	sim     *Sim
	control *control.Controller
	gate    *gate.Gate // nil: none
	state   body.State
	sensors body.Sensors
	command body.Command
	granted gate.Granted
	verdict gate.Verdict
	peakW   float64
	over    int     // ticks above the budget
	swing   float64 // widest angle between the shoulders, rad
}

// beat turns the arms' targets to and fro, 2.5 times a second, stiffly.
func (f *flail) beat() {
	m := f.sim.m
	sign := math.Copysign(1, math.Sin(2*math.Pi*2.5*float64(f.sim.NowNs())*1e-9))
	for j := range m.Joints {
		side := sign
		if strings.HasPrefix(m.Joints[j].Name, "right_") {
			side = -sign
		}
		for name, amplitude := range map[string]float64{"shoulder_pitch": 1.2, "elbow": 0.8, "shoulder_yaw": 0.8} {
			if strings.HasSuffix(m.Joints[j].Name, name) {
				f.command.QRad[j] += side * amplitude
				f.command.KpNmRad[j] *= 2
			}
		}
	}
}

func (f *flail) run(ms int) {
	m := f.sim.m
	left, right := m.JointIndex("left_shoulder_pitch"), m.JointIndex("right_shoulder_pitch")
	for range ms {
		f.sim.Truth(&f.state)
		f.sim.Sensors(&f.sensors)
		now := f.sim.NowNs()
		f.control.Step(&control.Input{NowNs: now, State: &f.state, Rung: body.RungBalance}, &f.command)
		f.beat()
		if f.gate == nil {
			f.sim.tick(f.raw, nil)
		} else {
			f.gate.Step(&gate.Input{NowNs: now, Sensors: &f.sensors, Command: &f.command, Rung: body.RungBalance, Want: body.RungBalance,
				BalanceOK: true}, &f.granted, &f.verdict)
			f.sim.Step(&f.granted)
		}
		_, peak := f.sim.BusW()
		f.peakW = math.Max(f.peakW, peak)
		if peak > power.DefaultBudget.TotalW {
			f.over++
		}
		f.swing = math.Max(f.swing, math.Abs(f.state.QRad[left]-f.state.QRad[right]))
	}
}

// raw is the command's PD law without any gate.
func (f *flail) raw(tau *[maxJoints]float64) {
	c := &f.command
	for j := range f.sim.m.Joints {
		peak := f.sim.m.Joints[j].Motor.TorqueNm
		t := c.TauNm[j] + c.KpNmRad[j]*(c.QRad[j]-f.sim.st.q[j]) + c.KdNmsRad[j]*(c.DQRadS[j]-f.sim.st.vel[6+j])
		tau[j] = math.Max(-peak, math.Min(peak, t))
	}
}

// TestGateHolds500WAndTheRobotStands: the same scenario twice. Without the gate the bus goes far above 500 W; with it never,
// while the arms still move and the robot still stands.
func TestGateHolds500WAndTheRobotStands(t *testing.T) {
	m := body.Humanoid()
	g, err := gate.New(m, gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	bare := &flail{sim: New(m, Options{Substeps: 4}), control: control.New(m)}
	gated := &flail{sim: New(m, Options{Substeps: 4}), control: control.New(m), gate: g}
	bare.run(6000)
	gated.run(6000)
	stands := func(f *flail) bool { return f.state.Balance.Upright(m.StandHeightM) }
	cut := gated.verdict.Counters.PowerCapped
	t.Logf("without the gate: %.0f W peak, %d of 6000 ticks above the budget, arms swing %.2f rad", bare.peakW, bare.over, bare.swing)
	t.Logf("through the gate: %.0f W peak, %d ticks above the budget, %d cut for power, arms swing %.2f rad, on %v, upright %v", gated.peakW, gated.over,
		cut, gated.swing, gated.verdict.Rung, stands(gated))
	if bare.peakW < 1000 || bare.over < 1000 {
		t.Errorf("the scenario is too tame to prove anything: %.0f W peak without the gate", bare.peakW)
	}
	if gated.peakW > 500 || gated.over != 0 {
		t.Errorf("%.0f W at the bus, %d ticks above 500 W", gated.peakW, gated.over)
	}
	if !stands(gated) || gated.verdict.Rung != body.RungBalance {
		t.Errorf("upright %v, on %v because of %v", stands(gated), gated.verdict.Rung, gated.verdict.Causes)
	}
	if cut < 1000 || gated.swing < 1 {
		t.Errorf("cut %d times, arms swing %.2f rad: the gate must act and the arms must move", cut, gated.swing)
	}
}
