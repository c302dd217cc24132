package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"robotd/body"
	"robotd/gate"
	"robotd/launch"
)

// Random runs are seeds of 5 s: some faults of the catalogue at random times, one over the other, and people who press, release,
// acknowledge and stand near. Nothing is owed in particular, but everything that the judge knows.

// SeedResult is one random run.
type SeedResult struct {
	Seed       uint64   `json:"seed"`
	Planner    string   `json:"planner"`
	Faults     []string `json:"faults"` // in order, with the ms at which each began and ended
	Rung       string   `json:"rung"`   // at the end
	Broken     int      `json:"broken"` // rules
	Why        []string `json:"why,omitempty"`
	Trajectory string   `json:"trajectory"` // hash of all that the body did: the same again for the same seed

	limits, illegal, climbs int
	judge                   *Judge
}

const (
	randomMs   = 5000
	settledMs  = 200
	mostFaults = 4
	warmUpMs   = 9000 // of the seeds in which a winding runs hot
)

// randomScenes are what random runs draw from: the rows that need no robot of their own, and what only happens beside others.
func randomScenes() []scene {
	fits := slices.DeleteFunc(scenes(), func(s scene) bool { return s.sole })
	input := func(name string, do func(in *gate.Input)) scene {
		return scene{name: name, inject: func(r *Rig) func() { return r.OnInput(do) }}
	}
	return append(fits,
		input("balance_refused", func(in *gate.Input) { in.BalanceOK = false }),
		input("mode1_refused", func(in *gate.Input) { in.Mode1OK = false }),
		input("want_nonsense", func(in *gate.Input) { in.Want = 200 }),
		scene{name: "bus_meter_high", inject: func(r *Rig) func() { return r.OnSensors(func(s *body.Sensors) { s.BusW = 600 }) }},
		scene{name: "leg_runs_hot", setup: Setup{Deaf: true, Gate: gate.Options{AmbientC: 60}}, inject: func(r *Rig) func() {
			return r.hotSensor(r.Body.JointIndex(pick(r, sided("ankle_pitch", "ankle_roll"))))
		}})
}

// RunSeed plays one random run. Each seed begins with another row of the catalogue, so that a few hundred meet every row.
func RunSeed(seed uint64) (*SeedResult, error) {
	rng := rand.New(rand.NewPCG(seed, 0x72616e646f6d))
	from := randomScenes()
	first := from[seed%uint64(len(from))]
	setup := first.setup
	setup.Seed, setup.Dying = seed, rng.IntN(3) == 0
	if setup.Planner == "" {
		setup.Planner = [...]launch.Planner{launch.Balance, launch.Balance, launch.Balance, launch.Mode1}[rng.IntN(4)]
		setup.AsPlan = setup.AsPlan || rng.IntN(2) == 0
	}
	r, err := NewRig(setup)
	if err != nil {
		return nil, fmt.Errorf("seed %d: %w", seed, err)
	}
	r.loose = true
	res := &SeedResult{Seed: seed, Planner: string(setup.Planner), judge: r.Judge}
	people(r, rand.New(rand.NewPCG(seed, 0x70656f706c65)))
	ms := randomMs
	if first.name == "leg_runs_hot" {
		ms += warmUpMs
	}
	plan := schedule(rng, from, first)
	for r.Tick < ms {
		plan = play(r, plan, res)
		r.Step()
	}
	res.Rung, res.Broken, res.Why = r.Rung().String(), r.Judge.Broken, r.Judge.Faults
	res.limits, res.illegal, res.climbs = r.Judge.Limits.Total(), r.Judge.Illegal, r.Judge.Climbs
	res.Trajectory = fmt.Sprintf("%016x", r.hash)
	return res, nil
}

// event is one fault of a schedule.
type event struct {
	scene      scene
	from, till int
	mend       func()
	on         bool
}

// schedule draws the faults of a run: the given one first.
func schedule(rng *rand.Rand, from []scene, first scene) []*event {
	var plan []*event
	for k := range 1 + rng.IntN(mostFaults) {
		e := &event{scene: first}
		if k > 0 {
			e.scene = from[rng.IntN(len(from))]
		}
		e.from = settledMs + rng.IntN(randomMs-settledMs)/2
		e.till = e.from + 20 + rng.IntN(2000)
		if k == 0 && rng.IntN(2) == 0 { // to the end
			e.from, e.till = settledMs+rng.IntN(500), 1<<30
		}
		plan = append(plan, e)
	}
	slices.SortStableFunc(plan, func(a, b *event) int { return a.from - b.from })
	return plan
}

// play begins and ends what is due.
func play(r *Rig, plan []*event, res *SeedResult) []*event {
	for _, e := range plan {
		switch {
		case !e.on && r.Tick >= e.from:
			e.on = true
			r.Judge.Wild = r.Judge.Wild || e.scene.wild
			if r.Faulty < 0 {
				r.Faulty = r.Tick
			}
			began := r.Tick
			e.mend = e.scene.inject(r)
			res.Faults = append(res.Faults, fmt.Sprintf("%s %d-%d", e.scene.name, began, e.till))
		case e.on && r.Tick >= e.till:
			if e.mend != nil {
				e.mend()
			}
			return slices.DeleteFunc(plan, func(other *event) bool { return other == e })
		}
	}
	return plan
}

// people press and release, acknowledge, come near, say that the robot hangs; in one of three runs the two lines are wired.
func people(r *Rig, rng *rand.Rand) {
	often := func(every int) bool { return rng.IntN(every) == 0 }
	near, hoist, lines := gate.NearUnknown, false, [2]gate.Line{}
	busy, wired := rng.IntN(3) > 0, rng.IntN(3) == 0
	if wired {
		lines = [2]gate.Line{gate.LineClosed, gate.LineClosed}
	}
	r.OnInput(func(in *gate.Input) {
		in.Ack = often(200)
		if busy && often(900) || r.Robot.Stop && often(250) {
			r.Robot.Stop = !r.Robot.Stop
			in.Stop = r.Robot.Stop
		}
		if often(1500) {
			near = gate.Near(rng.IntN(3))
		}
		if often(2500) {
			hoist = !hoist
		}
		if wired && often(1200) {
			both := pick(&Rig{Rng: rng}, []gate.Line{gate.LineClosed, gate.LineClosed, gate.LineOpen})
			lines = [2]gate.Line{both, both}
		}
		if wired && often(9000) {
			lines[rng.IntN(2)] = gate.Line(rng.IntN(4))
		}
		in.HumanNear, in.OnHoist, in.StopLine = near, hoist, lines
	})
}

// RandomReport sums up random runs, and what their generator reached.
type RandomReport struct {
	Seed           uint64         `json:"seed"`
	Seeds          int            `json:"seeds"`
	SimS           float64        `json:"sim_s"`
	Violations     int            `json:"limit_violations"`
	IllegalClimbs  int            `json:"illegal_climbs"`
	IllegalMoves   int            `json:"illegal_moves"` // climbs included
	Broken         int            `json:"rules_broken"`  // all of the judge's
	Failed         []*SeedResult  `json:"failed"`        // the first few
	Faults         map[string]int `json:"faults"`        // runs that met each
	Causes         map[string]int `json:"causes"`        // runs that saw each
	Rungs          map[string]int `json:"rung_ticks"`
	Transitions    map[string]int `json:"transitions"`
	MissingCauses  []string       `json:"missing_causes"`
	MissingRungs   []string       `json:"missing_rungs"`
	LegalMovesSeen string         `json:"rung_pairs"`    // of the moves that the ladder has
	Run            *SeedResult    `json:"run,omitempty"` // where it is one
	Pass           bool           `json:"pass"`
}

const failedKept = 20

// RunRandom plays seeds from seed on, on all cores.
func RunRandom(ctx context.Context, seed uint64, seeds int) (*RandomReport, error) {
	results := make([]*SeedResult, seeds)
	err := spread(ctx, seeds, func(i int) (err error) {
		results[i], err = RunSeed(seed + uint64(i))
		return err
	})
	if err != nil {
		return nil, err
	}
	rep := &RandomReport{Seed: seed, Seeds: seeds, Failed: []*SeedResult{}, Faults: map[string]int{}, Causes: map[string]int{}, Rungs: map[string]int{},
		Transitions: map[string]int{}}
	for _, res := range results {
		rep.add(res)
	}
	rep.missing()
	if seeds == 1 {
		rep.Run = results[0]
	}
	rep.Pass = rep.Broken == 0 && (seeds < fullSeeds || len(rep.MissingCauses)+len(rep.MissingRungs) == 0)
	return rep, nil
}

// fullSeeds is from how many on every cause and rung must have been seen.
const fullSeeds = 200

func (r *RandomReport) add(res *SeedResult) {
	r.Violations += res.limits
	r.IllegalMoves += res.illegal
	r.IllegalClimbs += res.climbs
	r.Broken += res.Broken
	if res.Broken > 0 && len(r.Failed) < failedKept {
		r.Failed = append(r.Failed, res)
	}
	for _, f := range res.Faults {
		name, _, _ := strings.Cut(f, " ")
		r.Faults[name]++
	}
	for i := range gate.NCauses {
		if c := gate.Cause(1) << i; res.judge.Causes&c != 0 {
			r.Causes[c.String()]++
		}
	}
	for from := range body.NRungs {
		r.Rungs[body.Rung(from).String()] += res.judge.Ticks[from]
		r.SimS += float64(res.judge.Ticks[from]) * 1e-3
		for to, n := range res.judge.Moves[from] {
			if n > 0 && from != to {
				r.Transitions[body.Rung(from).String()+">"+body.Rung(to).String()] += n
			}
		}
	}
}

// missing names what no run reached.
func (r *RandomReport) missing() {
	r.MissingCauses, r.MissingRungs = []string{}, []string{}
	for i := range gate.NCauses {
		if name := (gate.Cause(1) << i).String(); r.Causes[name] == 0 {
			r.MissingCauses = append(r.MissingCauses, name)
		}
	}
	for rung := range body.NRungs {
		if name := body.Rung(rung).String(); r.Rungs[name] == 0 {
			r.MissingRungs = append(r.MissingRungs, name)
		}
	}
	// Down: from any to any worse. Up: tail, mode1 and balance to plan, balance to mode1, crouch to balance.
	legal := body.NRungs*(body.NRungs-1)/2 + 5
	r.LegalMovesSeen = fmt.Sprintf("%d of %d", len(r.Transitions), legal)
}

// Text is the report for people.
func (r *RandomReport) Text() string {
	var b strings.Builder
	for _, f := range r.Failed {
		fmt.Fprintf(&b, "seed %d, %s, %s: %d rules broken: %s\n", f.Seed, f.Planner, strings.Join(f.Faults, ", "), f.Broken, strings.Join(f.Why, "; "))
	}
	if r.Run != nil {
		fmt.Fprintf(&b, "seed %d, %s: %s; ends on %s, trajectory %s\n", r.Run.Seed, r.Run.Planner, strings.Join(r.Run.Faults, ", "), r.Run.Rung, r.Run.Trajectory)
	}
	fmt.Fprintf(&b, "causes seen: %d of %d", len(r.Causes), gate.NCauses)
	if len(r.MissingCauses) > 0 {
		fmt.Fprintf(&b, ", not %s", strings.Join(r.MissingCauses, ", "))
	}
	fmt.Fprintf(&b, "; rungs: %d of %d; moves between rungs: %s\n", body.NRungs-len(r.MissingRungs), body.NRungs, r.LegalMovesSeen)
	fmt.Fprintf(&b, "%d seeds from %d, %.0f s: %d limit violations, %d illegal climbs, %d rules broken", r.Seeds, r.Seed, r.SimS, r.Violations, r.IllegalClimbs, r.Broken)
	return b.String()
}
