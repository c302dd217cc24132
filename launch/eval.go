package launch

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"robotd/body"
	"robotd/dynamics"
	"robotd/jepa"
	"robotd/mpc"
	"robotd/sim"
)

// StandTask is the push task: after quiet standing the torso is pushed once, horizontally.
type StandTask struct {
	Planner  Planner
	PlanHz   int
	Search   mpc.Options
	Model    *jepa.Model
	PushNs   float64 // impulse, N s
	Episodes int
	Seed     uint64
	QuietS   float64 // before the push
	AfterS   float64 // after it, upright all the time
	Wrap     func(*jepa.Mind) mpc.World
}

// DefaultStandTask pushes after 0.4 s and asks for 5 s upright.
func DefaultStandTask(p Planner, model *jepa.Model) StandTask {
	hz := DefaultPlanHz
	if p == Oracle {
		hz = 20
	}
	return StandTask{Planner: p, PlanHz: hz, Search: mpc.Defaults(), Model: model, Episodes: 100, Seed: 1, QuietS: 0.4, AfterS: 5}
}

// Outcome is the record of one episode.
type Outcome struct {
	Upright    bool
	LeftPlan   bool // the ladder fell below the rung that was wanted
	Ticks      int
	Rungs      [body.NRungs]int
	BusMeanW   float64
	BusPeakW   float64
	CopperJ    float64
	Violations uint64
	Cost       float64 // mean real block cost
	Estimate   EstimateError
}

// Success reports whether the episode counts: upright to the end on the wanted rung.
func (o *Outcome) Success() bool { return o.Upright && !o.LeftPlan }

// Report sums up a task's episodes.
type Report struct {
	Task        string             `json:"task"`
	Body        string             `json:"body"`
	Planner     Planner            `json:"planner"`
	PlanHz      int                `json:"plan_hz"`
	PushNs      float64            `json:"push_ns"`
	Episodes    int                `json:"episodes"`
	Seed        uint64             `json:"seed"`
	Successes   int                `json:"successes"`
	SuccessRate float64            `json:"success_rate"`
	CI95        [2]float64         `json:"ci95"`
	PowerW      Power              `json:"power_w"`
	CopperW     float64            `json:"copper_heat_w"`
	Violations  uint64             `json:"violations"`
	RungShare   map[string]float64 `json:"rung_share"`
	Estimator   EstimateError      `json:"estimator_rmse"`
}

// Power is electrical power at the bus; modelled, the simulator has no meter but the motor model.
type Power struct {
	Mean   float64 `json:"mean"`
	Peak   float64 `json:"peak"`
	Source string  `json:"source"`
}

// Stand runs the task's episodes on all cores. Episode i pushes in direction i of n evenly spread ones, turned by a random
// offset; the outcomes do not depend on the number of cores.
func Stand(ctx context.Context, dm *dynamics.Model, t StandTask) (*Report, []Outcome, error) {
	outcomes := make([]Outcome, t.Episodes)
	jobs := make(chan int)
	var wg sync.WaitGroup
	for w := 0; w < runtime.GOMAXPROCS(0); w++ {
		e, err := newStander(dm, t)
		if err != nil {
			return nil, nil, err
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range jobs {
				outcomes[i] = e.episode(i)
			}
		}()
	}
	for i := range outcomes {
		if ctx.Err() != nil {
			break
		}
		jobs <- i
	}
	close(jobs)
	wg.Wait()
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	return sumUp(t, outcomes), outcomes, nil
}

// stander runs episodes of the task on its own simulator.
type stander struct {
	t     StandTask
	dm    *dynamics.Model
	sim   *sim.Sim
	robot *Robot
}

func newStander(dm *dynamics.Model, t StandTask) (*stander, error) {
	s := &stander{t: t, dm: dm, sim: sim.New(dm.Body(), sim.Options{})}
	o := RobotOptions{Planner: t.Planner, PlanHz: t.PlanHz, Search: t.Search, Seed: t.Seed, Model: t.Model, Wrap: t.Wrap, Gate: SimGate}
	if t.Planner == Oracle {
		o.World = newTrueWorld(dm, s.sim, t.Search.Candidates, t.Model)
	}
	var err error
	s.robot, err = NewRobot(dm, o)
	if w, ok := o.World.(*trueWorld); ok && err == nil {
		w.robot = s.robot
	}
	return s, err
}

// direction of episode i's push: stratified over the circle.
func (t *StandTask) direction(i int) float64 {
	turn := rand.New(rand.NewPCG(t.Seed, 0xd1ec)).Float64()
	return 2 * math.Pi * (float64(i) + turn) / float64(t.Episodes)
}

// begin puts robot and simulator at the start of episode i, its push scheduled.
func (s *stander) begin(i int) {
	rng := rand.New(rand.NewPCG(s.t.Seed, 0x57a4d+uint64(i)))
	s.robot.Reset(rng.Uint64())
	s.sim.Reset(sim.ResetOptions{Seed: rng.Uint64(), JointNoiseRad: 0.01, JointVelNoiseRadS: 0.05})
	sin, cos := math.Sincos(s.t.direction(i))
	s.sim.Push(sim.Push{StartNs: int64(s.t.QuietS * 1e9), DurationNs: 100e6, Link: s.dm.Body().Chest,
		ImpulseNs: body.Vec3{s.t.PushNs * cos, s.t.PushNs * sin, 0}})
}

// tick runs one millisecond of brain and body.
func (s *stander) tick() {
	s.sim.Sensors(&s.robot.Sensors)
	s.robot.Tick()
	s.sim.Step(&s.robot.Granted)
}

// runUntil begins episode i and runs it for so many ticks.
func (s *stander) runUntil(i, ticks int) {
	s.begin(i)
	for ; ticks > 0; ticks-- {
		s.tick()
	}
}

// decision runs until the planner has just decided, and returns the action that was in force before.
func (s *stander) decision() (prev []float32) {
	for {
		prev = append(prev[:0], s.robot.action...)
		s.tick()
		if s.robot.lastPlan == s.robot.Sensors.StampNs {
			return prev
		}
	}
}

func (s *stander) episode(i int) Outcome {
	s.begin(i)
	r := s.robot
	out := Outcome{Upright: true}
	var truth body.State
	score := newScore(s.dm)
	ticks := int((s.t.QuietS + 0.1 + s.t.AfterS) * 1000)
	for ; out.Ticks < ticks; out.Ticks++ {
		s.tick()
		out.Rungs[r.Granted.Rung()]++
		mean, peak := s.sim.BusW()
		out.BusMeanW += mean
		out.BusPeakW = math.Max(out.BusPeakW, peak)
		if peak > 500 {
			out.Violations++
		}
		out.CopperJ += s.sim.CopperW() * 1e-3
		if out.Ticks%20 != 0 {
			continue
		}
		s.sim.Truth(&truth)
		out.Estimate.add(&r.State, &truth)
		score.add(&truth, r.action)
		if !truth.Balance.Upright(s.dm.Body().StandHeightM) {
			out.Upright = false
			out.Ticks++
			break
		}
	}
	out.Ticks = max(out.Ticks, 1)
	out.BusMeanW /= float64(out.Ticks)
	out.Cost = score.mean()
	below := 0
	for rung, n := range out.Rungs {
		if body.Rung(rung) > max(r.wanted(), body.RungTail) && body.Rung(rung) != r.wanted() {
			below += n
		}
	}
	out.LeftPlan = below > 0
	return out
}

func sumUp(t StandTask, outcomes []Outcome) *Report {
	r := &Report{Task: "stand", Body: "sim", Planner: t.Planner, PlanHz: t.PlanHz, PushNs: t.PushNs, Episodes: len(outcomes), Seed: t.Seed,
		RungShare: map[string]float64{}, PowerW: Power{Source: "model"}}
	ticks, copper := 0, 0.0
	var rungs [body.NRungs]int
	for i := range outcomes {
		o := &outcomes[i]
		if o.Success() {
			r.Successes++
		}
		ticks += o.Ticks
		r.PowerW.Mean += o.BusMeanW * float64(o.Ticks)
		r.PowerW.Peak = math.Max(r.PowerW.Peak, o.BusPeakW)
		copper += o.CopperJ
		r.Violations += o.Violations
		r.Estimator.merge(&o.Estimate)
		for k, n := range o.Rungs {
			rungs[k] += n
		}
	}
	r.PowerW.Mean /= float64(ticks)
	r.CopperW = copper / (float64(ticks) * 1e-3)
	for k, n := range rungs {
		r.RungShare[body.Rung(k).String()] = float64(n) / float64(ticks)
	}
	r.SuccessRate = float64(r.Successes) / float64(len(outcomes))
	r.CI95 = Wilson(r.Successes, len(outcomes))
	r.Estimator.finish()
	return r
}

// Wilson returns the 95 % score interval of k successes in n trials (Wilson 1927).
func Wilson(k, n int) [2]float64 {
	if n == 0 {
		return [2]float64{0, 1}
	}
	const z = 1.959964
	p, m := float64(k)/float64(n), float64(n)
	centre := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z * math.Sqrt(p*(1-p)/m+z*z/(4*m*m)) / (1 + z*z/m)
	return [2]float64{math.Max(0, centre-half), math.Min(1, centre+half)}
}
