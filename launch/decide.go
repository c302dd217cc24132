package launch

import (
	"time"

	"robotd/body"
	"robotd/control"
	"robotd/mpc"
)

// thought is what one decision is made from, and what came of it.
type thought struct {
	nowNs, sinceNs int64
	obs, before    []float32 // of the present and of a block before it
	prev           []float32 // the action in force
	latent         []float32 // of the present, nil without a model; the mind's own
	result         mpc.Result
	tookUs         float64
}

func newThought(obs, n int) thought {
	return thought{obs: make([]float32, obs), before: make([]float32, obs), prev: make([]float32, n)}
}

// deliberate begins a decision when one is due, and takes up the one that has been made.
func (r *Robot) deliberate(now int64) {
	if r.thinker != nil {
		r.deliberateApart(now)
		return
	}
	if r.due(now) {
		r.recall(now)
		r.think()
		r.adopt(now)
	}
}

// due reports whether the planner decides at this tick.
func (r *Robot) due(now int64) bool {
	return !r.Stalled && now-r.lastPlan >= r.periodNs()
}

// recall takes down what the decision is made from.
func (r *Robot) recall(now int64) {
	t := &r.thought
	t.nowNs, t.sinceNs = now, now-r.lastPlan
	copy(t.obs, r.window.Obs(0))
	copy(t.before, r.window.Obs(BlockNs))
	copy(t.prev, r.action)
	r.lastPlan = now
}

// think decides. It touches nothing but the thought, mind, planner and dice, so that it may run beside the ticks.
func (r *Robot) think() {
	began := time.Now()
	t := &r.thought
	if r.mind != nil {
		t.latent = r.mind.Encode(t.obs, t.before)
	}
	switch r.o.Planner {
	case Hold, Balance:
	case Mode1:
		r.mind.Begin(1)
		r.mind.Propose(r.meant)
	default:
		if t.sinceNs < 2*BlockNs {
			r.planner.Shift(float64(t.sinceNs) / BlockNs)
		}
		t.result = r.planner.Improve(t.prev, r.rng)
		copy(r.meant, r.planner.Plan())
	}
	t.tookUs = float64(time.Since(began).Nanoseconds()) / 1e3
}

// adopt chooses the action of the block that begins now by the thought.
func (r *Robot) adopt(now int64) {
	r.PlanUs = r.thought.tookUs
	copy(r.window.Latent(0), r.thought.latent)
	switch {
	case r.planner != nil:
		if r.admitted = r.thought.result.Admitted; r.admitted {
			r.planNs = r.thought.nowNs
		}
	case r.o.Planner == Hold:
		clear(r.meant)
	case r.o.Planner == Balance:
		var q [body.MaxJoints]float64
		control.BalanceTargets(r.m, &r.State, &q)
		r.toAction(&q, r.meant)
	}
	if r.o.AsPlan && r.planner == nil {
		r.admitted, r.planNs = true, now
	}
	copy(r.action, r.drive(now))
	if r.explore != nil && r.admitted {
		r.explore.disturb(now, &r.State, r.action)
	}
	r.writePlan(now)
}

// drive returns the action of the block that begins now: what was meant, or what stands in for it when the deliberate actor
// does not lead: the reactive actor once the ladder has come down to Mode-1, before that the tail of the last admitted
// plan.
func (r *Robot) drive(now int64) []float32 {
	switch {
	case r.planner == nil:
		return r.meant
	case r.Verdict.Rung == body.RungMode1 && r.mind != nil:
		r.mind.Begin(1)
		r.mind.Propose(r.action)
		return r.action
	case r.admitted:
		return r.meant
	}
	n := r.m.NJoints()
	h := min(max(int((now-r.Plan.StartNs)/BlockNs), 0), r.planner.Options().Blocks-1)
	return r.tail[h*n : (h+1)*n]
}

// DecidesNext reports whether the planner is to decide in the next tick, one millisecond after the newest sample.
func (r *Robot) DecidesNext() bool { return r.due(r.Sensors.StampNs + tickNs) }
