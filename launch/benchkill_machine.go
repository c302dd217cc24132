package launch

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// machine watches the computer itself while a campaign runs: cyclictest on each processor, above every priority that is ours. The
// milliseconds that it loses nobody could have had.
type machine struct {
	cmd *exec.Cmd
	dir string
}

// MachineLost is what the computer itself lost.
type MachineLost struct {
	Slots  []uint64  `json:"slots"`  // of a millisecond, on each processor
	WorstU []float64 `json:"max_us"` // latest wake, likewise
}

const machineHistogramUs = 100_000

// watchMachine begins; nil when cyclictest is not installed.
func watchMachine() (*machine, error) {
	if _, err := exec.LookPath(cyclictest); err != nil {
		return nil, nil
	}
	dir, err := os.MkdirTemp("", "robotd-machine-")
	if err != nil {
		return nil, err
	}
	n := runtime.NumCPU()
	m := &machine{dir: dir, cmd: exec.Command(cyclictest, "--quiet", "--mlockall", "--threads="+strconv.Itoa(n), fmt.Sprintf("--affinity=0-%d", n-1),
		"--policy=fifo", "--priority=99", "--interval=1000", "--histogram="+strconv.Itoa(machineHistogramUs), "--json="+filepath.Join(dir, "lost.json"))}
	if err := m.cmd.Start(); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	return m, nil
}

// end stops watching and returns what was lost; nil when nobody watched.
func (m *machine) end() (*MachineLost, error) {
	if m == nil {
		return nil, nil
	}
	defer os.RemoveAll(m.dir)
	if err := m.cmd.Process.Signal(syscall.SIGINT); err != nil {
		return nil, err
	}
	kill := time.AfterFunc(10*time.Second, func() { _ = m.cmd.Process.Kill() })
	err := m.cmd.Wait()
	kill.Stop()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cyclictest, err)
	}
	text, err := os.ReadFile(filepath.Join(m.dir, "lost.json"))
	if err != nil {
		return nil, err
	}
	return readMachine(text)
}

// readMachine counts the whole milliseconds in every lateness.
func readMachine(text []byte) (*MachineLost, error) {
	var report struct {
		Thread map[string]struct {
			Histogram map[string]uint64 `json:"histogram"`
			Cycles    uint64            `json:"cycles"`
			Max       uint64            `json:"max"`
		} `json:"thread"`
	}
	if err := json.Unmarshal(text, &report); err != nil || len(report.Thread) == 0 {
		return nil, fmt.Errorf("%s's report: no thread: %v", cyclictest, err)
	}
	lost := &MachineLost{}
	for i := range len(report.Thread) {
		thread := report.Thread[strconv.Itoa(i)]
		slots, counted := uint64(0), uint64(0)
		for us, n := range thread.Histogram {
			v, err := strconv.ParseUint(us, 10, 64)
			if err != nil || n > thread.Cycles {
				return nil, fmt.Errorf("%s's report counts %d of %q µs", cyclictest, n, us)
			}
			slots, counted = slots+n*(v/1000), counted+n
		}
		if thread.Cycles > counted { // beyond the histogram
			slots += (thread.Cycles - counted) * (machineHistogramUs / 1000)
		}
		lost.Slots, lost.WorstU = append(lost.Slots, slots), append(lost.WorstU, float64(thread.Max))
	}
	return lost, nil
}
