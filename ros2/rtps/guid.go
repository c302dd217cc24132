package rtps

import (
	"encoding/hex"
)

// GUIDPrefix names a participant (9.3.1.5).
type GUIDPrefix [12]byte

// EntityID names an endpoint inside a participant; its last byte is the kind (9.3.1.2).
type EntityID [4]byte

// GUID names an endpoint, or with EntityParticipant a participant, world-wide (9.3.1).
type GUID struct {
	Prefix GUIDPrefix
	Entity EntityID
}

// VendorID names an implementation (9.4.4).
type VendorID [2]byte

var (
	// VendorFastDDS and VendorCyclone are the vendors whose habits need a different answer.
	VendorFastDDS = VendorID{0x01, 0x0f}
	VendorCyclone = VendorID{0x01, 0x10}
	// VendorSelf is unassigned on purpose: other stacks switch on the vendors that they know.
	VendorSelf = VendorID{0x01, 0x7e}
)

// Predefined entities (9.3.1.5, table 9.2).
var (
	EntityUnknown     = EntityID{}
	EntityParticipant = EntityID{0, 0, 1, 0xc1}
	EntitySPDPWriter  = EntityID{0, 1, 0, 0xc2}
	EntitySPDPReader  = EntityID{0, 1, 0, 0xc7}
	EntityPubWriter   = EntityID{0, 0, 3, 0xc2}
	EntityPubReader   = EntityID{0, 0, 3, 0xc7}
	EntitySubWriter   = EntityID{0, 0, 4, 0xc2}
	EntitySubReader   = EntityID{0, 0, 4, 0xc7}
)

// Kinds of user endpoints without a key, which is what ROS 2 uses: keyed kinds never match its own.
const (
	kindUserWriter = 0x03
	kindUserReader = 0x04
)

// IsBuiltin tells whether the entity belongs to discovery.
func (e EntityID) IsBuiltin() bool { return e[3]&0xc0 == 0xc0 }

// IsWriter tells whether the entity writes (its kind is 2 or 3, with any origin bits).
func (e EntityID) IsWriter() bool { k := e[3] & 0x3f; return k == 2 || k == 3 }

// Bytes is the GUID as it lies on the wire.
func (g GUID) Bytes() (b [16]byte) {
	copy(b[:], g.Prefix[:])
	copy(b[12:], g.Entity[:])
	return b
}

// GUIDFromBytes reads a GUID from its wire form.
func GUIDFromBytes(b [16]byte) (g GUID) {
	copy(g.Prefix[:], b[:])
	copy(g.Entity[:], b[12:])
	return g
}

// String is the hexadecimal form prefix.entity.
func (g GUID) String() string {
	return hex.EncodeToString(g.Prefix[:]) + "." + hex.EncodeToString(g.Entity[:])
}
