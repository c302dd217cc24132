package rate

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const childRole = "ROBOTD_RATE_TEST"

// TestMain lets the test binary be a real-time process: Setup changes the whole process.
func TestMain(m *testing.M) {
	switch os.Getenv(childRole) {
	case "":
		os.Exit(m.Run())
	case "refused":
		giveUpRights()
	}
	realTimeChild()
}

// giveUpRights takes from this process what Setup asks for.
func giveUpRights() {
	for _, r := range []int{unix.RLIMIT_RTPRIO, unix.RLIMIT_MEMLOCK} {
		if err := unix.Setrlimit(r, &unix.Rlimit{}); err != nil {
			fmt.Println("error", err)
		}
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	_, _, errno := syscall.AllThreadsSyscall(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&none[0])), 0)
	if errno != 0 {
		fmt.Println("error", errno)
	}
}

const ticks = 400 // of the child's loop

// realTimeChild sets itself up, runs a loop, and prints what became of it, a line each.
func realTimeChild() {
	l, err := New(Options{})
	if err != nil {
		fmt.Println("error", err)
	}
	for _, w := range Setup(SetupOptions{Priority: 80, CPUs: []int{0}}) {
		fmt.Println("warning", w)
	}
	for range 50 {
		l.Wait()
	}
	l.Forget()
	before := ReadCounts()
	var asleep, after unix.Rusage
	unix.Getrusage(unix.RUSAGE_THREAD, &asleep)
	n := 0
	l.Run(func(Tick) bool { n++; return n < ticks })
	unix.Getrusage(unix.RUSAGE_THREAD, &after)
	c := ReadCounts().Since(before)
	var set unix.CPUSet
	unix.SchedGetaffinity(0, &set)
	attr, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		fmt.Println("error", err)
	}
	slack, _ := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	fmt.Println("policy", attr.Policy)
	fmt.Println("priority", attr.Priority)
	fmt.Println("processors", set.Count())
	fmt.Println("slack", slack)
	fmt.Println("percent", debug.SetGCPercent(-1))
	fmt.Println("turns", runtime.GOMAXPROCS(0))
	fmt.Println("collections", c.GCCycles)
	fmt.Println("faults", c.MajorFaults+c.MinorFaults)
	fmt.Println("ticks", l.Stats().Ticks)
	fmt.Println("sleeps", after.Nvcsw-asleep.Nvcsw)
	fmt.Println("locked", statusKB("VmLck"))
	fmt.Println("resident", statusKB("VmRSS"))
	os.Exit(0)
}

func statusKB(key string) int {
	text, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, key+":"); ok {
			n, _ := strconv.Atoi(strings.Fields(rest)[0])
			return n
		}
	}
	return -1
}

// realTime runs a child and returns its lines by their first word.
func realTime(t *testing.T, role string) map[string][]string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(Environ(), childRole+"="+role)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	said := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		key, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		said[key] = append(said[key], rest)
	}
	if len(said["error"]) > 0 {
		t.Fatal(said["error"])
	}
	t.Log(said)
	return said
}

func want(t *testing.T, said map[string][]string, key, value string) {
	t.Helper()
	if got := strings.Join(said[key], ", "); got != value {
		t.Errorf("%s %s, want %s", key, got, value)
	}
}

// TestSetup: with root's rights everything is granted; without them it says what was refused and runs all the same.
func TestSetup(t *testing.T) {
	said := realTime(t, "granted")
	want(t, said, "percent", "-1")
	want(t, said, "collections", "0")
	want(t, said, "ticks", strconv.Itoa(ticks))
	// The thread sleeps once a tick and at no other time: nobody takes its turn, which without Steady happens in one tick of twenty.
	if n, _ := strconv.Atoi(said["sleeps"][0]); n > ticks+2 {
		t.Errorf("%d sleeps in %d ticks", n, ticks)
	}
	if slack := said["slack"][0]; slack != "1" && slack != "0" { // 0: real-time threads have none at all
		t.Errorf("timer slack %s ns", slack)
	}
	if os.Geteuid() != 0 || len(said["warning"]) > 0 {
		t.Logf("not everything was granted here: %v", said["warning"])
		return
	}
	want(t, said, "policy", strconv.Itoa(unix.SCHED_FIFO))
	want(t, said, "priority", "80")
	want(t, said, "processors", "1")
	want(t, said, "faults", "0")
	if kb, _ := strconv.Atoi(said["locked"][0]); kb < 1000 {
		t.Errorf("%d kB locked", kb)
	}
}

func TestSetupRefused(t *testing.T) {
	said := realTime(t, "refused")
	want(t, said, "ticks", strconv.Itoa(ticks))
	want(t, said, "collections", "0")
	all := strings.Join(said["warning"], "\n")
	for _, part := range []string{"SCHED_FIFO 80 refused", "soft real time", "CAP_SYS_NICE", "memory", "CAP_IPC_LOCK"} {
		if !strings.Contains(all, part) {
			t.Errorf("the warnings do not speak of %q:\n%s", part, all)
		}
	}
	if n := strings.Count(all, "SCHED_FIFO"); n != 1 {
		t.Errorf("SCHED_FIFO is spoken of %d times", n)
	}
}

func TestEnvironAddsToWhatIsThere(t *testing.T) {
	for before, after := range map[string]string{"": "GODEBUG=asyncpreemptoff=1", "http2client=0": "GODEBUG=http2client=0,asyncpreemptoff=1"} {
		t.Setenv("GODEBUG", before)
		n := 0
		for _, e := range Environ() {
			if strings.HasPrefix(e, "GODEBUG=") {
				if n++; e != after {
					t.Errorf("%s, want %s", e, after)
				}
			}
		}
		if n != 1 {
			t.Errorf("%d settings", n)
		}
	}
}

// TestSignalsDoNotShortenASleep: the Go runtime signals its threads; each signal ends the system call, not the sleep.
func TestSignalsDoNotShortenASleep(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	thread := unix.Gettid()
	stop := make(chan struct{})
	sent := make(chan int)
	go func() {
		n := 0
		for ; ; n++ {
			select {
			case <-stop:
				sent <- n
				return
			default:
				unix.Tgkill(unix.Getpid(), thread, unix.SIGURG)
				time.Sleep(time.Millisecond)
			}
		}
	}()
	c := System{}
	for range 5 {
		due := c.NowNs() + 20*ms
		c.SleepUntil(due)
		if now := c.NowNs(); now < due {
			t.Errorf("woke %d ns early", due-now)
		}
	}
	close(stop)
	if n := <-sent; n < 5 {
		t.Errorf("%d signals only", n)
	}
}

// TestNowIsTheKernelsClock: processes compare their stamps, so that it must be CLOCK_MONOTONIC itself, not a clock of the process.
func TestNowIsTheKernelsClock(t *testing.T) {
	var a, b unix.Timespec
	for range 1000 {
		if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &a); err != nil {
			t.Fatal(err)
		}
		now := System{}.NowNs()
		if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &b); err != nil {
			t.Fatal(err)
		}
		if now < a.Nano() || now > b.Nano() {
			t.Fatalf("%d is not between %d and %d", now, a.Nano(), b.Nano())
		}
	}
}
