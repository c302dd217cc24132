package gate

import "math"

const (
	leapRad     = 0.05   // beyond what the joint could have turned
	stuckTicks  = 5      // of the very same angle
	stuckShare  = 0.1    // of the peak torque: a joint that nothing drives may rest
	driftRad    = 0.0035 // of the angle against the integral of the speed, four samples long: six deviations of the encoders' noise each
	driftWall   = 8      // times that, where clocks jitter and speeds lag behind angles
	forgetPerS  = 2      // of that difference
	settleTicks = 20     // from then on the encoder is judged
)

// encoder follows one encoder's angle against its own speed and its drive's torque. Once it is doubted it stays so until the
// next power cycle: nobody knows by how much it is off.
type encoder struct {
	doubted bool
	lives   bool    // seen to change
	leaped  int     // leaps in a row
	same    int     // ticks of the same angle
	n       int     // samples followed
	sinceS  float64 // the last good one
	offRad  float64 // of the angle against the integrated speed
	far     int     // samples in a row in which that is too much
}

// leaps reports whether angle q is farther from the last good one than joint j can have turned since, at its no-load speed.
func (w *watch) leaps(j int, q, dtS float64) bool {
	e := &w.encoder[j]
	e.sinceS += dtS
	return e.n >= settleTicks && math.Abs(q-w.q[j]) > leapRad+0.5*w.fastest[j]*e.sinceS
}

// missed counts a sample that was not taken, because it leaps or for another reason.
func (e *encoder) missed(leaps bool) {
	if !leaps {
		e.leaped = 0
		return
	}
	if e.leaped++; e.leaped > glitchTicks {
		e.doubted = true
	}
}

// follow takes a good new sample of joint j; next says that the last one was that of the tick before.
func (w *watch) follow(j int, q, dq, tauNm, dtS float64, next bool) {
	e := &w.encoder[j]
	e.leaped = 0
	if q != w.q[j] || e.n == 0 {
		e.lives = e.lives || e.n > 0
		e.same = 0
	} else if e.same = min(e.same+1, stuckTicks); e.same >= stuckTicks && e.lives && math.Abs(tauNm) > stuckShare*w.peakNm[j] {
		e.doubted = true
	}
	if e.n >= settleTicks && next && w.lost[j] == 0 {
		e.offRad += q - w.q[j] - 0.5*(dq+w.dq[j])*dtS
		e.offRad -= e.offRad * math.Min(1, dtS*forgetPerS)
	}
	most := driftRad + math.Abs(dq)*tickNs*1e-9 // when in its tick a speed is measured nobody knows
	if !w.lockstep {
		most *= driftWall
	}
	e.n = min(e.n+1, settleTicks)
	if e.far++; math.Abs(e.offRad) <= most {
		e.far = 0
	}
	e.doubted = e.doubted || e.far > glitchTicks
}
