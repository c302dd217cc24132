package rtps

// Flags of DATA (9.4.5.4).
const (
	dataFlagInlineQoS = 0x02
	dataFlagPayload   = 0x04
	dataFlagKey       = 0x08 // the payload is only the key: the instance is disposed of
)

// Data is the DATA submessage (8.3.7.2, 9.4.5.4): one whole sample.
type Data struct {
	Reader, Writer EntityID
	SN             SeqNum
	InlineQoS      Span // parameter list, empty when absent
	Payload        Span // encapsulated sample; of a disposal, the key; empty when absent
	KeyOnly        bool
}

// Decode reads a DATA body; the spans point into body.
func (d *Data) Decode(flags byte, body []byte) error {
	f := fields{b: body, big: flags&flagLittleEndian == 0}
	f.u16() // extra flags
	toQoS := int(f.u16())
	start := f.off + toQoS
	d.Reader, d.Writer = f.entity(), f.entity()
	d.SN = f.seq()
	if f.bad || d.SN < 1 || start < f.off || start > len(body) {
		return ErrMalformed
	}
	qos, err := skipInlineQoS(flags&dataFlagInlineQoS != 0, f.big, body, start)
	if err != nil {
		return err
	}
	d.InlineQoS = qos
	d.Payload = Span{len(body), len(body)}
	d.KeyOnly = flags&dataFlagKey != 0
	if flags&(dataFlagPayload|dataFlagKey) != 0 {
		d.Payload.Off = qos.End
	}
	return nil
}

// skipInlineQoS finds the parameter list that begins at start, when there is one.
func skipInlineQoS(present, big bool, body []byte, start int) (Span, error) {
	if !present {
		return Span{start, start}, nil
	}
	it := ParamIter{Big: big}
	var p Param
	list := body[start:]
	for {
		more, err := it.Next(list, &p)
		if err != nil {
			return Span{}, err
		}
		if !more {
			return Span{start, start + it.Off}, nil
		}
	}
}

// appendData writes a whole sample. status is nil for a living sample; for a disposal it is the key hash, and
// payload is the serialised key.
func appendData(b []byte, reader, writer EntityID, sn SeqNum, disposed *[16]byte, payload []byte) []byte {
	flags := byte(dataFlagPayload)
	if disposed != nil {
		flags = dataFlagInlineQoS | dataFlagKey
	}
	b, start := beginSubmessage(b, kindData, flags)
	b = appendU16(appendU16(b, 0), 16)
	b = append(append(b, reader[:]...), writer[:]...)
	b = appendSeq(b, sn)
	if disposed != nil {
		b = appendParam(b, pidKeyHash, disposed[:])
		b = appendParam(b, pidStatusInfo, []byte{0, 0, 0, statusDisposed | statusUnregistered})
		b = appendSentinel(b)
	}
	b = append(b, payload...)
	return endSubmessage(b, start)
}
