package rtps

// NackFrag is the NACK_FRAG submessage (8.3.7.9): a reader asks for fragments of one sample.
type NackFrag struct {
	Reader, Writer EntityID
	SN             SeqNum
	Set            FragSet
	Count          uint32
}

// Decode reads a NACK_FRAG body.
func (n *NackFrag) Decode(flags byte, body []byte) error {
	f := fields{b: body, big: flags&flagLittleEndian == 0}
	n.Reader, n.Writer = f.entity(), f.entity()
	n.SN = f.seq()
	f.fragSet(&n.Set)
	n.Count = f.u32()
	if f.bad || n.SN < 1 || n.Set.Base < 1 {
		return ErrMalformed
	}
	return nil
}

// Append writes the submessage.
func (n *NackFrag) Append(b []byte) []byte {
	b, start := beginSubmessage(b, kindNackFrag, 0)
	b = append(append(b, n.Reader[:]...), n.Writer[:]...)
	b = appendSeq(b, n.SN)
	b = appendFragSet(b, &n.Set)
	return endSubmessage(appendU32(b, n.Count), start)
}
