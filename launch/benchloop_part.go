package launch

import (
	"fmt"
	"io"

	"robotd/body"
	"robotd/gate"
	"robotd/internal/rate"
	"robotd/internal/shm"
)

// The two real-time processes that 'robotd bench loop' measures.
const (
	LoopGate = "gate"
	LoopMind = "mind"
)

// loopRegionFD is where a part finds the shared memory: the first of its extra files.
const loopRegionFD = 3

// LoopPart tells a process which part it plays: the argument of the hidden command.
type LoopPart struct {
	Part     string `json:"part"`
	Seconds  int    `json:"seconds"`
	Priority int    `json:"priority"` // SCHED_FIFO
	CPUs     []int  `json:"cpus"`     // of the loop
	AsideCPU []int  `json:"aside"`    // of the thread that plans
	Weights  string `json:"weights"`  // a file; empty: the embedded ones
	PlanHz   int    `json:"plan_hz"`
}

// loopAccount is what a part says in the end. It is a fixed frame.
type loopAccount struct {
	Stats rate.Stats
	Found rate.Counts // while it was measured

	// Of the mind.
	PlanNs    rate.Histogram // what an improvement took
	LatePlans uint64         // due while another one was made

	// Of the gate.
	Hostile uint64 // commands that were
	Heard   uint64 // commands of the mind that came through
	Bad     uint64 // that the gate called so
}

// loopReady says that a part is warm.
type loopReady struct{ Warm bool }

// loopParts is the table of contents of the region that the two share with the host.
func loopParts() []shm.Part {
	parts := []shm.Part{shm.LatestPart[body.Command]("command"), shm.LatestPart[gate.Verdict]("verdict")}
	for _, p := range []string{LoopGate, LoopMind} {
		parts = append(parts, shm.LatestPart[loopReady]("ready."+p), shm.LatestPart[loopAccount]("account."+p))
	}
	return parts
}

// loopPlace finds a place of the region; the table of contents was compared when it was mapped, so a failure is a mistake here.
func loopPlace[T any](r *shm.Region, name string, write bool) *shm.Latest[T] {
	l, err := shm.OpenLatest[T](r, name)
	if err == nil && write {
		err = l.Claim()
	}
	if err != nil {
		panic(err)
	}
	return l
}

// loopWork is one part's work: Tick does that of one slot, Begin starts its counters anew, Account adds them to what is said in
// the end.
type loopWork interface {
	Tick(t rate.Tick)
	Begin()
	Account(a *loopAccount)
}

// RunLoopPart is a real-time process of 'robotd bench loop': it works, is warm when the other is, is measured, and gives account.
// Warnings go to w, a line each.
func RunLoopPart(p LoopPart, w io.Writer) error {
	region, err := shm.Open(loopRegionFD, loopParts()...)
	if err != nil {
		return err
	}
	var work loopWork
	phaseNs, other := int64(0), LoopGate
	aside := func() {}
	switch p.Part {
	case LoopGate:
		phaseNs, other = tickNs/2, LoopMind // between two ticks of the mind, whose command it answers
		work, err = newGateWork(region)
	case LoopMind:
		work, aside, err = newMindWork(region, p)
	default:
		err = fmt.Errorf("part %q: want %s or %s", p.Part, LoopGate, LoopMind)
	}
	if err != nil {
		return err
	}
	loop, err := rate.New(rate.Options{Grid: rate.Grid{PeriodNs: tickNs, PhaseNs: phaseNs}})
	if err != nil {
		return err
	}
	for _, warning := range rate.Setup(rate.SetupOptions{Priority: p.Priority, CPUs: p.CPUs}) {
		fmt.Fprintln(w, warning)
	}
	aside()
	a := &loopAccount{}
	if err := warmUp(loop, work, loopPlace[loopReady](region, "ready."+p.Part, true), loopPlace[loopReady](region, "ready."+other, false)); err != nil {
		return err
	}
	measure(loop, work, p.Seconds, a)
	return loopPlace[loopAccount](region, "account."+p.Part, true).Store(a, rate.System{}.NowNs(), 0)
}

const (
	warmTicksLeast = 500
	warmTicksMost  = 60_000 // that one part waits for the other
)

// warmUp works until both parts have for a while.
func warmUp(loop *rate.Loop, work loopWork, mine, other *shm.Latest[loopReady]) (err error) {
	ticks := 0
	loop.Run(func(t rate.Tick) bool {
		work.Tick(t)
		if ticks++; ticks < warmTicksLeast {
			return true
		}
		if ticks%100 == 0 {
			err = mine.Store(&loopReady{Warm: true}, t.WokeNs, 0)
		}
		var r loopReady
		_, e := other.Load(&r)
		return err == nil && (e != nil || !r.Warm) && ticks < warmTicksMost
	})
	if err == nil && ticks >= warmTicksMost {
		err = fmt.Errorf("the other part did not get warm within %d s", warmTicksMost/1000)
	}
	if err == nil {
		err = mine.Store(&loopReady{Warm: true}, rate.System{}.NowNs(), 0)
	}
	return err
}

// measure works for the wanted time, and notes how that went.
func measure(loop *rate.Loop, work loopWork, seconds int, a *loopAccount) {
	work.Begin()
	before := rate.ReadCounts()
	loop.Forget()
	endNs := int64(0)
	loop.Run(func(t rate.Tick) bool {
		if endNs == 0 {
			endNs = t.DueNs + int64(seconds)*1e9
		}
		work.Tick(t)
		return t.DueNs+(t.Lost+1)*tickNs < endNs
	})
	a.Stats, a.Found = *loop.Stats(), rate.ReadCounts().Since(before)
	work.Account(a)
}
