package launch

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"

	"robotd/body"
	"robotd/internal/rate"
	"robotd/power"
)

// RealtimeReport sums up a real-time run.
type RealtimeReport struct {
	Planner      Planner                 `json:"planner"`
	Ticks        uint64                  `json:"ticks"` // of the body
	SimS         float64                 `json:"sim_s"`
	Upright      bool                    `json:"upright"` // when the end was asked for
	Fallen       uint64                  `json:"fallen"`
	WentDown     string                  `json:"went_down"` // for what the gate last took it to the crouch or lower; empty: for nothing
	Off          bool                    `json:"off"`       // in order, at the end
	PowerW       Power                   `json:"power_w"`
	Violations   uint64                  `json:"violations"`
	RungShare    map[string]float64      `json:"rung_share"`
	ReserveShare float64                 `json:"reserve_share"`  // of the gate's ticks that its own controllers served
	LetGo        uint64                  `json:"drive_timeouts"` // ticks in which the drives had no grant
	LateThoughts uint64                  `json:"late_thoughts"`
	Processes    map[string]ProcessShare `json:"processes"`
	Address      string                  `json:"address"` // of the page
}

// ProcessShare is one process's account.
type ProcessShare struct {
	PID        int     `json:"pid"`
	Ticks      uint64  `json:"ticks"`
	Lost       uint64  `json:"lost"`
	LateP50Us  float64 `json:"lateness_us_p50"`
	LateP99Us  float64 `json:"lateness_us_p99"`
	LateP999Us float64 `json:"lateness_us_p999"`
	LateMaxUs  float64 `json:"lateness_us_max"`
	WorkP50Us  float64 `json:"work_us_p50"`
	WorkP99Us  float64 `json:"work_us_p99"`
	GCCycles   uint64  `json:"gc_cycles"`
	PageFaults uint64  `json:"page_faults"`
	Restarts   int     `json:"restarts"`
	Soft       bool    `json:"soft_real_time"`
}

// report reads what is known while everything still runs.
func (s *Supervisor) report() *RealtimeReport {
	rep := &RealtimeReport{Planner: s.o.Planner, Address: s.page, RungShare: map[string]float64{}, Processes: map[string]ProcessShare{}}
	var view sceneFrame
	if _, err := s.scene.Load(&view); err == nil {
		n := float64(max(view.Ticks, 1))
		rep.Upright = view.Upright
		rep.Ticks, rep.SimS, rep.Fallen, rep.Violations, rep.LetGo = view.Ticks, float64(view.SimNs)*1e-9, view.Fallen, view.Over, view.DriveTimeouts
		rep.PowerW = Power{view.SumBusW / n, view.WorstBusW, string(power.FromModel)}
	}
	var v verdictFrame
	if _, err := s.gate.Load(&v); err == nil {
		sum := uint64(0)
		for _, n := range v.Rungs {
			sum += n
		}
		for r, n := range v.Rungs {
			rep.RungShare[body.Rung(r).String()] = float64(n) / float64(max(sum, 1))
		}
		rep.WentDown = v.Down.String()
		rep.ReserveShare = float64(v.Reserve) / float64(max(sum, 1))
	}
	return rep
}

// account adds what the processes said of themselves when they left.
func (s *Supervisor) account(rep *RealtimeReport) {
	for _, role := range roles {
		var h healthFrame
		if _, err := s.health[role].Load(&h); err != nil {
			continue
		}
		l, w := &h.Loop.Lateness, &h.Loop.Work
		us := func(q float64, h *rate.Histogram) float64 { return h.QuantileNs(q) / 1e3 }
		rep.Processes[role] = ProcessShare{PID: h.PID, Ticks: h.Loop.Ticks, Lost: h.Loop.Lost, LateP50Us: us(0.5, l), LateP99Us: us(0.99, l),
			LateP999Us: us(0.999, l), LateMaxUs: float64(l.MostNs()) / 1e3, WorkP50Us: us(0.5, w), WorkP99Us: us(0.99, w), GCCycles: h.GCCycles,
			PageFaults: h.MajorFaults + h.MinorFaults, Restarts: s.restarts[role], Soft: h.Soft}
	}
}

// Text is the report for people.
func (r *RealtimeReport) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s in real time: %.1f s, fell %d times, off at the end %v; bus %.0f W mean, %.0f W peak (modelled)\n", r.Planner, r.SimS, r.Fallen, r.Off,
		r.PowerW.Mean, r.PowerW.Peak)
	for _, role := range roles {
		p, ok := r.Processes[role]
		if !ok || role == roleHost {
			continue
		}
		fmt.Fprintf(&b, "%s: %d ticks, %d lost, late %.0f µs median, %.0f p99, %.0f p99.9, %.0f most; work %.0f µs median; %d collections, %d page faults, %d restarts\n",
			role, p.Ticks, p.Lost, p.LateP50Us, p.LateP99Us, p.LateP999Us, p.LateMaxUs, p.WorkP50Us, p.GCCycles, p.PageFaults, p.Restarts)
	}
	return strings.TrimRight(b.String(), "\n")
}

// lineWriter passes a child's complaints on, line by line.
type lineWriter struct {
	log  *slog.Logger
	role string
	rest []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	for {
		line, rest, ok := bytes.Cut(w.rest, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		w.log.Warn(string(line), "process", w.role)
		w.rest = append(w.rest[:0], rest...)
	}
}
