package ros2

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"robotd/ros2/msg/sensor_msgs"
	"robotd/ros2/msg/std_msgs"
)

const childVariable = "ROBOTD_ROS2_TEST_CHILD"

// runChild is another process with a node, to be killed.
func runChild() {
	domain, _ := strconv.Atoi(os.Getenv(childVariable))
	n, err := NewNode(context.Background(), "mortal", Options{Domain: domain, Namespace: "/lab"})
	if err == nil {
		_, err = NewPublisher[*std_msgs.String](n, "chatter", Reliable)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	select {}
}

const jointStateHash = "RIHS01_a13ee3a330e346c9d87b5aa18d24e11690752bd33a0350f11c5882bc9179260e"

// What rclpy's graph API, which the ros2 command prints, tells of our node.
func TestInteropGraph(t *testing.T) {
	const domain = 61
	python := peerPython(t, "ros2.sh")
	n := openNode(t, "robotd", Options{Domain: domain, Namespace: "/lab"})
	pub, err := NewPublisher[*sensor_msgs.JointState](n, "joint_command", Reliable.KeepLast(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = NewPublisher[*std_msgs.String](n, "~/description", Latched); err != nil {
		t.Fatal(err)
	}
	if _, err = NewSubscription(n, "/joint_states", SensorData, func(*sensor_msgs.JointState, Info) {}); err != nil {
		t.Fatal(err)
	}
	p := startPeer(t, python, "peer.py", domain, nil, "graph", "robotd", "/lab")
	seen := p.next()
	facts := p.next()
	check(t, "node is listed with its namespace", func(t *testing.T) {
		t.Logf("seen %.2f s after rclpy looked first", seen["seen"])
		wantJSON(t, facts["names"], `[["peer","/field"],["robotd","/lab"]]`)
	})
	check(t, "publishers of the node", func(t *testing.T) {
		wantJSON(t, facts["pubs"], `{"/lab/joint_command":["sensor_msgs/msg/JointState"],"/lab/robotd/description":["std_msgs/msg/String"]}`)
	})
	check(t, "subscriptions of the node", func(t *testing.T) {
		wantJSON(t, facts["subs"], `{"/joint_states":["sensor_msgs/msg/JointState"]}`)
	})
	check(t, "endpoints have node, hash, QoS and gid", func(t *testing.T) {
		gid := pub.GID()
		wantJSON(t, at(facts, "publishers", "/lab/joint_command"), fmt.Sprintf(
			`[{"durability":"VOLATILE","gid":"%s","hash":"%s","namespace":"/lab","node":"robotd","reliability":"RELIABLE","topic":"sensor_msgs/msg/JointState"}]`,
			hex.EncodeToString(gid[:]), jointStateHash))
		e := at(facts, "publishers", "/lab/robotd/description").([]any)[0].(map[string]any)
		if e["durability"] != "TRANSIENT_LOCAL" {
			t.Errorf("durability of a latched topic: %v", e["durability"])
		}
		e = at(facts, "subscriptions", "/joint_states").([]any)[0].(map[string]any)
		if e["reliability"] != "BEST_EFFORT" || e["hash"] != jointStateHash || e["node"] != "robotd" {
			t.Errorf("subscription: %v", e)
		}
	})
	check(t, "we see the rclpy node", func(t *testing.T) {
		peer := NodeName{"/field", "peer"}
		until(t, n.Context(), "/field/peer is listed", func() bool { return slices.Contains(n.Context().Nodes(), peer) })
		list := n.Context().Publishers()
		i := slices.IndexFunc(list, func(e Endpoint) bool { return e.Topic == "/rosout" && e.Node == peer })
		if i < 0 || list[i].Type != "rcl_interfaces/msg/Log" || list[i].Hash == "" || !list[i].QoS.TransientLocal {
			t.Errorf("the peer's /rosout is not told: %v", list)
		}
	})
	check(t, "a closed node leaves no ghost", func(t *testing.T) {
		start := time.Now()
		n.Close()
		gone := p.next()
		t.Logf("gone after %v", time.Since(start))
		if topics := gone["topics"].([]any); slices.Contains(topics, any("/lab/joint_command")) {
			t.Errorf("its topics stay: %v", topics)
		}
	})
}

func TestInteropKill(t *testing.T) {
	const domain = 62
	python := peerPython(t, "ros2.sh")
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), fmt.Sprintf("%s=%d", childVariable, domain))
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	killed := false
	defer func() {
		if !killed {
			_ = child.Process.Kill()
			_ = child.Wait()
		}
	}()
	n := openNode(t, "witness", Options{Domain: domain})
	p := startPeer(t, python, "peer.py", domain, nil, "graph", "mortal", "/lab")
	p.next()
	p.next()
	until(t, n.Context(), "the child is listed", func() bool {
		return slices.Contains(n.Context().Nodes(), NodeName{"/lab", "mortal"})
	})
	check(t, "a killed process of ours vanishes from rclpy", func(t *testing.T) {
		start := time.Now()
		_ = child.Process.Kill()
		_ = child.Wait()
		killed = true
		p.next()
		t.Logf("gone after %.1f s (lease 10 s)", time.Since(start).Seconds())
		until(t, n.Context(), "the child is forgotten", func() bool {
			return !slices.Contains(n.Context().Nodes(), NodeName{"/lab", "mortal"})
		})
	})
	check(t, "a killed rclpy process vanishes from ours", func(t *testing.T) {
		q := startPeer(t, python, "peer.py", domain, nil, "latch", "/x", "y")
		q.next()
		count := func() (c int) {
			for _, e := range n.Context().Publishers() {
				if e.Topic == "/x" {
					c++
				}
			}
			return c
		}
		until(t, n.Context(), "/x has a publisher", func() bool { return count() == 1 })
		start := time.Now()
		_ = q.cmd.Process.Kill()
		until(t, n.Context(), "/x has none", func() bool { return count() == 0 })
		t.Logf("gone after %.1f s (Fast DDS's lease: 20 s)", time.Since(start).Seconds())
	})
}
