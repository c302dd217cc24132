package ros2

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
)

// Ports of a domain (RTPS 2.5, 9.6.2.3): 7400 + 250 a domain, multicast at 0, unicast from 10 on, two a participant.
const (
	portBase        = 7400
	portsPerDomain  = 250
	unicastOffset   = 10
	maxParticipants = 120 // beyond, the ports run into the next domain's
	// pingedParticipants is how many well-known ports of a computer are tried for peers, as rmw_fastrtps does.
	pingedParticipants = 32
)

var spdpGroup = netip.AddrFrom4([4]byte{239, 255, 0, 1})

// receiveBufferBytes lets a burst of two 1080p images wait while the receiver is not scheduled.
const receiveBufferBytes = 4 << 20

func multicastPort(domain int) uint16 { return uint16(portBase + portsPerDomain*domain) }

func unicastPort(domain, participant int) uint16 {
	return multicastPort(domain) + unicastOffset + uint16(2*participant)
}

// transport is the sockets of one participant.
type transport struct {
	meta, user   *net.UDPConn
	in           []*net.UDPConn // multicast, one an interface
	out          []*net.UDPConn // multicast, one an interface
	participant  int            // well-known index
	receiveBytes int            // granted to user
	sendErrors   atomic.Uint64
	lastError    atomic.Pointer[error]
}

// openTransport binds the first free pair of well-known unicast ports at addr, and joins the discovery group on nets. A
// well-known pair matters: peers without multicast find us only there.
func openTransport(domain int, addr netip.Addr, nets []network) (*transport, error) {
	t := &transport{}
	for t.participant = 0; ; t.participant++ {
		if t.participant == maxParticipants {
			return nil, fmt.Errorf("ros2: domain %d: no free pair of UDP ports from %d on: too many nodes run here; "+
				"stop some or choose another ROS_DOMAIN_ID", domain, unicastPort(domain, 0))
		}
		port := unicastPort(domain, t.participant)
		meta, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, port)))
		if err != nil {
			if isInUse(err) {
				continue
			}
			return nil, fmt.Errorf("ros2: domain %d: binding UDP port %d: %w", domain, port, err)
		}
		user, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr, port+1)))
		if err != nil {
			meta.Close()
			if isInUse(err) {
				continue
			}
			return nil, fmt.Errorf("ros2: domain %d: binding UDP port %d: %w", domain, port+1, err)
		}
		t.meta, t.user = meta, user
		break
	}
	t.receiveBytes = growReceiveBuffer(t.user, receiveBufferBytes)
	growReceiveBuffer(t.meta, receiveBufferBytes/8)
	if err := t.joinGroup(domain, nets); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// joinGroup opens the multicast sockets. An interface that cannot do multicast is passed over: peers on it may still be
// found by their ports.
func (t *transport) joinGroup(domain int, nets []network) error {
	group := net.UDPAddrFromAddrPort(netip.AddrPortFrom(spdpGroup, multicastPort(domain)))
	for _, n := range nets {
		out, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(n.addr.Addr(), 0)))
		if err != nil {
			return fmt.Errorf("ros2: domain %d: a socket on %s: %w", domain, n.addr.Addr(), err)
		}
		t.out = append(t.out, out)
		setMulticastInterface(out, n.addr.Addr())
		in, err := net.ListenMulticastUDP("udp4", &n.ifi, group)
		if err != nil {
			continue
		}
		t.in = append(t.in, in)
	}
	return nil
}

// send sends one datagram; a multicast one leaves by every interface. Failures are counted: to RTPS they are lost
// datagrams like any others.
func (t *transport) send(b []byte, to netip.AddrPort) {
	if !to.Addr().IsMulticast() {
		_, err := t.user.WriteToUDPAddrPort(b, to)
		t.count(err)
		return
	}
	for _, c := range t.out {
		_, err := c.WriteToUDPAddrPort(b, to)
		t.count(err)
	}
}

func (t *transport) count(err error) {
	if err != nil && !errors.Is(err, net.ErrClosed) {
		t.note(err)
	}
}

// note is apart from count because its argument lives on the heap.
func (t *transport) note(err error) {
	t.sendErrors.Add(1)
	t.lastError.Store(&err)
}

func (t *transport) close() {
	for _, c := range append(append([]*net.UDPConn{t.meta, t.user}, t.in...), t.out...) {
		c.Close()
	}
}
