package launch

import (
	"robotd/body"
	"robotd/dynamics"
	"robotd/gate"
	"robotd/internal/rate"
	"robotd/internal/shm"
	"robotd/mpc"
	"robotd/sim"
)

// mindWork is the mind on sensors of a robot that stands, planning with the deliberate actor.
//
// An improvement of the plan takes longer than a tick, 1.2 ms on one core of a laptop, and is due 200 times a second, so the tick
// does not wait for it. It runs on a second locked thread of the same process, below the tick's priority, and its result is handed over
// through the robot's one thought, whose owner is whoever the bell or the done flag names: nothing is allocated or copied twice.
// The other way, a slice of the search in every tick, would keep one thread, but make each tick as long as its longest slice,
// leave the second core idle, and cut the planner's loops into pieces that each must remember where it was.
type mindWork struct {
	robot   *Robot
	stance  []body.Sensors
	verdict *shm.Latest[gate.Verdict]
	command *shm.Latest[body.Command]

	lastUs float64
	planNs rate.Histogram
	late   uint64 // before Begin
}

// commandNs is how long a command may be used.
const commandNs = 3_000_000

// newMindWork builds the mind. Aside starts the thread that plans; it is called once the process is set up.
func newMindWork(region *shm.Region, p LoopPart) (w *mindWork, aside func(), err error) {
	dm := dynamics.New(body.Humanoid())
	model, err := LoadModel(p.Weights, dm.Body())
	if err != nil {
		return nil, nil, err
	}
	robot, err := NewRobot(dm, RobotOptions{Planner: Mode2, PlanHz: p.PlanHz, Search: mpc.Defaults(), Seed: 1, Model: model, Apart: true})
	if err != nil {
		return nil, nil, err
	}
	stance, err := recordStance(dm, stanceTicks)
	if err != nil {
		return nil, nil, err
	}
	robot.Reset(1)
	robot.rehearse()
	w = &mindWork{robot: robot, stance: stance, verdict: loopPlace[gate.Verdict](region, "verdict", false),
		command: loopPlace[body.Command](region, "command", true)}
	return w, func() {
		go func() {
			rate.Thread(rate.SetupOptions{Priority: max(p.Priority-20, 1), CPUs: p.AsideCPU})
			rate.Steady(robot.Thinker().Run)
		}()
	}, nil
}

// Tick makes one command.
func (w *mindWork) Tick(t rate.Tick) {
	r := w.robot
	r.Sensors = w.stance[t.DueNs/tickNs%stanceTicks]
	r.Sensors.StampNs = t.DueNs
	_, _ = w.verdict.Load(&r.Verdict) // else the last one stands
	r.MindStep()
	if r.PlanUs != w.lastUs {
		w.lastUs = r.PlanUs
		w.planNs.Add(int64(1e3 * r.PlanUs))
	}
	_ = w.command.Store(&r.Command, t.WokeNs, t.WokeNs+commandNs) // only a rival could take it away, and there is none
}

// Begin starts the counters anew.
func (w *mindWork) Begin() { w.planNs, w.late = rate.Histogram{}, w.robot.thinker.late }

// Account tells how the planning went.
func (w *mindWork) Account(a *loopAccount) {
	a.PlanNs, a.LatePlans = w.planNs, w.robot.thinker.late-w.late
}

// recordStance returns what the sensors say of a robot that stands on its analytic balance and is pushed once.
func recordStance(dm *dynamics.Model, ticks int) ([]body.Sensors, error) {
	s := sim.NewOn(dm, sim.Options{})
	robot, err := NewRobot(dm, RobotOptions{Planner: Balance, PlanHz: 50, Seed: 1})
	if err != nil {
		return nil, err
	}
	robot.Reset(1)
	s.Reset(sim.ResetOptions{Seed: 1, JointNoiseRad: 0.01})
	s.Push(sim.Push{StartNs: int64(ticks) / 4 * tickNs, DurationNs: 100e6, ImpulseNs: body.Vec3{4, 2, 0}, Link: dm.Body().Chest})
	record := make([]body.Sensors, ticks)
	for i := range record {
		s.Sensors(&robot.Sensors)
		record[i] = robot.Sensors
		robot.Tick()
		s.Step(&robot.Granted)
	}
	return record, nil
}
