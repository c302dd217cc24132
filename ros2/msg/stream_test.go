package msg_test

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"

	"robotd/ros2/cdr"
	"robotd/ros2/msg"
	"robotd/ros2/msg/geometry_msgs"
	"robotd/ros2/msg/rmw_dds_common"
	"robotd/ros2/msg/sensor_msgs"
	"robotd/ros2/msg/tf2_msgs"
)

func jointState(n int) *sensor_msgs.JointState {
	m := &sensor_msgs.JointState{}
	m.Header.Stamp.Sec, m.Header.FrameID = 12, "base_link"
	for i := range n {
		m.Name = append(m.Name, fmt.Sprintf("left_joint_number_%d", i))
		m.Position = append(m.Position, float64(i))
		m.Velocity = append(m.Velocity, -float64(i))
		m.Effort = append(m.Effort, 0.5)
	}
	return m
}

func transform(i int) geometry_msgs.TransformStamped {
	m := geometry_msgs.NewTransformStamped()
	m.Header.FrameID, m.ChildFrameID = "base_link", fmt.Sprintf("link_%d", i)
	return *m
}

// streams are the messages that come at rates where garbage would be felt.
func streams() map[string]msg.Message {
	img := &sensor_msgs.Image{Height: 480, Width: 640, Encoding: "rgb8", Step: 1920, Data: make([]byte, 640*480*3)}
	imu := sensor_msgs.NewImu()
	imu.Header.FrameID = "imu_link"
	tf := &tf2_msgs.TFMessage{}
	for i := range 30 {
		tf.Transforms = append(tf.Transforms, transform(i))
	}
	graph := &rmw_dds_common.ParticipantEntitiesInfo{NodeEntitiesInfoSeq: make([]rmw_dds_common.NodeEntitiesInfo, 2)}
	graph.NodeEntitiesInfoSeq[1].NodeName = "robotd"
	graph.NodeEntitiesInfoSeq[1].ReaderGidSeq = make([]rmw_dds_common.Gid, 9)
	return map[string]msg.Message{"joint state of 28": jointState(28), "image of 921600 bytes": img, "imu": imu, "30 transforms": tf, "graph": graph}
}

func TestSteadyStreamsAllocateNothing(t *testing.T) {
	for name, m := range streams() {
		to := reflect.New(reflect.TypeOf(m).Elem()).Interface().(msg.Message)
		b := cdr.Marshal(nil, m)
		n := testing.AllocsPerRun(50, func() {
			b = cdr.Marshal(b[:0], m)
			if err := cdr.Unmarshal(b, to); err != nil {
				t.Fatal(err)
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations a message", name, n)
		}
		if again := cdr.Marshal(nil, to); !bytes.Equal(again, b) {
			t.Errorf("%s: came back changed", name)
		}
	}
}

func TestShorterAndLongerMessagesReuseMemory(t *testing.T) {
	var to sensor_msgs.JointState
	for _, n := range []int{28, 3, 0, 28, 40} {
		want := jointState(n)
		if err := cdr.Unmarshal(cdr.Marshal(nil, want), &to); err != nil {
			t.Fatal(err)
		}
		if len(to.Name) != n || n > 0 && !reflect.DeepEqual(&to, want) {
			t.Errorf("%d joints came back as %+v", n, to)
		}
	}
}

func TestEveryTruncationIsAnError(t *testing.T) {
	b := cdr.Marshal(nil, jointState(3))
	for n := range b {
		if err := cdr.Unmarshal(b[:n], &sensor_msgs.JointState{}); err == nil {
			t.Errorf("%d of %d bytes were enough", n, len(b))
		}
	}
}

// FuzzMessages reads hostile payloads as every type; what is accepted must survive writing and reading again.
func FuzzMessages(f *testing.F) {
	for _, m := range streams() {
		if b := cdr.Marshal(nil, m); len(b) < 4096 {
			f.Add(b)
		}
	}
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, m := range messages {
			to := reflect.New(reflect.TypeOf(m).Elem()).Interface().(msg.Message)
			if cdr.Unmarshal(b, to) != nil {
				continue
			}
			first, err := cdr.Append(nil, to)
			if err != nil {
				t.Fatalf("%s: accepted what may not be written: %v", m.TypeName(), err)
			}
			if err := cdr.Unmarshal(first, to); err != nil {
				t.Fatalf("%s: %v", m.TypeName(), err)
			}
			if again := cdr.Marshal(nil, to); !bytes.Equal(first, again) {
				t.Fatalf("%s: wrote %x, then %x", m.TypeName(), first, again)
			}
		}
	})
}

func BenchmarkJointState28(b *testing.B) {
	m, to := jointState(28), &sensor_msgs.JointState{}
	buf := cdr.Marshal(nil, m)
	b.Run("write", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buf = cdr.Marshal(buf[:0], m)
		}
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := cdr.Unmarshal(buf, to); err != nil {
				b.Fatal(err)
			}
		}
	})
}
