package rtps

// AckNack is the ACKNACK submessage (8.3.7.1): a reader has everything before Set.Base and asks for Set.
type AckNack struct {
	Reader, Writer EntityID
	Set            SeqSet
	Count          uint32
	Final          bool // the writer need not answer with a HEARTBEAT
}

// Decode reads an ACKNACK body. Fast DDS opens with base 0 and no bits: that asks for a HEARTBEAT.
func (a *AckNack) Decode(flags byte, body []byte) error {
	f := fields{b: body, big: flags&flagLittleEndian == 0}
	a.Reader, a.Writer = f.entity(), f.entity()
	f.seqSet(&a.Set)
	a.Count = f.u32()
	a.Final = flags&flagFinal != 0
	if f.bad || a.Set.Base < 0 || a.Set.Base == 0 && a.Set.NumBits != 0 {
		return ErrMalformed
	}
	return nil
}

// Append writes the submessage.
func (a *AckNack) Append(b []byte) []byte {
	flags := byte(0)
	if a.Final {
		flags = flagFinal
	}
	b, start := beginSubmessage(b, kindAckNack, flags)
	b = append(append(b, a.Reader[:]...), a.Writer[:]...)
	b = appendSeqSet(b, &a.Set)
	return endSubmessage(appendU32(b, a.Count), start)
}
