package ros1

import (
	"robotd/body"
	"robotd/gate"
	"robotd/nodes/joints"

	"github.com/bluenviron/goroslib/v2"
	"github.com/bluenviron/goroslib/v2/pkg/msgs/geometry_msgs"
	"github.com/bluenviron/goroslib/v2/pkg/msgs/sensor_msgs"
)

// Brain is robotd's end: it hears samples and sends commands.
type Brain struct {
	node
	clock
	names   []string
	sensors *joints.Sensors
	handle  func(*body.Sensors)
	command *goroslib.Publisher
	gains   *goroslib.Publisher
}

// NewBrain joins the graph. handle is called with each sample, from goroslib's goroutines but never twice at once; the
// sample is shared and valid until handle returns.
func NewBrain(o Options, handle func(*body.Sensors)) (*Brain, error) {
	b := &Brain{clock: clock{o.EpochNs}, handle: handle}
	if err := b.open(&o); err != nil {
		return nil, err
	}
	b.names, b.sensors = names(o.Model), joints.NewSensors(o.Model, maxSkewNs)
	pubs, err := b.publish(map[string]any{topicCommand: &sensor_msgs.JointState{}, topicGains: &sensor_msgs.JointState{}})
	if err != nil {
		b.Close()
		return nil, err
	}
	b.command, b.gains = pubs[topicCommand], pubs[topicGains]
	err = b.hear(map[string]any{
		topicState:            b.hearState,
		topicIMU:              b.hearIMU,
		topicFoot[body.Left]:  func(m *geometry_msgs.WrenchStamped) { b.hearFoot(body.Left, m) },
		topicFoot[body.Right]: func(m *geometry_msgs.WrenchStamped) { b.hearFoot(body.Right, m) },
	})
	if err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// Counts tells how many samples were handed on and how many messages refused, by reason.
func (b *Brain) Counts() *joints.Counts { return &b.sensors.Counts }

// Send publishes a granted command, with its stamp on both halves.
func (b *Brain) Send(g *gate.Granted) {
	c := g.Command()
	b.command.Write(b.jointState(c.StampNs, b.names, &c.QRad, &c.DQRadS, &c.TauNm))
	b.gains.Write(b.jointState(c.StampNs, b.names, &c.KpNmRad, &c.KdNmsRad, nil))
}

// Refusals are counted by the joiner; there is nobody to return them to.

func (b *Brain) hearState(m *sensor_msgs.JointState) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s, err := b.sensors.Joints(b.fromROS(m.Header.Stamp), m.Name, m.Position, m.Velocity, m.Effort)
	if err == nil {
		b.handle(s)
	}
}

func (b *Brain) hearIMU(m *sensor_msgs.Imu) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.sensors.IMU(b.fromROS(m.Header.Stamp), fromVector3(m.AngularVelocity), fromVector3(m.LinearAcceleration))
}

func (b *Brain) hearFoot(side int, m *geometry_msgs.WrenchStamped) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.sensors.Foot(side, b.fromROS(m.Header.Stamp), fromVector3(m.Wrench.Force), fromVector3(m.Wrench.Torque))
}
