//go:build unix

package ros2

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
)

func isInUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

// setMulticastInterface chooses the interface by which multicast leaves. Where it fails, the socket's address chooses.
func setMulticastInterface(c *net.UDPConn, a netip.Addr) {
	raw, err := c.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInet4Addr(int(fd), syscall.IPPROTO_IP, syscall.IP_MULTICAST_IF, a.As4())
	})
}
