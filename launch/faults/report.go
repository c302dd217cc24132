package faults

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
)

// Report is a run of the catalogue.
type Report struct {
	Seed   uint64   `json:"seed"`
	Rows   int      `json:"rows"`
	Passed int      `json:"passed"`
	Faults []Result `json:"faults"`
}

// Run plays the rows whose number or name is one of only, or all of them, each with seeds seeds from seed on, on all cores. Of each
// row the result told is the worst: the first seed that did not pass, else the slowest.
func Run(ctx context.Context, rows []Row, only []string, seed uint64, seeds int) (*Report, error) {
	rows, err := chosen(rows, only)
	if err != nil {
		return nil, err
	}
	rep := &Report{Seed: seed, Rows: len(rows), Faults: make([]Result, len(rows))}
	err = spread(ctx, len(rows), func(i int) error {
		for k := range max(seeds, 1) {
			res, err := rows[i].Run(seed + uint64(k))
			if err != nil {
				return err
			}
			if worst := &rep.Faults[i]; k == 0 || (worst.Pass && (!res.Pass || res.ReactionMs > worst.ReactionMs)) {
				*worst = res
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range rep.Faults {
		if rep.Faults[i].Pass {
			rep.Passed++
		}
	}
	return rep, nil
}

// chosen picks rows by number or name.
func chosen(rows []Row, only []string) ([]Row, error) {
	if len(only) == 0 {
		return rows, nil
	}
	var out []Row
	for _, want := range only {
		n := len(out)
		for _, row := range rows {
			if strings.EqualFold(row.ID, want) || row.Name == want {
				out = append(out, row)
			}
		}
		if len(out) == n {
			return nil, fmt.Errorf("no fault %q in the catalogue: give a number like F12 or a name that 'robotd faults' prints", want)
		}
	}
	return out, nil
}

// spread does jobs 0 to n−1 on all cores and returns the first error.
func spread(ctx context.Context, n int, do func(i int) error) error {
	var wg sync.WaitGroup
	jobs, failed := make(chan int), make(chan error, n)
	for range runtime.GOMAXPROCS(0) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range jobs {
				if err := do(i); err != nil {
					failed <- err
				}
			}
		}()
	}
	for i := 0; i < n && ctx.Err() == nil; i++ {
		jobs <- i
	}
	close(jobs)
	wg.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return ctx.Err()
	}
}

// Text is the report for people.
func (r *Report) Text() string {
	var b strings.Builder
	for i := range r.Faults {
		f := &r.Faults[i]
		passed := "pass"
		if !f.Pass {
			passed = fmt.Sprintf("FAIL (seed %d): %s", f.Seed, f.Why)
		}
		reaction := "     –"
		if f.ReactionMs >= 0 {
			reaction = fmt.Sprintf("%3.0f ms", f.ReactionMs)
		}
		fmt.Fprintf(&b, "%s %-28s %-8s %s  %-24s %s\n", f.ID, f.Name, f.Rung, reaction, f.Cause, passed)
	}
	fmt.Fprintf(&b, "%d of %d faults answered as owed, seed %d", r.Passed, r.Rows, r.Seed)
	return b.String()
}
