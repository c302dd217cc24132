package ros1

import (
	"slices"
	"time"

	"robotd/body"

	"github.com/bluenviron/goroslib/v2/pkg/msgs/geometry_msgs"
	"github.com/bluenviron/goroslib/v2/pkg/msgs/sensor_msgs"
	"github.com/bluenviron/goroslib/v2/pkg/msgs/std_msgs"
)

// imuFrame is the frame that the IMU's axes are named by.
const imuFrame = "imu_link"

// toROS returns the ROS time of a stamp. The zero time.Time and 1970 are the same to ROS.
func (c clock) toROS(stampNs int64) time.Time { return time.Unix(0, c.epochNs+stampNs).UTC() }

// fromROS returns the stamp of a ROS time.
func (c clock) fromROS(t time.Time) int64 {
	if t.IsZero() {
		return -c.epochNs
	}
	return t.UnixNano() - c.epochNs
}

// Every message below is new: goroslib encodes it later, in its own goroutines.

// jointState is a JointState of n joints; a nil array stays empty.
func (c clock) jointState(stampNs int64, names []string, position, velocity, effort *[body.MaxJoints]float64) *sensor_msgs.JointState {
	n := len(names)
	m := &sensor_msgs.JointState{Header: std_msgs.Header{Stamp: c.toROS(stampNs)}, Name: names,
		Position: slices.Clone(position[:n]), Velocity: slices.Clone(velocity[:n])}
	if effort != nil {
		m.Effort = slices.Clone(effort[:n])
	}
	return m
}

// imu is an Imu without orientation (REP-145: covariance -1) and with covariances unknown (0).
func (c clock) imu(s *body.Sensors) *sensor_msgs.Imu {
	return &sensor_msgs.Imu{
		Header:                std_msgs.Header{Stamp: c.toROS(s.StampNs), FrameId: imuFrame},
		OrientationCovariance: [9]float64{-1},
		AngularVelocity:       toVector3(s.GyroRadS),
		LinearAcceleration:    toVector3(s.AccelMS2),
	}
}

// wrench is the wrench on a foot, in frame.
func (c clock) wrench(stampNs int64, frame string, w *body.Wrench) *geometry_msgs.WrenchStamped {
	return &geometry_msgs.WrenchStamped{
		Header: std_msgs.Header{Stamp: c.toROS(stampNs), FrameId: frame},
		Wrench: geometry_msgs.Wrench{Force: toVector3(w.ForceN), Torque: toVector3(w.MomentNm)},
	}
}

func toVector3(v body.Vec3) geometry_msgs.Vector3 {
	return geometry_msgs.Vector3{X: v[0], Y: v[1], Z: v[2]}
}

func fromVector3(v geometry_msgs.Vector3) body.Vec3 { return body.Vec3{v.X, v.Y, v.Z} }
