package mujoco

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"robotd/body"
)

// TestMuJoCoBody runs the tests of the Python program on the exported robot.
func TestMuJoCoBody(t *testing.T) {
	python, err := findPython(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	p := &Process{dir: t.TempDir()}
	if err := p.unpack(job{Scenario: DefaultScenario(Lockstep, 1, 1)}, body.Humanoid()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("peer/test_peer.py")
	if err == nil {
		err = os.WriteFile(filepath.Join(p.dir, "test_peer.py"), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, filepath.Join(p.dir, "test_peer.py"))
	cmd.Env = append(os.Environ(), "SCENARIO="+filepath.Join(p.dir, "scenario.json"), "ROS_LOG_DIR="+p.dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func TestMuJoCoHoldFloor(t *testing.T) {
	f := DefaultFloor(1)
	f.LowNs, f.HighNs, f.Bracket, f.Scouts, f.Episodes, f.AfterS = 3, 12, 2.5, 4, 6, 2
	levels, err := HoldFloor(context.Background(), body.Humanoid(), f, Options{Say: func(s string) { t.Log(s) }})
	if err != nil {
		t.Fatal(err)
	}
	// Few episodes: that all stand at the least level and none at twice the standing bound is safe to ask.
	if len(levels) != 4 {
		t.Fatalf("levels %+v", levels)
	}
	for _, l := range levels {
		if l.PushNs < 3 && l.Successes < l.Episodes*2/3 || l.PushNs > 9 && l.Successes > l.Episodes/3 {
			t.Errorf("%d of %d survive %.1f N s", l.Successes, l.Episodes, l.PushNs)
		}
	}
}

func TestARunWithoutAControllerSaysSo(t *testing.T) {
	s := DefaultScenario(Lockstep, 1, 1)
	s.MatchS = 1
	_, err := Run(context.Background(), body.Humanoid(), s, Options{Domain: 99})
	if err == nil || !strings.Contains(err.Error(), "nobody publishes /joint_command") {
		t.Fatalf("error %v does not say what is missing", err)
	}
}

func TestTheProcessEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	f := DefaultFloor(1)
	p, err := start(ctx, job{Scenario: Scenario{Mode: floorMode}, Floor: &f}, body.Humanoid(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(2*time.Second, cancel)
	began := time.Now()
	if err := p.wait(&struct{}{}); err == nil {
		t.Error("a cancelled run has a result")
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v to end", took)
	}
	if _, err := os.Stat(p.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("its folder %s is still there", p.dir)
	}
}
