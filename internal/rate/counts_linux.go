package rate

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// faults returns the process's page faults.
func faults() (major, minor uint64) {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0, 0
	}
	return uint64(u.Majflt), uint64(u.Minflt)
}

const jiffyNs = 10_000_000 // of /proc/stat

// stealNs reads the stolen time from /proc/stat: cpu user nice system idle iowait irq softirq steal …
func stealNs() int64 {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(text), "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0
	}
	jiffies, err := strconv.ParseInt(fields[8], 10, 64)
	if err != nil {
		return 0
	}
	return jiffies * jiffyNs
}
