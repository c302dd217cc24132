//go:build linux

package launch

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"syscall"
	"testing"
	"time"

	"robotd/body"
)

// The tests' own binary serves as the processes of a real-time run.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "proc" {
		if err := Proc(os.Args[2], os.Args[3], func(w string) { fmt.Fprintln(os.Stderr, w) }); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// running is a real-time run under test.
type running struct {
	t    *testing.T
	s    *Supervisor
	stop context.CancelFunc
	done chan struct{}
	rep  *RealtimeReport
	err  error
}

func startRealtime(t *testing.T, o RealtimeOptions) *running {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	s, err := NewSupervisor(o, os.Args[0], slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &running{t: t, s: s, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.rep, r.err = s.Run(ctx, 0)
	}()
	t.Cleanup(func() { stop(); <-r.done })
	best := body.RungPlan
	if o.Planner == Balance {
		best = body.RungBalance
	}
	r.until("it stands as wanted", 60*time.Second, func() bool { return r.verdict().Verdict.Rung == best && r.view().Ticks > 500 })
	return r
}

func (r *running) verdict() (v verdictFrame) { _, _ = r.s.gate.Load(&v); return v }
func (r *running) view() (v sceneFrame)      { _, _ = r.s.scene.Load(&v); return v }

// until waits for something to come true.
func (r *running) until(what string, atMost time.Duration, ok func() bool) time.Duration {
	r.t.Helper()
	began := time.Now()
	for !ok() {
		if time.Since(began) > atMost {
			r.t.Fatalf("%s: not after %v; rung %v for %v, upright %v", what, atMost, r.verdict().Verdict.Rung, r.verdict().Verdict.Causes, r.view().Upright)
		}
		time.Sleep(2 * time.Millisecond)
	}
	return time.Since(began)
}

// end stops the run and returns its report.
func (r *running) end() *RealtimeReport {
	r.stop()
	<-r.done
	if r.err != nil {
		r.t.Fatal(r.err)
	}
	return r.rep
}

// kill sends SIGKILL to a process and waits until it is another one.
func (r *running) kill(role string) {
	r.t.Helper()
	pid := r.s.PID(role)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		r.t.Fatal(err)
	}
	r.until(role+" is back", 60*time.Second, func() bool { return r.s.PID(role) != pid })
}

// TestTheRobotStandsWhenHostAndMindAreKilled: the gate's own reserve holds it, and full planning comes back.
func TestTheRobotStandsWhenHostAndMindAreKilled(t *testing.T) {
	r := startRealtime(t, RealtimeOptions{Planner: Mode2, PlanHz: DefaultPlanHz, Seed: 1})
	op, err := Attach(0)
	if err != nil {
		t.Fatal(err)
	}
	defer op.Close()
	for i := 0; i < 3; i++ {
		r.kill(roleHost)
		if rung := r.verdict().Verdict.Rung; rung > body.RungTail {
			t.Errorf("host killed: rung %v", rung)
		}
		lost := r.verdict().Reserve
		r.kill(roleMind)
		if _, err := op.Ack(); err != nil { // three climbs a minute are patience enough for life, not for a test
			t.Fatal(err)
		}
		back := r.until("it plans again", 30*time.Second, func() bool { return r.verdict().Verdict.Rung == body.RungPlan })
		t.Logf("mind killed: reserve served %d ticks, plans %v after it was back", r.verdict().Reserve-lost, back.Round(time.Millisecond))
	}
	if v := r.view(); !v.Upright || v.Fallen > 0 {
		t.Errorf("fell %d times", v.Fallen)
	}
	rep := r.end()
	if !rep.Off || rep.LetGo > 0 || rep.Processes[roleMind].Restarts != 3 || rep.Processes[roleHost].Restarts != 3 {
		t.Errorf("%+v", rep)
	}
}

// TestAGateKilledLeavesTheDrivesDamped: within 10 ms they let go, and the gate that comes back does not stand up by itself.
func TestAGateKilledLeavesTheDrivesDamped(t *testing.T) {
	r := startRealtime(t, RealtimeOptions{Planner: Balance, PlanHz: 50, Seed: 1})
	r.kill(roleGate)
	r.until("the drives let go", 5*time.Second, func() bool { return r.view().DriveTimeouts > 0 })
	r.until("the new gate speaks", 30*time.Second, func() bool { return r.verdict().Verdict.Rung >= body.RungCrouch })
	r.until("off", 10*time.Second, func() bool { return r.verdict().Verdict.Rung == body.RungOff })
	r.end()
}

// TestStopFromAnotherProcess: crouch at once, off within 3 s; with host dead too.
func TestStopFromAnotherProcess(t *testing.T) {
	r := startRealtime(t, RealtimeOptions{Planner: Balance, PlanHz: 50, Seed: 1})
	op, err := Attach(0)
	if err != nil {
		t.Fatal(err)
	}
	defer op.Close()
	if rung, err := op.Stop(); err != nil || rung != body.RungCrouch {
		t.Errorf("rung %v, %v", rung, err)
	}
	took := r.until("off", 5*time.Second, func() bool { return r.verdict().Verdict.Rung == body.RungOff })
	t.Logf("off after %v", took)
	if took > 3500*time.Millisecond {
		t.Errorf("off after %v", took)
	}
}

func TestNothingRunsIsSaid(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	if _, err := Attach(0); err != ErrNothingRuns {
		t.Errorf("%v", err)
	}
}
