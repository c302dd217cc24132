package launch

import (
	"context"
	"os"
	"testing"
	"time"

	"robotd/body"
	"robotd/mpc"
	"robotd/ros2"
	"robotd/sim/mujoco"
)

// TestEndOfADriveIsACrouch: whoever ends the run of a real body leaves it kneeling and off, not standing without a brain.
func TestEndOfADriveIsACrouch(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	domain := 12 + os.Getpid()%8 // below those of the other tests
	scenario := mujoco.DefaultScenario(mujoco.Lockstep, 6, 5)
	process, err := mujoco.Start(ctx, liveModel.Body(), scenario, mujoco.Options{Domain: domain})
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewRobot(liveModel, RobotOptions{Planner: Balance, PlanHz: 50, Search: mpc.Defaults(), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	wish, end := context.WithCancel(ctx)
	ticks := 0
	rep, err := DriveROS2(wish, r, ROS2Options{Graph: ros2.Options{Domain: domain, Range: ros2.RangeLocalhost}, After: func(*Robot) {
		if ticks++; ticks == 200 {
			end()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	_, _ = process.Wait() // it was left, which it calls an error
	if !rep.Crouched || rep.SafetyStop || rep.Rung != body.RungOff || rep.RungShare["crouch"] < 0.5 || rep.RungShare["fall"] > 0 {
		t.Errorf("after %d ticks on %v: %+v", rep.Ticks, rep.Rung, rep)
	}
}
