package robotfile_test

import (
	"path/filepath"
	"testing"

	"robotd/body"
	"robotd/body/robotfile"
	"robotd/control"
	"robotd/gate"
	"robotd/sim"
)

// TestInteropRealRobotsStand: what Load makes of a maker's own URDF is a robot that our simulator, balance and gate keep on its
// feet, with nothing given but the file.
func TestInteropRealRobotsStand(t *testing.T) {
	dir := peer(t, "robots.sh")
	for _, file := range []string{"g1_description/urdf/g1_29dof_rev_1_0.urdf", "icub_description/robots/icub.urdf",
		"talos_data/robots/talos_reduced.urdf"} {
		m, _, err := robotfile.Load(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		const wantMs = 2000
		ms, tilt := stands(t, m, wantMs)
		t.Logf("%s: %d joints, %.1f kg: upright for %d ms, pelvis up axis off by %.3f", m.Name, m.NJoints(), m.MassKg(), ms, tilt)
		if ms < wantMs {
			t.Errorf("%s fell", m.Name)
		}
	}
}

// stands runs balance, gate and simulator in closed loop and returns the time upright.
func stands(t *testing.T, m *body.Model, ticks int) (ms int, tilt float64) {
	g, err := gate.New(m, gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, c := sim.New(m, sim.Options{Noiseless: true}), control.New(m)
	s.Reset(sim.ResetOptions{})
	var sensors body.Sensors
	var truth body.State
	var command body.Command
	var granted gate.Granted
	verdict := gate.Verdict{Rung: body.RungBalance}
	for ; ms < ticks; ms++ {
		s.Truth(&truth)
		s.Sensors(&sensors)
		if !truth.Balance.Upright(m.StandHeightM) || verdict.Rung > body.RungBalance {
			break
		}
		now := s.NowNs()
		c.Step(&control.Input{NowNs: now, State: &truth, Rung: verdict.Rung}, &command)
		g.Step(&gate.Input{NowNs: now, Sensors: &sensors, Command: &command, Rung: verdict.Rung, Want: body.RungBalance, BalanceOK: true},
			&granted, &verdict)
		s.Step(&granted)
	}
	return ms, 1 - truth.Balance.PelvisUp[2]
}
