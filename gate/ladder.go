package gate

import "robotd/body"

// Times of the ladder.
const (
	tailMaxNs    = 50_000_000
	mode1MaxNs   = 2_000_000_000
	crouchMaxNs  = 3_000_000_000
	fallMaxNs    = 1_500_000_000
	healthyTicks = 100
	// A climb costs climbNs of patience, which heals with time; restMaxNs of it is the most: three climbs in a minute.
	climbNs   = 20_000_000_000
	restMaxNs = 3 * climbNs
)

// stance is where the robot stands on the ladder and what it owes before it may climb. The next one is a pure function
// of this one, the time passed, the causes, and what is wanted.
type stance struct {
	rung    body.Rung
	inNs    int64 // since the rung was entered
	healthy int   // ticks in a row without any cause
	owed    bool  // an acknowledgement
	restNs  int64 // patience spent on climbs
}

// next returns the stance after dtNs with the given causes. Want is the best rung asked for; ack is true in the tick in
// which somebody acknowledges. The second result holds the causes that counted, timers included.
func (s stance) next(dtNs int64, causes Cause, want body.Rung, ack bool) (stance, Cause) {
	want = servable(want)
	causes = s.relevant(causes, want)
	floor := max(want, causes.floor())
	if causes&CauseCommandBad != 0 {
		floor = max(floor, min(s.rung+1, body.RungBalance))
	}
	n := s
	n.inNs += dtNs
	n.restNs = max(0, n.restNs-dtNs)
	n.healthy = min(n.healthy+1, healthyTicks)
	if causes != 0 {
		n.healthy = 0
	}
	switch {
	case causes&Safety != 0:
		n.owed = true
	case ack:
		n.owed, n.restNs = false, 0
	}
	switch { // nothing is worse than off, and no climb begins below the crouch: fall and off latch
	case floor > s.rung:
		n.rung, n.inNs = floor, 0
		n.owed = n.owed || floor >= body.RungCrouch
	case s.rung == body.RungTail && floor == body.RungPlan: // plan and tail alternate
		n.rung, n.inNs = body.RungPlan, 0
	case n.mayClimb(floor, want):
		n.rung, n.inNs = want, 0
		if s.rung == body.RungCrouch { // stand up first
			n.rung = max(want, body.RungBalance)
		}
		n.healthy, n.restNs = 0, n.restNs+climbNs
	}
	return n, causes
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
	return n.rung > want && floor == want && n.rung <= body.RungCrouch && n.healthy >= healthyTicks && !n.owed &&
		n.restNs+climbNs <= restMaxNs
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
