package rtps

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Header opens every datagram (8.3.7.1, 9.4.4).
type Header struct {
	Minor  byte // of the protocol version 2.x
	Vendor VendorID
	Prefix GUIDPrefix
}

const headerBytes = 20

// Errors of malformed datagrams. They carry no detail beyond the kind: a peer must not be able to make us
// format strings at line rate.
var (
	ErrNotRTPS   = errors.New("rtps: datagram does not begin with an RTPS 2.x header: another program sends to this port")
	ErrTruncated = errors.New("rtps: submessage is longer than its datagram: the sender is broken or the datagram was cut")
	ErrMalformed = errors.New("rtps: submessage has fields outside its bounds: the sender is broken or hostile")
)

// Decode reads the header of datagram b.
func (h *Header) Decode(b []byte) error {
	if len(b) < headerBytes || string(b[:4]) != "RTPS" || b[4] != 2 {
		return ErrNotRTPS
	}
	h.Minor = b[5]
	copy(h.Vendor[:], b[6:])
	copy(h.Prefix[:], b[8:])
	return nil
}

// Append writes the header. The version that we claim is 2.3, of which everything we send is part.
func (h *Header) Append(b []byte) []byte {
	b = append(b, 'R', 'T', 'P', 'S', 2, 3, h.Vendor[0], h.Vendor[1])
	return append(b, h.Prefix[:]...)
}

// Kinds of submessages (9.4.5.1.1).
const (
	kindPad           = 0x01
	kindAckNack       = 0x06
	kindHeartbeat     = 0x07
	kindGap           = 0x08
	kindInfoTS        = 0x09
	kindInfoSrc       = 0x0c
	kindInfoReplyIP4  = 0x0d
	kindInfoDst       = 0x0e
	kindInfoReply     = 0x0f
	kindNackFrag      = 0x12
	kindHeartbeatFrag = 0x13
	kindData          = 0x15
	kindDataFrag      = 0x16
)

const flagLittleEndian = 0x01

// Submessage is one part of a datagram: its kind, its flags and where its body lies.
type Submessage struct {
	Kind, Flags byte
	Body        Span // in the datagram
}

// Walker goes through the submessages of one datagram. The zero value with Off at the first submessage is ready.
type Walker struct{ Off int }

// Next finds the next submessage of datagram b. It returns false at the end.
func (w *Walker) Next(b []byte, s *Submessage) (bool, error) {
	left := len(b) - w.Off
	if left == 0 {
		return false, nil
	}
	if left < 4 {
		return false, ErrTruncated
	}
	s.Kind, s.Flags = b[w.Off], b[w.Off+1]
	n := int(binary.BigEndian.Uint16(b[w.Off+2:]))
	if s.Flags&flagLittleEndian != 0 {
		n = int(binary.LittleEndian.Uint16(b[w.Off+2:]))
	}
	start := w.Off + 4
	if n == 0 && s.Kind != kindPad && s.Kind != kindInfoTS {
		n = left - 4 // 9.4.5.1.3: the last submessage may leave its length out
	}
	if n > left-4 {
		return false, ErrTruncated
	}
	s.Body = Span{start, start + n}
	w.Off = start + n
	return true, nil
}

// beginSubmessage appends a submessage header whose length endSubmessage fills in.
func beginSubmessage(b []byte, kind, flags byte) (out []byte, start int) {
	b = append(b, kind, flags|flagLittleEndian, 0, 0)
	return b, len(b)
}

// endSubmessage pads the body to four bytes and writes its length.
func endSubmessage(b []byte, start int) []byte {
	for (len(b)-start)%4 != 0 {
		b = append(b, 0)
	}
	binary.LittleEndian.PutUint16(b[start-2:], uint16(len(b)-start))
	return b
}

// String names the submessage kind in the words of the specification.
func (s Submessage) String() string {
	names := map[byte]string{
		kindPad: "PAD", kindAckNack: "ACKNACK", kindHeartbeat: "HEARTBEAT", kindGap: "GAP", kindInfoTS: "INFO_TS",
		kindInfoSrc: "INFO_SRC", kindInfoReplyIP4: "INFO_REPLY_IP4", kindInfoDst: "INFO_DST", kindInfoReply: "INFO_REPLY",
		kindNackFrag: "NACK_FRAG", kindHeartbeatFrag: "HEARTBEAT_FRAG", kindData: "DATA", kindDataFrag: "DATA_FRAG",
	}
	if n, ok := names[s.Kind]; ok {
		return n
	}
	return fmt.Sprintf("0x%02x", s.Kind)
}
