//go:build linux

package launch

import (
	"fmt"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"robotd/body"
	"robotd/gate"
)

// wired runs a robot with a two-channel emergency stop, whose reader looks every 5 ms.
func wired(t *testing.T) (r *running, look *atomic.Value, hush func()) {
	t.Helper()
	r = startRealtime(t, RealtimeOptions{Planner: Mode2, PlanHz: DefaultPlanHz, Seed: 1, NoDash: true})
	op, err := Attach(0)
	if err != nil {
		t.Fatal(err)
	}
	look = &atomic.Value{}
	look.Store("11")
	from, to := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- op.FollowLines(from) }()
	stop := make(chan struct{})
	go func() {
		for every := time.NewTicker(5 * time.Millisecond); ; {
			select {
			case <-stop:
				to.Close()
				return
			case <-every.C:
				fmt.Fprintln(to, look.Load())
			}
		}
	}()
	hushed := false
	hush = func() {
		if hushed {
			return
		}
		hushed = true
		close(stop)
		if err := <-done; err != nil {
			t.Error(err)
		}
		op.Close()
	}
	t.Cleanup(hush)
	time.Sleep(200 * time.Millisecond)
	if rung := r.verdict().Verdict.Rung; rung > body.RungBalance {
		t.Fatalf("with closed lines on rung %v", rung)
	}
	return r, look, hush
}

func (r *running) offAfter(what string, least, most time.Duration) {
	r.t.Helper()
	took := r.until(what, 5*time.Second, func() bool { return r.verdict().Verdict.Rung == body.RungOff })
	r.t.Logf("%s: off after %v", what, took.Round(time.Millisecond))
	if took < least || took > most {
		r.t.Errorf("%s: off after %v", what, took)
	}
}

// TestTwoLinesPressedCrouch: both lines open are a press: crouch, then off.
func TestTwoLinesPressedCrouch(t *testing.T) {
	r, look, _ := wired(t)
	look.Store("00")
	r.until("it crouches", time.Second, func() bool { return r.verdict().Verdict.Rung == body.RungCrouch })
	r.offAfter("pressed", 1400*time.Millisecond, 3200*time.Millisecond) // a crouch that fails is a protective fall of 1.5 s
}

// TestABrokenLineIsOffAtOnce: lines that differ, and lines that nobody reads any more.
func TestABrokenLineIsOffAtOnce(t *testing.T) {
	r, look, _ := wired(t)
	look.Store("10")
	r.offAfter("lines that differ", 0, 300*time.Millisecond)
	r.end()
	r, _, hush := wired(t)
	hush()
	r.offAfter("lines that nobody reads", 0, 300*time.Millisecond)
}

func TestReadLines(t *testing.T) {
	c, o, b := gate.LineClosed, gate.LineOpen, gate.LineBroken
	for text, want := range map[string][2]gate.Line{"11": {c, c}, "00": {o, o}, "10": {c, o}, "01": {o, c}, "": {b, b}, "1": {b, b}, "111": {b, b}, "x1": {b, c}} {
		if got := readLines(text); got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
}

// TestAPersonNearIsHeardByTheGate, and the gate says at the same time whether it can stop.
func TestAPersonNearIsHeardByTheGate(t *testing.T) {
	r := startRealtime(t, RealtimeOptions{Planner: Mode2, PlanHz: DefaultPlanHz, Seed: 1, NoDash: true})
	op, err := Attach(0)
	if err != nil {
		t.Fatal(err)
	}
	defer op.Close()
	if v := r.verdict(); v.Verdict.Near {
		t.Error("near without a word")
	}
	for _, near := range []gate.Near{gate.NearYes, gate.NearNo} {
		if _, err := op.Near(near); err != nil {
			t.Fatal(err)
		}
		r.until("the gate hears it", time.Second, func() bool { return r.verdict().Verdict.Near == (near == gate.NearYes) })
	}
	r.until("it can stop where it stands", 5*time.Second, func() bool { v := r.verdict(); return v.Stoppable && v.StopMarginM > 0.02 })
}
