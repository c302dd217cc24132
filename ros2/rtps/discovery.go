package rtps

import (
	"math"
	"net/netip"
	"slices"
	"sort"
)

// peer is a discovered participant.
type peer struct {
	data      ParticipantData
	meta      netip.AddrPort // chosen from data.MetaUnicast
	user      netip.AddrPort // chosen from data.UserUnicast
	from      netip.Addr     // where its last announcement came from
	expiresNs int64
	writers   []*EndpointData
	readers   []*EndpointData
}

// tickAnnounce sends the SPDP announcement when it is due: a few quick ones, then one every AnnounceNs.
func (p *Participant) tickAnnounce(nowNs int64, out *Outbox) {
	if nowNs >= p.announceNs {
		out.begin(p.cfg.Prefix)
		p.appendAnnouncement(out)
		out.sendAll(p.cfg.Announce)
		for _, peer := range p.peers {
			out.send(peer.meta)
		}
		p.announces++
		p.announceNs = nowNs + AnnounceNs
		if p.announces < firstAnnounces {
			p.announceNs = nowNs + firstAnnounceNs
		}
	}
	p.arm(p.announceNs)
}

// appendAnnouncement writes our SPDP sample. It has always the same sequence number: it is a state, sent by a
// stateless best-effort writer (8.5.3.3.1).
func (p *Participant) appendAnnouncement(out *Outbox) {
	var scratch [1024]byte
	out.buf = appendData(out.buf, EntitySPDPReader, EntitySPDPWriter, p.spdpSN, nil, p.self.Append(scratch[:0]))
}

func (p *Participant) tickLeases(nowNs int64, out *Outbox) {
	next := int64(math.MaxInt64)
	for i := len(p.peers) - 1; i >= 0; i-- {
		if q := p.peers[i]; nowNs >= q.expiresNs {
			p.removePeer(q, out)
		} else {
			next = min(next, q.expiresNs)
		}
	}
	p.arm(next)
}

// onParticipant takes an SPDP sample.
func (p *Participant) onParticipant(s *sample, from netip.Addr, nowNs int64, out *Outbox) {
	if s.disposal {
		if g, err := decodeKey(s); err == nil && p.byPrefix[g.Prefix] != nil {
			p.removePeer(p.byPrefix[g.Prefix], out)
		}
		return
	}
	var d ParticipantData
	if err := d.Decode(s.payload); err != nil {
		p.stats.Malformed++
		return
	}
	if d.Prefix == p.cfg.Prefix {
		return
	}
	q := p.byPrefix[d.Prefix]
	known := q != nil
	if !known {
		if len(p.peers) >= maxParticipants {
			p.stats.Refused++
			return
		}
		q = &peer{}
		p.peers = append(p.peers, q)
		p.byPrefix[d.Prefix] = q
	}
	moved := q.meta
	q.data, q.from = d, from
	q.meta = p.cfg.Route.Choose(d.MetaUnicast, from)
	q.user = p.cfg.Route.Choose(d.UserUnicast, from)
	p.renew(q, nowNs)
	if known && q.meta == moved {
		return
	}
	if known {
		p.unmatchBuiltin(q) // it moved: start its discovery anew
	} else {
		out.Events = append(out.Events, Event{Kind: ParticipantFound, Remote: GUID{d.Prefix, EntityParticipant}})
	}
	out.begin(p.cfg.Prefix)
	p.appendAnnouncement(out)
	out.send(q.meta)
	p.matchBuiltin(q, nowNs, out)
}

// renew extends a peer's lease; any datagram of it is news that it lives.
func (p *Participant) renew(q *peer, nowNs int64) {
	lease := q.data.LeaseNs
	if lease <= 0 || lease > maxLeaseNs {
		lease = maxLeaseNs
	}
	q.expiresNs = nowNs + max(lease, minLeaseNs)
	p.arm(q.expiresNs)
}

// matchBuiltin connects our discovery endpoints with those that the peer says it has.
func (p *Participant) matchBuiltin(q *peer, nowNs int64, out *Outbox) {
	prefix := q.data.Prefix
	pairs := []struct {
		bit    uint32
		w      *Writer
		r      *Reader
		remote EntityID
	}{
		{builtinPubReader, p.pubWriter, nil, EntityPubReader},
		{builtinSubReader, p.subWriter, nil, EntitySubReader},
		{builtinPubWriter, nil, p.pubReader, EntityPubWriter},
		{builtinSubWriter, nil, p.subReader, EntitySubWriter},
	}
	for _, x := range pairs {
		if q.data.Builtin&x.bit == 0 {
			continue
		}
		if x.w != nil {
			x.w.addReader(GUID{prefix, x.remote}, q.meta, true, true, nowNs, out)
		} else {
			p.addSource(x.r, GUID{prefix, x.remote}, q.meta, q.data.Vendor, nowNs, out)
		}
	}
}

func (p *Participant) unmatchBuiltin(q *peer) {
	prefix := q.data.Prefix
	p.pubWriter.removeReader(GUID{prefix, EntityPubReader})
	p.subWriter.removeReader(GUID{prefix, EntitySubReader})
	p.removeSource(p.pubReader, GUID{prefix, EntityPubWriter})
	p.removeSource(p.subReader, GUID{prefix, EntitySubWriter})
}

func (p *Participant) removePeer(q *peer, out *Outbox) {
	for len(q.writers) > 0 {
		p.removeRemoteWriter(q, q.writers[0].GUID, out)
	}
	for len(q.readers) > 0 {
		p.removeRemoteReader(q, q.readers[0].GUID, out)
	}
	p.unmatchBuiltin(q)
	delete(p.byPrefix, q.data.Prefix)
	p.peers = slices.DeleteFunc(p.peers, func(o *peer) bool { return o == q })
	out.Events = append(out.Events, Event{Kind: ParticipantLost, Remote: GUID{q.data.Prefix, EntityParticipant}})
}

// publish announces an endpoint over SEDP and returns the announcement's number.
func (p *Participant) publish(sedp *Writer, e *EndpointData, nowNs int64, out *Outbox) SeqNum {
	// The size is bounded by the names and user data, far below what Write refuses.
	_ = sedp.Write(e.Append(nil), 0, nowNs, out)
	return sedp.last
}

// unpublish takes an announcement back. Disposals that everybody has seen are forgotten.
func (p *Participant) unpublish(sedp *Writer, sn SeqNum, g GUID, nowNs int64, out *Outbox) {
	sedp.forgetSN(sn)
	sedp.dispose(g, pidEndpointGUID, nowNs, out)
	seen := sedp.last
	for i := range sedp.readers {
		seen = min(seen, sedp.readers[i].acked)
	}
	for i := sedp.hist.n - 1; i >= 0; i-- {
		if c := sedp.hist.at(i); c.disposal && c.sn <= seen {
			p.forget(sedp.hist.remove(i))
		}
	}
}

// Participants lists the discovered participants, by prefix.
func (p *Participant) Participants() []ParticipantData {
	list := make([]ParticipantData, 0, len(p.peers))
	for _, q := range p.peers {
		list = append(list, q.data)
	}
	sort.Slice(list, func(i, j int) bool { return string(list[i].Prefix[:]) < string(list[j].Prefix[:]) })
	return list
}

// Peer is what one participant announced.
func (p *Participant) Peer(prefix GUIDPrefix) (ParticipantData, bool) {
	q := p.byPrefix[prefix]
	if q == nil {
		return ParticipantData{}, false
	}
	return q.data, true
}

// Writers lists the writers of the domain, ours included, discovery's own left out.
func (p *Participant) Writers() []EndpointData {
	var list []EndpointData
	for _, w := range p.writers {
		if !w.Data.GUID.Entity.IsBuiltin() {
			list = append(list, w.Data)
		}
	}
	for _, q := range p.peers {
		for _, e := range q.writers {
			list = append(list, *e)
		}
	}
	return list
}

// Readers lists the readers of the domain, ours included, discovery's own left out.
func (p *Participant) Readers() []EndpointData {
	var list []EndpointData
	for _, r := range p.readers {
		if !r.Data.GUID.Entity.IsBuiltin() {
			list = append(list, r.Data)
		}
	}
	for _, q := range p.peers {
		for _, e := range q.readers {
			list = append(list, *e)
		}
	}
	return list
}
