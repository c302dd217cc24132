package ros2

import (
	"fmt"
	"strings"
)

// maxNodeName is what a node's entry in the graph messages can hold.
const maxNodeName = 255

// checkToken holds a node name, or one part of a topic or namespace, to the rules of rmw_validate_node_name.
func checkToken(what, s string) error {
	switch {
	case s == "":
		return fmt.Errorf("ros2: %s is empty: give it a name", what)
	case len(s) > maxNodeName:
		return fmt.Errorf("ros2: %s has %d characters: at most %d", what, len(s), maxNodeName)
	case s[0] >= '0' && s[0] <= '9':
		return fmt.Errorf("ros2: %s %q begins with a digit: begin with a letter or underscore", what, s)
	}
	for _, r := range s {
		if r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return fmt.Errorf("ros2: %s %q contains %q: use letters, digits and underscores", what, s, r)
		}
	}
	return nil
}

// cleanNamespace brings a namespace to the form "/" or "/a/b".
func cleanNamespace(ns string) (string, error) {
	ns = "/" + strings.Trim(ns, "/")
	if ns == "/" {
		return ns, nil
	}
	for _, part := range strings.Split(ns[1:], "/") {
		if err := checkToken("namespace part", part); err != nil {
			return "", err
		}
	}
	return ns, nil
}

// expandTopic resolves a topic name as rcl does: "/a" is absolute, "~/a" lies under the node, "a" in its namespace.
func expandTopic(namespace, node, topic string) (string, error) {
	parts := topic
	prefix := strings.TrimSuffix(namespace, "/")
	switch {
	case strings.HasPrefix(topic, "/"):
		prefix, parts = "", topic[1:]
	case strings.HasPrefix(topic, "~/"):
		prefix, parts = prefix+"/"+node, topic[2:]
	}
	for _, part := range strings.Split(parts, "/") {
		if err := checkToken("part of topic "+topic, part); err != nil {
			return "", err
		}
	}
	return prefix + "/" + parts, nil
}

// ddsTopic is the DDS name of a ROS topic (namespace_prefix.cpp of rmw_dds_common's users: "rt" for topics).
func ddsTopic(topic string) string { return "rt" + topic }

// rosTopic undoes ddsTopic; ok is false for DDS topics that are no ROS topics.
func rosTopic(dds string) (topic string, ok bool) {
	return strings.CutPrefix(dds, "rt")
}

// ddsType turns "sensor_msgs/msg/JointState" into "sensor_msgs::msg::dds_::JointState_".
func ddsType(ros string) string {
	i := strings.LastIndexByte(ros, '/')
	if i < 0 {
		return ros
	}
	return strings.ReplaceAll(ros[:i], "/", "::") + "::dds_::" + ros[i+1:] + "_"
}

// rosType undoes ddsType; foreign names stay as they are.
func rosType(dds string) string {
	before, name, ok := strings.Cut(dds, "::dds_::")
	if !ok {
		return dds
	}
	return strings.ReplaceAll(before, "::", "/") + "/" + strings.TrimSuffix(name, "_")
}

// The type hash travels in the endpoint's user data (rmw_dds_common, qos.cpp).
func hashUserData(hash string) []byte {
	if hash == "" {
		return nil
	}
	return []byte("typehash=" + hash + ";")
}

func userDataValue(userData []byte, key string) string {
	for _, kv := range strings.Split(string(userData), ";") {
		if v, ok := strings.CutPrefix(kv, key+"="); ok {
			return v
		}
	}
	return ""
}
