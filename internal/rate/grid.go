package rate

import "fmt"

// Grid is an endless row of slots: slot k is due at k·PeriodNs + PhaseNs of the monotonic clock. Processes with equal periods
// share it without a word between them, and phases put their slots in order.
type Grid struct {
	PeriodNs int64
	PhaseNs  int64 // in [0, PeriodNs)
}

// Check reports a grid that is none.
func (g Grid) Check() error {
	if g.PeriodNs <= 0 || g.PhaseNs < 0 || g.PhaseNs >= g.PeriodNs {
		return fmt.Errorf("rate: period %d ns, phase %d ns: want a phase inside the period", g.PeriodNs, g.PhaseNs)
	}
	return nil
}

// After returns when the first slot after nowNs is due.
func (g Grid) After(nowNs int64) int64 {
	since := nowNs - g.PhaseNs
	slot := since / g.PeriodNs
	if since%g.PeriodNs < 0 { // division rounds towards zero
		slot--
	}
	return (slot+1)*g.PeriodNs + g.PhaseNs
}
