package launch

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"

	"robotd/body"
	"robotd/dynamics"
	"robotd/power"
	"robotd/sim/mujoco"
)

// standIn runs the analytic balance on a MuJoCo body for a short time.
func standIn(t *testing.T, s mujoco.Scenario) *MujocoRun {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	o := DefaultMujocoOptions()
	o.Domain, o.Say = domainBase+os.Getpid()%domains, func(text string) { t.Log(text) }
	run, err := mujocoRun(ctx, dynamics.New(body.Humanoid()), Balance, nil, s, &o)
	if err != nil {
		t.Fatal(err)
	}
	rep := &MujocoReport{Planner: Balance, Seed: o.Seed}
	for _, p := range s.Pushes {
		rep.PushNs = p.ImpulseNs.Norm()
	}
	if s.Mode == mujoco.Lockstep {
		rep.Lockstep = run
	} else {
		rep.RealTime = run
	}
	t.Log("\n" + rep.Table())
	if !slices.Contains(run.Body.Nodes, "/robotd") || !slices.Contains(run.Body.Nodes, "/mujoco") {
		t.Errorf("rclpy lists the nodes %v", run.Body.Nodes)
	}
	if len(run.Body.BadCommands) > 0 || run.Brain.Refused["not_finite"]+run.Brain.Refused["missing_joint"]+run.Brain.Refused["image"] > 0 {
		t.Errorf("refused by the body %v, by robotd %v", run.Body.BadCommands, run.Brain.Refused)
	}
	return run
}

// TestMuJoCoStandsOverROS2InLockstep: real ROS 2 between two processes, another physics, a push that holding still survives.
func TestMuJoCoStandsOverROS2InLockstep(t *testing.T) {
	s := mujoco.DefaultScenario(mujoco.Lockstep, 2.5, 3)
	s.Pushes = []mujoco.Push{{StartS: 0.8, DurationS: 0.1, ImpulseNs: body.Vec3{3, 2, 0}}}
	run := standIn(t, s)
	y := run.Body
	if !y.Upright || y.PushesSurvived != 1 || y.SimulatedS != 2.5 {
		t.Errorf("%s after %.2f s", y.Outcome(), y.SimulatedS)
	}
	if y.Commands != 2500 || y.LostTicks != 0 || run.Brain.Ticks != 2500 {
		t.Errorf("2500 ticks: %d commands, %d lost, %d answered by the brain", y.Commands, y.LostTicks, run.Brain.Ticks)
	}
	if y.Images != 75 || run.Brain.Images < 60 {
		t.Errorf("2.5 s at 30 Hz: %d pictures sent, %d seen", y.Images, run.Brain.Images)
	}
	b := power.DefaultBudget
	if torqueW := y.PowerW.Mean - b.HotelW(body.Humanoid()) - b.ComputeW; torqueW < 3 || torqueW > 100 || y.Violations != 0 {
		t.Errorf("quiet standing draws %.0f W for its torques in the mean, %d ticks over the budget", torqueW, y.Violations)
	}
}

// TestMuJoCoInRealTime says nothing about speed, which the machine decides: only that the counts are consistent.
func TestMuJoCoInRealTime(t *testing.T) {
	run := standIn(t, mujoco.DefaultScenario(mujoco.RealTime, 1.5, 4))
	y := run.Body
	if y.SimulatedS != 1.5 && y.Upright {
		t.Errorf("ended after %.2f s, %s", y.SimulatedS, y.Outcome())
	}
	if y.Commands+y.LostTicks != int(y.SimulatedS*1000+0.5) || y.Commands == 0 || y.LateTicks < y.LostTicks {
		t.Errorf("%.1f s: %d commands, %d lost, %d late", y.SimulatedS, y.Commands, y.LostTicks, y.LateTicks)
	}
}
