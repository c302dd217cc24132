package rtps

// Gap is the GAP submessage (8.3.7.4): samples Start..Set.Base-1, and those in Set, will never come.
type Gap struct {
	Reader, Writer EntityID
	Start          SeqNum
	Set            SeqSet
}

// Decode reads a GAP body.
func (g *Gap) Decode(flags byte, body []byte) error {
	f := fields{b: body, big: flags&flagLittleEndian == 0}
	g.Reader, g.Writer = f.entity(), f.entity()
	g.Start = f.seq()
	f.seqSet(&g.Set)
	if f.bad || g.Start < 1 || g.Set.Base < g.Start {
		return ErrMalformed
	}
	return nil
}

// Append writes the submessage.
func (g *Gap) Append(b []byte) []byte {
	b, start := beginSubmessage(b, kindGap, 0)
	b = append(append(b, g.Reader[:]...), g.Writer[:]...)
	b = appendSeq(b, g.Start)
	return endSubmessage(appendSeqSet(b, &g.Set), start)
}
