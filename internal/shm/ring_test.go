package shm

import "testing"

func TestRingKeepsOrderAndCountsLosses(t *testing.T) {
	r := heap(t, waveParts...)
	in := ringOf(t, r)
	if err := in.Claim(); err != nil {
		t.Fatal(err)
	}
	out := ringOf(t, r)
	var got wave
	if _, err := out.Next(&got); err != ErrEmpty {
		t.Fatal(err)
	}
	n, next, lost := uint64(0), uint64(1), uint64(0)
	for round := range 40 { // bursts of every length around that of the ring, each read to the end
		burst := uint64(round % 20)
		for range burst {
			n++
			put(t, in, n)
		}
		if burst > 7 { // of 8 slots one is the writer's
			lost += burst - 7
			next += burst - 7
		}
		for ; next <= n; next++ {
			if s, err := out.Next(&got); err != nil || got != waveOf(next) || s.Seq != next {
				t.Fatalf("want value %d, got %d: %v", next, got.Count, err)
			}
		}
		if _, err := out.Next(&got); err != ErrEmpty || out.Dropped() != lost {
			t.Fatalf("burst of %d: %v, %d dropped, want %d", burst, err, out.Dropped(), lost)
		}
	}
}

func TestRingReaderThatComesLate(t *testing.T) {
	r := heap(t, waveParts...)
	in := ringOf(t, r)
	if err := in.Claim(); err != nil {
		t.Fatal(err)
	}
	for n := uint64(1); n <= 20; n++ {
		put(t, in, n)
	}
	out := ringOf(t, r)
	var got wave
	if s, err := out.Next(&got); err != nil || s.Seq != 14 || out.Dropped() != 0 {
		t.Errorf("begins at %d with %d dropped: %v", s.Seq, out.Dropped(), err)
	}
}

func TestRingAfterItsWriterWasReplaced(t *testing.T) {
	r := heap(t, waveParts...)
	old, out := ringOf(t, r), ringOf(t, r)
	if err := old.Claim(); err != nil {
		t.Fatal(err)
	}
	for n := uint64(1); n <= 3; n++ {
		put(t, old, n)
	}
	in := ringOf(t, r)
	if err := in.Claim(); err != nil {
		t.Fatal(err)
	}
	v := waveOf(9)
	if err := old.Store(&v, 0, 0); err != ErrLockedOut {
		t.Errorf("the old writer stored: %v", err)
	}
	put(t, in, 4)
	var got wave
	for range 3 {
		if _, err := out.Next(&got); err != ErrReplaced || got.Count != 0 {
			t.Errorf("the old writer's value: %v", err)
		}
	}
	if s, err := out.Next(&got); err != nil || got != waveOf(4) || s.Epoch != 2 || out.Dropped() != 3 {
		t.Errorf("the new writer's: %v %+v, %d dropped", err, s, out.Dropped())
	}
}

func TestRingPassesADamagedValue(t *testing.T) {
	r := heap(t, waveParts...)
	in, out := ringOf(t, r), ringOf(t, r)
	if err := in.Claim(); err != nil {
		t.Fatal(err)
	}
	put(t, in, 1)
	put(t, in, 2)
	in.lane.slot(1)[frameHeader+3] ^= 4
	var got wave
	if _, err := out.Next(&got); err != ErrCorrupt || got.Count != 0 || out.Dropped() != 1 {
		t.Errorf("damaged: %v", err)
	}
	if _, err := out.Next(&got); err != nil || got != waveOf(2) {
		t.Errorf("the one behind: %v", err)
	}
	*in.lane.head = seal(1, 1)
	if _, err := out.Next(&got); err != ErrCorrupt {
		t.Errorf("a head that went back: %v", err)
	}
}
