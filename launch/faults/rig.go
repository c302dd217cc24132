package faults

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"robotd/body"
	"robotd/dynamics"
	"robotd/gate"
	"robotd/jepa"
	"robotd/launch"
	"robotd/mpc"
	"robotd/sim"
)

// Rig is a robot in its simulator, in lockstep, with a layer of chaos at each seam: between sensors and mind, between mind and
// gate, and in the body itself. Every tick is held against the judge.
type Rig struct {
	Body  *body.Model
	Sim   *sim.Sim
	Robot *launch.Robot
	Rng   *rand.Rand
	Judge *Judge

	Tick   int        // of the run
	Faulty int        // tick of the fault, −1 before
	In     gate.Input // of the newest tick
	Truth  body.State // after it
	Wrong  sim.Faults // what is wrong with the body; hand it to Sim.SetFaults

	Joint    int     // that the fault is at, where it is at one
	LeanTick int     // first leaning by 0.6 rad
	FallTick int     // first on the rung of falls
	HitTick  int     // a body that leans far first met the ground
	DownTick int     // its trunk did
	OffTick  int     // first off
	DeepestM float64 // that the legs were inside each other
	loose    bool    // faults come one over the other: rows do not judge what they bring about
	hash     uint64  // of what the body did
	limitNm  float64 // of a joint whose winding warms
	MindDead bool    // from now on the reserve behind the gate answers
	Pack     *Pack   // the battery; nil: nobody measures the bus

	dm      *dynamics.Model
	reserve *launch.Reserve  // nil until the mind dies
	first   [body.NRungs]int // tick since the fault of the first grant on a rung at least as bad, −1 before
	sensors []hook[body.Sensors]
	mind    []hook[launch.Robot]
	input   []hook[gate.Input]
	next    int // number of the next hook
}

// hook meddles with a frame of every tick until it is taken out.
type hook[T any] struct {
	id int
	do func(*T)
}

// Setup says which robot a rig holds.
type Setup struct {
	Planner  launch.Planner // empty: balance
	Seed     uint64
	Build    func(*body.Model) // what the real body has and the model in the robot's head has not
	HeightM  float64           // dropped from
	Gate     gate.Options
	AsPlan   bool     // a simple planner drives on the rung of plans
	Deaf     bool     // the gate does not watch what drives report
	Dying    bool     // its mind will die: there is a reserve
	ChargeOf *float64 // of its battery, [0, 1]; nil: none
}

var embedded = sync.OnceValues(launch.EmbeddedModel)

// NewRig puts a robot on its feet.
func NewRig(o Setup) (*Rig, error) {
	if o.Planner == "" {
		o.Planner = launch.Balance
	}
	dm := dynamics.New(body.Humanoid())
	var model *jepa.Model
	if o.Planner == launch.Mode1 || o.Planner == launch.Mode2 {
		var err error
		if model, err = embedded(); err != nil {
			return nil, err
		}
	}
	o.Gate.Drives, o.Gate.Lockstep = !o.Deaf, true
	robot, err := launch.NewRobot(dm, launch.RobotOptions{Planner: o.Planner, PlanHz: launch.DefaultPlanHz, Search: mpc.Defaults(), Seed: o.Seed,
		Model: model, Gate: o.Gate, AsPlan: o.AsPlan})
	if err != nil {
		return nil, fmt.Errorf("fault rig: %w", err)
	}
	plant := dm
	if o.Build != nil {
		m := body.Humanoid()
		o.Build(m)
		plant = dynamics.New(m)
	}
	r := &Rig{dm: dm, Body: dm.Body(), Sim: sim.NewOn(plant, sim.Options{}), Robot: robot, Judge: NewJudge(dm.Body())}
	if o.Dying {
		r.reserve = launch.NewReserve(dm)
	}
	if o.ChargeOf != nil {
		r.Pack = newPack(*o.ChargeOf)
	}
	r.begin(o)
	return r, nil
}

// begin starts a new episode.
func (r *Rig) begin(o Setup) {
	r.Rng = rand.New(rand.NewPCG(o.Seed, 0x6661756c74))
	r.Tick, r.Faulty, r.LeanTick, r.FallTick, r.HitTick, r.DownTick, r.OffTick = 0, -1, -1, -1, -1, -1, -1
	r.Robot.Reset(r.Rng.Uint64())
	r.Sim.Reset(sim.ResetOptions{Seed: r.Rng.Uint64(), JointNoiseRad: 0.01, JointVelNoiseRadS: 0.05, HeightM: o.HeightM})
}

// OnSensors meddles with what the sensors say, every tick until the returned function is called.
func (r *Rig) OnSensors(do func(*body.Sensors)) (off func()) { return hang(r, &r.sensors, do) }

// OnMind meddles with the robot between its mind's step and the gate's: its plan, its command.
func (r *Rig) OnMind(do func(*launch.Robot)) (off func()) { return hang(r, &r.mind, do) }

// OnInput meddles with what the gate is asked.
func (r *Rig) OnInput(do func(*gate.Input)) (off func()) { return hang(r, &r.input, do) }

func hang[T any](r *Rig, to *[]hook[T], do func(*T)) func() {
	r.next++
	id := r.next
	*to = append(*to, hook[T]{id, do})
	return func() {
		for i := range *to {
			if (*to)[i].id == id {
				*to = append((*to)[:i], (*to)[i+1:]...)
				return
			}
		}
	}
}

func run[T any](hooks []hook[T], frame *T) {
	for i := 0; i < len(hooks); i++ {
		hooks[i].do(frame)
	}
}

// Break changes what is wrong with the body; the returned function mends it.
func (r *Rig) Break(how func(*sim.Faults)) (mend func()) {
	before := r.Wrong
	how(&r.Wrong)
	r.Sim.SetFaults(&r.Wrong)
	return func() {
		r.Wrong = before
		r.Sim.SetFaults(&r.Wrong)
	}
}

// Step runs one millisecond.
func (r *Rig) Step() {
	robot := r.Robot
	r.Sim.Sensors(&robot.Sensors)
	run(r.sensors, &robot.Sensors)
	if !r.MindDead {
		robot.MindStep()
		run(r.mind, robot)
	}
	r.In = robot.GateInput()
	r.stand()
	if r.Pack != nil {
		r.In.BusV = r.Pack.State.VoltageV
	}
	run(r.input, &r.In)
	robot.Grant(&r.In)
	r.note()
	r.Judge.tick(r)
	robot.Ack = false
	r.Sim.Step(&robot.Granted)
	r.Sim.Truth(&r.Truth)
	if r.Pack != nil {
		r.Pack.step(r.Sim)
	}
	r.Judge.body(r)
	r.mark()
	r.Tick++
}

// stand lets the reserve answer when the mind does not, as the gate's process does.
func (r *Rig) stand() {
	if r.reserve == nil {
		return
	}
	robot := r.Robot
	now := robot.Sensors.StampNs
	r.reserve.Step(now, &robot.Sensors, &robot.Plan, robot.Verdict.Rung)
	if now-robot.Command.StampNs > launch.MindMaxNs {
		r.In.Command, r.In.Mode1OK = &r.reserve.Command, false
	}
}

// note keeps when each rung was first come down to.
func (r *Rig) note() {
	if r.Faulty < 0 {
		r.first = [body.NRungs]int{-1, -1, -1, -1, -1, -1, -1}
		return
	}
	for rung := range r.Rung() + 1 {
		if r.first[rung] < 0 {
			r.first[rung] = r.Tick - r.Faulty + 1
		}
	}
}

// mark keeps when a fall was known, met the ground, and was over.
func (r *Rig) mark() {
	if r.LeanTick < 0 && r.Truth.Balance.PelvisUp[2] < math.Cos(0.6) {
		r.LeanTick = r.Tick + 1 // felt in the next
	}
	if r.FallTick < 0 && r.Rung() >= body.RungFall {
		r.FallTick = r.Tick
	}
	if r.OffTick < 0 && r.Rung() == body.RungOff {
		r.OffTick = r.Tick
	}
	anything, trunk := r.Sim.Down()
	if r.HitTick < 0 && r.OffFeet() && anything {
		r.HitTick = r.Tick
	}
	if r.DownTick < 0 && trunk {
		r.DownTick = r.Tick
	}
	r.hash = launch.Fold(r.hash, &r.Truth, r.Body.NJoints())
	r.DeepestM = max(r.DeepestM, r.Sim.LegsOverlapM())
}

// leanMs is how long a lean of 0.6 rad went unanswered by the rung of falls; 0 where there was none, or it was known before.
func (r *Rig) leanMs() int {
	switch {
	case r.LeanTick < 0:
		return 0
	case r.FallTick < 0:
		return r.Tick - r.LeanTick
	}
	return max(0, r.FallTick-r.LeanTick+1)
}

// After returns the ms from the fault to the first grant on the rung or a worse one, −1 without one.
func (r *Rig) After(rung body.Rung) int { return r.first[rung] }

// Upright reports whether the robot has not fallen.
func (r *Rig) Upright() bool { return r.Truth.Balance.Upright(r.Body.StandHeightM) }

// OffFeet reports whether it fell, kneeling aside: the trunk no longer points upward.
func (r *Rig) OffFeet() bool { return r.Truth.Balance.PelvisUp[2] < 0.5 }

// Rung is the one that the newest grant serves.
func (r *Rig) Rung() body.Rung { return r.Robot.Granted.Rung() }
