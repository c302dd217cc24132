//go:build !linux

package rate

// Steady runs f. Where sleeps are the Go scheduler's own, nothing can be held off.
func Steady(f func()) { f() }
