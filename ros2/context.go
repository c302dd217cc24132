package ros2

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"robotd/ros2/rtps"
)

// Context is one participant of a domain: its sockets, its goroutines, its nodes. All its methods may be called from any
// goroutine.
type Context struct {
	set   settings
	tr    *transport
	start time.Time
	log   *slog.Logger

	mu       sync.Mutex // over what follows; never held while sending or in a callback
	p        *rtps.Participant
	nodes    []*Node
	peers    map[rtps.GUIDPrefix]*peerInfo
	info     *rtps.Writer // ros_discovery_info
	gateNs   int64        // when to look again at peers whose gid size is unknown
	sleepNs  int64        // when the timer goroutine wakes
	closed   bool
	changed  chan struct{}   // closed at the next change of the graph
	rejected map[string]bool // reported incompatibilities

	ctlMu sync.Mutex
	ctl   rtps.Outbox // of update

	wake chan struct{}
	done chan struct{}
	wg   sync.WaitGroup
}

// ErrClosed is returned by everything that is used after Close.
var ErrClosed = errors.New("ros2: the context is closed")

// NewContext joins a domain. It fails with all that is wrong with options and environment, named with its remedy.
func NewContext(ctx context.Context, o Options) (*Context, error) {
	set, err := o.settle()
	if err != nil {
		return nil, err
	}
	cfg, tr, err := join(ctx, set)
	if err != nil {
		return nil, err
	}
	p, err := rtps.New(cfg)
	if err != nil {
		tr.close()
		return nil, err
	}
	c := &Context{
		set: set, tr: tr, p: p, log: set.log, start: time.Now(),
		peers: map[rtps.GUIDPrefix]*peerInfo{}, rejected: map[string]bool{},
		changed: make(chan struct{}), wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	if tr.receiveBytes < receiveBufferBytes/2 {
		c.log.Warn("ros2: small receive buffer: images may be lost. Remedy: sysctl -w net.core.rmem_max=4194304",
			"bytes", tr.receiveBytes)
	}
	if err := c.joinGraph(); err != nil {
		tr.close()
		return nil, err
	}
	c.run()
	return c, nil
}

// join chooses networks and addresses, and opens the sockets.
func join(ctx context.Context, set settings) (rtps.Config, *transport, error) {
	nets, err := networks(set.interfaces)
	if err != nil {
		return rtps.Config{}, nil, err
	}
	peers, err := resolvePeers(ctx, set.peers)
	if err != nil {
		return rtps.Config{}, nil, err
	}
	wide := set.reach == RangeSubnet
	for _, p := range peers {
		wide = wide || !p.IsLoopback()
	}
	bind := netip.IPv4Unspecified()
	if !wide {
		bind = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		nets = nets[:1]
	}
	group := nets
	switch {
	case set.reach == RangeOff:
		group = nil
	case set.reach == RangeLocalhost:
		group = nets[:1]
	}
	tr, err := openTransport(set.domain, bind, group)
	if err != nil {
		return rtps.Config{}, nil, err
	}
	cfg := rtps.Config{
		Prefix: newPrefix(), Name: "/", UserData: participantUserData(set.gidBytes),
		Announce: announceTo(set, peers),
	}
	for _, n := range nets {
		cfg.Route.Local = append(cfg.Route.Local, n.addr)
		if n.isLoopback() && len(nets) > 1 {
			continue // another computer's loopback would be no way to us
		}
		port := unicastPort(set.domain, tr.participant)
		cfg.MetaUnicast = append(cfg.MetaUnicast, netip.AddrPortFrom(n.addr.Addr(), port))
		cfg.UserUnicast = append(cfg.UserUnicast, netip.AddrPortFrom(n.addr.Addr(), port+1))
	}
	return cfg, tr, nil
}

// announceTo lists where peers may be: the multicast group, and the well-known ports of this computer (nodes with
// ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST do not listen to multicast) and of static peers.
func announceTo(set settings, peers []netip.Addr) (list []netip.AddrPort) {
	if set.reach != RangeOff {
		list = append(list, netip.AddrPortFrom(spdpGroup, multicastPort(set.domain)))
		peers = append([]netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}, peers...)
	}
	for _, a := range peers {
		for i := range pingedParticipants {
			list = append(list, netip.AddrPortFrom(a, unicastPort(set.domain, i)))
		}
	}
	return list
}

// newPrefix makes a GUID prefix: the vendor, as 9.3.1.5 asks, and 80 random bits.
func newPrefix() (g rtps.GUIDPrefix) {
	copy(g[:], rtps.VendorSelf[:])
	rand.Read(g[2:])
	return g
}

// ReceiveBufferBytes is the receive buffer that the system granted for samples.
func (c *Context) ReceiveBufferBytes() int { return c.tr.receiveBytes }

// Domain is the domain that was joined.
func (c *Context) Domain() int { return c.set.domain }

// SendErrors counts datagrams that the system would not send, with the last reason.
func (c *Context) SendErrors() (n uint64, last error) {
	if e := c.tr.lastError.Load(); e != nil {
		last = *e
	}
	return c.tr.sendErrors.Load(), last
}

// Stats counts what the protocol refused.
func (c *Context) Stats() rtps.Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.p.Stats()
}

func (c *Context) nowNs() int64 { return int64(time.Since(c.start)) }

// update runs a change of the graph, which may allocate, and sends what it leads to.
func (c *Context) update(change func(nowNs int64, out *rtps.Outbox) error) error {
	c.ctlMu.Lock()
	defer c.ctlMu.Unlock()
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return ErrClosed
	}
	c.p.Recycle(&c.ctl)
	err := change(c.nowNs(), &c.ctl)
	c.settleLocked(&c.ctl)
	c.mu.Unlock()
	c.flush(&c.ctl)
	return err
}

// settleLocked handles the news in out and wakes the timer goroutine when it would sleep too long.
func (c *Context) settleLocked(out *rtps.Outbox) {
	c.onEvents(out)
	due := c.p.DeadlineNs()
	if c.gateNs != 0 {
		due = min(due, c.gateNs)
	}
	if due < c.sleepNs {
		c.sleepNs = due
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
}

func (c *Context) flush(out *rtps.Outbox) {
	for i := range out.Packets {
		c.tr.send(out.Datagram(i), out.Packets[i].To)
	}
}

// Close leaves the domain: peers forget our nodes at once. It waits for callbacks, so it must not be called from one.
func (c *Context) Close() error {
	c.ctlMu.Lock()
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		c.ctlMu.Unlock()
		return nil
	}
	c.closed = true
	c.p.Recycle(&c.ctl)
	c.p.Close(c.nowNs(), &c.ctl)
	c.mu.Unlock()
	c.flush(&c.ctl)
	c.ctlMu.Unlock()
	close(c.done)
	c.tr.close()
	c.wg.Wait()
	return nil
}

// Changed returns a channel that is closed at the next change of the graph.
func (c *Context) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

func (c *Context) changedLocked() {
	close(c.changed)
	c.changed = make(chan struct{})
}
