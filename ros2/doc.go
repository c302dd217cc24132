// Package ros2 is a ROS 2 client in pure Go. A program that uses it is a node like any other: `ros2 node list` shows it,
// its topics have types, hashes and quality of service, and rclcpp and rclpy nodes publish to it and subscribe to it. No
// ROS install, no C library and no router is needed.
//
//	node, err := ros2.NewNode(ctx, "robotd", ros2.Options{})
//	pub, err := ros2.NewPublisher[*sensor_msgs.JointState](node, "joint_command", ros2.Reliable.KeepLast(1))
//	sub, err := ros2.NewSubscription(node, "joint_states", ros2.SensorData,
//		func(m *sensor_msgs.JointState, info ros2.Info) { ... })
//
// It speaks RTPS over UDP/IPv4 as the default middleware (rmw_fastrtps) and rmw_cyclonedds do. Not reached are graphs behind
// rmw_zenoh, a Fast DDS discovery server, DDS security or shared memory alone; NewContext says so instead of staying silent.
//
// # What runs where
//
// The protocol is package rtps: state machines without sockets or clocks. This package gives them both. A Context owns the
// sockets and their goroutines: one for each socket, on which subscriptions are called, and one for timers, which also sends
// large messages piece by piece. Publish runs on the caller's goroutine, never waits for a subscriber, and allocates nothing
// once its buffers have grown.
//
// # Networks
//
// Unless Options or ROS_AUTOMATIC_DISCOVERY_RANGE=SUBNET say otherwise, only the loopback interface is used. (ROS 2 itself
// defaults to SUBNET; a robot's joints are not offered to a network by default here.)
package ros2
