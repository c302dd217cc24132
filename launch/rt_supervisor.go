package launch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"robotd/body"
	"robotd/dash"
	"robotd/internal/rate"
	"robotd/internal/shm"
)

// Supervisor starts the processes of a real-time run, starts again what dies, and tells them to leave. It holds nothing that
// the robot needs to stand.
type Supervisor struct {
	o      RealtimeOptions
	exe    string
	log    *slog.Logger
	region *shm.Region
	people *shm.Latest[peopleFrame]
	end    *shm.Latest[endFrame]
	health map[string]*shm.Latest[healthFrame]
	gate   *shm.Latest[verdictFrame]
	scene  *shm.Latest[sceneFrame]
	wire   *shm.Latest[wireFrame]
	care   *shm.Latest[careFrame]
	port   *os.File // of the page, which it keeps while hosts come and go; nil: nobody watches
	page   string   // the page's address

	voice    sync.Mutex // of what it asks of the gate
	asked    peopleFrame
	children map[string]*child
	died     chan *child
	restarts map[string]int
	leaving  bool
}

// child is one process.
type child struct {
	role string
	cmd  *exec.Cmd
	err  error
}

// NewSupervisor makes the region. Exe is this program's own file.
func NewSupervisor(o RealtimeOptions, exe string, log *slog.Logger) (*Supervisor, error) {
	port, page, err := openPort(&o)
	if err != nil {
		return nil, err
	}
	region, err := shm.Create("robotd", parts()...)
	if err != nil {
		if port != nil {
			port.Close()
		}
		return nil, err
	}
	s := &Supervisor{o: o, exe: exe, log: log, region: region, port: port, page: page, care: writer[careFrame](region, "care"), people: writer[peopleFrame](region, "people.operator"),
		end: writer[endFrame](region, "end"), gate: reader[verdictFrame](region, "verdict"), scene: reader[sceneFrame](region, "scene"), wire: reader[wireFrame](region, "wire"),
		health: map[string]*shm.Latest[healthFrame]{}, children: map[string]*child{}, died: make(chan *child, len(roles)), restarts: map[string]int{}}
	for _, r := range roles {
		s.health[r] = reader[healthFrame](region, "health."+r)
	}
	return s, nil
}

// Run starts everything, keeps it running until ctx is done or the wanted time is over, has the robot crouch and be off, and
// sums up.
func (s *Supervisor) Run(ctx context.Context, duration time.Duration) (*RealtimeReport, error) {
	runtime.LockOSThread() // children die with the thread that started them
	defer runtime.UnlockOSThread()
	defer s.region.Close()
	defer s.port.Close()
	forget, err := leaveNote(s.region)
	if err != nil {
		return nil, err
	}
	defer forget()
	for _, role := range s.o.cast() {
		if err := s.start(role); err != nil {
			s.leave()
			return nil, err
		}
	}
	err = s.watch(ctx, duration)
	rep := s.report()
	rep.Off = s.crouch()
	s.leave()
	s.account(rep)
	return rep, err
}

func (s *Supervisor) start(role string) error {
	options, err := json.Marshal(s.o)
	if err != nil {
		return err
	}
	cmd := exec.Command(s.exe, "proc", role, string(options))
	cmd.ExtraFiles = []*os.File{s.region.File()}
	if cmd.Env = os.Environ(); role != roleHost {
		cmd.Env = rate.Environ()
	}
	if role == roleHost && s.port != nil {
		cmd.ExtraFiles = append(cmd.ExtraFiles, s.port)
	}
	cmd.SysProcAttr = dieWithParent()
	cmd.Stdout, cmd.Stderr = io.Discard, &lineWriter{log: s.log, role: role}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w", role, err)
	}
	c := &child{role: role, cmd: cmd}
	s.children[role] = c
	go func() {
		c.err = cmd.Wait()
		s.died <- c
	}()
	return nil
}

// watch restarts what dies until it is time to end.
func (s *Supervisor) watch(ctx context.Context, duration time.Duration) error {
	var over <-chan time.Time
	if duration > 0 {
		over = time.After(duration)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-over:
			return nil
		case c := <-s.died:
			s.restarts[c.role]++
			if s.restarts[c.role] > mostRestarts {
				return fmt.Errorf("%s died %d times, last: %w", c.role, s.restarts[c.role], c.err)
			}
			s.tell()
			s.log.Warn("a process died and is started again", "process", c.role, "why", c.err)
			if err := s.start(c.role); err != nil {
				return err
			}
		}
	}
}

const mostRestarts = 1000

// say changes what the supervisor asks of the gate, and of the simulator.
func (s *Supervisor) say(change func(said *peopleFrame, nowNs int64)) {
	s.voice.Lock()
	defer s.voice.Unlock()
	now := rate.System{}.NowNs()
	change(&s.asked, now)
	_ = s.people.Store(&s.asked, now, 0)
}

// lift puts a simulated robot back on its feet.
func (s *Supervisor) lift() {
	s.say(func(said *peopleFrame, nowNs int64) { said.LiftNs = nowNs })
}

// ack acknowledges once.
func (s *Supervisor) ack() {
	s.say(func(said *peopleFrame, _ int64) { said.Ack = true })
	time.Sleep(3 * time.Millisecond) // the gate looks every millisecond
	s.say(func(said *peopleFrame, _ int64) { said.Ack = false })
}

// tell publishes what the supervisor has done.
func (s *Supervisor) tell() {
	var c careFrame
	for i, role := range roles {
		c.Restarts[i] = uint64(s.restarts[role])
	}
	_ = s.care.Store(&c, rate.System{}.NowNs(), 0)
}

// Address returns where the page is, or nothing.
func (s *Supervisor) Address() string { return s.page }

// openPort opens the page's port, which outlives the hosts that serve it: requests that come between two of them wait.
func openPort(o *RealtimeOptions) (port *os.File, address string, err error) {
	if o.NoDash {
		return nil, "", nil
	}
	l, err := dash.Listen(dash.Options{Addr: o.Addr, Remote: o.Remote})
	if err != nil {
		return nil, "", err
	}
	defer l.Close() // the file is a copy of its own
	tcp, ok := l.(interface{ File() (*os.File, error) })
	if !ok {
		return nil, "", fmt.Errorf("dashboard: a listener of type %T cannot be handed down", l)
	}
	port, err = tcp.File()
	return port, "http://" + l.Addr().String(), err
}

// crouch presses the stop and waits until the robot is off.
func (s *Supervisor) crouch() (off bool) {
	s.say(func(said *peopleFrame, _ int64) { said.Stop = true })
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		var v verdictFrame
		if _, err := s.gate.Load(&v); err == nil && v.Verdict.Rung == body.RungOff {
			return true
		}
	}
	return false
}

// leave ends the children: by asking, then by force.
func (s *Supervisor) leave() {
	s.leaving = true
	_ = s.end.Store(&endFrame{Leave: true}, rate.System{}.NowNs(), 0)
	deadline := time.After(3 * time.Second)
	for len(s.children) > 0 {
		select {
		case c := <-s.died:
			if s.children[c.role] == c {
				delete(s.children, c.role)
			}
		case <-deadline:
			for _, c := range s.children {
				_ = c.cmd.Process.Kill()
			}
			deadline = nil
		}
	}
}

// PID returns the process number of a role; 0 when there is none.
func (s *Supervisor) PID(role string) int {
	var h healthFrame
	if l, ok := s.health[role]; !ok {
		return 0
	} else if _, err := l.Load(&h); err != nil {
		return 0
	}
	return h.PID
}

// Proc runs one process of a real-time run: the hidden command that the supervisor starts.
func Proc(role, options string, say func(string)) error {
	var o RealtimeOptions
	if err := json.Unmarshal([]byte(options), &o); err != nil {
		return err
	}
	run, ok := map[string]func(*RealtimeOptions) ([]string, error){roleLink: RunLink, roleGate: RunGate, roleMind: RunMind, roleHost: RunHost, roleBody: RunBody}[role]
	if !ok {
		return errors.New("proc " + role + ": want link, gate, mind, host or body")
	}
	warnings, err := run(&o)
	for _, w := range warnings {
		say(w)
	}
	return err
}
