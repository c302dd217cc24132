package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"robotd/jepa"
	"robotd/jepa/safetensors"
)

// robotd runs one command line.
func robotd(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = execute(context.Background(), args, &out, &errs)
	return code, out.String(), errs.String()
}

// weightsFile writes random weights, changed by edit, and returns their path.
func weightsFile(t *testing.T, edit func(*jepa.Config)) string {
	t.Helper()
	c := jepa.DefaultConfig(28)
	if edit != nil {
		edit(&c)
	}
	path := filepath.Join(t.TempDir(), "weights.safetensors")
	if err := jepa.NewModel(c, 1).Save(path, nil); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExitCodes(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	quick := []string{"run", "--planner", "balance", "--fast", "--no-dash", "--duration"}
	cases := []struct {
		name string
		want int
		say  string // on stderr
		args []string
	}{
		{"stands", exitOK, "", append(quick, "1s")},
		{"help", exitOK, "", []string{"--help"}},
		{"taken address", exitFailure, "address already in use", []string{"run", "--planner", "hold", "--dash", taken.Addr().String(), "--duration", "1s"}},
		{"nowhere to film", exitFailure, "--video", append(quick, "1s", "--video", filepath.Join(t.TempDir(), "no", "such.gif"))},
		{"unknown flag", exitUsage, "unknown flag: --pushs", append(quick, "1s", "--pushs", "3")},
		{"unknown flag, plain", exitUsage, "--nosuch", []string{"--nosuch"}},
		{"unknown command", exitUsage, "unknown command", []string{"dance"}},
		{"no number", exitUsage, "--seed", append(quick, "1s", "--seed", "x")},
		{"extra argument", exitUsage, "unknown command", []string{"run", "now"}},
		{"bench alone", exitUsage, "planner", []string{"bench"}},
		{"bench of nothing", exitUsage, "planner", []string{"bench", "nothing"}},
		{"robot alone", exitUsage, "check, export", []string{"robot"}},
		{"output", exitUsage, "-o yaml", append(quick, "1s", "-o", "yaml")},
		{"planner", exitUsage, "hold, balance, mode1 or mode2", append(quick, "1s", "--planner", "oracle")},
		{"rate", exitUsage, "divide 1000", append(quick, "1s", "--plan-hz", "7")},
		{"push", exitUsage, "8-12", append(quick, "1s", "--pushes", "12-8")},
		{"push of nothing", exitUsage, "8-12", append(quick, "1s", "--pushes", "nan")},
		{"negative time", exitUsage, "--duration", append(quick, "-1s")},
		{"for ever and unseen", exitUsage, "never end", append(quick, "0s")},
		{"endless film", exitUsage, "--duration", []string{"run", "--planner", "hold", "--video", filepath.Join(t.TempDir(), "a.gif")}},
		{"long film", exitUsage, "4096", append(quick, "1h", "--video", filepath.Join(t.TempDir(), "a.gif"))},
		{"film rate", exitUsage, "1 to 50", append(quick, "1s", "--video", filepath.Join(t.TempDir(), "a.gif"), "--video-fps", "0")},
		{"open to the world", exitUsage, "other machines", []string{"run", "--planner", "hold", "--duration", "1s", "--dash", "0.0.0.0:0"}},
		{"body", exitUsage, "sim or ros2", append(quick, "1s", "--body", "flesh")},
		{"a push over ROS 2", exitUsage, "--pushes", []string{"run", "--body", "ros2", "--planner", "hold", "--pushes", "3"}},
		{"a graph's page, open to the world", exitUsage, "other machines", []string{"run", "--body", "ros2", "--planner", "hold", "--duration", "1s", "--dash", "0.0.0.0:0"}},
		{"a graph's page, taken address", exitFailure, "address already in use", []string{"run", "--body", "ros2", "--planner", "hold", "--dash", taken.Addr().String(), "--duration", "1s"}},
		{"no such domain", exitFailure, "domain", []string{"run", "--body", "ros2", "--planner", "hold", "--ros-domain", "300", "--duration", "1s"}},
		{"eval body", exitUsage, "sim or mujoco", []string{"eval", "--body", "flesh"}},
		{"eval task", exitUsage, "--task", []string{"eval", "--task", "fly"}},
		{"eval planner", exitUsage, "--planner", []string{"eval", "--planner", "magic", "--weights", weightsFile(t, nil)}},
		{"eval episodes", exitUsage, "--episodes", []string{"eval", "--planner", "hold", "--episodes", "0"}},
		{"no weights there", exitBadInput, "no such file", []string{"run", "--weights", filepath.Join(t.TempDir(), "none"), "--duration", "1s"}},
		{"preset", exitBadInput, "quick", []string{"train", "--preset", "slow"}},
		{"robot file", exitBadInput, "none.urdf", []string{"robot", "check", filepath.Join(t.TempDir(), "none.urdf")}},
		{"fell", exitFell, "fell", []string{"run", "--planner", "hold", "--pushes", "60", "--duration", "6s", "--fast", "--no-dash"}},
	}
	for _, c := range cases {
		code, _, stderr := robotd(t, c.args...)
		if code != c.want || !strings.Contains(stderr, c.say) {
			t.Errorf("%s: %v: exit %d, want %d; stderr %q, want %q in it", c.name, c.args, code, c.want, stderr, c.say)
		}
	}
}

// TestJSONIsTheLastObject: with -o json the last thing on stdout is one object, with the promised keys.
func TestJSONIsTheLastObject(t *testing.T) {
	weights := weightsFile(t, nil)
	dir := t.TempDir()
	cases := []struct {
		keys []string
		args []string
	}{
		{[]string{"ticks", "sim_s", "wall_s", "fell", "actuators", "power_w", "tick_us", "plan", "rung_share", "violations", "estimator_rmse", "address",
			"behind_ms"}, []string{"run", "--weights", weights, "--duration", "500ms", "--fast", "--pushes", "off", "--dash", "127.0.0.1:0"}},
		{[]string{"ticks"}, []string{"--planner", "balance", "--duration", "200ms", "--fast", "--no-dash"}},
		{[]string{"success_rate", "ci95", "power_w", "violations"}, []string{"eval", "--planner", "mode1", "--weights", weights, "--episodes", "1", "--push", "2"}},
		{[]string{"success_rate"}, []string{"eval", "--planner", "balance", "--episodes", "2", "--push", "2"}},
		{[]string{"ticks", "refused", "rung_share", "crouched", "address"}, []string{"run", "--body", "ros2", "--planner", "hold", "--ros-domain", "11", "--duration", "100ms"}},
		{[]string{"curves", "files"}, []string{"eval", "--curve", "--planner", "hold", "--episodes", "1", "--out", dir}},
		{[]string{"tick_us", "gflops", "peak_gflops", "allocs_per_tick"}, []string{"bench", "planner", "--weights", weights, "--ticks", "20"}},
		{[]string{"bytes", "format"}, []string{"robot", "export", "--file", filepath.Join(dir, "a.xml")}},
		{[]string{"joints", "mass_kg", "findings"}, []string{"robot", "check", filepath.Join(dir, "a.xml")}},
	}
	for _, c := range cases {
		code, stdout, stderr := robotd(t, append(c.args, "-o", "json")...)
		lines := strings.Split(strings.TrimRight(stdout, "\n"), "\n")
		var got map[string]any
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &got); err != nil || (code != exitOK && code != exitFell) {
			t.Errorf("%v: exit %d, %v; stdout %q stderr %q", c.args, code, err, stdout, stderr)
			continue
		}
		for _, k := range c.keys {
			if _, ok := got[k]; !ok {
				t.Errorf("%v: no key %q in %s", c.args, k, stdout)
			}
		}
	}
}

func TestRunReportsEveryRungAndThe28(t *testing.T) {
	_, stdout, _ := robotd(t, "run", "--planner", "hold", "--pushes", "off", "--duration", "300ms", "--fast", "--no-dash", "-o", "json")
	var r struct {
		Ticks     int
		Actuators int
		PowerW    struct{ Source string }      `json:"power_w"`
		RungShare map[string]float64           `json:"rung_share"`
		Plan      struct{ Candidates, Hz int } `json:"plan"`
	}
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatal(err)
	}
	for _, rung := range []string{"plan", "tail", "mode1", "balance", "crouch", "fall", "off"} {
		if _, ok := r.RungShare[rung]; !ok {
			t.Errorf("no share of %s in %v", rung, r.RungShare)
		}
	}
	if r.Ticks != 300 || r.Actuators != 28 || r.PowerW.Source != "model" || r.Plan.Hz != 50 || r.Plan.Candidates != 0 {
		t.Errorf("%+v", r)
	}
}

// TestBadWeightsAreNamed: whatever is wrong with a checkpoint, the error names the file, the cause and a remedy.
func TestBadWeightsAreNamed(t *testing.T) {
	rewrite := func(edit func(*safetensors.File)) string {
		path := weightsFile(t, nil)
		f, err := safetensors.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		edit(f)
		if err := safetensors.Save(path, f); err != nil {
			t.Fatal(err)
		}
		return path
	}
	bytesOf := func(edit func([]byte) []byte) string {
		path := weightsFile(t, nil)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, edit(b), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cases := []struct{ name, path, cause string }{
		{"truncated", bytesOf(func(b []byte) []byte { return b[:len(b)-100] }), "cut short"},
		{"empty", bytesOf(func([]byte) []byte { return nil }), "0 bytes"},
		{"a picture", bytesOf(func([]byte) []byte { return []byte("\x89PNG\r\n\x1a\n0000000000") }), "not a safetensors file"},
		{"not finite", bytesOf(func(b []byte) []byte {
			return append(b[:len(b)-4], 0, 0, 0xc0, 0x7f) // little-endian NaN
		}), "NaN"},
		{"wrong shape", rewrite(func(f *safetensors.File) {
			i := slices.IndexFunc(f.Tensors, func(t safetensors.Tensor) bool { return len(t.Shape) == 2 })
			t := &f.Tensors[i]
			t.Shape[0], t.Shape[1] = t.Shape[1], t.Shape[0]
		}), "shape"},
		{"missing tensor", rewrite(func(f *safetensors.File) { f.Tensors = f.Tensors[1:] }), "no tensor"},
		{"one too many", rewrite(func(f *safetensors.File) {
			f.Tensors = append(f.Tensors, safetensors.Tensor{Name: "extra", Shape: []int{1}, Data: []float32{1}})
		}), "extra"},
		{"another network", rewrite(func(f *safetensors.File) { f.Metadata["format"] = "other" }), `"other"`},
		{"another body", weightsFile(t, func(c *jepa.Config) { c.Joints = 12 }), "12 joints"},
		{"another eye", weightsFile(t, func(c *jepa.Config) { c.Tokens = 16 }), "16 tokens"},
	}
	for _, c := range cases {
		for _, command := range [][]string{{"run", "--duration", "1s", "--fast", "--no-dash"}, {"eval"}, {"bench", "planner"}} {
			code, stdout, stderr := robotd(t, append(command, "--weights", c.path)...)
			if code != exitBadInput || !strings.Contains(stderr, c.path) || !strings.Contains(stderr, c.cause) || !strings.Contains(stderr, "'robotd train'") {
				t.Errorf("%s, %s: exit %d, %q %q: want file, %q and the remedy", c.name, command[0], code, stdout, stderr, c.cause)
			}
		}
	}
}

func TestPushesAreRead(t *testing.T) {
	for s, want := range map[string][2]float64{"off": {}, "9": {9, 9}, "8-12": {8, 12}, "0": {}, "2.5-3": {2.5, 3}} {
		if got, err := parsePushes(s, true); err != nil || got != want {
			t.Errorf("%s: %v %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"on", "-3", "3-", "-", "5-4", "1e9", "inf", "NaN", "1-2-3"} {
		if got, err := parsePushes(s, true); err == nil {
			t.Errorf("%s was read as %v", s, got)
		}
	}
}

// TestStatusLineIsQuietOnAPipe: at most a line a second, whole lines only.
func TestStatusLineIsQuietOnAPipe(t *testing.T) {
	_, _, stderr := robotd(t, "run", "--planner", "balance", "--pushes", "off", "--duration", "2s", "--fast", "--no-dash")
	if n := strings.Count(stderr, "\n"); n < 1 || strings.Contains(stderr, "\r") || strings.Contains(stderr, "\x1b") {
		t.Errorf("%d lines: %q", n, stderr)
	}
}
