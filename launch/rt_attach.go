package launch

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"robotd/body"
	"robotd/gate"
	"robotd/internal/rate"
	"robotd/internal/shm"
)

// A running supervisor leaves a note, by which the same user's commands find its region: they write to it themselves, so a
// stop needs neither host nor supervisor to be well.

type runNote struct {
	PID int `json:"pid"`
	FD  int `json:"fd"`
}

func notesFolder() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return filepath.Join(dir, "robotd")
	}
	return filepath.Join(os.TempDir(), "robotd-"+strconv.Itoa(os.Getuid()))
}

// leaveNote says where the region is; the returned function takes the note away.
func leaveNote(region *shm.Region) (remove func(), err error) {
	dir := notesFolder()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	note, err := json.Marshal(runNote{PID: os.Getpid(), FD: int(region.File().Fd())})
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, strconv.Itoa(os.Getpid())+".json")
	return func() { os.Remove(path) }, os.WriteFile(path, note, 0o600)
}

// ErrNothingRuns is said when no real-time run of this user is found.
var ErrNothingRuns = errors.New("no real-time run of yours was found: start one with 'robotd run --realtime', or stop a lockstep run from its page")

// Operator speaks to a running robot.
type Operator struct {
	region *shm.Region
	people *shm.Latest[peopleFrame]
	gate   *shm.Latest[verdictFrame]
	said   peopleFrame
}

// Attach finds the running robot: the only one, or that of the supervisor pid.
func Attach(pid int) (*Operator, error) {
	paths, err := filepath.Glob(filepath.Join(notesFolder(), "*.json"))
	if err != nil {
		return nil, err
	}
	var found []runNote
	for _, path := range paths {
		var n runNote
		b, err := os.ReadFile(path)
		if err != nil || json.Unmarshal(b, &n) != nil {
			continue
		}
		if _, err := os.Stat(fmt.Sprintf("/proc/%d/fd/%d", n.PID, n.FD)); err != nil {
			os.Remove(path) // its run was killed
			continue
		}
		if pid == 0 || n.PID == pid {
			found = append(found, n)
		}
	}
	switch len(found) {
	case 0:
		return nil, ErrNothingRuns
	case 1:
		return attachTo(found[0])
	}
	var pids []string
	for _, n := range found {
		pids = append(pids, strconv.Itoa(n.PID))
	}
	return nil, fmt.Errorf("several runs: say which with --pid, one of %s", strings.Join(pids, ", "))
}

func attachTo(n runNote) (*Operator, error) {
	fd, err := syscall.Open(fmt.Sprintf("/proc/%d/fd/%d", n.PID, n.FD), syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("the run of process %d: %w", n.PID, err)
	}
	region, err := shm.Open(uintptr(fd), parts()...)
	if err != nil {
		return nil, err
	}
	o := &Operator{region: region, people: reader[peopleFrame](region, "people.command"), gate: reader[verdictFrame](region, "verdict")}
	if _, err := o.people.Load(&o.said); err != nil && !errors.Is(err, shm.ErrEmpty) {
		return nil, err
	}
	return o, o.people.Claim()
}

// Close lets go of the region; what was said stands.
func (o *Operator) Close() error { return o.region.Close() }

// Stop presses the emergency stop and returns the rung on which the robot then stands. Pressed a second time while the robot crouches
// it is off at once.
func (o *Operator) Stop() (body.Rung, error) {
	if o.said.Stop { // let go first: an edge counts
		o.said.Stop = false
		if err := o.say(); err != nil {
			return 0, err
		}
	}
	o.said.Stop, o.said.Ack = true, false
	if err := o.say(); err != nil {
		return 0, err
	}
	return o.Rung()
}

// Ack takes the stop back and acknowledges, so that the robot may climb again.
func (o *Operator) Ack() (body.Rung, error) {
	o.said.Stop, o.said.Ack = false, true
	if err := o.say(); err != nil {
		return 0, err
	}
	o.said.Ack = false
	if err := o.say(); err != nil {
		return 0, err
	}
	return o.Rung()
}

// Arm asks a disarmed gate to arm.
func (o *Operator) Arm() (body.Rung, error) {
	o.said.Stop, o.said.Arm = false, true
	if err := o.say(); err != nil {
		return 0, err
	}
	o.said.Arm = false
	if err := o.say(); err != nil {
		return 0, err
	}
	return o.Rung()
}

// Near tells the gate whether a person is near: then the arms are slow. It stands until it is told otherwise.
func (o *Operator) Near(near gate.Near) (body.Rung, error) {
	o.said.Near = near
	if err := o.say(); err != nil {
		return 0, err
	}
	return o.Rung()
}

// FollowLines tells the gate what a reader of a two-channel emergency stop sees, until r ends: a line of text for each look, two
// characters, 1 for a closed line and 0 for an open one; anything else is a line that cannot be believed. From the first look on
// the gate wants one every 50 ms: without it, and when r ends, both lines count as broken and the robot is off at once.
func (o *Operator) FollowLines(r io.Reader) error {
	lines := writer[linesFrame](o.region, "lines")
	text := bufio.NewScanner(r)
	for text.Scan() {
		f := linesFrame{Line: readLines(text.Text())}
		if err := lines.Store(&f, rate.System{}.NowNs(), 0); err != nil {
			return fmt.Errorf("somebody else reads the lines now: %w", err)
		}
	}
	return text.Err()
}

// readLines reads the two characters of a look.
func readLines(text string) (line [2]gate.Line) {
	for c := range line {
		line[c] = gate.LineBroken
		if len(text) == len(line) {
			switch text[c] {
			case '1':
				line[c] = gate.LineClosed
			case '0':
				line[c] = gate.LineOpen
			}
		}
	}
	return line
}

// say publishes and waits until the gate has had the time to hear it.
func (o *Operator) say() error {
	if err := o.people.Store(&o.said, rate.System{}.NowNs(), 0); err != nil {
		return err
	}
	time.Sleep(20 * time.Millisecond)
	return nil
}

// Rung returns the rung on which the gate stands.
func (o *Operator) Rung() (body.Rung, error) {
	var v verdictFrame
	if _, err := o.gate.Load(&v); err != nil {
		return 0, fmt.Errorf("the gate says nothing: %w", err)
	}
	return v.Verdict.Rung, nil
}
