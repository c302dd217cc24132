// Command mutate asks whether a package's fast tests would notice a mistake: it makes one small change to the package at a
// time, in a copy that only the compiler sees (go's -overlay), runs the package's own tests with -short, and counts the
// changes that no test noticed.
//
//	go run ./tools/mutate -dir gate            every change
//	go run ./tools/mutate -dir gate -sample 40 some of them
//
// The folder's testdata/equivalent.txt lists changes that change nothing, each with its reason, one a line:
// file | source line | change | reason.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// fate is what became of a mutant.
type fate int

const (
	invalid fate = iota // does not compile: no mutant at all
	killed
	survived
	equivalent
)

func main() {
	dir := flag.String("dir", "gate", "the package's folder, from the repository's root")
	sample := flag.Int("sample", 0, "so many mutants, drawn by -seed; 0: all")
	seed := flag.Uint64("seed", 1, "of the sample")
	least := flag.Float64("least", 95, "percent killed, or the run fails")
	skip := flag.String("skip", "closedloop_test.go", "a test file to leave out: slow to build")
	slow := flag.String("slow", "Byzantine|ByEnumeration|OffIsOneTickAway|HotWinding|VerticalFollows|TorqueLimitIs|NoMinute", "tests that only see what the others let live")
	patience := flag.Duration("patience", time.Minute, "for tests that do not end")
	jobs := flag.Int("jobs", 1, "mutants tested at a time")
	flag.Parse()
	if err := run(*sample, *seed, *least, *jobs, tester{dir: *dir, skip: *skip, slow: *slow, patience: *patience}); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(sample int, seed uint64, least float64, jobs int, t tester) error {
	mutants, err := collect(t.dir)
	if err != nil {
		return err
	}
	known, err := readEquivalent(filepath.Join(t.dir, "testdata", "equivalent.txt"))
	if err != nil {
		return err
	}
	if sample > 0 {
		rng := rand.New(rand.NewPCG(seed, 0x6d7574))
		rng.Shuffle(len(mutants), func(i, k int) { mutants[i], mutants[k] = mutants[k], mutants[i] })
		mutants = mutants[:min(sample, len(mutants))]
	}
	if t.scratch, err = os.MkdirTemp("", "mutate"); err != nil {
		return err
	}
	defer os.RemoveAll(t.scratch)
	if f, out, err := t.test(nil, 0); err != nil || f != survived {
		return fmt.Errorf("the tests fail without any change: %v\n%s", err, out)
	}
	fates, err := t.all(mutants, known, jobs)
	if err != nil {
		return err
	}
	return sumUp(mutants, fates, known, sample == 0, least)
}

// sumUp prints the survivors and the score.
func sumUp(mutants []mutant, fates []fate, known map[string]bool, whole bool, least float64) error {
	var n [equivalent + 1]int
	for i, m := range mutants {
		n[fates[i]]++
		if fates[i] == survived {
			fmt.Printf("survived: %s:%d: %s\n", m.file, m.line, m.key())
		}
	}
	if whole {
		for key, used := range known {
			if !used {
				return fmt.Errorf("testdata/equivalent.txt names a change that no longer is one: %s", key)
			}
		}
	}
	valid := n[killed] + n[survived]
	score := 100 * float64(n[killed]) / float64(max(valid, 1))
	fmt.Printf("mutate: %d mutants, %d killed (%.1f %%), %d survived; besides %d are equivalent, %d do not compile\n", valid, n[killed], score,
		n[survived], n[equivalent], n[invalid])
	if score < least {
		return fmt.Errorf("%.1f %% killed, want %g %%: write the test that the survivors lack", score, least)
	}
	return nil
}

// tester runs a package's tests over one changed file.
type tester struct {
	dir, scratch, skip, slow string
	patience                 time.Duration
}

// all tests every mutant, a few at a time.
func (t *tester) all(mutants []mutant, known map[string]bool, jobs int) ([]fate, error) {
	fates := make([]fate, len(mutants))
	var failed error
	var lock sync.Mutex
	var wg sync.WaitGroup
	next := make(chan int)
	for w := range max(jobs, 1) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				f, _, err := t.test(&mutants[i], w)
				lock.Lock()
				if _, ok := known[mutants[i].key()]; ok {
					known[mutants[i].key()] = true
					if f == survived {
						f = equivalent
					}
				}
				if fates[i] = f; err != nil {
					failed = err
				}
				if f == survived {
					fmt.Fprintf(os.Stderr, "%d of %d survived: %s:%d: %s\n", i+1, len(mutants), mutants[i].file, mutants[i].line, mutants[i].key())
				}
				lock.Unlock()
			}
		}()
	}
	for i := range mutants {
		next <- i
	}
	close(next)
	wg.Wait()
	return fates, failed
}

// test runs the tests over one mutant, nil for none: the quick ones, then the slow ones. A test that does not end has
// noticed.
func (t *tester) test(m *mutant, worker int) (fate, string, error) {
	overlay, err := t.overlay(m, worker)
	if err != nil {
		return invalid, "", err
	}
	binary := filepath.Join(t.scratch, fmt.Sprintf("test%d", worker))
	build := exec.Command("go", "test", "-c", "-vet=off", "-o", binary, "-overlay", overlay, "./"+filepath.ToSlash(t.dir))
	if out, err := build.CombinedOutput(); err != nil {
		return invalid, string(out), nil
	}
	for _, which := range []string{"-test.skip", "-test.run"} {
		ctx, cancel := context.WithTimeout(context.Background(), t.patience)
		tests := exec.CommandContext(ctx, binary, "-test.short", "-test.failfast", which+"="+t.slow)
		tests.Dir = t.dir
		out, err := tests.CombinedOutput()
		cancel()
		if err != nil {
			return killed, string(out), nil
		}
	}
	return survived, "", nil
}

// overlay writes the changed file and the list that shows it to the compiler in the place of the true one.
func (t *tester) overlay(m *mutant, worker int) (string, error) {
	root, err := filepath.Abs(t.dir)
	if err != nil {
		return "", err
	}
	replace := map[string]string{filepath.Join(root, t.skip): ""}
	if m != nil {
		changed := filepath.Join(t.scratch, fmt.Sprintf("mutant%d.go", worker))
		if err := os.WriteFile(changed, m.apply(), 0o600); err != nil {
			return "", err
		}
		replace[filepath.Join(root, m.file)] = changed
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(t.scratch, fmt.Sprintf("overlay%d.json", worker))
	return path, os.WriteFile(path, text, 0o600)
}

// readEquivalent reads the list of changes that change nothing: key → whether this run met it.
func readEquivalent(path string) (map[string]bool, error) {
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, " | ")
		if len(parts) != 4 || parts[3] == "" {
			return nil, fmt.Errorf("%s:%d: want file | source line | change | reason", path, i+1)
		}
		known[strings.Join(parts[:3], " | ")] = false
	}
	return known, nil
}
