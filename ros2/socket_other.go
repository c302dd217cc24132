//go:build !linux

package ros2

import (
	"net"
	"time"
)

// growReceiveBuffer asks for a receive buffer; what was granted is unknown here, and taken to be what was asked for.
func growReceiveBuffer(c *net.UDPConn, bytes int) (granted int) {
	for ; bytes >= 64<<10; bytes /= 2 {
		if c.SetReadBuffer(bytes) == nil {
			return bytes
		}
	}
	return 0
}

func sleepShort(d time.Duration) { time.Sleep(d) }
