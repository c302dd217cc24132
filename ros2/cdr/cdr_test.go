package cdr

import (
	"bytes"
	"encoding/hex"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// all has a field of every kind, in an order that needs padding almost everywhere.
type all struct {
	A    uint8
	B    float64
	C    bool
	D    int16
	E    int8
	F    float32
	G    string
	H    int64
	I    [3]uint16
	J    []float64
	K    []string
	L    []uint8
	M    string // at most 8 bytes
	N    []int32
	O    []bool
	P    string // wide
	Q    []int64
	R    []int16
	S    []float32
	T    []int8
	U    []uint64
	V    []uint32
	W    []string // wide
	X    [2]string
	Tail uint32
}

func (m *all) MarshalCDR(w *Writer) {
	w.Uint8(m.A)
	w.Float64(m.B)
	w.Bool(m.C)
	w.Int16(m.D)
	w.Int8(m.E)
	w.Float32(m.F)
	w.String(m.G)
	w.Int64(m.H)
	w.Uint16s(m.I[:])
	w.Float64s(m.J[:w.LenMax(len(m.J), 64)])
	w.Strings(m.K[:w.LenMax(len(m.K), 64)])
	w.Len(len(m.L))
	w.Uint8s(m.L)
	w.StringMax(m.M, 8)
	w.Len(len(m.N))
	w.Int32s(m.N)
	w.Len(len(m.O))
	w.Bools(m.O)
	w.WString(m.P)
	w.Len(len(m.Q))
	w.Int64s(m.Q)
	w.Len(len(m.R))
	w.Int16s(m.R)
	w.Len(len(m.S))
	w.Float32s(m.S)
	w.Len(len(m.T))
	w.Int8s(m.T)
	w.Len(len(m.U))
	w.Uint64s(m.U)
	w.Len(len(m.V))
	w.Uint32s(m.V)
	w.Len(len(m.W))
	w.WStrings(m.W)
	w.StringsMax(m.X[:], 5)
	w.Uint32(m.Tail)
}

func (m *all) UnmarshalCDR(r *Reader) {
	m.A, m.B, m.C, m.D = r.Uint8(), r.Float64(), r.Bool(), r.Int16()
	m.E, m.F, m.G, m.H = r.Int8(), r.Float32(), r.String(m.G), r.Int64()
	r.Uint16s(m.I[:])
	m.J = r.Float64Seq(m.J, 64)
	m.K = r.StringSeq(m.K, 64, Unbounded)
	m.L = r.Uint8Seq(m.L, Unbounded)
	m.M = r.StringMax(m.M, 8)
	m.N = r.Int32Seq(m.N, Unbounded)
	m.O = r.BoolSeq(m.O, Unbounded)
	m.P = r.WString(m.P)
	m.Q = r.Int64Seq(m.Q, Unbounded)
	m.R = r.Int16Seq(m.R, Unbounded)
	m.S = r.Float32Seq(m.S, Unbounded)
	m.T = r.Int8Seq(m.T, Unbounded)
	m.U = r.Uint64Seq(m.U, Unbounded)
	m.V = r.Uint32Seq(m.V, Unbounded)
	m.W = r.WStringSeq(m.W, Unbounded, Unbounded)
	r.StringsMax(m.X[:], 5)
	m.Tail = r.Uint32()
}

func sample() *all {
	return &all{A: 7, B: -1.5, C: true, D: -2, E: -3, F: 0.25, G: "knee", H: math.MinInt64, I: [3]uint16{1, 2, 65535},
		J: []float64{1, math.Inf(1)}, K: []string{"", "a", "bc"}, L: []byte{9}, M: "12345678", N: []int32{-1}, O: []bool{true, false},
		P: "Hellö ハ 𝄞", Q: []int64{5}, R: []int16{-7, 8}, S: []float32{1}, T: []int8{-1}, U: []uint64{1 << 63}, V: []uint32{4},
		W: []string{"", "é"}, X: [2]string{"left", "right"}, Tail: 0xdeadbeef}
}

func TestRoundTrip(t *testing.T) {
	want := sample()
	b, err := Append([]byte("before"), want)
	if err != nil || string(b[:6]) != "before" {
		t.Fatalf("append: %q, %v", b[:6], err)
	}
	var got all
	if err := Unmarshal(b[6:], &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(want, &got) {
		t.Errorf("got %+v\nwant %+v", got, *want)
	}
}

// short is small enough to lay out by hand from the alignment rule of XTypes 1.3, 7.4.1.1.
type short struct {
	flag bool
	d    float64
	s    string
	h    uint16
	l    []int64
}

func (m *short) MarshalCDR(w *Writer) {
	w.Bool(m.flag)
	w.Float64(m.d)
	w.String(m.s)
	w.Uint16(m.h)
	w.Len(len(m.l))
	w.Int64s(m.l)
}

func (m *short) UnmarshalCDR(r *Reader) {
	m.flag, m.d, m.s, m.h = r.Bool(), r.Float64(), r.String(m.s), r.Uint16()
	m.l = r.Int64Seq(m.l, 4)
}

func TestLayoutByHandInBothByteOrders(t *testing.T) {
	want := short{true, 1, "ab", 0x0102, []int64{3}}
	for _, c := range []struct{ name, wire string }{
		{"little", "00010000" + "0100000000000000" + "000000000000f03f" + "03000000616200" + "00" + "0201" + "0000" + "01000000" + "0300000000000000"},
		{"big", "00000000" + "0100000000000000" + "3ff0000000000000" + "00000003616200" + "00" + "0102" + "0000" + "00000001" + "0000000000000003"},
	} {
		b, err := hex.DecodeString(c.wire)
		if err != nil {
			t.Fatal(err)
		}
		var got short
		if err := Unmarshal(b, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v", c.name, got, err)
		}
		if out := Marshal(nil, &want); c.name == "little" && !bytes.Equal(out, b) {
			t.Errorf("wrote %x\nwant  %x", out, b)
		}
	}
}

func TestBigEndianNumbers(t *testing.T) {
	b, err := hex.DecodeString("00000000" + "01020304" + "0506" + "0000" + "3f800000" + "00000001" + "0000000000000007")
	if err != nil {
		t.Fatal(err)
	}
	err = Unmarshal(b, probe(func(r *Reader) {
		var pair [2]uint16
		var one [1]float32
		r.Uint16s(pair[:])
		h := r.Int16()
		r.Float32s(one[:])
		l := r.Int64Seq(nil, 1)
		if pair != [2]uint16{0x0102, 0x0304} || h != 0x0506 || one[0] != 1 || len(l) != 1 || l[0] != 7 {
			t.Errorf("read %x %x %v %v", pair, h, one, l)
		}
	}))
	if err != nil {
		t.Error(err)
	}
}

// probe reads what the function says.
type probe func(r *Reader)

func (p probe) UnmarshalCDR(r *Reader) { p(r) }

func TestErrorsTellPlaceAndCause(t *testing.T) {
	le := func(body string) []byte { return append([]byte{0, 1, 0, 0}, body...) }
	for _, c := range []struct {
		name string
		b    []byte
		read probe
		want string
	}{
		{"short header", []byte{0, 1}, func(*Reader) {}, "2 bytes is shorter than its 4 byte header"},
		{"xcdr2", []byte{0, 7, 0, 0}, func(*Reader) {}, "00 07 (XCDR2 little endian) is not plain CDR version 1"},
		{"high byte", []byte{1, 1, 0, 0}, func(*Reader) {}, "01 01 (unknown)"},
		{"unknown", []byte{9, 9, 0, 0}, func(*Reader) {}, "09 09 (unknown)"},
		{"number", le("\x00\x00\x00\x00\x00"), func(r *Reader) { r.Uint32(); r.Uint32() }, "at byte 4 of 5: 4 bytes aligned to 4 are missing, 1 left"},
		{"bool", le("\x00\x02"), func(r *Reader) { r.Bool(); r.Bool() }, "at byte 1 of 2: 2 is no bool"},
		{"long string", le("\xff\xff\xff\xffab"), func(r *Reader) { r.String("") }, "at byte 0 of 6: string of 4294967295 bytes, 2 left"},
		{"no NUL", le("\x02\x00\x00\x00ab"), func(r *Reader) { r.String("") }, "at byte 0 of 6: string of 2 bytes does not end in NUL"},
		{"string bound", le("\x03\x00\x00\x00ab\x00"), func(r *Reader) { r.StringMax("", 1) }, "at byte 0 of 7: string of 2 bytes, the type's bound is 1"},
		{"sequence", le("\xff\xff\xff\x7f"), func(r *Reader) { r.Float64Seq(nil, Unbounded) }, "at byte 0 of 4: sequence of 2147483647 elements of 8 or more bytes, 0 left"},
		{"bounded", le("\x04\x00\x00\x00abcd"), func(r *Reader) { r.Uint8Seq(nil, 3) }, "at byte 0 of 8: sequence of 4 elements, the type's bound is 3"},
		{"padded sequence", le("\x01\x00\x00\x0012345678"), func(r *Reader) { r.Uint64Seq(nil, 3) }, "at byte 4 of 12: 8 bytes aligned to 8 are missing, 8 left"},
		{"wide unit", le("\x01\x00\x00\x00\x00\x00\x01\x00"), func(r *Reader) { r.WString("") }, "at byte 4 of 8: 0x10000 is no UTF-16 unit"},
		{"first sticks", le("\x02\x00"), func(r *Reader) { r.Bool(); r.Uint64(); r.Failf("later") }, "at byte 0 of 2: 2 is no bool"},
	} {
		err := Unmarshal(c.b, c.read)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestTakenLeniently(t *testing.T) {
	if err := Unmarshal([]byte{0, 1, 0, 3, 1, 0, 0, 0}, probe(func(r *Reader) { r.Bool() })); err != nil {
		t.Errorf("bytes after the last field: %v", err)
	}
	got := "old"
	if err := Unmarshal(make([]byte, 8), probe(func(r *Reader) { got = r.String(got) })); err != nil || got != "" {
		t.Errorf("a string of length 0 read as %q, %v", got, err)
	}
	lone := []byte{0, 1, 0, 0, 2, 0, 0, 0, 0x00, 0xd8, 0, 0, 'a', 0, 0, 0}
	if err := Unmarshal(lone, probe(func(r *Reader) { got = r.WString("") })); err != nil || got != "\ufffda" {
		t.Errorf("a lone surrogate read as %q, %v", got, err)
	}
}

func TestBoundsCutAndTell(t *testing.T) {
	m := sample()
	m.M = "123456789"
	b, err := Append(nil, m)
	if err == nil || !strings.Contains(err.Error(), "string of 9 elements cut at the type's bound of 8") {
		t.Errorf("error %v", err)
	}
	var got all
	if err := Unmarshal(b, &got); err != nil || got.M != "12345678" || got.Tail != m.Tail {
		t.Errorf("read %q, %v", got.M, err)
	}
	m = sample()
	m.J = make([]float64, 65)
	if b, err = Append(nil, m); err == nil {
		t.Error("a sequence beyond its bound was not told")
	}
	if err := Unmarshal(b, &got); err != nil || len(got.J) != 64 {
		t.Errorf("read %d elements, %v", len(got.J), err)
	}
	var w Writer
	w.Reset(nil)
	w.WStringMax("a𝄞b", 2)
	if w.Err() == nil || len(w.Bytes()) != 12 {
		t.Errorf("wide string cut to %x, %v", w.Bytes(), w.Err())
	}
}

func TestLengthNeverOutrunsPayload(t *testing.T) {
	// 4 GB are announced, eight bytes are there: nothing may be taken for them.
	b := []byte{0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}
	for name, read := range map[string]probe{
		"bytes":   func(r *Reader) { r.Uint8Seq(nil, Unbounded) },
		"strings": func(r *Reader) { r.StringSeq(nil, Unbounded, Unbounded) },
		"wide":    func(r *Reader) { r.WString("") },
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if Unmarshal(b, read) == nil {
			t.Errorf("%s: no error", name)
		}
		runtime.ReadMemStats(&after)
		if taken := after.TotalAlloc - before.TotalAlloc; taken > 1<<20 {
			t.Errorf("%s: %d bytes taken", name, taken)
		}
	}
}

func TestSteadyStreamAllocatesNothing(t *testing.T) {
	m := sample()
	m.P, m.W = "", nil // wide strings are rare and may allocate
	var got all
	var b []byte
	n := testing.AllocsPerRun(100, func() {
		b = Marshal(b[:0], m)
		if err := Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations a message", n)
	}
}

func TestResizeKeepsElements(t *testing.T) {
	s := []string{"a", "b", "c"}
	if got := Resize(s[:1], 3); got[2] != "c" {
		t.Error("elements beyond the length were lost")
	}
	if got := Resize(s[:1], 5); len(got) != 5 || got[1] != "b" || got[4] != "" {
		t.Errorf("grown to %q", got)
	}
}

// FuzzReader reads hostile payloads; whatever is accepted must survive writing and reading again.
func FuzzReader(f *testing.F) {
	f.Add(Marshal(nil, sample()))
	f.Add(Marshal(nil, &all{}))
	f.Add([]byte{0, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		got := *sample()
		if Unmarshal(b, &got) != nil {
			return
		}
		again, err := Append(nil, &got)
		if err != nil {
			t.Fatalf("accepted what may not be written: %v", err)
		}
		var back all
		if err := Unmarshal(again, &back); err != nil {
			t.Fatal(err)
		}
		if third := Marshal(nil, &back); !bytes.Equal(again, third) {
			t.Fatalf("wrote %x, then %x", again, third)
		}
	})
}
