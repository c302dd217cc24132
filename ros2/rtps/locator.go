package rtps

import "net/netip"

const locatorUDPv4 = 1

// locator reads a locator (9.3.2.4); only UDP over IPv4 is of use to us, others give the zero address.
func (f *fields) locator() netip.AddrPort {
	kind := int32(f.u32())
	port := f.u32()
	addr := f.take(16)
	if f.bad || kind != locatorUDPv4 || port == 0 || port > 0xffff {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(addr[12:])), uint16(port))
}

func appendParamLocator(b []byte, id uint16, a netip.AddrPort) []byte {
	b, start := beginParam(b, id)
	b = appendU32(appendU32(b, locatorUDPv4), uint32(a.Port()))
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	ip := a.Addr().As4()
	return endParam(append(b, ip[:]...), start)
}

func addLocator(list []netip.AddrPort, a netip.AddrPort) []netip.AddrPort {
	if !a.IsValid() || a.Addr().IsMulticast() || a.Addr().IsUnspecified() || len(list) >= maxLocators {
		return list
	}
	return append(list, a)
}

// Route chooses which of a peer's addresses to send to. from is where its announcement came from, which may be
// unknown. A peer on this host is reached over loopback or any of its addresses; another one on the network that
// both share.
type Route struct {
	// Local lists this host's interfaces with their networks.
	Local []netip.Prefix
}

// Choose returns the best of the peer's addresses, or the zero address when there is none.
func (r *Route) Choose(peer []netip.AddrPort, from netip.Addr) netip.AddrPort {
	best, bestScore := netip.AddrPort{}, -1
	for _, a := range peer {
		if s := r.score(a.Addr(), from); s > bestScore {
			best, bestScore = a, s
		}
	}
	return best
}

func (r *Route) score(a, from netip.Addr) int {
	sameHost := !from.IsValid() || from.IsLoopback() || r.isOwn(from)
	switch {
	case a.IsLoopback() && sameHost:
		return 4
	case a.IsLoopback():
		return -1 // another host's loopback is not ours
	case a == from:
		return 3
	case r.isNear(a):
		return 2
	}
	return 1
}

func (r *Route) isOwn(a netip.Addr) bool {
	for _, p := range r.Local {
		if p.Addr() == a {
			return true
		}
	}
	return false
}

func (r *Route) isNear(a netip.Addr) bool {
	for _, p := range r.Local {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
