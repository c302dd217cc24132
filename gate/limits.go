package gate

import (
	"math"

	"robotd/body"
	"robotd/power"
)

const (
	brakeRadS2   = 200  // deceleration that a joint is trusted with before its stop
	brakeShare   = 0.5  // of the motor's peak, which is what that deceleration takes of the heaviest joint there may be
	rateOfPeak   = 0.25 // set-point and feed-forward may move the torque by this share of the peak in a tick
	stiffestKp   = 2    // largest stiffness, times the model's
	strongestKd  = 3    // largest damping, times the model's
	limpTorqueNm = 0    // of an arm joint that is not sensed, and of a drive that does not obey
)

// gainBox bounds stiffness and damping on each rung, times the model's own: what lies lower asks for less.
var gainBox = [body.NRungs]struct{ kp, kd float64 }{
	{stiffestKp, strongestKd}, {stiffestKp, strongestKd}, {stiffestKp, strongestKd}, {stiffestKp, strongestKd},
	{1, dampFactor}, {softShare, dampFactor}, {0, 1},
}

// box is what one joint may be asked for.
type box struct {
	lower, upper   float64 // rad
	speedRadS      float64 // no-load
	peakNm         float64
	brakeNm        float64 // gives the heaviest joint brakeRadS2
	kpMax, kdMax   float64
	stepRad        float64 // set-point change a tick
	stepNm         float64 // feed-forward change a tick
	kp, kd         float64 // the model's own gains
	limpWhenUnseen bool
}

func newBox(j *body.Joint, leg bool, t *Tighten) box {
	peak := t.TorqueShare * j.Motor.TorqueNm
	b := box{lower: j.LowerRad + t.MarginRad, upper: j.UpperRad - t.MarginRad, speedRadS: t.SpeedShare * j.Motor.SpeedRadS, peakNm: peak,
		brakeNm: brakeShare * j.Motor.TorqueNm, kpMax: t.GainShare * stiffestKp * j.KpNmRad, kdMax: t.GainShare * strongestKd * j.KdNmsRad,
		stepNm: rateOfPeak * peak, kp: j.KpNmRad, kd: j.KdNmsRad, limpWhenUnseen: !leg}
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

// leash is what one joint may do in this tick: its box, narrowed by the rung, by people beside it and by a contact.
type leash struct {
	kpMin, kpMax, kdMin, kdMax float64
	stepRad, speedRadS         float64
	besideRadS                 float64 // 0: nobody is near
	limitNm                    float64
	brakeNm                    float64 // to brake with before a stop
	stepBy, speedBy            Limit   // the limits that hold set-points and speeds
	damped                     bool    // its angle is doubted: held by its speed alone
	touch                      *touch  // of its arm; nil unless it is on the way back or returning
}

// leash returns joint j's for this tick.
func (g *Gate) leash(j int) leash {
	b, rung := &g.box[j], g.stance.rung
	l := leash{kpMax: math.Min(b.kpMax, gainBox[rung].kp*b.kp), kdMax: math.Min(b.kdMax, gainBox[rung].kd*b.kd),
		stepRad: b.stepRad, speedRadS: b.speedRadS, limitNm: b.peakNm * g.derate[j], stepBy: LimitRate, speedBy: LimitRange}
	l.brakeNm = math.Min(b.brakeNm, l.limitNm)
	if (b.limpWhenUnseen && g.watch.lost[j] > glitchTicks) || g.watch.drive[j].off {
		l.limitNm = limpTorqueNm
	}
	l.damped = b.limpWhenUnseen && g.watch.encoder[j].doubted
	side := g.arms.side[j]
	if side == neither {
		return l
	}
	if g.arms.near {
		l.speedRadS = math.Min(l.speedRadS, g.arms.speedRadS[side])
		l.besideRadS = l.speedRadS
		l.stepRad, l.stepBy, l.speedBy = math.Min(l.stepRad, l.speedRadS*tickNs*1e-9), LimitNear, LimitNear
		if rung <= body.RungCrouch { // who holds no arm lets it drop on somebody
			l.kpMin, l.kdMin, l.kpMax = b.kp, b.kd, math.Min(l.kpMax, b.kp)
		}
	}
	if t := &g.arms.touch[side]; t.retreating || t.returning || t.firm < stiffestKp {
		l.touch, l.kpMax = t, math.Min(l.kpMax, t.firm*b.kp)
		l.kpMin = math.Min(l.kpMin, l.kpMax)
		if t.retreating {
			l.kdMin, l.kdMax = b.kd, contactKdMax*b.kd
		}
		if t.returning {
			l.stepRad, l.stepBy = math.Min(l.stepRad, returnRadS*tickNs*1e-9), LimitContact
		}
	}
	return l
}

// aim is what a joint is asked for while it is being confined.
type aim struct {
	targetRad, speedRadS, tauNm, kp, kd float64
}

// brake leaves nothing of the aim that speeds the joint up along its speed, lets it want no more than mostRadS, and damps
// it.
func (a *aim) brake(qRad, dqRadS, mostRadS, kdMax float64) {
	if dqRadS > 0 {
		a.targetRad, a.tauNm, a.speedRadS = math.Min(a.targetRad, qRad), math.Min(a.tauNm, 0), math.Min(a.speedRadS, mostRadS)
	} else {
		a.targetRad, a.tauNm, a.speedRadS = math.Max(a.targetRad, qRad), math.Max(a.tauNm, 0), math.Max(a.speedRadS, -mostRadS)
	}
	a.kd = kdMax
}

// confine brings joint j's command into its box: gains, range, contact, rate, barrier, torque. It writes the granted
// set-point and returns the torque that the PD law asks for now, and the limits that acted.
func (g *Gate) confine(j int, c *body.Command, out *Granted) (demandNm float64, acted Limit) {
	b, l := &g.box[j], g.leash(j)
	q, dq := g.watch.q[j], g.watch.dq[j]
	a := aim{kp: clamp(c.KpNmRad[j], l.kpMin, l.kpMax), kd: clamp(c.KdNmsRad[j], l.kdMin, l.kdMax), tauNm: c.TauNm[j],
		targetRad: clamp(c.QRad[j], b.lower, b.upper), speedRadS: clamp(c.DQRadS[j], -l.speedRadS, l.speedRadS)}
	if a.kp != c.KpNmRad[j] || a.kd != c.KdNmsRad[j] {
		acted |= LimitGains
	}
	if a.targetRad != c.QRad[j] {
		acted |= LimitRange
	}
	if a.speedRadS != c.DQRadS[j] {
		acted |= l.speedBy
	}
	lastQ, lastTau := g.last.QRad[j], g.last.TauNm[j]
	if t := l.touch; t != nil && t.retreating {
		a.targetRad, a.speedRadS, a.tauNm = clamp(g.arms.retreatRad(j, t, lastQ), b.lower, b.upper), 0, 0
	}
	if l.damped {
		a = aim{targetRad: clamp(lastQ, b.lower, b.upper), kd: math.Min(b.kd, l.kdMax)}
	}
	stepped, steppedTau := clamp(a.targetRad, lastQ-l.stepRad, lastQ+l.stepRad), clamp(a.tauNm, lastTau-b.stepNm, lastTau+b.stepNm)
	if stepped != a.targetRad {
		acted |= l.stepBy
		if l.touch != nil {
			l.touch.behind = true
		}
	}
	if steppedTau != a.tauNm {
		acted |= LimitRate
	}
	a.targetRad, a.tauNm = stepped, clamp(steppedTau, -l.limitNm, l.limitNm)
	acted |= g.slow(j, q, dq, &l, &a)
	out.cmd.QRad[j], out.cmd.DQRadS[j], out.cmd.TauNm[j] = a.targetRad, a.speedRadS, a.tauNm
	out.cmd.KpNmRad[j], out.cmd.KdNmsRad[j], out.limitNm[j], out.drive[j].besideRadS = a.kp, a.kd, l.limitNm, l.besideRadS
	out.drive[j].off = g.watch.drive[j].off
	demand := a.tauNm + a.kp*(a.targetRad-q) + a.kd*(a.speedRadS-dq)
	bound := math.Min(l.limitNm, power.SpeedLineNm(b.peakNm, l.speedRadS, math.Copysign(1, demand)*dq))
	if math.Abs(demand) > bound {
		demand, acted = math.Copysign(bound, demand), acted|LimitTorque
	}
	return demand, acted
}

// slow holds the barrier |v| ≤ √(2 a d) before a joint's stops, and the speed of an arm beside a person. It comes after
// the rate, because braking must not be slowed down.
//
// Past the barrier the joint is braked by a torque of its own beside the damping: damping alone first needs a speed too high by
// a·inertia/kd, which for a wrist is 5 rad/s. The torque gives the heaviest joint the deceleration a, so that v²/(2a) − d,
// which is how far it would pass its stop, does not grow from then on, and the damping makes it shrink. It goes from one tick to the
// next by no more than the rate, and it is no more than heat leaves, with an a that is smaller in proportion. At off it
// is not there: off damps.
func (g *Gate) slow(j int, q, dq float64, l *leash, a *aim) (acted Limit) {
	b, lastNm, pushNm := &g.box[j], g.last.TauNm[j], math.Min(l.brakeNm, l.limitNm)
	decel := brakeRadS2 * (l.brakeNm / b.brakeNm)
	if g.stance.rung == body.RungOff {
		pushNm = 0
	}
	if d := math.Max(b.upper-q, 0); dq > 0 && dq*dq > 2*decel*d {
		a.brake(q, dq, math.Sqrt(2*decel*d), b.kdMax)
		a.tauNm = math.Min(a.tauNm, math.Max(lastNm-b.stepNm, -pushNm))
		acted |= LimitBarrier
	}
	if d := math.Max(q-b.lower, 0); dq < 0 && dq*dq > 2*decel*d {
		a.brake(q, dq, math.Sqrt(2*decel*d), b.kdMax)
		a.tauNm = math.Max(a.tauNm, math.Min(lastNm+b.stepNm, pushNm))
		acted |= LimitBarrier
	}
	if h := g.legs.hold[j]; h != 0 && g.stance.rung < body.RungOff { // nothing that brings the legs nearer
		if h > 0 {
			a.targetRad, a.tauNm, a.speedRadS = math.Min(a.targetRad, q), math.Min(a.tauNm, 0), math.Min(a.speedRadS, 0)
		} else {
			a.targetRad, a.tauNm, a.speedRadS = math.Max(a.targetRad, q), math.Max(a.tauNm, 0), math.Max(a.speedRadS, 0)
		}
		if h*dq > 0 {
			a.kd = b.kdMax
		}
	}
	if g.arms.near && g.arms.side[j] != neither && math.Abs(dq) > l.speedRadS {
		if target := a.targetRad; math.Abs(dq) > farTooFast*l.speedRadS {
			a.brake(q, dq, l.speedRadS, b.kdMax)
		} else if a.brake(q, dq, l.speedRadS, a.kd); a.targetRad != target {
			// The set-point stays: moved to the joint it would forget the weight that it holds up.
			a.targetRad, a.kp = target, 0
		}
		acted |= LimitNear
	}
	return acted
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
