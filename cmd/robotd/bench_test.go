package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestMain lets the test binary be the program that 'bench loop' starts its real-time processes from.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "bench" {
		main()
	}
	os.Exit(m.Run())
}

// TestBenchLoop runs one short pair: everything is there and adds up. How late anything was is not judged: other tests run.
func TestBenchLoop(t *testing.T) {
	if out, err := exec.Command("sh", "../../tools/peers/cyclictest.sh").CombinedOutput(); err != nil {
		t.Fatalf("tools/peers/cyclictest.sh: %v: the yardstick must be there to be measured by: %s", err, out)
	}
	code, stdout, stderr := robotd(t, "bench", "loop", "--pairs", "1", "--seconds", "2", "--weights", weightsFile(t, nil), "-o", "json")
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if !strings.Contains(stderr, "pair 1 of 1") {
		t.Errorf("stderr: %s", stderr)
	}
	type perPart struct{ Gate, Mind float64 }
	type tail struct{ P50, P99, P999, Max float64 }
	var r struct {
		Pairs, Seconds int
		RatioP99       *perPart                     `json:"ratio_p99"`
		LatenessUs     struct{ Gate, Mind tail }    `json:"lateness_us"`
		CyclictestUs   struct{ Gate, Mind *tail }   `json:"cyclictest_us"`
		Ticks          perPart                      `json:"ticks"`
		Lost           perPart                      `json:"lost_ticks"`
		GCCycles       *perPart                     `json:"gc_cycles"`
		PageFaults     *perPart                     `json:"page_faults"`
		Plan           struct{ Made float64 }       `json:"plan"`
		Command        struct{ Heard, Hostile int } `json:"command"`
		Host           struct {
			GCCycles int `json:"gc_cycles"`
		} `json:"host"`
		Warnings []string `json:"warnings"`
	}
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatalf("%v: %s", err, stdout)
	}
	t.Log(stdout)
	if r.Pairs != 1 || r.Seconds != 2 || r.GCCycles == nil || r.PageFaults == nil || r.Warnings == nil {
		t.Errorf("%+v", r)
	}
	for part, c := range map[string]struct {
		ticks, lost float64
		late        tail
	}{"gate": {r.Ticks.Gate, r.Lost.Gate, r.LatenessUs.Gate}, "mind": {r.Ticks.Mind, r.Lost.Mind, r.LatenessUs.Mind}} {
		if sum := c.ticks + c.lost; sum < 2000 || c.ticks > 2000 {
			t.Errorf("%s: %g ticks and %g lost of 2000 slots", part, c.ticks, c.lost)
		}
		if l := c.late; !(l.P50 > 0 && l.P50 <= l.P99 && l.P99 <= l.P999 && l.P999 <= l.Max) {
			t.Errorf("%s late: %+v", part, l)
		}
	}
	if *r.GCCycles != (perPart{}) {
		t.Errorf("the collector ran: %+v", *r.GCCycles)
	}
	if r.Command.Heard == 0 || r.Command.Hostile == 0 || r.Plan.Made == 0 || r.Host.GCCycles == 0 {
		t.Errorf("%d commands heard, %d hostile, %g plans, %d collections of the host", r.Command.Heard, r.Command.Hostile, r.Plan.Made, r.Host.GCCycles)
	}
	if len(r.Warnings) > 0 { // not root: soft real time, without a yardstick
		t.Log(r.Warnings)
		return
	}
	if *r.PageFaults != (perPart{}) {
		t.Errorf("page faults with memory locked: %+v", *r.PageFaults)
	}
	if r.RatioP99 == nil || !(r.RatioP99.Gate > 0) || !(r.RatioP99.Mind > 0) || r.CyclictestUs.Gate == nil || r.CyclictestUs.Mind == nil {
		t.Errorf("no ratio to cyclictest: %s", stdout)
	}
}

func TestBenchLoopIsRefused(t *testing.T) {
	for _, c := range []struct {
		code int
		say  string
		args []string
	}{
		{exitUsage, "--pairs", []string{"--pairs", "0"}},
		{exitUsage, "--seconds", []string{"--seconds", "-1"}},
		{exitUsage, "--plan-hz", []string{"--plan-hz", "7"}},
		{exitBadInput, "no such file", []string{"--weights", "none.safetensors"}},
	} {
		code, _, stderr := robotd(t, append([]string{"bench", "loop"}, c.args...)...)
		if code != c.code || !strings.Contains(stderr, c.say) {
			t.Errorf("%v: exit %d, %s", c.args, code, stderr)
		}
	}
	if code, _, stderr := robotd(t, "bench", loopPartName, "{"); code != exitBadInput {
		t.Errorf("a part without sense: exit %d, %s", code, stderr)
	}
}
