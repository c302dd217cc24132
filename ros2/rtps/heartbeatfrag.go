package rtps

// HeartbeatFrag is the HEARTBEAT_FRAG submessage (8.3.7.6): which fragments of a sample a writer has.
type HeartbeatFrag struct {
	Reader, Writer EntityID
	SN             SeqNum
	Last           uint32 // fragments 1..Last are available
	Count          uint32
}

// Decode reads a HEARTBEAT_FRAG body.
func (h *HeartbeatFrag) Decode(flags byte, body []byte) error {
	f := fields{b: body, big: flags&flagLittleEndian == 0}
	h.Reader, h.Writer = f.entity(), f.entity()
	h.SN = f.seq()
	h.Last, h.Count = f.u32(), f.u32()
	if f.bad || h.SN < 1 {
		return ErrMalformed
	}
	return nil
}

// Append writes the submessage.
func (h *HeartbeatFrag) Append(b []byte) []byte {
	b, start := beginSubmessage(b, kindHeartbeatFrag, 0)
	b = append(append(b, h.Reader[:]...), h.Writer[:]...)
	b = appendSeq(b, h.SN)
	return endSubmessage(appendU32(appendU32(b, h.Last), h.Count), start)
}
