package cdr

import (
	"encoding/binary"
	"math"
)

// The methods in plural fill an array, len(dst) elements; those in Seq read a sequence of at most max elements into dst's
// memory, which grows if it must.

// Uint8s fills an array.
func (r *Reader) Uint8s(dst []uint8) { copy(dst, r.take(1, len(dst))) }

// Uint8Seq reads a sequence.
func (r *Reader) Uint8Seq(dst []uint8, max int) []uint8 {
	dst = Resize(dst, r.Len(max, 1))
	r.Uint8s(dst)
	return dst
}

// Int8s fills an array.
func (r *Reader) Int8s(dst []int8) {
	for i, v := range r.take(1, len(dst)) {
		dst[i] = int8(v)
	}
}

// Int8Seq reads a sequence.
func (r *Reader) Int8Seq(dst []int8, max int) []int8 {
	dst = Resize(dst, r.Len(max, 1))
	r.Int8s(dst)
	return dst
}

// Bools fills an array.
func (r *Reader) Bools(dst []bool) {
	for i := range dst {
		dst[i] = r.Bool()
	}
}

// BoolSeq reads a sequence.
func (r *Reader) BoolSeq(dst []bool, max int) []bool {
	dst = Resize(dst, r.Len(max, 1))
	r.Bools(dst)
	return dst
}

// elements takes n elements of size bytes. An empty array or sequence has no alignment of its own.
func (r *Reader) elements(n, size int) []byte {
	if n == 0 {
		return nil
	}
	return r.take(size, n*size)
}

func read16(r *Reader, b []byte, i int) uint16 {
	if r.big {
		return binary.BigEndian.Uint16(b[2*i:])
	}
	return binary.LittleEndian.Uint16(b[2*i:])
}

func read32(r *Reader, b []byte, i int) uint32 {
	if r.big {
		return binary.BigEndian.Uint32(b[4*i:])
	}
	return binary.LittleEndian.Uint32(b[4*i:])
}

func read64(r *Reader, b []byte, i int) uint64 {
	if r.big {
		return binary.BigEndian.Uint64(b[8*i:])
	}
	return binary.LittleEndian.Uint64(b[8*i:])
}

// Uint16s fills an array.
func (r *Reader) Uint16s(dst []uint16) {
	if b := r.elements(len(dst), 2); b != nil {
		for i := range dst {
			dst[i] = read16(r, b, i)
		}
	}
}

// Uint16Seq reads a sequence.
func (r *Reader) Uint16Seq(dst []uint16, max int) []uint16 {
	dst = Resize(dst, r.Len(max, 2))
	r.Uint16s(dst)
	return dst
}

// Int16s fills an array.
func (r *Reader) Int16s(dst []int16) {
	if b := r.elements(len(dst), 2); b != nil {
		for i := range dst {
			dst[i] = int16(read16(r, b, i))
		}
	}
}

// Int16Seq reads a sequence.
func (r *Reader) Int16Seq(dst []int16, max int) []int16 {
	dst = Resize(dst, r.Len(max, 2))
	r.Int16s(dst)
	return dst
}

// Uint32s fills an array.
func (r *Reader) Uint32s(dst []uint32) {
	if b := r.elements(len(dst), 4); b != nil {
		for i := range dst {
			dst[i] = read32(r, b, i)
		}
	}
}

// Uint32Seq reads a sequence.
func (r *Reader) Uint32Seq(dst []uint32, max int) []uint32 {
	dst = Resize(dst, r.Len(max, 4))
	r.Uint32s(dst)
	return dst
}

// Int32s fills an array.
func (r *Reader) Int32s(dst []int32) {
	if b := r.elements(len(dst), 4); b != nil {
		for i := range dst {
			dst[i] = int32(read32(r, b, i))
		}
	}
}

// Int32Seq reads a sequence.
func (r *Reader) Int32Seq(dst []int32, max int) []int32 {
	dst = Resize(dst, r.Len(max, 4))
	r.Int32s(dst)
	return dst
}

// Uint64s fills an array.
func (r *Reader) Uint64s(dst []uint64) {
	if b := r.elements(len(dst), 8); b != nil {
		for i := range dst {
			dst[i] = read64(r, b, i)
		}
	}
}

// Uint64Seq reads a sequence.
func (r *Reader) Uint64Seq(dst []uint64, max int) []uint64 {
	dst = Resize(dst, r.Len(max, 8))
	r.Uint64s(dst)
	return dst
}

// Int64s fills an array.
func (r *Reader) Int64s(dst []int64) {
	if b := r.elements(len(dst), 8); b != nil {
		for i := range dst {
			dst[i] = int64(read64(r, b, i))
		}
	}
}

// Int64Seq reads a sequence.
func (r *Reader) Int64Seq(dst []int64, max int) []int64 {
	dst = Resize(dst, r.Len(max, 8))
	r.Int64s(dst)
	return dst
}

// Float32s fills an array.
func (r *Reader) Float32s(dst []float32) {
	if b := r.elements(len(dst), 4); b != nil {
		for i := range dst {
			dst[i] = math.Float32frombits(read32(r, b, i))
		}
	}
}

// Float32Seq reads a sequence.
func (r *Reader) Float32Seq(dst []float32, max int) []float32 {
	dst = Resize(dst, r.Len(max, 4))
	r.Float32s(dst)
	return dst
}

// Float64s fills an array.
func (r *Reader) Float64s(dst []float64) {
	if b := r.elements(len(dst), 8); b != nil {
		for i := range dst {
			dst[i] = math.Float64frombits(read64(r, b, i))
		}
	}
}

// Float64Seq reads a sequence.
func (r *Reader) Float64Seq(dst []float64, max int) []float64 {
	dst = Resize(dst, r.Len(max, 8))
	r.Float64s(dst)
	return dst
}
