package launch

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"robotd/cost"
	"robotd/dynamics"
	"robotd/jepa"
	"robotd/mpc"
)

// AblationReport is the one table of what the planner owes to which part.
type AblationReport struct {
	PushNs   []float64   `json:"push_ns"`
	Rows     []AblatRow  `json:"rows"`
	Paired   Paired      `json:"mode1_against_mode2"`
	Regret   Regret      `json:"cost_regret"`
	Standing QuietReport `json:"quiet_standing"`
}

// AblatRow is one variant's success at each push level.
type AblatRow struct {
	Name   string    `json:"name"`
	PlanHz int       `json:"plan_hz"`
	Rates  []float64 `json:"success_rates"`
	N      int       `json:"episodes"`
}

// Paired compares Mode-1 and Mode-2 where Mode-1 survives about half.
type Paired struct {
	PushNs float64 `json:"push_ns"`
	Mode1  float64 `json:"mode1_success_rate"`
	Mode2  float64 `json:"mode2_success_rate"`
	N      int     `json:"episodes"`
}

// Regret compares the driven plan's predicted cost with that of a far larger search from the same states.
type Regret struct {
	States   int     `json:"states"`
	Planner  float64 `json:"planner_cost"`
	Large    float64 `json:"cem_4096x30_cost"`
	Relative float64 `json:"relative"`
}

// QuietReport compares the heat of quiet standing with that of holding the pose.
type QuietReport struct {
	HoldW  float64 `json:"hold_copper_w"`
	Mode2W float64 `json:"mode2_copper_w"`
	Ratio  float64 `json:"ratio"`
}

// shuffled is a world whose predictor sees the actions of other candidates.
type shuffled struct {
	*jepa.Mind
	rng  *rand.Rand
	perm []float32
}

func (s *shuffled) Step(a []float32) {
	k := s.ActionDim()
	rows := len(a) / k
	s.perm = append(s.perm[:0], a...)
	for to, from := range s.rng.Perm(rows) {
		copy(s.perm[to*k:(to+1)*k], a[from*k:(from+1)*k])
	}
	s.Mind.Step(s.perm)
}

// Ablations measures the table; physical is a model of equal size trained the same way on the physical state, or nil.
func Ablations(ctx context.Context, dm *dynamics.Model, model, physical *jepa.Model, episodes int, seed uint64, l Log) (*AblationReport, error) {
	rep := &AblationReport{PushNs: []float64{20, 30, 40}}
	base := DefaultStandTask(Mode2, model)
	base.Episodes, base.Seed = episodes, seed
	type variant struct {
		name string
		edit func(*StandTask)
	}
	variants := []variant{
		{"mode2, as driven", func(*StandTask) {}},
		{"predictor with shuffled actions", func(t *StandTask) {
			t.Wrap = func(m *jepa.Mind) mpc.World { return &shuffled{Mind: m, rng: rand.New(rand.NewPCG(seed, 3))} }
		}},
		{"no critic", func(t *StandTask) { t.Search.NoCritic = true }},
		{"no actor seed", func(t *StandTask) { t.Search.NoSeed = true }},
		{"no warm start", func(t *StandTask) { t.Search.NoWarmStart = true }},
		{"replanned at 50 Hz", func(t *StandTask) { t.PlanHz = 50 }},
		{"replanned at 1000 Hz", func(t *StandTask) { t.PlanHz = 1000 }},
	}
	if physical != nil {
		variants = append(variants, variant{"physical-state MLP of equal size", func(t *StandTask) { t.Model = physical }})
	}
	for _, v := range variants {
		t := base
		v.edit(&t)
		row := AblatRow{Name: v.name, PlanHz: t.PlanHz, N: episodes}
		for _, j := range rep.PushNs {
			t.PushNs = j
			r, _, err := Stand(ctx, dm, t)
			if err != nil {
				return nil, err
			}
			row.Rates = append(row.Rates, r.SuccessRate)
		}
		l.Note(fmt.Sprintf("%s: %v at %v N s", row.Name, row.Rates, rep.PushNs))
		rep.Rows = append(rep.Rows, row)
	}
	var err error
	if rep.Paired, err = pairModes(ctx, dm, base); err != nil {
		return nil, err
	}
	if rep.Regret, err = measureRegret(dm, model, 20, seed); err != nil {
		return nil, err
	}
	rep.Standing, err = quietStanding(ctx, dm, base)
	return rep, err
}

// pairModes finds the push at which Mode-1 survives about half, and runs both modes there on the same seeds.
func pairModes(ctx context.Context, dm *dynamics.Model, base StandTask) (Paired, error) {
	one := base
	one.Planner = Mode1
	c, err := MeasureCurve(ctx, dm, one, max(base.Episodes, 5), func(Level) {})
	if err != nil {
		return Paired{}, err
	}
	one.PushNs, base.PushNs = round1(c.J50), round1(c.J50)
	r1, _, err := Stand(ctx, dm, one)
	if err != nil {
		return Paired{}, err
	}
	r2, _, err := Stand(ctx, dm, base)
	if err != nil {
		return Paired{}, err
	}
	return Paired{base.PushNs, r1.SuccessRate, r2.SuccessRate, base.Episodes}, nil
}

// measureRegret takes states out of pushed episodes and searches each twice: as driven (one improvement, warm-started from the plan
// before), and by 30 iterations of 4096 candidates; both plans are priced by the same world.
func measureRegret(dm *dynamics.Model, model *jepa.Model, states int, seed uint64) (Regret, error) {
	r := Regret{States: states}
	search := mpc.Defaults()
	large := search
	large.Candidates, large.Elites = 4096, 64
	mind, price := jepa.NewMind(model, large.Candidates), cost.New(dm.Standing())
	big := mpc.New(mind, price, large, seed)
	rng := rand.New(rand.NewPCG(seed, 4))
	t := DefaultStandTask(Mode2, model)
	t.Seed, t.PushNs, t.Episodes = seed, 25, states
	s, err := newStander(dm, t)
	if err != nil {
		return r, err
	}
	for i := 0; i < states; i++ {
		// The first decision after some moment in the second after the push begins.
		s.runUntil(i, int(1000*(t.QuietS+rng.Float64())))
		prev := s.decision()
		robot := s.robot
		mind.Encode(robot.window.Obs(0), robot.window.Obs(BlockNs))
		r.Planner += mpc.Price(mind, price, search.Gamma, robot.planner.Plan(), prev) / float64(states)
		big.Reset()
		for it := 0; it < 30; it++ {
			big.Improve(prev, rng)
		}
		r.Large += mpc.Price(mind, price, search.Gamma, big.Plan(), prev) / float64(states)
	}
	r.Relative = r.Planner/r.Large - 1
	return r, nil
}

// quietStanding compares copper heat over 20 s without a push.
func quietStanding(ctx context.Context, dm *dynamics.Model, base StandTask) (QuietReport, error) {
	base.PushNs, base.Episodes, base.AfterS = 0, 8, 20
	two, _, err := Stand(ctx, dm, base)
	if err != nil {
		return QuietReport{}, err
	}
	base.Planner = Hold
	hold, _, err := Stand(ctx, dm, base)
	if err != nil {
		return QuietReport{}, err
	}
	return QuietReport{hold.CopperW, two.CopperW, two.CopperW / hold.CopperW}, nil
}

// Table returns the report as Markdown.
func (a *AblationReport) Table() string {
	var b strings.Builder
	b.WriteString("| variant | plan Hz | n |")
	for _, j := range a.PushNs {
		fmt.Fprintf(&b, " %g N s |", j)
	}
	b.WriteString("\n|---|---|---|" + strings.Repeat("---|", len(a.PushNs)) + "\n")
	for _, r := range a.Rows {
		fmt.Fprintf(&b, "| %s | %d | %d |", r.Name, r.PlanHz, r.N)
		for _, rate := range r.Rates {
			fmt.Fprintf(&b, " %.2f |", rate)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\nAt %.1f N s: mode1 %.2f, mode2 %.2f on the same %d seeds.\n", a.Paired.PushNs, a.Paired.Mode1, a.Paired.Mode2, a.Paired.N)
	fmt.Fprintf(&b, "Cost regret against CEM 4096×30 on %d states: %.1f %% (%.5f against %.5f).\n", a.Regret.States, 100*a.Regret.Relative, a.Regret.Planner, a.Regret.Large)
	fmt.Fprintf(&b, "Quiet standing: copper heat %.1f W against %.1f W for hold, ratio %.2f.\n", a.Standing.Mode2W, a.Standing.HoldW, a.Standing.Ratio)
	return b.String()
}
