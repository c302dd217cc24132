package ros2

import (
	"sync"
	"testing"
	"time"

	"robotd/ros2/msg/sensor_msgs"
	"robotd/ros2/msg/std_msgs"
)

// 1 kHz of 28 joints, to a peer and back. What is asserted is only that it works; the figures are printed, as the machine
// is shared.
func TestInteropRate(t *testing.T) {
	python := peerPython(t, "ros2.sh")
	for i, c := range []struct {
		name string
		q    QoS
	}{{"best_effort", BestEffort}, {"reliable", Reliable}} {
		check(t, "1 kHz "+c.name+" to rclpy and back", func(t *testing.T) {
			n := openNode(t, "pinger", Options{Domain: 85 + i})
			rate(t, n, c.q, func() {
				p := startPeer(t, python, "peer.py", 85+i, nil, "echo", "sensor_msgs/JointState", "/ping", "/pong", c.name)
				p.next()
			})
		})
		check(t, "1 kHz "+c.name+" to another node in Go and back", func(t *testing.T) {
			n := openNode(t, "pinger", Options{Domain: 87 + i})
			rate(t, n, c.q, func() {
				o := openNode(t, "ponger", Options{Domain: 87 + i})
				pub, err := NewPublisher[*sensor_msgs.JointState](o, "/pong", c.q)
				if err != nil {
					t.Fatal(err)
				}
				_, err = NewSubscription(o, "/ping", c.q, func(m *sensor_msgs.JointState, _ Info) {
					if err := pub.Publish(m); err != nil {
						t.Error(err)
					}
				})
				if err != nil {
					t.Fatal(err)
				}
				until(t, o.Context(), "pong is matched", func() bool { return pub.Subscribers() == 1 })
			})
		})
	}
}

func rate(t *testing.T, n *Node, q QoS, startPeer func()) {
	const count, every = 4000, time.Millisecond
	var mu sync.Mutex
	sent := make([]time.Time, count)
	var times []time.Duration
	pub, err := NewPublisher[*sensor_msgs.JointState](n, "/ping", q)
	if err != nil {
		t.Fatal(err)
	}
	sub, err := NewSubscription(n, "/pong", q, func(m *sensor_msgs.JointState, _ Info) {
		now := time.Now()
		mu.Lock()
		defer mu.Unlock()
		if i := int(m.Header.Stamp.Sec); i < count {
			times = append(times, now.Sub(sent[i]))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	startPeer()
	until(t, n.Context(), "ping is matched", func() bool { return pub.Subscribers() == 1 && sub.Publishers() == 1 })
	m := jointState(0)
	start := time.Now()
	for i := range count {
		if d := time.Until(start.Add(time.Duration(i) * every)); d > 0 {
			sleepShort(d)
		}
		m.Header.Stamp.Sec = int32(i)
		mu.Lock()
		sent[i] = time.Now()
		mu.Unlock()
		if err := pub.Publish(m); err != nil {
			t.Fatal(err)
		}
	}
	took := time.Since(start)
	time.Sleep(500 * time.Millisecond)
	mu.Lock()
	defer mu.Unlock()
	t.Logf("%.0f Hz held over %v; the subscription gave up %d", count/took.Seconds(), took.Round(time.Millisecond), sub.Lost())
	report(t, "28 joints", count, count-len(times), times)
	if len(times) == 0 {
		t.Error("nothing came back")
	}
}

// Late subscribers get the last message of a transient-local topic, both ways.
func TestInteropLatched(t *testing.T) {
	const domain = 90
	python := peerPython(t, "ros2.sh")
	n := openNode(t, "robotd", Options{Domain: domain})
	pub, err := NewPublisher[*std_msgs.String](n, "/robot_description", Latched)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"old", "<robot name='h1'/>"} {
		if err := pub.Publish(&std_msgs.String{Data: s}); err != nil {
			t.Fatal(err)
		}
	}
	check(t, "rclpy joins late", func(t *testing.T) {
		p := startPeer(t, python, "peer.py", domain, nil, "latched", "/robot_description")
		wantJSON(t, p.next()["got"].([]any)[0], `"\u003crobot name='h1'/\u003e"`)
	})
	check(t, "we join late", func(t *testing.T) {
		p := startPeer(t, python, "peer.py", domain, nil, "latch", "/map", "field")
		p.next()
		time.Sleep(300 * time.Millisecond)
		got := make(chan string, 1)
		s, err := NewSubscription(n, "/map", Latched, func(m *std_msgs.String, _ Info) { got <- m.Data })
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		select {
		case data := <-got:
			if data != "field" {
				t.Errorf("got %q", data)
			}
		case <-time.After(20 * time.Second):
			t.Error("nothing came")
		}
	})
}

// Nodes that are told to stay on this computer use no multicast, and are found by their ports.
func TestInteropDiscoveryRange(t *testing.T) {
	python := peerPython(t, "ros2.sh")
	for i, env := range [][]string{
		{"ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST"},
		{"FASTDDS_BUILTIN_TRANSPORTS=UDPv4"},
	} {
		check(t, env[0], func(t *testing.T) {
			n := openNode(t, "robotd", Options{Domain: 91 + i})
			pub, err := NewPublisher[*std_msgs.String](n, "/robot_description", Latched)
			if err != nil {
				t.Fatal(err)
			}
			if err := pub.Publish(&std_msgs.String{Data: "here"}); err != nil {
				t.Fatal(err)
			}
			p := startPeer(t, python, "peer.py", 91+i, env, "latched", "/robot_description")
			wantJSON(t, p.next()["got"], `["here"]`)
		})
	}
	check(t, "SUBNET on our side", func(t *testing.T) {
		n := openNode(t, "robotd", Options{Domain: 94, Range: RangeSubnet})
		pub, err := NewPublisher[*std_msgs.String](n, "/robot_description", Latched)
		if err != nil {
			t.Fatal(err)
		}
		if err := pub.Publish(&std_msgs.String{Data: "there"}); err != nil {
			t.Fatal(err)
		}
		p := startPeer(t, python, "peer.py", 94, nil, "latched", "/robot_description")
		wantJSON(t, p.next()["got"], `["there"]`)
	})
}
