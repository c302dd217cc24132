package rtps

import "net/netip"

// Port says at which of our ports a datagram came in.
type Port int

// Ports. Samples of user topics are taken only at the user port, so that one goroutine delivers them all, in order.
const (
	DiscoveryTraffic Port = iota
	UserTraffic
)

// receiver is the state that submessages of one datagram leave for the following ones (8.3.4).
type receiver struct {
	from    netip.Addr
	port    Port
	src     GUIDPrefix
	stampNs int64
	skip    bool // INFO_DST named somebody else
	nowNs   int64
	out     *Outbox
}

// Receive takes one datagram. An error tells of the first part that made no sense; what came before it was used.
func (p *Participant) Receive(b []byte, from netip.AddrPort, port Port, nowNs int64, out *Outbox) error {
	var h Header
	if err := h.Decode(b); err != nil {
		p.stats.Malformed++
		return err
	}
	if p.closed {
		return nil
	}
	if q := p.byPrefix[h.Prefix]; q != nil {
		p.renew(q, nowNs)
	}
	rc := receiver{from: from.Addr(), port: port, src: h.Prefix, nowNs: nowNs, out: out}
	w := Walker{Off: headerBytes}
	var s Submessage
	for {
		more, err := w.Next(b, &s)
		if err == nil && more {
			err = p.submessage(&rc, &s, s.Body.In(b))
		}
		if err != nil {
			p.stats.Malformed++
			return err
		}
		if !more {
			return nil
		}
	}
}

func (p *Participant) submessage(rc *receiver, s *Submessage, body []byte) error {
	switch s.Kind {
	case kindInfoDst:
		var i InfoDst
		err := i.Decode(s.Flags, body)
		rc.skip = i.Prefix != (GUIDPrefix{}) && i.Prefix != p.cfg.Prefix
		return err
	case kindInfoSrc:
		var i InfoSrc
		err := i.Decode(s.Flags, body)
		rc.src, rc.stampNs = i.Prefix, 0
		return err
	case kindInfoTS:
		var i InfoTS
		err := i.Decode(s.Flags, body)
		rc.stampNs = i.StampNs
		return err
	}
	if rc.skip {
		return nil
	}
	switch s.Kind {
	case kindData:
		return p.onData(rc, s.Flags, body)
	case kindDataFrag:
		return p.onDataFrag(rc, s.Flags, body)
	case kindHeartbeat:
		return p.onHeartbeat(rc, s.Flags, body)
	case kindHeartbeatFrag:
		return p.onHeartbeatFrag(rc, s.Flags, body)
	case kindGap:
		return p.onGap(rc, s.Flags, body)
	case kindAckNack:
		return p.onAckNack(rc, s.Flags, body)
	case kindNackFrag:
		return p.onNackFrag(rc, s.Flags, body)
	}
	return nil // unknown submessages are passed over (8.3.4.1)
}

// forMe tells whether a submessage to reader id is for wp's reader.
func (wp *writerProxy) forMe(id EntityID) bool {
	return id == EntityUnknown || id == wp.r.Data.GUID.Entity
}

func (p *Participant) onData(rc *receiver, flags byte, body []byte) error {
	var d Data
	if err := d.Decode(flags, body); err != nil {
		return err
	}
	s := sample{sn: d.SN, stampNs: rc.stampNs, payload: d.Payload.In(body), disposal: d.KeyOnly}
	if d.InlineQoS.Len() > 0 {
		status, key := inlineStatus(d.InlineQoS.In(body), flags&flagLittleEndian == 0)
		s.disposal = s.disposal || status&(statusDisposed|statusUnregistered) != 0
		s.key = GUIDFromBytes(key)
	}
	if d.Writer == EntitySPDPWriter {
		p.onParticipant(&s, rc.from, rc.nowNs, rc.out)
		return nil
	}
	if !p.admit(rc, d.Writer) {
		return nil
	}
	for _, wp := range p.bySource[GUID{rc.src, d.Writer}] {
		if wp.forMe(d.Reader) {
			own := s
			wp.onSample(&own, rc.nowNs, rc.out)
		}
	}
	return nil
}

// admit keeps user samples that come to the discovery port out.
func (p *Participant) admit(rc *receiver, writer EntityID) bool {
	if rc.port == DiscoveryTraffic && !writer.IsBuiltin() {
		p.stats.Misplaced++
		return false
	}
	return true
}

func (p *Participant) onDataFrag(rc *receiver, flags byte, body []byte) error {
	var d DataFrag
	if err := d.Decode(flags, body); err != nil {
		return err
	}
	if !p.admit(rc, d.Writer) {
		return nil
	}
	s := sample{sn: d.SN, stampNs: rc.stampNs, disposal: flags&dataFragFlagKey != 0}
	for _, wp := range p.bySource[GUID{rc.src, d.Writer}] {
		if wp.forMe(d.Reader) {
			wp.onFragments(&d, body, s, rc.nowNs, rc.out)
		}
	}
	return nil
}

func (p *Participant) onHeartbeat(rc *receiver, flags byte, body []byte) error {
	var h Heartbeat
	if err := h.Decode(flags, body); err != nil {
		return err
	}
	if !p.admit(rc, h.Writer) {
		return nil
	}
	for _, wp := range p.bySource[GUID{rc.src, h.Writer}] {
		if wp.forMe(h.Reader) {
			wp.onHeartbeat(&h, rc.nowNs, rc.out)
		}
	}
	return nil
}

func (p *Participant) onHeartbeatFrag(rc *receiver, flags byte, body []byte) error {
	var h HeartbeatFrag
	if err := h.Decode(flags, body); err != nil {
		return err
	}
	for _, wp := range p.bySource[GUID{rc.src, h.Writer}] {
		if wp.forMe(h.Reader) {
			wp.onHeartbeatFrag(&h, rc.nowNs, rc.out)
		}
	}
	return nil
}

func (p *Participant) onGap(rc *receiver, flags byte, body []byte) error {
	var g Gap
	if err := g.Decode(flags, body); err != nil {
		return err
	}
	if !p.admit(rc, g.Writer) {
		return nil
	}
	for _, wp := range p.bySource[GUID{rc.src, g.Writer}] {
		if wp.forMe(g.Reader) {
			wp.onGap(&g, rc.nowNs, rc.out)
		}
	}
	return nil
}

func (p *Participant) onAckNack(rc *receiver, flags byte, body []byte) error {
	var a AckNack
	if err := a.Decode(flags, body); err != nil {
		return err
	}
	if w := p.writerByID[a.Writer]; w != nil {
		if r := w.proxy(GUID{rc.src, a.Reader}); r != nil {
			w.onAckNack(r, &a, rc.nowNs, rc.out)
		}
	}
	return nil
}

func (p *Participant) onNackFrag(rc *receiver, flags byte, body []byte) error {
	var n NackFrag
	if err := n.Decode(flags, body); err != nil {
		return err
	}
	if w := p.writerByID[n.Writer]; w != nil {
		if r := w.proxy(GUID{rc.src, n.Reader}); r != nil {
			w.onNackFrag(r, &n, rc.nowNs, rc.out)
		}
	}
	return nil
}
