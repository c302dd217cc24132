//go:build !linux

package rate

// Bell wakes a thread from another one of the same process. Rings before a Wait count as one.
type Bell struct{ rung chan struct{} }

// NewBell makes a bell.
func NewBell() *Bell { return &Bell{make(chan struct{}, 1)} }

// Ring lets the waiting thread, or the next that waits, go on.
func (b *Bell) Ring() {
	select {
	case b.rung <- struct{}{}:
	default:
	}
}

// Wait sleeps until the bell is rung. One thread waits.
func (b *Bell) Wait() { <-b.rung }
