// Package msg says what a ROS 2 message is; its sub-packages hold the types, one Go package a ROS package, generated from
// the definitions in idl.
package msg

//go:generate go run robotd/tools/rosgen -idl idl -out . -import robotd/ros2/msg

import "robotd/ros2/cdr"

// Message is a ROS 2 message: a pointer to a generated type.
type Message interface {
	TypeName() string // "sensor_msgs/msg/JointState"
	TypeHash() string // "RIHS01_" and 64 hexadecimal digits (REP-2016)
	cdr.Marshaler
	cdr.Unmarshaler
}

// Service describes a service type: its full name ("std_srvs/srv/Trigger"), the hash of the whole service, which both of its
// topics announce, and its two messages.
type Service struct {
	Name        string
	Hash        string
	NewRequest  func() Message
	NewResponse func() Message
}
