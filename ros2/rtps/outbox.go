package rtps

import "net/netip"

// Packet is one datagram to send.
type Packet struct {
	Off, End int // in the Outbox's buffer
	To       netip.AddrPort
}

// Delivery is one sample for a local reader. Payload is valid until Participant.Recycle is called with the Outbox
// that carries it, and no longer than the datagram given to Receive stays unchanged.
type Delivery struct {
	Reader  *Reader
	Writer  GUID
	SN      SeqNum
	Payload []byte // with its encapsulation header
	StampNs int64  // the writer's stamp, Unix time; 0 when it sent none
}

// EventKind says what discovery found out.
type EventKind int

// Kinds of events.
const (
	ParticipantFound EventKind = iota
	ParticipantLost            // disposed of, or its lease ran out
	Matched                    // Local and Remote now exchange samples
	Unmatched
	Incompatible // Remote has Local's topic, but Policy keeps them apart
)

// Event is news of discovery. For participants, Remote.Entity is EntityParticipant and Local is zero.
type Event struct {
	Kind   EventKind
	Local  GUID
	Remote GUID
	Policy Mismatch
}

// Outbox receives what one call of the state machine wants done. It belongs to the caller, who keeps it for the
// next call: in steady state it does not grow.
type Outbox struct {
	Packets    []Packet
	Deliveries []Delivery
	Events     []Event

	buf   []byte
	start int      // of the datagram being built
	held  [][]byte // pooled buffers that Deliveries point into
}

// Datagram is the content of Packets[i].
func (o *Outbox) Datagram(i int) []byte { return o.buf[o.Packets[i].Off:o.Packets[i].End] }

func (o *Outbox) begin(prefix GUIDPrefix) {
	o.start = len(o.buf)
	h := Header{Vendor: VendorSelf, Prefix: prefix}
	o.buf = h.Append(o.buf)
}

func (o *Outbox) beginTo(prefix, dst GUIDPrefix) {
	o.begin(prefix)
	i := InfoDst{dst}
	o.buf = i.Append(o.buf)
}

// size is how long the datagram being built has become.
func (o *Outbox) size() int { return len(o.buf) - o.start }

func (o *Outbox) send(to netip.AddrPort) {
	if to.IsValid() {
		o.Packets = append(o.Packets, Packet{o.start, len(o.buf), to})
	}
}

func (o *Outbox) sendAll(to []netip.AddrPort) {
	for _, a := range to {
		o.send(a)
	}
}
