package rate

import (
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Bell wakes a thread from another one of the same process, past the Go scheduler: ringing costs the ringer one system call,
// and the sleeper's turn is its own. Rings before a Wait count as one.
type Bell struct{ rung atomic.Uint32 }

// NewBell makes a bell.
func NewBell() *Bell { return &Bell{} }

const (
	futexWait = 0 | 128 // private to the process
	futexWake = 1 | 128
)

// Ring lets the waiting thread, or the next that waits, go on.
func (b *Bell) Ring() {
	if b.rung.Swap(1) == 0 {
		syscall.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&b.rung)), futexWake, 1, 0, 0, 0)
	}
}

// Wait sleeps until the bell is rung, in a raw system call: see the package's comment for who may use it. One thread waits.
func (b *Bell) Wait() {
	for b.rung.Swap(0) == 0 {
		syscall.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&b.rung)), futexWait, 0, 0, 0, 0)
	}
}
