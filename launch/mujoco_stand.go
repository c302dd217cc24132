package launch

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"

	"robotd/body"
	"robotd/dynamics"
	"robotd/jepa"
	"robotd/mpc"
	"robotd/ros2"
	"robotd/sim/mujoco"
)

// MujocoOptions say how the robot is judged in MuJoCo.
type MujocoOptions struct {
	Planner   Planner
	PlanHz    int
	Search    mpc.Options
	Seed      uint64
	LockstepS float64      // simulated, of the run with pushes; 0 leaves it out
	Pushes    int          // in it, in random horizontal directions
	Times     float64      // their size in multiples of what half of the episodes of merely holding the pose survive
	RealTimeS float64      // of the run at 1 kHz of wall time; 0 leaves it out
	Floor     mujoco.Floor // how that is measured
	PushNs    float64      // size of the pushes instead, without measuring
	Domain    int          // ROS domain of the first run, 50..99; each further run takes the next; 0 picks one by process id
	Python    string       // see mujoco.Options
	Say       func(string) // hears how far it is; may be nil
	After     func(*Robot) // hears of every tick, see ROS2Options; may be nil
}

// DefaultMujocoOptions are the standing evaluation: 60 s with ten pushes of three times the floor, 30 s in real time.
func DefaultMujocoOptions() MujocoOptions {
	return MujocoOptions{Planner: Mode2, PlanHz: DefaultPlanHz, Search: mpc.Defaults(), Seed: 1, LockstepS: 60, Pushes: 10, Times: 3, RealTimeS: 30,
		Floor: mujoco.DefaultFloor(1)}
}

// MujocoRun is one run, seen from both ends of the wire.
type MujocoRun struct {
	Planner Planner        `json:"planner"`
	Body    *mujoco.Result `json:"body"`
	Brain   *ROS2Report    `json:"brain"`
}

// MujocoReport is the evaluation in MuJoCo over real ROS 2.
type MujocoReport struct {
	Planner   Planner    `json:"planner"`
	Seed      uint64     `json:"seed"`
	HoldJ50Ns float64    `json:"hold_j50_ns"` // 0 when not measured
	Levels    []Level    `json:"hold_levels"`
	PushNs    float64    `json:"push_ns"`
	Times     float64    `json:"times_hold_j50"`
	Lockstep  *MujocoRun `json:"lockstep"`
	Hold      *MujocoRun `json:"hold"` // the same scenario, merely holding the pose
	RealTime  *MujocoRun `json:"real_time"`
}

const (
	firstPushS, pushEveryS, pushLastsS = 2.0, 5.5, 0.1
	domainBase, domains                = 50, 50 // no run shares its domain with the one before: nothing of that can linger in it
)

// MujocoStand lets the robot stand in MuJoCo, a body and a physics that are not ours, over a real ROS 2 graph: the floor of
// merely holding the pose, then a run in lockstep with pushes beside the same run of holding, then a run in real time.
// Planners that learned need the model.
func MujocoStand(ctx context.Context, model *jepa.Model, o MujocoOptions) (*MujocoReport, error) {
	if o.Domain == 0 {
		o.Domain = domainBase + os.Getpid()%domains
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	dm := dynamics.New(body.Humanoid())
	rep := &MujocoReport{Planner: o.Planner, Seed: o.Seed, PushNs: o.PushNs}
	if o.PushNs == 0 {
		if err := rep.measureFloor(ctx, dm, &o); err != nil {
			return nil, err
		}
	}
	var err error
	if o.LockstepS > 0 {
		s := mujoco.DefaultScenario(mujoco.Lockstep, o.LockstepS, o.Seed)
		s.Pushes, s.StopOnFall = o.pushes(rep.PushNs), true
		if rep.Lockstep, err = mujocoRun(ctx, dm, o.Planner, model, s, &o); err != nil {
			return nil, err
		}
		if rep.Hold, err = mujocoRun(ctx, dm, Hold, nil, s, &o); err != nil {
			return nil, err
		}
	}
	if o.RealTimeS > 0 {
		s := mujoco.DefaultScenario(mujoco.RealTime, o.RealTimeS, o.Seed)
		if rep.RealTime, err = mujocoRun(ctx, dm, o.Planner, model, s, &o); err != nil {
			return nil, err
		}
	}
	return rep, nil
}

// measureFloor finds the push that holding the pose survives in half of the episodes.
func (r *MujocoReport) measureFloor(ctx context.Context, dm *dynamics.Model, o *MujocoOptions) error {
	levels, err := mujoco.HoldFloor(ctx, dm.Body(), o.Floor, mujoco.Options{Python: o.Python, Say: o.Say})
	if err != nil {
		return err
	}
	for _, l := range levels {
		r.Levels = append(r.Levels, Level{PushNs: l.PushNs, K: l.Successes, N: l.Episodes})
	}
	r.HoldJ50Ns = FitJ50(r.Levels)
	if !(r.HoldJ50Ns > 0) {
		return fmt.Errorf("hold's survival does not fall with the push: %v", r.Levels)
	}
	r.Times = o.Times
	r.PushNs = o.Times * r.HoldJ50Ns
	o.Say(fmt.Sprintf("hold: half survive %.2f N s; pushes of %.2f N s follow", r.HoldJ50Ns, r.PushNs))
	return nil
}

// pushes spreads the run's pushes over it, their directions drawn from the seed.
func (o *MujocoOptions) pushes(impulseNs float64) []mujoco.Push {
	rng := rand.New(rand.NewPCG(o.Seed, 0x6d756a))
	list := []mujoco.Push{}
	for k := range o.Pushes {
		sin, cos := math.Sincos(2 * math.Pi * rng.Float64())
		list = append(list, mujoco.Push{StartS: firstPushS + pushEveryS*float64(k), DurationS: pushLastsS,
			ImpulseNs: body.Vec3{impulseNs * cos, impulseNs * sin, 0}})
	}
	return list
}

// mujocoRun runs robot and body beside each other, with nothing between them but the graph.
func mujocoRun(ctx context.Context, dm *dynamics.Model, p Planner, model *jepa.Model, s mujoco.Scenario, o *MujocoOptions) (*MujocoRun, error) {
	robot, err := NewRobot(dm, RobotOptions{Planner: p, PlanHz: o.PlanHz, Search: o.Search, Seed: o.Seed, Model: model})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	process, err := mujoco.Start(ctx, dm.Body(), s, mujoco.Options{Python: o.Python, Domain: o.Domain,
		Say: func(text string) { o.Say(fmt.Sprintf("%s, %s: %s", p, s.Mode, text)) }})
	if err != nil {
		return nil, err
	}
	defer func() { o.Domain = domainBase + (o.Domain-domainBase+1)%domains }()
	run := &MujocoRun{Planner: p}
	var brainErr error
	done := make(chan struct{})
	go func() {
		defer close(done)
		graph := ros2.Options{Domain: o.Domain, Range: ros2.RangeLocalhost}
		if run.Brain, brainErr = RunROS2(ctx, robot, ROS2Options{Graph: graph, Seed: o.Seed, After: o.After}); brainErr != nil {
			cancel() // the body would wait in vain
		}
	}()
	var bodyErr error
	run.Body, bodyErr = process.Wait()
	cancel()
	<-done
	if brainErr != nil {
		return nil, brainErr
	}
	if bodyErr != nil {
		return nil, errors.Join(bodyErr, ctx.Err())
	}
	return run, nil
}
