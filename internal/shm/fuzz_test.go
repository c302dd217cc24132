package shm

import (
	"encoding/binary"
	"hash/crc32"
	"testing"
	"unsafe"
)

// FuzzHostileRegion lets a neighbour write anything anywhere. Readers never panic, and what they return has passed every check,
// made here a second time from the format's description.
func FuzzHostileRegion(f *testing.F) {
	f.Add(uint16(0), []byte{}, false)
	f.Add(uint16(64), []byte{1, 2, 3, 4, 5, 6, 7, 8}, true)
	f.Add(uint16(lineBytes+lineBytes), make([]byte, 300), false)
	f.Add(uint16(lineBytes), binary.LittleEndian.AppendUint64(nil, seal(1, 5)), true)
	f.Add(uint16(lineBytes), binary.LittleEndian.AppendUint64(nil, seal(2, 9)), false)
	f.Add(uint16(lineBytes), binary.LittleEndian.AppendUint64(nil, seal(1, 1<<40-1)), false)
	f.Fuzz(func(t *testing.T, at uint16, bytes []byte, resign bool) {
		r := heap(t, waveParts...)
		in, ring := writer(t, r), ringOf(t, r)
		if err := ring.Claim(); err != nil {
			t.Fatal(err)
		}
		stream := ringOf(t, r)
		for n := uint64(1); n <= 9; n++ {
			put(t, in, n)
			put(t, ring, n)
		}
		copy(r.memory[min(int(at), len(r.memory)):], bytes)
		if resign { // a neighbour that can compute a checksum
			for seq := range uint64(slotsLatest) {
				slot := in.lane.slot(seq)
				slot[frameSum] = uint64(crc32.Checksum(unsafe.Slice((*byte)(unsafe.Pointer(&slot[1])), 8*(len(slot)-1)), castagnoli))
			}
		}
		same := [4]uint64(heap(t, waveParts...).words) == [4]uint64(r.words)
		if _, err := attach(r.memory, false, waveParts); (err == nil) != same {
			t.Fatalf("header the same: %v, opened: %v", same, err)
		}
		got := waveOf(99)
		out := latestOf(t, r)
		s, err := out.Load(&got)
		judge(t, out.lane, &got, s, err)
		for range 20 {
			got = waveOf(99)
			s, err = stream.Next(&got)
			judge(t, stream.lane, &got, s, err)
		}
		// The writer either goes on or knows that it cannot.
		v := waveOf(10)
		if in.Store(&v, 1, 0) == nil {
			if _, err := out.Load(&got); err != nil || got != v {
				t.Fatalf("stored and not there: %v", err)
			}
		}
	})
}

// judge holds a read against the shared bytes.
func judge(t *testing.T, l *lane, got *wave, s Stamp, err error) {
	t.Helper()
	if err != nil {
		if *got != waveOf(99) || s != (Stamp{}) {
			t.Fatalf("%v, and yet something came out", err)
		}
		return
	}
	slot := l.slot(s.Seq)
	raw := unsafe.Slice((*byte)(unsafe.Pointer(&slot[0])), 8*len(slot))
	epoch, seq := unseal(*l.head)
	value := raw[8*6:]
	switch {
	case binary.NativeEndian.Uint64(raw) != uint64(crc32.Checksum(raw[8:], crc32.MakeTable(crc32.Castagnoli))),
		binary.NativeEndian.Uint64(raw[8:]) != l.kind,
		binary.NativeEndian.Uint64(raw[16:]) != s.Epoch || s.Epoch != epoch,
		binary.NativeEndian.Uint64(raw[24:]) != s.Seq || s.Seq > seq || s.Seq+l.mask <= seq,
		string(value[:unsafe.Sizeof(*got)]) != string(unsafe.Slice((*byte)(unsafe.Pointer(got)), unsafe.Sizeof(*got))):
		t.Fatalf("unchecked: %+v of head %d %d", s, epoch, seq)
	}
	for _, b := range []int{int(unsafe.Offsetof(got.Contact)), int(unsafe.Offsetof(got.Contact)) + 1, int(unsafe.Offsetof(got.Pair))} {
		if value[b] > 1 {
			t.Fatalf("a bool of %d", value[b])
		}
	}
}
