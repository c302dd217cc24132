package ros1

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"robotd/body"
	"robotd/nodes/joints"

	"github.com/bluenviron/goroslib/v2/pkg/msgs/geometry_msgs"
	"github.com/bluenviron/goroslib/v2/pkg/msgs/sensor_msgs"
)

// pair is a brain and a plant that hand messages to each other without a graph.
type pair struct {
	b       *Brain
	p       *Plant
	sample  *body.Sensors
	command *body.Command
}

func newPair(epochNs int64) (*pair, *body.Model) {
	m := body.Humanoid()
	x := &pair{}
	x.b = &Brain{clock: clock{epochNs}, names: names(m), sensors: joints.NewSensors(m, maxSkewNs), handle: func(s *body.Sensors) { c := *s; x.sample = &c }}
	x.p = &Plant{clock: clock{epochNs}, names: names(m), commands: joints.NewCommands(m), handle: func(c *body.Command) { d := *c; x.command = &d }}
	return x, m
}

// carry hands a sample's messages to the brain.
func (x *pair) carry(s *body.Sensors) {
	c := x.p.clock
	x.b.hearIMU(c.imu(s))
	x.b.hearFoot(body.Left, c.wrench(s.StampNs, "left", &s.Foot[body.Left]))
	x.b.hearFoot(body.Right, c.wrench(s.StampNs, "right", &s.Foot[body.Right]))
	x.b.hearState(c.jointState(s.StampNs, x.p.names, &s.QRad, &s.DQRadS, &s.TauNm))
}

func TestSampleSurvivesTheMessages(t *testing.T) {
	for _, epoch := range []int64{0, 1_700_000_000e9, -5} {
		x, m := newPair(epoch)
		want := sampleAt(m, 7)
		want.StampNs = 123_456_789_012
		x.carry(want)
		if x.sample == nil || *x.sample != *want {
			t.Errorf("epoch %d: %+v", epoch, x.sample)
		}
	}
}

func TestCommandSurvivesTheMessages(t *testing.T) {
	x, m := newPair(1_700_000_000e9)
	want := body.Command{StampNs: 42}
	for j := range m.Joints {
		v := float64(j)
		want.QRad[j], want.DQRadS[j], want.TauNm[j], want.KpNmRad[j], want.KdNmsRad[j] = v, v+0.1, v+0.2, v+0.3, v+0.4
	}
	x.p.hearGains(x.b.jointState(want.StampNs, x.b.names, &want.KpNmRad, &want.KdNmsRad, nil))
	if x.command != nil {
		t.Fatal("half a command was handed on")
	}
	x.p.hearCommand(x.b.jointState(want.StampNs, x.b.names, &want.QRad, &want.DQRadS, &want.TauNm))
	if x.command == nil || *x.command != want {
		t.Errorf("command %+v", x.command)
	}
}

func TestBadMessagesAreCountedNotHandedOn(t *testing.T) {
	x, m := newPair(0)
	good := sampleAt(m, 1)
	x.carry(good)
	state := func(change func(*sensor_msgs.JointState)) *sensor_msgs.JointState {
		s := x.p.jointState(good.StampNs, slices.Clone(x.p.names), &good.QRad, &good.DQRadS, &good.TauNm)
		change(s)
		return s
	}
	for _, c := range []struct {
		reason joints.Reason
		change func(*sensor_msgs.JointState)
	}{
		{joints.UnknownJoint, func(s *sensor_msgs.JointState) { s.Name[3] = "tail" }},
		{joints.DuplicateJoint, func(s *sensor_msgs.JointState) { s.Name[3] = s.Name[4] }},
		{joints.MissingJoint, func(s *sensor_msgs.JointState) { s.Name = s.Name[:5] }},
		{joints.MissingJoint, func(s *sensor_msgs.JointState) { *s = sensor_msgs.JointState{} }},
		{joints.WrongLength, func(s *sensor_msgs.JointState) { s.Position = s.Position[:5] }},
		{joints.WrongLength, func(s *sensor_msgs.JointState) { s.Velocity = nil }},
		{joints.NotFinite, func(s *sensor_msgs.JointState) { s.Position[2] = math.NaN() }},
		{joints.NotFinite, func(s *sensor_msgs.JointState) { s.Effort[2] = math.Inf(1) }},
	} {
		x.sample, x.command = nil, nil
		before, asCommand := x.b.Counts().Refused(c.reason), x.p.Counts().Refused(c.reason)
		x.b.hearState(state(c.change))
		x.p.hearCommand(state(c.change))
		x.p.hearGains(x.b.jointState(good.StampNs, x.b.names, &good.QRad, &good.DQRadS, nil))
		x.p.commands = joints.NewCommands(m)
		if x.sample != nil || x.command != nil {
			t.Errorf("%v: handed on", c.reason)
		}
		if x.b.Counts().Refused(c.reason) != before+1 || asCommand != 0 {
			t.Errorf("%v: counted %v", c.reason, x.b.Counts())
		}
	}
	x.b.hearIMU(&sensor_msgs.Imu{AngularVelocity: geometry_msgs.Vector3{Y: math.NaN()}})
	x.b.hearFoot(body.Left, &geometry_msgs.WrenchStamped{Wrench: geometry_msgs.Wrench{Force: geometry_msgs.Vector3{Z: math.Inf(-1)}}})
	if got := x.b.Counts().Refused(joints.NotFinite); got != 4 {
		t.Errorf("%d not finite, want 4", got)
	}
}

func TestASilentIMUIsNotPassedOffAsAlive(t *testing.T) {
	x, m := newPair(0)
	s := sampleAt(m, 1)
	x.carry(s)
	for _, lateNs := range []int64{maxSkewNs, maxSkewNs + 1} {
		x.sample = nil
		x.b.hearState(x.p.jointState(s.StampNs+lateNs, x.p.names, &s.QRad, &s.DQRadS, &s.TauNm))
		if got := x.sample != nil; got != (lateNs == maxSkewNs) {
			t.Errorf("%d ns after the IMU: handed on %v", lateNs, got)
		}
	}
}

func TestZeroTimeOfROS(t *testing.T) {
	c := clock{1000}
	if got := c.fromROS(time.Time{}); got != -1000 {
		t.Errorf("ROS time 0 is %d ns", got)
	}
	if got := (clock{}).fromROS(clock{}.toROS(0)); got != 0 {
		t.Errorf("stamp 0 comes back as %d", got)
	}
}

func TestOptionsAreExplained(t *testing.T) {
	m := body.Humanoid()
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{}, "the body model must have 1 to 64 joints"},
		{Options{Model: m, MasterURI: "robot:11311"}, "is not of the form http://host:11311"},
		{Options{Model: m, MasterURI: "http://robot"}, "is not of the form http://host:11311"},
		{Options{Model: m, MasterURI: "http://127.0.0.1:1"}, "start roscore there, or set ROS_MASTER_URI"},
		{Options{Model: m, MasterURI: "http://127.0.0.1:1", Namespace: "lab"}, "Namespace must begin with a slash"},
	} {
		if _, err := NewBrain(c.o, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("brain %+v: %v", c.o, err)
		}
		if _, err := NewPlant(c.o, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("plant %+v: %v", c.o, err)
		}
	}
}
