package gate

import (
	"math"

	"robotd/body"
	"robotd/power"
)

const (
	brakeRadS2   = 200  // deceleration that a joint is trusted with before its stop
	rateOfPeak   = 0.25 // set-point and feed-forward may move the torque by this share of the peak in a tick
	stiffestKp   = 2    // largest stiffness, times the model's
	strongestKd  = 3    // largest damping, times the model's
	limpTorqueNm = 0    // of an arm joint that is not sensed
)

// box is what one joint may be asked for.
type box struct {
	lower, upper   float64 // rad
	speedRadS      float64 // no-load
	peakNm         float64
	kpMax, kdMax   float64
	stepRad        float64 // set-point change a tick
	stepNm         float64 // feed-forward change a tick
	kp, kd         float64 // the model's own gains
	limpWhenUnseen bool
}

func newBox(j *body.Joint, leg bool) box {
	peak := j.Motor.TorqueNm
	b := box{lower: j.LowerRad, upper: j.UpperRad, speedRadS: j.Motor.SpeedRadS, peakNm: peak, kpMax: stiffestKp * j.KpNmRad,
		kdMax: strongestKd * j.KdNmsRad, stepNm: rateOfPeak * peak, kp: j.KpNmRad, kd: j.KdNmsRad, limpWhenUnseen: !leg}
	b.stepRad = rateOfPeak * peak / j.KpNmRad
	return b
}

// usable reports whether every number of the command is one: x−x is zero for numbers alone.
func usable(c *body.Command, n int) bool {
	sum := 0.0
	for j := 0; j < n; j++ {
		q, dq, tau, kp, kd := c.QRad[j], c.DQRadS[j], c.TauNm[j], c.KpNmRad[j], c.KdNmsRad[j]
		sum += (q - q) + (dq - dq) + (tau - tau) + (kp - kp) + (kd - kd)
	}
	return sum == 0
}

// confine brings joint j's command into its box: gains, range, barrier, rate, torque. It writes the granted set-point and
// returns the torque that the PD law asks for now, and the limits that acted.
func (g *Gate) confine(j int, c *body.Command, out *Granted) (demandNm float64, acted Limit) {
	b := &g.box[j]
	q, dq := g.watch.q[j], g.watch.dq[j]
	limit := b.peakNm * g.derate[j]
	if b.limpWhenUnseen && g.watch.lost[j] > glitchTicks {
		limit = limpTorqueNm
	}
	kp, kd := clamp(c.KpNmRad[j], 0, b.kpMax), clamp(c.KdNmsRad[j], 0, b.kdMax)
	if kp != c.KpNmRad[j] || kd != c.KdNmsRad[j] {
		acted |= LimitGains
	}
	target, speed, tau := clamp(c.QRad[j], b.lower, b.upper), clamp(c.DQRadS[j], -b.speedRadS, b.speedRadS), c.TauNm[j]
	if target != c.QRad[j] || speed != c.DQRadS[j] {
		acted |= LimitRange
	}
	lastQ, lastTau := g.last.QRad[j], g.last.TauNm[j]
	stepped, steppedTau := clamp(target, lastQ-b.stepRad, lastQ+b.stepRad), clamp(tau, lastTau-b.stepNm, lastTau+b.stepNm)
	if stepped != target || steppedTau != tau {
		acted |= LimitRate
	}
	target, tau = stepped, clamp(steppedTau, -limit, limit)
	// The barrier |v| ≤ √(2 a d) comes after the rate here, because braking before a stop must not be slowed down.
	if d := math.Max(b.upper-q, 0); dq > 0 && dq*dq > 2*brakeRadS2*d {
		target, tau, speed, kd, acted = math.Min(target, q), math.Min(tau, 0), math.Min(speed, math.Sqrt(2*brakeRadS2*d)), b.kdMax, acted|LimitBarrier
	}
	if d := math.Max(q-b.lower, 0); dq < 0 && dq*dq > 2*brakeRadS2*d {
		target, tau, speed, kd, acted = math.Max(target, q), math.Max(tau, 0), math.Max(speed, -math.Sqrt(2*brakeRadS2*d)), b.kdMax, acted|LimitBarrier
	}
	out.cmd.QRad[j], out.cmd.DQRadS[j], out.cmd.TauNm[j] = target, speed, tau
	out.cmd.KpNmRad[j], out.cmd.KdNmsRad[j], out.limitNm[j] = kp, kd, limit
	demand := tau + kp*(target-q) + kd*(speed-dq)
	bound := math.Min(limit, power.SpeedLineNm(b.peakNm, b.speedRadS, math.Copysign(1, demand)*dq))
	if math.Abs(demand) > bound {
		demand, acted = math.Copysign(bound, demand), acted|LimitTorque
	}
	return demand, acted
}

func clamp(x, low, high float64) float64 {
	if x < low {
		return low
	}
	if x > high {
		return high
	}
	return x
}
