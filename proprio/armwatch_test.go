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

// swinging runs a robot that beats its arms about the standing pose, estimates its state, and asks the watch every tick.
func swinging(t *testing.T, beatRad float64, push *sim.Push, ticks int, see func(tick int, w *proprio.ArmWatch, touched [2]bool)) {
	t.Helper()
	dm := dynamics.New(body.Humanoid())
	m := dm.Body()
	s := sim.NewOn(dm, sim.Options{})
	s.Reset(sim.ResetOptions{Seed: 9})
	if push != nil {
		s.Push(*push)
	}
	g, err := gate.New(m, gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e := proprio.New(dm, proprio.DefaultOptions)
	w := proprio.NewArmWatch(m)
	k := dm.NewData()
	var sensors body.Sensors
	var st body.State
	var cmd body.Command
	var granted gate.Granted
	var verdict gate.Verdict
	n := m.NJoints()
	for i := 0; i < ticks; i++ {
		s.Sensors(&sensors)
		e.Step(&sensors, &st)
		k.Kinematics(body.Vec3{}, st.Rot, body.Vec3{}, st.AngVelRadS, st.QRad[:n], st.DQRadS[:n])
		see(i, w, w.Step(k, st.VelMS, &sensors, 1e-3))
		cmd.StampNs = sensors.StampNs
		for j, jt := range m.Joints {
			cmd.QRad[j], cmd.KpNmRad[j], cmd.KdNmsRad[j] = m.StandRad[j], jt.KpNmRad, jt.KdNmsRad
		}
		for side, prefix := range []string{"left_", "right_"} {
			beat := beatRad * math.Sin(2*math.Pi*1.5e-3*float64(i)+float64(side))
			cmd.QRad[m.JointIndex(prefix+"shoulder_pitch")] += beat
			cmd.QRad[m.JointIndex(prefix+"elbow")] += 0.5 * beat
		}
		in := gate.Input{NowNs: sensors.StampNs, Sensors: &sensors, Command: &cmd, Rung: body.RungBalance, Want: body.RungBalance, BalanceOK: true}
		g.Step(&in, &granted, &verdict)
		s.Step(&granted)
	}
}

// TestOwnMotionIsNoTouch: beating arms, gravity, motors and noise explain themselves.
func TestOwnMotionIsNoTouch(t *testing.T) {
	worst := 0.0
	swinging(t, 0.6, nil, 3000, func(tick int, w *proprio.ArmWatch, touched [2]bool) {
		if touched[0] || touched[1] {
			t.Fatalf("tick %d: touched %v", tick, touched)
		}
		for j := range body.Humanoid().Joints {
			worst = math.Max(worst, math.Abs(w.TorqueNm(j)))
		}
	})
	t.Logf("largest residual %.2f N m", worst)
}

// TestTouchIsFeltWithinTenMilliseconds: a hand meets 20 N; the other arm feels nothing.
func TestTouchIsFeltWithinTenMilliseconds(t *testing.T) {
	hand := body.Humanoid().Hands[body.Left]
	push := &sim.Push{StartNs: 800e6, DurationNs: 100e6, ImpulseNs: body.Vec3{-2, 0, 0}, Link: hand}
	felt := -1
	swinging(t, 0.2, push, 900, func(tick int, _ *proprio.ArmWatch, touched [2]bool) {
		if touched[body.Left] && felt < 0 {
			felt = tick
		}
		if touched[body.Right] {
			t.Fatalf("tick %d: the right arm", tick)
		}
	})
	t.Logf("felt after %d ms", felt-800)
	if felt < 800 || felt > 810 {
		t.Errorf("felt at tick %d, want 800 to 810", felt)
	}
}
