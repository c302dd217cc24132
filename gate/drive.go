package gate

import (
	"math"

	"robotd/power"
)

// drive is what a joint's drive needs to hold its quota: copper heat and efficiency of its motor, and the torque-speed
// line.
type drive struct {
	copperWNm2 float64 // at 25 °C
	countedC   float64 // at which the gate counted the winding's copper in this tick
	efficiency float64
	peakNm     float64
	speedRadS  float64 // no-load speed
	besideRadS float64 // of an arm beside a person, where no torque may speed it up any more; 0: nobody is near
	off        bool    // safe torque off: this drive did not obey
}

// TorqueNm returns the torque that the drive of joint j gives when it follows the granted command at position q and
// velocity dq: the PD law, bounded by the granted torque, by the torque-speed line, by the joint's power quota and by the
// arm's speed beside a person. It holds at every instant of the tick, however q and dq move; a position or velocity that is
// no number gives no torque. A drive knows its own winding's temperature, and with it what a torque draws; NaN when it does
// not, and the gate's count stands.
func (g *Granted) TorqueNm(j int, qRad, dqRadS, windingC float64) float64 {
	c := &g.cmd
	torque := c.TauNm[j] + c.KpNmRad[j]*(c.QRad[j]-qRad) + c.KdNmsRad[j]*(c.DQRadS[j]-dqRadS)
	along := math.Copysign(1, torque) * dqRadS
	return within(torque, math.Min(g.boundNm(j, along, windingC), g.drive[j].besideNm(along)))
}

// CutNm returns what the drive of joint j leaves of a torque at velocity dq. A simulator whose steps are longer than a
// drive's period cuts a step's torque by the velocity at its end as well, because a drive would have. An arm that the step
// made too fast beside a person had the torque for a part of it: half is left, and less of it if the simulator asks again.
func (g *Granted) CutNm(j int, torqueNm, dqRadS, windingC float64) float64 {
	along := math.Copysign(1, torqueNm) * dqRadS
	beside := math.Max(g.drive[j].besideNm(along), 0.5*math.Abs(torqueNm))
	return within(torqueNm, math.Min(g.boundNm(j, along, windingC), beside))
}

// within cuts a torque to a bound.
func within(torqueNm, boundNm float64) float64 {
	if math.Abs(torqueNm) > boundNm {
		return math.Copysign(boundNm, torqueNm)
	}
	if torqueNm != torqueNm {
		return 0
	}
	return torqueNm
}

// besideNm returns what the arm's speed beside a person leaves.
func (d *drive) besideNm(alongRadS float64) float64 {
	if d.besideRadS == 0 {
		return math.Inf(1)
	}
	return power.SpeedLineNm(d.peakNm, d.besideRadS, alongRadS)
}

// copperAt returns the winding's heat per squared torque as the drive knows it.
func (d *drive) copperAt(windingC float64) float64 {
	if windingC != windingC {
		windingC = d.countedC
	}
	return d.copperWNm2 * power.CopperFactor(math.Max(windingC, power.ReferenceC))
}

// boundNm returns the largest torque magnitude at speed along the torque (negative: braking).
func (g *Granted) boundNm(j int, alongRadS, windingC float64) float64 {
	d := &g.drive[j]
	bound := math.Min(g.limitNm[j], power.SpeedLineNm(d.peakNm, d.speedRadS, alongRadS))
	if d.copperWNm2 > 0 { // a τ² + max(τ·dq, 0)/η ≤ quota, no credit for braking
		bound = math.Min(bound, power.TorqueForW(d.copperAt(windingC), d.efficiency, g.quotaW[j], alongRadS))
	}
	return math.Max(bound, 0)
}
