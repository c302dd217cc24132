// Package internal holds the Go form of test_msgs, the interfaces that ROS tests its own generators with: every kind of field,
// bound, default and constant. Only tests use it.
package internal

//go:generate go run robotd/tools/rosgen -idl idl -with ../../msg/idl -out . -import robotd/ros2/rosidl/internal
