package ros1

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"robotd/body"
	"robotd/gate"
)

const (
	samples = 600
	period  = 5 * time.Millisecond // 200 Hz
	// inFlight is how many samples may be without an answer: fewer than either side queues or joins, so that a machine that
	// stalls delays messages and loses none.
	inFlight = 16
	epochNs  = 1_700_000_000e9
)

// TestInterop holds both ends against a real roscore, rospy and ROS's tools.
func TestInterop(t *testing.T) {
	m := startMaster(t)
	model := body.Humanoid()
	version := strings.TrimSpace(m.tool(t, "rosversion", "rospy"))
	var plantHz, brainHz, bothHz float64
	t.Run("plant and rospy brain", func(t *testing.T) { plantHz = plantInterop(t, m, model) })
	t.Run("brain and rospy plant", func(t *testing.T) { brainHz = brainInterop(t, m, model) })
	var p50 time.Duration
	t.Run("both ends", func(t *testing.T) { bothHz, p50 = bothEnds(t, m, model) })
	if !t.Failed() {
		fmt.Printf("ros1 interop: rospy %s: %d samples and commands each way without loss; plant<->rospy %.0f Hz, brain<->rospy %.0f Hz, "+
			"brain<->plant %.0f Hz with round trip p50 %v\n", version, samples, plantHz, brainHz, bothHz, p50.Round(time.Microsecond))
	}
}

// sampleAt is a sample that tells its own time.
func sampleAt(model *body.Model, i int64) *body.Sensors {
	s := &body.Sensors{StampNs: i * 1e6, GyroRadS: body.Vec3{float64(i)}, AccelMS2: body.Vec3{0, 0, 9.81}}
	for j := range model.Joints {
		s.QRad[j], s.DQRadS[j], s.TauNm[j] = model.StandRad[j]+float64(i)/1024, float64(i), float64(j)
	}
	s.Foot[body.Left].ForceN[2], s.Foot[body.Right].MomentNm[0] = 170+float64(i), -float64(i)
	return s
}

// plantInterop lets rospy answer each sample of ours with a command.
func plantInterop(t *testing.T, m *master, model *body.Model) float64 {
	commands := make(chan body.Command, 4*samples)
	p, err := NewPlant(Options{Model: model, MasterURI: m.uri, Name: "robotd_body", EpochNs: epochNs},
		func(c *body.Command) { commands <- *c })
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	py := m.peer(t, "brain", model, samples)
	if got := py.line(t); got != "ready" {
		t.Fatalf("peer says %q", got)
	}
	if nodes := m.tool(t, "rosnode", "list"); !slices.Contains(strings.Fields(nodes), "/robotd_body") {
		t.Errorf("rosnode list: %s", nodes)
	}
	for topic, typ := range map[string]string{"/joint_states": "sensor_msgs/JointState", "/imu/data": "sensor_msgs/Imu",
		"/left_foot/wrench": "geometry_msgs/WrenchStamped", "/right_foot/wrench": "geometry_msgs/WrenchStamped"} {
		if got := strings.TrimSpace(m.tool(t, "rostopic", "type", topic)); got != typ {
			t.Errorf("rostopic type %s: %q", topic, got)
		}
	}
	first := untilAnswered(t, func(i int64) { p.Send(sampleAt(model, i)) }, commands)
	start := time.Now()
	hz := exchange(t, first, start, func(i int64) { p.Send(sampleAt(model, i)) }, commands, func(c body.Command) {
		want := sampleAt(model, c.StampNs/1e6)
		for j := range model.Joints {
			if c.QRad[j] != want.QRad[j]+0.5 || c.DQRadS[j] != want.DQRadS[j] || c.TauNm[j] != want.TauNm[j] ||
				c.KpNmRad[j] != 100+float64(j) || c.KdNmsRad[j] != 1+float64(j) {
				t.Fatalf("joint %d of command at %d ns: %g %g %g %g %g", j, c.StampNs, c.QRad[j], c.DQRadS[j], c.TauNm[j], c.KpNmRad[j], c.KdNmsRad[j])
			}
		}
	})
	fmt.Fprintln(py.stdin)
	var got struct {
		Heard            map[string]int
		Names            []string
		Imu, Left, Right []any
	}
	if err := json.Unmarshal([]byte(py.line(t)), &got); err != nil {
		t.Fatal(err)
	}
	for topic, n := range got.Heard {
		if n < samples {
			t.Errorf("rospy heard %d of %s", n, topic)
		}
	}
	last := sampleAt(model, first+samples)
	if !slices.Equal(got.Names, p.names) || fmt.Sprint(got.Imu) != fmt.Sprint([]any{"imu_link", -1, last.GyroRadS[0], 9.81}) ||
		fmt.Sprint(got.Left) != fmt.Sprint([]any{p.footFrame[body.Left], last.Foot[body.Left].ForceN[2]}) ||
		fmt.Sprint(got.Right) != fmt.Sprint([]any{p.footFrame[body.Right], last.Foot[body.Right].MomentNm[0]}) {
		t.Errorf("rospy's last sample: %+v", got)
	}
	return hz
}

// untilAnswered sends samples until the first command comes back: then all topics are connected. It returns the last
// sample's number once nothing is on the way any more.
func untilAnswered(t *testing.T, send func(i int64), commands <-chan body.Command) int64 {
	t.Helper()
	deadline := time.Now().Add(patience)
	for i := int64(1); time.Now().Before(deadline); i++ {
		send(i)
		select {
		case c := <-commands:
			for c.StampNs != i*1e6 {
				select {
				case c = <-commands:
				case <-time.After(patience):
					t.Fatal("the answer to the last sample does not come")
				}
			}
			return i
		case <-time.After(100 * time.Millisecond):
		}
	}
	t.Fatal("no sample is answered")
	return 0
}

// exchange sends samples after number first at 200 Hz and wants each answered once, in order. It returns the rate of answers.
func exchange(t *testing.T, first int64, start time.Time, send func(i int64), commands <-chan body.Command, check func(body.Command)) float64 {
	t.Helper()
	open := make(chan struct{}, inFlight)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		tick := time.NewTicker(period)
		defer tick.Stop()
		for i := range int64(samples) {
			<-tick.C
			select {
			case open <- struct{}{}:
				send(first + 1 + i)
			case <-stop:
				return
			}
		}
	}()
	for i := range int64(samples) {
		select {
		case c := <-commands:
			if c.StampNs != (first+1+i)*1e6 {
				t.Fatalf("answer %d is to %d ns, want %d: lost or out of order", i, c.StampNs, (first+1+i)*1e6)
			}
			check(c)
			<-open
		case <-time.After(patience):
			t.Fatalf("%d of %d samples answered", i, samples)
		}
	}
	return samples / time.Since(start).Seconds()
}

// granter grants a calm command for each sample.
type granter struct {
	g     *gate.Gate
	model *body.Model
	out   gate.Granted
}

func newGranter(t *testing.T, model *body.Model) *granter {
	t.Helper()
	g, err := gate.New(model, gate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &granter{g: g, model: model}
}

func (g *granter) grant(s *body.Sensors) *gate.Granted {
	cmd := body.Command{StampNs: s.StampNs}
	for j := range g.model.Joints {
		cmd.QRad[j], cmd.KpNmRad[j], cmd.KdNmsRad[j] = g.model.StandRad[j], g.model.Joints[j].KpNmRad, g.model.Joints[j].KdNmsRad
	}
	in := gate.Input{NowNs: s.StampNs, Sensors: s, Command: &cmd, PlanFresh: true, TailNs: 1e8, Mode1OK: true, BalanceOK: true}
	var v gate.Verdict
	g.g.Step(&in, &g.out, &v)
	return &g.out
}

// brainInterop answers each sample of a rospy robot with a granted command.
func brainInterop(t *testing.T, m *master, model *body.Model) float64 {
	g := newGranter(t, model)
	var mu sync.Mutex
	sent := map[int64]body.Command{}
	var b *Brain
	var began, ended time.Time
	ready := make(chan struct{})
	b, err := NewBrain(Options{Model: model, MasterURI: m.uri + "/", EpochNs: epochNs}, func(s *body.Sensors) {
		<-ready
		granted := g.grant(s)
		mu.Lock()
		sent[s.StampNs] = *granted.Command()
		if began.IsZero() {
			began = time.Now()
		}
		ended = time.Now()
		mu.Unlock()
		b.Send(granted)
	})
	if err != nil {
		t.Fatal(err)
	}
	close(ready)
	defer b.Close()
	py := m.peer(t, "plant", model, samples)
	if got := py.line(t); got != "ready" {
		t.Fatalf("peer says %q", got)
	}
	if nodes := m.tool(t, "rosnode", "list"); !slices.Contains(strings.Fields(nodes), "/robotd") {
		t.Errorf("rosnode list: %s", nodes)
	}
	var got struct {
		Pairs int
		Some  [][9]json.RawMessage
	}
	if err := json.Unmarshal([]byte(py.line(t)), &got); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if got.Pairs != samples || len(sent) != samples || b.Counts().Accepted() != samples {
		t.Errorf("rospy heard %d pairs of %d; %s", got.Pairs, samples, b.Counts())
	}
	if len(got.Some) == 0 {
		t.Error("no commands to compare")
	}
	for _, row := range got.Some {
		compareCommand(t, b.names, row, sent)
	}
	return float64(samples-1) / ended.Sub(began).Seconds()
}

func compareCommand(t *testing.T, names []string, row [9]json.RawMessage, sent map[int64]body.Command) {
	t.Helper()
	var sec, nsec int64
	var cName, gName []string
	var q, dq, tau, kp, kd []float64
	for i, to := range []any{&sec, &nsec, &cName, &q, &dq, &tau, &gName, &kp, &kd} {
		if err := json.Unmarshal(row[i], to); err != nil {
			t.Fatal(err)
		}
	}
	want, ok := sent[sec*1e9+nsec-epochNs]
	if !ok {
		t.Errorf("rospy heard a command at %d.%09d that was not sent", sec, nsec)
		return
	}
	n := len(names)
	if !slices.Equal(cName, names) || !slices.Equal(gName, names) || !slices.Equal(q, want.QRad[:n]) || !slices.Equal(dq, want.DQRadS[:n]) ||
		!slices.Equal(tau, want.TauNm[:n]) || !slices.Equal(kp, want.KpNmRad[:n]) || !slices.Equal(kd, want.KdNmsRad[:n]) {
		t.Errorf("command at %d.%09d: rospy heard %v %v %v %v %v, sent %+v", sec, nsec, q, dq, tau, kp, kd, want)
	}
}

// bothEnds lets our own two ends talk through the master, and times the round trip.
func bothEnds(t *testing.T, m *master, model *body.Model) (hz float64, p50 time.Duration) {
	g := newGranter(t, model)
	commands := make(chan body.Command, 4*samples)
	p, err := NewPlant(Options{Model: model, MasterURI: m.uri, Namespace: "/lab", Name: "robotd_body"}, func(c *body.Command) { commands <- *c })
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var b *Brain
	ready := make(chan struct{})
	b, err = NewBrain(Options{Model: model, MasterURI: m.uri, Namespace: "/lab"}, func(s *body.Sensors) {
		<-ready
		b.Send(g.grant(s))
	})
	if err != nil {
		t.Fatal(err)
	}
	close(ready)
	defer b.Close()
	var mu sync.Mutex
	sentAt := map[int64]time.Time{}
	send := func(i int64) {
		mu.Lock()
		sentAt[i*1e6] = time.Now()
		mu.Unlock()
		p.Send(sampleAt(model, i))
	}
	first := untilAnswered(t, send, commands)
	trips := map[int64]time.Duration{}
	hz = exchange(t, first, time.Now(), send, commands, func(c body.Command) {
		mu.Lock()
		trips[c.StampNs] = time.Since(sentAt[c.StampNs])
		mu.Unlock()
	})
	if topics := m.tool(t, "rostopic", "list"); !slices.Contains(strings.Fields(topics), "/lab/joint_gains") {
		t.Errorf("rostopic list: %s", topics)
	}
	sorted := slices.Sorted(maps.Values(trips))
	return hz, sorted[len(sorted)/2]
}
