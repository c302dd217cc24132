package gate

import (
	"testing"

	"robotd/body"
)

// everyStance yields each rung with each kind of debt, freshly entered, healthy, and past every timer.
func everyStance(visit func(s stance)) {
	for rung := body.RungPlan; rung <= body.RungOff; rung++ {
		for _, inNs := range []int64{0, tailMaxNs, mode1MaxNs, crouchMaxNs} {
			for _, healthy := range []int{0, healthyTicks - 1, healthyTicks} {
				for _, owed := range []bool{false, true} {
					for _, rest := range []int64{0, restMaxNs} {
						visit(stance{rung, inNs, healthy, owed, rest})
					}
				}
			}
		}
	}
}

// everyCause yields no cause, single causes and pairs.
func everyCause(visit func(c Cause)) {
	for i := 0; i < nCauses; i++ {
		for k := i; k < nCauses; k++ {
			visit(1<<i | 1<<k)
		}
	}
	visit(0)
}

func TestLadderByEnumeration(t *testing.T) {
	cases := 0
	everyStance(func(s stance) {
		everyCause(func(c Cause) {
			for want := body.Rung(0); want <= body.RungOff+1; want++ {
				for _, ack := range []bool{false, true} {
					cases++
					checkStep(t, s, c, want, ack)
				}
			}
		})
	})
	t.Logf("%d transitions", cases)
}

// checkStep holds the rules that every single transition must keep.
func checkStep(t *testing.T, s stance, raw Cause, want body.Rung, ack bool) {
	n, counted := s.next(tickNs, raw, want, ack)
	best := servable(want)
	fail := func(why string) {
		t.Helper()
		t.Fatalf("%s: %+v, causes %v, want %v, ack %v → %+v (counted %v)", why, s, raw, want, ack, n, counted)
	}
	switch {
	case n.rung > body.RungOff:
		fail("no such rung")
	case s.rung == body.RungOff && n.rung != body.RungOff:
		fail("off must latch")
	case s.rung == body.RungFall && n.rung < body.RungFall:
		fail("no way up from a fall")
	case n.rung < best && s.rung >= best:
		fail("better than wanted")
	case n.rung < counted.floor() && s.rung != body.RungOff:
		fail("better than the causes allow in the same tick")
	case raw&Safety&^(CauseStopAgain|CauseBalanceRefused) != 0 && n.rung < body.RungCrouch:
		fail("a safety cause must bring at least the crouch")
	case raw&CauseTilt != 0 && n.rung < body.RungFall:
		fail("a tilt must bring the fall")
	case raw&CauseCommandBad != 0 && s.rung < body.RungBalance && n.rung <= s.rung:
		fail("a bad command must cost a rung")
	case n.rung >= body.RungCrouch && s.rung < body.RungCrouch && !n.owed:
		fail("who crouches owes an acknowledgement")
	case n.rung == body.RungMode1 && raw&CauseMode1Refused != 0:
		fail("a refused actor drives")
	case n.rung == body.RungBalance && raw&CauseBalanceRefused != 0:
		fail("a refused balance drives")
	}
	if n.rung >= s.rung {
		return
	}
	alternates := s.rung == body.RungTail && n.rung == body.RungPlan
	switch {
	case counted != 0:
		fail("up in spite of a cause")
	case alternates:
	case s.healthy < healthyTicks-1:
		fail("up before the healthy count")
	case s.owed && !ack:
		fail("up without the acknowledgement")
	case s.restNs > restMaxNs-climbNs && !ack:
		fail("up too often")
	case s.rung == body.RungCrouch && n.rung < body.RungBalance:
		fail("up past the balance")
	}
}

// TestWorstRequestWins: a pair of causes leads no higher than either alone.
func TestWorstRequestWins(t *testing.T) {
	everyStance(func(s stance) {
		for i := 0; i < nCauses; i++ {
			for k := 0; k < nCauses; k++ {
				if 1<<i == CauseTailUsed || 1<<k == CauseTailUsed { // counts only with a stale plan
					continue
				}
				a, _ := s.next(tickNs, 1<<i, body.RungPlan, false)
				b, _ := s.next(tickNs, 1<<k, body.RungPlan, false)
				if both, _ := s.next(tickNs, 1<<i|1<<k, body.RungPlan, false); both.rung < max(a.rung, b.rung) {
					t.Fatalf("%+v: %v → %v, %v → %v, both → %v", s, Cause(1<<i), a.rung, Cause(1<<k), b.rung, both.rung)
				}
			}
		}
	})
}

// drive runs the ladder for ms ticks and returns where it ends.
func runLadder(s stance, ms int, c Cause, want body.Rung) stance {
	for range ms {
		s, _ = s.next(tickNs, c, want, false)
	}
	return s
}

func TestLadderTimers(t *testing.T) {
	s := runLadder(stance{}, 1, CausePlanStale, body.RungPlan)
	if s.rung != body.RungTail {
		t.Fatalf("a stale plan leads to %v", s.rung)
	}
	if up := runLadder(s, 1, 0, body.RungPlan); up.rung != body.RungPlan {
		t.Errorf("a fresh plan leads from the tail to %v", up.rung)
	}
	if s = runLadder(s, 49, CausePlanStale, body.RungPlan); s.rung != body.RungTail {
		t.Errorf("after 50 ms of tail: %v", s.rung)
	}
	if s = runLadder(s, 2, CausePlanStale, body.RungPlan); s.rung != body.RungMode1 {
		t.Errorf("after 52 ms of tail: %v", s.rung)
	}
	if up := runLadder(s, 101, 0, body.RungPlan); up.rung != body.RungPlan {
		t.Errorf("100 healthy ticks lead from mode1 to %v", up.rung)
	}
	if s = runLadder(s, 1999, CausePlanStale, body.RungPlan); s.rung != body.RungMode1 {
		t.Errorf("before 2 s of mode1: %v", s.rung)
	}
	if s = runLadder(s, 5, CausePlanStale, body.RungPlan); s.rung != body.RungBalance {
		t.Errorf("after 2 s of mode1: %v", s.rung)
	}
	if s = runLadder(s, 60_000, CausePlanStale, body.RungPlan); s.rung != body.RungBalance {
		t.Errorf("balance ends in %v by itself", s.rung)
	}
	s = runLadder(s, 1, CauseStop, body.RungPlan)
	if s.rung != body.RungCrouch {
		t.Fatalf("stop leads to %v", s.rung)
	}
	if s = runLadder(s, 3002, CauseStop, body.RungPlan); s.rung != body.RungOff {
		t.Errorf("3 s of crouch lead to %v", s.rung)
	}
	if m := runLadder(stance{rung: body.RungMode1}, 10_000, 0, body.RungMode1); m.rung != body.RungMode1 {
		t.Errorf("who wants mode1 ends in %v", m.rung)
	}
}

func TestFourthClimbInAMinuteWaits(t *testing.T) {
	s := stance{}
	for climb := 1; climb <= 4; climb++ {
		s = runLadder(s, 1, CauseTailUsed|CausePlanStale, body.RungPlan)
		s = runLadder(s, 150, 0, body.RungPlan)
		if up := s.rung == body.RungPlan; up != (climb <= 3) {
			t.Fatalf("climb %d: on %v", climb, s.rung)
		}
	}
	if n, _ := s.next(tickNs, 0, body.RungPlan, true); n.rung != body.RungPlan {
		t.Errorf("an acknowledgement leads to %v", n.rung)
	}
	if s = runLadder(s, 21_000, CausePlanStale, body.RungPlan); s.rung != body.RungBalance { // mode1 had its 2 s
		t.Fatalf("without plans: %v", s.rung)
	}
	if s = runLadder(s, 150, 0, body.RungPlan); s.rung != body.RungPlan {
		t.Errorf("20 s later patience has not healed: %v", s.rung)
	}
}
