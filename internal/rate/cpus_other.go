//go:build !linux

package rate

// CPUs returns the processors on which this process may run; none where that cannot be said.
func CPUs() []int { return nil }
