package rate

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

// SetupOptions say what a real-time process asks of the system.
type SetupOptions struct {
	Priority int   // SCHED_FIFO priority of the loop's thread, 2 to 99; 0: an ordinary thread
	CPUs     []int // on which the loop's thread may run; empty: all
}

// Setup makes this process a real-time one: collector off, memory locked and present, no deep sleep of the processor, and the
// calling goroutine on a thread of its own, as Thread has it. Call it from the loop's goroutine when everything is built, before
// the first Wait. What the system refuses comes back as warnings; the process runs on, in soft real time.
func Setup(o SetupOptions) (warnings []string) {
	runtime.LockOSThread()                            // first: it makes the thread from which the runtime clones others
	runtime.GOMAXPROCS(max(runtime.GOMAXPROCS(0), 3)) // a turn for every thread that sleeps raw; set by hand, the runtime leaves it
	debug.SetMemoryLimit(math.MaxInt64)               // a limit makes the collector run, off or not
	runtime.GC()
	debug.SetGCPercent(-1)
	warnings = setupProcess(o.Priority)
	return append(warnings, Thread(o)...)
}

// Thread makes the calling goroutine's thread its own and real-time: Setup's part for further threads of the same process.
func Thread(o SetupOptions) (warnings []string) {
	runtime.LockOSThread()
	return setupThread(o)
}

// Environ returns the environment in which a real-time process of this program is to be started: the Go scheduler sends its
// threads no signals.
func Environ() []string {
	const key, quiet = "GODEBUG=", "asyncpreemptoff=1"
	env := os.Environ()
	for i, e := range env {
		if set, ok := strings.CutPrefix(e, key); ok {
			env[i] = key + strings.TrimPrefix(set+","+quiet, ",")
			return env
		}
	}
	return append(env, key+quiet)
}
