// Package proprio turns joint, IMU and foot-force samples into the body state, at 1 kHz. It knows no simulator truth.
//
// Velocity: the accelerometer is integrated and corrected by leg kinematics, because the point of a loaded sole under its
// centre of pressure stands still. Orientation: the gyro is integrated; gravity seen through a tilt drives the integrated
// velocity off the legs' one, so that innovation rights the tilt and finds the gyro's bias, whatever the body's own
// acceleration (the fixed-gain form of the contact-aided filters, Hartley 2020). Without a foot on the ground the specific
// force itself pulls, while it looks like gravity alone (Mahony 2008). Heights follow from kinematics over the lower sole.
// Yaw and absolute position are unobservable and drift.
package proprio

import (
	"math"

	"robotd/body"
	"robotd/dynamics"
	"robotd/internal/rigid"
)

// Options are the filter's gains.
type Options struct {
	LeanS     float64 // time in which the legs right a tilt, s
	TiltGain  float64 // 1/s, pull of gravity on the orientation while no foot stands
	BiasGain  float64 // 1/s, share of a correction of the tilt that the gyro's bias learns
	QuietMS2  float64 // specific force within this of g counts as gravity
	VelGain   float64 // 1/s, pull of a fully loaded foot on the velocity
	OnN, OffN float64 // Schmitt thresholds of contact, vertical force
}

// DefaultOptions suit the default humanoid's sensors.
var DefaultOptions = Options{LeanS: 1.5, TiltGain: 0.2, BiasGain: 0.05, QuietMS2: 0.8, VelGain: 10, OnN: 40, OffN: 15}

// Estimator is one robot's filter. Not safe for concurrent use.
type Estimator struct {
	m       *body.Model
	o       Options
	kin     *dynamics.Data
	rot     body.Quat
	gyroB   body.Vec3 // bias, IMU frame
	vel     body.Vec3
	pos     body.Vec3
	contact [2]bool
	lastNs  int64
	started bool
}

// New makes an estimator of the model's body.
func New(dm *dynamics.Model, o Options) *Estimator {
	e := &Estimator{m: dm.Body(), o: o, kin: dm.NewData()}
	e.Reset()
	return e
}

// Reset forgets the past; the robot is taken to stand upright and still.
func (e *Estimator) Reset() {
	e.rot, e.gyroB, e.vel = rigid.Identity, body.Vec3{}, body.Vec3{}
	e.pos = body.Vec3{0, 0, e.m.StandHeightM}
	e.contact, e.started = [2]bool{}, false
}

// Step takes one sample and writes the state. A sample that is not newer than the last moves nothing.
func (e *Estimator) Step(s *body.Sensors, out *body.State) {
	dt := float64(s.StampNs-e.lastNs) * 1e-9
	first := !e.started
	if first {
		e.startTilt(s)
		dt = 0
	}
	dt = math.Min(math.Max(dt, 0), 0.02)
	e.lastNs, e.started = s.StampNs, true
	rate := s.GyroRadS.Sub(e.gyroB)
	e.orient(s, rate, dt)
	n := e.m.NJoints()
	out.StampNs = s.StampNs
	out.Rot, out.AngVelRadS = e.rot, rate
	out.QRad, out.DQRadS, out.Foot = s.QRad, s.DQRadS, s.Foot
	// Kinematics of the body at rest at the origin: what joints and turning alone do.
	e.kin.Kinematics(body.Vec3{}, e.rot, body.Vec3{}, rate, s.QRad[:n], s.DQRadS[:n])
	e.contacts(s)
	e.velocity(s, dt, first)
	e.pos = e.pos.Add(e.vel.Scale(dt))
	e.height()
	out.PosM, out.VelMS, out.Contact = e.pos, e.vel, e.contact
	e.kin.Balance(e.vel, &s.Foot, &out.Balance)
}

// startTilt takes the first specific force for gravity.
func (e *Estimator) startTilt(s *body.Sensors) {
	up := s.AccelMS2
	n := up.Norm()
	if n < 1 {
		return
	}
	up = up.Scale(1 / n)
	axis := up.Cross(body.Vec3{0, 0, 1})
	if sin := axis.Norm(); sin > 1e-9 {
		e.rot = rigid.AxisAngle(axis.Scale(1/sin), math.Atan2(sin, up[2]))
	}
}

// orient integrates the gyro and, in the air, leans on gravity when the specific force is quiet.
func (e *Estimator) orient(s *body.Sensors, rate body.Vec3, dt float64) {
	norm := s.AccelMS2.Norm()
	if off := math.Abs(norm - gravityMS2); off < e.o.QuietMS2 && !e.contact[0] && !e.contact[1] {
		up := e.rot.Mat().MulVecT(body.Vec3{0, 0, 1}) // believed, in body axes
		pull := s.AccelMS2.Scale(1 / norm).Cross(up).Scale(e.o.TiltGain * (1 - off/e.o.QuietMS2))
		e.gyroB = e.gyroB.Sub(pull.Scale(e.o.BiasGain * dt))
		rate = rate.Add(pull)
	}
	e.rot = e.rot.Mul(rigid.Exp(rate.Scale(dt))).Normalized()
}

const gravityMS2 = 9.81

// contacts is a Schmitt trigger on the vertical force of each foot.
func (e *Estimator) contacts(s *body.Sensors) {
	for side := range s.Foot {
		f := s.Foot[side].ForceN[2]
		e.contact[side] = f > e.o.OnN || (e.contact[side] && f > e.o.OffN)
	}
}

// velocity predicts by the accelerometer and corrects by the feet that stand, each with the share of its load.
func (e *Estimator) velocity(s *body.Sensors, dt float64, first bool) {
	acc := e.rot.Rotate(s.AccelMS2).Sub(body.Vec3{0, 0, gravityMS2})
	e.vel = e.vel.Add(acc.Scale(dt))
	weight := e.m.MassKg() * gravityMS2
	for side := range s.Foot {
		if !e.contact[side] {
			continue
		}
		load := math.Min(s.Foot[side].ForceN[2]/(0.5*weight), 1)
		// The sole's point under the centre of pressure stands still, so the base moves against it.
		still := e.kin.PointVelocity(e.m.Feet[side].Link, e.pressurePoint(side, &s.Foot[side])).Scale(-1)
		err := still.Sub(e.vel)
		gain := 1 - math.Exp(-e.o.VelGain*load*dt)
		if first { // the legs alone say how fast it began
			e.vel = e.vel.Add(err.Scale(0.5))
			continue
		}
		e.vel = e.vel.Add(err.Scale(gain))
		e.lean(err, gain)
	}
}

// lean rights the tilt by a velocity's innovation, world axes: a tilt δ (small, world axes) lets g·(δy, −δx) leak into the
// horizontal acceleration, which the legs hold at an innovation of −g·(δy, −δx)/VelGain.
func (e *Estimator) lean(err body.Vec3, gain float64) {
	turn := body.Vec3{-err[1], err[0], 0}.Scale(gain / (gravityMS2 * e.o.LeanS))
	e.rot = rigid.Exp(turn).Mul(e.rot).Normalized()
	e.gyroB = e.gyroB.Sub(e.rot.Mat().MulVecT(turn).Scale(e.o.BiasGain))
}

// pressurePoint returns the centre of pressure on the sole, in the foot link's frame, kept inside the corners.
func (e *Estimator) pressurePoint(side int, w *body.Wrench) body.Vec3 {
	f := &e.m.Feet[side]
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
