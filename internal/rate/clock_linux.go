package rate

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// System is CLOCK_MONOTONIC, which every process of the machine reads alike. Its sleep is a raw system call: see the package's
// comment for who may use it.
type System struct{}

// NowNs returns the time, ns. A system call would do too, and take a microsecond in a virtual machine.
func (System) NowNs() int64 { return nanotime() }

// SleepUntil sleeps in clock_nanosleep until dueNs. An ordinary Syscall would hand the thread's turn back to the Go scheduler and
// have to win it again; RawSyscall6 keeps it. Signals do not wake it early.
func (c System) SleepUntil(dueNs int64) {
	due := unix.NsecToTimespec(dueNs)
	for {
		_, _, errno := syscall.RawSyscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME,
			uintptr(unsafe.Pointer(&due)), 0, 0, 0)
		switch errno {
		case unix.EINTR:
			continue
		case 0:
		default: // a sandbox without this call
			rest := unix.NsecToTimespec(max(dueNs-c.NowNs(), 0))
			syscall.RawSyscall(unix.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&rest)), 0, 0)
		}
		return
	}
}
