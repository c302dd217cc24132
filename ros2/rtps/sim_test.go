package rtps

import (
	"container/heap"
	"encoding/binary"
	"fmt"
	"hash"
	"math/rand/v2"
	"net/netip"
	"testing"
)

// sim is a network of participants with a virtual clock: what is lost, doubled and delayed follows from the seed alone.
type sim struct {
	t     *testing.T
	nowNs int64
	rng   *rand.Rand
	nodes []*simNode
	sky   flights
	count uint64 // datagrams sent, to break ties in order

	loss, double float64
	delayNs      int64 // at most; more than the pace reorders
	largest      int   // bytes of the largest datagram seen
	deafMeta     bool  // discovery is not disturbed unless this is set

	tap func(to netip.AddrPort, b []byte) // sees every datagram, when not nil

	transcript hash.Hash64 // of all that was sent, when not nil
}

type simNode struct {
	s          *sim
	p          *Participant
	meta, user netip.AddrPort
	out        Outbox
	got        map[*Reader][]delivered
	events     []Event
	dead       bool
}

type delivered struct {
	sn      SeqNum
	stampNs int64
	payload []byte
	atNs    int64
}

type flight struct {
	atNs  int64
	order uint64
	from  netip.AddrPort
	to    netip.AddrPort
	b     []byte
}

type flights []flight

func (f flights) Len() int { return len(f) }
func (f flights) Less(i, j int) bool {
	return f[i].atNs < f[j].atNs || f[i].atNs == f[j].atNs && f[i].order < f[j].order
}
func (f flights) Swap(i, j int) { f[i], f[j] = f[j], f[i] }
func (f *flights) Push(x any)   { *f = append(*f, x.(flight)) }
func (f *flights) Pop() any {
	x := (*f)[len(*f)-1]
	*f = (*f)[:len(*f)-1]
	return x
}

var (
	simHost  = netip.MustParseAddr("127.0.0.1")
	simGroup = netip.MustParseAddrPort("239.255.0.1:7400")
)

func newSim(t *testing.T, seed uint64) *sim {
	return &sim{t: t, rng: rand.New(rand.NewPCG(seed, 7)), delayNs: 200e3, nowNs: 1e9}
}

func (s *sim) node() *simNode {
	i := len(s.nodes)
	n := &simNode{
		s:    s,
		meta: netip.AddrPortFrom(simHost, uint16(7410+2*i)), user: netip.AddrPortFrom(simHost, uint16(7411+2*i)),
		got: map[*Reader][]delivered{},
	}
	p, err := New(Config{
		Prefix: GUIDPrefix{1, 0x7e, byte(i + 1)}, Announce: []netip.AddrPort{simGroup},
		MetaUnicast: []netip.AddrPort{n.meta}, UserUnicast: []netip.AddrPort{n.user},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	n.p = p
	s.nodes = append(s.nodes, n)
	return n
}

// flush carries out what a call left in the outbox.
func (n *simNode) flush() {
	s := n.s
	for _, d := range n.out.Deliveries {
		n.got[d.Reader] = append(n.got[d.Reader], delivered{d.SN, d.StampNs, append([]byte(nil), d.Payload...), s.nowNs})
	}
	n.events = append(n.events, n.out.Events...)
	for i := range n.out.Packets {
		b := n.out.Datagram(i)
		s.largest = max(s.largest, len(b))
		if s.transcript != nil {
			s.transcript.Write(binary.LittleEndian.AppendUint64(nil, uint64(s.nowNs)))
			s.transcript.Write(b)
		}
		for _, m := range s.nodes {
			switch to := n.out.Packets[i].To; {
			case to == simGroup:
				s.launch(n.meta, m.meta, b)
			case to == m.meta || to == m.user:
				s.launch(n.user, to, b)
			}
		}
	}
	n.p.Recycle(&n.out)
}

func (s *sim) launch(from, to netip.AddrPort, b []byte) {
	if s.tap != nil {
		s.tap(to, b)
	}
	copies := 1
	if to.Port()%2 == 1 || s.deafMeta {
		if s.rng.Float64() < s.loss {
			copies = 0
		} else if s.rng.Float64() < s.double {
			copies = 2
		}
	}
	for range copies {
		s.count++
		heap.Push(&s.sky, flight{s.nowNs + 20e3 + s.rng.Int64N(s.delayNs+1), s.count, from, to, append([]byte(nil), b...)})
	}
}

// run lets time pass until untilNs.
func (s *sim) run(untilNs int64) {
	for {
		next := untilNs
		for _, n := range s.nodes {
			if !n.dead {
				next = min(next, n.p.DeadlineNs())
			}
		}
		if len(s.sky) > 0 {
			next = min(next, s.sky[0].atNs)
		}
		s.nowNs = max(s.nowNs, next)
		for _, n := range s.nodes {
			if !n.dead && n.p.DeadlineNs() <= s.nowNs {
				n.p.Tick(s.nowNs, &n.out)
				n.flush()
			}
		}
		for len(s.sky) > 0 && s.sky[0].atNs <= s.nowNs {
			s.land(heap.Pop(&s.sky).(flight))
		}
		if s.nowNs >= untilNs {
			return
		}
	}
}

func (s *sim) land(f flight) {
	for _, n := range s.nodes {
		if n.dead || f.to != n.meta && f.to != n.user {
			continue
		}
		port := DiscoveryTraffic
		if f.to == n.user {
			port = UserTraffic
		}
		if err := n.p.Receive(f.b, f.from, port, s.nowNs, &n.out); err != nil {
			s.t.Errorf("a participant sent what another cannot read: %v", err)
		}
		n.flush()
	}
}

func (s *sim) runFor(ns int64) { s.run(s.nowNs + ns) }

func (n *simNode) writer(topic string, q QoS) *Writer {
	w, err := n.p.NewWriter(WriterConfig{Topic: topic, Type: "T", QoS: q}, n.s.nowNs, &n.out)
	if err != nil {
		n.s.t.Fatal(err)
	}
	n.flush()
	return w
}

func (n *simNode) reader(topic string, q QoS) *Reader {
	r, err := n.p.NewReader(ReaderConfig{Topic: topic, Type: "T", QoS: q}, n.s.nowNs, &n.out)
	if err != nil {
		n.s.t.Fatal(err)
	}
	n.flush()
	return r
}

// sampleOf is a payload that tells its number and is recognisable throughout.
func sampleOf(i, size int) []byte {
	b := make([]byte, max(size, 12))
	copy(b, []byte{0, 1, 0, 0})
	binary.LittleEndian.PutUint64(b[4:], uint64(i))
	for j := 12; j < len(b); j++ {
		b[j] = byte(i*31 + j)
	}
	return b
}

// number checks a payload of sampleOf and returns its number.
func number(b []byte) (int, error) {
	if len(b) < 12 {
		return 0, fmt.Errorf("sample of %d bytes", len(b))
	}
	i := int(binary.LittleEndian.Uint64(b[4:]))
	for j := 12; j < len(b); j++ {
		if b[j] != byte(i*31+j) && j < len(b)-3 { // up to 3 bytes of padding
			return i, fmt.Errorf("sample %d of %d bytes is damaged at byte %d", i, len(b), j)
		}
	}
	return i, nil
}

func (n *simNode) write(w *Writer, i, size int) {
	if err := w.Write(sampleOf(i, size), int64(i), n.s.nowNs, &n.out); err != nil {
		n.s.t.Fatal(err)
	}
	n.flush()
}

// numbers returns what a reader got, undamaged.
func (n *simNode) numbers(r *Reader) []int {
	var list []int
	for _, d := range n.got[r] {
		i, err := number(d.payload)
		if err != nil {
			n.s.t.Fatal(err)
		}
		if d.stampNs != int64(i) {
			n.s.t.Fatalf("sample %d has the stamp of %d", i, d.stampNs)
		}
		list = append(list, i)
	}
	return list
}

func wantSequence(t *testing.T, got []int, from, to int) {
	t.Helper()
	for k, i := range got {
		if i != from+k {
			t.Fatalf("place %d holds sample %d, want %d", k, i, from+k)
		}
	}
	if len(got) != to-from+1 {
		t.Fatalf("%d samples, want %d..%d", len(got), from, to)
	}
}

func wantRising(t *testing.T, got []int) {
	t.Helper()
	for k := 1; k < len(got); k++ {
		if got[k] <= got[k-1] {
			t.Fatalf("sample %d follows %d", got[k], got[k-1])
		}
	}
}
