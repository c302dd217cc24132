package proprio

import (
	"math"
	"testing"

	"robotd/body"
	"robotd/internal/rigid"
)

// dance turns and tilts the whole body about the left leg, whose sole stands fast, and returns what sensors without noise
// feel: a run of which the truth is known exactly, and that shows every bias.
func dance(ticks int) []tick {
	m := humanoid.Body()
	k, n, foot := humanoid.NewData(), m.NJoints(), &m.Feet[body.Left]
	run := make([]tick, ticks)
	var before body.Vec3
	for i := range run {
		in, truth := &run[i].in, &run[i].truth
		in.StampNs, truth.StampNs = int64(i)*1e6, int64(i)*1e6
		sway(float64(i)*1e-3, in)
		in.Foot[body.Left].ForceN[2] = m.MassKg() * gravityMS2
		k.Kinematics(body.Vec3{}, rigid.Identity, body.Vec3{}, body.Vec3{}, in.QRad[:n], in.DQRadS[:n])
		sole, move := k.Point(foot.Link, foot.SoleM), k.PointVelocity(foot.Link, foot.SoleM)
		rot, rate := k.Rot[foot.Link].T(), k.Vel[foot.Link].Ang.Scale(-1) // the foot is level and at rest
		truth.VelMS = rot.MulVec(rate.Cross(sole).Add(move)).Scale(-1)
		if i == 0 {
			before = truth.VelMS
		}
		gain := truth.VelMS.Sub(before).Scale(1e3)
		before = truth.VelMS
		in.GyroRadS, in.AccelMS2 = rate, rot.MulVecT(gain.Add(body.Vec3{0, 0, gravityMS2}))
		truth.Rot, truth.AngVelRadS, truth.Foot = rot.Quat(), rate, in.Foot
		k.Kinematics(body.Vec3{}, truth.Rot, truth.VelMS, rate, in.QRad[:n], in.DQRadS[:n])
		k.Balance(body.Vec3{}, &in.Foot, &truth.Balance)
	}
	return run
}

// sway writes the joints of a dance; it begins at rest.
func sway(s float64, in *body.Sensors) {
	m := humanoid.Body()
	copy(in.QRad[:], m.StandRad)
	for _, x := range []struct {
		joint      string
		ampRad, hz float64
	}{{"left_hip_yaw", 0.45, 0.5}, {"left_ankle_roll", 0.1, 0.7}, {"left_ankle_pitch", 0.12, 0.9}, {"left_hip_roll", 0.15, 0.4}} {
		j, w := m.JointIndex(x.joint), 2*math.Pi*x.hz
		in.QRad[j] += x.ampRad * (1 - math.Cos(w*s))
		in.DQRadS[j] = x.ampRad * w * math.Sin(w*s)
	}
}

// TestDanceIsFollowed: large turns on one leg, without noise: what is left is the half tick by which a sampled rate lags.
func TestDanceIsFollowed(t *testing.T) {
	rms, worst := score(New(humanoid, DefaultOptions), dance(3000), nil)
	t.Logf("rms %.4f, worst %.4f", rms, worst)
	if !worst.within(off{0.002, 0.0025, 0.002}) {
		t.Errorf("worst %.4f", worst)
	}
}

// TestDanceShowsEveryBias: standing still, a tilt looks like a bias of the accelerometer; turning about the vertical tells
// them apart. The gyro's bias about the vertical is seen least: only by what it does to the foot's speed.
func TestDanceShowsEveryBias(t *testing.T) {
	run := dance(8000)
	gyro, accel := body.Vec3{0.009, -0.006, 0.012}, body.Vec3{0.15, -0.12, 0.18} // three times what the filter expects
	e := New(humanoid, DefaultOptions)
	var worst off
	var rate body.Vec3 // by which the last rate that goes out is wrong
	replay(e, run, func(_ int, in *body.Sensors) {
		in.GyroRadS, in.AccelMS2 = in.GyroRadS.Add(gyro), in.AccelMS2.Add(accel)
	}, func(i int, st *body.State) {
		worst = worst.max(between(st, &run[i].truth))
		rate = st.AngVelRadS.Sub(run[i].truth.AngVelRadS)
	})
	dg, da := e.f.gyroB.Sub(gyro), e.f.accB.Sub(accel)
	t.Logf("of biases %.3f rad/s and %.2f m/s² are not found: %.5f and %.4f; worst %.4f", gyro, accel, dg, da, worst)
	if math.Hypot(dg[0], dg[1]) > 0.0025 || math.Abs(dg[2]) > 0.007 || da.Norm() > 0.01 || !worst.within(off{0.025, 0.016, 0.02}) {
		t.Errorf("not found: gyro %.5f rad/s, accelerometer %.4f m/s²; worst %.4f", dg, da, worst)
	}
	if rate.Add(dg).Norm() > 1e-4 {
		t.Errorf("the rate that goes out is off by %.5f rad/s, want only what is not found, %.5f", rate, dg)
	}
}
