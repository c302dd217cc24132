package cdr

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf16"
)

// Writer appends primitives to a buffer, aligned from its origin. The zero Writer is ready and writes a body without header.
type Writer struct {
	buf    []byte
	origin int
	err    error
}

// Reset makes the writer append to b; alignment counts from the end of b.
func (w *Writer) Reset(b []byte) { *w = Writer{buf: b, origin: len(b)} }

// Bytes returns the buffer given to Reset and all that was written after it.
func (w *Writer) Bytes() []byte { return w.buf }

// Err tells of the first value that was cut at its bound.
func (w *Writer) Err() error { return w.err }

// align pads with zeros to a multiple of size, a power of two.
func (w *Writer) align(size int) {
	for n := -(len(w.buf) - w.origin) & (size - 1); n > 0; n-- {
		w.buf = append(w.buf, 0)
	}
}

// Bool writes one byte, 0 or 1.
func (w *Writer) Bool(v bool) {
	b := byte(0)
	if v {
		b = 1
	}
	w.buf = append(w.buf, b)
}

// Uint8 writes one byte; ROS types byte, char and uint8.
func (w *Writer) Uint8(v uint8) { w.buf = append(w.buf, v) }

// Int8 writes one byte.
func (w *Writer) Int8(v int8) { w.buf = append(w.buf, byte(v)) }

// Uint16 writes two bytes.
func (w *Writer) Uint16(v uint16) {
	w.align(2)
	w.buf = binary.LittleEndian.AppendUint16(w.buf, v)
}

// Int16 writes two bytes.
func (w *Writer) Int16(v int16) { w.Uint16(uint16(v)) }

// Uint32 writes four bytes.
func (w *Writer) Uint32(v uint32) {
	w.align(4)
	w.buf = binary.LittleEndian.AppendUint32(w.buf, v)
}

// Int32 writes four bytes.
func (w *Writer) Int32(v int32) { w.Uint32(uint32(v)) }

// Uint64 writes eight bytes.
func (w *Writer) Uint64(v uint64) {
	w.align(8)
	w.buf = binary.LittleEndian.AppendUint64(w.buf, v)
}

// Int64 writes eight bytes.
func (w *Writer) Int64(v int64) { w.Uint64(uint64(v)) }

// Float32 writes four bytes.
func (w *Writer) Float32(v float32) { w.Uint32(math.Float32bits(v)) }

// Float64 writes eight bytes.
func (w *Writer) Float64(v float64) { w.Uint64(math.Float64bits(v)) }

// String writes the length with the closing NUL, the bytes and the NUL.
func (w *Writer) String(v string) {
	w.Uint32(uint32(len(v) + 1))
	w.buf = append(w.buf, v...)
	w.buf = append(w.buf, 0)
}

// StringMax writes v, cut at max bytes.
func (w *Writer) StringMax(v string, max int) {
	if len(v) > max {
		w.cut("string", len(v), max)
		v = v[:max]
	}
	w.String(v)
}

// WString writes the number of UTF-16 units and each unit in four bytes, without NUL. That is how ROS 2's type support has
// Fast CDR do it; the CDR of the specification differs.
func (w *Writer) WString(v string) { w.WStringMax(v, Unbounded) }

// WStringMax writes v, cut at max UTF-16 units.
func (w *Writer) WStringMax(v string, max int) {
	units := 0
	for _, c := range v {
		units += utf16.RuneLen(c)
	}
	if units > max {
		w.cut("wstring", units, max)
		units = max
	}
	w.Uint32(uint32(units))
	var pair [2]uint16
	for _, c := range v {
		for _, u := range utf16.AppendRune(pair[:0], c) {
			if units == 0 {
				return
			}
			units--
			w.Uint32(uint32(u))
		}
	}
}

// Len writes the length of a sequence.
func (w *Writer) Len(n int) { w.Uint32(uint32(n)) }

// LenMax writes the length of a sequence of at most max elements and returns how many of the n may be written.
func (w *Writer) LenMax(n, max int) int {
	if n > max {
		w.cut("sequence", n, max)
		n = max
	}
	w.Len(n)
	return n
}

func (w *Writer) cut(kind string, n, max int) {
	if w.err == nil {
		w.err = fmt.Errorf("cdr: at byte %d: %s of %d elements cut at the type's bound of %d",
			len(w.buf)-w.origin, kind, n, max)
	}
}

// Uint8s writes the elements of a byte array or sequence, without length.
func (w *Writer) Uint8s(v []uint8) { w.buf = append(w.buf, v...) }

// Int8s writes elements without length.
func (w *Writer) Int8s(v []int8) {
	for _, e := range v {
		w.buf = append(w.buf, byte(e))
	}
}

// Bools writes elements without length.
func (w *Writer) Bools(v []bool) {
	for _, e := range v {
		w.Bool(e)
	}
}

// Uint16s writes elements without length.
func (w *Writer) Uint16s(v []uint16) {
	for _, e := range v {
		w.Uint16(e)
	}
}

// Int16s writes elements without length.
func (w *Writer) Int16s(v []int16) {
	for _, e := range v {
		w.Uint16(uint16(e))
	}
}

// Uint32s writes elements without length.
func (w *Writer) Uint32s(v []uint32) {
	for _, e := range v {
		w.Uint32(e)
	}
}

// Int32s writes elements without length.
func (w *Writer) Int32s(v []int32) {
	for _, e := range v {
		w.Uint32(uint32(e))
	}
}

// Uint64s writes elements without length.
func (w *Writer) Uint64s(v []uint64) {
	for _, e := range v {
		w.Uint64(e)
	}
}

// Int64s writes elements without length.
func (w *Writer) Int64s(v []int64) {
	for _, e := range v {
		w.Uint64(uint64(e))
	}
}

// Float32s writes elements without length.
func (w *Writer) Float32s(v []float32) {
	for _, e := range v {
		w.Float32(e)
	}
}

// Float64s writes elements without length.
func (w *Writer) Float64s(v []float64) {
	for _, e := range v {
		w.Float64(e)
	}
}

// Strings writes elements without length.
func (w *Writer) Strings(v []string) {
	for _, e := range v {
		w.String(e)
	}
}

// StringsMax writes elements without length, each cut at max bytes.
func (w *Writer) StringsMax(v []string, max int) {
	for _, e := range v {
		w.StringMax(e, max)
	}
}

// WStrings writes elements without length.
func (w *Writer) WStrings(v []string) {
	for _, e := range v {
		w.WString(e)
	}
}

// WStringsMax writes elements without length, each cut at max UTF-16 units.
func (w *Writer) WStringsMax(v []string, max int) {
	for _, e := range v {
		w.WStringMax(e, max)
	}
}
