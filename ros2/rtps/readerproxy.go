package rtps

import (
	"net/netip"
	"slices"
)

// readerProxy is what a writer knows of one matched reader (8.4.7.5).
type readerProxy struct {
	guid      GUID
	to        netip.AddrPort
	reliable  bool
	start     SeqNum // the first sample that is for it: a volatile reader gets nothing older than itself
	acked     SeqNum // it has everything up to here
	ackCount  uint32 // of its last ACKNACK
	fragCount uint32 // of its last NACK_FRAG
}

func (w *Writer) proxy(guid GUID) *readerProxy {
	for i := range w.readers {
		if w.readers[i].guid == guid {
			return &w.readers[i]
		}
	}
	return nil
}

// addReader matches a reader; wantsPast is whether it asked for samples from before it came.
func (w *Writer) addReader(guid GUID, to netip.AddrPort, reliable, wantsPast bool, nowNs int64, out *Outbox) {
	r := readerProxy{guid: guid, to: to, reliable: reliable && w.Data.QoS.Reliable, start: w.last + 1}
	if wantsPast && w.Data.QoS.Durability != Volatile {
		r.start = 1
	}
	r.acked = r.start - 1
	w.readers = append(w.readers, r)
	w.setDests()
	w.heartbeat(&w.readers[len(w.readers)-1], false, out)
	w.hbDueNs = 0 // quick again, for the newcomer's sake
	w.expectAcks(nowNs)
}

func (w *Writer) removeReader(guid GUID) bool {
	i := slices.IndexFunc(w.readers, func(r readerProxy) bool { return r.guid == guid })
	if i < 0 {
		return false
	}
	w.readers = slices.Delete(w.readers, i, i+1)
	w.setDests()
	return true
}

func (w *Writer) setDests() {
	w.dests = w.dests[:0]
	for i := range w.readers {
		if to := w.readers[i].to; to.IsValid() && !slices.Contains(w.dests, to) {
			w.dests = append(w.dests, to)
		}
	}
}

// newer compares wrapping counts (8.3.5.10).
func newer(count, last uint32) bool { return int32(count-last) > 0 }

// onAckNack notes what the reader has and sends it what it asks for: the samples, or a GAP for what is gone or
// never was for it.
func (w *Writer) onAckNack(r *readerProxy, a *AckNack, nowNs int64, out *Outbox) {
	if !r.reliable || r.ackCount != 0 && !newer(a.Count, r.ackCount) {
		return
	}
	r.ackCount = a.Count
	if has := min(a.Set.Base-1, w.last); has > r.acked {
		r.acked = has
		w.hbWaitNs = minHeartbeatNs
	}
	if a.Set.NumBits == 0 {
		if !a.Final {
			w.heartbeat(r, r.acked >= w.sent, out)
		}
		w.expectAcks(nowNs)
		return
	}
	w.repair(r, &a.Set, nowNs, out)
}

func (w *Writer) repair(r *readerProxy, want *SeqSet, nowNs int64, out *Outbox) {
	b := repairs{w: w, r: r, out: out}
	for i := range want.NumBits {
		sn := want.Base + SeqNum(i)
		if sn > w.sent || b.total > repairAnswerBytes {
			break
		}
		if !want.Has(sn) {
			continue
		}
		c, _ := w.hist.find(sn)
		switch {
		case c == nil || sn < r.start:
			b.gap(sn)
		case len(c.buf) > FragmentBytes:
			w.p.enqueueRepair(job{w: w, c: c, to: r.guid, count: fragments(uint32(len(c.buf)), FragmentBytes)})
		default:
			b.data(c)
		}
	}
	b.close()
	w.p.pump(nowNs, out)
	w.expectAcks(nowNs)
}

// repairs packs repairs for one reader into as few datagrams as go.
type repairs struct {
	w     *Writer
	r     *readerProxy
	out   *Outbox
	open  bool
	total int    // bytes so far
	from  SeqNum // the run of lost samples being collected, from..to; 0 is none
	to    SeqNum
}

func (b *repairs) begin() {
	if b.open && b.out.size() > repairDatagramBytes {
		b.out.send(b.r.to)
		b.open = false
	}
	if !b.open {
		b.out.beginTo(b.w.p.Prefix(), b.r.guid.Prefix)
		b.open = true
	}
}

// gap adds sn, and everything behind it that is not there either, to what will never come.
func (b *repairs) gap(sn SeqNum) {
	if b.from != 0 && sn > b.to+1 {
		b.flushGap()
	}
	if b.from == 0 {
		b.from = sn
	}
	b.to = max(b.to, sn)
	next := b.w.sent + 1
	if _, i := b.w.hist.find(sn); i < b.w.hist.n {
		next = min(next, b.w.hist.at(i).sn)
	}
	b.to = max(b.to, next-1, min(b.r.start-1, b.w.sent))
}

func (b *repairs) flushGap() {
	if b.from == 0 {
		return
	}
	b.begin()
	g := Gap{Reader: b.r.guid.Entity, Writer: b.w.Data.GUID.Entity, Start: b.from, Set: SeqSet{Base: b.to + 1}}
	before := len(b.out.buf)
	b.out.buf = g.Append(b.out.buf)
	b.total += len(b.out.buf) - before
	b.from, b.to = 0, 0
}

func (b *repairs) data(c *change) {
	b.flushGap()
	if b.open && b.out.size()+len(c.buf) > FragmentBytes {
		b.out.send(b.r.to)
		b.open = false
	}
	b.begin()
	before := len(b.out.buf)
	b.w.appendChange(c, b.r.guid.Entity, b.out)
	b.total += len(b.out.buf) - before
}

// close sends what is packed, with a HEARTBEAT behind it so that a repair that is lost again is asked for again.
func (b *repairs) close() {
	b.flushGap()
	if !b.open {
		return
	}
	b.out.send(b.r.to)
	b.w.heartbeat(b.r, false, b.out)
}

// onNackFrag queues the fragments that the reader misses.
func (w *Writer) onNackFrag(r *readerProxy, n *NackFrag, nowNs int64, out *Outbox) {
	if !r.reliable || r.fragCount != 0 && !newer(n.Count, r.fragCount) {
		return
	}
	r.fragCount = n.Count
	c, _ := w.hist.find(n.SN)
	if c == nil || n.SN > w.sent || n.SN < r.start || n.Set.NumBits == 0 {
		if c == nil && n.SN <= w.sent {
			w.repair(r, &SeqSet{Base: n.SN, NumBits: 1, Bits: [8]uint32{1 << 31}}, nowNs, out)
		}
		return
	}
	w.p.enqueueRepair(job{w: w, c: c, to: r.guid, count: fragments(uint32(len(c.buf)), FragmentBytes), only: n.Set})
	w.p.pump(nowNs, out)
}
