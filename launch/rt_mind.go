package launch

import (
	"errors"

	"robotd/body"
	"robotd/dynamics"
	"robotd/internal/rate"
	"robotd/internal/shm"
	"robotd/jepa"
	"robotd/mpc"
)

// mindProcess is the mind's process: estimate, latent, plan and control at 1 kHz, and one thread beside it that thinks.
type mindProcess struct {
	robot   *Robot
	seed    uint64
	lastNs  int64
	sensors *shm.Latest[body.Sensors]
	verdict *shm.Latest[verdictFrame]
	seen    *shm.Latest[seenFrame]
	mind    *shm.Latest[mindFrame]
	believe *shm.Latest[estimateFrame]
	knows   bool // how the body stands, and from then on by itself
	lifted  *shm.Latest[liftFrame]
	liftNs  int64 // the newest lift that it knows of
	decided int64 // when the planner last decided

	lift   liftFrame
	belief estimateFrame
	said   verdictFrame
	look   seenFrame
	out    mindFrame
}

// RunMind is the mind's process.
func RunMind(o *RealtimeOptions) ([]string, error) {
	region, err := inherited()
	if err != nil {
		return nil, err
	}
	p, err := newMindProcess(region, o)
	if err != nil {
		return nil, err
	}
	k, warnings, err := newKeeper(region, roleMind, rate.SetupOptions{Priority: priority[roleMind]})
	if err != nil {
		return warnings, err
	}
	if t := p.robot.Thinker(); t != nil {
		go func() {
			rate.Thread(rate.SetupOptions{Priority: priority[roleMind] - 10})
			rate.Steady(t.Run)
		}()
	}
	k.run(func(t rate.Tick) { p.tick(t.WokeNs) })
	return warnings, nil
}

func newMindProcess(region *shm.Region, o *RealtimeOptions) (*mindProcess, error) {
	model, err := realtimeModel(o)
	if err != nil {
		return nil, err
	}
	dm := dynamics.New(body.Humanoid())
	robot, err := NewRobot(dm, RobotOptions{Planner: o.Planner, PlanHz: o.PlanHz, Search: mpc.Defaults(), Seed: o.Seed, Model: model, Apart: true})
	if err != nil {
		return nil, err
	}
	p := &mindProcess{robot: robot, seed: o.Seed, sensors: reader[body.Sensors](region, "sensors"),
		verdict: reader[verdictFrame](region, "verdict"), seen: reader[seenFrame](region, "seen"), mind: writer[mindFrame](region, "mind"),
		believe: reader[estimateFrame](region, "estimate"), lifted: reader[liftFrame](region, "lift"), liftNs: rate.System{}.NowNs()}
	robot.Reset(o.Seed)
	robot.rehearse()
	return p, nil
}

// realtimeModel loads the weights where the planner needs them.
func realtimeModel(o *RealtimeOptions) (*jepa.Model, error) {
	switch {
	case o.Planner == Hold || o.Planner == Balance:
		return nil, nil
	case o.Planner == Oracle:
		return nil, errors.New("planner oracle is a measuring rod, a hundred times slower than life")
	case o.Weights != "":
		m, _, err := jepa.Load(o.Weights)
		return m, err
	}
	return EmbeddedModel()
}

// tick answers the newest sample.
func (p *mindProcess) tick(nowNs int64) {
	r := p.robot
	if _, err := p.sensors.Load(&r.Sensors); err != nil || r.Sensors.StampNs == p.lastNs {
		return
	}
	p.lastNs = r.Sensors.StampNs
	if _, err := p.verdict.Load(&p.said); err == nil {
		r.Verdict = p.said.Verdict
	}
	if _, err := p.seen.Load(&p.look); err == nil && r.mind != nil {
		r.mind.See(p.look.Visual[:p.look.N])
	}
	if !p.begin() || !p.learn() {
		return
	}
	r.MindStep()
	o := &p.out
	if r.lastPlan != p.decided && r.planner != nil && !r.admitted {
		o.Refused++
	}
	p.decided, o.LiftNs = r.lastPlan, p.liftNs
	o.Want = r.wanted()
	o.Command, o.Rung, o.State = r.Command, r.Verdict.Rung, r.State
	o.Plan, o.PlanNs, o.Admitted, o.PlanUs = r.Plan, r.planNs, r.admitted, r.PlanUs
	o.ArmContact = r.Touched
	if r.thinker != nil {
		o.Late = r.thinker.late
	}
	_ = p.mind.Store(o, nowNs, nowNs+MindMaxNs)
}

// begin forgets the fall when a simulated robot was lifted: as soon as no thought of it is under way. It reports
// whether there is something to say: until then it is of the fall.
func (p *mindProcess) begin() bool {
	r := p.robot
	if _, err := p.lifted.Load(&p.lift); err != nil || p.lift.AtNs <= p.liftNs {
		return true
	}
	if r.thinker != nil && r.thinker.busy && !r.thinker.done.Load() {
		return false
	}
	p.liftNs = p.lift.AtNs
	if r.thinker != nil {
		r.thinker.busy = false
		r.thinker.done.Store(false)
	}
	r.Reset(p.seed)
	p.knows = false
	r.Verdict = p.said.Verdict
	_, err := p.sensors.Load(&r.Sensors) // of the robot that stands
	return err == nil
}

// learn takes over the gate's estimate when the mind has none. It reports whether it has one: until then it has nothing to say.
func (p *mindProcess) learn() bool {
	if p.knows {
		return true
	}
	if _, err := p.believe.Load(&p.belief); err != nil || p.belief.LiftNs < p.lift.AtNs {
		return false
	}
	p.robot.estimate.TakeOver(&p.belief.Memory)
	p.knows = true
	return true
}
