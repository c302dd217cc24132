// Package launch is where the house is wired: it builds every stage, hands the frames from one to the next, and runs them
// against the embedded simulator, a ROS robot, or a table of experiments. It is the only package that sees all rooms.
package launch

import (
	"fmt"
	"math/rand/v2"

	"robotd/body"
	"robotd/control"
	"robotd/cost"
	"robotd/dynamics"
	"robotd/gate"
	"robotd/jepa"
	"robotd/memory"
	"robotd/mpc"
	"robotd/proprio"
)

// Planner names who decides.
type Planner string

// The planners: PD on the pose, analytic capture point, the reactive actor, the deliberate one, and the deliberate search
// on the true simulator.
const (
	Hold    Planner = "hold"
	Balance Planner = "balance"
	Mode1   Planner = "mode1"
	Mode2   Planner = "mode2"
	Oracle  Planner = "oracle"
)

// DefaultPlanHz is how often Mode-2 improves its plan: four times in a block, which two laptop cores keep up with. docs/STATUS.md
// has what survives at 50, 200 and 1000 Hz side by side.
const DefaultPlanHz = 200

// gatherPlanHz is the rate at which experience is gathered: one decision a block, so that a recorded action is the one driven.
const gatherPlanHz = 50

// BlockNs is one block of level 1: 20 ms.
const BlockNs = 20_000_000

// RobotOptions say how one robot is run.
type RobotOptions struct {
	Planner Planner
	PlanHz  int // replanning rate of Mode-2 and oracle, a divisor of 1000
	Search  mpc.Options
	Seed    uint64
	Model   *jepa.Model
	World   mpc.World                  // instead of the model's own: the oracle
	Wrap    func(*jepa.Mind) mpc.World // around the model's own: ablations
	AsPlan  bool                       // hold, balance and mode1 are driven as plans of one action: experience is gathered so
	Apart   bool                       // deliberation runs on a thread of its own: see Thinker
	Gate    gate.Options
}

// SimGate are the options of a gate in lockstep with the simulator: its drives tell the torque of the tick before.
var SimGate = gate.Options{Drives: true, Lockstep: true}

// Robot is one brain: the stages of one tick and the frames between them. Stepped from one goroutine.
type Robot struct {
	o        RobotOptions
	m        *body.Model
	rng      *rand.Rand
	estimate *proprio.Estimator
	observer *jepa.Observer
	window   *memory.Window
	mind     *jepa.Mind
	planner  *mpc.Planner
	control  *control.Controller
	gate     *gate.Gate
	arms     *proprio.ArmWatch

	// Frames, in the order in which a tick fills them.
	Sensors body.Sensors
	State   body.State
	Plan    body.Plan
	Command body.Command
	Granted gate.Granted
	Verdict gate.Verdict

	Stop, Ack bool      // from people: the emergency stop is pressed; somebody acknowledges
	Near      gate.Near // whether a person is near
	Stalled   bool      // the planner is stuck: it decides no more until it is not

	Touched     [2]bool // left and right arm, by what they should not
	Stoppable   bool    // it can stop where it stands now, as far as the estimator knows
	StopMarginM float64 // of the capture point inside the loaded soles, negative outside

	action    []float32 // in force, [-1, 1]
	meant     []float32 // by the teacher, before exploration
	tail      []float32 // the last admitted plan, blocks × joints, as actions
	knot      [body.MaxJoints]float64
	explore   *explorer // nil unless experience is gathered
	thought   thought
	thinker   *Thinker   // nil: a thought is over in the tick in which it began
	reflex    *jepa.Mind // that the reactive actor needs while the other one is busy with a thought; nil when there is none
	lastPlan  int64      // when the plan was last improved
	admitted  bool
	sampledNs int64 // the sample before
	planNs    int64 // when the newest admitted plan was made
	PlanUs    float64
}

// NewRobot builds a brain for the body of dm.
func NewRobot(dm *dynamics.Model, o RobotOptions) (*Robot, error) {
	m := dm.Body()
	if o.Planner == "" {
		o.Planner = Mode2
	}
	if o.PlanHz <= 0 || 1000%o.PlanHz != 0 {
		return nil, fmt.Errorf("plan rate %d Hz: it must divide 1000", o.PlanHz)
	}
	if o.Planner == Mode2 || o.Planner == Oracle {
		if err := o.Search.Check(); err != nil {
			return nil, err
		}
	}
	g, err := gate.New(m, o.Gate)
	if err != nil {
		return nil, err
	}
	n := m.NJoints()
	r := &Robot{o: o, m: m, rng: rand.New(rand.NewPCG(o.Seed, 0x726f626f74)), estimate: proprio.New(dm, proprio.DefaultOptions),
		observer: jepa.NewObserver(m, dm.Standing()), control: control.New(m), gate: g, arms: proprio.NewArmWatch(m),
		action: make([]float32, n), meant: make([]float32, n)}
	r.thought = newThought(r.observer.Dim(), n)
	latent := 0
	if o.Model != nil {
		if o.Model.Config.Joints != n {
			return nil, fmt.Errorf("world model for %d joints, body has %d: train one for this body", o.Model.Config.Joints, n)
		}
		r.mind = jepa.NewMind(o.Model, o.Search.Candidates)
		latent = o.Model.Config.LatentDim()
	} else if o.Planner == Mode1 || o.Planner == Mode2 {
		return nil, fmt.Errorf("planner %s needs a world model", o.Planner)
	}
	r.window = memory.NewWindow(21, r.observer.Dim(), latent, n)
	var world mpc.World = r.mind
	switch {
	case o.World != nil:
		world = o.World
	case o.Wrap != nil && r.mind != nil:
		world = o.Wrap(r.mind)
	}
	if o.Planner == Mode2 || o.Planner == Oracle {
		r.planner = newPlanner(dm, world, o.Search, o.Seed)
		r.tail = make([]float32, o.Search.Blocks*n)
	}
	if o.Apart && r.planner != nil {
		r.thinker = newThinker(r)
		if o.Model != nil {
			r.reflex = jepa.NewMind(o.Model, 1)
		}
	}
	return r, nil
}

// newPlanner makes the planner that drives: by the house's cost, admitting what can be stopped where it ends.
func newPlanner(dm *dynamics.Model, w mpc.World, search mpc.Options, seed uint64) *mpc.Planner {
	standing := dm.Standing()
	p := mpc.New(w, cost.New(standing), search, seed)
	p.AdmitBy(control.NewTailStop(dm.Body(), standing).Stops)
	return p
}

// Reset makes the brain forget: a new episode begins.
func (r *Robot) Reset(seed uint64) {
	r.rng = rand.New(rand.NewPCG(seed, 0x726f626f74))
	r.estimate.Reset()
	r.window.Reset()
	r.gate.Reset()
	r.control.Reset()
	r.arms.Reset()
	r.sampledNs = 0
	if r.planner != nil {
		r.planner.Reset()
	}
	clear(r.action)
	clear(r.meant)
	clear(r.tail)
	r.Verdict, r.Plan, r.Command = gate.Verdict{Rung: r.wanted()}, body.Plan{}, body.Command{}
	r.lastPlan, r.planNs, r.admitted, r.Stalled = -1<<60, -1<<60, false, false
}

// wanted is the best rung that this planner may stand on.
func (r *Robot) wanted() body.Rung {
	if r.o.AsPlan {
		return body.RungPlan
	}
	switch r.o.Planner {
	case Mode1:
		return body.RungMode1
	case Hold, Balance:
		return body.RungBalance
	}
	return body.RungPlan
}

// Tick runs one millisecond of the brain on r.Sensors and leaves r.Granted: mind, then gate. HostStep runs apart, at the
// camera's rate.
func (r *Robot) Tick() {
	r.MindStep()
	r.Stoppable, r.StopMarginM = control.Stoppable(r.m, &r.State)
	r.GateStep()
}

// HostStep takes the tokens of a camera frame into the latent.
func (r *Robot) HostStep(tokens []float32) {
	if r.mind != nil {
		r.mind.Look(tokens)
	}
}

// MindStep: sensors → state → observation → latent → plan → joint command.
func (r *Robot) MindStep() {
	now := r.Sensors.StampNs
	r.estimate.Step(&r.Sensors, &r.State)
	r.Touched = r.arms.Step(r.estimate.Kinematics(), r.State.VelMS, &r.Sensors, float64(now-r.sampledNs)*1e-9)
	r.sampledNs = now
	r.observer.Observe(&r.State, r.action, r.window.Push(now))
	r.deliberate(now)
	copy(r.window.Action(0), r.action)
	r.control.Step(&control.Input{NowNs: now, State: &r.State, Plan: &r.Plan, Rung: r.Verdict.Rung, Knot: &r.knot,
		Hold: r.o.Planner == Hold}, &r.Command)
}

// GateStep: command → granted.
func (r *Robot) GateStep() {
	in := r.GateInput()
	r.Grant(&in)
}

// GateInput is what the gate is asked in this tick, as sensors, mind and people have it.
func (r *Robot) GateInput() gate.Input {
	now := r.Sensors.StampNs
	plans := r.wanted() == body.RungPlan
	in := gate.Input{NowNs: now, Sensors: &r.Sensors, Command: &r.Command, Rung: r.Verdict.Rung, Want: r.wanted(),
		PlanFresh: plans && r.admitted && now-r.planNs <= r.periodNs()+3_000_000, Mode1OK: r.mind != nil, BalanceOK: true, Stop: r.Stop, Ack: r.Ack,
		HumanNear: r.Near, ArmContact: r.Touched}
	if plans {
		in.TailNs = r.Plan.StartNs + int64(r.Plan.Blocks)*BlockNs - now
	}
	return in
}

// Grant lets the gate grant what it is asked.
func (r *Robot) Grant(in *gate.Input) { r.gate.Step(in, &r.Granted, &r.Verdict) }

func (r *Robot) periodNs() int64 {
	if r.planner == nil {
		return BlockNs
	}
	return int64(1e9) / int64(r.o.PlanHz)
}

// writePlan turns actions into the knots that control follows. A plan that is not admitted leaves the old one, whose tail is
// driven.
func (r *Robot) writePlan(now int64) {
	n := r.m.NJoints()
	r.writeKnot()
	if !r.admitted {
		return
	}
	r.Plan.Seq++
	r.Plan.StartNs, r.Plan.BlockNs, r.Plan.Blocks = now, BlockNs, 1
	r.Plan.QRad[0] = r.knot
	if r.planner == nil {
		return
	}
	r.Plan.Blocks = r.planner.Options().Blocks
	plan := r.planner.Plan()
	copy(r.tail, plan)
	copy(r.tail[:n], r.action)
	for h := 1; h < r.Plan.Blocks; h++ {
		for j := 0; j < n; j++ {
			r.Plan.QRad[h][j] = r.m.KnotTarget(j, float64(plan[h*n+j]))
		}
	}
}

func (r *Robot) writeKnot() {
	for j := range r.action {
		r.knot[j] = r.m.KnotTarget(j, float64(r.action[j]))
	}
}

// toAction turns joint targets into an action in [-1, 1].
func (r *Robot) toAction(q *[body.MaxJoints]float64, a []float32) {
	for j := range a {
		a[j] = float32(min(max((q[j]-r.m.StandRad[j])/r.m.KnotRad[j], -1), 1))
	}
}
