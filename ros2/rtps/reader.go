package rtps

import "net/netip"

// ReaderConfig describes a reader to make.
type ReaderConfig struct {
	Topic, Type string
	QoS         QoS
	UserData    []byte
	Owner       any // returned in Reader.Owner
}

// Reader puts the samples of the writers that discovery matched with it in order (8.4.10, stateful reader).
type Reader struct {
	Data  EndpointData // as announced; read-only
	Owner any          // the caller's, from ReaderConfig

	p        *Participant
	writers  []*writerProxy
	builtin  func(s sample, nowNs int64, out *Outbox) // discovery takes its samples itself
	announce SeqNum
	lost     uint64
}

// Writers is how many writers are matched.
func (r *Reader) Writers() int { return len(r.writers) }

// Lost is how many samples a reliable reader had to give up because their writer no longer had them.
func (r *Reader) Lost() uint64 { return r.lost }

// sample is one sample on its way to a reader.
type sample struct {
	sn       SeqNum
	stampNs  int64
	payload  []byte
	owned    bool // payload is a pooled buffer, else it lies in the datagram
	disposal bool
	key      GUID // of a disposal in discovery: what ended, when the key hash said it
}

// writerProxy is what a reader knows of one matched writer (8.4.10.4).
type writerProxy struct {
	r      *Reader
	guid   GUID
	to     netip.AddrPort // where its ACKNACKs go
	vendor VendorID

	reliable bool
	started  bool   // reliable: a HEARTBEAT has said where the writer's samples begin
	next     SeqNum // reliable: the next to deliver; best effort: one more than the last delivered
	highest  SeqNum // the highest known to exist
	window   *[windowSamples]slot
	held     int // bytes in window

	hbCount     uint32 // of the last HEARTBEAT, 0 is none
	fragHBCount uint32
	ackCount    uint32
	nackCount   uint32
	nackDueNs   int64 // 0: nothing is missing
	nackWaitNs  int64
	nackedNs    int64 // when base was last asked for
	nackedBase  SeqNum

	partials [partialSamples]partial
}

// slot is a place in the window of a reliable reader.
type slot struct {
	sample
	state slotState
}

type slotState byte

const (
	slotEmpty slotState = iota
	slotHeld
	slotIrrelevant
)

func (wp *writerProxy) slot(sn SeqNum) *slot { return &wp.window[sn%windowSamples] }

// has tells whether sn is held or known to be irrelevant.
func (wp *writerProxy) has(sn SeqNum) bool {
	s := wp.slot(sn)
	return s.state != slotEmpty && s.sn == sn
}

func (wp *writerProxy) clear(s *slot) {
	if s.state == slotHeld {
		wp.held -= len(s.payload)
		if s.owned {
			wp.r.p.pool.put(s.payload)
		}
	}
	*s = slot{}
}

// onSample takes a whole sample.
func (wp *writerProxy) onSample(s *sample, nowNs int64, out *Outbox) {
	if !wp.reliable {
		if s.sn < wp.next {
			wp.drop(s)
			return
		}
		wp.next = s.sn + 1
		wp.dropPartials(wp.next)
		wp.deliver(s, nowNs, out)
		return
	}
	wp.highest = max(wp.highest, s.sn)
	switch {
	case wp.started && s.sn < wp.next:
		wp.drop(s)
	case wp.started && s.sn == wp.next:
		wp.next++
		wp.deliver(s, nowNs, out)
		wp.progress(nowNs)
		wp.advance(nowNs, out)
	default:
		wp.hold(s)
		wp.armNack(nowNs)
	}
}

// hold keeps a sample that came before its time.
func (wp *writerProxy) hold(s *sample) {
	if wp.started && s.sn >= wp.next+windowSamples || wp.has(s.sn) || wp.held+len(s.payload) > maxHeldBytes {
		wp.drop(s)
		return
	}
	at := wp.slot(s.sn)
	wp.clear(at) // before the start it may hold another one
	if !s.owned {
		b := wp.r.p.pool.get(len(s.payload))
		copy(b, s.payload)
		s.payload, s.owned = b, true
	}
	*at = slot{*s, slotHeld}
	wp.held += len(s.payload)
}

func (wp *writerProxy) drop(s *sample) {
	if s.owned {
		wp.r.p.pool.put(s.payload)
	}
}

// advance delivers what has become due.
func (wp *writerProxy) advance(nowNs int64, out *Outbox) {
	for wp.has(wp.next) {
		wp.take(wp.next, nowNs, out)
		wp.next++
	}
	wp.dropPartials(wp.next)
}

// take delivers or passes over what the window has at sn, and frees the slot.
func (wp *writerProxy) take(sn SeqNum, nowNs int64, out *Outbox) {
	at := wp.slot(sn)
	s, state := at.sample, at.state
	*at = slot{}
	if state == slotHeld {
		wp.held -= len(s.payload)
		wp.deliver(&s, nowNs, out)
	}
}

// skipTo gives up everything before first that is not held: the writer no longer has it.
func (wp *writerProxy) skipTo(first SeqNum, nowNs int64, out *Outbox) {
	if first <= wp.next {
		return
	}
	for end := min(first, wp.next+windowSamples); wp.next < end; wp.next++ {
		if wp.has(wp.next) {
			wp.take(wp.next, nowNs, out)
		} else {
			wp.r.lost++
		}
	}
	wp.r.lost += uint64(first - wp.next)
	wp.next = first
	wp.dropPartials(first)
	wp.advance(nowNs, out)
}

func (wp *writerProxy) deliver(s *sample, nowNs int64, out *Outbox) {
	switch {
	case wp.r.builtin != nil:
		wp.r.builtin(*s, nowNs, out)
		wp.drop(s)
	case s.disposal:
		wp.drop(s) // topics without keys have no instances to end
	default:
		out.Deliveries = append(out.Deliveries, Delivery{wp.r, wp.guid, s.sn, s.payload, s.stampNs})
		if s.owned {
			out.held = append(out.held, s.payload)
		}
	}
}

// onHeartbeat learns what the writer has, gives up what it has no longer, and asks for what is missing.
func (wp *writerProxy) onHeartbeat(h *Heartbeat, nowNs int64, out *Outbox) {
	if !wp.reliable || wp.hbCount != 0 && !newer(h.Count, wp.hbCount) {
		return
	}
	wp.hbCount = h.Count
	if !wp.started {
		wp.start(h.First, nowNs, out)
	}
	wp.skipTo(h.First, nowNs, out)
	wp.highest = max(wp.highest, h.Last)
	missing := wp.highest >= wp.next
	if !missing {
		wp.nackDueNs = 0
	}
	// A writer that sends one HEARTBEAT behind every sample is not asked for the same again and again.
	again := h.Final && wp.nackedBase == wp.next && nowNs-wp.nackedNs < minNackNs/4
	if !h.Final || missing && !again {
		wp.acknowledge(h.Last, false, nowNs, out)
	}
	wp.armNack(nowNs)
}

// start notes where the writer's samples begin for this reader.
func (wp *writerProxy) start(first SeqNum, nowNs int64, out *Outbox) {
	wp.started, wp.next = true, first
	for i := range wp.window {
		if s := &wp.window[i]; s.state != slotEmpty && (s.sn < first || s.sn >= first+windowSamples) {
			wp.clear(s)
		}
	}
	wp.progress(nowNs)
	wp.advance(nowNs, out)
}

// onGap passes over what the writer says will never come.
func (wp *writerProxy) onGap(g *Gap, nowNs int64, out *Outbox) {
	if !wp.reliable {
		return
	}
	if !wp.started {
		if g.Start != 1 {
			return // the HEARTBEAT that starts us will lead to another one
		}
		wp.start(g.Set.Base, nowNs, out)
	}
	if g.Start <= wp.next {
		wp.pass(g.Set.Base, nowNs, out)
	} else {
		for sn := g.Start; sn < min(g.Set.Base, wp.next+windowSamples); sn++ {
			wp.markIrrelevant(sn)
		}
	}
	for i := range g.Set.NumBits {
		if sn := g.Set.Base + SeqNum(i); g.Set.Has(sn) && sn >= wp.next && sn < wp.next+windowSamples {
			wp.markIrrelevant(sn)
		}
	}
	wp.advance(nowNs, out)
	wp.progress(nowNs)
}

// pass moves to sn without counting what is passed as lost.
func (wp *writerProxy) pass(sn SeqNum, nowNs int64, out *Outbox) {
	lost := wp.r.lost
	wp.skipTo(sn, nowNs, out)
	wp.r.lost = lost
}

func (wp *writerProxy) markIrrelevant(sn SeqNum) {
	if !wp.has(sn) {
		at := wp.slot(sn)
		wp.clear(at)
		at.sn, at.state = sn, slotIrrelevant
		wp.highest = max(wp.highest, sn)
	}
}

// close frees what the proxy holds.
func (wp *writerProxy) close() {
	if wp.window != nil {
		for i := range wp.window {
			wp.clear(&wp.window[i])
		}
	}
	for i := range wp.partials {
		wp.r.p.dropPartial(&wp.partials[i])
	}
}
