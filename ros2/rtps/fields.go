package rtps

import "encoding/binary"

// Span is a range of offsets in the buffer that the decoded struct's method was given.
type Span struct{ Off, End int }

// In cuts the span out of the buffer that it was decoded from.
func (s Span) In(b []byte) []byte { return b[s.Off:s.End] }

// Len is the span's size in bytes.
func (s Span) Len() int { return s.End - s.Off }

// fields reads the fields of a submessage or parameter one after another. After the first read beyond the
// end, bad is set and everything reads as zero.
type fields struct {
	b   []byte
	off int
	big bool // big-endian
	bad bool
}

func (f *fields) take(n int) []byte {
	if f.bad || n < 0 || len(f.b)-f.off < n {
		f.bad = true
		return nil
	}
	b := f.b[f.off : f.off+n]
	f.off += n
	return b
}

func (f *fields) u16() uint16 {
	b := f.take(2)
	switch {
	case b == nil:
		return 0
	case f.big:
		return binary.BigEndian.Uint16(b)
	}
	return binary.LittleEndian.Uint16(b)
}

func (f *fields) u32() uint32 {
	b := f.take(4)
	switch {
	case b == nil:
		return 0
	case f.big:
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

func (f *fields) entity() (e EntityID) {
	copy(e[:], f.take(4))
	return e
}

func (f *fields) seq() SeqNum {
	high := int32(f.u32())
	return SeqNum(high)<<32 | SeqNum(f.u32())
}

func (f *fields) bits(numBits uint32, bits *[8]uint32) {
	if numBits > 256 {
		f.bad = true
		return
	}
	*bits = [8]uint32{}
	for i := range (numBits + 31) / 32 {
		bits[i] = f.u32()
	}
}

func (f *fields) seqSet(s *SeqSet) {
	s.Base = f.seq()
	s.NumBits = f.u32()
	f.bits(s.NumBits, &s.Bits)
}

func (f *fields) fragSet(s *FragSet) {
	s.Base = f.u32()
	s.NumBits = f.u32()
	f.bits(s.NumBits, &s.Bits)
}

// Everything that we send is little-endian.

func appendU16(b []byte, v uint16) []byte { return binary.LittleEndian.AppendUint16(b, v) }
func appendU32(b []byte, v uint32) []byte { return binary.LittleEndian.AppendUint32(b, v) }

func appendSeq(b []byte, sn SeqNum) []byte {
	return appendU32(appendU32(b, uint32(sn>>32)), uint32(sn))
}

func appendBits(b []byte, numBits uint32, bits *[8]uint32) []byte {
	b = appendU32(b, numBits)
	for i := range (numBits + 31) / 32 {
		b = appendU32(b, bits[i])
	}
	return b
}

func appendSeqSet(b []byte, s *SeqSet) []byte {
	return appendBits(appendSeq(b, s.Base), s.NumBits, &s.Bits)
}

func appendFragSet(b []byte, s *FragSet) []byte {
	return appendBits(appendU32(b, s.Base), s.NumBits, &s.Bits)
}
