//go:build !linux

package rate

import "time"

var began = time.Now()

// System is the process's monotonic clock. Its sleep is time.Sleep, late by what the system's timers are.
type System struct{}

// NowNs returns the time since the process began, ns.
func (System) NowNs() int64 { return int64(time.Since(began)) }

// SleepUntil sleeps until dueNs.
func (c System) SleepUntil(dueNs int64) { time.Sleep(time.Duration(dueNs - c.NowNs())) }
