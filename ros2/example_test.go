package ros2_test

import (
	"context"
	"fmt"
	"time"

	"robotd/ros2"
	"robotd/ros2/msg/sensor_msgs"
	"robotd/ros2/msg/std_msgs"
)

// A node that answers every joint state with a command.
func Example() {
	node, err := ros2.NewNode(context.Background(), "robotd", ros2.Options{Domain: 55})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer node.Close()
	pub, err := ros2.NewPublisher[*sensor_msgs.JointState](node, "joint_command", ros2.Reliable.KeepLast(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	var command sensor_msgs.JointState // kept, so that publishing allocates nothing
	_, err = ros2.NewSubscription(node, "joint_states", ros2.SensorData,
		func(m *sensor_msgs.JointState, info ros2.Info) {
			command.Header.Stamp = m.Header.Stamp
			command.Name = append(command.Name[:0], m.Name...)
			command.Position = append(command.Position[:0], m.Position...)
			if err := pub.Publish(&command); err != nil {
				fmt.Println(err)
			}
		})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(pub.Topic())
	// Output: /joint_command
}

// Late subscribers get the last message of a latched topic.
func ExampleNewSubscription() {
	node, err := ros2.NewNode(context.Background(), "map_server", ros2.Options{Domain: 56, Namespace: "/lab"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer node.Close()
	pub, err := ros2.NewPublisher[*std_msgs.String](node, "robot_description", ros2.Latched)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := pub.Publish(&std_msgs.String{Data: "<robot/>"}); err != nil {
		fmt.Println(err)
		return
	}
	got := make(chan string, 1)
	sub, err := ros2.NewSubscription(node, "robot_description", ros2.Latched, func(m *std_msgs.String, _ ros2.Info) {
		got <- m.Data
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	select {
	case text := <-got:
		fmt.Println(sub.Topic(), text)
	case <-time.After(10 * time.Second):
		fmt.Println("nothing came")
	}
	// Output: /lab/robot_description <robot/>
}

// The graph, as `ros2 node list` and `ros2 topic info` tell it.
func ExampleContext_Nodes() {
	node, err := ros2.NewNode(context.Background(), "robotd", ros2.Options{Domain: 57})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer node.Close()
	if _, err := ros2.NewPublisher[*std_msgs.String](node, "~/status", ros2.Latched); err != nil {
		fmt.Println(err)
		return
	}
	for _, n := range node.Context().Nodes() {
		fmt.Println("node", n)
	}
	for _, e := range node.Context().Publishers() {
		fmt.Println("topic", e.Topic, e.Type, "by", e.Node)
	}
	// Output:
	// node /robotd
	// topic /robotd/status std_msgs/msg/String by /robotd
}
