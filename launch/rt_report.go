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
	Wire         *WireShare              `json:"wire,omitempty"` // to a body on a graph
	Address      string                  `json:"address"`        // of the page
}

// WireShare is the link's account of a body on a ROS 2 graph.
type WireShare struct {
	Samples    uint64  `json:"samples"`
	Skipped    uint64  `json:"skipped"`    // samples that a newer one replaced before they were passed on
	Incomplete uint64  `json:"incomplete"` // given up because a part never came
	AgeUsP50   float64 `json:"age_us_p50"` // of a sample when it was passed on, beyond the quickest way
	AgeUsP99   float64 `json:"age_us_p99"`
	AgeUsMax   float64 `json:"age_us_max"`
	Sent       uint64  `json:"sent"`   // commands
	Missed     uint64  `json:"missed"` // grants that a newer one replaced before they were sent
	Failed     uint64  `json:"failed"` // commands that could not be sent
	LetGo      uint64  `json:"let_go"` // commands that told the body to let go
}

func (f *wireFrame) share() *WireShare {
	return &WireShare{Samples: f.Samples, Skipped: f.Skipped, Incomplete: f.Incomplete, AgeUsP50: f.Age.QuantileNs(0.5) / 1e3,
		AgeUsP99: f.Age.QuantileNs(0.99) / 1e3, AgeUsMax: float64(f.Age.MostNs()) / 1e3, Sent: f.Sent, Missed: f.Missed, Failed: f.Failed, LetGo: f.LetGo}
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
	var w wireFrame
	if _, err := s.wire.Load(&w); err == nil && s.o.OnGraph {
		rep.Wire = w.share()
		if !s.o.Peer {
			rep.LetGo = w.LetGo
		}
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
	if w := r.Wire; w != nil {
		fmt.Fprintf(&b, "wire: %d samples, %d skipped, %d incomplete, late %.0f µs median, %.0f p99, %.0f most; %d commands, %d grants missed, %d failed, %d let go\n",
			w.Samples, w.Skipped, w.Incomplete, w.AgeUsP50, w.AgeUsP99, w.AgeUsMax, w.Sent, w.Missed, w.Failed, w.LetGo)
	}
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
