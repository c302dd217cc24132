package rate

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sort"
	"testing"
	"time"
)

const ms = 1_000_000

// fakeClock is a clock that wakes its sleepers as late as the test says.
type fakeClock struct {
	nowNs  int64
	lateNs int64 // added to the next sleep
	slept  int
}

func (c *fakeClock) NowNs() int64 { return c.nowNs }

func (c *fakeClock) SleepUntil(dueNs int64) {
	c.nowNs = max(c.nowNs, dueNs) + c.lateNs
	c.lateNs = 0
	c.slept++
}

func TestGrid(t *testing.T) {
	g := Grid{PeriodNs: ms, PhaseNs: 250_000}
	for now, want := range map[int64]int64{
		0: 250_000, 249_999: 250_000, 250_000: 1_250_000, 250_001: 1_250_000, 1_249_999: 1_250_000, 5 * ms: 5_250_000,
		-1: 250_000, -749_999: 250_000, -750_000: 250_000, -750_001: -750_000, -ms: -750_000,
	} {
		if got := g.After(now); got != want {
			t.Errorf("after %d: %d, want %d", now, got, want)
		}
	}
	for _, bad := range []Grid{{}, {-ms, 0}, {ms, -1}, {ms, ms}} {
		if bad.Check() == nil {
			t.Errorf("%+v is no grid", bad)
		}
	}
	if _, err := New(Options{Grid: Grid{PhaseNs: 2 * ms}}); err == nil {
		t.Error("a phase outside the millisecond was taken")
	}
}

// TestLoopKeepsToTheGrid: each row is one turn: how long the work before it takes, how late the sleep ends, and what follows.
func TestLoopKeepsToTheGrid(t *testing.T) {
	clock := &fakeClock{nowNs: 7*ms + 300_000}
	l, err := New(Options{Grid: Grid{PhaseNs: 200_000}, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	const phase = 200_000
	sleeps := 0
	for i, c := range []struct {
		workNs, lateNs int64
		due, woke      int64
		lost           int64
		sleeps         bool
		why            string
	}{
		{0, 0, 8 * ms, 8 * ms, 0, true, "the first slot after the start"},
		{100_000, 30_000, 9 * ms, 9*ms + 30_000, 0, true, "a late wake does not move the grid"},
		{100_000, 0, 10 * ms, 10 * ms, 0, true, "the next is on time again"},
		{999_999, 0, 11 * ms, 11 * ms, 0, true, "work to the last nanosecond"},
		{1_400_000, 0, 12 * ms, 12*ms + 400_000, 0, false, "an overrun serves the slot at once, late"},
		{100_000, 0, 13 * ms, 13 * ms, 0, true, "and the next on time"},
		{3_500_000, 0, 14 * ms, 16*ms + 500_000, 2, false, "a long overrun loses whole slots"},
		{100_000, 2_300_000, 17 * ms, 19*ms + 300_000, 2, true, "a wake that misses two slots loses them"},
		{100_000, ms, 20 * ms, 21 * ms, 1, true, "woken exactly at the next slot: it is gone"},
		{0, 999_999, 22 * ms, 22*ms + 999_999, 0, true, "woken just before the next slot"},
		{0, 0, 23 * ms, 23 * ms, 0, true, "and then that one"},
	} {
		clock.nowNs += c.workNs
		clock.lateNs = c.lateNs
		before := clock.slept
		got := l.Wait()
		want := Tick{DueNs: c.due + phase, WokeNs: c.woke + phase, Lost: c.lost, WorkNs: c.workNs}
		if i == 0 {
			want.WorkNs = 0
		}
		if got != want || (clock.slept > before) != c.sleeps {
			t.Errorf("%s: %+v, want %+v; slept: %v", c.why, got, want, clock.slept > before)
		}
		clock.lateNs = 0
		sleeps++
	}
	s := l.Stats()
	if s.Ticks != 11 || s.Lost != 5 || s.Lateness.N() != 11 || s.Work.N() != 10 || s.Lateness.MostNs() != 2_500_000 || s.Work.MostNs() != 3_500_000 {
		t.Errorf("%d ticks, %d lost, lateness up to %d of %d, work up to %d of %d", s.Ticks, s.Lost, s.Lateness.MostNs(), s.Lateness.N(),
			s.Work.MostNs(), s.Work.N())
	}
	l.Forget()
	clock.nowNs += 40 * ms // reading files, say
	if tick := l.Wait(); tick.Lost != 0 || tick.WorkNs != 0 || tick.DueNs != 64*ms+phase || l.Stats().Ticks != 1 || l.Stats().Work.N() != 0 {
		t.Errorf("the account was not begun anew: %+v, %d ticks", tick, l.Stats().Ticks)
	}
}

// TestEverySlotIsServedOrLost: under random work and wakes no slot is counted twice or forgotten, and none is served early.
func TestEverySlotIsServedOrLost(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	clock := &fakeClock{nowNs: 123_456_789}
	l, _ := New(Options{Clock: clock})
	var first, last Tick
	for i := range 100_000 {
		clock.nowNs += int64(rng.ExpFloat64() * 400_000)
		clock.lateNs = int64(rng.ExpFloat64() * 200_000)
		last = l.Wait()
		if last.WokeNs < last.DueNs || last.DueNs%ms != 0 {
			t.Fatalf("tick %+v", last)
		}
		if i == 0 {
			first = last
		}
	}
	served := (last.DueNs-first.DueNs)/ms + 1 + last.Lost
	if s := l.Stats(); int64(s.Ticks+s.Lost) != served || s.Lost == 0 {
		t.Errorf("%d served + %d lost, the grid had %d", s.Ticks, s.Lost, served)
	}
}

func TestHistogramAgreesWithSorting(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var h, other Histogram
	var all []float64
	for i := range 20_000 {
		ns := math.Floor(math.Exp(10 + 2*rng.NormFloat64()))
		part := &h
		if i%3 == 0 {
			part = &other
		}
		part.Add(int64(ns))
		all = append(all, ns)
	}
	h.Merge(&other)
	sort.Float64s(all)
	for _, q := range []float64{0, 1e-4, 0.01, 0.5, 0.9, 0.99, 0.999, 0.9999} {
		if got, want := h.QuantileNs(q), all[max(int(math.Ceil(q*20_000)), 1)-1]; math.Abs(got/want-1) > 0.008 {
			t.Errorf("quantile %g: %g, want %g", q, got, want)
		}
	}
	if h.QuantileNs(1) > float64(h.MostNs()) || float64(h.MostNs()) != all[len(all)-1] || h.N() != 20_000 {
		t.Errorf("largest %d, want %g", h.MostNs(), all[len(all)-1])
	}
	for ns := int64(0); ns < 128; ns++ { // small ones exactly
		var one Histogram
		if one.Add(ns); one.QuantileNs(0.5) != float64(ns) {
			t.Errorf("%d ns counted as %g", ns, one.QuantileNs(0.5))
		}
	}
	for _, ns := range []int64{-3, math.MinInt64, math.MaxInt64, 1 << 42} {
		h.Add(ns) // a clock that jumps must not end the loop
	}
	if (&Histogram{}).QuantileNs(0.5) != 0 {
		t.Error("an empty histogram has a median")
	}
}

// TestRealLoop: the real clock for a moment. How late it is belongs to the machine; that it is never early, that slots add up,
// that nothing is allocated and that no collection runs, to us.
func TestRealLoop(t *testing.T) {
	l, err := New(Options{Grid: Grid{PhaseNs: 400_000}})
	if err != nil {
		t.Fatal(err)
	}
	first := l.Wait()
	before := ReadCounts()
	var last Tick
	if n := testing.AllocsPerRun(100, func() { last = l.Wait() }); n != 0 {
		t.Errorf("%g allocations a tick", n)
	}
	if gc := ReadCounts().Since(before).GCCycles; gc != 0 {
		t.Errorf("%d collections in 100 ticks", gc)
	}
	if last.WokeNs < last.DueNs || last.DueNs%ms != 400_000 {
		t.Errorf("tick %+v", last)
	}
	if s := l.Stats(); int64(s.Ticks+s.Lost) != (last.DueNs-first.DueNs)/ms+1+last.Lost {
		t.Errorf("%d ticks and %d lost between %+v and %+v", s.Ticks, s.Lost, first, last)
	}
}

func TestSystemClockIsMonotonic(t *testing.T) {
	c := System{}
	a, wall := c.NowNs(), time.Now()
	c.SleepUntil(a + 3*ms)
	b := c.NowNs()
	if d := b - a; d < 3*ms || d > int64(time.Since(wall))+ms {
		t.Errorf("a sleep of 3 ms took %d ns", d)
	}
	c.SleepUntil(a) // has passed
	c.SleepUntil(-5)
	if n := testing.AllocsPerRun(100, func() { c.SleepUntil(c.NowNs() + 1000) }); n != 0 {
		t.Errorf("%g allocations a sleep", n)
	}
}

func TestBellIsHeard(t *testing.T) {
	const rings = 2000
	there, back := NewBell(), NewBell()
	count := 0
	go func() {
		for range rings {
			there.Wait()
			count++
			back.Ring()
		}
	}()
	for i := 1; i <= rings; i++ {
		there.Ring()
		back.Wait()
		if count != i {
			t.Fatalf("%d rings, %d heard", i, count)
		}
	}
	back.Ring()
	back.Ring() // counts as one
	back.Wait()
	if n := testing.AllocsPerRun(100, func() { back.Ring(); back.Wait() }); n != 0 {
		t.Errorf("%g allocations a ring", n)
	}
}

// TestCollectionsAreCounted: none while there are none, and reading allocates nothing.
func TestCollectionsAreCounted(t *testing.T) {
	n := Collections()
	for i := uint64(1); i <= 3; i++ {
		runtime.GC()
		for deadline := time.Now().Add(5 * time.Second); n.Load() < i; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%d collections of %d", n.Load(), i)
			}
		}
	}
	if allocs := testing.AllocsPerRun(100, func() { n.Load(); Faults() }); allocs != 0 {
		t.Errorf("%g allocations", allocs)
	}
}
