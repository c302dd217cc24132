package faults

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"robotd/body"
	"robotd/control"
	"robotd/launch"
)

// StopReport is what pressing the stop at random moments led to.
type StopReport struct {
	Seed      uint64     `json:"seed"`
	Presses   int        `json:"presses"`
	CrouchMs  float64    `json:"crouch_ms_worst"` // from the press to the first command of the crouch
	OffS      [2]float64 `json:"off_s"`           // soonest and latest, from the press
	Off       int        `json:"off"`             // by 3.0 s and a tick
	Kneeling  int        `json:"kneeling"`        // of those that stood when it was pressed
	Standing  int        `json:"standing"`        // when it was pressed
	Stoppable [2]int     `json:"stoppable"`       // of those that said so, how many ended kneeling; and how many said so
	Broken    int        `json:"rules_broken"`
	Why       []string   `json:"why,omitempty"`
	Pass      bool       `json:"pass"`
}

// pressed is one of them.
type pressed struct {
	crouchMs, offMs     int
	stood, kneels, said bool
	judge               *Judge
}

const (
	offMostMs   = 3001
	crouchLeast = 0.95 // of those that stood must end kneeling
)

// RunStops presses the stop at random moments of what the robot does today: standing by each planner while it is pushed.
func RunStops(ctx context.Context, seed uint64, presses int) (*StopReport, error) {
	all := make([]pressed, presses)
	err := spread(ctx, presses, func(i int) (err error) {
		all[i], err = pressOnce(seed+uint64(i), i)
		return err
	})
	if err != nil {
		return nil, err
	}
	rep := &StopReport{Seed: seed, Presses: presses, OffS: [2]float64{math.Inf(1), 0}}
	for i := range all {
		p := &all[i]
		rep.CrouchMs = math.Max(rep.CrouchMs, float64(p.crouchMs))
		if p.offMs > 0 {
			rep.OffS[0], rep.OffS[1] = math.Min(rep.OffS[0], float64(p.offMs)*1e-3), math.Max(rep.OffS[1], float64(p.offMs)*1e-3)
		}
		rep.Off += count(p.offMs > 0 && p.offMs <= offMostMs)
		rep.Standing += count(p.stood)
		rep.Kneeling += count(p.stood && p.kneels)
		rep.Stoppable[0] += count(p.said && p.kneels)
		rep.Stoppable[1] += count(p.said)
		rep.Broken += p.judge.Broken
		if p.judge.Broken > 0 && len(rep.Why) < keptFaults {
			rep.Why = append(rep.Why, fmt.Sprintf("press %d: %s", i, strings.Join(p.judge.Faults, "; ")))
		}
	}
	rep.Pass = rep.Off == presses && float64(rep.Kneeling) >= crouchLeast*float64(rep.Standing) && rep.Broken == 0 && rep.CrouchMs <= 5
	return rep, nil
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// tasks are what robots do today: stand by a planner under pushes of so many N s.
var tasks = [...]struct {
	planner launch.Planner
	pushNs  [2]float64
}{{launch.Mode2, [2]float64{8, 12}}, {launch.Balance, [2]float64{2, 4}}, {launch.Mode2, [2]float64{8, 12}}, {launch.Mode1, [2]float64{2, 4}}}

// pressOnce presses once: at a random moment of the two seconds about a push.
func pressOnce(seed uint64, i int) (p pressed, err error) {
	t := tasks[i%len(tasks)]
	rng := rand.New(rand.NewPCG(seed, 0x6573746f70))
	r, err := NewRig(Setup{Planner: t.planner, Seed: seed})
	if err != nil {
		return p, err
	}
	pushAt, pressAt := 400, 200+rng.IntN(2000)
	for r.Tick < pressAt {
		if r.Tick == pushAt {
			shove(t.pushNs[0], t.pushNs[1])(r)
		}
		r.Step()
	}
	p.stood, p.judge = r.Upright() && r.Rung() <= body.RungBalance, r.Judge
	p.said, _ = control.Stoppable(r.Body, &r.Robot.State)
	r.Faulty, r.Robot.Stop = r.Tick, true
	r.Robot.Stalled = true // nobody follows a plan from now on
	for range offMostMs + 1 {
		r.Step()
		if p.offMs == 0 && r.Rung() == body.RungOff {
			p.offMs = r.Tick - 1 - r.Faulty // from the tick that heard it
		}
	}
	p.crouchMs, p.kneels = r.After(body.RungCrouch), !r.OffFeet()
	return p, nil
}

// Text is the report for people.
func (r *StopReport) Text() string {
	return fmt.Sprintf("%d presses: crouch after %.0f ms at worst, off after %.3f to %.3f s, %d of %d by 3.0 s and a tick; %d of %d that stood end kneeling; "+
		"of %d that said 'stoppable' %d; %d rules broken", r.Presses, r.CrouchMs, r.OffS[0], r.OffS[1], r.Off, r.Presses, r.Kneeling, r.Standing,
		r.Stoppable[1], r.Stoppable[0], r.Broken)
}
