package rtps

// Flags of DATA_FRAG (9.4.5.5).
const (
	dataFragFlagInlineQoS = 0x02
	dataFragFlagKey       = 0x04
)

// DataFrag is the DATA_FRAG submessage (8.3.7.3, 9.4.5.5): some fragments of one large sample.
type DataFrag struct {
	Reader, Writer EntityID
	SN             SeqNum
	First          uint32 // number of the first fragment carried, counted from 1
	Count          uint16 // fragments carried
	FragmentBytes  uint16 // size of every fragment but the sample's last
	SampleBytes    uint32 // size of the whole sample with its encapsulation header
	InlineQoS      Span
	Payload        Span // in body; may be padded
}

// Decode reads a DATA_FRAG body and checks that the fragments lie inside the sample; the spans point into body.
func (d *DataFrag) Decode(flags byte, body []byte) error {
	f := fields{b: body, big: flags&flagLittleEndian == 0}
	f.u16()
	toQoS := int(f.u16())
	start := f.off + toQoS
	d.Reader, d.Writer = f.entity(), f.entity()
	d.SN = f.seq()
	d.First, d.Count, d.FragmentBytes, d.SampleBytes = f.u32(), f.u16(), f.u16(), f.u32()
	if f.bad || d.SN < 1 || start < f.off || start > len(body) || d.FragmentBytes == 0 || d.Count == 0 || d.First == 0 {
		return ErrMalformed
	}
	total := d.Fragments()
	if d.SampleBytes > MaxSampleBytes || total > maxFragments || uint64(d.First)+uint64(d.Count)-1 > uint64(total) {
		return ErrMalformed
	}
	qos, err := skipInlineQoS(flags&dataFragFlagInlineQoS != 0, f.big, body, start)
	if err != nil {
		return err
	}
	d.InlineQoS = qos
	d.Payload = Span{qos.End, len(body)}
	from, to := d.Range()
	if d.Payload.Len() < to-from {
		return ErrMalformed
	}
	return nil
}

// Fragments is how many fragments make the whole sample.
func (d *DataFrag) Fragments() uint32 { return fragments(d.SampleBytes, uint32(d.FragmentBytes)) }

// Range is which bytes of the sample the carried fragments are.
func (d *DataFrag) Range() (from, to int) {
	size := int(d.FragmentBytes)
	from = int(d.First-1) * size
	return from, min(from+int(d.Count)*size, int(d.SampleBytes))
}

func fragments(sampleBytes, fragmentBytes uint32) uint32 {
	return uint32((uint64(sampleBytes) + uint64(fragmentBytes) - 1) / uint64(fragmentBytes))
}

// appendDataFrag writes fragment n (from 1) of sample.
func appendDataFrag(b []byte, reader, writer EntityID, sn SeqNum, n uint32, fragmentBytes int, sample []byte) []byte {
	b, start := beginSubmessage(b, kindDataFrag, 0)
	b = appendU16(appendU16(b, 0), 28)
	b = append(append(b, reader[:]...), writer[:]...)
	b = appendSeq(b, sn)
	b = appendU32(b, n)
	b = appendU16(appendU16(b, 1), uint16(fragmentBytes))
	b = appendU32(b, uint32(len(sample)))
	from := int(n-1) * fragmentBytes
	b = append(b, sample[from:min(from+fragmentBytes, len(sample))]...)
	return endSubmessage(b, start)
}
