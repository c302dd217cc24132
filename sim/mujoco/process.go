package mujoco

import (
	"bufio"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"robotd/body"
	"robotd/body/robotfile"
)

//go:embed peer/world.py peer/wire.py peer/loops.py peer/floor.py peer/peer.py
var program embed.FS

// PythonEnv is the environment variable that names the Python to use.
const PythonEnv = "ROBOTD_MUJOCO_PYTHON"

// script makes that Python, in a checkout of the repository.
const script = "tools/peers/mujoco-ros2.sh"

// Options say where and how the process runs.
type Options struct {
	Python string       // an interpreter with mujoco and rclpy; empty: ROBOTD_MUJOCO_PYTHON, else tools/peers/mujoco-ros2.sh makes one
	Domain int          // ROS domain, on the loopback interface only
	Say    func(string) // hears how far it is, from the process' own goroutine; may be nil
}

// job is what the process reads.
type job struct {
	Scenario
	MJCF   string `json:"mjcf"` // path
	Params params `json:"params"`
	Floor  *Floor `json:"floor,omitempty"`
}

const floorMode Mode = "floor"

// Process is a running body. Wait must follow Start.
type Process struct {
	cmd    *exec.Cmd
	dir    string
	notes  tail // of standard error
	read   chan struct{}
	result json.RawMessage
}

// Run starts a scenario and waits for its result.
func Run(ctx context.Context, m *body.Model, s Scenario, o Options) (*Result, error) {
	p, err := Start(ctx, m, s, o)
	if err != nil {
		return nil, err
	}
	return p.Wait()
}

// Start starts a scenario. The process ends with ctx.
func Start(ctx context.Context, m *body.Model, s Scenario, o Options) (*Process, error) {
	return start(ctx, job{Scenario: s}, m, o)
}

// HoldFloor measures, inside the process and without ROS, how many episodes merely holding the standing pose survives at
// each push.
func HoldFloor(ctx context.Context, m *body.Model, f Floor, o Options) ([]Level, error) {
	p, err := start(ctx, job{Scenario: Scenario{Mode: floorMode}, Floor: &f}, m, o)
	if err != nil {
		return nil, err
	}
	var r struct {
		Levels []Level `json:"levels"`
	}
	err = p.wait(&r)
	return r.Levels, err
}

// Wait waits for the end of the run and returns what was measured.
func (p *Process) Wait() (*Result, error) {
	r := &Result{}
	if err := p.wait(r); err != nil {
		return nil, err
	}
	return r, nil
}

func start(ctx context.Context, j job, m *body.Model, o Options) (*Process, error) {
	python, err := findPython(ctx, o.Python)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "robotd-mujoco-")
	if err != nil {
		return nil, fmt.Errorf("mujoco: %w", err)
	}
	p := &Process{dir: dir, read: make(chan struct{})}
	if err = p.unpack(j, m); err == nil {
		err = p.start(ctx, python, o)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("mujoco: %w", err), os.RemoveAll(dir))
	}
	return p, nil
}

// unpack writes program, robot and scenario into the process' folder.
func (p *Process) unpack(j job, m *body.Model) error {
	files, err := fs.Sub(program, "peer")
	if err != nil {
		return err
	}
	if err := os.CopyFS(p.dir, files); err != nil {
		return err
	}
	mjcf, err := robotfile.Export(m, "mjcf")
	if err != nil {
		return err
	}
	j.MJCF, j.Params = filepath.Join(p.dir, "robot.xml"), paramsOf(m)
	text, err := json.Marshal(j)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(j.MJCF, mjcf, 0o600), os.WriteFile(filepath.Join(p.dir, "scenario.json"), text, 0o600))
}

func (p *Process) start(ctx context.Context, python string, o Options) error {
	p.cmd = exec.CommandContext(ctx, python, filepath.Join(p.dir, "peer.py"), filepath.Join(p.dir, "scenario.json"))
	p.cmd.Env = append(os.Environ(), "ROS_DOMAIN_ID="+strconv.Itoa(o.Domain), "ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST",
		"ROS_LOG_DIR="+p.dir, "PYTHONDONTWRITEBYTECODE=1")
	p.cmd.Stderr = &p.notes
	p.cmd.WaitDelay = 2 * time.Second
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("cannot start %s: %w", python, err)
	}
	go func() {
		defer close(p.read)
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			p.line(lines.Bytes(), o.Say)
		}
	}()
	return nil
}

// line takes one line of the process: {"say": text} or {"result": …}.
func (p *Process) line(b []byte, say func(string)) {
	var l struct {
		Say    string          `json:"say"`
		Result json.RawMessage `json:"result"`
	}
	if json.Unmarshal(b, &l) != nil {
		_, _ = p.notes.Write(append(b, '\n'))
		return
	}
	if l.Result != nil {
		p.result = l.Result
	}
	if l.Say != "" && say != nil {
		say(l.Say)
	}
}

func (p *Process) wait(result any) error {
	<-p.read
	err := p.cmd.Wait()
	defer os.RemoveAll(p.dir)
	if err != nil || p.result == nil {
		return fmt.Errorf("mujoco: the body's process failed (%v) and said: %s", err, p.notes.String())
	}
	if err := json.Unmarshal(p.result, result); err != nil {
		return fmt.Errorf("mujoco: the body's result %.200s: %w", p.result, err)
	}
	return nil
}

// findPython returns an interpreter that has mujoco and rclpy.
func findPython(ctx context.Context, given string) (string, error) {
	if given == "" {
		given = os.Getenv(PythonEnv)
	}
	if given != "" {
		return given, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("mujoco: %w", err)
	}
	for ; ; dir = filepath.Dir(dir) {
		path := filepath.Join(dir, script)
		if _, err := os.Stat(path); err == nil {
			return runScript(ctx, path)
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("mujoco: no Python with mujoco and rclpy: run %s in a checkout of the repository and set %s to what it prints",
				script, PythonEnv)
		}
	}
}

func runScript(ctx context.Context, path string) (string, error) {
	var notes tail
	cmd := exec.CommandContext(ctx, "sh", path)
	cmd.Stderr = &notes
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("mujoco: %s: %w: %s", path, err, notes.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// tail keeps the last bytes that were written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

const tailBytes = 4096

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b...)
	if over := len(t.b) - tailBytes; over > 0 {
		t.b = append(t.b[:0], t.b[over:]...)
	}
	return len(b), nil
}

// String returns what was kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.b) == 0 {
		return "nothing"
	}
	return strings.TrimSpace(string(t.b))
}
