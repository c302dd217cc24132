package rtps

import "slices"

// job is one sample waiting to leave in paced fragments, or behind such a sample of its writer.
type job struct {
	w     *Writer
	c     *change
	to    GUID    // zero: all matched readers
	only  FragSet // when not empty: the fragments asked for
	done  uint32  // fragments passed
	count uint32  // fragments of the sample
}

func (p *Participant) hasJob(w *Writer) bool {
	for i := range p.jobs {
		if p.jobs[i].w == w && p.jobs[i].to == (GUID{}) {
			return true
		}
	}
	return false
}

// enqueue adds a job for everybody. Of one writer at most its depth waits: older samples that have not begun to
// leave are dropped, as keep-last says; one that has begun is finished.
func (p *Participant) enqueue(j job) {
	waiting := 0
	for i := len(p.jobs) - 1; i >= 0; i-- {
		o := &p.jobs[i]
		if o.w != j.w || o.to != (GUID{}) || o.done > 0 {
			continue
		}
		if waiting++; waiting >= j.w.depth {
			p.dropJob(i)
		}
	}
	j.c.pins++
	p.jobs = append(p.jobs, j)
}

// enqueueRepair adds a job for one reader, unless what it asks for is already on its way.
func (p *Participant) enqueueRepair(j job) {
	if len(p.jobs) >= maxJobs/2 {
		return // it will ask again; the other half is for new samples
	}
	for i := range p.jobs {
		o := &p.jobs[i]
		if o.c == j.c && (o.to == j.to || o.to == (GUID{})) {
			return
		}
	}
	j.c.pins++
	p.jobs = append(p.jobs, j)
}

func (p *Participant) dropJob(i int) {
	c := p.jobs[i].c
	p.jobs = slices.Delete(p.jobs, i, i+1)
	c.pins--
	p.reclaim(c)
}

// pump sends what the pace allows: one fragment, and any small samples around it.
func (p *Participant) pump(nowNs int64, out *Outbox) {
	for len(p.jobs) > 0 && nowNs >= p.paceDueNs {
		j := &p.jobs[0]
		if j.w.removed || len(j.w.readers) == 0 {
			j.w.sent = max(j.w.sent, j.c.sn)
			p.dropJob(0)
			continue
		}
		if j.count == 1 {
			j.w.sent = max(j.w.sent, j.c.sn)
			j.w.transmit(j.c, out)
			j.w.expectAcks(nowNs)
			p.dropJob(0)
			continue
		}
		if !j.skip() {
			p.dropJob(0)
			continue
		}
		j.fragment(nowNs, out)
		p.paceDueNs = nowNs + p.paceNs
		if j.done == j.count {
			p.dropJob(0)
		}
	}
}

// skip moves on to the next fragment that is asked for, and reports whether there is one.
func (j *job) skip() bool {
	for j.only.NumBits > 0 && j.done < j.count && !j.only.Has(j.done+1) {
		j.done++
	}
	return j.done < j.count
}

// fragment sends the next fragment, behind the last one a HEARTBEAT.
func (j *job) fragment(nowNs int64, out *Outbox) {
	w := j.w
	reader, all := EntityUnknown, j.to == (GUID{})
	var r *readerProxy
	if all {
		out.begin(w.p.Prefix())
	} else {
		if r = w.proxy(j.to); r == nil {
			j.done = j.count
			return
		}
		reader = r.guid.Entity
		out.beginTo(w.p.Prefix(), r.guid.Prefix)
	}
	if j.c.stampNs != 0 {
		ts := InfoTS{StampNs: j.c.stampNs, Valid: true}
		out.buf = ts.Append(out.buf)
	}
	j.done++
	out.buf = appendDataFrag(out.buf, reader, w.Data.GUID.Entity, j.c.sn, j.done, FragmentBytes, j.c.buf)
	last := !j.skip()
	switch {
	case all && last:
		w.sent = max(w.sent, j.c.sn)
		w.finish(out, false)
		w.expectAcks(nowNs)
	case all:
		out.sendAll(w.dests)
	default:
		out.send(r.to)
		if last {
			w.heartbeat(r, false, out)
		}
	}
}

func (p *Participant) newChange(sn SeqNum, stampNs int64, payload []byte) *change {
	var c *change
	if n := len(p.changes); n > 0 {
		c = p.changes[n-1]
		p.changes = p.changes[:n-1]
	} else {
		c = new(change)
	}
	*c = change{sn: sn, stampNs: stampNs, buf: p.pool.get(len(payload))}
	copy(c.buf, payload)
	return c
}

// forget notes that c left its history; its memory is free once nobody sends it any more.
func (p *Participant) forget(c *change) {
	c.gone = true
	p.reclaim(c)
}

func (p *Participant) reclaim(c *change) {
	if c.gone && c.pins == 0 {
		p.pool.put(c.buf)
		c.buf = nil
		p.changes = append(p.changes, c)
	}
}
