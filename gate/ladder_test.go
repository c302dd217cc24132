package gate

import (
	"math/rand/v2"
	"testing"

	"robotd/body"
)

// everyStance yields each rung with each kind of debt, freshly entered, healthy, past every timer, with no, some and all
// climbs of a minute spent; off also disarmed.
func everyStance(visit func(s stance)) {
	for rung := body.RungPlan; rung <= body.RungOff; rung++ {
		for _, inNs := range []int64{0, tailMaxNs, fallMaxNs, mode1MaxNs, crouchMaxNs} {
			for _, healthy := range []int{0, healthyTicks - 1, healthyTicks} {
				for _, owed := range []bool{false, true} {
					for _, climbs := range [][climbsMax]int64{{}, {climbsNs, climbsNs}, {climbsNs, climbsNs, 2 * tickNs}} {
						visit(stance{rung, inNs, healthy, owed, climbs, false})
						if rung == body.RungOff {
							visit(stance{rung, inNs, healthy, owed, climbs, true})
						}
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

// everyAsk yields each wanted rung, one that does not exist too, with and without acknowledging and arming.
func everyAsk(visit func(a ask)) {
	for want := body.Rung(0); want <= body.RungOff+1; want++ {
		for bits := range 4 {
			visit(ask{want, bits&1 != 0, bits&2 != 0})
		}
	}
}

func TestLadderByEnumeration(t *testing.T) {
	cases := 0
	everyStance(func(s stance) {
		everyCause(func(c Cause) {
			everyAsk(func(a ask) {
				cases++
				n, counted := s.next(tickNs, c, a)
				why := brokenRule(s, n, c, counted, a)
				if why == "" && n.rung < s.rung {
					why = brokenClimb(s, n, counted, a)
				}
				if why != "" {
					t.Fatalf("%s: %+v, causes %v, %+v → %+v (counted %v)", why, s, c, a, n, counted)
				}
			})
		})
	})
	t.Logf("%d transitions", cases)
}

// brokenRule names the rule that a single transition breaks.
func brokenRule(s, n stance, raw, counted Cause, a ask) string {
	best := servable(a.want)
	switch {
	case n.rung > body.RungOff:
		return "no such rung"
	case s.rung == body.RungOff && !s.disarmed && n.rung != body.RungOff:
		return "off must latch"
	case s.disarmed && n.rung != body.RungOff && n.rung != body.RungCrouch:
		return "arming leads to the crouch and nowhere else"
	case n.disarmed != (s.disarmed && n.rung == body.RungOff):
		return "disarmed is who was and still is off"
	case s.rung == body.RungFall && n.rung < body.RungFall:
		return "no way up from a fall"
	case n.rung < best && s.rung >= best:
		return "better than wanted"
	case n.rung < counted.floor() && s.rung != body.RungOff:
		return "better than the causes allow in the same tick"
	case raw&Safety&^(CauseStopAgain|CauseBalanceRefused|CauseFallDone) != 0 && n.rung < body.RungCrouch:
		return "a safety cause must bring at least the crouch"
	case raw&CauseTilt != 0 && n.rung < body.RungFall:
		return "a tilt must bring the fall"
	case raw&CauseFallDone != 0 && s.rung == body.RungFall && n.rung != body.RungOff:
		return "a fall that is over must bring off"
	case raw&CauseStopLine != 0 && n.rung != body.RungOff:
		return "a broken line of the stop must bring off"
	case raw&CauseCommandBad != 0 && s.rung < body.RungBalance && n.rung <= s.rung:
		return "a bad command must cost a rung"
	case n.rung >= body.RungCrouch && s.rung < body.RungCrouch && !n.owed:
		return "who crouches owes an acknowledgement"
	case counted&Safety != 0 && !n.owed:
		return "who has a safety cause owes an acknowledgement"
	case s.owed && !n.owed && !a.ack && !a.arm:
		return "a debt is paid by people only"
	case n.rung == body.RungMode1 && raw&CauseMode1Refused != 0:
		return "a refused actor drives"
	case n.rung == body.RungBalance && raw&CauseBalanceRefused != 0:
		return "a refused balance drives"
	case n.rung == body.RungBalance && raw&hanging != 0:
		return "a balance drives without ground"
	case n.rung == s.rung && n.rung == body.RungCrouch && n.inNs == s.inNs && counted&Safety != CauseHoist:
		return "the crouch's clock stands for something else than the hoist"
	case n.rung == s.rung && n.rung != body.RungCrouch && !s.disarmed && n.inNs != s.inNs+tickNs:
		return "a clock stands"
	}
	return ""
}

// brokenClimb names the condition that a climb was made without.
func brokenClimb(s, n stance, counted Cause, a ask) string {
	if s.disarmed {
		switch {
		case !a.arm:
			return "up from off unasked"
		case counted&Safety&^CauseHoist != 0:
			return "armed in spite of a safety cause"
		case servable(a.want) > body.RungCrouch:
			return "armed for a rung that nobody wants"
		case n.healthy != 0 || n.inNs != 0:
			return "armed with a past"
		}
		return ""
	}
	switch {
	case counted != 0:
		return "up in spite of a cause"
	case s.rung == body.RungTail && n.rung == body.RungPlan: // they alternate
		return ""
	case s.healthy < healthyTicks-1:
		return "up before the healthy count"
	case n.healthy != 0:
		return "the healthy count must begin anew"
	case s.owed && !a.ack:
		return "up without the acknowledgement"
	case s.climbNs[climbsMax-1] > tickNs && !a.ack:
		return "up too often"
	case n.climbNs[0] != climbsNs:
		return "a climb that is not remembered"
	case !a.ack && (n.climbNs[1] != max(s.climbNs[0]-tickNs, 0) || n.climbNs[2] != max(s.climbNs[1]-tickNs, 0)):
		return "climbs before it are forgotten"
	case s.rung == body.RungCrouch && n.rung < body.RungBalance:
		return "up past the balance"
	case s.rung != body.RungCrouch && n.rung != servable(a.want):
		return "up to a rung that nobody wants"
	}
	return ""
}

// TestWorstRequestWins: a pair of causes leads no higher than either alone.
func TestWorstRequestWins(t *testing.T) {
	everyStance(func(s stance) {
		for i := 0; i < nCauses; i++ {
			for k := 0; k < nCauses; k++ {
				if 1<<i == CauseTailUsed || 1<<k == CauseTailUsed { // counts only with a stale plan
					continue
				}
				a, _ := s.next(tickNs, 1<<i, ask{})
				b, _ := s.next(tickNs, 1<<k, ask{})
				if both, _ := s.next(tickNs, 1<<i|1<<k, ask{}); both.rung < max(a.rung, b.rung) {
					t.Fatalf("%+v: %v → %v, %v → %v, both → %v", s, Cause(1<<i), a.rung, Cause(1<<k), b.rung, both.rung)
				}
			}
		}
	})
}

// TestOffIsOneTickAway: whatever the debt and the clocks, and whatever else is the matter, a broken line and a wish for off
// lead there at once; from a crouch a second press does.
func TestOffIsOneTickAway(t *testing.T) {
	everyStance(func(s stance) {
		for i := 0; i < nCauses; i++ {
			c := Cause(1 << i)
			everyAsk(func(a ask) {
				if n, _ := s.next(tickNs, c|CauseStopLine, a); n.rung != body.RungOff {
					t.Fatalf("%+v, %v with a broken line leads to %v", s, c, n.rung)
				}
				if n, _ := s.next(tickNs, c, ask{body.RungOff, a.ack, a.arm}); n.rung != body.RungOff {
					t.Fatalf("%+v, %v: who wants off is on %v", s, c, n.rung)
				}
				if n, _ := s.next(tickNs, c|CauseStop|CauseStopAgain, a); s.rung >= body.RungCrouch && n.rung != body.RungOff {
					t.Fatalf("%+v, %v: a second press leads to %v", s, c, n.rung)
				}
			})
		}
	})
}

// TestOnlyOffHasNoExit: from every other stance the plan is within reach once all is well and acknowledged, but from a
// fall, which ends off.
func TestOnlyOffHasNoExit(t *testing.T) {
	everyStance(func(s stance) {
		if s.rung == body.RungCrouch && s.inNs >= crouchMaxNs { // its time is up: one foot is off already
			return
		}
		n, _ := s.next(tickNs, 0, ask{ack: true, arm: true})
		n = runLadder(n, 2*healthyTicks+1, 0, body.RungPlan)
		want := body.RungPlan
		if s.rung == body.RungFall || s.rung == body.RungOff && !s.disarmed {
			n, want = runLadder(n, fallMaxNs/tickNs, 0, body.RungPlan), body.RungOff
		}
		if n.rung != want {
			t.Fatalf("%+v ends on %v", s, n.rung)
		}
	})
}

// TestSafetyCausesLatch: when a safety cause has gone, no time brings the robot up again, and an acknowledgement does.
func TestSafetyCausesLatch(t *testing.T) {
	for i := 0; i < nCauses; i++ {
		c := Cause(1 << i)
		s, counted := stance{rung: body.RungBalance}.next(tickNs, c, ask{})
		if counted&Safety == 0 {
			continue
		}
		if s.rung == body.RungCrouch {
			if still := runLadder(s, 2900, 0, body.RungPlan); still.rung != body.RungCrouch || !still.owed {
				t.Errorf("%v: 2.9 s later on %v, owed %v", c, still.rung, still.owed)
			}
			healthy := runLadder(s, healthyTicks, 0, body.RungPlan)
			if up, _ := healthy.next(tickNs, 0, ask{ack: true}); up.rung != body.RungBalance {
				t.Errorf("%v: acknowledged, on %v", c, up.rung)
			}
		}
		if void, _ := s.next(tickNs, c, ask{ack: true}); !void.owed {
			t.Errorf("%v was acknowledged while it was there", c)
		}
		if end := runLadder(s, 10_000, 0, body.RungPlan); end.rung != body.RungOff {
			t.Errorf("%v: unacknowledged it ends on %v", c, end.rung)
		}
	}
}

// runLadder runs the ladder for so many ticks and returns where it ends.
func runLadder(s stance, ms int, c Cause, want body.Rung) stance {
	for range ms {
		s, _ = s.next(tickNs, c, ask{want: want})
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
	if s = runLadder(s, 50, CausePlanStale, body.RungPlan); s.rung != body.RungTail || s.inNs != tailMaxNs {
		t.Errorf("50 ms into the tail: %v", s.rung)
	}
	if s = runLadder(s, 1, CausePlanStale, body.RungPlan); s.rung != body.RungMode1 {
		t.Errorf("51 ms into the tail: %v", s.rung)
	}
	if up := runLadder(s, 100, 0, body.RungPlan); up.rung != body.RungPlan {
		t.Errorf("100 healthy ticks lead from mode1 to %v", up.rung)
	}
	if up := runLadder(s, 99, 0, body.RungPlan); up.rung != body.RungMode1 {
		t.Errorf("99 healthy ticks lead from mode1 to %v", up.rung)
	}
	if s = runLadder(s, 2000, CausePlanStale, body.RungPlan); s.rung != body.RungMode1 || s.inNs != mode1MaxNs {
		t.Errorf("2 s of mode1: %v", s.rung)
	}
	if s = runLadder(s, 1, CausePlanStale, body.RungPlan); s.rung != body.RungBalance {
		t.Errorf("after 2 s of mode1: %v", s.rung)
	}
	if s = runLadder(s, 60_000, CausePlanStale, body.RungPlan); s.rung != body.RungBalance {
		t.Errorf("balance ends in %v by itself", s.rung)
	}
	s = runLadder(s, 1, CauseStop, body.RungPlan)
	if s = runLadder(s, 3000, CauseStop, body.RungPlan); s.rung != body.RungCrouch {
		t.Errorf("stopped for 3 s: on %v", s.rung)
	}
	if s = runLadder(s, 1, CauseStop, body.RungPlan); s.rung != body.RungOff {
		t.Errorf("3 s of crouch lead to %v", s.rung)
	}
	s = runLadder(stance{rung: body.RungFall}, 1500, CauseHoist, body.RungPlan)
	if end := runLadder(s, 1, CauseHoist, body.RungPlan); s.rung != body.RungFall || end.rung != body.RungOff {
		t.Errorf("1.5 s of fall: %v, then %v", s.rung, end.rung)
	}
	if m := runLadder(stance{rung: body.RungMode1}, 10_000, 0, body.RungMode1); m.rung != body.RungMode1 {
		t.Errorf("who wants mode1 ends in %v", m.rung)
	}
}

// TestAHoistHoldsTheCrouch: a robot that is said to hang stays damped for as long as it hangs; any other safety cause lets
// the 3 s run.
func TestAHoistHoldsTheCrouch(t *testing.T) {
	s := runLadder(stance{}, 20_000, CauseHoist|CausePlanStale, body.RungPlan)
	if s.rung != body.RungCrouch || !s.owed {
		t.Fatalf("after 20 s on the hoist: %+v", s)
	}
	for _, c := range []Cause{CauseStop, CauseCommandLost, CauseSensorLost, CauseLifted} {
		if end := runLadder(s, 3002, CauseHoist|c, body.RungPlan); end.rung != body.RungOff {
			t.Errorf("hanging with %v ends on %v", c, end.rung)
		}
	}
	down := runLadder(s, healthyTicks, 0, body.RungPlan)
	if up, _ := down.next(tickNs, 0, ask{ack: true}); up.rung != body.RungBalance {
		t.Errorf("set down and acknowledged: %v", up.rung)
	}
}

func TestFourthClimbInAMinutePins(t *testing.T) {
	s := stance{}
	for climb := 1; climb <= 4; climb++ {
		s = runLadder(s, 1, CauseTailUsed|CausePlanStale, body.RungPlan)
		s = runLadder(s, 150, 0, body.RungPlan)
		if up := s.rung == body.RungPlan; up != (climb <= 3) {
			t.Fatalf("climb %d: on %v", climb, s.rung)
		}
	}
	if !s.owed {
		t.Error("who would climb a fourth time owes no acknowledgement")
	}
	if n, _ := s.next(tickNs, 0, ask{ack: true}); n.rung != body.RungPlan {
		t.Errorf("an acknowledgement leads to %v", n.rung)
	}
	if s = runLadder(s, 120_000, 0, body.RungPlan); s.rung == body.RungPlan {
		t.Error("two minutes pay for an acknowledgement")
	}
	s = stance{rung: body.RungMode1, healthy: healthyTicks, climbNs: [climbsMax]int64{1, 1, tickNs}}
	if n, _ := s.next(tickNs, 0, ask{}); n.rung != body.RungPlan {
		t.Errorf("a minute after three climbs: %v", n.rung)
	}
}

// TestNoMinuteHasFourClimbs: random troubles for hours of ladder time, without anybody who acknowledges.
func TestNoMinuteHasFourClimbs(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	s, climbs, ticks := stance{}, []int64(nil), int64(3_000_000)
	if testing.Short() {
		ticks /= 10
	}
	for now := int64(0); now < ticks; now++ {
		c := Cause(0)
		if rng.IntN(400) == 0 {
			c = [...]Cause{CauseCommandBad, CausePlanStale | CauseTailUsed, CausePlanStale | CauseTailUsed | CauseMode1Refused}[rng.IntN(3)]
		}
		if s.owed { // somebody comes after a while
			s = runLadder(s, 1000, 0, body.RungPlan)
			climbs = nil
		}
		n, _ := s.next(tickNs, c, ask{ack: s.owed})
		if n.rung < s.rung && s.rung > body.RungTail {
			climbs = append(climbs, now)
		}
		if k := len(climbs); k > 3 && climbs[k-1]-climbs[k-4] < 60_000 {
			t.Fatalf("four climbs in %d ms", climbs[k-1]-climbs[k-4])
		}
		s = n
	}
}

func TestArmingByHand(t *testing.T) {
	off := stance{rung: body.RungOff, disarmed: true}
	if s := runLadder(off, 5000, 0, body.RungPlan); s.rung != body.RungOff || !s.disarmed {
		t.Fatalf("unasked it is on %v", s.rung)
	}
	s, _ := off.next(tickNs, 0, ask{arm: true})
	if s.rung != body.RungCrouch || s.owed || s.disarmed {
		t.Fatalf("armed: %+v", s)
	}
	if s = runLadder(s, healthyTicks-1, 0, body.RungPlan); s.rung != body.RungCrouch {
		t.Errorf("armed for 99 ms: %v", s.rung)
	}
	if s = runLadder(s, 1, 0, body.RungPlan); s.rung != body.RungBalance {
		t.Errorf("armed for 100 ms: %v", s.rung)
	}
	if s = runLadder(s, healthyTicks, 0, body.RungPlan); s.rung != body.RungPlan {
		t.Errorf("armed for 200 ms: %v", s.rung)
	}
	if s, _ = off.next(tickNs, CauseHoist, ask{arm: true}); s.rung != body.RungCrouch || !s.owed {
		t.Errorf("armed on the hoist: %+v", s)
	}
	owing := off
	owing.owed = true
	if s, _ = owing.next(tickNs, 0, ask{arm: true}); s.rung != body.RungCrouch || s.owed {
		t.Errorf("arming does not pay what was owed before: %+v", s)
	}
}
