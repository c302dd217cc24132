//go:build !unix

package ros2

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
)

// wsaeaddrinuse is WSAEADDRINUSE of Winsock.
const wsaeaddrinuse = syscall.Errno(10048)

func isInUse(err error) bool {
	return errors.Is(err, wsaeaddrinuse)
}

// setMulticastInterface leaves the choice to the socket's address.
func setMulticastInterface(*net.UDPConn, netip.Addr) {}
