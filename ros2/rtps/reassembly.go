package rtps

// partial is a sample of which some fragments have come.
type partial struct {
	sn            SeqNum // 0: unused
	fragmentBytes uint32
	count         uint32 // fragments of the sample
	got           uint32
	bits          []uint64 // bit n-1: fragment n has come
	buf           []byte
	askedNs       int64 // when missing ones were last asked for; 0 is never
}

func (pt *partial) has(n uint32) bool { return pt.bits[(n-1)/64]&(1<<((n-1)%64)) != 0 }

// isQuiet tells whether asking for what is missing would not just repeat what is already on its way: the writer has come
// to the end of the sample, or nothing came until the timer ran out, and the last request has had time to be answered.
// (Fast DDS sends a HEARTBEAT behind every fragment.)
func (pt *partial) isQuiet(nowNs int64, byTimer bool) bool {
	return (byTimer || pt.has(pt.count)) && (pt.askedNs == 0 || nowNs-pt.askedNs >= minNackNs/2)
}

func (pt *partial) isComplete() bool { return pt.got == pt.count }

func (wp *writerProxy) partial(sn SeqNum) *partial {
	for i := range wp.partials {
		if pt := &wp.partials[i]; pt.sn == sn && sn != 0 {
			return pt
		}
	}
	return nil
}

func (wp *writerProxy) isPartial() bool {
	for i := range wp.partials {
		if wp.partials[i].sn != 0 {
			return true
		}
	}
	return false
}

// dropPartials forgets half-received samples before sn.
func (wp *writerProxy) dropPartials(sn SeqNum) {
	for i := range wp.partials {
		if pt := &wp.partials[i]; pt.sn != 0 && pt.sn < sn {
			wp.r.p.dropPartial(pt)
		}
	}
}

func (p *Participant) dropPartial(pt *partial) {
	if pt.sn != 0 && pt.buf != nil {
		p.reassembly -= len(pt.buf)
		p.pool.put(pt.buf)
	}
	*pt = partial{bits: pt.bits[:0]}
}

// onFragments takes the fragments of one DATA_FRAG; body is what it was decoded from.
func (wp *writerProxy) onFragments(d *DataFrag, body []byte, s sample, nowNs int64, out *Outbox) {
	if (wp.started || !wp.reliable) && d.SN < wp.next || wp.reliable && wp.has(d.SN) ||
		wp.started && d.SN >= wp.next+windowSamples {
		return
	}
	if wp.reliable {
		wp.highest = max(wp.highest, d.SN)
	}
	pt := wp.partial(d.SN)
	if pt == nil {
		if pt = wp.newPartial(d); pt == nil {
			return
		}
	}
	if len(pt.buf) != int(d.SampleBytes) || pt.fragmentBytes != uint32(d.FragmentBytes) {
		return // a sender that changes its mind is not believed
	}
	from, to := d.Range()
	copy(pt.buf[from:to], d.Payload.In(body))
	for n := d.First; n < d.First+uint32(d.Count); n++ {
		if !pt.has(n) {
			pt.bits[(n-1)/64] |= 1 << ((n - 1) % 64)
			pt.got++
		}
	}
	if !pt.isComplete() {
		wp.progress(nowNs)
		wp.armNack(nowNs)
		return
	}
	s.payload, s.owned = pt.buf, true
	wp.r.p.reassembly -= len(pt.buf)
	pt.buf = nil
	wp.r.p.dropPartial(pt)
	wp.onSample(&s, nowNs, out)
}

// newPartial makes room for a new half-received sample. A best-effort reader gives up its oldest one for it; a reliable
// reader keeps what it has, and asks for the new one later.
func (wp *writerProxy) newPartial(d *DataFrag) *partial {
	p := wp.r.p
	var oldest *partial
	for i := range wp.partials {
		if pt := &wp.partials[i]; oldest == nil || pt.sn < oldest.sn {
			oldest = pt
		}
	}
	if oldest.sn != 0 && (wp.reliable || d.SN < oldest.sn) {
		return nil
	}
	p.dropPartial(oldest)
	if p.reassembly+int(d.SampleBytes) > maxReassemblyBytes {
		p.stats.Refused++
		return nil
	}
	p.reassembly += int(d.SampleBytes)
	words := int(d.Fragments()+63) / 64
	bits := oldest.bits[:0]
	for range words {
		bits = append(bits, 0)
	}
	*oldest = partial{
		sn: d.SN, fragmentBytes: uint32(d.FragmentBytes), count: d.Fragments(),
		bits: bits, buf: p.pool.get(int(d.SampleBytes)),
	}
	return oldest
}
