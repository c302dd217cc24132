package joints

import "robotd/body"

// CheckState tells whether a joint state can be taken: rad, rad/s and N m in the order of names, every joint once. An empty
// tauNm, which ROS allows for joints without torque sensing, is fine.
func (k *Matcher) CheckState(names []string, qRad, dqRadS, tauNm []float64) error {
	_, err := k.Order(names)
	if err == nil {
		err = k.Check("position", qRad)
	}
	if err == nil {
		err = k.Check("velocity", dqRadS)
	}
	if err == nil && len(tauNm) > 0 {
		err = k.Check("effort", tauNm)
	}
	return err
}

// FillState writes a joint state that CheckState has just passed; an empty tauNm reads as zero.
func (k *Matcher) FillState(s *body.Sensors, qRad, dqRadS, tauNm []float64) {
	k.scatter(&s.QRad, qRad)
	k.scatter(&s.DQRadS, dqRadS)
	if len(tauNm) > 0 {
		k.scatter(&s.TauNm, tauNm)
	} else {
		s.TauNm = [body.MaxJoints]float64{}
	}
}

// CheckIMU tells whether an angular velocity and a specific force are finite.
func (k *Matcher) CheckIMU(gyroRadS, accelMS2 *body.Vec3) error {
	if err := k.CheckVec("angular_velocity", gyroRadS); err != nil {
		return err
	}
	return k.CheckVec("linear_acceleration", accelMS2)
}

// CheckWrench tells whether a force and a moment are finite.
func (k *Matcher) CheckWrench(forceN, momentNm *body.Vec3) error {
	if err := k.CheckVec("force", forceN); err != nil {
		return err
	}
	return k.CheckVec("torque", momentNm)
}
