package rtps

import (
	"fmt"
	"net/netip"
)

// EndpointData is what SEDP announces of a writer or reader (8.5.4.4, 9.6.2.2).
type EndpointData struct {
	GUID     GUID
	Topic    string
	Type     string
	QoS      QoS
	UserData []byte           // ROS 2 puts the type hash here
	Unicast  []netip.AddrPort // empty: the participant's default

	// What keeps a foreign endpoint from matching ours, which have shared ownership, the default partition and XCDR1.
	Exclusive      bool
	OtherPartition bool
	NoXCDR1        bool
}

// Decode reads an announcement. isWriter chooses the reliability that an absent parameter means: a writer's default is
// reliable, a reader's best effort.
func (e *EndpointData) Decode(payload []byte, isWriter bool) error {
	*e = EndpointData{}
	e.QoS.Reliable = isWriter
	e.QoS.Depth = 1
	err := eachParam(payload, e.decodeParam)
	if err != nil {
		return err
	}
	if e.GUID.Entity == EntityUnknown || e.Topic == "" || e.Type == "" {
		return fmt.Errorf("rtps: endpoint announcement without GUID, topic or type: %w", ErrMalformed)
	}
	return nil
}

func (e *EndpointData) decodeParam(id uint16, f *fields) {
	switch id {
	case pidEndpointGUID:
		e.GUID = f.guid()
	case pidTopicName:
		e.Topic = f.str()
	case pidTypeName:
		e.Type = f.str()
	case pidUserData:
		e.UserData = append([]byte(nil), f.octets(maxUserDataBytes)...)
	case pidUnicastLocator:
		e.Unicast = addLocator(e.Unicast, f.locator())
	case pidOwnership:
		e.Exclusive = f.u32() != 0
	case pidPartition:
		e.OtherPartition = f.otherPartition()
	case pidDataRepresentation:
		e.NoXCDR1 = f.noXCDR1()
	default:
		e.QoS.decodeParam(id, f)
	}
}

func (q *QoS) decodeParam(id uint16, f *fields) {
	switch id {
	case pidReliability:
		q.Reliable = f.u32() >= 2
	case pidDurability:
		q.Durability = Durability(f.u32())
	case pidHistory:
		keepAll, depth := f.u32() == 1, int32(f.u32())
		q.Depth = int(max(depth, 0))
		if keepAll {
			q.Depth = 0
		}
	case pidDeadline:
		q.DeadlineNs = f.duration()
	case pidLifespan:
		q.LifespanNs = f.duration()
	case pidLiveliness:
		q.Liveliness = Liveliness(f.u32())
		q.LeaseNs = f.duration()
	}
}

func (f *fields) guid() (g GUID) {
	copy(g.Prefix[:], f.take(12))
	g.Entity = f.entity()
	return g
}

// otherPartition tells whether a list of partitions leaves out the default one, which is the only one we are in.
func (f *fields) otherPartition() bool {
	n := f.u32()
	for range min(n, 64) {
		name := f.str()
		for (f.off)%4 != 0 && f.off < len(f.b) {
			f.off++
		}
		if name == "" || name == "*" {
			return false
		}
	}
	return n > 0
}

// noXCDR1 tells whether a list of data representations leaves out XCDR1 (0), the only one that ROS 2 allows.
func (f *fields) noXCDR1() bool {
	n := f.u32()
	for range min(n, 16) {
		if f.u16() == 0 {
			return false
		}
	}
	return n > 0
}

// Append writes the announcement as an encapsulated parameter list. Defaults are spelled out, as older stacks expect.
func (e *EndpointData) Append(b []byte) []byte {
	b = append(b, 0, encapsulationPLLittleEndian, 0, 0)
	key := e.GUID.Bytes()
	participant := GUID{e.GUID.Prefix, EntityParticipant}.Bytes()
	b = appendParam(b, pidEndpointGUID, key[:])
	b = appendParam(b, pidParticipantGUID, participant[:])
	b = appendParam(b, pidKeyHash, key[:])
	b = appendParamString(b, pidTopicName, e.Topic)
	b = appendParamString(b, pidTypeName, e.Type)
	for _, a := range e.Unicast {
		b = appendParamLocator(b, pidUnicastLocator, a)
	}
	b = appendParam(b, pidProtocolVersion, []byte{2, 3})
	b = appendParam(b, pidVendorID, VendorSelf[:])
	b = e.QoS.append(b, e.GUID.Entity.IsWriter())
	if len(e.UserData) > 0 {
		b = appendParamOctets(b, pidUserData, e.UserData)
	}
	b = appendParam(b, pidDataRepresentation, []byte{1, 0, 0, 0, 0, 0})
	return appendSentinel(b)
}

func (q *QoS) append(b []byte, isWriter bool) []byte {
	b, start := beginParam(b, pidReliability)
	kind := uint32(1)
	if q.Reliable {
		kind = 2
	}
	const maxBlockingNs = 100e6 // the DDS default; the field must be present
	b = endParam(appendDuration(appendU32(b, kind), maxBlockingNs), start)
	b = appendParamU32(b, pidDurability, uint32(q.Durability))
	b, start = beginParam(b, pidHistory)
	keepAll := uint32(0)
	if q.Depth == 0 {
		keepAll = 1
	}
	b = endParam(appendU32(appendU32(b, keepAll), uint32(max(q.Depth, 1))), start)
	b, start = beginParam(b, pidDeadline)
	b = endParam(appendDuration(b, q.DeadlineNs), start)
	b, start = beginParam(b, pidLiveliness)
	b = endParam(appendDuration(appendU32(b, uint32(q.Liveliness)), q.LeaseNs), start)
	if isWriter {
		b, start = beginParam(b, pidLifespan)
		b = endParam(appendDuration(b, q.LifespanNs), start)
	}
	return b
}

// decodeKey reads which endpoint or participant a disposal names: its key hash says it, or its serialised key.
func decodeKey(s *sample) (GUID, error) {
	if s.key != (GUID{}) {
		return s.key, nil
	}
	var g GUID
	err := eachParam(s.payload, func(id uint16, f *fields) {
		if id == pidEndpointGUID || id == pidParticipantGUID {
			g = f.guid()
		}
	})
	if err == nil && g == (GUID{}) {
		err = ErrMalformed
	}
	return g, err
}

func appendKey(b []byte, id uint16, g GUID) []byte {
	b = append(b, 0, encapsulationPLLittleEndian, 0, 0)
	key := g.Bytes()
	return appendSentinel(appendParam(b, id, key[:]))
}
