package faults

import (
	"fmt"
	"math"

	"robotd/body"
	"robotd/gate"
	"robotd/launch/referee"
)

// Judge holds every tick against what the robot owes whatever happens: the limits, the ladder's rules, numbers that are numbers,
// and the power at the bus. It keeps its own account of the ladder and believes no timer of the gate.
type Judge struct {
	m        *body.Model
	Limits   *referee.Referee
	Faults   []string // the first few rules broken, with the tick
	Broken   int
	Illegal  int  // moves on the ladder that its rules do not allow
	Climbs   int  // those of them that are climbs
	Wild     bool // a drive or an encoder of the body obeys nobody: what it draws is no fault of the gate
	ladder   ladder
	busMeanW float64
	PeakW    float64

	Causes gate.Cause // seen so far
	Since  gate.Cause // since the fault
	Worst  body.Rung  // stood on since the fault
	Moves  [body.NRungs][body.NRungs]int
	Ticks  [body.NRungs]int
}

// NewJudge makes the judge of one run.
func NewJudge(m *body.Model) *Judge {
	return &Judge{m: m, Limits: referee.New(m)}
}

const (
	keptFaults = 5
	busS       = 0.010
	peakMostW  = 525.0
)

func (j *Judge) broken(tick int, format string, args ...any) {
	if j.Broken++; len(j.Faults) < keptFaults {
		j.Faults = append(j.Faults, fmt.Sprintf("tick %d: ", tick)+fmt.Sprintf(format, args...))
	}
}

// tick judges what was granted.
func (j *Judge) tick(r *Rig) {
	v, out, in := &r.Robot.Verdict, &r.Robot.Granted, &r.In
	if !(v.Rung <= body.RungOff) || out.Rung() != v.Rung {
		j.broken(r.Tick, "rung %d granted, %d told", out.Rung(), v.Rung)
		return
	}
	before := j.Limits.Total()
	j.Limits.Judge(in, out, v.Rung)
	n := j.m.NJoints()
	var windings [body.MaxJoints]float64
	for i := range n {
		windings[i] = r.Sim.WindingC(i)
	}
	j.Limits.Drives(in, out, r.Truth.QRad[:n], r.Truth.DQRadS[:n], windings[:n])
	if j.Limits.Total() > before {
		j.broken(r.Tick, "limits %v", j.Limits.By)
	}
	from := j.ladder.rung
	if why := j.ladder.judge(in, v, len(j.m.Joints)); why != "" {
		j.Illegal++
		j.Climbs += count(v.Rung < from)
		j.broken(r.Tick, "%s → %s (%v): %s", from, v.Rung, v.Causes, why)
	}
	j.Moves[from][v.Rung]++
	j.Ticks[v.Rung]++
	j.Causes |= v.Causes
	if r.Faulty >= 0 {
		j.Since |= v.Causes
		j.Worst = max(j.Worst, v.Rung)
	}
}

// body judges what the body drew.
func (j *Judge) body(r *Rig) {
	mean, peak := r.Sim.BusW()
	j.busMeanW += (mean - j.busMeanW) * 1e-3 / busS
	j.PeakW = math.Max(j.PeakW, peak)
	if !j.Wild && (j.busMeanW > referee.TotalW || peak > peakMostW) {
		j.broken(r.Tick, "bus %.0f W over 10 ms, %.0f W peak", j.busMeanW, peak)
	}
	if !(r.Truth.PosM.Norm() < 1e3) {
		j.broken(r.Tick, "the body is at %v", r.Truth.PosM)
	}
}

// ladder is the judge's own account of the rungs.
type ladder struct {
	rung       body.Rung
	begun, ack bool
	lastNs     int64
	inNs       int64
	healthy    int
	owed       bool
	climbNs    []int64 // age of each climb
	stopped    bool
}

// Times of the ladder as docs/safety.md has them, and a tick.
const (
	crouchMostNs = 3_001_000_000
	fallMostNs   = 1_501_000_000
	healthyLeast = 100
	climbsMost   = 3
	minuteNs     = 60_000_000_000
)

// judge takes one tick and says what is illegal about it.
func (l *ladder) judge(in *gate.Input, v *gate.Verdict, joints int) string {
	dt := in.NowNs - l.lastNs
	if !l.begun || dt <= 0 || dt > 100_000_000 {
		dt = 1_000_000
	}
	l.lastNs = in.NowNs
	from, to := l.rung, v.Rung
	if !l.begun { // it begins where it is wanted, pressed or not
		l.begun, from, l.stopped = true, to, in.Stop
	}
	acked := in.Ack && !l.ack
	l.ack = in.Ack
	l.healthy++
	if v.Causes != 0 {
		l.healthy = 0
	}
	for i := range l.climbNs {
		l.climbNs[i] += dt
	}
	for len(l.climbNs) > 0 && l.climbNs[0] >= minuteNs {
		l.climbNs = l.climbNs[1:]
	}
	safety := v.Causes&gate.Safety != 0
	if acked && !safety {
		l.owed, l.climbNs = false, nil
	}
	l.owed = l.owed || safety
	why := l.least(in, from, to, joints)
	l.inNs += dt
	switch {
	case to < from:
		if w := l.climb(from, to, in.Want); w != "" {
			why = w
		}
	case to > from && v.Causes == 0 && to > in.Want:
		why = "down without a cause"
	case to == from && to == body.RungCrouch && l.inNs > crouchMostNs && v.Causes&gate.CauseHoist == 0:
		why = "a crouch of more than 3 s"
	case to == from && to == body.RungFall && l.inNs > fallMostNs:
		why = "a fall of more than 1.5 s"
	}
	if to != from {
		l.inNs = 0
		l.owed = l.owed || (to > from && to >= body.RungCrouch)
	}
	l.rung = to
	return why
}

// climb says what is illegal about a climb.
func (l *ladder) climb(from, to, want body.Rung) string {
	switch {
	case from == body.RungTail && to == body.RungPlan:
		return ""
	case from >= body.RungFall:
		return "no rung leads out of a fall or off"
	case l.owed:
		return "an acknowledgement is owed"
	case l.healthy < healthyLeast:
		return fmt.Sprintf("after %d healthy ticks", l.healthy)
	case len(l.climbNs) >= climbsMost:
		return "a fourth climb in a minute"
	case from == body.RungCrouch && to < body.RungBalance:
		return "from the crouch past the balance"
	case to < want:
		return "better than wanted"
	}
	l.healthy = 0
	l.climbNs = append(l.climbNs, 0)
	return ""
}

// least says which facts of the input ask for a worse rung than the one that is stood on.
func (l *ladder) least(in *gate.Input, from, to body.Rung, joints int) string {
	open := func(k int) bool { return in.StopLine[k] == gate.LineOpen || in.StopLine[k] == gate.LineBroken }
	number := true
	for j := 0; j < joints; j++ {
		c := in.Command
		for _, x := range [...]float64{c.QRad[j], c.DQRadS[j], c.TauNm[j], c.KpNmRad[j], c.KdNmsRad[j]} {
			number = number && !math.IsNaN(x) && !math.IsInf(x, 0)
		}
	}
	again := in.Stop && !l.stopped && from == body.RungCrouch
	l.stopped = in.Stop
	switch {
	case (in.Stop || (open(0) && open(1))) && to < body.RungCrouch:
		return "stop is pressed"
	case (in.StopLine[0] == gate.LineBroken || in.StopLine[1] == gate.LineBroken) && to < body.RungOff:
		return "a line of the stop is broken"
	case again && l.owed && to < body.RungOff && in.StopLine == [2]gate.Line{}:
		return "stop was pressed again"
	case !in.PlanFresh && in.Want == body.RungPlan && to == body.RungPlan:
		return "the plan is stale"
	case !number && to < body.RungBalance && to <= from:
		return "a command that is no number"
	case to < from && from >= body.RungFall:
		return "up from a fall"
	}
	return ""
}
