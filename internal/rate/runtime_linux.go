package rate

import _ "unsafe" // for linkname

// What the Go runtime lends out. All three are kept, by promise, for users outside (go.dev/issue/67401).

// procPin keeps the scheduler from taking the calling goroutine off its thread, until procUnpin.
//
//go:linkname procPin runtime.procPin
func procPin() int

//go:linkname procUnpin runtime.procUnpin
func procUnpin()

// nanotime reads CLOCK_MONOTONIC without a system call.
//
//go:linkname nanotime runtime.nanotime
func nanotime() int64
