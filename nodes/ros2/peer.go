package ros2

import (
	"context"
	"errors"
	"sync"

	"robotd/body"
	"robotd/nodes/joints"
	"robotd/ros2"
	"robotd/ros2/msg/geometry_msgs"
	"robotd/ros2/msg/sensor_msgs"
	"robotd/ros2/msg/std_msgs"
)

// Peer is the other end of an Edge's wire: a body on the graph, which publishes its samples and hears commands. A simulated body
// stands behind it. Publish is for one goroutine, Take for one; commands come in on the graph's own.
type Peer struct {
	node   *ros2.Node
	joints *ros2.Publisher[*sensor_msgs.JointState]
	imu    *ros2.Publisher[*sensor_msgs.Imu]
	feet   [2]*ros2.Publisher[*geometry_msgs.WrenchStamped]

	state sensor_msgs.JointState
	felt  sensor_msgs.Imu
	sole  geometry_msgs.WrenchStamped

	mu      sync.Mutex
	pairs   *joints.Commands
	command body.Command
	fresh   bool // command was not taken yet
}

// OpenPeer makes the body's node and its topics. It leaves the graph when ctx is done, or by Close.
func OpenPeer(ctx context.Context, m *body.Model, name string, o ros2.Options) (*Peer, error) {
	node, err := ros2.NewNode(ctx, name, o)
	if err != nil {
		return nil, err
	}
	n := m.NJoints()
	p := &Peer{node: node, pairs: joints.NewCommands(m),
		state: sensor_msgs.JointState{Position: make([]float64, n), Velocity: make([]float64, n), Effort: make([]float64, n)}}
	for j := range m.Joints {
		p.state.Name = append(p.state.Name, m.Joints[j].Name)
	}
	if err := p.open(); err != nil {
		return nil, errors.Join(err, node.Close())
	}
	return p, nil
}

func (p *Peer) open() (err error) {
	if p.joints, err = ros2.NewPublisher[*sensor_msgs.JointState](p.node, "joint_states", ros2.SensorData); err != nil {
		return err
	}
	if p.imu, err = ros2.NewPublisher[*sensor_msgs.Imu](p.node, "imu/data", ros2.SensorData); err != nil {
		return err
	}
	for side, topic := range []string{"left_foot/wrench", "right_foot/wrench"} {
		if p.feet[side], err = ros2.NewPublisher[*geometry_msgs.WrenchStamped](p.node, topic, ros2.SensorData); err != nil {
			return err
		}
	}
	if _, err = ros2.NewSubscription(p.node, "joint_command", ros2.SensorData, func(m *sensor_msgs.JointState, _ ros2.Info) {
		p.half(&m.Header, func(stampNs int64) (*body.Command, error) {
			return p.pairs.Joints(stampNs, m.Name, m.Position, m.Velocity, m.Effort)
		})
	}); err != nil {
		return err
	}
	_, err = ros2.NewSubscription(p.node, "joint_gains", ros2.SensorData, func(m *sensor_msgs.JointState, _ ros2.Info) {
		p.half(&m.Header, func(stampNs int64) (*body.Command, error) {
			return p.pairs.Gains(stampNs, m.Name, m.Position, m.Velocity)
		})
	})
	return err
}

// half takes one message of a command's pair. What is refused is counted by the pairs.
func (p *Peer) half(h *std_msgs.Header, take func(stampNs int64) (*body.Command, error)) {
	stampNs, ok := fromTime(h.Stamp)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, err := take(stampNs); err == nil && c != nil {
		p.command, p.fresh = *c, true
	}
}

// Take copies the newest command that was not taken yet; false when there is none.
func (p *Peer) Take(out *body.Command) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.fresh {
		return false
	}
	*out, p.fresh = p.command, false
	return true
}

// Counts tells what commands came and what was refused.
func (p *Peer) Counts() *joints.Counts { return &p.pairs.Counts }

// Publish sends one sample of the body, four messages of its stamp.
func (p *Peer) Publish(s *body.Sensors) error {
	h := std_msgs.Header{Stamp: toTime(s.StampNs)}
	p.state.Header, p.felt.Header, p.sole.Header = h, h, h
	copy(p.state.Position, s.QRad[:])
	copy(p.state.Velocity, s.DQRadS[:])
	copy(p.state.Effort, s.TauNm[:])
	p.felt.AngularVelocity, p.felt.LinearAcceleration = vector(&s.GyroRadS), vector(&s.AccelMS2)
	err := errors.Join(p.joints.Publish(&p.state), p.imu.Publish(&p.felt))
	for side, pub := range p.feet {
		p.sole.Wrench.Force, p.sole.Wrench.Torque = vector(&s.Foot[side].ForceN), vector(&s.Foot[side].MomentNm)
		err = errors.Join(err, pub.Publish(&p.sole))
	}
	return err
}

func vector(v *body.Vec3) geometry_msgs.Vector3 {
	return geometry_msgs.Vector3{X: v[0], Y: v[1], Z: v[2]}
}

// Close leaves the graph.
func (p *Peer) Close() error { return p.node.Close() }
