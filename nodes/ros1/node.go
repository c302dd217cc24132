// Package ros1 is the edge to ROS 1: messages to and from the body's vocabulary, no logic. Both ends are here: Brain hears a
// robot's sensors and sends it granted commands; Plant, the embedded simulator's end, sends sensors and hears commands.
//
// A sample travels as sensor_msgs/JointState on joint_states, sensor_msgs/Imu on imu/data, geometry_msgs/WrenchStamped on
// left_foot/wrench and right_foot/wrench. A command is a pair of sensor_msgs/JointState of equal stamp: joint_command
// (position, velocity, effort) and joint_gains (position = kp, velocity = kd). The power at the bus does not travel.
//
// The wire is goroslib's (TCPROS, reflection): 200 Hz and below, outside the real-time path. ROS 1 itself ended in May 2025.
package ros1

import (
	"fmt"
	"net"
	"net/url"
	"sync"

	"robotd/body"
	"robotd/nodes/joints"

	"github.com/bluenviron/goroslib/v2"
)

// DefaultMasterURI is where a ROS master listens if nothing else is said.
const DefaultMasterURI = "http://127.0.0.1:11311"

// maxSkewNs is how far IMU and feet may be from the joint state that they join.
const maxSkewNs = 50e6

// The topics, relative to the namespace.
const (
	topicState   = "joint_states"
	topicIMU     = "imu/data"
	topicCommand = "joint_command"
	topicGains   = "joint_gains"
)

var topicFoot = [2]string{body.Left: "left_foot/wrench", body.Right: "right_foot/wrench"}

// Options say where the ROS graph is and who we are in it.
type Options struct {
	Model     *body.Model
	MasterURI string // what ROS_MASTER_URI has; DefaultMasterURI if empty
	Host      string // address that other nodes reach this one at (ROS_IP); empty: one in the master's network
	Namespace string // "/" if empty
	Name      string // of the node; "robotd" if empty
	// EpochNs is the ROS time of StampNs 0: 0 when ROS runs on the same clock, as in simulation.
	EpochNs int64
	// Log, if not nil, gets goroslib's warnings and errors; it is called from several goroutines.
	Log func(text string)
}

// node is what both ends have.
type node struct {
	ros *goroslib.Node
	mu  sync.Mutex // held while a message is taken apart and handed on
}

func (n *node) open(o *Options) error {
	if o.Model == nil || o.Model.NJoints() == 0 || o.Model.NJoints() > body.MaxJoints {
		return fmt.Errorf("ros1: the body model must have 1 to %d joints", body.MaxJoints)
	}
	address, err := masterAddress(o.MasterURI)
	if err != nil {
		return err
	}
	name := o.Name
	if name == "" {
		name = "robotd"
	}
	conf := goroslib.NodeConf{
		MasterAddress: address, Namespace: o.Namespace, Name: name, Host: o.Host,
		LogLevel: goroslib.LogLevelWarn, LogDestinations: goroslib.LogDestinationCallback,
	}
	if o.Log != nil {
		conf.OnLog = func(_ goroslib.LogLevel, text string) { o.Log(text) }
	}
	n.ros, err = goroslib.NewNode(conf)
	if err != nil {
		return fmt.Errorf("ros1: joining the ROS master at %s: %w: start roscore there, or set ROS_MASTER_URI", address, err)
	}
	return nil
}

// masterAddress turns a ROS_MASTER_URI into host:port.
func masterAddress(uri string) (string, error) {
	if uri == "" {
		uri = DefaultMasterURI
	}
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "http" || u.Port() == "" || u.Path != "" && u.Path != "/" {
		return "", fmt.Errorf("ros1: ROS_MASTER_URI %q is not of the form http://host:11311", uri)
	}
	return net.JoinHostPort(u.Hostname(), u.Port()), nil
}

// Close leaves the graph.
func (n *node) Close() {
	if n.ros != nil {
		n.ros.Close()
	}
}

// publish makes publishers of the topics, with a message of each type.
func (n *node) publish(topics map[string]any) (map[string]*goroslib.Publisher, error) {
	pubs := make(map[string]*goroslib.Publisher, len(topics))
	for topic, msg := range topics {
		p, err := goroslib.NewPublisher(goroslib.PublisherConf{Node: n.ros, Topic: topic, Msg: msg})
		if err != nil {
			return nil, fmt.Errorf("ros1: publishing %s: %w", topic, err)
		}
		pubs[topic] = p
	}
	return pubs, nil
}

// hear subscribes callbacks to topics.
func (n *node) hear(topics map[string]any) error {
	for topic, callback := range topics {
		if _, err := goroslib.NewSubscriber(goroslib.SubscriberConf{Node: n.ros, Topic: topic, Callback: callback}); err != nil {
			return fmt.Errorf("ros1: subscribing to %s: %w", topic, err)
		}
	}
	return nil
}

// clock converts stamps.
type clock struct{ epochNs int64 }

// names is the joints' names in the body's order, as messages carry them.
func names(m *body.Model) []string { return joints.NewMatcher(m).Names() }
