package rtps

import (
	"encoding/binary"
)

// Parameter identifiers (9.6.2.2, 9.6.3.2). Identifiers with bit 0x8000 belong to the vendor that sent them.
const (
	pidPad                = 0x0000
	pidSentinel           = 0x0001
	pidParticipantLease   = 0x0002
	pidTopicName          = 0x0005
	pidTypeName           = 0x0007
	pidProtocolVersion    = 0x0015
	pidVendorID           = 0x0016
	pidReliability        = 0x001a
	pidLiveliness         = 0x001b
	pidDurability         = 0x001d
	pidOwnership          = 0x001f
	pidDeadline           = 0x0023
	pidPartition          = 0x0029
	pidLifespan           = 0x002b
	pidUserData           = 0x002c
	pidUnicastLocator     = 0x002f
	pidDefaultLocator     = 0x0031
	pidMetaUnicastLocator = 0x0032
	pidHistory            = 0x0040
	pidParticipantGUID    = 0x0050
	pidBuiltinEndpoints   = 0x0058
	pidEndpointGUID       = 0x005a
	pidEntityName         = 0x0062
	pidKeyHash            = 0x0070
	pidStatusInfo         = 0x0071
	pidDataRepresentation = 0x0073
)

// Bits of the status info parameter (9.6.3.9).
const (
	statusDisposed     = 1
	statusUnregistered = 2
)

// Encapsulation schemes (10.2.1.2). The first two bytes of a payload name one, big-endian.
const (
	encapsulationPLBigEndian    = 0x0002
	encapsulationPLLittleEndian = 0x0003
)

// Param is one parameter of a list.
type Param struct {
	ID    uint16
	Value Span // in the list
}

// ParamIter goes through a parameter list (9.4.2.11). The zero value, with Big set as the list is, is ready.
type ParamIter struct {
	Big   bool
	Off   int
	count int
}

// Next finds the next parameter of list, which must end with a sentinel. It returns false behind the sentinel.
func (it *ParamIter) Next(list []byte, p *Param) (bool, error) {
	for {
		f := fields{b: list, off: it.Off, big: it.Big}
		p.ID = f.u16()
		n := int(f.u16())
		if f.bad {
			return false, ErrMalformed
		}
		if p.ID == pidSentinel {
			it.Off = f.off
			return false, nil
		}
		if it.count++; it.count > maxParams || f.take(n) == nil && n > 0 {
			return false, ErrMalformed
		}
		p.Value = Span{f.off - n, f.off}
		it.Off = f.off
		if p.ID != pidPad {
			return true, nil
		}
	}
}

func beginParam(b []byte, id uint16) (out []byte, start int) {
	b = appendU16(appendU16(b, id), 0)
	return b, len(b)
}

func endParam(b []byte, start int) []byte {
	for (len(b)-start)%4 != 0 {
		b = append(b, 0)
	}
	binary.LittleEndian.PutUint16(b[start-2:], uint16(len(b)-start))
	return b
}

func appendParam(b []byte, id uint16, value []byte) []byte {
	b, start := beginParam(b, id)
	return endParam(append(b, value...), start)
}

func appendParamU32(b []byte, id uint16, v uint32) []byte {
	b, start := beginParam(b, id)
	return endParam(appendU32(b, v), start)
}

func appendParamString(b []byte, id uint16, s string) []byte {
	b, start := beginParam(b, id)
	b = appendU32(b, uint32(len(s)+1))
	return endParam(append(append(b, s...), 0), start)
}

func appendParamOctets(b []byte, id uint16, v []byte) []byte {
	b, start := beginParam(b, id)
	return endParam(append(appendU32(b, uint32(len(v))), v...), start)
}

func appendSentinel(b []byte) []byte { return appendU16(appendU16(b, pidSentinel), 0) }

// str reads a CDR string of at most maxNameBytes.
func (f *fields) str() string {
	n := int(f.u32())
	if n > maxNameBytes {
		f.bad = true
		return ""
	}
	b := f.take(n)
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return string(b)
}

// octets reads a CDR sequence of bytes of at most limit.
func (f *fields) octets(limit int) []byte {
	n := int(f.u32())
	if n > limit {
		f.bad = true
		return nil
	}
	return f.take(n)
}

// eachParam calls use for every parameter of an encapsulated parameter list.
func eachParam(payload []byte, use func(id uint16, f *fields)) error {
	if len(payload) < 4 {
		return ErrMalformed
	}
	scheme := binary.BigEndian.Uint16(payload)
	if scheme != encapsulationPLBigEndian && scheme != encapsulationPLLittleEndian {
		return ErrMalformed
	}
	list := payload[4:]
	it := ParamIter{Big: scheme == encapsulationPLBigEndian}
	var p Param
	for {
		more, err := it.Next(list, &p)
		if err != nil || !more {
			return err
		}
		f := fields{b: p.Value.In(list), big: it.Big}
		use(p.ID, &f)
		if f.bad {
			return ErrMalformed
		}
	}
}

// inlineStatus reads the status (0 for a living sample) and the key hash of an inline QoS list.
func inlineStatus(list []byte, big bool) (status byte, key [16]byte) {
	it := ParamIter{Big: big}
	var p Param
	for {
		more, err := it.Next(list, &p)
		if err != nil || !more {
			return status, key
		}
		switch v := p.Value.In(list); {
		case p.ID == pidStatusInfo && len(v) >= 4:
			status = v[3]
		case p.ID == pidKeyHash && len(v) >= 16:
			copy(key[:], v)
		}
	}
}
