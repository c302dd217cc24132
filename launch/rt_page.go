package launch

import (
	"context"
	"fmt"
	"net"
	"os"
	"time"

	"robotd/body"
	"robotd/dash"
	"robotd/dynamics"
	"robotd/internal/rate"
	"robotd/internal/shm"
	"robotd/mpc"
	"robotd/power"
	"robotd/sim"
)

// rtPage is the page of a real-time run, which the host serves. It reads what the other processes say of themselves; of what
// people click there, pushes go to the link, stop and acknowledgement to the gate.
type rtPage struct {
	server *dash.Server
	snap   dash.Snapshot
	ghost  ghost
	chest  int
	fist   fist

	verdict *shm.Latest[verdictFrame]
	mind    *shm.Latest[mindFrame]
	care    *shm.Latest[careFrame]
	health  [nRoles]*shm.Latest[healthFrame]
	pushes  *shm.Ring[body.Vec3]

	decided  verdictFrame
	asked    mindFrame
	restarts careFrame
	frames   [nRoles]healthFrame
	pushedNs int64 // of the last push that was drawn, simulated time
	again    bool  // the stop is to be pressed again
}

func newRTPage(region *shm.Region, o *RealtimeOptions) (*rtPage, error) {
	file := os.NewFile(portFD, "page")
	if file == nil {
		return nil, fmt.Errorf("dashboard: no port was handed down")
	}
	port, err := net.FileListener(file)
	file.Close() // the listener has a copy of its own
	if err != nil {
		return nil, fmt.Errorf("dashboard: the port that was handed down: %w", err)
	}
	dm := dynamics.New(body.Humanoid())
	m := dm.Body()
	p := &rtPage{ghost: newGhost(dm), chest: m.Chest, verdict: reader[verdictFrame](region, "verdict"), mind: reader[mindFrame](region, "mind"),
		care: reader[careFrame](region, "care")}
	for i, role := range roles {
		p.health[i] = reader[healthFrame](region, "health."+role)
	}
	if p.pushes, err = shm.OpenRing[body.Vec3](region, "pushes"); err != nil {
		return nil, err
	}
	if err = p.pushes.Claim(); err != nil {
		return nil, err
	}
	n := len(m.Links)
	p.snap = dash.Snapshot{Pos: make([]body.Vec3, n), Rot: make([]body.Quat, n), BudgetW: power.DefaultBudget.TotalW,
		PowerSource: string(power.FromModel), Simulated: o.simulated(), Rejected: map[string]uint64{}}
	if !o.simulated() {
		p.snap.Body, p.snap.PowerBasis = "body on ROS 2", believedBasis
	}
	if o.Planner == Mode2 {
		search := mpc.Defaults()
		p.snap.PlanCandidates, p.snap.PlanBlocks = search.Candidates, search.Blocks
	}
	p.server, err = dash.New(m, dash.Options{Addr: o.Addr, Remote: o.Remote, Listener: port})
	return p, err
}

// inheritedWord is what the host before this one asked for last: a stop stands though whoever took it died. An acknowledgement
// does not.
func inheritedWord(region *shm.Region) (said peopleFrame) {
	_, _ = reader[peopleFrame](region, "people.host").Load(&said) // nobody before, or one who died in the middle of a word: nothing
	said.Ack = false
	return said
}

// obey does what people asked for since the last frame. A stop stays pressed until it is acknowledged; pressed again, it is
// let go for one frame, because the gate counts edges. Acknowledged on its knees the robot may climb; lying or off it is put
// back on its feet, as people would.
func (p *rtPage) obey(said *peopleFrame, nowNs int64) {
	said.Ack = false
	if p.again {
		said.Stop, p.again = true, false
	}
	for {
		select {
		case c := <-p.server.Commands():
			p.command(c, said, nowNs)
		default:
			return
		}
	}
}

func (p *rtPage) command(c dash.Command, said *peopleFrame, nowNs int64) {
	switch c.Kind {
	case dash.Push:
		_ = p.pushes.Store(&c.ImpulseNs, nowNs, 0)
	case dash.EStop:
		p.again = said.Stop
		said.Stop = !said.Stop
	case dash.Ack:
		said.Stop, p.again = false, false
		if p.snap.Simulated && p.decided.Verdict.Rung >= body.RungFall {
			said.LiftNs = nowNs
			return
		}
		said.Ack = true
	}
}

// show tells the page of the present.
func (p *rtPage) show(h *hostProcess, nowNs int64) {
	v, s := &h.view, &p.snap
	if v.Ticks == 0 { // nothing holds the body yet
		return
	}
	_, _ = p.verdict.Load(&p.decided) // whoever is dead has said what he said last
	_, _ = p.mind.Load(&p.asked)
	s.StampNs, s.Ticks = nowNs, v.Ticks
	copy(s.Pos, v.Pos[:])
	copy(s.Rot, v.Rot[:])
	s.Head = h.head
	s.GhostPos, s.GhostRot = p.ghost.ofPlan(&p.asked.Plan, p.decided.Verdict.Rung, s.Pos, s.Rot, v.Foot[body.Left].ForceN[2] >= v.Foot[body.Right].ForceN[2])
	p.objects(v)
	s.PowerW, s.PeakW, s.Upright, s.CaptureM = v.BusMeanW, v.BusPeakW, v.Upright, p.asked.State.Balance.CaptureM
	p.ladder()
	p.processes()
	p.server.Publish(s)
}

// objects draws the balls, and the last push as one more.
func (p *rtPage) objects(v *sceneFrame) {
	s := &p.snap
	s.Objects = s.Objects[:0]
	for _, b := range v.Objects[:v.NObjects] {
		s.Objects = append(s.Objects, dash.Object{PosM: b.PosM, RadiusM: b.RadiusM, RGB: b.RGB})
	}
	tick := v.SimNs / sim.TickNs
	if v.PushedNs != p.pushedNs {
		p.pushedNs = v.PushedNs
		p.fist.begin(v.PushNs, v.PushedNs/sim.TickNs)
	}
	if at, ok := p.fist.at(tick, s.Pos[p.chest]); ok {
		s.Objects = append(s.Objects, dash.Object{PosM: at, RadiusM: fistM, RGB: fistRGB})
	}
}

func (p *rtPage) ladder() {
	s, d := &p.snap, &p.decided
	s.Rung, s.Stoppable, s.StopMarginM = d.Verdict.Rung, d.Stoppable, d.StopMarginM
	sum := uint64(0)
	for _, n := range d.Rungs {
		sum += n
	}
	for r, n := range d.Rungs {
		s.RungShare[r] = float64(n) / float64(max(sum, 1))
	}
	c := &d.Verdict.Counters
	s.Rejected["plan_unsafe"], s.Rejected["command_bad"], s.Rejected["power_capped"] = p.asked.Refused, c.CommandsBad, c.PowerCapped
}

// processes tells how every process does; a tick of the robot is the mind's.
func (p *rtPage) processes() {
	s := &p.snap
	_, _ = p.care.Load(&p.restarts)
	s.Processes = s.Processes[:0]
	for i, role := range roles {
		f := &p.frames[i]
		if _, err := p.health[i].Load(f); err != nil {
			continue
		}
		late := &f.Loop.Lateness
		out := dash.Process{Name: role, Ticks: f.Loop.Ticks, Lost: f.Loop.Lost, GCCycles: f.GCCycles, PageFaults: f.MajorFaults + f.MinorFaults,
			Restarts: p.restarts.Restarts[i], LateS: [4]float64{seconds(late, 0.5), seconds(late, 0.99), seconds(late, 0.999), float64(late.MostNs()) / 1e9}}
		s.Processes = append(s.Processes, out)
		if role == roleMind {
			s.TickUsP50, s.TickUsP99 = 1e6*seconds(&f.Loop.Work, 0.5), 1e6*seconds(&f.Loop.Work, 0.99)
		}
	}
}

func seconds(h *rate.Histogram, q float64) float64 { return h.QuantileNs(q) / 1e9 }

// close ends the serving; the port stays open with the supervisor.
func (p *rtPage) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = p.server.Close(ctx)
}
