package launch

import (
	"fmt"
	"slices"
	"strings"

	"robotd/internal/rate"
)

// LoopReport is what 'robotd bench loop' measured. Maps are keyed by part, gate and mind.
type LoopReport struct {
	Pairs   int `json:"pairs"`
	Seconds int `json:"seconds"` // of each run

	RatioP99  map[string]float64 `json:"ratio_p99"`  // to cyclictest in the same place and pair, median over the pairs; null without one
	RatioP999 map[string]float64 `json:"ratio_p999"` // the same of the 99.9th percentile

	LatenessUs   map[string]TickUs `json:"lateness_us"`   // from due to awake, over all pairs
	CyclictestUs map[string]TickUs `json:"cyclictest_us"` // cyclictest's in the part's place: same core, priority and load; whole µs
	WorkUs       map[string]TickUs `json:"work_us"`       // of a tick

	Ticks          map[string]uint64 `json:"ticks"`
	Lost           map[string]uint64 `json:"lost_ticks"`      // slots passed over whole
	CyclictestLost map[string]uint64 `json:"cyclictest_lost"` // slots in the time less cycles run
	GCCycles       map[string]uint64 `json:"gc_cycles"`       // while measured
	PageFaults     map[string]uint64 `json:"page_faults"`     // while measured, major ones included
	MajorFaults    map[string]uint64 `json:"major_faults"`

	Plan    LoopPlan    `json:"plan"`
	Command LoopCommand `json:"command"`
	Host    HostLoad    `json:"host"`
	PerPair []LoopRatio `json:"per_pair"`

	StealShare float64  `json:"steal_share"` // of all cores' time, that the host of a virtual machine took
	Warnings   []string `json:"warnings"`

	late, yard, work map[string]*rate.Histogram
	plans            rate.Histogram
}

// LoopPlan is how the mind's planning went, beside its ticks.
type LoopPlan struct {
	Made   uint64 `json:"made"`
	Late   uint64 `json:"late"` // due while another one was made
	TookUs TickUs `json:"took_us"`
}

// LoopCommand is what the gate was asked.
type LoopCommand struct {
	Heard   uint64 `json:"heard"`   // of the mind, through the shared memory
	Hostile uint64 `json:"hostile"` // and spoilt on the way
	Refused uint64 `json:"refused"`
}

// LoopRatio is one pair: 99th percentiles, µs, and their ratio.
type LoopRatio struct {
	P99Us        map[string]float64 `json:"p99_us"`
	CyclictestUs map[string]float64 `json:"cyclictest_p99_us"`
	RatioP99     map[string]float64 `json:"ratio_p99"`
	RatioP999    map[string]float64 `json:"ratio_p999"`
}

// loopPair is what one pair brought; yard is nil without cyclictest.
type loopPair struct {
	ours map[string]*loopAccount
	yard map[string]*yardstick
}

func newLoopReport(o LoopOptions) *LoopReport {
	r := &LoopReport{Pairs: o.Pairs, Seconds: o.Seconds, Warnings: []string{}, PerPair: []LoopRatio{}}
	for _, m := range []*map[string]TickUs{&r.LatenessUs, &r.CyclictestUs, &r.WorkUs} {
		*m = map[string]TickUs{}
	}
	for _, m := range []*map[string]uint64{&r.Ticks, &r.Lost, &r.CyclictestLost, &r.GCCycles, &r.PageFaults, &r.MajorFaults} {
		*m = map[string]uint64{}
	}
	for _, m := range []*map[string]*rate.Histogram{&r.late, &r.yard, &r.work} {
		*m = map[string]*rate.Histogram{}
	}
	return r
}

// merge adds a part's histogram to that of the pairs before.
func merge(all map[string]*rate.Histogram, part string, h *rate.Histogram) {
	if all[part] == nil {
		all[part] = &rate.Histogram{}
	}
	all[part].Merge(h)
}

// add takes a pair in, and returns it as a line.
func (r *LoopReport) add(p *loopPair) string {
	ratio := LoopRatio{P99Us: map[string]float64{}, CyclictestUs: map[string]float64{}, RatioP99: map[string]float64{}, RatioP999: map[string]float64{}}
	var line []string
	for _, part := range []string{LoopGate, LoopMind} {
		a := p.ours[part]
		merge(r.late, part, &a.Stats.Lateness)
		merge(r.work, part, &a.Stats.Work)
		r.Ticks[part] += a.Stats.Ticks
		r.Lost[part] += a.Stats.Lost
		r.GCCycles[part] += a.Found.GCCycles
		r.PageFaults[part] += a.Found.MajorFaults + a.Found.MinorFaults
		r.MajorFaults[part] += a.Found.MajorFaults
		r.plans.Merge(&a.PlanNs)
		r.Plan.Late += a.LatePlans
		r.Command.Heard += a.Heard
		r.Command.Hostile += a.Hostile
		r.Command.Refused += a.Bad
		ratio.P99Us[part] = a.Stats.Lateness.QuantileNs(0.99) / 1e3
		said := fmt.Sprintf("%s %.0f µs", part, ratio.P99Us[part])
		if y := p.yard[part]; y != nil {
			merge(r.yard, part, &y.lateness)
			r.CyclictestLost[part] += max(uint64(1000*r.Seconds), y.cycles) - y.cycles
			ratio.CyclictestUs[part] = y.lateness.QuantileNs(0.99) / 1e3
			ratio.RatioP99[part] = over(&a.Stats.Lateness, &y.lateness, 0.99)
			ratio.RatioP999[part] = over(&a.Stats.Lateness, &y.lateness, 0.999)
			said += fmt.Sprintf(" (cyclictest %.0f)", ratio.CyclictestUs[part])
		}
		line = append(line, said)
	}
	r.PerPair = append(r.PerPair, ratio)
	return "p99 late: " + strings.Join(line, ", ")
}

// over is the ratio of two histograms' quantiles. A yardstick of less than a microsecond is none: it counts whole ones.
func over(a, b *rate.Histogram, q float64) float64 {
	return a.QuantileNs(q) / max(b.QuantileNs(q), 1e3)
}

// finish sums the pairs up.
func (r *LoopReport) finish() {
	for part := range r.late {
		r.LatenessUs[part], r.WorkUs[part] = tailOf(r.late[part]), tailOf(r.work[part])
	}
	for part := range r.yard {
		r.CyclictestUs[part] = tailOf(r.yard[part])
		r.RatioP99 = withMedian(r.RatioP99, part, r.PerPair, func(p LoopRatio) map[string]float64 { return p.RatioP99 })
		r.RatioP999 = withMedian(r.RatioP999, part, r.PerPair, func(p LoopRatio) map[string]float64 { return p.RatioP999 })
	}
	r.Plan.Made, r.Plan.TookUs = r.plans.N(), tailOf(&r.plans)
}

// withMedian adds the part's median over the pairs to a map, which it makes if need be.
func withMedian(to map[string]float64, part string, pairs []LoopRatio, of func(LoopRatio) map[string]float64) map[string]float64 {
	var all []float64
	for _, p := range pairs {
		if ratio, ok := of(p)[part]; ok {
			all = append(all, ratio)
		}
	}
	slices.Sort(all)
	if to == nil {
		to = map[string]float64{}
	}
	n := len(all)
	to[part] = (all[(n-1)/2] + all[n/2]) / 2
	return to
}

// tailOf returns the percentiles that reports show, µs.
func tailOf(h *rate.Histogram) TickUs {
	return TickUs{h.QuantileNs(0.5) / 1e3, h.QuantileNs(0.99) / 1e3, h.QuantileNs(0.999) / 1e3, float64(h.MostNs()) / 1e3}
}

// Text is the report for people.
func (r *LoopReport) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d pairs of %d s, this process allocating %.2f GB/s with %.0f MB live, %d collections; %.1f %% of the time stolen\n",
		len(r.PerPair), r.Seconds, r.Host.GBs, r.Host.LiveMB, r.Host.GCCycles, 100*r.StealShare)
	row := func(name string, t TickUs, lost uint64) {
		fmt.Fprintf(&b, "%-22s late %6.0f µs median, %6.0f p99, %6.0f p99.9, %7.0f most; %d lost\n", name, t.P50, t.P99, t.P999, t.Max, lost)
	}
	for _, part := range []string{LoopGate, LoopMind} {
		row(part, r.LatenessUs[part], r.Lost[part])
		if t, ok := r.CyclictestUs[part]; ok {
			row("cyclictest there", t, r.CyclictestLost[part])
		}
		w := r.WorkUs[part]
		fmt.Fprintf(&b, "%-22s %d ticks of %.0f µs median, %.0f p99; %d collections, %d page faults", "", r.Ticks[part], w.P50, w.P99, r.GCCycles[part], r.PageFaults[part])
		if ratio, ok := r.RatioP99[part]; ok {
			fmt.Fprintf(&b, "; %.2f times cyclictest's p99", ratio)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "plans: %d of %.0f µs median, %.0f p99, %d late; commands: %d heard, %d hostile, %d refused\n", r.Plan.Made, r.Plan.TookUs.P50,
		r.Plan.TookUs.P99, r.Plan.Late, r.Command.Heard, r.Command.Hostile, r.Command.Refused)
	for _, w := range r.Warnings {
		fmt.Fprintln(&b, "warning:", w)
	}
	return strings.TrimRight(b.String(), "\n")
}
