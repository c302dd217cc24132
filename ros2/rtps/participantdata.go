package rtps

import (
	"fmt"
	"net/netip"
)

// Builtin endpoint bits (9.3.2.12): the writers and readers of SPDP, publications and subscriptions.
const (
	builtinSPDPWriter = 1 << iota
	builtinSPDPReader
	builtinPubWriter
	builtinPubReader
	builtinSubWriter
	builtinSubReader

	builtinSelf = builtinSPDPWriter | builtinSPDPReader | builtinPubWriter | builtinPubReader |
		builtinSubWriter | builtinSubReader
)

// ParticipantData is what SPDP announces (8.5.3.2, 9.6.2.2).
type ParticipantData struct {
	Prefix      GUIDPrefix
	Vendor      VendorID
	LeaseNs     int64
	Builtin     uint32
	MetaUnicast []netip.AddrPort
	UserUnicast []netip.AddrPort
	UserData    []byte // ROS 2 puts enclave=/; here
	Name        string
}

// Decode reads an announcement.
func (p *ParticipantData) Decode(payload []byte) error {
	*p = ParticipantData{LeaseNs: 100e9} // the default of 9.6.2.2.1
	err := eachParam(payload, p.decodeParam)
	if err != nil {
		return err
	}
	if p.Prefix == (GUIDPrefix{}) {
		return fmt.Errorf("rtps: participant announcement without a GUID: %w", ErrMalformed)
	}
	return nil
}

func (p *ParticipantData) decodeParam(id uint16, f *fields) {
	switch id {
	case pidParticipantGUID:
		p.Prefix = f.guid().Prefix
	case pidVendorID:
		copy(p.Vendor[:], f.take(2))
	case pidParticipantLease:
		p.LeaseNs = f.duration()
	case pidBuiltinEndpoints:
		p.Builtin = f.u32()
	case pidMetaUnicastLocator:
		p.MetaUnicast = addLocator(p.MetaUnicast, f.locator())
	case pidDefaultLocator:
		p.UserUnicast = addLocator(p.UserUnicast, f.locator())
	case pidUserData:
		p.UserData = append([]byte(nil), f.octets(maxUserDataBytes)...)
	case pidEntityName:
		p.Name = f.str()
	}
}

// Append writes the announcement as an encapsulated parameter list.
func (p *ParticipantData) Append(b []byte) []byte {
	b = append(b, 0, encapsulationPLLittleEndian, 0, 0)
	b = appendParam(b, pidProtocolVersion, []byte{2, 3})
	b = appendParam(b, pidVendorID, p.Vendor[:])
	guid := GUID{p.Prefix, EntityParticipant}.Bytes()
	b = appendParam(b, pidParticipantGUID, guid[:])
	for _, a := range p.MetaUnicast {
		b = appendParamLocator(b, pidMetaUnicastLocator, a)
	}
	for _, a := range p.UserUnicast {
		b = appendParamLocator(b, pidDefaultLocator, a)
	}
	b, start := beginParam(b, pidParticipantLease)
	b = endParam(appendDuration(b, p.LeaseNs), start)
	b = appendParamU32(b, pidBuiltinEndpoints, p.Builtin)
	if len(p.UserData) > 0 {
		b = appendParamOctets(b, pidUserData, p.UserData)
	}
	if p.Name != "" {
		b = appendParamString(b, pidEntityName, p.Name)
	}
	return appendSentinel(b)
}
