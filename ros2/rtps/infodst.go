package rtps

// InfoDst is the INFO_DST submessage (8.3.7.7): what follows is for one participant; zero means for all.
type InfoDst struct{ Prefix GUIDPrefix }

// Decode reads an INFO_DST body.
func (i *InfoDst) Decode(_ byte, body []byte) error {
	if len(body) < 12 {
		return ErrMalformed
	}
	copy(i.Prefix[:], body)
	return nil
}

// Append writes the submessage.
func (i *InfoDst) Append(b []byte) []byte {
	b, start := beginSubmessage(b, kindInfoDst, 0)
	return endSubmessage(append(b, i.Prefix[:]...), start)
}

// InfoSrc is the INFO_SRC submessage (8.3.7.10): what follows comes from another participant, as routers send it.
type InfoSrc struct {
	Vendor VendorID
	Prefix GUIDPrefix
}

// Decode reads an INFO_SRC body.
func (i *InfoSrc) Decode(_ byte, body []byte) error {
	if len(body) < 20 {
		return ErrMalformed
	}
	copy(i.Vendor[:], body[6:])
	copy(i.Prefix[:], body[8:])
	return nil
}
