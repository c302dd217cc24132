package ros2

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"robotd/body"
	"robotd/nodes/joints"
	"robotd/ros2"
)

// heard is what testdata/body.py prints.
type heard struct {
	Nodes      []string                `json:"nodes"`
	Pairs      int                     `json:"pairs"`
	Last       int64                   `json:"last"`
	Arrays     map[string][3][]float64 `json:"arrays"`
	Publishers map[string][][3]string  `json:"publishers"`
	Names      []string                `json:"names"`
}

// TestARealROS2BodyIsHeardAndDriven puts the edge beside an rclpy node on Fast DDS: it lists /robotd, its samples arrive
// bit by bit, and what it hears is what was granted.
func TestARealROS2BodyIsHeardAndDriven(t *testing.T) {
	const samples = 60
	m := body.Humanoid()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	domain := 20 + os.Getpid()%30 // other packages take those from 50 on
	e, err := Open(ctx, m, "robotd", ros2.Options{Domain: domain, Range: ros2.RangeLocalhost})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if missing := e.Missing(); len(missing) != 6 {
		t.Errorf("in an empty graph is missing: %v", missing)
	}
	answered := make(chan int, 1)
	var last body.Sensors
	granted := grant(t, m, rand.New(rand.NewPCG(5, 6)), &body.Sensors{})
	go func() {
		n := 0
		for range e.Ready() {
			fresh, _, err := e.Take(&last)
			if err != nil || !fresh {
				continue
			}
			granted.Command().StampNs = last.StampNs
			if err := e.Send(granted, &last); err != nil {
				t.Error(err)
			}
			if n++; last.StampNs == 100e9+samples*1e6 {
				break
			}
		}
		answered <- n
	}()
	h := runBody(t, ctx, m, domain, samples)
	n := 0
	select {
	case n = <-answered:
	case <-time.After(5 * time.Second):
		t.Fatalf("the last sample did not come; counts %v", e.Counts().Map())
	}
	checkHeard(t, e, h, &last, m, n)
}

func checkHeard(t *testing.T, e *Edge, h *heard, last *body.Sensors, m *body.Model, answered int) {
	t.Helper()
	if !slices.Contains(h.Nodes, "/robotd") {
		t.Errorf("rclpy lists the nodes %v, not /robotd", h.Nodes)
	}
	if h.Pairs < answered*9/10 || answered < 50 {
		t.Errorf("%d samples answered, %d command pairs heard", answered, h.Pairs)
	}
	if last.QRad[5] != 60.05 || last.DQRadS[27] != -60 || last.TauNm[0] != 30 || last.GyroRadS[0] != 60 || last.AccelMS2[2] != 9.81 ||
		last.Foot[0].ForceN[2] != 225 || last.Foot[1].MomentNm[1] != -60 {
		t.Errorf("the last sample came as %+v", last)
	}
	if h.Last != last.StampNs {
		t.Errorf("the last command answers %d ns, the last sample was %d ns", h.Last, last.StampNs)
	}
	a, out := h.Arrays, e.out
	same := slices.Equal(a["joint_command"][0], out.target.Position) && slices.Equal(a["joint_command"][1], out.target.Velocity) &&
		slices.Equal(a["joint_command"][2], out.target.Effort) && slices.Equal(a["joint_gains"][0], out.gains.Position) &&
		slices.Equal(a["joint_gains"][1], out.gains.Velocity) && len(a["joint_gains"][2]) == 0
	if !same || !slices.Equal(h.Names, out.target.Name) {
		t.Errorf("heard %v, sent %v and %v", a, out.target, out.gains)
	}
	for topic, list := range h.Publishers {
		if len(list) != 1 || list[0][0] != "/robotd" || list[0][1] != "sensor_msgs/msg/JointState" || !strings.Contains(list[0][2], out.target.TypeHash()) {
			t.Errorf("publishers of %s as rclpy sees them: %v", topic, list)
		}
	}
	if c := e.Counts(); c.Refused(joints.UnknownJoint) != 1 {
		t.Errorf("one message named an unknown joint; counts %v", c.Map())
	}
	var img body.Image
	if !e.TakeImage(&img) || img.Width != 64 || img.Height != 64 || img.RGB[64*192-1] != byte((64*192-1)%251) {
		t.Errorf("picture of %d×%d pixels", img.Width, img.Height)
	}
}

// runBody runs testdata/body.py to its end.
func runBody(t *testing.T, ctx context.Context, m *body.Model, domain, samples int) *heard {
	t.Helper()
	var notes bytes.Buffer
	find := exec.CommandContext(ctx, "sh", "../../tools/peers/ros2.sh")
	find.Stderr = &notes
	python, err := find.Output()
	if err != nil {
		t.Fatalf("tools/peers/ros2.sh: %v: %s", err, notes.String())
	}
	names, _ := json.Marshal(newCommands(m).target.Name)
	cmd := exec.CommandContext(ctx, strings.TrimSpace(string(python)), "testdata/body.py", string(names), strconv.Itoa(samples))
	cmd.Env = append(os.Environ(), "ROS_DOMAIN_ID="+strconv.Itoa(domain), "ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST")
	cmd.Stderr = &notes
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("testdata/body.py: %v: %s", err, notes.String())
	}
	h := &heard{}
	if err := json.Unmarshal(out, h); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return h
}
