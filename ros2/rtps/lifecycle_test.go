package rtps

import (
	"net/netip"
	"slices"
	"testing"
)

func eventsOf(n *simNode, kind EventKind) int {
	c := 0
	for _, e := range n.events {
		if e.Kind == kind {
			c++
		}
	}
	return c
}

// Late readers get what their durability says.
func TestLateJoiner(t *testing.T) {
	for _, c := range []struct {
		name           string
		offer, request QoS
		want           []int
	}{
		{"latched", latched, latched, []int{10, 11}},
		{"transient local, depth 4", QoS{Reliable: true, Durability: TransientLocal, Depth: 4}, latched, []int{7, 8, 9, 10, 11}},
		{"volatile reader of a latched topic", latched, keepAll, []int{11}},
		{"volatile", keepAll, keepAll, []int{11}},
		{"best-effort reader", keepAll, bestFive, []int{11}},
	} {
		for _, loss := range []float64{0, 0.4} {
			if loss > 0 && !c.request.Reliable {
				continue // best effort promises nothing on a lossy network
			}
			t.Run(c.name, func(t *testing.T) {
				s := newSim(t, 11)
				s.loss = loss
				a := s.node()
				w := a.writer("rt/x", c.offer)
				early := a.reader("rt/x", keepAll)
				s.runFor(1e9)
				for i := 1; i <= 10; i++ {
					a.write(w, i, 100)
					s.runFor(20e6)
				}
				s.runFor(5e9)
				b := s.node()
				r := b.reader("rt/x", c.request)
				s.runFor(5e9)
				a.write(w, 11, 100)
				s.runFor(5e9)
				if got := b.numbers(r); !slices.Equal(got, c.want) {
					t.Errorf("loss %v: late reader got %v, want %v", loss, got, c.want)
				}
				if got := a.numbers(early); len(got) != 11 && loss == 0 {
					t.Errorf("early reader got %v", got)
				}
			})
		}
	}
}

// A transient-local image reaches a late reader in fragments.
func TestLateJoinerLarge(t *testing.T) {
	s := newSim(t, 12)
	s.loss = 0.2
	a := s.node()
	w := a.writer("rt/map", latched)
	s.runFor(1e9)
	a.write(w, 1, 2_000_000)
	b := s.node()
	r := b.reader("rt/map", latched)
	s.runFor(20e9)
	wantSequence(t, b.numbers(r), 1, 1)
}

func TestDisposeAndLease(t *testing.T) {
	s := newSim(t, 2)
	a, b, c := s.node(), s.node(), s.node()
	w := a.writer("rt/x", keepAll)
	r := b.reader("rt/x", keepAll)
	c.reader("rt/x", keepAll)
	s.runFor(2e9)
	if w.Readers() != 2 || r.Writers() != 1 || len(a.p.peers) != 2 {
		t.Fatalf("%d readers, %d writers, %d peers after two seconds", w.Readers(), r.Writers(), len(a.p.peers))
	}
	t.Run("a reader that goes is forgotten at once", func(t *testing.T) {
		b.p.RemoveReader(r, s.nowNs, &b.out)
		b.flush()
		s.runFor(50e6)
		if w.Readers() != 1 {
			t.Errorf("%d readers", w.Readers())
		}
	})
	t.Run("a participant that closes is forgotten at once", func(t *testing.T) {
		b.p.Close(s.nowNs, &b.out)
		b.flush()
		b.dead = true
		s.runFor(50e6)
		if len(a.p.peers) != 1 || eventsOf(a, ParticipantLost) != 1 {
			t.Errorf("%d peers, %d lost", len(a.p.peers), eventsOf(a, ParticipantLost))
		}
	})
	t.Run("a participant that dies is forgotten when its lease ends", func(t *testing.T) {
		c.dead = true
		a.write(w, 1, 100) // it will never be acknowledged
		before := s.count
		s.runFor(LeaseNs - AnnounceNs - 1e9)
		if len(a.p.peers) != 1 {
			t.Fatal("forgotten too early")
		}
		if sent := s.count - before; sent > 40 {
			t.Errorf("%d datagrams to a dead reader", sent)
		}
		s.runFor(AnnounceNs + 2e9)
		if len(a.p.peers) != 0 || w.Readers() != 0 {
			t.Errorf("%d peers, %d readers", len(a.p.peers), w.Readers())
		}
	})
	t.Run("it may come back", func(t *testing.T) {
		c.dead = false
		s.runFor(5e9)
		if w.Readers() != 1 {
			t.Errorf("%d readers", w.Readers())
		}
	})
}

func TestIncompatibleQoSIsReported(t *testing.T) {
	s := newSim(t, 2)
	a, b := s.node(), s.node()
	w := a.writer("rt/x", bestFive)
	b.reader("rt/x", keepAll)
	s.runFor(2e9)
	if w.Readers() != 0 {
		t.Error("a best-effort writer was matched with a reliable reader")
	}
	for _, n := range s.nodes {
		if i := slices.IndexFunc(n.events, func(e Event) bool { return e.Kind == Incompatible }); i < 0 {
			t.Error("nobody was told")
		} else if n.events[i].Policy != MismatchReliability {
			t.Errorf("policy %q", n.events[i].Policy)
		}
	}
}

func TestGate(t *testing.T) {
	s := newSim(t, 2)
	a, b := s.node(), s.node()
	open := false
	w, err := a.p.NewWriter(WriterConfig{
		Topic: "info", Type: "T", QoS: latched, Gate: func(*EndpointData) bool { return open },
	}, s.nowNs, &a.out)
	if err != nil {
		t.Fatal(err)
	}
	a.flush()
	r := b.reader("info", latched)
	a.write(w, 1, 100)
	s.runFor(2e9)
	if len(b.got[r]) != 0 {
		t.Fatal("a sample passed a closed gate")
	}
	open = true
	a.p.Rematch(w, s.nowNs, &a.out)
	a.flush()
	s.runFor(1e9)
	wantSequence(t, b.numbers(r), 1, 1)
}

// Endpoints that come and go many times leave nothing behind.
func TestChurn(t *testing.T) {
	s := newSim(t, 9)
	s.loss, s.deafMeta = 0.2, true
	a, b := s.node(), s.node()
	r := b.reader("rt/x", keepAll)
	s.runFor(3e9)
	for i := range 100 {
		w := a.writer("rt/x", keepAll)
		s.runFor(100e6)
		a.write(w, i, 100)
		s.runFor(100e6)
		a.p.RemoveWriter(w, s.nowNs, &a.out)
		a.flush()
	}
	s.runFor(20e9)
	if r.Writers() != 0 || len(b.p.bySource) != 2 || len(b.p.peers[0].writers) != 0 {
		t.Errorf("%d writers, %d sources, %d announced", r.Writers(), len(b.p.bySource), len(b.p.peers[0].writers))
	}
	if n := a.p.pubWriter.hist.n; n > 40 {
		t.Errorf("%d announcements are kept of no endpoint", n)
	}
}

// A late volatile reader is not even told of samples that are not for it, and so asks for none.
func TestLateReaderIsNotOfferedThePast(t *testing.T) {
	s := newSim(t, 4)
	a := s.node()
	w := a.writer("rt/x", keepAll)
	a.reader("rt/x", keepAll)
	s.runFor(1e9)
	for i := 1; i <= 100; i++ {
		a.write(w, i, 100)
	}
	s.runFor(1e9)
	b := s.node()
	heartbeats := 0
	s.tap = func(to netip.AddrPort, d []byte) {
		each(t, d, func(m Submessage, body, _ []byte) {
			var h Heartbeat
			switch {
			case m.Kind == kindGap:
				t.Error("a GAP was needed")
			case m.Kind == kindHeartbeat && to == b.user && h.Decode(m.Flags, body) == nil:
				if heartbeats++; h.First <= 100 {
					t.Errorf("the late reader is offered %d..%d", h.First, h.Last)
				}
			}
		})
	}
	r := b.reader("rt/x", keepAll)
	s.runFor(2e9)
	for i := 101; i <= 110; i++ {
		a.write(w, i, 100)
		s.runFor(10e6)
	}
	wantSequence(t, b.numbers(r), 101, 110)
	if heartbeats < 10 {
		t.Errorf("%d heartbeats", heartbeats)
	}
}

// What INFO_DST addresses to another participant is not for us.
func TestForeignDestination(t *testing.T) {
	s := newSim(t, 4)
	a, b := s.node(), s.node()
	w, r := a.writer("rt/x", bestFive), b.reader("rt/x", bestFive)
	s.runFor(1e9)
	for i, c := range []struct {
		dst  GUIDPrefix
		want int
	}{{GUIDPrefix{9, 9}, 0}, {b.p.Prefix(), 1}, {GUIDPrefix{}, 2}} {
		var out Outbox
		out.beginTo(a.p.Prefix(), c.dst)
		w.appendChange(&change{sn: SeqNum(i + 1), buf: sampleOf(0, 100)}, EntityUnknown, &out)
		out.send(b.user)
		s.land(flight{from: a.user, to: b.user, b: out.Datagram(0)})
		if got := len(b.got[r]); got != c.want {
			t.Errorf("to %x: %d samples, want %d", c.dst, got, c.want)
		}
	}
}
