package ros2

import "testing"

func TestExpandTopic(t *testing.T) {
	for _, c := range []struct{ ns, node, topic, want string }{
		{"/", "n", "joint_states", "/joint_states"},
		{"/lab", "n", "joint_states", "/lab/joint_states"},
		{"/lab/h1", "n", "camera/image_raw", "/lab/h1/camera/image_raw"},
		{"/lab", "n", "/joint_states", "/joint_states"},
		{"/lab", "n", "~/status", "/lab/n/status"},
		{"/", "n", "~/status", "/n/status"},
		{"/", "n", "", "error"}, {"/", "n", "a b", "error"}, {"/", "n", "a//b", "error"}, {"/", "n", "1a", "error"},
		{"/", "n", "a/", "error"}, {"/", "n", "~", "error"}, {"/", "n", "ä", "error"},
	} {
		got, err := expandTopic(c.ns, c.node, c.topic)
		if err != nil {
			got = "error"
		}
		if got != c.want {
			t.Errorf("%q in %s of %s: %s (%v), want %s", c.topic, c.ns, c.node, got, err, c.want)
		}
	}
}

func TestNamespace(t *testing.T) {
	for in, want := range map[string]string{"": "/", "/": "/", "lab": "/lab", "/lab/h1/": "/lab/h1", "/a//b": "error", "/1": "error"} {
		got, err := cleanNamespace(in)
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// Golden: the names that rmw_fastrtps of Kilted announces.
func TestMangling(t *testing.T) {
	for ros, dds := range map[string]string{
		"sensor_msgs/msg/JointState":         "sensor_msgs::msg::dds_::JointState_",
		"std_srvs/srv/Trigger_Request":       "std_srvs::srv::dds_::Trigger_Request_",
		"rmw_dds_common/msg/ParticipantInfo": "rmw_dds_common::msg::dds_::ParticipantInfo_",
	} {
		if got := ddsType(ros); got != dds {
			t.Errorf("%s is announced as %s, want %s", ros, got, dds)
		}
		if got := rosType(dds); got != ros {
			t.Errorf("%s is read as %s, want %s", dds, got, ros)
		}
	}
	if got := ddsTopic("/lab/joint_states"); got != "rt/lab/joint_states" {
		t.Error(got)
	}
	if got := rosType("HelloWorld"); got != "HelloWorld" {
		t.Error(got)
	}
}
