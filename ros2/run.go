package ros2

import (
	"errors"
	"net"
	"net/netip"
	"time"

	"robotd/ros2/rtps"
)

// run starts the goroutines: one a socket, one for time.
func (c *Context) run() {
	c.receiveOn(c.tr.user, rtps.UserTraffic)
	c.receiveOn(c.tr.meta, rtps.DiscoveryTraffic)
	for _, s := range c.tr.in {
		c.receiveOn(s, rtps.DiscoveryTraffic)
	}
	c.wg.Go(c.keepTime)
}

func (c *Context) receiveOn(s *net.UDPConn, port rtps.Port) {
	c.wg.Go(func() {
		r := receiver{c: c}
		buf := make([]byte, rtps.MaxDatagramBytes+1)
		for {
			n, from, err := s.ReadFromUDPAddrPort(buf)
			switch {
			case err == nil:
				from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
				r.receive(buf[:n], from, port)
			case errors.Is(err, net.ErrClosed):
				return
			default:
				c.log.Warn("ros2: receiving failed", "error", err)
				if !c.pause(100 * time.Millisecond) {
					return
				}
			}
		}
	})
}

// receiver is the state of one receive goroutine.
type receiver struct {
	c   *Context
	out rtps.Outbox
}

func (r *receiver) receive(b []byte, from netip.AddrPort, port rtps.Port) {
	c := r.c
	c.mu.Lock()
	nowNs := c.nowNs()
	c.p.Recycle(&r.out)
	// Malformed datagrams are counted in Stats: anybody can send them, so they are not worth a line of log each.
	_ = c.p.Receive(b, from, port, nowNs, &r.out)
	c.settleLocked(&r.out)
	c.mu.Unlock()
	c.flush(&r.out)
	for i := range r.out.Deliveries {
		d := &r.out.Deliveries[i]
		d.Reader.Owner.(sink).take(d)
	}
}

// sink is the owner of a reader.
type sink interface{ take(d *rtps.Delivery) }

// keepTime runs the timers of the protocol.
func (c *Context) keepTime() {
	var out rtps.Outbox
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		c.mu.Lock()
		nowNs := c.nowNs()
		c.p.Recycle(&out)
		c.p.Tick(nowNs, &out)
		c.tickGate(nowNs, &out)
		c.onEvents(&out)
		c.sleepNs = c.p.DeadlineNs()
		if c.gateNs != 0 {
			c.sleepNs = min(c.sleepNs, c.gateNs)
		}
		wait := time.Duration(c.sleepNs - nowNs)
		c.mu.Unlock()
		c.flush(&out)
		if !c.sleep(timer, wait) {
			return
		}
	}
}

// sleep waits, and reports false when the context is closed. Waits below two milliseconds are those between fragments,
// which the runtime's timers would stretch.
func (c *Context) sleep(timer *time.Timer, wait time.Duration) bool {
	if wait < 2*time.Millisecond {
		if wait > 0 {
			sleepShort(wait)
		}
		select {
		case <-c.done:
			return false
		default:
			return true
		}
	}
	timer.Reset(wait)
	select {
	case <-timer.C:
	case <-c.wake:
	case <-c.done:
		return false
	}
	return true
}

// pause waits, and reports false when the context is closed meanwhile.
func (c *Context) pause(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-c.done:
		return false
	}
}
