package rtps

// Flags of HEARTBEAT (9.4.5.7) and ACKNACK (9.4.5.3).
const flagFinal = 0x02 // no answer is required

// Heartbeat is the HEARTBEAT submessage (8.3.7.5): which samples a writer still has.
type Heartbeat struct {
	Reader, Writer EntityID
	First, Last    SeqNum // nothing is available when Last is First-1
	Count          uint32
	Final          bool // the reader need not answer when it misses nothing
}

// Decode reads a HEARTBEAT body.
func (h *Heartbeat) Decode(flags byte, body []byte) error {
	f := fields{b: body, big: flags&flagLittleEndian == 0}
	h.Reader, h.Writer = f.entity(), f.entity()
	h.First, h.Last = f.seq(), f.seq()
	h.Count = f.u32()
	h.Final = flags&flagFinal != 0
	if f.bad || h.First < 1 || h.Last < h.First-1 {
		return ErrMalformed
	}
	return nil
}

// Append writes the submessage.
func (h *Heartbeat) Append(b []byte) []byte {
	flags := byte(0)
	if h.Final {
		flags = flagFinal
	}
	b, start := beginSubmessage(b, kindHeartbeat, flags)
	b = append(append(b, h.Reader[:]...), h.Writer[:]...)
	b = appendSeq(appendSeq(b, h.First), h.Last)
	return endSubmessage(appendU32(b, h.Count), start)
}
