package rtps

import (
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func addDatagrams(f *testing.F, add func(b []byte)) {
	files, err := filepath.Glob("testdata/datagrams/*.bin")
	if err != nil || len(files) == 0 {
		f.Fatal("no seed datagrams", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		add(b)
	}
}

// world is a participant in full operation, and the datagrams that brought it there.
func world(t testing.TB, steps int) (p *Participant, peer GUIDPrefix, seeds [][]byte) {
	s := newSim(nil, 1)
	a, b := s.node(), s.node()
	reliable, best := a.writer("rt/x", keepAll), a.writer("rt/y", bestFive)
	a.reader("rt/x", keepAll)
	a.reader("rt/y", bestFive)
	back := b.writer("rt/x", keepAll)
	b.reader("rt/x", keepAll)
	b.reader("rt/y", bestFive)
	tap := func() {
		for _, f := range s.sky {
			if f.to == a.user || f.to == a.meta {
				seeds = append(seeds, f.b)
			}
		}
	}
	for i := range steps {
		s.runFor(20e6)
		for k, w := range []*Writer{reliable, best} {
			if err := w.Write(sampleOf(i, 100+k), 1, s.nowNs, &a.out); err != nil {
				t.Fatal(err)
			}
		}
		a.flush()
		if err := back.Write(sampleOf(i, 40_000*(i%3)), 1, s.nowNs, &b.out); err != nil {
			t.Fatal(err)
		}
		b.flush()
		tap()
	}
	return a.p, b.p.Prefix(), seeds
}

// Whatever arrives, nothing panics, memory stays within the limits, and no datagram provokes a flood.
func FuzzMessage(f *testing.F) {
	_, _, seeds := world(f, 40)
	for i, b := range seeds {
		if i%7 == 0 {
			f.Add(b, byte(1))
		}
	}
	addDatagrams(f, func(b []byte) { f.Add(b, byte(0)) })
	from := netip.AddrPortFrom(simHost, 7411)
	f.Fuzz(func(t *testing.T, b []byte, mode byte) {
		p, peer, _ := world(t, 4)
		if mode&1 != 0 && len(b) >= headerBytes {
			b = append([]byte(nil), b...)
			copy(b[8:], peer[:]) // as if a matched participant had sent it
		}
		var out Outbox
		now := int64(100e9)
		for range 3 {
			_ = p.Receive(b, from, Port(mode>>1&1), now, &out)
			sent := 0
			for _, k := range out.Packets {
				sent += k.End - k.Off
			}
			if sent > 2*repairAnswerBytes+64*len(b) {
				t.Errorf("%d bytes are answered with %d", len(b), sent)
			}
			p.Recycle(&out)
			now += 1e6
			p.Tick(now, &out)
			p.Recycle(&out)
		}
		if p.reassembly > maxReassemblyBytes || p.reassembly < 0 || len(p.peers) > maxParticipants || len(p.jobs) > maxJobs {
			t.Errorf("limits: %d bytes in reassembly, %d peers, %d jobs", p.reassembly, len(p.peers), len(p.jobs))
		}
	})
}

// The same with fixed seeds, many datagrams, and one participant that suffers them all.
func TestMutants(t *testing.T) {
	p, peer, seeds := world(t, 40)
	files, err := filepath.Glob("testdata/datagrams/*.bin")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		seeds = append(seeds, datagram(t, filepath.Base(f)))
	}
	rng := rand.New(rand.NewPCG(1, 2))
	from := netip.AddrPortFrom(simHost, 7411)
	var out Outbox
	now := int64(100e9)
	for range 30_000 {
		b := append([]byte(nil), seeds[rng.IntN(len(seeds))]...)
		for range 1 + rng.IntN(4) {
			b[rng.IntN(min(len(b), 200))] = byte(rng.Uint32() >> rng.IntN(32))
		}
		if rng.IntN(4) == 0 {
			b = b[:rng.IntN(len(b)+1)]
		}
		if rng.IntN(4) > 0 && len(b) >= headerBytes {
			copy(b, "RTPS\x02")
			copy(b[8:], peer[:])
		}
		_ = p.Receive(b, from, Port(rng.IntN(2)), now, &out)
		p.Recycle(&out)
		now += 1e5
		p.Tick(now, &out)
		p.Recycle(&out)
	}
	if p.reassembly > maxReassemblyBytes || p.reassembly < 0 || len(p.jobs) > maxJobs || len(p.peers) > maxParticipants {
		t.Errorf("limits: %d bytes in reassembly, %d jobs, %d peers", p.reassembly, len(p.jobs), len(p.peers))
	}
	if s := p.Stats(); s.Malformed == 0 || s.Malformed > 29_000 {
		t.Errorf("%d of 30000 mutants are malformed: the test does not reach what it should", s.Malformed)
	}
}

// What can be read can be written, and reads the same again.
func FuzzParams(f *testing.F) {
	addDatagrams(f, func(b []byte) {
		each(f, b, func(s Submessage, body, _ []byte) {
			var d Data
			if s.Kind == kindData && d.Decode(s.Flags, body) == nil {
				f.Add(d.Payload.In(body), d.Writer == EntityPubWriter)
			}
		})
	})
	f.Fuzz(func(t *testing.T, payload []byte, isWriter bool) {
		var p, p2 ParticipantData
		if p.Decode(payload) == nil && len(p.Name) < maxNameBytes {
			if err := p2.Decode(p.Append(nil)); err != nil {
				t.Fatalf("%+v: %v", p, err)
			}
			if p.LeaseNs == p2.LeaseNs && !reflect.DeepEqual(p, p2) {
				t.Fatalf("%+v\n%+v", p, p2)
			}
		}
		var e, e2 EndpointData
		if e.Decode(payload, isWriter) != nil || e.GUID.Entity.IsWriter() != isWriter {
			return
		}
		if len(e.Topic) >= maxNameBytes || len(e.Type) >= maxNameBytes {
			return
		}
		if err := e2.Decode(e.Append(nil), isWriter); err != nil {
			t.Fatalf("%+v: %v", e, err)
		}
		if e.Topic != e2.Topic || e.Type != e2.Type || e.GUID != e2.GUID || e.QoS.Reliable != e2.QoS.Reliable ||
			e.QoS.Durability != e2.QoS.Durability || !reflect.DeepEqual(e.Unicast, e2.Unicast) {
			t.Fatalf("%+v\n%+v", e, e2)
		}
	})
}
