package ros2

import (
	"math"

	"robotd/body"
	"robotd/gate"
	"robotd/ros2/msg/builtin_interfaces"
	"robotd/ros2/msg/sensor_msgs"
)

// commands are the two messages of a joint command, filled again and again.
type commands struct {
	n             int
	target, gains sensor_msgs.JointState
}

func newCommands(m *body.Model) *commands {
	n := m.NJoints()
	names := make([]string, n)
	for j := range names {
		names[j] = m.Joints[j].Name
	}
	c := &commands{n: n}
	c.target.Name, c.gains.Name = names, names
	for _, list := range []*[]float64{&c.target.Position, &c.target.Velocity, &c.target.Effort, &c.gains.Position, &c.gains.Velocity} {
		*list = make([]float64, n)
	}
	return c
}

// fill writes a granted command as the pair: joint_command holds position, velocity and feed-forward torque, joint_gains
// holds kp as position and kd as velocity.
//
// A Granted also carries a torque limit and a power quota for each drive, which a JointState cannot say. So the feed-forward
// is set such that the torque at the sample that the command answers is the one that those bounds allow; within the tick
// the body's own drives bound it. The stamp is the body's own of that sample.
func (c *commands) fill(g *gate.Granted, s *body.Sensors, stampNs int64) {
	cmd := g.Command()
	stamp := toTime(stampNs)
	c.target.Header.Stamp, c.gains.Header.Stamp = stamp, stamp
	for j := range c.n {
		kp, kd, tau := cmd.KpNmRad[j], cmd.KdNmsRad[j], cmd.TauNm[j]
		law := kp*(cmd.QRad[j]-s.QRad[j]) + kd*(cmd.DQRadS[j]-s.DQRadS[j])
		if allowed := g.TorqueNm(j, s.QRad[j], s.DQRadS[j], math.NaN()); math.Abs(allowed-(tau+law)) > 1e-9 {
			tau = allowed - law
		}
		c.target.Position[j], c.target.Velocity[j], c.target.Effort[j] = cmd.QRad[j], cmd.DQRadS[j], tau
		c.gains.Position[j], c.gains.Velocity[j] = kp, kd
	}
}

func toTime(stampNs int64) builtin_interfaces.Time {
	sec := stampNs / 1e9
	return builtin_interfaces.Time{Sec: int32(sec), Nanosec: uint32(stampNs - sec*1e9)}
}

// fromTime returns a stamp in ns; false if it is no time.
func fromTime(t builtin_interfaces.Time) (int64, bool) {
	return int64(t.Sec)*1e9 + int64(t.Nanosec), t.Sec >= 0 && t.Nanosec < 1e9
}
