package launch

import (
	"context"
	"fmt"
	"time"
)

// aheadMost is how far simulated time runs ahead before the run sleeps: fewer wake-ups than ticks.
const aheadMost = 4 * time.Millisecond

// pacer holds simulated time to an absolute schedule: after a stall it catches up, so no tick is ever lost.
type pacer struct {
	began time.Time
	timer *time.Timer
	worst time.Duration // behind the schedule
	last  time.Duration
}

func (p *pacer) begin() {
	p.began = time.Now()
	p.timer = time.NewTimer(time.Hour)
	p.timer.Stop()
}

// wait returns when simulated time at is due but for slack, or ctx ends.
func (p *pacer) wait(ctx context.Context, at, slack time.Duration) {
	ahead := at - time.Since(p.began)
	p.last = -ahead
	p.worst = max(p.worst, -ahead)
	if ahead <= slack {
		return
	}
	p.timer.Reset(ahead)
	select {
	case <-ctx.Done():
		p.timer.Stop()
	case <-p.timer.C:
	}
}

// Run steps the robot for the wanted time, or until ctx ends, and sums up. It returns ctx's error when the wanted time was
// not reached, and what went wrong with the video; the report is good in any case.
func (l *Live) Run(ctx context.Context) (*LiveReport, error) {
	l.pace.begin()
	total := l.o.Duration.Milliseconds()
	for l.ticks < total || l.o.Duration == 0 {
		if ctx.Err() != nil || l.failed != nil {
			break
		}
		if !l.o.Fast {
			l.pace.wait(ctx, time.Duration(l.ticks)*time.Millisecond, aheadMost)
		}
		l.Step()
	}
	if !l.o.Fast {
		l.pace.wait(ctx, time.Duration(l.ticks)*time.Millisecond, 0)
	}
	if l.film != nil && l.failed == nil {
		l.failed = l.film.gif.Close()
	}
	rep := l.Report()
	if l.failed == nil && l.ticks < total {
		return rep, fmt.Errorf("ended after %.1f of %.1f s: %w", rep.SimS, l.o.Duration.Seconds(), context.Cause(ctx))
	}
	return rep, l.failed
}
