package launch

import (
	"errors"

	"robotd/body"
	"robotd/control"
	"robotd/dynamics"
	"robotd/gate"
	"robotd/internal/rate"
	"robotd/internal/shm"
)

// gateProcess is the gate's process: the gate, and behind it a reserve of its own.
type gateProcess struct {
	m       *body.Model
	gate    *gate.Gate
	anew    *gate.Gate // takes over when a simulated robot is put back on its feet, whatever the first one began as
	reserve *Reserve
	planNs  int64 // age at which a plan is stale

	sensors *shm.Latest[body.Sensors]
	mind    *shm.Latest[mindFrame]
	people  [3]*shm.Latest[peopleFrame]
	granted *shm.Latest[gate.Granted]
	verdict *shm.Latest[verdictFrame]
	believe *shm.Latest[estimateFrame]
	lifted  *shm.Latest[liftFrame]
	lines   *shm.Latest[linesFrame]
	graph   *shm.Latest[graphFrame]

	sample  body.Sensors
	asked   mindFrame
	said    [3]peopleFrame
	grant   gate.Granted
	out     verdictFrame
	lift    liftFrame
	line    linesFrame
	belief  estimateFrame
	pressed graphFrame
	freedNs int64 // the press on the graph that was acknowledged
}

// thinkNs is what a thought may take beside the period between two of them.
const thinkNs = 5_000_000

// RunGate is the gate's process.
func RunGate(o *RealtimeOptions) ([]string, error) {
	region, err := inherited()
	if err != nil {
		return nil, err
	}
	p, err := newGateProcess(region, o)
	if err != nil {
		return nil, err
	}
	k, warnings, err := newKeeper(region, roleGate, rate.SetupOptions{Priority: priority[roleGate]})
	if err != nil {
		return warnings, err
	}
	k.run(func(t rate.Tick) { p.tick(t.WokeNs) })
	return warnings, nil
}

func newGateProcess(region *shm.Region, o *RealtimeOptions) (p *gateProcess, err error) {
	dm := dynamics.New(body.Humanoid())
	p = &gateProcess{m: dm.Body(), reserve: NewReserve(dm),
		planNs: int64(1e9)/int64(o.PlanHz) + thinkNs + 3_000_000, sensors: reader[body.Sensors](region, "sensors"), mind: reader[mindFrame](region, "mind"),
		people: [3]*shm.Latest[peopleFrame]{reader[peopleFrame](region, "people.host"), reader[peopleFrame](region, "people.operator"),
			reader[peopleFrame](region, "people.command")},
		granted: writer[gate.Granted](region, "granted"), verdict: writer[verdictFrame](region, "verdict"),
		believe: writer[estimateFrame](region, "estimate"),
		lifted:  reader[liftFrame](region, "lift"),
		lines:   reader[linesFrame](region, "lines"), graph: reader[graphFrame](region, "graph")}
	start := startRung(region)
	drives := !o.OnGraph // over a wire nobody knows which command a reported torque answers
	if p.gate, err = gate.New(dm.Body(), gate.Options{StartRung: start, Drives: drives}); err != nil {
		return nil, err
	}
	if p.anew, err = gate.New(dm.Body(), gate.Options{Drives: drives}); err != nil {
		return nil, err
	}
	p.out.Verdict.Rung, p.out.LiftNs = start, rate.System{}.NowNs()
	_, _ = p.lifted.Load(&p.lift) // none yet: nobody was lifted
	return p, nil
}

// startRung is where a gate begins: the first one where it is wanted; one that takes over from a dead gate damps the robot down,
// for it knows nothing of what went before.
func startRung(region *shm.Region) body.Rung {
	var before verdictFrame
	switch _, err := reader[verdictFrame](region, "verdict").Load(&before); {
	case errors.Is(err, shm.ErrEmpty): // nobody went before
		return body.RungPlan
	case err != nil: // somebody did, and died in the middle of a word
		return body.RungCrouch
	}
	return max(before.Verdict.Rung, body.RungCrouch)
}

// tick grants one command. Until the body has been heard nothing is.
func (p *gateProcess) tick(nowNs int64) {
	if _, err := p.sensors.Load(&p.sample); err != nil {
		return
	}
	if !p.rise() {
		return
	}
	in := gate.Input{NowNs: nowNs, Sensors: &p.sample, BalanceOK: true}
	p.hear(&in)
	in.StopLine = p.look(nowNs)
	s, err := p.mind.Load(&p.asked)
	alive := err == nil && nowNs-s.StampNs <= MindMaxNs
	if p.asked.LiftNs < p.lift.AtNs { // it speaks of a robot that lies
		alive, p.asked.Plan = false, body.Plan{}
	}
	in.Want = p.asked.Want
	p.reserve.Step(nowNs, &p.sample, &p.asked.Plan, p.out.Verdict.Rung)
	p.out.Stoppable, p.out.StopMarginM = control.Stoppable(p.m, &p.reserve.State)
	if alive {
		in.Command, in.Rung, in.Mode1OK, in.ArmContact = &p.asked.Command, p.asked.Rung, true, p.asked.ArmContact
		in.PlanFresh = p.asked.Admitted && nowNs-p.asked.PlanNs <= p.planNs
	} else {
		in.Command, in.Rung = &p.reserve.Command, p.out.Verdict.Rung
		p.out.Reserve++
	}
	in.TailNs = p.asked.Plan.StartNs + int64(p.asked.Plan.Blocks)*p.asked.Plan.BlockNs - nowNs
	stood := p.out.Verdict.Rung < body.RungCrouch
	p.gate.Step(&in, &p.grant, &p.out.Verdict)
	if stood && p.out.Verdict.Rung >= body.RungCrouch {
		p.out.Down = p.out.Verdict.Causes
	}
	p.out.Rungs[p.grant.Rung()]++
	_ = p.granted.Store(&p.grant, nowNs, nowNs+driveTimeoutNs)
	_ = p.verdict.Store(&p.out, nowNs, 0)
	p.reserve.estimate.Remember(&p.belief.Memory)
	p.belief.LiftNs = p.out.LiftNs
	_ = p.believe.Store(&p.belief, nowNs, 0)
}

// MindMaxNs is the age at which the mind's newest command counts as none.
const MindMaxNs = 3_000_000

// rise begins anew when a simulated robot was lifted. It reports whether there is a sample to go on with: not that of the fall.
func (p *gateProcess) rise() bool {
	if _, err := p.lifted.Load(&p.lift); err != nil || p.lift.AtNs <= p.out.LiftNs {
		return true
	}
	p.out.LiftNs = p.lift.AtNs
	p.gate = p.anew
	p.gate.Reset()
	p.reserve.Reset()
	p.out.Verdict.Rung = body.RungPlan
	_, err := p.sensors.Load(&p.sample)
	return err == nil
}

// look returns the two lines of the emergency stop. Until somebody reads them they are not wired.
func (p *gateProcess) look(nowNs int64) [2]gate.Line {
	s, err := p.lines.Load(&p.line)
	switch {
	case errors.Is(err, shm.ErrEmpty):
		return [2]gate.Line{}
	case err != nil || nowNs-s.StampNs > linesMaxNs:
		return [2]gate.Line{gate.LineBroken, gate.LineBroken}
	}
	return p.line.Line
}

// ackMaxNs is how long an acknowledgement stands: whoever gave it may have died before taking it back.
const ackMaxNs = 200_000_000

// hear takes up what people ask: whoever stops, stops.
func (p *gateProcess) hear(in *gate.Input) {
	for i := range p.people {
		said := &p.said[i]
		s, err := p.people[i].Load(said)
		if err != nil {
			continue // nobody there: what was said last stands
		}
		said.Ack = said.Ack && in.NowNs-s.StampNs <= ackMaxNs
		in.Stop, in.Ack, in.Arm, in.OnHoist = in.Stop || said.Stop, in.Ack || said.Ack, in.Arm || said.Arm, in.OnHoist || said.OnHoist
		in.HumanNear = max(in.HumanNear, said.Near)
	}
	// Who presses on the graph cannot release: an acknowledgement does.
	_, _ = p.graph.Load(&p.pressed)
	if in.Ack {
		p.freedNs = p.pressed.StopNs
	}
	in.Stop = in.Stop || p.pressed.StopNs > p.freedNs
}
