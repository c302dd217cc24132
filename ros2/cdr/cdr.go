// Package cdr writes and reads the Common Data Representation that ROS 2 sends: plain CDR version 1 of the OMG's XTypes 1.3
// (section 7.4.1), where every primitive is aligned to its own size, at most 8, counted from the byte after the
// encapsulation header.
//
// It writes little endian and reads both byte orders. Reading trusts nothing: each length is held against the bytes that
// are left before memory is taken for it, and the first error sticks in the Reader with the offset it happened at. Reading
// into a used value reuses its slices, and its strings where they are unchanged, so that a steady stream costs no memory.
package cdr

import (
	"fmt"
	"math"
	"sync"
)

// Unbounded is the bound of a string or sequence that has none.
const Unbounded = math.MaxInt

// HeaderLen is the length of the encapsulation header in bytes.
const HeaderLen = 4

// The encapsulation identifiers that are read (RTPS 2.5, table 10.3).
const (
	encodingBE = 0x00
	encodingLE = 0x01
)

// Marshaler is a type that writes itself, field by field.
type Marshaler interface{ MarshalCDR(w *Writer) }

// Unmarshaler is a type that reads itself, field by field. It may read on after an error: the Reader then gives zeros.
type Unmarshaler interface{ UnmarshalCDR(r *Reader) }

var (
	writers = sync.Pool{New: func() any { return new(Writer) }}
	readers = sync.Pool{New: func() any { return new(Reader) }}
)

// Marshal appends the encapsulation header of little-endian CDR and the body of m to b. A value longer than the bound that
// its type declares is cut at the bound, the most that a receiver would accept; Append tells of it.
func Marshal(b []byte, m Marshaler) []byte {
	b, _ = Append(b, m)
	return b
}

// Append is Marshal, and reports what had to be cut.
func Append(b []byte, m Marshaler) ([]byte, error) {
	w := writers.Get().(*Writer)
	w.Reset(append(b, 0, encodingLE, 0, 0))
	m.MarshalCDR(w)
	b, err := w.buf, w.err
	w.Reset(nil)
	writers.Put(w)
	return b, err
}

// Unmarshal reads a payload, encapsulation header first, into m. After an error m holds what was read until then. Bytes
// after the last field are ignored: RTPS pads to four, and what rclpy serializes is as long as Fast CDR had estimated, up to
// 52 bytes too long in our tables.
func Unmarshal(b []byte, m Unmarshaler) error {
	r := readers.Get().(*Reader)
	err := r.Reset(b)
	if err == nil {
		m.UnmarshalCDR(r)
		err = r.err
	}
	*r = Reader{}
	readers.Put(r)
	return err
}

// Error says where in a payload's body reading stopped, and why.
type Error struct {
	Offset int // bytes after the encapsulation header
	Len    int // length of the body in bytes
	Cause  string
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("cdr: at byte %d of %d: %s", e.Offset, e.Len, e.Cause)
}

// encapsulations names the identifiers that are refused, for the error message (RTPS 2.5, table 10.3; XTypes 1.3, 7.6.3.1.2).
var encapsulations = map[byte]string{
	0x02: "parameter list, big endian", 0x03: "parameter list, little endian",
	0x06: "XCDR2 big endian", 0x07: "XCDR2 little endian",
	0x08: "XCDR2 delimited, big endian", 0x09: "XCDR2 delimited, little endian",
	0x0a: "XCDR2 parameter list, big endian", 0x0b: "XCDR2 parameter list, little endian",
	0x10: "XCDR2 big endian", 0x11: "XCDR2 little endian",
	0x12: "XCDR2 parameter list, big endian", 0x13: "XCDR2 parameter list, little endian",
	0x14: "XCDR2 delimited, big endian", 0x15: "XCDR2 delimited, little endian",
}

func headerError(b []byte) error {
	if len(b) < HeaderLen {
		return fmt.Errorf("cdr: a payload of %d bytes is shorter than its %d byte header", len(b), HeaderLen)
	}
	name := "unknown"
	if n, ok := encapsulations[b[1]]; ok && b[0] == 0 {
		name = n
	}
	return fmt.Errorf("cdr: encapsulation %02x %02x (%s) is not plain CDR version 1: let the sender offer the XCDR1 representation",
		b[0], b[1], name)
}
