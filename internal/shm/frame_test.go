package shm

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"
)

// heap makes a region in private memory.
func heap(t testing.TB, parts ...Part) *Region {
	t.Helper()
	_, bytes, _, err := contents(parts)
	if err != nil {
		t.Fatal(err)
	}
	words := make([]uint64, bytes/wordBytes)
	r, err := attach(unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), bytes), true, parts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var waveParts = []Part{LatestPart[wave]("latest"), RingPart[wave]("ring", 8)}

// must is for what cannot fail in a test's set-up.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func latestOf(t testing.TB, r *Region) *Latest[wave] {
	t.Helper()
	return must(OpenLatest[wave](r, "latest"))(t)
}

func ringOf(t testing.TB, r *Region) *Ring[wave] {
	t.Helper()
	return must(OpenRing[wave](r, "ring"))(t)
}

// writer returns a claimed writer of the latest value.
func writer(t testing.TB, r *Region) *Latest[wave] {
	t.Helper()
	w := latestOf(t, r)
	if err := w.Claim(); err != nil {
		t.Fatal(err)
	}
	return w
}

// put stores the n-th wave at n ms.
func put(t testing.TB, w interface {
	Store(*wave, int64, int64) error
}, n uint64) {
	t.Helper()
	v := waveOf(n)
	if err := w.Store(&v, int64(n)*1e6, int64(n)*1e6+5); err != nil {
		t.Fatal(err)
	}
}

func TestLatestIsTheLastStored(t *testing.T) {
	r := heap(t, waveParts...)
	in, out := latestOf(t, r), latestOf(t, r)
	got := waveOf(99)
	want := func(err error) {
		t.Helper()
		if _, e := out.Load(&got); e != err {
			t.Fatalf("load: %v, want %v", e, err)
		}
		if got != waveOf(99) {
			t.Fatal("an error changed the value")
		}
	}
	want(ErrEmpty)
	v := waveOf(1)
	if err := in.Store(&v, 0, 0); err != ErrLockedOut {
		t.Errorf("stored without a claim: %v", err)
	}
	if err := in.Claim(); err != nil {
		t.Fatal(err)
	}
	want(ErrEmpty)
	for n := uint64(1); n < 20; n++ {
		put(t, in, n)
		got = wave{}
		s, err := out.Load(&got)
		if err != nil || got != waveOf(n) || s != (Stamp{1, n, int64(n) * 1e6, int64(n)*1e6 + 5}) {
			t.Fatalf("frame %d: %v %+v", n, err, s)
		}
		if s.Expired(s.StampNs+5) || !s.Expired(s.StampNs+6) {
			t.Errorf("%+v expires at another time", s)
		}
	}
	if (Stamp{}).Expired(math.MaxInt64) {
		t.Error("a frame without end expired")
	}
}

func TestReplacedWriterIsLockedOut(t *testing.T) {
	r := heap(t, waveParts...)
	old, out := writer(t, r), latestOf(t, r)
	put(t, old, 1)
	next := writer(t, r)
	var got wave
	if s, err := out.Load(&got); err != nil || got != waveOf(1) || s != (Stamp{2, 2, 1e6, 1e6 + 5}) {
		t.Errorf("the value that the new writer found: %v %+v", err, s)
	}
	v := waveOf(2)
	if err := old.Store(&v, 0, 0); err != ErrLockedOut {
		t.Errorf("the old writer stored: %v", err)
	}
	put(t, next, 3)
	if s, err := out.Load(&got); err != nil || s.Epoch != 2 || s.Seq != 3 || got != waveOf(3) {
		t.Errorf("%v %+v", err, s)
	}
	if err := old.Claim(); err != nil {
		t.Fatal(err)
	}
	if err := next.Store(&v, 0, 0); err != ErrLockedOut {
		t.Error("two writers at once")
	}
}

// TestClaimantDeadInTheMiddle: between claiming and taking over the value there is none; a damaged one is never taken over.
func TestClaimantDeadInTheMiddle(t *testing.T) {
	r := heap(t, waveParts...)
	in, out := writer(t, r), latestOf(t, r)
	put(t, in, 1)
	if _, _, err := latestOf(t, r).lane.claim(); err != nil {
		t.Fatal(err)
	}
	got := waveOf(99)
	if _, err := out.Load(&got); err != ErrReplaced || got != waveOf(99) {
		t.Errorf("%v", err)
	}
	next := writer(t, r)
	if _, err := out.Load(&got); err != ErrReplaced {
		t.Errorf("a value of the writer before the last was taken over: %v", err)
	}
	put(t, next, 2)
	next.lane.slot(next.lane.seq)[frameHeader] ^= 1
	next = writer(t, r)
	if _, err := out.Load(&got); err != ErrCorrupt || got != waveOf(99) {
		t.Errorf("a damaged value was taken over: %v", err)
	}
	put(t, next, 3)
	if _, err := out.Load(&got); err != nil || got != waveOf(3) {
		t.Errorf("%v", err)
	}
}

// TestOldWriterOverwritesInVain: a replaced writer that was stopped inside Store goes on to fill a slot that its successor
// has meanwhile used. Nothing of it is ever read.
func TestOldWriterOverwritesInVain(t *testing.T) {
	for n := 1; ; n++ { // words that the old writer gets to write
		r := heap(t, waveParts...)
		old := writer(t, r)
		put(t, old, 1)
		next, out := writer(t, r), latestOf(t, r) // the value that it found is frame 2
		v := waveOf(7)
		l := old.lane
		l.frame[frameSeq] = 2 // which the old writer was about to publish
		copy(l.bytes[frameHeader*wordBytes:], unsafe.Slice((*byte)(unsafe.Pointer(&v)), unsafe.Sizeof(v)))
		l.frame[frameSum] = l.sum()
		if n > len(l.frame) {
			return
		}
		copy(next.lane.slot(2), l.frame[:n])
		got := waveOf(99)
		if _, err := out.Load(&got); err != ErrCorrupt && err != ErrReplaced || got != waveOf(99) {
			t.Fatalf("%d words of an old writer: %v, %d", n, err, got.Count)
		}
		put(t, next, 3)
		if _, err := out.Load(&got); err != nil || got != waveOf(3) {
			t.Fatalf("after that: %v", err)
		}
	}
}

// TestWriterDeadInTheMiddle: whatever part of the next frame is written, the newest whole one stays readable.
func TestWriterDeadInTheMiddle(t *testing.T) {
	r := heap(t, waveParts...)
	in, out := writer(t, r), latestOf(t, r)
	for n := uint64(1); n < 9; n++ {
		put(t, in, n)
		next := in.lane.slot(n + 1)
		for i := range next {
			next[i] = ^next[i]
			var got wave
			if _, err := out.Load(&got); err != nil || got != waveOf(n) {
				t.Fatalf("frame %d, %d words of the next: %v", n, i+1, err)
			}
		}
	}
}

// TestNoFlippedBitIsAccepted: one bit anywhere in the part. Either it is not in what is read, or the read fails.
func TestNoFlippedBitIsAccepted(t *testing.T) {
	r := heap(t, waveParts[0])
	in, out := writer(t, r), latestOf(t, r)
	const newest = 6
	for n := uint64(1); n <= newest; n++ {
		put(t, in, n)
	}
	frame := in.lane.slot(newest)
	first := (uintptr(unsafe.Pointer(&frame[0])) - uintptr(unsafe.Pointer(&r.words[0]))) / wordBytes
	for i := lineWords; i < len(r.words); i++ {
		inFrame := i == r.parts[0].at || (i >= int(first) && i < int(first)+len(frame))
		for bit := range 64 {
			r.words[i] ^= 1 << bit
			got := waveOf(99)
			_, err := out.Load(&got)
			if inFrame && (err == nil || got != waveOf(99)) {
				t.Fatalf("word %d bit %d flipped and accepted", i, bit)
			}
			if !inFrame && (err != nil || got != waveOf(newest)) {
				t.Fatalf("word %d bit %d is not of the frame, and the read says %v", i, bit, err)
			}
			r.words[i] ^= 1 << bit
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200_000 { // bursts of flips, which a single parity would miss
		var undo [8]struct{ i, bit int }
		for k := range 1 + rng.IntN(len(undo)) {
			undo[k].i, undo[k].bit = rng.IntN(len(frame)), 1+rng.IntN(63)
			frame[undo[k].i] ^= 1 << undo[k].bit
		}
		got := waveOf(99)
		if _, err := out.Load(&got); err == nil && got != waveOf(newest) {
			t.Fatalf("flips %v accepted", undo)
		}
		for _, u := range undo {
			if u.bit != 0 {
				frame[u.i] ^= 1 << u.bit
			}
		}
	}
}

func TestForgedFramesAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(f []uint64, bytes []byte)
		want error
	}{
		"another version":  {func(f []uint64, _ []byte) { f[frameVersioned] += 1 << 32 }, ErrVersion},
		"another layout":   {func(f []uint64, _ []byte) { f[frameVersioned]++ }, ErrVersion},
		"a future writer":  {func(f []uint64, _ []byte) { f[frameEpoch]++ }, ErrCorrupt},
		"a past writer":    {func(f []uint64, _ []byte) { f[frameEpoch]-- }, ErrReplaced},
		"a past frame":     {func(f []uint64, _ []byte) { f[frameSeq] -= slotsLatest }, ErrCorrupt},
		"a bool of 2":      {func(_ []uint64, b []byte) { b[unsafe.Offsetof(wave{}.Contact)] = 2 }, ErrCorrupt},
		"as it was before": {func([]uint64, []byte) {}, nil},
	} {
		r := heap(t, waveParts...)
		in, out := writer(t, r), latestOf(t, r)
		put(t, in, 1)
		l := in.lane
		c.edit(l.frame, l.bytes[frameHeader*wordBytes:])
		l.frame[frameSum] = l.sum()
		copy(l.slot(1), l.frame)
		var got wave
		if _, err := out.Load(&got); err != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestEpochsEnd(t *testing.T) {
	r := heap(t, waveParts...)
	w := latestOf(t, r)
	*w.lane.head = seal(epochMost-1, 77)
	if err := w.Claim(); err != nil || w.lane.epoch != epochMost || w.lane.seq != 77 {
		t.Fatal(err)
	}
	if err := w.Claim(); err != ErrEpochs {
		t.Errorf("one epoch too many: %v", err)
	}
}

func TestNothingAllocates(t *testing.T) {
	r := heap(t, waveParts...)
	in, out := writer(t, r), latestOf(t, r)
	ring, end := ringOf(t, r), ringOf(t, r)
	if err := ring.Claim(); err != nil {
		t.Fatal(err)
	}
	v, got := waveOf(1), wave{}
	fail := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(1000, func() {
		fail(in.Store(&v, 1, 0))
		_, err := out.Load(&got)
		fail(err)
		fail(ring.Store(&v, 1, 0))
		_, err = end.Next(&got)
		fail(err)
		if _, err = end.Next(&got); err != ErrEmpty {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%g allocations a hand-over", n)
	}
}

func BenchmarkStore(b *testing.B) {
	w := writer(b, heap(b, waveParts...))
	v := waveOf(1)
	b.SetBytes(int64(unsafe.Sizeof(v)))
	for b.Loop() {
		w.Store(&v, 1, 0)
	}
}

func BenchmarkLoad(b *testing.B) {
	r := heap(b, waveParts...)
	put(b, writer(b, r), 1)
	out := latestOf(b, r)
	v := waveOf(1)
	b.SetBytes(int64(unsafe.Sizeof(v)))
	for b.Loop() {
		out.Load(&v)
	}
}
