package dash

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"syscall"
	"time"

	"robotd/body"
)

// DefaultAddr is where the page is served when nobody says otherwise; when the port is taken, any free one serves.
const DefaultAddr = "127.0.0.1:8642"

// Options of a server.
type Options struct {
	// Addr is host:port. Empty means DefaultAddr or, when that is taken, a free port.
	Addr string
	// Remote allows an Addr that other machines reach. Whoever reaches the page can stop the robot.
	Remote bool
	// Hosts are further names under which the page may be asked for, without port. IP addresses and localhost always may.
	Hosts []string
	// MaxPushNs is the largest push offered, N s; 0 means 30.
	MaxPushNs float64
	// Listener is a port that Listen has opened already; nil: New opens one itself.
	Listener net.Listener
}

// Kind says what a command asks.
type Kind uint8

// The commands that a page can give.
const (
	Push   Kind = iota // shove the simulated robot
	EStop              // emergency stop: crouch, then off, latched
	Ack                // somebody has looked, and lets the robot climb the ladder again
	nKinds = 3
)

var kindNames = [nKinds]string{"push", "estop", "ack"}

// String returns the command's name, which is also its path.
func (k Kind) String() string {
	if k < nKinds {
		return kindNames[k]
	}
	return "unknown"
}

// Command is what somebody asked for on the page.
type Command struct {
	Kind      Kind
	ImpulseNs body.Vec3 // of a Push: N s, world axes
}

// Server serves one robot. Its methods may be called from any goroutine.
type Server struct {
	m        *body.Model
	o        Options
	http     *http.Server
	listener net.Listener
	latest   *latest
	commands chan Command
	model    []byte
	stop     context.CancelFunc // ends the streams
	done     context.Context
	streams  sync.WaitGroup
	slots    chan struct{} // one a stream
	served   chan struct{} // closed when Serve returned
	mu       sync.Mutex
	failed   error
}

const (
	maxStreams  = 16
	maxCommands = 16
)

// New listens and serves the page of m until Close. Errors say which address could not be had and what to do.
func New(m *body.Model, o Options) (*Server, error) {
	if o.MaxPushNs <= 0 {
		o.MaxPushNs = 30
	}
	model, err := modelJSON(m, o.MaxPushNs)
	if err != nil {
		return nil, err
	}
	l := o.Listener
	if l == nil {
		if l, err = Listen(o); err != nil {
			return nil, err
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{m: m, o: o, listener: l, latest: newLatest(), commands: make(chan Command, maxCommands), model: model, stop: stop, done: ctx,
		slots: make(chan struct{}, maxStreams), served: make(chan struct{})}
	s.http = &http.Server{Handler: s.handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	go func() {
		defer close(s.served)
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.mu.Lock()
			s.failed = fmt.Errorf("dashboard at %s: %w", s.Addr(), err)
			s.mu.Unlock()
		}
	}()
	return s, nil
}

// Listen opens the port that o names, for a server that begins later or begins anew. Errors say which address could not be had and
// what to do.
func Listen(o Options) (net.Listener, error) {
	addr := o.Addr
	if addr == "" {
		addr = DefaultAddr
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("dashboard address %q: %w: write host:port, for example %s", addr, err, DefaultAddr)
	}
	if !o.Remote && !loopback(host) {
		return nil, fmt.Errorf("dashboard address %q is reached by other machines, and whoever reaches it can stop the robot: "+
			"use %s, or allow it explicitly", addr, DefaultAddr)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil && o.Addr == "" && errors.Is(err, syscall.EADDRINUSE) {
		l, err = net.Listen("tcp", net.JoinHostPort(host, "0"))
	}
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w: choose another address", err)
	}
	return l, nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// Publish shows s from now on. It copies s, waits for nobody, and may be called at any rate; the page takes the newest
// about thirty times a second.
func (s *Server) Publish(snap *Snapshot) { s.latest.put(snap) }

// Commands returns what people asked for on the page. It is never closed. When nobody reads it, pushes are refused; a stop
// is kept.
func (s *Server) Commands() <-chan Command { return s.commands }

// Addr returns the address that is served, host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close stops serving: streams end at once, requests under way get until ctx ends. It returns the error that ended
// serving early, if one did.
func (s *Server) Close(ctx context.Context) error {
	s.stop()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	s.streams.Wait()
	<-s.served
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(err, s.failed)
}

// offer queues c. A full queue refuses pushes and acknowledgements; a stop takes the place of the oldest of them.
func (s *Server) offer(c Command) bool {
	for {
		select {
		case s.commands <- c:
			return true
		default:
		}
		if c.Kind != EStop {
			return false
		}
		select {
		case old := <-s.commands:
			if old.Kind == EStop {
				c = old
			}
		default:
		}
	}
}

// port returns the served port.
func (s *Server) port() string {
	if a, ok := s.listener.Addr().(*net.TCPAddr); ok {
		return strconv.Itoa(a.Port)
	}
	return ""
}
