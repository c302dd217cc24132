package gate

import (
	"math"

	"robotd/power"
)

// drive is what a joint's drive needs to hold its quota: copper heat and efficiency of its motor, and the torque-speed
// line.
type drive struct {
	copperWNm2 float64 // hot winding
	efficiency float64
	peakNm     float64
	speedRadS  float64 // no-load speed
}

// TorqueNm returns the torque that the drive of joint j gives when it follows the granted command at position q and
// velocity dq: the PD law, bounded by the granted torque, by the torque-speed line and by the joint's power quota. It
// holds at every instant of the tick, however q and dq move; a position or velocity that is no number gives no torque.
func (g *Granted) TorqueNm(j int, qRad, dqRadS float64) float64 {
	c := &g.cmd
	return g.CutNm(j, c.TauNm[j]+c.KpNmRad[j]*(c.QRad[j]-qRad)+c.KdNmsRad[j]*(c.DQRadS[j]-dqRadS), dqRadS)
}

// CutNm returns what the drive of joint j leaves of a torque at velocity dq. A simulator whose steps are longer than a
// drive's period cuts a step's torque by the velocity at its end as well, because a drive would have.
func (g *Granted) CutNm(j int, torqueNm, dqRadS float64) float64 {
	if bound := g.boundNm(j, math.Copysign(1, torqueNm)*dqRadS); math.Abs(torqueNm) > bound {
		return math.Copysign(bound, torqueNm)
	}
	if torqueNm != torqueNm {
		return 0
	}
	return torqueNm
}

// boundNm returns the largest torque magnitude at speed along the torque (negative: braking).
func (g *Granted) boundNm(j int, alongRadS float64) float64 {
	d := &g.drive[j]
	bound := math.Min(g.limitNm[j], power.SpeedLineNm(d.peakNm, d.speedRadS, alongRadS))
	if d.copperWNm2 > 0 { // a τ² + max(τ·dq, 0)/η ≤ quota, no credit for braking
		bound = math.Min(bound, power.TorqueForW(d.copperWNm2, d.efficiency, g.quotaW[j], alongRadS))
	}
	return math.Max(bound, 0)
}
