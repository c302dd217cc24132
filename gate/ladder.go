package gate

import "robotd/body"

// Times of the ladder.
const (
	tailMaxNs    = 50_000_000
	mode1MaxNs   = 2_000_000_000
	crouchMaxNs  = 3_000_000_000
	fallMaxNs    = 1_500_000_000
	healthyTicks = 100
	climbsMax    = 3 // in climbsNs; who would climb once more waits for an acknowledgement
	climbsNs     = 60_000_000_000
)

// stance is where the robot stands on the ladder and what it owes before it may climb. The next one is a pure function
// of this one, the time passed, the causes, and what is asked for.
type stance struct {
	rung     body.Rung
	inNs     int64            // since the rung was entered
	healthy  int              // ticks in a row without any cause
	owed     bool             // an acknowledgement
	climbNs  [climbsMax]int64 // until each of the last climbs is forgotten, newest first
	disarmed bool             // off since the reset, and may be armed
}

// ask is what people and the mind ask of the ladder in one tick.
type ask struct {
	want body.Rung // the best rung
	ack  bool      // somebody acknowledges
	arm  bool      // somebody arms, and every check before it holds
}

// next returns the stance after dtNs with the given causes. The second result holds the causes that counted, timers
// included.
func (s stance) next(dtNs int64, causes Cause, a ask) (stance, Cause) {
	want := servable(a.want)
	causes = s.relevant(causes, want)
	floor := max(want, causes.floor())
	if causes&CauseCommandBad != 0 {
		floor = max(floor, min(s.rung+1, body.RungBalance))
	}
	n := s.aged(dtNs, causes)
	switch {
	case causes&Safety != 0:
		n.owed = true
	case a.ack:
		n.owed, n.climbNs = false, [climbsMax]int64{}
	}
	switch { // nothing is worse than off, and no climb begins below the crouch: fall and off latch
	case s.disarmed:
		if a.arm && want <= body.RungCrouch && causes&Safety&^CauseHoist == 0 {
			n = stance{rung: body.RungCrouch, owed: causes&Safety != 0}
		}
	case floor > s.rung:
		if s.rung == body.RungCrouch { // who falls out of a crouch is off no later than the crouch would have been
			n.inNs = max(0, n.inNs-(crouchMaxNs-fallMaxNs))
		} else {
			n.inNs = 0
		}
		n.rung = floor
		n.owed = n.owed || floor >= body.RungCrouch
	case s.rung == body.RungTail && floor == body.RungPlan: // plan and tail alternate
		n.rung, n.inNs = body.RungPlan, 0
	case n.mayClimb(floor, want) && n.climbNs[climbsMax-1] > 0:
		n.owed = true
	case n.mayClimb(floor, want):
		n.rung, n.inNs, n.healthy = want, 0, 0
		if s.rung == body.RungCrouch { // stand up first
			n.rung = max(want, body.RungBalance)
		}
		copy(n.climbNs[1:], n.climbNs[:])
		n.climbNs[0] = climbsNs
	}
	return n, causes
}

// aged returns the stance a tick older, on the same rung. A crouch that only hangs on its hoist does not run out.
func (s stance) aged(dtNs int64, causes Cause) stance {
	if s.rung != body.RungCrouch || causes&Safety != CauseHoist {
		s.inNs += dtNs
	}
	s.healthy = min(s.healthy+1, healthyTicks)
	if causes != 0 {
		s.healthy = 0
	}
	for i := range s.climbNs {
		s.climbNs[i] = max(0, s.climbNs[i]-dtNs)
	}
	return s
}

// servable turns a wanted rung into one that can be wanted: the tail is not wanted for itself, and no rung at all is a
// request to crouch.
func servable(want body.Rung) body.Rung {
	switch {
	case want == body.RungTail:
		return body.RungPlan
	case want > body.RungOff:
		return body.RungCrouch
	}
	return want
}

func (n *stance) mayClimb(floor, want body.Rung) bool {
	return n.rung > want && floor == want && n.rung <= body.RungCrouch && n.healthy >= healthyTicks && !n.owed
}

// relevant adds the timers that ran out and drops the causes that do not touch the rung at hand: a stale plan matters
// only to who wants plans, a refused actor only where it drives or is wanted.
func (s stance) relevant(c Cause, want body.Rung) Cause {
	if want != body.RungPlan {
		c &^= CausePlanStale | CauseTailUsed
	} else if c&CausePlanStale == 0 {
		c &^= CauseTailUsed
	} else if s.rung == body.RungTail && s.inNs >= tailMaxNs {
		c |= CauseTailUsed
	}
	if s.rung != body.RungFall {
		c &^= CauseFallDone
	}
	switch {
	case s.rung == body.RungMode1 && want < body.RungMode1 && s.inNs >= mode1MaxNs:
		c |= CauseMode1Long
	case s.rung == body.RungCrouch && s.inNs >= crouchMaxNs:
		c |= CauseCrouchDone
	case s.rung == body.RungFall && s.inNs >= fallMaxNs:
		c |= CauseFallDone
	}
	if s.rung < body.RungCrouch {
		c &^= CauseStopAgain
	}
	next := max(want, (c &^ (CauseMode1Refused | CauseBalanceRefused)).floor(), s.rung)
	if c&CauseCommandBad != 0 {
		next = max(next, min(s.rung+1, body.RungBalance))
	}
	if next != body.RungMode1 && want != body.RungMode1 {
		c &^= CauseMode1Refused
	} else if c&CauseMode1Refused != 0 {
		next = max(next, body.RungBalance)
	}
	if next != body.RungBalance && want != body.RungBalance && s.rung != body.RungCrouch {
		c &^= CauseBalanceRefused
	}
	return c
}
