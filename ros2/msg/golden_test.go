package msg_test

import (
	"testing"

	"robotd/ros2/msg"
	"robotd/ros2/msg/builtin_interfaces"
	"robotd/ros2/msg/diagnostic_msgs"
	"robotd/ros2/msg/geometry_msgs"
	"robotd/ros2/msg/rmw_dds_common"
	"robotd/ros2/msg/rosgraph_msgs"
	"robotd/ros2/msg/sensor_msgs"
	"robotd/ros2/msg/service_msgs"
	"robotd/ros2/msg/std_msgs"
	"robotd/ros2/msg/std_srvs"
	"robotd/ros2/msg/tf2_msgs"
	"robotd/ros2/rosidl/rosidltest"
)

// messages holds one of every generated message.
var messages = []msg.Message{
	&builtin_interfaces.Duration{}, &builtin_interfaces.Time{},
	&diagnostic_msgs.DiagnosticArray{}, &diagnostic_msgs.DiagnosticStatus{}, &diagnostic_msgs.KeyValue{},
	&geometry_msgs.Point{}, &geometry_msgs.Pose{}, &geometry_msgs.PoseStamped{}, &geometry_msgs.Quaternion{},
	&geometry_msgs.Transform{}, &geometry_msgs.TransformStamped{}, &geometry_msgs.Twist{}, &geometry_msgs.TwistStamped{},
	&geometry_msgs.Vector3{}, &geometry_msgs.Wrench{}, &geometry_msgs.WrenchStamped{},
	&rmw_dds_common.Gid{}, &rmw_dds_common.NodeEntitiesInfo{}, &rmw_dds_common.ParticipantEntitiesInfo{},
	&rosgraph_msgs.Clock{},
	&sensor_msgs.BatteryState{}, &sensor_msgs.CameraInfo{}, &sensor_msgs.Image{}, &sensor_msgs.Imu{},
	&sensor_msgs.JointState{}, &sensor_msgs.RegionOfInterest{},
	&service_msgs.ServiceEventInfo{},
	&std_msgs.Bool{}, &std_msgs.Float64{}, &std_msgs.Header{}, &std_msgs.String{},
	&std_srvs.Empty_Request{}, &std_srvs.Empty_Response{}, &std_srvs.Trigger_Request{}, &std_srvs.Trigger_Response{},
	&tf2_msgs.TFMessage{},
}

func TestHashesAreThoseOfROS(t *testing.T) {
	services := []msg.Service{std_srvs.EmptyService, std_srvs.TriggerService}
	rosidltest.Hashes(t, "testdata/hashes.tsv", messages, services)
	if got, want := services[1].NewRequest().TypeName(), "std_srvs/srv/Trigger_Request"; got != want {
		t.Errorf("request %s, want %s", got, want)
	}
	if got, want := services[1].NewResponse().TypeName(), "std_srvs/srv/Trigger_Response"; got != want {
		t.Errorf("response %s, want %s", got, want)
	}
}

func TestBytesAreThoseOfROS(t *testing.T) { rosidltest.Payloads(t, "testdata/cdr.tsv", messages) }

func TestGeneratedCodeIsUpToDate(t *testing.T) {
	rosidltest.UpToDate(t, "idl", "", ".", "robotd/ros2/msg")
}
