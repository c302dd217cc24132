package launch

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"robotd/body"
	"robotd/dash"
	"robotd/mpc"
	"robotd/power"
	"robotd/ros2"
	"robotd/ros2/msg/std_msgs"
	"robotd/sim/mujoco"
)

// driven is a puppet that robotd drives over ROS 2, watched on a page.
type driven struct {
	*puppet
	page  *dash.Server
	leave context.CancelFunc // Ctrl-C
	over  chan struct{}      // closed when DriveROS2 returned
	rep   *DriveReport
	err   error
}

func drivePuppet(t *testing.T) *driven {
	t.Helper()
	m := liveModel.Body()
	graph := ros2.Options{Domain: 1 + os.Getpid()%10, Range: ros2.RangeLocalhost} // below those of the other tests
	page, err := dash.New(m, dash.Options{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(context.Background())
	d := &driven{puppet: newPuppet(t, m, graph), page: page, leave: leave, over: make(chan struct{})}
	r := balancing(t)
	go func() {
		defer close(d.over)
		d.rep, d.err = DriveROS2(ctx, r, ROS2Options{Graph: graph, Seed: 1, Page: page})
	}()
	t.Cleanup(func() {
		leave()
		d.live(7000, d.over) // a silent body would be waited for
		<-d.over
		closing, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := page.Close(closing); err != nil {
			t.Error(err)
		}
	})
	return d
}

// balancing is a brain that balances by formula.
func balancing(t *testing.T) *Robot {
	t.Helper()
	r, err := NewRobot(liveModel, RobotOptions{Planner: Balance, PlanHz: 50, Search: mpc.Defaults(), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// post sends an order to the page and wants that answer.
func (d *driven) post(path, order string, want int) {
	d.t.Helper()
	resp, err := http.Post("http://"+d.page.Addr()+path, "application/json", strings.NewReader(order))
	if err != nil {
		d.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != want {
		d.t.Errorf("%s: %s, want %d", path, resp.Status, want)
	}
}

func (d *driven) get(path string) string {
	d.t.Helper()
	resp, err := http.Get("http://" + d.page.Addr() + path)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		d.t.Fatalf("%s: %s %v %s", path, resp.Status, err, text)
	}
	return string(text)
}

func (d *driven) status() (s dash.Status) {
	d.t.Helper()
	if err := json.Unmarshal([]byte(d.get("/status.json")), &s); err != nil {
		d.t.Fatal(err)
	}
	return s
}

// wantRung lets the body live and looks at the page's rung.
func (d *driven) wantRung(ms int, want body.Rung) {
	d.t.Helper()
	d.live(ms, d.over)
	if s := d.status(); s.Rung != want.String() {
		d.t.Errorf("after %d ms on %s, want %v", ms, s.Rung, want)
	}
}

// pose returns the links' positions as the page's stream tells them.
func (d *driven) pose() (pos []body.Vec3) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, _, err := websocket.Dial(ctx, "ws://"+d.page.Addr()+"/stream", nil)
	if err != nil {
		d.t.Fatal(err)
	}
	defer c.CloseNow()
	c.SetReadLimit(1 << 20)
	for {
		kind, data, err := c.Read(ctx)
		if err != nil {
			d.t.Fatal(err)
		}
		if kind != websocket.MessageBinary || data[0] != 1 {
			continue
		}
		at := func(i int) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(data[16+4*i:]))) }
		for i := range binary.LittleEndian.Uint32(data[4:]) {
			pos = append(pos, body.Vec3{at(7 * int(i)), at(7*int(i) + 1), at(7*int(i) + 2)})
		}
		return pos
	}
}

// TestPageShowsABodyOnROS2: what the page draws are the body's joints, and its watts those of the torque that the body reports.
func TestPageShowsABodyOnROS2(t *testing.T) {
	d := drivePuppet(t)
	d.live(300, d.over)
	s := d.status()
	if s.Ticks < 250 || s.Ticks > 300 || s.Rung != "balance" || !s.Upright || s.Simulated || s.Body == "" {
		t.Errorf("status %+v", s)
	}
	m := d.m
	b := power.DefaultBudget
	want := b.HotelW(m) + b.ComputeW + m.Joints[d.knee].Motor.CopperWNm2*kneeNm*kneeNm
	if math.Abs(s.PowerW/want-1) > 0.01 || s.PeakW < s.PowerW || s.PowerSource != "model" || s.PowerBasis != fromEfforts {
		t.Errorf("%.1f W, peak %.1f, by %s from %s: want %.1f", s.PowerW, s.PeakW, s.PowerSource, s.PowerBasis, want)
	}
	k := liveModel.NewData()
	k.Kinematics(body.Vec3{}, body.Quat{1}, body.Vec3{}, body.Vec3{}, d.state.Position, d.state.Velocity)
	pos := d.pose()
	if len(pos) != len(m.Links) || math.Abs(pos[0][2]-m.StandHeightM) > 0.02 {
		t.Fatalf("%d links, the base at %v", len(pos), pos[0])
	}
	for i := range pos {
		at, _ := k.LinkPose(i)
		if off := pos[i].Sub(pos[0]).Sub(at).Norm(); off > 0.005 {
			t.Errorf("%s drawn %.0f mm from where the joints put it", m.Links[i].Name, 1000*off)
		}
	}
}

// TestPageStopsABodyOnROS2: the stop ends in a crouch, which an acknowledgement lifts, and then off, which nothing lifts.
func TestPageStopsABodyOnROS2(t *testing.T) {
	d := drivePuppet(t)
	d.wantRung(200, body.RungBalance)
	d.post("/push", `{"impulse_ns":[1,0,0]}`, http.StatusConflict)
	d.post("/estop", "", http.StatusAccepted)
	d.wantRung(300, body.RungCrouch)
	d.post("/ack", "{}", http.StatusAccepted)
	d.wantRung(300, body.RungBalance)
	d.post("/estop", "", http.StatusAccepted)
	d.wantRung(300, body.RungCrouch)
	d.wantRung(3000, body.RungOff)
	d.post("/ack", "{}", http.StatusConflict)
	if text := d.get("/metrics"); !strings.Contains(text, `robotd_rung{rung="off"} 1`) || !strings.Contains(text, `robotd_power_bus_watts{source="model"}`) {
		t.Error(text)
	}
	d.leave()
	d.live(10, d.over) // it is off already
	<-d.over
	if d.err != nil || !d.rep.SafetyStop || d.rep.Rung != body.RungOff || !strings.HasSuffix(d.rep.Address, d.page.Addr()) {
		t.Errorf("%v %+v", d.err, d.rep)
	}
}

// TestTheGraphStopsABodyOnROS2: true on estop is a press, from reliable and from best-effort publishers; false takes nothing back.
func TestTheGraphStopsABodyOnROS2(t *testing.T) {
	d := drivePuppet(t)
	d.wantRung(200, body.RungBalance)
	node, err := ros2.NewNode(context.Background(), "button", ros2.Options{Domain: 1 + os.Getpid()%10, Range: ros2.RangeLocalhost})
	if err != nil {
		t.Fatal(err)
	}
	defer node.Close()
	for _, quality := range []ros2.QoS{ros2.Reliable, ros2.SensorData} {
		button, err := ros2.NewPublisher[*std_msgs.Bool](node, "estop", quality)
		if err != nil {
			t.Fatal(err)
		}
		for begin := time.Now(); button.Subscribers() == 0; time.Sleep(5 * time.Millisecond) {
			if time.Since(begin) > 10*time.Second {
				t.Fatal("nobody hears the button")
			}
		}
		press := func(down bool) {
			if err := button.Publish(&std_msgs.Bool{Data: down}); err != nil {
				t.Fatal(err)
			}
		}
		press(false)
		d.live(50, d.over)
		d.wantRung(100, body.RungBalance)
		press(true)
		d.wantRung(300, body.RungCrouch)
		press(false)
		d.live(300, d.over)
		d.wantRung(100, body.RungCrouch)
		if quality == ros2.SensorData { // nobody acknowledges
			break
		}
		d.post("/ack", "{}", http.StatusAccepted)
		d.wantRung(300, body.RungBalance)
	}
	d.wantRung(3500, body.RungOff)
}

// TestNobodyLeavesAStoppedBodyHalfWay: the run is ended while the stop from the page lets the body down. It goes all the way,
// and an acknowledgement does not lift it.
func TestNobodyLeavesAStoppedBodyHalfWay(t *testing.T) {
	d := drivePuppet(t)
	d.live(100, d.over)
	d.post("/estop", "", http.StatusAccepted)
	d.wantRung(500, body.RungCrouch)
	d.leave()
	d.live(500, d.over)
	d.post("/ack", "{}", http.StatusAccepted)
	d.wantRung(500, body.RungCrouch)
	d.live(6000, d.over)
	<-d.over
	if d.err != nil || d.rep.Rung != body.RungOff || d.rep.Ticks < 2900 || d.rep.Ticks > 3300 {
		t.Errorf("%v: left on %v after %d ticks", d.err, d.rep.Rung, d.rep.Ticks)
	}
}

// TestROS2PageAllocatesNothing: neither what is shown of a tick nor asking the page for orders.
func TestROS2PageAllocatesNothing(t *testing.T) {
	page, err := dash.New(liveModel.Body(), dash.Options{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close(context.Background())
	r := balancing(t)
	copy(r.Sensors.QRad[:], r.m.StandRad)
	r.Sensors.QRad[jointLike(t, r.m, "knee")] += 0.05 // something to hold against
	r.Sensors.AccelMS2 = body.Vec3{0, 0, 9.81}
	run := &ros2Run{r: r, page: newROS2Page(r, page)}
	r.Reset(1)
	shown := 0
	tick := func() {
		r.Sensors.StampNs += 1e6
		run.obey()
		r.Tick()
		run.counts.brain(r, time.Millisecond)
		before := run.page.shownNs
		if run.page.show(r, &run.counts); run.page.shownNs != before {
			shown++
		}
	}
	for range 200 {
		tick()
	}
	if shown != 6 {
		t.Errorf("%d frames in 200 ms, want 6 at %d Hz", shown, cameraHz)
	}
	if n := testing.AllocsPerRun(10, func() {
		for range 100 {
			tick()
		}
	}); n != 0 {
		t.Errorf("%g allocations in 100 ms", n)
	}
	if us := run.page.snap.TickUsP50; math.Abs(us/1000-1) > 0.02 {
		t.Errorf("ticks of 1 ms are shown as %.0f µs", us)
	}
	if s := &run.page.snap; s.PowerBasis != fromGranted || !(s.PowerW > run.page.baseW) {
		t.Errorf("without a reported torque %.1f W from %s", s.PowerW, s.PowerBasis)
	}
}

// TestModelledWattsAgreeWithTheBody: MuJoCo's body accounts its own power; what the page says without a meter comes close.
func TestModelledWattsAgreeWithTheBody(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	domain := 1 + os.Getpid()%10
	process, err := mujoco.Start(ctx, liveModel.Body(), mujoco.DefaultScenario(mujoco.Lockstep, 1.5, 3), mujoco.Options{Domain: domain})
	if err != nil {
		t.Fatal(err)
	}
	r := balancing(t)
	p := newROS2Page(r, nil)
	sum, ticks := 0.0, 0.0
	done := make(chan error, 1)
	go func() {
		_, err := RunROS2(ctx, r, ROS2Options{Graph: ros2.Options{Domain: domain, Range: ros2.RangeLocalhost}, Seed: 1, After: func(r *Robot) {
			w, _ := p.busW(r)
			sum, ticks = sum+w, ticks+1
		}})
		done <- err
	}()
	result, err := process.Wait()
	cancel()
	if runErr := <-done; err != nil || runErr != nil {
		t.Fatal(err, runErr)
	}
	mean := sum / ticks
	t.Logf("page %.1f W, body %.1f W over %.0f ticks", mean, result.PowerW.Mean, ticks)
	if math.Abs(mean/result.PowerW.Mean-1) > 0.05 {
		t.Errorf("the page says %.1f W, the body %.1f", mean, result.PowerW.Mean)
	}
}
