package gate

import (
	"math"

	"robotd/body"
)

const (
	glitchTicks   = 3 // bad samples in a row that are bridged with the last good one
	sampleMaxNs   = 5_000_000
	rangeSlackRad = 0.5    // a joint sensed further out of its range than this is not sensed
	gyroMaxRadS   = 50     // of the IMUs that fit a humanoid
	accelMaxMS2   = 1000   // an impact reads hundreds
	tiltCos       = 0.3624 // 1.2 rad: beyond it no foot can come under the body
	levelPerS     = 0.5    // how fast the accelerometer corrects the gyro's vertical
	busS          = 0.010  // the window of the bus meter
	loadShare     = 0.05   // of the body's weight: less on a sole is no ground
	loadMost      = 20     // times the weight: more is no reading
	hangNs        = 100_000_000
	fallingCos    = 0.8253 // 0.6 rad: who leans so far without ground falls
	fallingMS2    = 4.9    // specific force below half of gravity: the same
	leaningCos    = 0.8776 // 0.5 rad: known in time at 0.6
	leaningPerS   = 0.1    // of the cosine of the tilt: it still falls
	impactMS2     = 40     // specific force of a body that meets the ground
	restNs        = 300_000_000
	imuLives      = 20
	staleNs       = 10_000_000
	staleLostNs   = 20_000_000 // of an IMU that repeats itself
)

// watch judges the raw sensors by itself, apart from the estimator: it bridges glitches, names what is lost, and keeps its
// own vertical.
type watch struct {
	n        int
	leg      [body.MaxJoints]bool // legs and waist: without their angles nobody stands
	lower    [body.MaxJoints]float64
	upper    [body.MaxJoints]float64
	fastest  [body.MaxJoints]float64
	peakNm   [body.MaxJoints]float64
	totalW   float64
	weightN  float64
	imuToTop [3]float64 // base z axis in the IMU frame

	seen    bool
	q, dq   [body.MaxJoints]float64 // last good
	heatNm  [body.MaxJoints]float64 // torque magnitude that heats
	lost    [body.MaxJoints]int     // bad samples in a row
	imuLost int
	up      body.Vec3 // world's vertical in the IMU frame
	busW    float64   // mean over the window
	loadN   [2]float64
	stood   bool  // a foot has carried the body since the reset
	hungNs  int64 // since a foot last did, falling aside

	encoder  [body.MaxJoints]encoder
	drive    [body.MaxJoints]driveWatch
	driven   bool // reported torques are watched
	lockstep bool // samples are exactly one tick apart
	stampNs  int64
	leaning  int   // ticks in a row in which it leans far and further
	lyingNs  int64 // since it hit the ground, lying; 0 before

	silentNs int64 // since the IMU last gave what can be true
	sameNs   int64 // and since it last gave something new
	imu      [6]float64
	imuNew   int   // samples in a row, to imuLives, that did: from then on it lives
	staleNs  int64 // since a new sample brought something new of the IMU
}

func newWatch(m *body.Model, legs []bool, totalW float64) watch {
	w := watch{n: m.NJoints(), totalW: totalW, weightN: m.MassKg() * body.DefaultContact.GravityMS}
	for j := range m.Joints {
		joint := &m.Joints[j]
		w.leg[j] = legs[j]
		w.lower[j], w.upper[j] = joint.LowerRad-rangeSlackRad, joint.UpperRad+rangeSlackRad
		w.fastest[j], w.peakNm[j] = 2*joint.Motor.SpeedRadS, joint.Motor.TorqueNm
	}
	w.imuToTop = m.IMU.Rot.Conj().Rotate(body.Vec3{0, 0, 1})
	w.reset(m.StandRad)
	return w
}

func (w *watch) reset(stand []float64) {
	w.seen, w.imuLost, w.busW, w.up = false, 0, 0, w.imuToTop
	w.loadN, w.stood, w.hungNs = [2]float64{}, false, 0
	w.silentNs, w.sameNs, w.imu, w.imuNew, w.staleNs = 0, 0, [6]float64{}, 0, 0
	w.encoder, w.drive, w.stampNs, w.leaning = [body.MaxJoints]encoder{}, [body.MaxJoints]driveWatch{}, math.MinInt64, 0
	w.lyingNs = 0
	w.q, w.dq, w.heatNm, w.lost = [body.MaxJoints]float64{}, [body.MaxJoints]float64{}, [body.MaxJoints]float64{}, [body.MaxJoints]int{}
	copy(w.q[:], stand)
}

// look takes one sample and returns the causes that it gives and how many readings it bridged. OnHoist is what people say.
func (w *watch) look(s *body.Sensors, nowNs, dtNs int64, onHoist bool) (c Cause, bridged int) {
	dtS := float64(dtNs) * 1e-9
	late := nowNs-s.StampNs > sampleMaxNs || s.StampNs > nowNs
	fresh := s.StampNs != w.stampNs && !late
	gap := s.StampNs - w.stampNs
	next, stepS := fresh && gap > 0 && gap < 2*tickNs, float64(gap)*1e-9 // the sample after the one before
	w.stampNs = s.StampNs
	for j := 0; j < w.n; j++ {
		q, dq := s.QRad[j], s.DQRadS[j]
		possible := !late && q >= w.lower[j] && q <= w.upper[j] && math.Abs(dq) <= w.fastest[j] // false for NaN
		if leaps := w.leaps(j, q, dtS); possible && !leaps {
			if fresh {
				w.follow(j, q, dq, s.TauNm[j], stepS, next)
			}
			w.q[j], w.dq[j], w.lost[j], w.encoder[j].sinceS = q, dq, 0, 0
		} else {
			w.encoder[j].missed(possible && leaps)
			bridged++
			w.lost[j] = min(w.lost[j]+1, glitchTicks+1)
			if w.leg[j] && w.lost[j] > glitchTicks {
				c |= CauseSensorLost
			}
		}
		if w.encoder[j].doubted && w.leg[j] {
			c |= CauseEncoder
		}
		if w.driven && w.disobeys(j, s.TauNm[j], fresh) {
			c |= CauseDrive
		}
		if tau := math.Abs(s.TauNm[j]); tau <= w.peakNm[j] {
			w.heatNm[j] = tau
		} else { // more than the peak, or no number: the worst
			w.heatNm[j] = w.peakNm[j]
		}
	}
	if late || !w.level(s, dtS) {
		bridged++
		w.imuLost = min(w.imuLost+1, glitchTicks+1)
		w.silentNs += dtNs
		if w.imuLost > glitchTicks {
			c |= CauseSensorLost
		}
	} else {
		w.imuLost, w.silentNs = 0, 0
	}
	w.sameNs += dtNs
	if imu := [6]float64{s.GyroRadS[0], s.GyroRadS[1], s.GyroRadS[2], s.AccelMS2[0], s.AccelMS2[1], s.AccelMS2[2]}; imu != w.imu {
		w.imu, w.sameNs, w.staleNs, w.imuNew = imu, 0, 0, min(w.imuNew+1, imuLives)
	} else if fresh && w.imuNew < imuLives {
		w.imuNew = 0
	} else if fresh {
		w.staleNs = min(w.staleNs+dtNs, staleLostNs)
	}
	switch {
	case w.staleNs >= staleLostNs:
		c |= CauseSensorLost
	case w.staleNs >= staleNs:
		c |= CauseIMUStale
	}
	upright := w.up.Dot(w.imuToTop)
	return c | w.lean(s, upright, late) | w.lie(s, upright, dtNs) | w.bus(s.BusW, dtS) | w.ground(s, dtNs, onHoist), bridged
}

// lean says by the cosine of the base's tilt when a fall cannot be stopped: beyond 1.2 rad no foot can come under the body, and beyond 0.5 rad none does while
// the base leans further. The most that a robot which recovered ever leaned is 0.3 rad, kneeling 0.1.
func (w *watch) lean(s *body.Sensors, cos float64, late bool) Cause {
	if cos < tiltCos {
		return CauseTilt
	}
	// d(up·top)/dt = up · (gyro × top): negative when the angle between them grows.
	further := w.up.Dot(s.GyroRadS.Cross(w.imuToTop)) < -leaningPerS
	if w.leaning = min(w.leaning+1, glitchTicks); late || !(cos < leaningCos) || !further || w.hungNs >= hangNs { // once it hangs it may swing
		w.leaning = 0
	}
	if w.leaning >= glitchTicks {
		return CauseTilt
	}
	return 0
}

// lie says that a fall is over: the body hit the ground, leaning beyond hope, and had a moment to come to rest.
func (w *watch) lie(s *body.Sensors, cos float64, dtNs int64) Cause {
	switch {
	case cos >= tiltCos:
		w.lyingNs = 0
	case w.lyingNs > 0 || s.AccelMS2.Norm() > impactMS2: // false for what is no number
		w.lyingNs = min(w.lyingNs+dtNs, restNs)
	}
	if w.lyingNs >= restNs {
		return CauseFallDone
	}
	return 0
}

// level turns the vertical by the gyro and draws it slowly towards the accelerometer while that reads about 1 g. It
// reports whether the IMU's readings can be true.
func (w *watch) level(s *body.Sensors, dtS float64) bool {
	rate, force := s.GyroRadS.Norm(), s.AccelMS2.Norm()
	if !(rate <= gyroMaxRadS) || !(force <= accelMaxMS2) {
		return false
	}
	calm := force > 0.8*9.81 && force < 1.2*9.81
	if !w.seen {
		w.seen = true
		if calm {
			w.up = s.AccelMS2.Scale(1 / force)
		}
		return true
	}
	w.up = w.up.Sub(s.GyroRadS.Cross(w.up).Scale(dtS))
	if calm {
		w.up = w.up.Add(s.AccelMS2.Scale(1 / force).Sub(w.up).Scale(levelPerS * dtS))
	}
	w.up = w.up.Scale(1 / math.Max(w.up.Norm(), 1e-9))
	return true
}

// bus keeps the mean of the bus meter; a reading that cannot be true leaves it.
func (w *watch) bus(readW, dtS float64) Cause {
	if readW >= 0 && readW < 1e5 {
		w.busW += (readW - w.busW) * math.Min(1, dtS/busS)
	}
	if w.busW > w.totalW {
		return CauseBusOver
	}
	return 0
}

// ground follows the load on the feet. Without any for 100 ms, though the body does not fall, it hangs. A foot whose
// reading cannot be true carries what it carried.
func (w *watch) ground(s *body.Sensors, dtNs int64, onHoist bool) Cause {
	for side := range s.Foot {
		if n := s.Foot[side].ForceN[2]; math.Abs(n) <= loadMost*w.weightN {
			w.loadN[side] = n
		}
	}
	switch {
	case math.Max(w.loadN[body.Left], w.loadN[body.Right]) >= loadShare*w.weightN:
		w.stood, w.hungNs = true, 0
	case w.hungNs < hangNs && w.up.Dot(w.imuToTop) < fallingCos:
		w.hungNs = 0
	case !(s.AccelMS2.Norm() < fallingMS2):
		w.hungNs = min(w.hungNs+dtNs, hangNs)
	}
	switch {
	case w.hungNs < hangNs:
		return 0
	case onHoist:
		return CauseHoist
	case w.stood:
		return CauseLifted
	}
	return 0
}
