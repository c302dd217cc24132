package control_test

import (
	"math"
	"testing"

	"robotd/body"
	"robotd/control"
	"robotd/gate"
	"robotd/sim"
)

// loop closes control, gate and simulator on the true state.
type loop struct {
	m       *body.Model
	sim     *sim.Sim
	control *control.Controller
	gate    *gate.Gate
	state   body.State
	sensors body.Sensors
	command body.Command
	granted gate.Granted
	verdict gate.Verdict
	hold    bool
	want    body.Rung
	stop    bool
	peakW   float64
	copperJ float64
}

func newLoop(t testing.TB, hold bool, substeps int) *loop {
	t.Helper()
	m := body.Humanoid()
	g, err := gate.New(m, gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &loop{m: m, sim: sim.New(m, sim.Options{Substeps: substeps}), control: control.New(m), gate: g, hold: hold, want: body.RungBalance}
}

// begin starts an episode with a push at 0.2 s; impulse 0 leaves the robot alone.
func (l *loop) begin(seed uint64, impulse, directionRad float64) {
	l.sim.Reset(sim.ResetOptions{Seed: seed, JointNoiseRad: 0.01, JointVelNoiseRadS: 0.05})
	l.gate.Reset()
	l.control.Reset()
	l.verdict, l.peakW, l.copperJ, l.stop = gate.Verdict{Rung: l.want}, 0, 0, false
	if s, c := math.Sincos(directionRad); impulse > 0 {
		l.sim.Push(sim.Push{StartNs: 200e6, DurationNs: 100e6, ImpulseNs: body.Vec3{impulse * c, impulse * s, 0}, Link: l.m.Chest})
	}
}

// run makes ms ticks and reports whether the robot stayed upright and on its rung.
func (l *loop) run(ms int) bool {
	for range ms {
		l.sim.Truth(&l.state)
		if l.want == body.RungBalance && !l.stop && (!l.state.Balance.Upright(l.m.StandHeightM) || l.verdict.Rung > l.want) {
			return false
		}
		l.sim.Sensors(&l.sensors)
		now := l.sim.NowNs()
		l.control.Step(&control.Input{NowNs: now, State: &l.state, Rung: l.verdict.Rung, Hold: l.hold}, &l.command)
		in := gate.Input{NowNs: now, Sensors: &l.sensors, Command: &l.command, Rung: l.verdict.Rung, Want: l.want, BalanceOK: true, Stop: l.stop}
		l.gate.Step(&in, &l.granted, &l.verdict)
		l.sim.Step(&l.granted)
		_, peak := l.sim.BusW()
		l.peakW = math.Max(l.peakW, peak)
		l.copperJ += l.sim.CopperW() * 1e-3
	}
	return true
}

// survived counts the directions, evenly spread, in which the robot is upright 3 s after the push.
func (l *loop) survived(impulse float64, directions int, seed uint64) int {
	n := 0
	for d := 0; d < directions; d++ {
		l.begin(seed+uint64(d), impulse, 2*math.Pi*(float64(d)+0.37)/float64(directions))
		if l.run(3200) {
			n++
		}
	}
	return n
}

func TestHoldStandsQuietly(t *testing.T) {
	for _, hold := range []bool{true, false} {
		l := newLoop(t, hold, 1)
		l.begin(1, 0, 0)
		if !l.run(10_000) {
			t.Fatalf("hold %v: fell after %.1f s on %v because of %v", hold, float64(l.sim.NowNs())*1e-9, l.verdict.Rung, l.verdict.Causes)
		}
		t.Logf("hold %v: copper %.1f W, bus peak %.0f W, speed %.4f m/s", hold, l.copperJ/10, l.peakW, l.state.Balance.ComVelMS.Norm())
		if v := l.state.Balance.ComVelMS.Norm(); v > 0.02 || l.copperJ > 250 || l.verdict.Limited&gate.LimitPower != 0 {
			t.Errorf("hold %v: after 10 s at %g m/s, %g J of copper heat, limits %v", hold, v, l.copperJ, l.verdict.Limited)
		}
	}
}

func TestBalanceSurvivesWhereHoldFalls(t *testing.T) {
	balance, hold := newLoop(t, false, 1), newLoop(t, true, 1)
	const directions = 12
	kept, floor := balance.survived(8, directions, 1), hold.survived(8, directions, 1)
	t.Logf("8 N s over 100 ms at the torso: balance survives %d of %d directions, hold %d; bus peak %.0f W", kept, directions, floor, balance.peakW)
	if kept < 11 || floor > 6 {
		t.Errorf("balance %d, hold %d of %d", kept, floor, directions)
	}
	if hard := balance.survived(11, directions, 1); hard < directions/2 {
		t.Errorf("11 N s: %d of %d, at least half were survived", hard, directions)
	}
}

// TestBusStaysWithinBudgetThroughFalls: pushes that nobody survives, on the ground and while falling, with drives that hold
// their quota at 4 kHz; real ones run at 10 kHz and more.
func TestBusStaysWithinBudgetThroughFalls(t *testing.T) {
	l := newLoop(t, false, 4)
	worst, fell := 0.0, 0
	for d := 0; d < 4; d++ {
		l.begin(uint64(d), 40, float64(d)*math.Pi/2)
		if !l.run(1500) {
			fell++
		}
		l.stop = true // go on through the fall, whatever the posture
		l.run(2500)
		worst = math.Max(worst, l.peakW)
		if l.verdict.Rung != body.RungOff {
			t.Errorf("direction %d: after a fall on %v because of %v", d, l.verdict.Rung, l.verdict.Causes)
		}
	}
	t.Logf("worst bus power of a physics step: %.0f W, %d of 4 fell", worst, fell)
	if worst > 500 || fell < 4 {
		t.Errorf("bus at %.0f W of 500, %d of 4 fell", worst, fell)
	}
}

// TestCrouchEndsLowAndQuiet: a pressed stop kneels the standing robot within the gate's 3 s, on its feet, then it is off.
func TestCrouchEndsLowAndQuiet(t *testing.T) {
	for _, push := range []float64{0, 4} {
		for seed := uint64(1); seed <= 4; seed++ {
			l := newLoop(t, false, 1)
			l.begin(seed, push, float64(seed)*math.Pi/2)
			l.run(400)
			l.stop = true
			l.run(2500)
			b := &l.state.Balance
			if l.verdict.Rung != body.RungCrouch || !b.Upright(0.8*l.m.StandHeightM) || b.PelvisHeightM > 0.72*l.m.StandHeightM ||
				b.ComVelMS.Norm() > 0.05 || l.peakW > 500 {
				t.Errorf("push %g, seed %d: on %v, pelvis at %.2f m, chest up %.2f, %.3f m/s, peak %.0f W", push, seed, l.verdict.Rung,
					b.PelvisHeightM, b.ChestUp[2], b.ComVelMS.Norm(), l.peakW)
			}
			l.run(1000)
			if l.verdict.Rung != body.RungOff {
				t.Errorf("push %g, seed %d: 3.5 s after the stop on %v", push, seed, l.verdict.Rung)
			}
		}
	}
}
