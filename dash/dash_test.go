package dash

import (
	"context"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"robotd/body"
	"robotd/internal/rigid"
)

// snapshot is the standing robot, shifted sideways by y, with a ghost a little ahead.
func snapshot(m *body.Model, y float64) *Snapshot {
	s := &Snapshot{StampNs: int64(1e9 * (1 + y)), PowerW: 181.5, PeakW: 244, BudgetW: 500, PowerSource: "model", Simulated: true, Upright: true,
		Rung: body.RungTail, TickUsP50: 210, TickUsP99: 640, Ticks: 12345, PlanCandidates: 48, PlanBlocks: 5,
		CaptureM: [2]float64{0.03, -0.02}, Rejected: map[string]uint64{"power": 3}, Stoppable: true, StopMarginM: 0.06,
		Processes: []Process{{Name: "gate", Ticks: 99, Lost: 5, LateS: [4]float64{1e-5, 1e-4, 4e-4, 1e-3}, Restarts: 2}}}
	s.RungShare[body.RungPlan], s.RungShare[body.RungTail] = 0.92, 0.08
	n := len(m.Links)
	s.Pos, s.Rot = make([]body.Vec3, n), make([]body.Quat, n)
	s.Pos[0], s.Rot[0] = body.Vec3{0, y, m.StandHeightM}, rigid.Identity
	for j := range m.Joints {
		jt := &m.Joints[j]
		s.Pos[j+1] = s.Pos[jt.Parent].Add(s.Rot[jt.Parent].Rotate(jt.OriginM))
		s.Rot[j+1] = s.Rot[jt.Parent].Mul(jt.Rot).Mul(rigid.AxisAngle(jt.Axis, m.StandRad[j]))
	}
	for i := range s.Pos {
		s.GhostPos = append(s.GhostPos, s.Pos[i].Add(body.Vec3{0.06, 0.05, 0}))
	}
	s.GhostRot = s.Rot
	s.Objects = []Object{{body.Vec3{0.8, 0.5, 0.6}, 0.09, [3]uint8{235, 64, 52}}}
	s.Head = body.Image{StampNs: s.StampNs, Width: 64, Height: 64, RGB: make([]byte, 64*64*3)}
	for i := range s.Head.RGB {
		s.Head.RGB[i] = byte(i / 48)
	}
	return s
}

func serve(t *testing.T, o Options) *Server {
	t.Helper()
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	s, err := New(body.Humanoid(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// ask sends a request with the headers given as name, value pairs; Host is one of them.
func ask(t *testing.T, s *Server, method, path, payload string, headers ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, "http://"+s.Addr()+path, strings.NewReader(payload))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

const jsonType = "application/json"

func TestPushReachesCommands(t *testing.T) {
	s := serve(t, Options{})
	s.Publish(snapshot(s.m, 0))
	if code, text := ask(t, s, "POST", "/push", `{"impulse_ns":[3,-4,0]}`, "Content-Type", jsonType); code != http.StatusAccepted {
		t.Fatalf("%d %s", code, text)
	}
	c := <-s.Commands()
	if c.Kind != Push || c.ImpulseNs != (body.Vec3{3, -4, 0}) {
		t.Errorf("got %+v", c)
	}
	for _, k := range []Kind{EStop, Ack} {
		ask(t, s, "POST", "/"+k.String(), "{}", "Content-Type", jsonType)
		if c := <-s.Commands(); c.Kind != k {
			t.Errorf("got %v, want %v", c.Kind, k)
		}
	}
}

func TestPushIsForSimulationsOnly(t *testing.T) {
	s := serve(t, Options{})
	push := func() int {
		code, _ := ask(t, s, "POST", "/push", `{"impulse_ns":[1,0,0]}`, "Content-Type", jsonType)
		return code
	}
	if code := push(); code != http.StatusConflict {
		t.Errorf("before the first snapshot: %d", code)
	}
	real := snapshot(s.m, 0)
	real.Simulated = false
	s.Publish(real)
	if code := push(); code != http.StatusConflict {
		t.Errorf("real body: %d", code)
	}
	if len(s.commands) != 0 {
		t.Error("a refused push was queued")
	}
}

// TestOnlyTheSimulationIsLiftedUp: another body that is off stays so, and who asks is told what to do.
func TestOnlyTheSimulationIsLiftedUp(t *testing.T) {
	s := serve(t, Options{})
	for _, c := range []struct {
		simulated bool
		rung      body.Rung
		want      int
	}{{true, body.RungOff, 202}, {false, body.RungCrouch, 202}, {false, body.RungFall, 409}, {false, body.RungOff, 409}} {
		snap := snapshot(s.m, 0)
		snap.Simulated, snap.Rung = c.simulated, c.rung
		s.Publish(snap)
		code, text := ask(t, s, "POST", "/ack", "{}", "Content-Type", jsonType)
		if code != c.want || code == 409 && !strings.Contains(text, "start robotd again") {
			t.Errorf("simulated %v on %v: %d %s", c.simulated, c.rung, code, text)
		}
		if code, _ := ask(t, s, "POST", "/estop", ""); code != 202 {
			t.Errorf("the stop on %v: %d", c.rung, code)
		}
	}
}

func TestBadCommandsAreRefused(t *testing.T) {
	s := serve(t, Options{MaxPushNs: 20})
	s.Publish(snapshot(s.m, 0))
	cases := []struct {
		path, payload, kind string
		want                int
	}{
		{"/push", `{"impulse_ns":[21,0,0]}`, jsonType, 400},
		{"/push", `{"impulse_ns":[1e999,0,0]}`, jsonType, 400},
		{"/push", `{"impulse_ns":"hard"}`, jsonType, 400},
		{"/push", `{}`, jsonType, 400},
		{"/push", `{"impulse":[1,0,0]}`, jsonType, 400},
		{"/push", `{"impulse_ns":[1,0,0]} {}`, jsonType, 400},
		{"/push", ``, jsonType, 400},
		{"/push", `{"impulse_ns":[1,0,0]}`, "text/plain", 415},
		{"/push", `{"impulse_ns":[` + strings.Repeat(" ", 5000) + `1,0,0]}`, jsonType, 413},
		{"/ack", `{}`, "", 415},
		{"/nosuch", `{}`, jsonType, 405},
	}
	for _, c := range cases {
		if code, text := ask(t, s, "POST", c.path, c.payload, "Content-Type", c.kind); code != c.want {
			t.Errorf("%s %.40q: %d %q, want %d", c.path, c.payload, code, text, c.want)
		}
	}
	if len(s.commands) != 0 {
		t.Errorf("%d refused commands were queued", len(s.commands))
	}
	if code, _ := ask(t, s, "GET", "/estop", ""); code != 404 && code != 405 {
		t.Errorf("GET /estop: %d: a link must not stop the robot", code)
	}
}

func TestOtherSitesAreRefused(t *testing.T) {
	s := serve(t, Options{})
	s.Publish(snapshot(s.m, 0))
	_, port, _ := net.SplitHostPort(s.Addr())
	cases := []struct {
		name, method, path string
		headers            []string
		want               int
	}{
		{"rebound name", "GET", "/", []string{"Host", "evil.example:" + port}, 421},
		{"rebound name, stop", "POST", "/estop", []string{"Host", "evil.example:" + port, "Content-Type", jsonType}, 421},
		{"other port", "GET", "/", []string{"Host", "127.0.0.1:1"}, 421},
		{"other address", "GET", "/", []string{"Host", "10.0.0.1:" + port}, 421},
		{"foreign origin", "POST", "/estop", []string{"Origin", "http://evil.example", "Content-Type", jsonType}, 403},
		{"foreign port's origin", "POST", "/estop", []string{"Origin", "http://127.0.0.1:1", "Content-Type", jsonType}, 403},
		{"null origin", "POST", "/estop", []string{"Origin", "null", "Content-Type", jsonType}, 403},
		{"cross-site fetch", "POST", "/estop", []string{"Sec-Fetch-Site", "cross-site", "Content-Type", jsonType}, 403},
		{"foreign stream", "GET", "/stream", []string{"Origin", "http://evil.example", "Connection", "Upgrade", "Upgrade", "websocket"}, 403},
		{"own page", "POST", "/estop", []string{"Origin", "http://" + s.Addr(), "Sec-Fetch-Site", "same-origin", "Content-Type", jsonType}, 202},
		{"own page as localhost", "GET", "/", []string{"Host", "localhost:" + port}, 200},
		{"a tool", "POST", "/estop", []string{"Content-Type", jsonType}, 202},
	}
	for _, c := range cases {
		if code, text := ask(t, s, c.method, c.path, "{}", c.headers...); code != c.want {
			t.Errorf("%s: %d %q, want %d", c.name, code, text, c.want)
		}
	}
}

func TestLoopbackUnlessAllowed(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.168.1.5:80", "robot.local:80", "nonsense"} {
		if s, err := New(body.Humanoid(), Options{Addr: addr}); err == nil {
			t.Errorf("%s was served", addr)
			s.Close(context.Background())
		}
	}
	s := serve(t, Options{Addr: "0.0.0.0:0", Remote: true, Hosts: []string{"robot.local"}})
	_, port, _ := net.SplitHostPort(s.Addr())
	for host, want := range map[string]int{"10.1.2.3": 200, "robot.local": 200, "evil.example": 421} {
		r, _ := http.NewRequest("GET", "http://127.0.0.1:"+port+"/", nil)
		r.Host = net.JoinHostPort(host, port)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("host %s: %d, want %d", host, resp.StatusCode, want)
		}
	}
}

func TestTakenPortFallsBackOnlyByDefault(t *testing.T) {
	l, err := net.Listen("tcp", DefaultAddr)
	if err == nil {
		defer l.Close()
	} // else somebody has it already, which serves as well
	s, err := New(body.Humanoid(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(context.Background())
	if s.Addr() == DefaultAddr {
		t.Errorf("served at the taken %s", DefaultAddr)
	}
	if other, err := New(body.Humanoid(), Options{Addr: s.Addr()}); err == nil {
		other.Close(context.Background())
		t.Error("a taken port that was asked for by name was replaced in silence")
	}
}

func TestMetricsTellTheSnapshot(t *testing.T) {
	s := serve(t, Options{})
	if code, text := ask(t, s, "GET", "/metrics", ""); code != 200 || strings.Contains(text, "robotd_") {
		t.Errorf("before the first snapshot: %d %s", code, text)
	}
	s.Publish(snapshot(s.m, 0))
	_, text := ask(t, s, "GET", "/metrics", "")
	for _, line := range []string{
		`robotd_power_bus_watts{source="model"} 181.5`, `robotd_power_budget_watts 500`, `robotd_rung{rung="tail"} 1`,
		`robotd_rung{rung="plan"} 0`, `robotd_tick_seconds{quantile="0.99"} 0.00064`, `robotd_ticks_total 12345`,
		`robotd_plan_candidates 48`, `robotd_rejected_total{reason="power"} 3`, `robotd_upright 1`,
		`robotd_process_lateness_seconds{process="gate",quantile="0.999"} 0.0004`, `robotd_process_restarts_total{process="gate"} 2`,
		`robotd_stoppable 1`, `robotd_stop_margin_meters 0.06`, `robotd_process_lost_ticks_total{process="gate"} 5`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("missing %s", line)
		}
	}
	// What a broken robot says still reaches Prometheus and the page.
	bad := snapshot(s.m, 0)
	bad.PowerW, bad.Rejected = math.NaN(), map[string]uint64{"a\xffb": 1}
	bad.CaptureM[0], bad.Rung, bad.PowerSource = math.Inf(1), 200, "\xff"
	s.Publish(bad)
	if code, text := ask(t, s, "GET", "/metrics", ""); code != 200 || !strings.Contains(text, "robotd_power_bus_watts") {
		t.Errorf("%d %s", code, text)
	}
	if code, text := ask(t, s, "GET", "/status.json", ""); code != 200 || !strings.Contains(text, `"rung":"unknown"`) {
		t.Errorf("%d %s", code, text)
	}
}

func TestStopIsKeptWhenNobodyReads(t *testing.T) {
	s := serve(t, Options{})
	for i := 0; i < maxCommands; i++ {
		if !s.offer(Command{Kind: Push}) {
			t.Fatal("refused too early")
		}
	}
	if s.offer(Command{Kind: Ack}) {
		t.Error("a full queue took another")
	}
	for i := 0; i < 2*maxCommands; i++ {
		if !s.offer(Command{Kind: EStop}) {
			t.Fatal("a stop was refused")
		}
	}
	for len(s.commands) > 0 {
		if (<-s.Commands()).Kind == EStop {
			return
		}
	}
	t.Error("the stop was lost")
}

func TestPublishedSnapshotIsACopy(t *testing.T) {
	s := serve(t, Options{})
	snap := snapshot(s.m, 0)
	s.Publish(snap)
	snap.Pos[0][0], snap.Head.RGB[0], snap.Rejected["power"] = 99, 77, 88
	var got Snapshot
	s.latest.get(&got)
	if got.Pos[0][0] == 99 || got.Head.RGB[0] == 77 || got.Rejected["power"] == 88 {
		t.Error("the caller's later writes show")
	}
	if n := testing.AllocsPerRun(50, func() { s.Publish(snap) }); n != 0 {
		t.Errorf("%g allocations a Publish", n)
	}
}

// TestPublishWaitsForNoReader: the tick goes on while whoever reads was put to sleep in the middle of it.
func TestPublishWaitsForNoReader(t *testing.T) {
	s := serve(t, Options{})
	s.latest.readers.Lock()
	published := make(chan struct{})
	go func() {
		s.Publish(snapshot(s.m, 0))
		s.Publish(snapshot(s.m, 1))
		s.Publish(snapshot(s.m, 2))
		close(published)
	}()
	select {
	case <-published:
	case <-time.After(10 * time.Second):
		t.Error("Publish waits for a reader")
	}
	s.latest.readers.Unlock()
	<-published
	var got Snapshot
	if seq := s.latest.get(&got); seq != 3 || got.Pos[0][1] != 2 {
		t.Errorf("snapshot %d, of y %g", seq, got.Pos[0][1])
	}
}

// TestReadersSeeWholeSnapshotsInOrder: one writes, several read at the same time; no snapshot is torn, none comes after a newer one, and
// the last one is the last one.
func TestReadersSeeWholeSnapshotsInOrder(t *testing.T) {
	const writes = 2000
	l := newLatest()
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			var got Snapshot
			for last := uint64(0); last < writes; {
				seq := l.get(&got)
				if seq < last {
					t.Errorf("snapshot %d after %d", seq, last)
					return
				}
				for i := range got.Pos {
					if got.Ticks != seq || got.Pos[i][0] != float64(seq) {
						t.Errorf("snapshot %d: tick %d, link %d at %g", seq, got.Ticks, i, got.Pos[i][0])
						return
					}
				}
				last = seq
			}
		})
	}
	in := &Snapshot{Pos: make([]body.Vec3, 64)}
	for k := 1; k <= writes; k++ {
		in.Ticks = uint64(k)
		for i := range in.Pos {
			in.Pos[i][0] = float64(k)
		}
		l.put(in)
	}
	readers.Wait()
}

func TestAnswersCarryThePolicy(t *testing.T) {
	s := serve(t, Options{})
	for _, path := range []string{"/", "/model.json", "/nosuch", "/app.js"} {
		resp, err := http.Get("http://" + s.Addr() + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if p := resp.Header.Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") || strings.Contains(p, "unsafe") {
			t.Errorf("%s: policy %q", path, p)
		}
		if resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: no nosniff", path)
		}
	}
}
