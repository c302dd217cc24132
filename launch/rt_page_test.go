//go:build linux

package launch

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"robotd/body"
	"robotd/dash"
)

// get asks the page; a failed request has code 0.
func (r *running) get(path string) (code int, text string) {
	client := http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(r.s.Address() + path)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

func (r *running) post(path, payload string) {
	r.t.Helper()
	resp, err := http.Post(r.s.Address()+path, "application/json", strings.NewReader(payload))
	if err != nil {
		r.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		r.t.Fatalf("%s: %s", path, resp.Status)
	}
}

func (r *running) status() (s dash.Status) {
	code, text := r.get("/status.json")
	if code == http.StatusOK {
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			r.t.Fatal(err)
		}
	}
	return s
}

// metric reads one value, -1 when it is not there.
func (r *running) metric(name string) float64 {
	_, text := r.get("/metrics")
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindStringSubmatch(text)
	if found == nil {
		return -1
	}
	v, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		r.t.Fatal(err)
	}
	return v
}

// TestThePageOfARealtimeRun: it shows the robot, pushes, stops and lifts it up; a host that is killed serves again at the same
// address, and forgets no stop.
func TestThePageOfARealtimeRun(t *testing.T) {
	r := startRealtime(t, RealtimeOptions{Planner: Mode2, PlanHz: DefaultPlanHz, Seed: 1, Addr: "127.0.0.1:0"})
	r.until("the page shows the robot", 10*time.Second, func() bool { return r.status().Ticks > 0 })
	if s := r.status(); !s.Upright || !s.Simulated || s.Rung != "plan" || !(s.PowerW > 50 && s.PeakW >= s.PowerW && s.PeakW <= 500) || len(s.Processes) != 4 {
		t.Errorf("%+v", s)
	}
	if _, text := r.get("/"); !strings.Contains(text, "<html") {
		t.Error("no page")
	}
	r.post("/push", `{"impulse_ns": [0.5, 0, 0]}`)
	r.until("the push arrives", 5*time.Second, func() bool { return r.view().PushNs == body.Vec3{0.5, 0, 0} })

	r.kill(roleHost)
	r.until("it serves again", 10*time.Second, func() bool { return r.metric(`robotd_process_restarts_total{process="host"}`) == 1 })
	for _, name := range []string{`robotd_process_lateness_seconds{process="gate",quantile="0.99"}`, `robotd_process_ticks_total{process="link"}`} {
		if v := r.metric(name); !(v > 0) {
			t.Errorf("%s is %v", name, v)
		}
	}
	for _, name := range []string{`robotd_process_gc_cycles_total{process="gate"}`, `robotd_process_gc_cycles_total{process="mind"}`} {
		if v := r.metric(name); v != 0 {
			t.Errorf("%s is %v", name, v)
		}
	}
	if v := r.metric(`robotd_process_lost_ticks_total{process="mind"}`); v < 0 {
		t.Error("no lost ticks")
	}
	if v := r.metric(`robotd_process_page_faults_total{process="gate"}`); v < 0 {
		t.Error("no page faults")
	}

	r.post("/estop", "")
	r.until("it crouches", 5*time.Second, func() bool { return r.verdict().Verdict.Rung >= body.RungCrouch })
	r.kill(roleHost)
	r.until("off", 5*time.Second, func() bool { return r.verdict().Verdict.Rung == body.RungOff })
	r.until("the page says so", 10*time.Second, func() bool { return r.status().Rung == "off" })
	r.post("/ack", "{}")
	r.until("it stands again", 10*time.Second, func() bool { return r.verdict().Verdict.Rung == body.RungPlan && r.view().Upright })
	if rep := r.end(); !rep.Off || rep.Processes[roleHost].Restarts != 2 {
		t.Errorf("%+v", rep)
	}
}

// TestTheStopOfAPagePressedTwiceIsOffAtOnce.
func TestTheStopOfAPagePressedTwiceIsOffAtOnce(t *testing.T) {
	r := startRealtime(t, RealtimeOptions{Planner: Mode2, PlanHz: DefaultPlanHz, Seed: 1, Addr: "127.0.0.1:0"})
	r.until("the page shows the robot", 10*time.Second, func() bool { return r.status().Ticks > 0 })
	r.post("/estop", "")
	r.until("it crouches", 5*time.Second, func() bool { return r.verdict().Verdict.Rung >= body.RungCrouch })
	r.post("/estop", "")
	if took := r.until("off", 5*time.Second, func() bool { return r.verdict().Verdict.Rung == body.RungOff }); took > time.Second {
		t.Errorf("off after %v", took)
	}
	r.end()
}

// TestARunWithoutAPageOpensNoPort.
func TestARunWithoutAPageOpensNoPort(t *testing.T) {
	s, err := NewSupervisor(RealtimeOptions{NoDash: true}, "", nil)
	if err != nil || s.Address() != "" || s.port != nil {
		t.Errorf("%v %v", s, err)
	}
	if _, err := NewSupervisor(RealtimeOptions{Addr: "0.0.0.0:0"}, "", nil); err == nil || !strings.Contains(err.Error(), "can stop the robot") {
		t.Errorf("%v", err)
	}
}
