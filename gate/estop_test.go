package gate

import (
	"testing"

	"robotd/body"
)

// closed, open and the rest are states of the two lines.
var (
	closed = [2]Line{LineClosed, LineClosed}
	open   = [2]Line{LineOpen, LineOpen}
	half   = [2]Line{LineOpen, LineClosed}
	other  = [2]Line{LineClosed, LineOpen}
)

// lines makes n ticks with the lines in that state.
func (r *rig) lines(n int, line [2]Line) { r.run(n, func() { r.in.StopLine = line }) }

func TestBothLinesOpenCrouchThenOff(t *testing.T) {
	r := newRig(t)
	r.lines(100, closed)
	if r.v.Rung != body.RungPlan || r.v.Causes != 0 {
		t.Fatalf("closed lines lead to %v: %v", r.v.Rung, r.v.Causes)
	}
	r.lines(1, open)
	if r.v.Rung != body.RungCrouch || r.v.Causes != CauseStop {
		t.Fatalf("pressed: on %v because of %v", r.v.Rung, r.v.Causes)
	}
	r.lines(2999, open)
	if r.v.Rung != body.RungCrouch {
		t.Errorf("before 3 s: %v", r.v.Rung)
	}
	r.lines(2, open)
	if r.v.Rung != body.RungOff {
		t.Errorf("after 3 s: %v", r.v.Rung)
	}
}

func TestSecondPressOfTheLinesIsOff(t *testing.T) {
	r := newRig(t)
	r.lines(1, open)
	for range 20 { // bouncing contacts are one press
		r.lines(2, closed)
		r.lines(1, open)
	}
	if r.v.Rung != body.RungCrouch {
		t.Fatalf("bouncing contacts lead to %v: %v", r.v.Rung, r.v.Causes)
	}
	r.lines(49, closed)
	if r.v.Causes&CauseStop == 0 {
		t.Error("released before the contacts have settled")
	}
	r.lines(1, closed)
	if r.v.Causes&CauseStop != 0 || !r.v.Owed {
		t.Errorf("released: %v, owed %v", r.v.Causes, r.v.Owed)
	}
	r.lines(1, open)
	if r.v.Rung != body.RungOff || r.v.Causes&CauseStopAgain == 0 {
		t.Errorf("pressed again: %v because of %v", r.v.Rung, r.v.Causes)
	}
}

func TestLinesReleasedAndAcknowledgedStandUp(t *testing.T) {
	r := newRig(t)
	r.lines(10, open)
	r.lines(200, closed)
	r.run(1, func() { r.in.StopLine, r.in.Ack = closed, true })
	if r.v.Rung != body.RungBalance {
		t.Errorf("on %v because of %v", r.v.Rung, r.v.Causes)
	}
}

func TestLinesThatDifferAreOff(t *testing.T) {
	for _, line := range [][2]Line{half, other} {
		r := newRig(t)
		for range 10 { // one contact opens before the other
			r.lines(5, line)
			r.lines(1, closed)
		}
		if r.v.Rung != body.RungPlan {
			t.Fatalf("%v for 5 ms at a time lead to %v", line, r.v.Rung)
		}
		r.lines(6, line)
		if r.v.Rung != body.RungOff || r.v.Causes != CauseStopLine {
			t.Errorf("%v for 6 ms: %v because of %v", line, r.v.Rung, r.v.Causes)
		}
		r = newRig(t)
		r.lines(3, line)
		r.lines(1, open)
		if r.v.Rung != body.RungCrouch {
			t.Errorf("%v, then open: %v", line, r.v.Rung)
		}
		r.lines(5, line)
		if r.v.Rung != body.RungCrouch || r.v.Causes&CauseStop == 0 {
			t.Errorf("one line closed before the other: %v because of %v", r.v.Rung, r.v.Causes)
		}
		r.lines(49, closed) // counts from where both are closed
		if r.v.Causes&CauseStop == 0 {
			t.Error("released before the contacts have settled")
		}
	}
}

func TestABrokenLineIsOffAtOnce(t *testing.T) {
	for _, line := range [][2]Line{{LineBroken, LineClosed}, {LineOpen, LineBroken}, {LineClosed, LineNone}, {LineNone, LineOpen}, {9, LineClosed}} {
		r := newRig(t)
		r.lines(1, line)
		if r.v.Rung != body.RungOff || r.v.Causes&CauseStopLine == 0 {
			t.Errorf("%v: %v because of %v", line, r.v.Rung, r.v.Causes)
		}
	}
	r := newRig(t)
	r.lines(5, closed)
	r.run(1, nil) // who reads the lines has died
	if r.v.Rung != body.RungOff || r.v.Causes != CauseStopLine {
		t.Errorf("lines that are gone: %v because of %v", r.v.Rung, r.v.Causes)
	}
	r.g.Reset()
	r.run(100, nil)
	if r.v.Rung == body.RungOff {
		t.Error("lines are remembered over a reset")
	}
}

// TestPressesOfLinesAndRequestsAddUp: the button is a second press after a request to stop, but a request that repeats
// the button is none.
func TestPressesOfLinesAndRequestsAddUp(t *testing.T) {
	r := newRig(t)
	r.run(5, func() { r.in.StopLine, r.in.Stop = closed, true })
	r.run(1, func() { r.in.StopLine, r.in.Stop = open, true })
	if r.v.Rung != body.RungOff {
		t.Errorf("the button after a request: %v", r.v.Rung)
	}
	r = newRig(t)
	r.lines(5, open)
	r.run(5, func() { r.in.StopLine, r.in.Stop = open, true })
	if r.v.Rung != body.RungCrouch {
		t.Errorf("a request that repeats the button: %v because of %v", r.v.Rung, r.v.Causes)
	}
	r.run(60, func() { r.in.StopLine, r.in.Stop = closed, true })
	if r.v.Rung != body.RungCrouch || r.v.Causes&CauseStop == 0 {
		t.Errorf("the button is released, the request is not: %v because of %v", r.v.Rung, r.v.Causes)
	}
}
