package rtps

import (
	"net/netip"
	"slices"
)

// onEndpoint takes an SEDP sample: an endpoint came, changed or went.
func (p *Participant) onEndpoint(s *sample, isWriter bool, nowNs int64, out *Outbox) {
	if s.disposal {
		if g, err := decodeKey(s); err == nil {
			p.onEndpointGone(g, isWriter, out)
		}
		return
	}
	e := new(EndpointData)
	if err := e.Decode(s.payload, isWriter); err != nil {
		p.stats.Malformed++
		return
	}
	q := p.byPrefix[e.GUID.Prefix]
	if q == nil || e.GUID.Entity.IsBuiltin() {
		return
	}
	list := &q.readers
	if isWriter {
		list = &q.writers
	}
	if i := slices.IndexFunc(*list, func(o *EndpointData) bool { return o.GUID == e.GUID }); i >= 0 {
		if sameEndpoint((*list)[i], e) {
			(*list)[i] = e
			return
		}
		p.onEndpointGone(e.GUID, isWriter, out)
	}
	if len(*list) >= maxRemoteEndpoints {
		p.stats.Refused++
		return
	}
	*list = append(*list, e)
	if isWriter {
		for _, r := range p.readers {
			p.match(nil, r, e, q, nowNs, out)
		}
		return
	}
	for _, w := range p.writers {
		p.match(w, nil, e, q, nowNs, out)
	}
}

// sameEndpoint tells whether a repeated announcement changes nothing that matching depends on.
func sameEndpoint(a, b *EndpointData) bool {
	return a.Topic == b.Topic && a.Type == b.Type && a.QoS == b.QoS && slices.Equal(a.Unicast, b.Unicast) &&
		a.Exclusive == b.Exclusive && a.OtherPartition == b.OtherPartition && a.NoXCDR1 == b.NoXCDR1
}

func (p *Participant) onEndpointGone(g GUID, isWriter bool, out *Outbox) {
	q := p.byPrefix[g.Prefix]
	switch {
	case q == nil:
	case isWriter:
		p.removeRemoteWriter(q, g, out)
	default:
		p.removeRemoteReader(q, g, out)
	}
}

func (p *Participant) removeRemoteWriter(q *peer, g GUID, out *Outbox) {
	q.writers = slices.DeleteFunc(q.writers, func(e *EndpointData) bool { return e.GUID == g })
	for _, r := range p.readers {
		p.dropSource(r, g, out)
	}
}

func (p *Participant) removeRemoteReader(q *peer, g GUID, out *Outbox) {
	q.readers = slices.DeleteFunc(q.readers, func(e *EndpointData) bool { return e.GUID == g })
	for _, w := range p.writers {
		if w.removeReader(g) {
			out.Events = append(out.Events, Event{Kind: Unmatched, Local: w.Data.GUID, Remote: g})
		}
	}
}

// match connects our writer w, or our reader r, with the remote endpoint e when they fit.
func (p *Participant) match(w *Writer, r *Reader, e *EndpointData, q *peer, nowNs int64, out *Outbox) {
	offered, requested := e, e
	var local *EndpointData
	if w != nil {
		local, offered = &w.Data, &w.Data
	} else {
		local, requested = &r.Data, &r.Data
	}
	if local.Topic != e.Topic || local.GUID.Entity.IsBuiltin() {
		return
	}
	if policy := Match(offered, requested); policy != MatchOK {
		out.Events = append(out.Events, Event{Incompatible, local.GUID, e.GUID, policy})
		return
	}
	to := q.user
	if a := p.cfg.Route.Choose(e.Unicast, q.from); a.IsValid() {
		to = a
	}
	if w != nil {
		if w.proxy(e.GUID) != nil || w.gate != nil && !w.gate(e) {
			return
		}
		w.addReader(e.GUID, to, e.QoS.Reliable, e.QoS.Durability != Volatile, nowNs, out)
	} else {
		p.addSource(r, e.GUID, to, q.data.Vendor, nowNs, out)
	}
	out.Events = append(out.Events, Event{Kind: Matched, Local: local.GUID, Remote: e.GUID})
}

// ourselves stands in for a peer where our own endpoints are matched with each other; their samples take the way
// over the loopback interface like everybody's.
func (p *Participant) ourselves() *peer {
	return &peer{data: p.self, user: p.cfg.UserUnicast[0], from: netip.Addr{}}
}

// matchWriter connects a new writer with all readers known.
func (p *Participant) matchWriter(w *Writer, nowNs int64, out *Outbox) {
	for _, q := range p.peers {
		for _, e := range q.readers {
			p.match(w, nil, e, q, nowNs, out)
		}
	}
	for _, r := range p.readers {
		p.matchOwn(w, r, nowNs, out)
	}
}

// matchReader connects a new reader with all writers known.
func (p *Participant) matchReader(r *Reader, nowNs int64, out *Outbox) {
	for _, q := range p.peers {
		for _, e := range q.writers {
			p.match(nil, r, e, q, nowNs, out)
		}
	}
	for _, w := range p.writers {
		p.matchOwn(w, r, nowNs, out)
	}
}

func (p *Participant) matchOwn(w *Writer, r *Reader, nowNs int64, out *Outbox) {
	if w.Data.GUID.Entity.IsBuiltin() || r.Data.GUID.Entity.IsBuiltin() || w.gate != nil {
		return // a gate keeps foreign formats apart; among our own endpoints there is nothing to learn
	}
	q := p.ourselves()
	p.match(nil, r, &w.Data, q, nowNs, out)
	p.match(w, nil, &r.Data, q, nowNs, out)
}

// Rematch asks the gate of w again about the readers that it kept out.
func (p *Participant) Rematch(w *Writer, nowNs int64, out *Outbox) {
	for _, q := range p.peers {
		for _, e := range q.readers {
			p.match(w, nil, e, q, nowNs, out)
		}
	}
}

// addSource makes reader r listen to a writer.
func (p *Participant) addSource(r *Reader, g GUID, to netip.AddrPort, v VendorID, nowNs int64, out *Outbox) {
	if slices.ContainsFunc(r.writers, func(wp *writerProxy) bool { return wp.guid == g }) {
		return
	}
	wp := &writerProxy{r: r, guid: g, to: to, vendor: v, reliable: r.Data.QoS.Reliable, next: 1}
	if wp.reliable {
		wp.window = new([windowSamples]slot)
		wp.askHeartbeat(out)
		wp.armNack(nowNs)
	}
	r.writers = append(r.writers, wp)
	p.bySource[g] = append(p.bySource[g], wp)
}

// removeSource makes reader r forget a writer.
func (p *Participant) removeSource(r *Reader, g GUID) bool {
	i := slices.IndexFunc(r.writers, func(wp *writerProxy) bool { return wp.guid == g })
	if i < 0 {
		return false
	}
	wp := r.writers[i]
	wp.close()
	r.writers = slices.Delete(r.writers, i, i+1)
	p.bySource[g] = slices.DeleteFunc(p.bySource[g], func(o *writerProxy) bool { return o == wp })
	if len(p.bySource[g]) == 0 {
		delete(p.bySource, g)
	}
	return true
}

func (p *Participant) dropSource(r *Reader, g GUID, out *Outbox) {
	if p.removeSource(r, g) {
		out.Events = append(out.Events, Event{Kind: Unmatched, Local: r.Data.GUID, Remote: g})
	}
}
