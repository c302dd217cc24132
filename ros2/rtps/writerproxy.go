package rtps

// progress resets the patience of a reader that got what it waited for.
func (wp *writerProxy) progress(nowNs int64) {
	wp.nackWaitNs = minNackNs
	if wp.nackDueNs != 0 {
		wp.nackDueNs = nowNs + wp.nackWaitNs
	}
}

// wanting tells whether the reader waits for anything.
func (wp *writerProxy) wanting() bool {
	return wp.reliable && (!wp.started || wp.highest >= wp.next || wp.isPartial())
}

// armNack starts the timer that asks again when nothing comes.
func (wp *writerProxy) armNack(nowNs int64) {
	if !wp.wanting() {
		wp.nackDueNs = 0
		return
	}
	if wp.nackDueNs == 0 {
		wp.nackWaitNs = minNackNs
		wp.nackDueNs = nowNs + wp.nackWaitNs
	}
	wp.r.p.arm(wp.nackDueNs)
}

func (wp *writerProxy) tick(nowNs int64, out *Outbox) {
	if wp.nackDueNs == 0 {
		return
	}
	if !wp.wanting() {
		wp.nackDueNs = 0
		return
	}
	if nowNs >= wp.nackDueNs {
		if wp.started {
			wp.acknowledge(wp.highest, true, nowNs, out)
		} else {
			wp.askHeartbeat(out)
		}
		wp.nackWaitNs = min(2*wp.nackWaitNs, maxNackNs)
		wp.nackDueNs = nowNs + wp.nackWaitNs
	}
	wp.r.p.arm(wp.nackDueNs)
}

// askHeartbeat is the opening ACKNACK of a reader that knows nothing of the writer's samples yet. Fast DDS answers at once
// only when the base is 0, Cyclone DDS accepts that only from vendors it knows.
func (wp *writerProxy) askHeartbeat(out *Outbox) {
	base := SeqNum(1)
	if wp.vendor == VendorFastDDS {
		base = 0
	}
	wp.ackCount++
	a := AckNack{Reader: wp.r.Data.GUID.Entity, Writer: wp.guid.Entity, Set: SeqSet{Base: base}, Count: wp.ackCount}
	out.beginTo(wp.r.p.Prefix(), wp.guid.Prefix)
	out.buf = a.Append(out.buf)
	out.send(wp.to)
}

// acknowledge says what the reader has, and asks for what is missing up to last. byTimer is whether it was waited for in
// vain.
func (wp *writerProxy) acknowledge(last SeqNum, byTimer bool, nowNs int64, out *Outbox) {
	a := AckNack{Reader: wp.r.Data.GUID.Entity, Writer: wp.guid.Entity, Set: SeqSet{Base: wp.next}, Final: true}
	for sn := wp.next; sn <= min(last, wp.next+windowSamples-1); sn++ {
		if !wp.has(sn) && wp.partial(sn) == nil {
			a.Set.Add(sn)
		}
	}
	wp.ackCount++
	a.Count = wp.ackCount
	out.beginTo(wp.r.p.Prefix(), wp.guid.Prefix)
	out.buf = a.Append(out.buf)
	for i := range wp.partials {
		if pt := &wp.partials[i]; pt.sn >= wp.next && pt.sn <= last && pt.isQuiet(nowNs, byTimer) {
			wp.askFragments(pt, pt.count, nowNs, out)
		}
	}
	out.send(wp.to)
	if last >= wp.next {
		wp.nackedNs, wp.nackedBase = nowNs, wp.next
	}
}

// askFragments appends a NACK_FRAG for what is missing of a half-received sample, up to fragment last.
func (wp *writerProxy) askFragments(pt *partial, last uint32, nowNs int64, out *Outbox) {
	n := NackFrag{Reader: wp.r.Data.GUID.Entity, Writer: wp.guid.Entity, SN: pt.sn}
	for f := uint32(1); f <= min(last, pt.count); f++ {
		if pt.has(f) {
			continue
		}
		if n.Set.Base == 0 {
			n.Set.Base = f
		}
		if !n.Set.Add(f) {
			break
		}
	}
	if n.Set.Base == 0 {
		return
	}
	pt.askedNs = nowNs
	wp.nackCount++
	n.Count = wp.nackCount
	out.buf = n.Append(out.buf)
}

// onHeartbeatFrag asks for missing fragments of a sample that the writer has not finished sending.
func (wp *writerProxy) onHeartbeatFrag(h *HeartbeatFrag, nowNs int64, out *Outbox) {
	if !wp.reliable || wp.fragHBCount != 0 && !newer(h.Count, wp.fragHBCount) {
		return
	}
	wp.fragHBCount = h.Count
	if pt := wp.partial(h.SN); pt != nil && (pt.askedNs == 0 || nowNs-pt.askedNs >= minNackNs/2) {
		out.beginTo(wp.r.p.Prefix(), wp.guid.Prefix)
		before := out.size()
		wp.askFragments(pt, h.Last, nowNs, out)
		if out.size() > before {
			out.send(wp.to)
		}
	}
}
