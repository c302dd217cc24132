package launch

import (
	"fmt"
	"math"
	"strings"
	"time"

	"robotd/body"
	"robotd/power"
)

// LiveReport sums up a run.
type LiveReport struct {
	Planner      Planner            `json:"planner"`
	Seed         uint64             `json:"seed"`
	Ticks        int64              `json:"ticks"` // simulated milliseconds
	SimS         float64            `json:"sim_s"`
	WallS        float64            `json:"wall_s"`
	BehindMs     float64            `json:"behind_ms"`       // of the wall clock at the end; 0 when not paced
	WorstMs      float64            `json:"worst_behind_ms"` // during the run
	Fell         bool               `json:"fell"`            // without a stop being pressed
	SafetyStop   bool               `json:"safety_stop"`     // the gate let it crouch, fall or be off, or somebody pressed stop
	Restarts     int                `json:"restarts"`
	Pushes       int                `json:"pushes"`
	Actuators    int                `json:"actuators"`
	PowerW       Power              `json:"power_w"`
	TickUs       TickUs             `json:"tick_us"` // wall time of a tick of mind and gate
	Plan         PlanShape          `json:"plan"`
	RungShare    map[string]float64 `json:"rung_share"`
	PlansRefused uint64             `json:"plans_refused"`
	Stoppable    float64            `json:"stoppable_share"` // of the ticks in which it could have stopped where it stood
	Violations   uint64             `json:"violations"`      // ticks in which the bus drew more than the budget
	Estimator    EstimateError      `json:"estimator_rmse"`
	Trajectory   string             `json:"trajectory"` // hash of all that the body did
	Address      string             `json:"address"`
}

// PlanShape is what the deliberate actor searches, and how often; another planner has the rate alone, once a block.
type PlanShape struct {
	Candidates int `json:"candidates"`
	Blocks     int `json:"blocks"`
	Hz         int `json:"hz"`
}

// Text is the report for people.
func (r *LiveReport) Text() string {
	var b strings.Builder
	how := "upright to the end"
	switch {
	case r.Fell:
		how = "fell"
	case r.SafetyStop:
		how = "stopped"
	}
	fmt.Fprintf(&b, "%s: %.1f s simulated in %.1f s, %s, %d pushes\n", r.Planner, r.SimS, r.WallS, how, r.Pushes)
	fmt.Fprintf(&b, "bus %.0f W mean, %.0f W peak (modelled), %d ticks over the budget\n", r.PowerW.Mean, r.PowerW.Peak, r.Violations)
	fmt.Fprintf(&b, "tick %.0f µs median, %.0f µs p99, %.0f µs p99.9, %.0f µs worst", r.TickUs.P50, r.TickUs.P99, r.TickUs.P999, r.TickUs.Max)
	if r.BehindMs >= 1 {
		fmt.Fprintf(&b, "; %.0f ms behind the wall clock at the end: this computer is too slow or too busy", r.BehindMs)
	}
	b.WriteString("\nrungs:")
	for k := 0; k < body.NRungs; k++ {
		if name := body.Rung(k).String(); r.RungShare[name] > 0 {
			fmt.Fprintf(&b, " %s %.1f %%", name, 100*r.RungShare[name])
		}
	}
	return b.String()
}

// LiveStatus is one moment for a status line.
type LiveStatus struct {
	SimS       float64
	BehindMs   float64
	Rung       body.Rung
	BusW       float64 // mean of the last tick
	PeakW      float64 // of the run
	TickUsP50  float64 // of about the last second
	TickUsP99  float64
	CaptureM   float64 // distance of the capture point from mid-feet
	Pushes     int
	LastPushNs float64
	Upright    bool
	Stopped    bool
}

func (l *Live) status() LiveStatus {
	a := &l.account
	busW, _ := l.sim.BusW()
	c := &l.robot.State.Balance.CaptureM
	return LiveStatus{SimS: float64(l.ticks) / 1000, BehindMs: l.behindMs(), Rung: l.robot.Granted.Rung(), BusW: busW, PeakW: a.peakW,
		TickUsP50: a.recent.quantile(0.5), TickUsP99: a.recent.quantile(0.99), CaptureM: math.Hypot(c[0], c[1]), Pushes: a.pushes,
		LastPushNs: a.lastPushNs, Upright: !a.down, Stopped: l.robot.Stop}
}

func (l *Live) behindMs() float64 { return math.Max(0, float64(l.pace.last.Microseconds())/1e3) }

// account adds up a run.
type account struct {
	n            int64
	rungs        [body.NRungs]int64
	stoppable    int64
	sumW, peakW  float64
	framePeakW   float64 // since the last frame
	violations   uint64
	plansRefused uint64
	decided      int64 // when the planner decided last
	pushes       int
	lastPushNs   float64
	down         bool // fallen at present
	fell         bool // ever, unasked
	pressed      bool // the stop, since the robot stands
	stopped      bool // the gate took it off its feet
	estimate     EstimateError
	all          histogram
	recent       histogram // about the last second, for the page
	trajectory   uint64
}

// brain accounts one tick that took so long to think.
func (a *account) brain(r *Robot, took time.Duration) {
	a.n++
	a.rungs[r.Granted.Rung()]++
	if r.lastPlan != a.decided && r.planner != nil && !r.admitted {
		a.plansRefused++
	}
	a.decided = r.lastPlan
	us := float64(took.Nanoseconds()) / 1e3
	a.all.add(us)
	if a.recent.n >= 2000 {
		a.recent.halve()
	}
	a.recent.add(us)
}

// tick accounts one tick that took so long to think.
func (a *account) tick(l *Live, took time.Duration) {
	r := l.robot
	a.brain(r, took)
	if r.Stoppable {
		a.stoppable++
	}
	a.stopped = a.stopped || r.Granted.Rung() >= body.RungCrouch
	mean, peak := l.sim.BusW()
	a.sumW += mean
	a.peakW, a.framePeakW = math.Max(a.peakW, peak), math.Max(a.framePeakW, peak)
	if peak > power.DefaultBudget.TotalW {
		a.violations++
	}
	if !due(l.ticks, truthHz) {
		return
	}
	l.sim.Truth(&l.truth)
	a.estimate.add(&r.State, &l.truth)
	a.trajectory = Fold(a.trajectory, &l.truth, r.m.NJoints())
	if !l.truth.Balance.Upright(r.m.StandHeightM) {
		a.down = true
		a.fell = a.fell || !a.pressed
	}
}

// FNV-1a over words.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// Fold takes a state into the hash of a trajectory.
func Fold(hash uint64, s *body.State, joints int) uint64 {
	fold := func(x float64) { hash = (hash ^ math.Float64bits(x)) * fnvPrime }
	for i := range s.PosM {
		fold(s.PosM[i])
		fold(s.VelMS[i])
	}
	for j := 0; j < joints; j++ {
		fold(s.QRad[j])
		fold(s.DQRadS[j])
	}
	return hash
}

// Report sums up what happened so far.
func (l *Live) Report() *LiveReport {
	a := &l.account
	n := float64(max(a.n, 1))
	rep := &LiveReport{Planner: l.o.Planner, Seed: l.o.Seed, Ticks: l.ticks, SimS: float64(l.ticks) / 1000,
		Fell: a.fell, SafetyStop: a.stopped || a.pressed, Restarts: l.restarts, Pushes: a.pushes, Actuators: l.dm.Body().NJoints(),
		PowerW: Power{a.sumW / n, a.peakW, string(power.FromModel)}, TickUs: a.all.tail(), Plan: PlanShape{Hz: int(1e9 / l.robot.periodNs())},
		RungShare: map[string]float64{}, PlansRefused: a.plansRefused, Stoppable: float64(a.stoppable) / n, Violations: a.violations, Estimator: a.estimate,
		Trajectory: fmt.Sprintf("%016x", a.trajectory), Address: l.Address()}
	rep.Estimator.finish()
	if l.robot.planner != nil {
		rep.Plan.Candidates, rep.Plan.Blocks = l.o.Search.Candidates, l.o.Search.Blocks
	}
	for k, ticks := range a.rungs {
		rep.RungShare[body.Rung(k).String()] = float64(ticks) / n
	}
	if !l.pace.began.IsZero() {
		rep.WallS = time.Since(l.pace.began).Seconds()
	}
	if !l.o.Fast {
		rep.BehindMs, rep.WorstMs = l.behindMs(), float64(l.pace.worst.Microseconds())/1e3
	}
	return rep
}
