package cdr

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Reader reads primitives from a payload's body. The first error sticks: what is read after it is zero, empty or left as it
// was, and means nothing.
type Reader struct {
	buf []byte // the body
	off int
	big bool
	err error
}

// Reset makes the reader start at the head of payload b, whose encapsulation header it reads.
func (r *Reader) Reset(b []byte) error {
	*r = Reader{}
	if len(b) < HeaderLen || b[0] != 0 || b[1] > encodingLE {
		r.err = headerError(b)
		return r.err
	}
	r.buf, r.big = b[HeaderLen:], b[1] == encodingBE
	return nil
}

// ResetBody makes the reader start at the head of a body without header.
func (r *Reader) ResetBody(b []byte, bigEndian bool) { *r = Reader{buf: b, big: bigEndian} }

// Err returns the first error.
func (r *Reader) Err() error { return r.err }

// Offset returns the number of body bytes read.
func (r *Reader) Offset() int { return r.off }

// Remaining returns the number of body bytes not yet read.
func (r *Reader) Remaining() int { return len(r.buf) - r.off }

// Failf makes an error of the present offset stick, if none has yet; generated and hand-written types report theirs with it.
func (r *Reader) Failf(format string, args ...any) {
	if r.err == nil {
		r.err = &Error{Offset: r.off, Len: len(r.buf), Cause: fmt.Sprintf(format, args...)}
	}
}

// take aligns and returns the next n bytes, or nil after an error.
func (r *Reader) take(size, n int) []byte {
	at := r.off + (-r.off & (size - 1))
	if r.err != nil || n > len(r.buf)-at {
		r.failShort(size, n)
		return nil
	}
	r.off = at + n
	return r.buf[at : at+n : at+n]
}

func (r *Reader) failShort(size, n int) {
	if r.err == nil {
		r.Failf("%d bytes aligned to %d are missing, %d left", n, size, r.Remaining())
	}
}

// Uint8 reads one byte; ROS types byte, char and uint8.
func (r *Reader) Uint8() uint8 {
	if b := r.take(1, 1); b != nil {
		return b[0]
	}
	return 0
}

// Int8 reads one byte.
func (r *Reader) Int8() int8 { return int8(r.Uint8()) }

// Bool reads one byte; one that is neither 0 nor 1 is an error.
func (r *Reader) Bool() bool {
	v := r.Uint8()
	if v > 1 {
		r.off--
		r.Failf("%d is no bool", v)
		return false
	}
	return v == 1
}

// Uint16 reads two bytes.
func (r *Reader) Uint16() uint16 {
	b := r.take(2, 2)
	switch {
	case b == nil:
		return 0
	case r.big:
		return binary.BigEndian.Uint16(b)
	}
	return binary.LittleEndian.Uint16(b)
}

// Int16 reads two bytes.
func (r *Reader) Int16() int16 { return int16(r.Uint16()) }

// Uint32 reads four bytes.
func (r *Reader) Uint32() uint32 {
	b := r.take(4, 4)
	switch {
	case b == nil:
		return 0
	case r.big:
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

// Int32 reads four bytes.
func (r *Reader) Int32() int32 { return int32(r.Uint32()) }

// Uint64 reads eight bytes.
func (r *Reader) Uint64() uint64 {
	b := r.take(8, 8)
	switch {
	case b == nil:
		return 0
	case r.big:
		return binary.BigEndian.Uint64(b)
	}
	return binary.LittleEndian.Uint64(b)
}

// Int64 reads eight bytes.
func (r *Reader) Int64() int64 { return int64(r.Uint64()) }

// Float32 reads four bytes.
func (r *Reader) Float32() float32 { return math.Float32frombits(r.Uint32()) }

// Float64 reads eight bytes.
func (r *Reader) Float64() float64 { return math.Float64frombits(r.Uint64()) }

// Len reads the length of a sequence of at most max elements, each of at least size bytes on the wire. A length that the
// bytes left cannot hold is an error and reads as 0, so that what is sized by it stays in proportion to the payload.
func (r *Reader) Len(max, size int) int {
	n := int64(r.Uint32())
	switch {
	case n > int64(max):
		r.off -= 4
		r.Failf("sequence of %d elements, the type's bound is %d", n, max)
		return 0
	case n*int64(size) > int64(r.Remaining()):
		r.off -= 4
		r.Failf("sequence of %d elements of %d or more bytes, %d left", n, size, r.Remaining()-4)
		return 0
	}
	return int(n)
}

// Resize returns s with n elements. It keeps all elements that s's memory holds, so that their own memory can be reused;
// new ones are zero.
func Resize[T any](s []T, n int) []T {
	if n <= cap(s) {
		return s[:n]
	}
	grown := make([]T, n)
	copy(grown, s[:cap(s)])
	return grown
}
