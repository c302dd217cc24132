package robotfile_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"robotd/body"
	"robotd/body/robotfile"
)

const tools = "../../tools"

// peer runs a script that installs a peer when it is missing and prints where it is.
func peer(t testing.TB, script string) string {
	t.Helper()
	cmd := exec.Command("sh", filepath.Join(tools, "peers", script))
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, complaint.String())
	}
	return strings.TrimSpace(string(out))
}

// request and answer are those of tools/referee/mujoco_model.py.
type request struct {
	File   string   `json:"file"`
	URDF   bool     `json:"urdf"`
	Bound  float64  `json:"bound,omitempty"`
	Joints []string `json:"joints,omitempty"`
	States []state  `json:"states"`
	Want   []string `json:"want"`
}

type state struct {
	QPos []float64 `json:"qpos"`
	QVel []float64 `json:"qvel"`
	Ctrl []float64 `json:"ctrl,omitempty"`
}

type answer struct {
	Model struct {
		Mass     float64
		NV       int
		Key      []float64
		Timestep float64
		Gravity  []float64
		Sensors  []string
		Sites    []string
		Bodies   []struct {
			Name, Parent string
			Mass         float64
			Com, Inertia []float64
		}
		Joints []struct {
			Name, Body                      string
			Type                            int
			Range, Axis                     []float64
			Limited                         bool
			Armature, Damping, Frictionloss float64
		}
		Motors []struct {
			Name, Joint string
			Range       []float64
		}
		Camera struct {
			Body       string
			Pos, Rot   []float64
			Fovy       float64
			Resolution []int
		}
	}
	Dynamics []struct{ M, Bias []float64 }
	Contacts [][][3]any
	Step     []struct {
		QVel, QPos         []float64
		NCon, Legs, Limits int
	}
}

// mujoco asks the referee; one call for many files, because starting it costs more than its answers.
func mujoco(t testing.TB, requests ...request) []answer {
	t.Helper()
	in, err := json.Marshal(requests)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(peer(t, "mujoco.sh"), filepath.Join(tools, "referee", "mujoco_model.py"))
	cmd.Stdin = bytes.NewReader(in)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("MuJoCo on %s: %v\n%s", requests[0].File, err, complaint.String())
	}
	var a []answer
	if err := json.Unmarshal(out, &a); err != nil || len(a) != len(requests) {
		t.Fatalf("%d answers to %d requests: %v", len(a), len(requests), err)
	}
	return a
}

// exported writes the default humanoid into a temporary file.
func exported(t testing.TB, format string, o robotfile.Options) string {
	t.Helper()
	text, err := robotfile.ExportWith(body.Humanoid(), format, o)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "humanoid."+format)
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
