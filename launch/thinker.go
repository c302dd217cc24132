package launch

import (
	"sync/atomic"

	"robotd/body"
)

// Thinker lets a robot deliberate beside its ticks: a plan takes longer than a millisecond, and the tick must not wait for
// it. The decision is taken up by the first tick after it is made. One goroutine runs Run, another one the ticks; what a
// thought touches belongs to the former while one is under way.
type Thinker struct {
	r     *Robot
	begin chan struct{}
	busy  bool // of the ticking goroutine: a thought was begun and not taken up
	done  atomic.Bool
	late  uint64 // decisions that were due while a thought was under way
}

func newThinker(r *Robot) *Thinker { return &Thinker{r: r, begin: make(chan struct{}, 1)} }

// Thinker returns the robot's thinker; nil unless it was built with Apart and has a planner.
func (r *Robot) Thinker() *Thinker { return r.thinker }

// Run thinks whenever a thought is begun, until stop is closed.
func (t *Thinker) Run(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-t.begin:
			t.r.think()
			t.done.Store(true)
		}
	}
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
			t.begin <- struct{}{} // has room: nothing is under way
		}
	}
	if t.busy && r.reflex != nil && r.Verdict.Rung == body.RungMode1 && (now/tickNs)%(BlockNs/tickNs) == 0 {
		r.reflex.Encode(r.window.Obs(0), r.window.Obs(BlockNs))
		r.reflex.Begin(1)
		r.reflex.Propose(r.action)
		r.writeKnot()
	}
}

const tickNs = 1_000_000
