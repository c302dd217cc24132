package launch

import (
	"robotd/body"
	"robotd/control"
	"robotd/dynamics"
	"robotd/proprio"
)

// Reserve stands behind the gate: an estimator and the controllers of the lower rungs of its own, which answer when the mind
// is late, wrong or dead. It can follow the rest of a plan; it cannot plan.
type Reserve struct {
	State   body.State
	Command body.Command

	estimate *proprio.Estimator
	control  *control.Controller
}

// NewReserve makes the reserve of a body.
func NewReserve(dm *dynamics.Model) *Reserve {
	return &Reserve{estimate: proprio.New(dm, proprio.DefaultOptions), control: control.New(dm.Body())}
}

// Reset forgets the past.
func (r *Reserve) Reset() {
	r.estimate.Reset()
	r.control.Reset()
}

// Step answers one sample for the rung that is served.
func (r *Reserve) Step(nowNs int64, s *body.Sensors, plan *body.Plan, rung body.Rung) {
	r.estimate.Step(s, &r.State)
	r.control.Step(&control.Input{NowNs: nowNs, State: &r.State, Plan: plan, Rung: rung}, &r.Command)
}
