package launch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"robotd/internal/rate"
)

// cyclictest is the yardstick: the field's own program that measures how late a real-time loop in C wakes.
const cyclictest = "cyclictest"

// yardstick is what cyclictest measured in a part's place: same core, same priority, same load.
type yardstick struct {
	lateness rate.Histogram // whole µs
	cycles   uint64
}

// runCyclictest measures in the places of all parts at the same time.
func runCyclictest(ctx context.Context, places []LoopPart) (map[string]*yardstick, error) {
	dir, err := os.MkdirTemp("", "robotd-cyclictest-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	type answer struct {
		part string
		y    *yardstick
		err  error
	}
	answers := make(chan answer)
	for _, p := range places {
		go func() {
			y, err := cyclictestIn(ctx, p, filepath.Join(dir, p.Part+".json"))
			answers <- answer{p.Part, y, err}
		}()
	}
	found := map[string]*yardstick{}
	for range places {
		a := <-answers
		found[a.part] = a.y
		err = errors.Join(err, a.err)
	}
	return found, err
}

// cyclictestIn measures in one part's place.
func cyclictestIn(ctx context.Context, p LoopPart, file string) (*yardstick, error) {
	args := []string{"--quiet", "--mlockall", "--threads=1", "--policy=fifo", "--priority=" + strconv.Itoa(p.Priority), "--interval=1000",
		"--duration=" + strconv.Itoa(p.Seconds), "--histogram=200000", "--json=" + file}
	if len(p.CPUs) > 0 {
		args = append(args, "--affinity="+strings.Trim(strings.Join(strings.Fields(fmt.Sprint(p.CPUs)), ","), "[]"))
	}
	if out, err := exec.CommandContext(ctx, cyclictest, args...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", cyclictest, strings.Join(args, " "), err, lastLine(out))
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return readCyclictest(text)
}

// readCyclictest reads its report: a thread's histogram from µs to count, and the number of cycles, those beyond it included.
func readCyclictest(text []byte) (*yardstick, error) {
	var report struct {
		Thread map[string]struct {
			Histogram map[string]uint64 `json:"histogram"`
			Cycles    uint64            `json:"cycles"`
			Max       int64             `json:"max"`
		} `json:"thread"`
	}
	if err := json.Unmarshal(text, &report); err != nil {
		return nil, fmt.Errorf("%s's report: %w", cyclictest, err)
	}
	thread, ok := report.Thread["0"]
	if !ok || thread.Cycles == 0 {
		return nil, fmt.Errorf("%s's report has no cycle of thread 0", cyclictest)
	}
	y := &yardstick{cycles: thread.Cycles}
	for us, n := range thread.Histogram {
		v, err := strconv.ParseInt(us, 10, 64)
		if err != nil || n > thread.Cycles {
			return nil, fmt.Errorf("%s's report counts %d of %q µs", cyclictest, n, us)
		}
		for range n {
			y.lateness.Add(v * 1000)
		}
	}
	for y.lateness.N() < y.cycles {
		y.lateness.Add(thread.Max * 1000)
	}
	return y, nil
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}
