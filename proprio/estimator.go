// Package proprio turns joint, IMU and foot-force samples into the body state, at 1 kHz. It knows no simulator truth.
//
// A right-invariant Kalman filter integrates the IMU and is corrected by leg kinematics: the point of a loaded sole under
// its centre of pressure stands still, more or less surely (stillness.go). Gravity, seen through a tilt, drives the
// velocity off what the legs say, which rights the tilt and finds the biases, whatever the body's own acceleration. With no foot
// on the ground the specific force itself tells of the tilt, vaguely. Heights follow from kinematics over the lower sole.
// Yaw and absolute position are unobservable and drift.
package proprio

import (
	"math"

	"robotd/body"
	"robotd/dynamics"
	"robotd/internal/rigid"
)

// Options are what the filter believes of its sensors and of the feet. Noise densities are per √Hz, walks per √s.
type Options struct {
	GyroNoise    float64 // rad/s/√Hz
	AccelNoise   float64 // m/s²/√Hz, and what the base's vibration adds
	GyroWalk     float64 // of the bias, rad/s/√s
	AccelWalk    float64 // m/s²/√s
	GyroBiasRadS float64 // standard deviation at the start
	AccelBiasMS2 float64
	StartTiltRad float64
	StartVelMS   float64

	OnN, OffN float64 // Schmitt thresholds of contact, vertical force
	Still     StillOptions
}

// DefaultOptions suit the default humanoid's sensors.
var DefaultOptions = Options{GyroNoise: 3e-4, AccelNoise: 3e-3, GyroWalk: 1e-4, AccelWalk: 1e-3, GyroBiasRadS: 3e-3, AccelBiasMS2: 0.05,
	StartTiltRad: 0.03, StartVelMS: 0.2, OnN: 40, OffN: 15, Still: defaultStill}

// Estimator is one robot's filter. Not safe for concurrent use.
type Estimator struct {
	m   *body.Model
	o   Options
	f   filter
	kin *dynamics.Data
	imu rigid.Mat3 // IMU frame to base
	past
}

// past is what an estimator remembers beside its filter's belief.
type past struct {
	pos     body.Vec3
	contact [2]bool
	landed  [2]int64     // when each contact began
	last    body.Sensors // newest sample of which every number is one
	started bool
	blind   bool    // the IMU does not speak: legs alone tell
	axis    [6]axis // of the IMU: gyro, accelerometer
}

// Memory is all that an estimator remembers, a fixed frame: with it another one of the same body goes on where this one stands.
type Memory struct {
	belief belief
	past   past
}

// Remember writes what the estimator remembers.
func (e *Estimator) Remember(out *Memory) { out.belief, out.past = e.f.belief, e.past }

// TakeOver goes on where the estimator stood of which m is the memory.
func (e *Estimator) TakeOver(m *Memory) { e.f.belief, e.past = m.belief, m.past }

// New makes an estimator of the model's body.
func New(dm *dynamics.Model, o Options) *Estimator {
	e := &Estimator{m: dm.Body(), o: o, kin: dm.NewData(), imu: dm.Body().IMU.Rot.Mat()}
	e.f.o = &e.o
	e.Reset()
	return e
}

// Reset forgets the past; the robot is taken to stand still, unless the first sample says that it moves.
func (e *Estimator) Reset() {
	e.f.reset(rigid.Identity)
	e.past = past{pos: body.Vec3{0, 0, e.m.StandHeightM}}
	e.last.AccelMS2 = e.imu.MulVecT(body.Vec3{0, 0, gravityMS2})
	copy(e.last.QRad[:], e.m.StandRad)
}

// longestStepS is the longest gap that is integrated over; after a longer one the past says little.
const longestStepS = 0.02

// Step takes one sample and writes the state. A sample that is not newer than the last moves nothing, unless it is so old that
// the clock must have been set back: that counts as a gap, as a leap does. A number that is none, or that no such sensor reads, is bridged by the last one that was.
func (e *Estimator) Step(s *body.Sensors, out *body.State) {
	dt := float64(s.StampNs-e.last.StampNs) * 1e-9
	isNew := !e.started || dt > 0 || dt < -longestStepS
	gap := 0.0
	switch {
	case !isNew:
		dt = 0
	case e.started && math.Abs(dt) > longestStepS:
		gap, dt = math.Min(math.Abs(dt), longestDoubtS), longestStepS
	}
	if isNew {
		e.heed(s)
		e.bridge(s)
	}
	s = &e.last
	e.standIn()
	gyro, force := e.imu.MulVec(s.GyroRadS), e.imu.MulVec(s.AccelMS2)
	if !e.started {
		e.started, dt = true, 0
		e.f.reset(levelled(force))
		if moving(gyro, force) {
			e.f.startInMotion()
		}
	}
	if gap > 0 {
		e.f.doubt(gap, gyro, force)
	}
	e.f.predict(gyro, force, dt)
	rate := gyro.Sub(e.f.gyroB)
	n := e.m.NJoints()
	// Kinematics of the body at rest at the origin: what joints and turning alone do.
	e.kin.Kinematics(body.Vec3{}, e.f.rot, body.Vec3{}, rate, s.QRad[:n], s.DQRadS[:n])
	if isNew {
		e.touch(s)
		e.lean(force)
	}
	e.pos = e.pos.Add(e.f.vel.Scale(dt))
	e.height()
	out.StampNs, out.PosM, out.Rot, out.VelMS, out.AngVelRadS = s.StampNs, e.pos, e.f.rot, e.f.vel, rate
	out.QRad, out.DQRadS, out.Foot, out.Contact = s.QRad, s.DQRadS, s.Foot, e.contact
	e.kin.Balance(e.f.vel, &s.Foot, &out.Balance)
}

// Kinematics returns those of the last step: the body with its base at rest at the origin, turned and turning as estimated. It is
// valid until the next.
func (e *Estimator) Kinematics() *dynamics.Data { return e.kin }

// axis is one of the IMU's six readings.
type axis struct {
	said float64
	news int // samples in a row in which it said something new, up to axisLives: from then on it lives
	old  int // samples in a row in which a living one did not, or said what cannot be
}

const (
	axisLives  = 20
	blindShare = 0.05 // of what the legs say of the velocity, a sample
	axisMissed = 20   // until then what it said last is the better guess
)

// heed sees whether each axis of the IMU still speaks.
func (e *Estimator) heed(s *body.Sensors) {
	for i := range e.axis {
		a, now, most := &e.axis[i], s.GyroRadS[i%3], float64(mostGyroRadS)
		if i >= 3 {
			now, most = s.AccelMS2[i%3], mostMS2
		}
		switch {
		case math.Abs(now) <= most && now != a.said: // false for NaN
			a.said, a.news, a.old = now, min(a.news+1, axisLives), 0
		case a.news == axisLives:
			a.old = min(a.old+1, axisMissed+1)
		default:
			a.news = 0
		}
	}
}

// standIn replaces what no longer speaks: the sole that carries more is taken to lie still, so that the base turns as the
// leg's joints have it, and nothing accelerates.
func (e *Estimator) standIn() {
	e.blind = false
	for i := range e.axis {
		e.blind = e.blind || e.axis[i].old > axisMissed
	}
	if !e.blind {
		return
	}
	side := body.Left
	if e.last.Foot[body.Right].ForceN[2] > e.last.Foot[body.Left].ForceN[2] {
		side = body.Right
	}
	rot, gyro := e.f.rot.Mat(), body.Vec3{}
	if e.contact[side] { // the foot turns as the base and the joints between them do
		leg := e.kin.Vel[e.m.Feet[side].Link].Ang.Sub(e.kin.Vel[0].Ang)
		gyro = rot.MulVecT(leg).Scale(-1)
	}
	gyro = e.imu.MulVecT(gyro.Add(e.f.gyroB))
	force := e.imu.MulVecT(rot.MulVecT(body.Vec3{0, 0, gravityMS2}).Add(e.f.accB))
	for i := range e.axis {
		switch {
		case e.axis[i].old <= axisMissed:
		case i < 3:
			e.last.GyroRadS[i] = gyro[i]
		default:
			e.last.AccelMS2[i-3] = force[i-3]
		}
	}
}

// bridge takes the sample over, number by number.
func (e *Estimator) bridge(s *body.Sensors) {
	l := &e.last
	l.StampNs = s.StampNs
	for j := 0; j < e.m.NJoints(); j++ {
		take(&l.QRad[j], s.QRad[j], mostRad)
		take(&l.DQRadS[j], s.DQRadS[j], mostRadS)
		take(&l.TauNm[j], s.TauNm[j], mostNm)
	}
	for i := 0; i < 3; i++ {
		take(&l.GyroRadS[i], s.GyroRadS[i], mostGyroRadS)
		take(&l.AccelMS2[i], s.AccelMS2[i], mostMS2)
		for side := range s.Foot {
			take(&l.Foot[side].ForceN[i], s.Foot[side].ForceN[i], mostN)
			take(&l.Foot[side].MomentNm[i], s.Foot[side].MomentNm[i], mostNm)
		}
	}
}

// What a humanoid's sensors read at most, impacts included.
const (
	mostRad      = 10
	mostRadS     = 100
	mostGyroRadS = 40
	mostMS2      = 400
	mostN        = 20_000
	mostNm       = 2_000
)

func take(last *float64, x, most float64) {
	if math.Abs(x) <= most { // false for NaN
		*last = x
	}
}

// levelled returns the orientation, yaw zero, in which the specific force points up.
func levelled(forceMS2 body.Vec3) body.Quat {
	n := forceMS2.Norm()
	if n < 1 {
		return rigid.Identity
	}
	up := forceMS2.Scale(1 / n)
	axis := up.Cross(body.Vec3{0, 0, 1})
	sin := axis.Norm()
	if sin < 1e-9 {
		if up[2] < 0 {
			return rigid.AxisAngle(body.Vec3{1, 0, 0}, math.Pi)
		}
		return rigid.Identity
	}
	return rigid.AxisAngle(axis.Scale(1/sin), math.Atan2(sin, up[2]))
}

// A body that turns faster, or whose specific force is further from gravity, does not stand still: no noise at rest reads so.
const (
	restRadS = 0.05
	restMS2  = 0.3
)

func moving(gyroRadS, forceMS2 body.Vec3) bool {
	return gyroRadS.Norm() > restRadS || math.Abs(forceMS2.Norm()-gravityMS2) > restMS2
}

// touch judges each foot's contact, a Schmitt trigger on its vertical force, and lets the standing ones correct the velocity.
func (e *Estimator) touch(s *body.Sensors) {
	for side := range s.Foot {
		w := &s.Foot[side]
		before := e.contact[side]
		e.contact[side] = w.ForceN[2] > e.o.OnN || (before && w.ForceN[2] > e.o.OffN)
		if !e.contact[side] {
			continue
		}
		if !before {
			e.landed[side] = s.StampNs
		}
		foot := &e.m.Feet[side]
		at := e.kin.Point(foot.Link, pressurePoint(foot, w))
		still := e.kin.VelocityAt(foot.Link, at).Scale(-1) // the base moves against it
		if e.blind {                                       // nothing made up may correct tilt and biases
			e.f.vel = e.f.vel.Add(still.Sub(e.f.vel).Scale(blindShare))
			continue
		}
		m := measurement{z: e.f.vel.Sub(still), onVel: 1,
			sigma: e.o.Still.sigma(w, float64(s.StampNs-e.landed[side])*1e-9, e.kin.Vel[foot.Link].Ang)}
		e.f.correct(&m)
	}
}

// In the air.
const (
	airForceMS2 = 3.0 // how far the specific force is from gravity alone; wide, because it is so at every tick
	airVelMS    = 20.0
)

// lean lets gravity tell of the tilt while no foot stands, and keeps a robot that hangs on a hoist from flying off in
// thought: f̂ = R̂ (f − b) is (0, 0, g) but for the base's own acceleration.
func (e *Estimator) lean(forceMS2 body.Vec3) {
	if e.contact[0] || e.contact[1] || e.blind {
		return
	}
	r := e.f.rot.Mat()
	g := body.Vec3{0, 0, gravityMS2}
	m := measurement{z: r.MulVec(forceMS2.Sub(e.f.accB)).Sub(g), rot: cross(g), sigma: airForceMS2}
	for i := range m.rot {
		m.rot[i], m.acc[i] = -m.rot[i], -r[i]
	}
	e.f.correct(&m)
	e.f.correct(&measurement{z: e.f.vel, onVel: 1, sigma: airVelMS})
}

// pressurePoint returns the centre of pressure on the sole, in the foot link's frame, kept inside the corners.
func pressurePoint(f *body.Foot, w *body.Wrench) body.Vec3 {
	p := f.SoleM
	fz := math.Max(w.ForceN[2], 1)
	p[0] += -w.MomentNm[1] / fz
	p[1] += w.MomentNm[0] / fz
	for k := 0; k < 2; k++ {
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, c := range f.CornerM {
			lo, hi = math.Min(lo, c[k]), math.Max(hi, c[k])
		}
		p[k] = math.Min(math.Max(p[k], lo), hi)
	}
	return p
}

// height sets the base's height over the lower sole corner of the standing feet: the floor is where they stand.
func (e *Estimator) height() {
	low, any := math.Inf(1), false
	for side := range e.m.Feet {
		if !e.contact[side] {
			continue
		}
		any = true
		for _, c := range e.m.Feet[side].CornerM {
			low = math.Min(low, e.kin.Point(e.m.Feet[side].Link, c)[2])
		}
	}
	if any {
		e.pos[2] = -low
	}
}
