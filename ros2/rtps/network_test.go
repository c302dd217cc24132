package rtps

import (
	"fmt"
	"hash/fnv"
	"testing"
)

var (
	keepAll  = QoS{Reliable: true}
	bestFive = QoS{Depth: 5}
	latched  = QoS{Reliable: true, Durability: TransientLocal, Depth: 1}
)

// Reliable delivery is complete and in order for every reader, whatever the network does.
func TestReliableIsCompleteAndInOrder(t *testing.T) {
	for _, c := range []struct {
		loss, double float64
		delayNs      int64
		sizes        []int
	}{
		{0, 0, 0, []int{100}},
		{0.2, 0.1, 200e3, []int{100}},
		{0.5, 0.3, 3e6, []int{1500, 12, 13}},
		{0.2, 0.1, 2e6, []int{100, 150_000, 60_000, 60_001}},
		{0.4, 0.1, 200e3, []int{400_000}},
	} {
		for seed := range uint64(2) {
			t.Run(fmt.Sprintf("loss=%v,delay=%dus,sizes=%v,seed=%d", c.loss, c.delayNs/1000, c.sizes, seed), func(t *testing.T) {
				s := newSim(t, seed)
				s.loss, s.double, s.delayNs, s.deafMeta = c.loss, c.double, c.delayNs, true
				a, b, d := s.node(), s.node(), s.node()
				w := a.writer("rt/x", keepAll)
				r1, r2 := b.reader("rt/x", keepAll), d.reader("rt/x", keepAll)
				own := a.reader("rt/x", keepAll)
				for i := 0; w.Readers() < 3; i++ {
					if s.runFor(1e9); i == 60 {
						t.Fatalf("%d of 3 readers found after a minute", w.Readers())
					}
				}
				count, everyNs := 400, int64(200e3)
				if c.sizes[len(c.sizes)-1] > 60_000 {
					count, everyNs = 16, 5e6
				}
				for i := 1; i <= count; i++ {
					a.write(w, i, c.sizes[i%len(c.sizes)])
					s.runFor(everyNs + s.rng.Int64N(1e6))
				}
				s.runFor(40e9)
				wantSequence(t, b.numbers(r1), 1, count)
				wantSequence(t, d.numbers(r2), 1, count)
				wantSequence(t, a.numbers(own), 1, count)
				if w.hbDueNs != 0 {
					t.Error("the writer still sends heartbeats though everything is acknowledged")
				}
				if s.largest > MaxDatagramBytes {
					t.Errorf("a datagram of %d bytes does not fit into UDP", s.largest)
				}
			})
		}
	}
}

// A keep-last reader of states sees them in order, misses some, and always ends with the newest.
func TestKeepLastEndsWithNewest(t *testing.T) {
	for seed := range uint64(3) {
		s := newSim(t, seed)
		s.loss, s.double = 0.4, 0.1
		a, b := s.node(), s.node()
		w, r := a.writer("rt/x", QoS{Reliable: true, Depth: 1}), b.reader("rt/x", QoS{Reliable: true, Depth: 1})
		s.runFor(1e9)
		const count = 2000
		for i := 1; i <= count; i++ {
			a.write(w, i, 1500)
			s.runFor(1e6)
		}
		s.runFor(5e9)
		got := b.numbers(r)
		wantRising(t, got)
		if len(got) < count/2 || got[len(got)-1] != count {
			t.Fatalf("seed %d: %d samples, the last is %d of %d", seed, len(got), got[len(got)-1], count)
		}
		if int(r.Lost()) != count-len(got) {
			t.Errorf("seed %d: Lost is %d, want %d", seed, r.Lost(), count-len(got))
		}
	}
}

// Best effort never waits and never asks: what arrives is delivered at once, in order, and nothing is sent twice.
func TestBestEffort(t *testing.T) {
	s := newSim(t, 1)
	s.delayNs = 0
	a, b := s.node(), s.node()
	w, r := a.writer("rt/x", bestFive), b.reader("rt/x", bestFive)
	s.runFor(1e9)
	before := s.count
	const count = 1000
	s.loss = 0.3
	for i := 1; i <= count; i++ {
		a.write(w, i, 1500)
		s.runFor(1e6)
	}
	got := b.numbers(r)
	wantRising(t, got)
	if len(got) < 650 || len(got) > 750 {
		t.Errorf("%d of %d samples came through a network that loses 30 %%", len(got), count)
	}
	if extra := int(s.count-before) - len(got); extra > 10 {
		t.Errorf("%d datagrams beyond the samples (announcements are about 3)", extra)
	}
	for _, d := range b.got[r] {
		if sent := 1e9 + 1e9 + (int64(d.sn)-1)*1e6; d.atNs-sent > 20e3 {
			t.Fatalf("sample %d waited %d ns", d.sn, d.atNs-sent)
		}
	}
	if w.hist.n != 0 || len(a.p.jobs) != 0 {
		t.Error("a best-effort writer kept samples")
	}
}

// A reordered best-effort network drops the late ones.
func TestBestEffortReordered(t *testing.T) {
	s := newSim(t, 3)
	s.delayNs, s.double = 5e6, 0.5
	a, b := s.node(), s.node()
	w, r := a.writer("rt/x", bestFive), b.reader("rt/x", bestFive)
	s.runFor(1e9)
	for i := 1; i <= 500; i++ {
		a.write(w, i, 100)
		s.runFor(1e6)
	}
	s.runFor(1e9)
	got := b.numbers(r)
	wantRising(t, got)
	if len(got) < 100 || len(got) == 500 {
		t.Errorf("%d samples of 500", len(got))
	}
}

// Large best-effort samples come whole or not at all; a lost fragment costs its own sample only.
func TestBestEffortFragments(t *testing.T) {
	const size, count = 300_001, 100 // 6 fragments
	s := newSim(t, 5)
	s.loss = 0.05
	a, b := s.node(), s.node()
	w, r := a.writer("rt/image", bestFive), b.reader("rt/image", bestFive)
	s.runFor(1e9)
	for i := 1; i <= count; i++ {
		a.write(w, i, size)
		s.runFor(33e6)
	}
	got := b.numbers(r)
	wantRising(t, got)
	if len(got) < 62 || len(got) > 84 { // 0.95^6 = 74 %
		t.Errorf("%d of %d images came through a network that loses 5 %% of 6 fragments", len(got), count)
	}
	if b.p.reassembly > partialSamples*size {
		t.Errorf("%d bytes of half-received samples are kept", b.p.reassembly)
	}
}

// A writer that is faster than the pace drops the oldest waiting samples and never starves.
func TestPaceDropsOldest(t *testing.T) {
	const size, count = 300_001, 100
	s := newSim(t, 6)
	a, b := s.node(), s.node()
	w, r := a.writer("rt/image", QoS{Depth: 1}), b.reader("rt/image", bestFive)
	s.runFor(1e9)
	for i := 1; i <= count; i++ {
		a.write(w, i, size) // takes 1.8 ms at the pace
		s.runFor(500e3)
	}
	s.runFor(100e6)
	got := b.numbers(r)
	wantRising(t, got)
	if len(got) < 25 || len(got) > 31 || got[len(got)-1] != count {
		t.Errorf("%d samples, the last %d; want about 50/1.8, and the newest at the end", len(got), got[len(got)-1])
	}
	if len(a.p.jobs) != 0 {
		t.Error("jobs are left over")
	}
}

// Same seed, same bytes.
func TestDeterminism(t *testing.T) {
	run := func(seed uint64) uint64 {
		s := newSim(t, seed)
		s.transcript = fnv.New64a()
		s.loss, s.double, s.deafMeta = 0.3, 0.1, true
		a, b := s.node(), s.node()
		w := a.writer("rt/x", keepAll)
		b.reader("rt/x", keepAll)
		for i := 1; i <= 200; i++ {
			a.write(w, i, 100+i*400)
			s.runFor(10e6)
		}
		return s.transcript.Sum64()
	}
	if x, y := run(1), run(1); x != y {
		t.Errorf("two runs of one seed sent different bytes: %x, %x", x, y)
	}
	if run(1) == run(2) {
		t.Error("two seeds sent the same bytes: the network is not random")
	}
}
