package ros2

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"
)

// network is one IPv4 network that this computer is in.
type network struct {
	ifi  net.Interface
	addr netip.Prefix // our address there, with the network's length
}

// networks lists the IPv4 networks of the named interfaces; empty names all that are up. Loopback comes first.
func networks(names []string) (list []network, err error) {
	ifis, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("ros2: listing network interfaces: %w", err)
	}
	for _, ifi := range ifis {
		loop := ifi.Flags&net.FlagLoopback != 0
		if ifi.Flags&net.FlagUp == 0 || !loop && len(names) > 0 && !slices.Contains(names, ifi.Name) {
			continue
		}
		addrs, err := ifi.Addrs()
		if err != nil {
			return nil, fmt.Errorf("ros2: addresses of interface %s: %w", ifi.Name, err)
		}
		for _, a := range addrs {
			p, err := netip.ParsePrefix(a.String())
			if err != nil || !p.Addr().Is4() {
				continue
			}
			n := network{ifi, p}
			if loop {
				list = slices.Insert(list, 0, n)
			} else {
				list = append(list, n)
			}
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(list, func(n network) bool { return n.ifi.Name == name }) {
			return nil, fmt.Errorf("ros2: interface %s is down, has no IPv4 address or does not exist: see `ip -4 addr`", name)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("ros2: no network interface with an IPv4 address is up: bring up at least loopback")
	}
	return list, nil
}

func (n network) isLoopback() bool { return n.addr.Addr().IsLoopback() }

// resolvePeers looks up static peers, names or addresses.
func resolvePeers(ctx context.Context, peers []string) ([]netip.Addr, error) {
	var list []netip.Addr
	for _, p := range peers {
		if a, err := netip.ParseAddr(p); err == nil {
			list = append(list, a.Unmap())
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", p)
		cancel()
		if err != nil {
			return nil, fmt.Errorf("ros2: static peer %q: %w: give an IPv4 address or a name that resolves", p, err)
		}
		list = append(list, addrs[0].Unmap())
	}
	return list, nil
}
