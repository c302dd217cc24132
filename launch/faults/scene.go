package faults

import (
	"fmt"
	"strings"

	"robotd/body"
	"robotd/gate"
)

// scene is a row as data: a robot stands, a fault is there, and the robot owes something.
type scene struct {
	id, name string
	setup    Setup
	settleMs int // before the fault; 0: 600
	runMs    int // after it; 0: 1500
	want     Want
	inject   func(r *Rig) (mend func()) // brings the fault about; mend may be nil
	each     func(r *Rig)               // every tick after
	answered func(r *Rig) bool          // instead of: the wanted rung is granted
	owed     func(r *Rig) string        // at the end: what was owed and not done
	wild     bool                       // drives or encoders of the body obey nobody
	sole     bool                       // not for a random run: it needs its own robot or ends it
}

const (
	settleMs = 600
	runMs    = 1500
)

// row makes a row of the scene.
func (s scene) row() Row {
	return Row{ID: s.id, Name: s.name, Want: s.want, Run: s.run}
}

// run plays the scene.
func (s scene) run(seed uint64) (Result, error) {
	res := Result{ID: s.id, Name: s.name, Seed: seed}
	s.setup.Seed = seed
	r, err := NewRig(s.setup)
	if err != nil {
		return res, fmt.Errorf("%s %s: %w", s.id, s.name, err)
	}
	r.Judge.Wild = s.wild
	for range orDefault(s.settleMs, settleMs) {
		r.Step()
	}
	if r.Faulty < 0 {
		r.Faulty = r.Tick
	}
	s.inject(r)
	answer, cause := -1, gate.Cause(0)
	for range orDefault(s.runMs, runMs) {
		if s.each != nil {
			s.each(r)
		}
		r.Step()
		if answer < 0 && s.answers(r) {
			answer, cause = r.Tick-r.Faulty, r.Robot.Verdict.Causes
		}
	}
	if cause == 0 {
		cause = r.Judge.Since
	}
	res.Cause, res.Rung, res.ReactionMs = cause.String(), r.Judge.Worst.String(), float64(answer)
	if s.want.WithinMs == 0 { // what is to be answered is a fall, if there is one
		res.ReactionMs = float64(r.leanMs())
	}
	res.Why = s.verdict(r, answer)
	res.Pass = res.Why == ""
	return res, nil
}

func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// answers reports whether the tick just run answers the fault.
func (s *scene) answers(r *Rig) bool {
	if s.answered != nil {
		return s.answered(r)
	}
	return r.Rung() >= s.want.Rung
}

// verdict says what was owed and not done.
func (s *scene) verdict(r *Rig, answer int) string {
	var why []string
	switch {
	case s.want.WithinMs == 0:
	case answer < 0:
		why = append(why, "never answered")
	case float64(answer) > s.want.WithinMs:
		why = append(why, fmt.Sprintf("answered after %d ms, owed within %g", answer, s.want.WithinMs))
	}
	if r.Judge.Broken > 0 {
		why = append(why, fmt.Sprintf("%d rules broken: %s", r.Judge.Broken, strings.Join(r.Judge.Faults, "; ")))
	}
	if s.owed != nil {
		if w := s.owed(r); w != "" {
			why = append(why, w)
		}
	}
	return strings.Join(why, "; ")
}

// stands is owed by whom the fault does no harm.
func stands(best body.Rung) func(*Rig) string {
	return func(r *Rig) string {
		switch {
		case !r.Upright():
			return "it fell"
		case r.Judge.Worst > best:
			return fmt.Sprintf("came down to %s (%v)", r.Judge.Worst, r.Judge.Since)
		}
		return ""
	}
}

// onItsFeet is owed by whom the fault takes down, kneeling, not falling.
func onItsFeet(r *Rig) string {
	if r.OffFeet() {
		return "it fell over"
	}
	return ""
}
