package launch

import (
	"math"
	"math/rand/v2"

	"robotd/body"
	"robotd/dynamics"
	"robotd/gate"
	"robotd/internal/rate"
	"robotd/internal/shm"
)

// stanceTicks is the length of the sensors' record that both parts play: two seconds.
const stanceTicks = 2000

// gateWork is the gate on sensors that move and commands of which every other one is hostile.
type gateWork struct {
	gate    *gate.Gate
	stance  []body.Sensors
	command *shm.Latest[body.Command]
	said    *shm.Latest[gate.Verdict]
	dice    *rand.Rand
	n       int

	sensors body.Sensors
	own     body.Command // as the mind asks, or the standing pose while it is silent
	spoilt  body.Command
	granted gate.Granted
	verdict gate.Verdict
	hostile uint64
	heard   uint64
	bad     uint64
}

func newGateWork(region *shm.Region) (*gateWork, error) {
	dm := dynamics.New(body.Humanoid())
	m := dm.Body()
	g, err := gate.New(m, gate.Options{})
	if err != nil {
		return nil, err
	}
	stance, err := recordStance(dm, stanceTicks)
	if err != nil {
		return nil, err
	}
	w := &gateWork{gate: g, stance: stance, command: loopPlace[body.Command](region, "command", false),
		said: loopPlace[gate.Verdict](region, "verdict", true), dice: rand.New(rand.NewPCG(1, 0x686f7374)), n: m.NJoints()}
	copy(w.own.QRad[:], m.StandRad)
	for j := range m.Joints {
		w.own.KpNmRad[j], w.own.KdNmsRad[j] = m.Joints[j].KpNmRad, m.Joints[j].KdNmsRad
	}
	return w, nil
}

// Tick grants one command.
func (w *gateWork) Tick(t rate.Tick) {
	w.sensors = w.stance[t.DueNs/tickNs%stanceTicks]
	w.sensors.StampNs = t.DueNs
	if s, err := w.command.Load(&w.own); err == nil && !s.Expired(t.WokeNs) {
		w.heard++
	} else {
		w.own.StampNs = t.DueNs
	}
	command := &w.own
	if t.DueNs/tickNs%2 == 0 {
		w.spoilt = w.own
		w.spoil(&w.spoilt)
		command = &w.spoilt
		w.hostile++
	}
	in := gate.Input{NowNs: t.DueNs, Sensors: &w.sensors, Command: command, Rung: w.verdict.Rung, Want: body.RungPlan, PlanFresh: true, TailNs: BlockNs,
		Mode1OK: true, BalanceOK: true}
	w.gate.Step(&in, &w.granted, &w.verdict)
	if w.verdict.Causes&gate.CauseCommandBad != 0 {
		w.bad++
	}
	if w.verdict.Rung >= body.RungFall { // lying down is less work
		w.gate.Reset()
		w.verdict = gate.Verdict{}
	}
	_ = w.said.Store(&w.verdict, t.WokeNs, 0) // only a rival could take it away, and there is none
}

// spoil makes a command what a broken or malicious mind might send.
func (w *gateWork) spoil(c *body.Command) {
	j := w.dice.IntN(w.n)
	any := math.Float64frombits(w.dice.Uint64())
	switch w.dice.IntN(8) {
	case 0:
		c.TauNm[j] = math.NaN()
	case 1:
		c.QRad[j] = math.Inf(1)
	case 2:
		c.DQRadS[j], c.TauNm[j] = -1e308, 1e308
	case 3:
		c.KpNmRad[j], c.KdNmsRad[j] = any, -any
	case 4:
		c.StampNs -= 1e9
	case 5:
		c.StampNs = int64(w.dice.Uint64())
	case 6: // sound, and far beyond what may be
		for k := range w.n {
			c.QRad[k], c.TauNm[k] = 3*w.dice.Float64()-1.5, 400*w.dice.Float64()-200
		}
	default:
		for k := range w.n {
			c.QRad[k] = math.Float64frombits(w.dice.Uint64())
		}
	}
}

// Begin starts the counters anew.
func (w *gateWork) Begin() { w.hostile, w.heard, w.bad = 0, 0, 0 }

// Account tells what the gate saw.
func (w *gateWork) Account(a *loopAccount) { a.Hostile, a.Heard, a.Bad = w.hostile, w.heard, w.bad }
