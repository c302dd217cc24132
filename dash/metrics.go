package dash

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"robotd/body"
)

// The metrics, each read from the newest snapshot when Prometheus asks.
var (
	descPower = desc("power_bus_watts", "Electrical power at the bus; source says whether a sensor or a model told it.", "source")
	descPeak  = desc("power_bus_peak_watts", "Largest instant of the power at the bus since the last snapshot.", "source")
	descBudgt = desc("power_budget_watts", "Power that the gate allows the whole robot.")
	descRung  = desc("rung", "Rung of the degradation ladder: 1 for the one in force, else 0.", "rung")
	descShare = desc("rung_time_ratio", "Part of the time spent on each rung.", "rung")
	descTick  = desc("tick_seconds", "Time that one tick of the robot takes, by quantile of the recent ones.", "quantile")
	descTicks = desc("ticks_total", "Ticks since start.")
	descCand  = desc("plan_candidates", "Candidate plans rolled out a tick.")
	descBlock = desc("plan_blocks", "Blocks of the plan's horizon.")
	descRejec = desc("rejected_total", "Plans and commands that the gate refused.", "reason")
	descUp    = desc("upright", "1 while the robot has not fallen.")
	descLate  = desc("process_lateness_seconds", "How late a process's loop wakes, by quantile since it runs; 1 is the most.", "process", "quantile")
	descTurns = desc("process_ticks_total", "Ticks that a process has served since it runs.", "process")
	descLost  = desc("process_lost_ticks_total", "Ticks that a process has passed over whole since it runs.", "process")
	descGC    = desc("process_gc_cycles_total", "Collections of a process's heap while its loop runs.", "process")
	descFault = desc("process_page_faults_total", "Page faults of a process while its loop runs.", "process")
	descAgain = desc("process_restarts_total", "How often a process died and was started again.", "process")
	descStop  = desc("stoppable", "1 while the robot can stop where it stands.")
	descInner = desc("stop_margin_meters", "How far the capture point lies inside the loaded soles, negative outside.")
	allDescs  = []*prometheus.Desc{descPower, descPeak, descBudgt, descRung, descShare, descTick, descTicks, descCand, descBlock, descRejec, descUp,
		descLate, descTurns, descLost, descGC, descFault, descAgain, descStop, descInner}
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("robotd_"+name, help, labels, nil)
}

// collector turns the newest snapshot into metrics.
type collector struct{ s *Server }

// Describe tells the metrics' names.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range allDescs {
		ch <- d
	}
}

// Collect tells their values; nothing before the first snapshot.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	var s Snapshot
	if c.s.latest.get(&s) == 0 {
		return
	}
	source := strings.ToValidUTF8(s.PowerSource, "?")
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	count := func(d *prometheus.Desc, v uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
	}
	gauge(descPower, s.PowerW, source)
	gauge(descPeak, s.PeakW, source)
	gauge(descBudgt, s.BudgetW)
	for r := range s.RungShare {
		name := body.Rung(r).String()
		gauge(descRung, truth(int(s.Rung) == r), name)
		gauge(descShare, s.RungShare[r], name)
	}
	gauge(descTick, s.TickUsP50/1e6, "0.5")
	gauge(descTick, s.TickUsP99/1e6, "0.99")
	count(descTicks, s.Ticks)
	gauge(descCand, float64(s.PlanCandidates))
	gauge(descBlock, float64(s.PlanBlocks))
	for _, reason := range s.reasons() {
		count(descRejec, s.Rejected[reason], strings.ToValidUTF8(reason, "?"))
	}
	gauge(descUp, truth(s.Upright))
	gauge(descStop, truth(s.Stoppable))
	gauge(descInner, s.StopMarginM)
	for i := range s.Processes {
		p := &s.Processes[i]
		for q, name := range Quantiles {
			gauge(descLate, p.LateS[q], p.Name, name)
		}
		count(descTurns, p.Ticks, p.Name)
		count(descLost, p.Lost, p.Name)
		count(descGC, p.GCCycles, p.Name)
		count(descFault, p.PageFaults, p.Name)
		count(descAgain, p.Restarts, p.Name)
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
