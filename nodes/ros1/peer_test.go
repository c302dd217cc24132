package ros1

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"robotd/body"
)

// patience bounds every wait for another process; it is no measurement.
const patience = 300 * time.Second

// master is a running roscore and the environment that leads to it.
type master struct {
	uri string
	env []string
}

// startMaster installs ROS 1 if it is missing and starts a roscore on a port of its own.
func startMaster(t *testing.T) *master {
	t.Helper()
	out, err := exec.Command("../../tools/peers/ros1.sh").Output()
	if err != nil {
		t.Fatalf("tools/peers/ros1.sh: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(address)
	m := &master{uri: "http://" + address}
	home := t.TempDir()
	m.env = append(os.Environ(), "ROS_MASTER_URI="+m.uri, "ROS_IP=127.0.0.1", "ROS_HOME="+home, "ROS_LOG_DIR="+filepath.Join(home, "log"),
		"PYTHONUNBUFFERED=1")
	roscore := strings.TrimSpace(string(out))
	said, err := os.Create(filepath.Join(home, "roscore.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		// roscore gives up by itself when its master does not come up in time, as on a machine that others keep busy.
		cmd := exec.Command(roscore, "-p", port)
		cmd.Stdout, cmd.Stderr = said, said
		if done := m.start(t, cmd); listens(address, deadline, done) {
			return m
		}
	}
	text, _ := os.ReadFile(said.Name())
	t.Fatalf("roscore does not listen at %s: %s", address, text)
	return nil
}

// listens waits for a listener at address; false if the process ended or the time is up before.
func listens(address string, deadline time.Time, done <-chan struct{}) bool {
	for time.Now().Before(deadline) {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return true
		}
		select {
		case <-done:
			return false
		case <-time.After(50 * time.Millisecond):
		}
	}
	return false
}

// start runs a process of its own group, which ends with the test. It returns a channel that closes when the process ends.
func (m *master) start(t *testing.T, cmd *exec.Cmd) <-chan struct{} {
	t.Helper()
	cmd.Env = m.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { _ = cmd.Wait(); close(done) }()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			<-done
		}
	})
	return done
}

// tool runs one of ROS's command-line tools.
func (m *master) tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = m.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// peer is testdata/peer.py in one of its roles.
type peer struct {
	lines chan string
	stdin io.WriteCloser
}

func (m *master) peer(t *testing.T, role string, model *body.Model, samples int) *peer {
	t.Helper()
	var joints [][2]any
	for j := range model.Joints {
		joints = append(joints, [2]any{model.Joints[j].Name, model.StandRad[j]})
	}
	text, err := json.Marshal(joints)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/python3", "testdata/peer.py", role, string(text), fmt.Sprint(samples))
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	t.Cleanup(func() { // after the process has ended: cleanups run last to first
		if t.Failed() {
			t.Logf("rospy peer %s: %s", role, complaints.String())
		}
	})
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = w
	m.start(t, cmd)
	w.Close()
	p := &peer{lines: make(chan string, 8), stdin: stdin}
	go func() {
		defer close(p.lines)
		defer r.Close()
		s := bufio.NewScanner(r)
		s.Buffer(nil, 16<<20)
		for s.Scan() {
			p.lines <- s.Text()
		}
	}()
	return p
}

// line returns the next line that the peer prints.
func (p *peer) line(t *testing.T) string {
	t.Helper()
	select {
	case text, ok := <-p.lines:
		if !ok {
			t.Fatal("the rospy peer ended early")
		}
		return text
	case <-time.After(patience):
		t.Fatal("the rospy peer says nothing")
	}
	return ""
}
