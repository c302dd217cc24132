package launch

import (
	"context"
	"strings"
	"testing"
	"time"

	"robotd/body"
	"robotd/ros2"
	"robotd/ros2/msg"
	"robotd/ros2/msg/builtin_interfaces"
	"robotd/ros2/msg/geometry_msgs"
	"robotd/ros2/msg/sensor_msgs"
	"robotd/ros2/msg/std_msgs"
)

// puppet is a body on a ROS 2 graph that keeps still whatever it is told: it stands, an elbow bent, and reports a torque at
// one knee. It runs in lockstep, so that its seconds pass as fast as it is answered.
type puppet struct {
	t        *testing.T
	m        *body.Model
	joints   *ros2.Publisher[*sensor_msgs.JointState]
	imu      *ros2.Publisher[*sensor_msgs.Imu]
	feet     [2]*ros2.Publisher[*geometry_msgs.WrenchStamped]
	answered chan int64 // stamps of commands
	nowNs    int64
	state    sensor_msgs.JointState
	knee     int // joint
}

const (
	bentRad = 0.4
	kneeNm  = 20.0
)

func newPuppet(t *testing.T, m *body.Model, graph ros2.Options) *puppet {
	t.Helper()
	node, err := ros2.NewNode(context.Background(), "puppet", graph)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { node.Close() })
	n := m.NJoints()
	p := &puppet{t: t, m: m, answered: make(chan int64, 64), nowNs: 100e9, knee: jointLike(t, m, "knee"),
		state: sensor_msgs.JointState{Position: append([]float64{}, m.StandRad...), Velocity: make([]float64, n), Effort: make([]float64, n)}}
	for j := range m.Joints {
		p.state.Name = append(p.state.Name, m.Joints[j].Name)
	}
	p.state.Position[jointLike(t, m, "elbow")] -= bentRad
	p.state.Effort[p.knee] = kneeNm
	p.joints = advertise[*sensor_msgs.JointState](t, node, "joint_states")
	p.imu = advertise[*sensor_msgs.Imu](t, node, "imu/data")
	p.feet[body.Left] = advertise[*geometry_msgs.WrenchStamped](t, node, "left_foot/wrench")
	p.feet[body.Right] = advertise[*geometry_msgs.WrenchStamped](t, node, "right_foot/wrench")
	if _, err := ros2.NewSubscription(node, "joint_command", ros2.SensorData, p.hear); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *puppet) hear(c *sensor_msgs.JointState, _ ros2.Info) {
	select {
	case p.answered <- int64(c.Header.Stamp.Sec)*1e9 + int64(c.Header.Stamp.Nanosec):
	default: // the sample comes again, and so does its answer
	}
}

func advertise[T msg.Message](t *testing.T, node *ros2.Node, topic string) *ros2.Publisher[T] {
	t.Helper()
	p, err := ros2.NewPublisher[T](node, topic, ros2.SensorData)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// jointLike returns the first joint whose name has the part in it.
func jointLike(t *testing.T, m *body.Model, part string) int {
	t.Helper()
	for j := range m.Joints {
		if strings.Contains(m.Joints[j].Name, part) {
			return j
		}
	}
	t.Fatalf("no joint like %s", part)
	return 0
}

// live lets the puppet live for so many milliseconds of its own, or until over.
func (p *puppet) live(ms int, over <-chan struct{}) {
	p.t.Helper()
	giveUp := time.Now().Add(2 * time.Minute)
	for range ms {
		p.nowNs += 1e6
		for answer := int64(0); answer != p.nowNs; {
			if time.Now().After(giveUp) {
				p.t.Fatalf("nobody answers the sample at %d ns", p.nowNs)
			}
			p.publish()
			wait := time.NewTimer(250 * time.Millisecond)
			for late := false; !late && answer != p.nowNs; {
				select {
				case answer = <-p.answered:
				case <-wait.C:
					late = true
				case <-over:
					return
				}
			}
			wait.Stop()
		}
	}
}

// publish sends one sample.
func (p *puppet) publish() {
	p.t.Helper()
	header := std_msgs.Header{Stamp: builtin_interfaces.Time{Sec: int32(p.nowNs / 1e9), Nanosec: uint32(p.nowNs % 1e9)}}
	up := p.m.IMU.Rot.Conj().Rotate(body.Vec3{0, 0, 9.81})
	imu := sensor_msgs.Imu{Header: header, LinearAcceleration: geometry_msgs.Vector3{X: up[0], Y: up[1], Z: up[2]}}
	wrench := geometry_msgs.WrenchStamped{Header: header}
	wrench.Wrench.Force.Z = p.m.MassKg() * 9.81 / 2
	p.state.Header = header
	for _, err := range []error{p.joints.Publish(&p.state), p.imu.Publish(&imu), p.feet[body.Left].Publish(&wrench), p.feet[body.Right].Publish(&wrench)} {
		if err != nil {
			p.t.Fatal(err)
		}
	}
}
