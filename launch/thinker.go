package launch

import (
	"sync/atomic"

	"robotd/body"
	"robotd/control"
	"robotd/internal/rate"
)

// Thinker lets a robot deliberate beside its ticks: a plan takes longer than a millisecond, and the tick must not wait for
// it. The decision is taken up by the first tick after it is made. One goroutine runs Run, another one the ticks; what a
// thought touches belongs to the former while one is under way.
type Thinker struct {
	r    *Robot
	bell *rate.Bell
	busy bool // of the ticking goroutine: a thought was begun and not taken up
	done atomic.Bool
	late uint64 // decisions that were due while a thought was under way
}

func newThinker(r *Robot) *Thinker { return &Thinker{r: r, bell: rate.NewBell()} }

// Thinker returns the robot's thinker; nil unless it was built with Apart and has a planner.
func (r *Robot) Thinker() *Thinker { return r.thinker }

// Run thinks whenever a thought is begun, for ever. It sleeps as package rate says: in a process that does not allocate.
func (t *Thinker) Run() {
	for {
		t.bell.Wait()
		t.r.think()
		t.done.Store(true)
	}
}

// rehearse lets a new robot go through every motion once, so that nothing is allocated or mapped in later, and forget it.
func (r *Robot) rehearse() {
	copy(r.Sensors.QRad[:], r.m.StandRad)
	r.Sensors.AccelMS2[2] = 9.81
	for now := int64(1); now <= 3*BlockNs; now += tickNs {
		r.Sensors.StampNs = now
		r.estimate.Step(&r.Sensors, &r.State)
		r.observer.Observe(&r.State, r.action, r.window.Push(now))
		if r.due(now) {
			r.recall(now)
			r.think()
			r.adopt(now)
		}
		if r.reflex != nil {
			r.react()
		}
		r.control.Step(&control.Input{NowNs: now, State: &r.State, Plan: &r.Plan, Rung: body.RungPlan, Knot: &r.knot}, &r.Command)
	}
	r.Reset(r.o.Seed)
	r.Sensors = body.Sensors{}
}

// react lets the reactive actor drive on a mind of its own.
func (r *Robot) react() {
	r.reflex.Encode(r.window.Obs(0), r.window.Obs(BlockNs))
	r.reflex.Begin(1)
	r.reflex.Propose(r.action)
	r.writeKnot()
}

// deliberateApart takes up a finished thought and begins the next one when it is due. While the planner is busy and the
// ladder has come down to Mode-1, the reactive actor drives on a mind of its own.
func (r *Robot) deliberateApart(now int64) {
	t := r.thinker
	if t.busy && t.done.Load() {
		t.done.Store(false)
		t.busy = false
		r.adopt(now)
	}
	if r.due(now) {
		if t.busy {
			if now-r.lastPlan == r.periodNs() {
				t.late++
			}
		} else {
			r.recall(now)
			t.busy = true
			t.bell.Ring()
		}
	}
	if t.busy && r.reflex != nil && r.Verdict.Rung == body.RungMode1 && (now/tickNs)%(BlockNs/tickNs) == 0 {
		r.react()
	}
}

const tickNs = 1_000_000
