package joints

import "robotd/body"

// Sensors makes samples from the messages that carry one: joint states, IMU, and a wrench a foot. Each joint state yields a
// sample with the newest of the others.
type Sensors struct {
	Counts
	joints    *Matcher
	maxSkewNs int64
	sample    body.Sensors
	imu       part
	foot      [2]part
	missing   Refusal
}

// part tells whether one of the other messages has come, and its stamp.
type part struct {
	have    bool
	stampNs int64
}

// NewSensors returns a joiner of samples for the body. A joint state is withheld while the IMU or a foot is older or newer
// than it by more than maxSkewNs: a sensor that fell silent must not look alive.
func NewSensors(m *body.Model, maxSkewNs int64) *Sensors {
	return &Sensors{joints: NewMatcher(m), maxSkewNs: maxSkewNs}
}

// IMU takes angular velocity and specific force in the IMU's frame.
func (s *Sensors) IMU(stampNs int64, gyroRadS, accelMS2 body.Vec3) error {
	if err := s.joints.CheckIMU(&gyroRadS, &accelMS2); err != nil {
		return s.count(err)
	}
	s.sample.GyroRadS, s.sample.AccelMS2 = gyroRadS, accelMS2
	s.imu = part{true, stampNs}
	return nil
}

// Foot takes the wrench on the left or right foot (body.Left, body.Right), in the foot's axes at the sole's centre.
func (s *Sensors) Foot(side int, stampNs int64, forceN, momentNm body.Vec3) error {
	if err := s.joints.CheckWrench(&forceN, &momentNm); err != nil {
		return s.count(err)
	}
	s.sample.Foot[side] = body.Wrench{ForceN: forceN, MomentNm: momentNm}
	s.foot[side] = part{true, stampNs}
	return nil
}

// PowerW takes the electrical power at the bus; without it samples say 0.
func (s *Sensors) PowerW(w float64) error {
	v := body.Vec3{w}
	if err := s.joints.CheckVec("power", &v); err != nil {
		return s.count(err)
	}
	s.sample.BusW = w
	return nil
}

// Joints takes a joint state: rad, rad/s and N m in the order of names; an empty tauNm, which ROS allows for joints without
// torque sensing, reads as 0. It returns the sample, shared and valid until the next call.
func (s *Sensors) Joints(stampNs int64, names []string, qRad, dqRadS, tauNm []float64) (*body.Sensors, error) {
	err := s.joints.CheckState(names, qRad, dqRadS, tauNm)
	if err == nil {
		err = s.whole(stampNs)
	}
	if err != nil {
		return nil, s.count(err)
	}
	s.joints.FillState(&s.sample, qRad, dqRadS, tauNm)
	s.sample.StampNs = stampNs
	s.accepted.Add(1)
	return &s.sample, nil
}

// whole tells whether the other parts of a sample of that stamp are there.
func (s *Sensors) whole(stampNs int64) error {
	for _, p := range [...]struct {
		part
		field string
	}{{s.imu, "imu"}, {s.foot[body.Left], "left foot wrench"}, {s.foot[body.Right], "right foot wrench"}} {
		if skew := stampNs - p.stampNs; !p.have || skew > s.maxSkewNs || skew < -s.maxSkewNs {
			s.missing = Refusal{Reason: Unpaired, Field: p.field}
			return &s.missing
		}
	}
	return nil
}
