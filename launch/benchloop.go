package launch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"robotd/internal/rate"
	"robotd/internal/shm"
)

// LoopOptions say how 'robotd bench loop' measures.
type LoopOptions struct {
	Pairs   int
	Seconds int      // of each run
	Self    []string // this program and the hidden command that calls RunLoopPart; the part's JSON follows
	Weights string   // a file that the mind loads; empty: the embedded ones
	PlanHz  int
	Say     func(string) // hears of each pair; may be nil
}

// Priorities of the parts, SCHED_FIFO: the gate above the mind, where they have to share a core.
const (
	gatePriority = 80
	mindPriority = 79
)

// loopBench is a measurement at work.
type loopBench struct {
	o        LoopOptions
	places   []LoopPart
	yard     bool // there is a cyclictest that runs
	warned   map[string]bool
	warnings []string
}

// BenchLoop measures, in turn, the gate's and the mind's processes at their real work and cyclictest in their places, while this
// process allocates hard: how late each wakes, and what disturbed it.
func BenchLoop(ctx context.Context, o LoopOptions) (*LoopReport, error) {
	if runtime.GOOS != "linux" {
		return nil, shm.ErrUnsupported
	}
	b := &loopBench{o: o, places: loopPlaces(o, rate.CPUs()), warned: map[string]bool{}}
	if _, err := exec.LookPath(cyclictest); err != nil {
		b.warn(noYard + err.Error() + "; tools/peers/cyclictest.sh installs it")
	} else {
		b.yard = true
	}
	rep := newLoopReport(o)
	load, steal, began := beginLoad(), rate.ReadCounts(), time.Now()
	var err error
	for n := 0; n < o.Pairs && err == nil; n++ {
		err = b.pair(ctx, n, rep)
	}
	rep.Host = load.end()
	rep.StealShare = float64(rate.ReadCounts().Since(steal).StealNs) / float64(time.Since(began).Nanoseconds()*int64(runtime.NumCPU()))
	rep.Warnings = append(rep.Warnings, b.warnings...)
	rep.finish()
	if ctx.Err() != nil {
		err = fmt.Errorf("ended after %d of %d pairs: %w", len(rep.PerPair), o.Pairs, context.Cause(ctx))
	}
	return rep, err
}

// loopPlaces puts the gate on the last core and the mind on the one before; the thread that plans runs anywhere but on the gate's.
func loopPlaces(o LoopOptions, cpus []int) []LoopPart {
	gate := LoopPart{Part: LoopGate, Seconds: o.Seconds, Priority: gatePriority, PlanHz: o.PlanHz, Weights: o.Weights}
	mind := gate
	mind.Part, mind.Priority = LoopMind, mindPriority
	if n := len(cpus); n > 0 {
		gate.CPUs = cpus[n-1:]
		mind.CPUs = cpus[max(n-2, 0):max(n-1, 1)]
		mind.AsideCPU = cpus[:max(n-1, 1)]
	}
	return []LoopPart{gate, mind}
}

// warn keeps what is said for the first time.
func (b *loopBench) warn(w string) {
	if !b.warned[w] {
		b.warned[w] = true
		b.warnings = append(b.warnings, w)
	}
}

// pair measures us and cyclictest; every other pair the other way round, so that a machine that changes favours neither.
func (b *loopBench) pair(ctx context.Context, n int, rep *LoopReport) error {
	p := loopPair{}
	steps := []func() error{
		func() (err error) { p.ours, err = b.run(ctx); return err },
		func() error { p.yard = b.measureYard(ctx); return ctx.Err() },
	}
	if n%2 == 1 {
		slices.Reverse(steps)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("pair %d: %w", n+1, err)
		}
	}
	line := rep.add(&p)
	if b.o.Say != nil {
		b.o.Say(fmt.Sprintf("pair %d of %d: %s", n+1, b.o.Pairs, line))
	}
	return nil
}

// measureYard measures cyclictest, nil where it cannot be.
func (b *loopBench) measureYard(ctx context.Context) map[string]*yardstick {
	if !b.yard {
		return nil
	}
	y, err := runCyclictest(ctx, b.places)
	if err != nil {
		b.yard = false
		b.warn(noYard + err.Error())
		return nil
	}
	return y
}

const noYard = "no yardstick, and no ratios: "

// loopProcess is one part at work.
type loopProcess struct {
	part   LoopPart
	cmd    *exec.Cmd
	stdout bytes.Buffer // its warnings
	stderr bytes.Buffer
	err    error
}

// run runs both parts once and returns their accounts.
func (b *loopBench) run(ctx context.Context) (map[string]*loopAccount, error) {
	region, err := shm.Create("robotd-bench", loopParts()...)
	if err != nil {
		return nil, err
	}
	defer region.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan *loopProcess, len(b.places))
	for _, place := range b.places {
		if err = b.start(ctx, place, region, ended); err != nil {
			return nil, err
		}
	}
	for range b.places {
		p := <-ended
		if p.err != nil {
			cancel() // the others wait for it
			err = errors.Join(err, p.err)
		}
		for w := range strings.Lines(p.stdout.String()) {
			b.warn(p.part.Part + ": " + strings.TrimSpace(w))
		}
	}
	if err != nil {
		return nil, err
	}
	accounts := map[string]*loopAccount{}
	for _, place := range b.places {
		a := &loopAccount{}
		if _, err := loopPlace[loopAccount](region, "account."+place.Part, false).Load(a); err != nil {
			return nil, fmt.Errorf("the account of %s: %w", place.Part, err)
		}
		accounts[place.Part] = a
	}
	return accounts, nil
}

// start starts one part; when it has ended it comes through the channel.
func (b *loopBench) start(ctx context.Context, place LoopPart, region *shm.Region, ended chan<- *loopProcess) error {
	text, err := json.Marshal(place)
	if err != nil {
		return err
	}
	p := &loopProcess{part: place}
	p.cmd = exec.CommandContext(ctx, b.o.Self[0], append(b.o.Self[1:len(b.o.Self):len(b.o.Self)], string(text))...)
	p.cmd.Env, p.cmd.ExtraFiles = rate.Environ(), []*os.File{region.File()}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w", place.Part, err)
	}
	go func() {
		if err := p.cmd.Wait(); err != nil {
			p.err = fmt.Errorf("%s: %w: %s", place.Part, err, lastLine(p.stderr.Bytes()))
		}
		ended <- p
	}()
	return nil
}
