package sim

import "robotd/body"

// NoiseOptions are the standard deviations of the sensors' noise; biases are drawn once an episode.
type NoiseOptions struct {
	QRad         float64
	DQRadS       float64
	GyroRadS     float64
	GyroBiasRadS float64
	AccelMS2     float64
	AccelBiasMS2 float64
	ForceN       float64
	MomentNm     float64
}

// DefaultNoise is that of ordinary encoders, a MEMS IMU and strain-gauge feet.
var DefaultNoise = NoiseOptions{QRad: 0.0005, DQRadS: 0.02, GyroRadS: 0.005, GyroBiasRadS: 0.002, AccelMS2: 0.05, AccelBiasMS2: 0.03,
	ForceN: 2, MomentNm: 0.1}

// Sensors writes one noisy sample of the present.
func (s *Sim) Sensors(out *body.Sensors) {
	st, n := &s.st, &s.o.Noise
	out.StampNs = st.nowNs
	for j := range s.m.Joints {
		out.QRad[j] = st.q[j] + n.QRad*s.rng.NormFloat64()
		out.DQRadS[j] = st.vel[6+j] + n.DQRadS*s.rng.NormFloat64()
		if s.faulty {
			out.QRad[j], out.DQRadS[j] = s.faults.Joint[j].read(out.QRad[j], out.DQRadS[j])
		}
	}
	out.TauNm = st.tauNm
	out.BusW = st.busMean
	imu := s.m.IMU.Rot.Mat()
	gyro := imu.MulVecT(body.Vec3{st.vel[3], st.vel[4], st.vel[5]})
	accel := imu.MulVecT(st.accel)
	for i := 0; i < 3; i++ {
		out.GyroRadS[i] = gyro[i] + st.gyroB[i] + n.GyroRadS*s.rng.NormFloat64()
		out.AccelMS2[i] = accel[i] + st.accelB[i] + n.AccelMS2*s.rng.NormFloat64()
	}
	for side := range out.Foot {
		for i := 0; i < 3; i++ {
			out.Foot[side].ForceN[i] = st.foot[side].ForceN[i] + n.ForceN*s.rng.NormFloat64()
			out.Foot[side].MomentNm[i] = st.foot[side].MomentNm[i] + n.MomentNm*s.rng.NormFloat64()
		}
	}
}
