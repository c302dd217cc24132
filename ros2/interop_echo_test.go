package ros2

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"robotd/ros2/msg"
	"robotd/ros2/msg/builtin_interfaces"
	"robotd/ros2/msg/geometry_msgs"
	"robotd/ros2/msg/sensor_msgs"
	"robotd/ros2/msg/std_msgs"
)

func at(m map[string]any, keys ...string) any {
	var v any = m
	for _, k := range keys {
		v = v.(map[string]any)[k]
	}
	return v
}

func wantJSON(t *testing.T, got any, want string) {
	t.Helper()
	b, err := json.Marshal(got)
	if err != nil || string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
}

func header(i int) std_msgs.Header {
	return std_msgs.Header{Stamp: builtin_interfaces.Time{Sec: int32(i), Nanosec: 999_999_999}, FrameID: fmt.Sprintf("frame_%d", i)}
}

func jointState(i int) *sensor_msgs.JointState {
	m := &sensor_msgs.JointState{Header: header(i)}
	for j := range 28 {
		m.Name = append(m.Name, fmt.Sprintf("left_shoulder_joint_%02d", j))
		m.Position = append(m.Position, float64(i)+float64(j)/64)
		m.Velocity = append(m.Velocity, -float64(j))
		m.Effort = append(m.Effort, float64(j*i))
	}
	return m
}

func imu(i int) *sensor_msgs.Imu {
	m := &sensor_msgs.Imu{Header: header(i)}
	m.Orientation = geometry_msgs.Quaternion{X: 0.5, Y: -0.5, Z: 0.5, W: 0.5}
	m.AngularVelocity = geometry_msgs.Vector3{X: float64(i), Y: 2, Z: 3}
	m.LinearAcceleration = geometry_msgs.Vector3{Z: 9.81}
	m.OrientationCovariance[0] = -1
	m.LinearAccelerationCovariance[8] = 1e-9
	return m
}

func wrench(i int) *geometry_msgs.WrenchStamped {
	m := &geometry_msgs.WrenchStamped{Header: header(i)}
	m.Wrench.Force = geometry_msgs.Vector3{X: 1, Y: 2, Z: 500 + float64(i)}
	m.Wrench.Torque = geometry_msgs.Vector3{X: -1}
	return m
}

func image(width, height uint32) func(int) *sensor_msgs.Image {
	return func(i int) *sensor_msgs.Image {
		m := &sensor_msgs.Image{
			Header: header(i), Width: width, Height: height, Encoding: "rgb8", Step: 3 * width,
			Data: make([]byte, 3*width*height),
		}
		for j := range m.Data {
			m.Data[j] = byte(i + j*j>>8)
		}
		return m
	}
}

// Every message goes to rclpy, which reads and writes it anew, and comes back as it was.
func TestInteropEcho(t *testing.T) {
	python := peerPython(t, "ros2.sh")
	for i, reliability := range []string{"reliable", "best_effort"} {
		domain := 63 + 10*i
		echo(t, python, domain, reliability, "JointState", 50, jointState)
		echo(t, python, domain+1, reliability, "Imu", 50, imu)
		echo(t, python, domain+2, reliability, "WrenchStamped", 50, wrench)
		echo(t, python, domain+3, reliability, "Image 64x64", 30, image(64, 64))
		echo(t, python, domain+4, reliability, "Image 640x480", 30, image(640, 480))
	}
}

func echo[T msg.Message](t *testing.T, python string, domain int, reliability, name string, count int, make func(int) T) {
	var zero T
	echoWith(t, domain, reliability, name, count, make, func() *peer {
		return startPeer(t, python, "peer.py", domain, nil, "echo", packageType(zero.TypeName()), "/ping", "/pong", reliability)
	})
}

// echoWith sends count messages, one after the other's return, to a peer that sends them back.
func echoWith[T msg.Message](t *testing.T, domain int, reliability, name string, count int, make func(int) T, start func() *peer) {
	check(t, reliability+" "+name, func(t *testing.T) {
		q := Reliable
		if reliability != "reliable" {
			q = BestEffort
		}
		n := openNode(t, "pinger", Options{Domain: domain})
		pub, err := NewPublisher[T](n, "/ping", q)
		if err != nil {
			t.Fatal(err)
		}
		var want T
		answers := newAnswers()
		sub, err := NewSubscription(n, "/pong", q, func(m T, info Info) {
			var err error
			if !reflect.DeepEqual(m, want) {
				err = fmt.Errorf("came back changed: %.300v, was %.300v", m, want)
			}
			answers <- err
		})
		if err != nil {
			t.Fatal(err)
		}
		start().next()
		until(t, n.Context(), "both topics are matched", func() bool {
			return pub.Subscribers() == 1 && sub.Publishers() == 1
		})
		lost, times := 0, []time.Duration{}
		for i := range count {
			want = make(i)
			start := time.Now()
			if err := pub.Publish(want); err != nil {
				t.Fatal(err)
			}
			select {
			case err := <-answers:
				if err != nil {
					t.Fatal(err)
				}
				times = append(times, time.Since(start))
			case <-time.After(patience(reliability)):
				lost++
			}
		}
		report(t, name, count, lost, times)
		if reliability == "reliable" && lost > 0 || lost > count*9/10 {
			t.Errorf("%d of %d did not come back", lost, count)
		}
	})
}

func newAnswers() chan error { return make(chan error, 1) }

func patience(reliability string) time.Duration {
	if reliability == "reliable" {
		return 20 * time.Second
	}
	return time.Second
}

// packageType turns "sensor_msgs/msg/Imu" into "sensor_msgs/Imu".
func packageType(name string) string { return strings.Replace(name, "/msg/", "/", 1) }

func report(t *testing.T, name string, sent, lost int, times []time.Duration) {
	t.Helper()
	if len(times) == 0 {
		t.Logf("%s: %d sent, %d lost", name, sent, lost)
		return
	}
	slices.Sort(times)
	t.Logf("%s: %d sent, %d lost, there and back p50 %v, p99 %v, max %v", name, sent, lost,
		times[len(times)/2].Round(time.Microsecond), times[len(times)*99/100].Round(time.Microsecond),
		times[len(times)-1].Round(time.Microsecond))
}
