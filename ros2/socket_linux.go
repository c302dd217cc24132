package ros2

import (
	"net"
	"syscall"
	"time"
)

// growReceiveBuffer asks for a receive buffer and returns what was granted, in bytes of payload. Without CAP_NET_ADMIN
// the kernel grants no more than net.core.rmem_max.
func growReceiveBuffer(c *net.UDPConn, bytes int) (granted int) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0
	}
	err = raw.Control(func(fd uintptr) {
		if syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUFFORCE, bytes) != nil {
			_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, bytes)
		}
		granted, _ = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF)
	})
	if err != nil {
		return 0
	}
	return granted / 2 // the kernel reports twice what it was asked for, to count its own overhead
}

// sleepShort waits for less than a millisecond. The runtime's timers would round it up to one when idle.
func sleepShort(d time.Duration) {
	ts := syscall.NsecToTimespec(int64(d))
	_ = syscall.Nanosleep(&ts, nil)
}
