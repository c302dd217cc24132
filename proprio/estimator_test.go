package proprio_test

import (
	"math"
	"testing"

	"robotd/body"
	"robotd/dynamics"
	"robotd/gate"
	"robotd/proprio"
	"robotd/sim"
)

// pushed runs the simulator with a PD on the standing pose through the gate, pushes it, and calls see once a millisecond.
func pushed(t *testing.T, impulseNs float64, ticks int, noise sim.Options, see func(s *sim.Sim, sensors *body.Sensors)) {
	t.Helper()
	dm := dynamics.New(body.Humanoid())
	m := dm.Body()
	s := sim.NewOn(dm, noise)
	s.Reset(sim.ResetOptions{Seed: 5})
	g, err := gate.New(m, gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.Push(sim.Push{StartNs: 500e6, DurationNs: 100e6, ImpulseNs: body.Vec3{impulseNs, 0.6 * impulseNs, 0}, Link: m.Chest})
	var sensors body.Sensors
	var cmd body.Command
	var granted gate.Granted
	var verdict gate.Verdict
	for i := 0; i < ticks; i++ {
		s.Sensors(&sensors)
		see(s, &sensors)
		cmd.StampNs = sensors.StampNs
		for j, jt := range m.Joints {
			cmd.QRad[j], cmd.KpNmRad[j], cmd.KdNmsRad[j] = m.StandRad[j], jt.KpNmRad, jt.KdNmsRad
		}
		in := gate.Input{NowNs: sensors.StampNs, Sensors: &sensors, Command: &cmd, Rung: body.RungBalance, Want: body.RungBalance, BalanceOK: true}
		g.Step(&in, &granted, &verdict)
		s.Step(&granted)
	}
}

// TestEstimatorFollowsTheTruthUntilTheFall holds every quantity that the costs read against the simulator's truth while the
// robot stands, is pushed and topples: sensors are noisy and biased, truth is never shown.
func TestEstimatorFollowsTheTruthUntilTheFall(t *testing.T) {
	e := proprio.New(dynamics.New(body.Humanoid()), proprio.DefaultOptions)
	var est, truth body.State
	var tilt, vel, capture, n float64
	pushed(t, 6, 3000, sim.Options{}, func(s *sim.Sim, sensors *body.Sensors) {
		e.Step(sensors, &est)
		s.Truth(&truth)
		if !truth.Balance.Upright(0.741) {
			return
		}
		a, b := est.Rot.Mat(), truth.Rot.Mat()
		up := body.Vec3{a[6] - b[6], a[7] - b[7], a[8] - b[8]}
		tilt += up.Dot(up)
		dv := est.Balance.ComVelMS.Sub(truth.Balance.ComVelMS)
		vel += dv.Dot(dv)
		capture += math.Pow(est.Balance.CaptureM[0]-truth.Balance.CaptureM[0], 2)
		n++
	})
	tilt, vel, capture = math.Sqrt(tilt/n), math.Sqrt(vel/n), math.Sqrt(capture/n)
	t.Logf("rms error: tilt %.4f rad, velocity %.4f m/s, capture point %.4f m", tilt, vel, capture)
	if tilt > 0.0175 || vel > 0.05 || capture > 0.015 {
		t.Errorf("rms error: tilt %.4f rad, velocity %.4f m/s, capture point %.4f m: want 1°, 0.05 m/s, 15 mm", tilt, vel, capture)
	}
}

// TestWithoutNoiseTheEstimateIsExactAtRest leaves no error to hide behind.
func TestWithoutNoiseTheEstimateIsExactAtRest(t *testing.T) {
	e := proprio.New(dynamics.New(body.Humanoid()), proprio.DefaultOptions)
	var est, truth body.State
	pushed(t, 0, 2000, sim.Options{Noiseless: true}, func(s *sim.Sim, sensors *body.Sensors) {
		e.Step(sensors, &est)
		s.Truth(&truth)
	})
	got, want := est.Balance.Quantities(), truth.Balance.Quantities()
	for i := range got {
		if math.Abs(got[i]-want[i]) > 2e-3 && i < body.FeatLeftLoad {
			t.Errorf("%s: %.5f, truth %.5f", body.FeatureTable[i].Name, got[i], want[i])
		}
	}
}

func TestHeadingAndPositionAreNotClaimed(t *testing.T) {
	// Turning the world about the vertical changes no sensor, so the balance quantities must not depend on yaw.
	dm := dynamics.New(body.Humanoid())
	k := dm.NewData()
	m := dm.Body()
	var still [body.MaxJoints]float64
	var feet [2]body.Wrench
	var first body.Balance
	for i, yaw := range []float64{0, 1, -2.5} {
		rot := body.Quat{math.Cos(yaw / 2), 0, 0, math.Sin(yaw / 2)}.Mul(body.Quat{math.Cos(0.1), 0, math.Sin(0.1), 0})
		vel := body.Vec3{0.3 * math.Cos(yaw), 0.3 * math.Sin(yaw), 0}
		k.Kinematics(body.Vec3{float64(i), 2, 0.8}, rot, vel, body.Vec3{}, m.StandRad, still[:m.NJoints()])
		var b body.Balance
		k.Balance(body.Vec3{}, &feet, &b)
		if i == 0 {
			first = b
			continue
		}
		got, want := b.Quantities(), first.Quantities()
		for j := range got {
			if math.Abs(got[j]-want[j]) > 1e-9 {
				t.Errorf("yaw %g: %s %.6f, was %.6f", yaw, body.FeatureTable[j].Name, got[j], want[j])
			}
		}
	}
}

func TestStepDoesNotAllocate(t *testing.T) {
	e := proprio.New(dynamics.New(body.Humanoid()), proprio.DefaultOptions)
	var s body.Sensors
	var st body.State
	if n := testing.AllocsPerRun(50, func() { s.StampNs += 1e6; e.Step(&s, &st) }); n != 0 {
		t.Errorf("%g allocations a step", n)
	}
}

func TestGarbageInIsNotAPanic(t *testing.T) {
	e := proprio.New(dynamics.New(body.Humanoid()), proprio.DefaultOptions)
	var s body.Sensors
	var st body.State
	for _, v := range []float64{math.NaN(), math.Inf(1), 1e308} {
		s.StampNs += 1e6
		s.QRad[3], s.GyroRadS[0], s.AccelMS2[2], s.Foot[0].ForceN[2] = v, v, v, v
		e.Step(&s, &st)
	}
}
