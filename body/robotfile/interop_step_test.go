package robotfile_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"robotd/body"
	"robotd/body/robotfile"
	"robotd/control"
	"robotd/gate"
	"robotd/sim"
)

// moment is one step of our simulator: the state before it, its torques, the speeds after it.
type moment struct {
	state
	after []float64
	low   bool // the body has fallen: more than soles touch
}

// collect runs pushed episodes in closed loop and keeps steps of them, standing, stumbling and falling.
func collect(t *testing.T, m *body.Model, episodes, each int) []moment {
	g, err := gate.New(m, gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := sim.New(m, sim.Options{NoDryFriction: true, Noiseless: true})
	c := control.New(m)
	rng := rand.New(rand.NewPCG(11, 1))
	var out []moment
	for e := range episodes {
		s.Reset(sim.ResetOptions{Seed: uint64(e), JointNoiseRad: 0.02, JointVelNoiseRadS: 0.2, BaseVelNoiseMS: 0.05})
		g.Reset()
		c.Reset()
		sin, cos := math.Sincos(2 * math.Pi * rng.Float64())
		impulse := 30 * rng.Float64()
		s.Push(sim.Push{StartNs: 50e6, DurationNs: 100e6, ImpulseNs: body.Vec3{impulse * cos, impulse * sin, 0}, Link: m.Chest})
		var sensors body.Sensors
		var truth body.State
		var command body.Command
		var granted gate.Granted
		verdict := gate.Verdict{Rung: body.RungBalance}
		const ticks = 2400
		for tick := range ticks {
			s.Truth(&truth)
			s.Sensors(&sensors)
			now := s.NowNs()
			c.Step(&control.Input{NowNs: now, State: &truth, Rung: verdict.Rung}, &command)
			g.Step(&gate.Input{NowNs: now, Sensors: &sensors, Command: &command, Rung: verdict.Rung, Want: body.RungBalance, BalanceOK: true},
				&granted, &verdict)
			before := stateOf(m, &truth)
			s.Step(&granted)
			// Not while the push lasts: MuJoCo is not told of it.
			if pushing := now >= 50e6 && now < 150e6; !pushing && (tick%(ticks/each) == 7 || tick == 2) {
				s.Sensors(&sensors)
				before.Ctrl = append([]float64(nil), sensors.TauNm[:m.NJoints()]...)
				low := truth.Balance.PelvisHeightM < 0.5*m.StandHeightM
				s.Truth(&truth)
				out = append(out, moment{before, stateOf(m, &truth).QVel, low})
			}
		}
	}
	return out
}

func stateOf(m *body.Model, st *body.State) state {
	n := m.NJoints()
	s := state{QPos: append([]float64{}, st.PosM[:]...), QVel: append([]float64{}, st.VelMS[:]...)}
	s.QPos = append(append(s.QPos, st.Rot[:]...), st.QRad[:n]...)
	s.QVel = append(append(s.QVel, st.AngVelRadS[:]...), st.DQRadS[:n]...)
	return s
}

// TestInteropOneStepIsMuJoCos: from the same state with the same torques, one step of our simulator and one of MuJoCo on the
// exported MJCF give the same accelerations, both without dry friction.
func TestInteropOneStepIsMuJoCos(t *testing.T) {
	m := body.Humanoid()
	moments := collect(t, m, 12, 10)
	var states []state
	for _, mo := range moments {
		states = append(states, mo.state)
	}
	got := mujoco(t, request{File: exported(t, "mjcf", robotfile.Options{NoDryFriction: true}), States: states, Want: []string{"step"}})[0].Step
	worst, contacts, legs, limits, fallen, over := 0.0, 0, 0, 0, 0, 0
	for i, mo := range moments {
		size, off := 1.0, 0.0
		for d := range mo.after {
			a, b := (mo.after[d]-mo.QVel[d])*1e3, (got[i].QVel[d]-mo.QVel[d])*1e3
			size = math.Max(size, math.Abs(b))
			off = math.Max(off, math.Abs(a-b))
		}
		contacts, legs, limits = contacts+got[i].NCon, legs+got[i].Legs, limits+got[i].Limits
		if mo.low {
			fallen++
		}
		if off/size > 1e-6 {
			over++
			t.Logf("state %d: acceleration off by %.3g of %.3g, %d contacts, low %v", i, off, size, got[i].NCon, mo.low)
		}
		worst = math.Max(worst, off/size)
	}
	t.Logf("one step against MuJoCo 4.0.0: %d states, %d fallen, %d contacts (%d leg to leg), %d joints at a stop: worst relative difference of "+
		"acceleration %.2g", len(moments), fallen, contacts, legs, limits, worst)
	if worst > 1e-6 {
		t.Errorf("%d of %d states differ by more than 1e-6", over, len(moments))
	}
	if len(moments) < 100 || fallen == 0 || legs == 0 || limits == 0 {
		t.Errorf("the sample lacks a kind of contact")
	}
}
