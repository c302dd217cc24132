package rate

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// setupProcess does what concerns the whole process: memory, sleep states, and the runtime's own threads.
func setupProcess(priority int) (warnings []string) {
	warn := func(err error) {
		if err != nil {
			warnings = append(warnings, err.Error())
		}
	}
	warn(lockMemory())
	warn(stayAwake())
	if priority > 1 {
		warn(raiseRuntime(priority - 1))
	}
	return warnings
}

// setupThread does what concerns the calling thread.
func setupThread(o SetupOptions) (warnings []string) {
	warn := func(err error) {
		if err != nil {
			warnings = append(warnings, err.Error())
		}
	}
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0); err != nil {
		warn(fmt.Errorf("timer slack of 1 ns refused (%w): the loop wakes up to 50 µs later", err))
	}
	if o.Priority > 0 {
		warn(fifo(0, o.Priority))
	}
	if len(o.CPUs) > 0 {
		warn(pin(o.CPUs))
	}
	return warnings
}

// fifo gives a thread (0: the calling one) a real-time priority.
func fifo(thread, priority int) error {
	err := unix.SchedSetAttr(thread, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: uint32(priority)}, 0)
	if err != nil {
		return fmt.Errorf("SCHED_FIFO %d refused (%w): soft real time; allow it with CAP_SYS_NICE, ulimit -r or LimitRTPRIO", priority, err)
	}
	return nil
}

// pin keeps the calling thread on some processors.
func pin(cpus []int) error {
	var set unix.CPUSet
	for _, c := range cpus {
		set.Set(c)
	}
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("processors %v refused (%w): the loop runs anywhere", cpus, err)
	}
	return nil
}

// raiseRuntime gives the threads that the Go runtime has, and by inheritance those that it will make, a real-time priority as
// well: now and then the scheduler passes the loop's turn through one of them, which must not queue behind other processes.
func raiseRuntime(priority int) error {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return nil // nothing to raise that could be seen
	}
	for _, t := range tasks {
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			continue
		}
		if err := fifo(id, priority); err != nil && !errors.Is(err, unix.ESRCH) {
			return nil // Thread says so, once
		}
	}
	return nil
}

// lockMemory keeps every page of the process in memory, those to come included.
func lockMemory() error {
	const remedy = "allow it with CAP_IPC_LOCK or LimitMEMLOCK=infinity"
	flags, note := unix.MCL_CURRENT|unix.MCL_FUTURE, ""
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit) == nil && limit.Cur != unix.RLIM_INFINITY && !may(unix.CAP_IPC_LOCK) {
		limit.Cur = limit.Max
		if unix.Setrlimit(unix.RLIMIT_MEMLOCK, &limit) != nil || limit.Max != unix.RLIM_INFINITY {
			// With a limit, a lock on what is to come would turn a later allocation into an end of the process.
			flags, note = unix.MCL_CURRENT, fmt.Sprintf(" beyond %d bytes", limit.Max)
		}
	}
	if err := unix.Mlockall(flags); err != nil {
		return fmt.Errorf("locking memory%s refused (%w): page faults may delay ticks; %s", note, err, remedy)
	}
	if note != "" {
		return fmt.Errorf("memory%s is not locked: page faults may delay ticks; %s", note, remedy)
	}
	return nil
}

// may reports whether the process has a capability.
func may(capability uint) bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	return unix.Capget(&header, &data[0]) == nil && data[capability/32].Effective&(1<<(capability%32)) != 0
}

const latencyFile = "/dev/cpu_dma_latency"

// awake is held open as long as the process lives: closing it would take the wish back.
var awake *os.File

// stayAwake asks the kernel for no sleep state that takes time to leave.
func stayAwake() error {
	f, err := os.OpenFile(latencyFile, os.O_WRONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil // no sleep states here that could be asked away
	}
	if err == nil {
		_, err = f.Write(make([]byte, 4)) // 0 µs
	}
	if err != nil {
		return fmt.Errorf("%s refused (%w): a processor asleep wakes up to 100 µs late", latencyFile, err)
	}
	awake = f
	return nil
}
