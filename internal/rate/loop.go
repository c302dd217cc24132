package rate

// Clock is a monotonic clock.
type Clock interface {
	NowNs() int64
	// SleepUntil returns at that time or a little later, at once when it has passed.
	SleepUntil(dueNs int64)
}

// Options shape a loop.
type Options struct {
	Grid        // zero period: a millisecond
	Clock Clock // nil: System
}

// Tick is one turn of a loop.
type Tick struct {
	DueNs  int64 // when the slot was due
	WokeNs int64 // when the loop woke for it
	Lost   int64 // slots after it that had come and gone by then
	WorkNs int64 // that the turn before took, from its waking to this wait
}

// Stats is the account of a loop. It is a fixed frame, fit for shared memory.
type Stats struct {
	Ticks    uint64    // slots served
	Lost     uint64    // slots passed over whole, because the loop woke or worked through them
	Lateness Histogram // from due to awake
	Work     Histogram // from awake to the next wait
}

// Loop serves the slots of a grid, one turn at a time. It belongs to one goroutine, locked to its thread.
type Loop struct {
	grid   Grid
	clock  Clock
	dueNs  int64 // of the slot served next; 0: the loop has not begun
	wokeNs int64
	stats  Stats
}

// New makes a loop.
func New(o Options) (*Loop, error) {
	if o.PeriodNs == 0 {
		o.PeriodNs = 1_000_000
	}
	if o.Clock == nil {
		o.Clock = System{}
	}
	return &Loop{grid: o.Grid, clock: o.Clock}, o.Check()
}

// Wait ends a turn and sleeps until the next slot. A slot whose time has come already is served at once, late; of several that
// were slept or worked through only the first is, the others are lost: the loop never runs to catch up.
func (l *Loop) Wait() Tick {
	t := Tick{DueNs: l.dueNs, WokeNs: l.clock.NowNs()}
	if l.dueNs == 0 {
		t.DueNs = l.grid.After(t.WokeNs)
	} else {
		t.WorkNs = t.WokeNs - l.wokeNs
		l.stats.Work.Add(t.WorkNs)
	}
	for t.WokeNs < t.DueNs {
		l.clock.SleepUntil(t.DueNs)
		t.WokeNs = l.clock.NowNs()
	}
	l.wokeNs, l.dueNs = t.WokeNs, l.grid.After(t.WokeNs)
	t.Lost = (l.dueNs-t.DueNs)/l.grid.PeriodNs - 1
	l.stats.Ticks++
	l.stats.Lost += uint64(t.Lost)
	l.stats.Lateness.Add(t.WokeNs - t.DueNs)
	return t
}

// Run serves slots until turn says that it was the last, as steadily as Steady has it: turn must not wait for anything.
func (l *Loop) Run(turn func(Tick) (more bool)) {
	Steady(func() {
		for turn(l.Wait()) {
		}
	})
}

// Stats returns the account since the loop was made or Forget was called. It is valid until the next Wait.
func (l *Loop) Stats() *Stats { return &l.stats }

// Forget begins the account anew, and the grid with the slot after the next Wait: the loop is warm now, and what it did in
// between counts as nothing.
func (l *Loop) Forget() { l.stats, l.dueNs = Stats{}, 0 }
