// Package ros2 is the edge between robotd and a robot on a ROS 2 graph: sensor messages become body.Sensors and body.Image,
// a granted command becomes messages. Nothing on the graph can command robotd through it, except to stop.
//
// Topics, relative to the node's namespace: joint_states (sensor_msgs/JointState), imu/data (sensor_msgs/Imu),
// left_foot/wrench and right_foot/wrench (geometry_msgs/WrenchStamped) and camera/image_raw (sensor_msgs/Image) are read;
// estop (std_msgs/Bool) is read from publishers of both kinds: true presses the emergency stop, which only an acknowledgement takes
// back; false says nothing, so that of several publishers none can release or count twice what another one presses.
// joint_command and joint_gains (sensor_msgs/JointState) are written, with equal stamps: those of the sensors that they
// answer.
package ros2

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"robotd/body"
	"robotd/gate"
	"robotd/ros2"
	"robotd/ros2/msg"
	"robotd/ros2/msg/geometry_msgs"
	"robotd/ros2/msg/sensor_msgs"
	"robotd/ros2/msg/std_msgs"
)

// Edge is one robot's place in the graph. Take and TakeImage are for one goroutine, Send, SendAs and SendAgain for one as well;
// samples come in on the graph's own.
type Edge struct {
	node           *ros2.Node
	eye            *Eye // nil: somebody else sees
	command, gains *ros2.Publisher[*sensor_msgs.JointState]
	needed         []subscription // without these there are no samples
	out            *commands

	mu      sync.Mutex
	asm     *Assembler
	sample  body.Sensors
	fresh   bool // sample was not taken yet
	again   bool
	ranBack bool

	pressed atomic.Bool // the stop, since it was last asked for

	ready   chan struct{}
	skipped atomic.Uint64 // samples that a newer one replaced before they were taken
}

// Open makes the node called name and its topics. It leaves the graph when ctx is done, or by Close.
func Open(ctx context.Context, m *body.Model, name string, o ros2.Options) (*Edge, error) {
	e, err := OpenBlind(ctx, m, name, o)
	if err != nil {
		return nil, err
	}
	e.eye = &Eye{}
	if err := e.eye.open(e.node); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// OpenBlind is Open without the camera, for a process that must not be held up by pictures: another one has an Eye.
func OpenBlind(ctx context.Context, m *body.Model, name string, o ros2.Options) (*Edge, error) {
	node, err := ros2.NewNode(ctx, name, o)
	if err != nil {
		return nil, err
	}
	e := &Edge{node: node, out: newCommands(m), asm: NewAssembler(m), ready: make(chan struct{}, 1)}
	if err := e.open(); err != nil {
		return nil, errors.Join(err, node.Close())
	}
	return e, nil
}

func (e *Edge) open() (err error) {
	// Commands are offered reliably, which readers of both kinds accept; only the newest is worth keeping.
	if e.command, err = ros2.NewPublisher[*sensor_msgs.JointState](e.node, "joint_command", ros2.Reliable.KeepLast(1)); err != nil {
		return err
	}
	if e.gains, err = ros2.NewPublisher[*sensor_msgs.JointState](e.node, "joint_gains", ros2.Reliable.KeepLast(1)); err != nil {
		return err
	}
	if err = subscribe(e, "joint_states", e.jointStates); err != nil {
		return err
	}
	if err = subscribe(e, "imu/data", e.imu); err != nil {
		return err
	}
	for side, topic := range []string{"left_foot/wrench", "right_foot/wrench"} {
		if err = subscribe(e, topic, func(m *geometry_msgs.WrenchStamped) { e.foot(side, m) }); err != nil {
			return err
		}
	}
	// A reliable reader loses no press, but only a best-effort one hears best-effort publishers.
	for _, quality := range []ros2.QoS{ros2.Reliable, ros2.SensorData} {
		if _, err = ros2.NewSubscription(e.node, "estop", quality, func(m *std_msgs.Bool, _ ros2.Info) {
			if m.Data {
				e.pressed.Store(true)
			}
		}); err != nil {
			return err
		}
	}
	return nil
}

// TakeStop reports whether somebody on the graph has pressed the emergency stop since the last call.
func (e *Edge) TakeStop() bool { return e.pressed.Swap(false) }

// subscription is what subscriptions of all types have.
type subscription interface {
	Publishers() int
	Topic() string
}

// Missing lists the topics that nobody publishes or hears though the robot needs them.
func (e *Edge) Missing() (list []string) {
	for _, s := range e.needed {
		if s.Publishers() == 0 {
			list = append(list, "nobody publishes "+s.Topic())
		}
	}
	for _, p := range []*ros2.Publisher[*sensor_msgs.JointState]{e.command, e.gains} {
		if p.Subscribers() == 0 {
			list = append(list, "nobody hears "+p.Topic())
		}
	}
	return list
}

// message is a pointer to a generated message.
type message interface {
	*sensor_msgs.JointState | *sensor_msgs.Imu | *geometry_msgs.WrenchStamped
	msg.Message
}

func subscribe[T message](e *Edge, topic string, take func(T)) error {
	s, err := ros2.NewSubscription(e.node, topic, ros2.SensorData, func(m T, _ ros2.Info) { take(m) })
	if err == nil {
		e.needed = append(e.needed, s)
	}
	return err
}

func (e *Edge) jointStates(m *sensor_msgs.JointState) {
	e.part(&m.Header, func(stamp int64) Event { return e.asm.JointStates(stamp, m.Name, m.Position, m.Velocity, m.Effort) })
}

func (e *Edge) imu(m *sensor_msgs.Imu) {
	e.part(&m.Header, func(stamp int64) Event { return e.asm.IMU(stamp, vec(&m.AngularVelocity), vec(&m.LinearAcceleration)) })
}

func (e *Edge) foot(side int, m *geometry_msgs.WrenchStamped) {
	e.part(&m.Header, func(stamp int64) Event { return e.asm.Foot(side, stamp, vec(&m.Wrench.Force), vec(&m.Wrench.Torque)) })
}

func vec(v *geometry_msgs.Vector3) body.Vec3 { return body.Vec3{v.X, v.Y, v.Z} }

// part hands a part of a sample to the assembler and wakes the taker when there is something to take.
func (e *Edge) part(h *std_msgs.Header, take func(stampNs int64) Event) {
	stamp, ok := fromTime(h.Stamp)
	if !ok {
		e.asm.BadStamp.Add(1)
		return
	}
	e.mu.Lock()
	event := take(stamp)
	switch event {
	case Whole:
		if e.fresh {
			e.skipped.Add(1)
		}
		e.sample, e.fresh = *e.asm.Sample(), true
	case Again:
		e.again = true
	case RanBack:
		e.ranBack = true
	}
	e.mu.Unlock()
	if event != None {
		e.wake()
	}
}

func (e *Edge) wake() {
	select {
	case e.ready <- struct{}{}:
	default:
	}
}

// Ready delivers when Take has something to say.
func (e *Edge) Ready() <-chan struct{} { return e.ready }

// ErrClockRanBack says that the body's clock was set back, so that its samples are older than what was already seen.
var ErrClockRanBack = errors.New("the body's clock ran back: start robotd again when the simulator or the robot begins anew")

// Take copies the newest sample that was not taken yet. Without one, again says that the last sample came once more, so that
// its answer should be sent again.
func (e *Edge) Take(s *body.Sensors) (fresh, again bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ranBack {
		return false, false, ErrClockRanBack
	}
	if fresh = e.fresh; fresh {
		*s = e.sample
	}
	again = e.again && !fresh
	e.fresh, e.again = false, false
	return fresh, again, nil
}

// TakeImage copies the newest picture that was not taken yet; false when there is none.
func (e *Edge) TakeImage(out *body.Image) bool { return e.eye != nil && e.eye.Take(out) }

// Send publishes a granted command that answers the sample s.
func (e *Edge) Send(g *gate.Granted, s *body.Sensors) error {
	return e.SendAs(g, s, g.Command().StampNs)
}

// SendAs is Send with the stamp that the body gave the sample, ns: who keeps another clock than the body's stamps otherwise.
func (e *Edge) SendAs(g *gate.Granted, s *body.Sensors, stampNs int64) error {
	e.out.fill(g, s, stampNs)
	return e.SendAgain()
}

// SendAgain publishes the last command once more.
func (e *Edge) SendAgain() error {
	if err := e.command.Publish(&e.out.target); err != nil {
		return fmt.Errorf("joint_command: %w", err)
	}
	if err := e.gains.Publish(&e.out.gains); err != nil {
		return fmt.Errorf("joint_gains: %w", err)
	}
	return nil
}

// Counts tells what came and what was refused.
func (e *Edge) Counts() *Counts { return &e.asm.Counts }

// Skipped is the number of samples that a newer one replaced before they were taken.
func (e *Edge) Skipped() uint64 { return e.skipped.Load() }

// Images tells how many pictures came, how many were refused, and why the last of those.
func (e *Edge) Images() (taken, refused uint64, why string) {
	if e.eye == nil {
		return 0, 0, ""
	}
	return e.eye.Images()
}

// Close leaves the graph.
func (e *Edge) Close() error { return e.node.Close() }
