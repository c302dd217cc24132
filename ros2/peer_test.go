package ros2

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// results counts the interop checks for the line at the end.
var results struct {
	sync.Mutex
	passed, failed int
}

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		runChild()
		return
	}
	code := m.Run()
	if code != 0 && results.failed == 0 {
		results.failed = 1 // outside of a check
	}
	if results.passed > 0 {
		fmt.Printf("ros2-interop: %d passed, %d failed\n", results.passed, results.failed)
	}
	os.Exit(code)
}

// check runs one interop check and counts it.
func check(t *testing.T, name string, f func(t *testing.T)) {
	t.Run(name, func(t *testing.T) {
		defer func() {
			results.Lock()
			defer results.Unlock()
			if t.Failed() {
				results.failed++
			} else {
				results.passed++
			}
		}()
		f(t)
	})
}

// peerPython returns the interpreter that a script of tools/peers makes on demand.
func peerPython(t *testing.T, script string) string {
	t.Helper()
	cmd := exec.Command("sh", "../tools/peers/"+script)
	cmd.Stderr = os.Stderr
	path, err := cmd.Output()
	if err != nil {
		t.Fatalf("tools/peers/%s: %v: the peer must be there to be talked to", script, err)
	}
	return strings.TrimSpace(string(path))
}

// peer is a running foreign program that prints JSON lines.
type peer struct {
	t     *testing.T
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan map[string]any
}

// startPeer runs testdata/SCRIPT in a domain.
func startPeer(t *testing.T, python, script string, domain int, env []string, args ...string) *peer {
	t.Helper()
	p := &peer{t: t, lines: make(chan map[string]any, 16)}
	p.cmd = exec.Command(python, append([]string{"testdata/" + script}, args...)...)
	p.cmd.Env = append(os.Environ(), fmt.Sprintf("ROS_DOMAIN_ID=%d", domain))
	p.cmd.Env = append(p.cmd.Env, env...)
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.lines)
		scan := bufio.NewScanner(out)
		scan.Buffer(nil, 1<<20)
		for scan.Scan() {
			var m map[string]any
			if json.Unmarshal(scan.Bytes(), &m) == nil {
				p.lines <- m
			}
		}
	}()
	t.Cleanup(func() {
		p.in.Close()
		timer := time.AfterFunc(20*time.Second, func() { _ = p.cmd.Process.Kill() })
		defer timer.Stop()
		for range p.lines {
		}
		_ = p.cmd.Wait()
	})
	return p
}

// next waits for the peer's next line.
func (p *peer) next() map[string]any {
	p.t.Helper()
	select {
	case m, ok := <-p.lines:
		if !ok {
			p.t.Fatal("the peer ended before it answered")
		}
		return m
	case <-time.After(60 * time.Second):
		p.t.Fatal("the peer did not answer within a minute")
	}
	return nil
}

// until waits for a condition that discovery brings about.
func until(t *testing.T, c *Context, what string, cond func() bool) {
	t.Helper()
	deadline := time.After(60 * time.Second)
	for {
		changed := c.Changed()
		if cond() {
			return
		}
		select {
		case <-changed:
		case <-time.After(200 * time.Millisecond):
		case <-deadline:
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// openNode makes a node that is closed with the test and complains into its log.
func openNode(t *testing.T, name string, o Options) *Node {
	t.Helper()
	o.Getenv = func(string) string { return "" }
	o.Log = slog.New(slog.NewTextHandler(testLog{t}, nil))
	n, err := NewNode(context.Background(), name, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}
