package ros2

import (
	"robotd/ros2/cdr"
	"robotd/ros2/msg/rmw_dds_common"
	"robotd/ros2/rtps"
)

// Every participant tells which nodes it has and which endpoints are theirs on this topic, which is not mangled (rmw_dds_common).
const (
	infoTopic = "ros_discovery_info"
	infoType  = "rmw_dds_common/msg/ParticipantEntitiesInfo"
)

var infoQoS = rtps.QoS{Reliable: true, Durability: rtps.TransientLocal, Depth: 1}

// Limits of what a foreign participant may claim.
const (
	maxInfoNodes = 1024
	maxInfoGids  = 2048
	// What may follow the last field; more tells that the gids are of the other size.
	maxInfoPadding = 3
)

// entitiesInfo is rmw_dds_common/msg/ParticipantEntitiesInfo. Gids are char[16] since Iron and char[24], padded with zeros,
// up to Humble, so the generated type cannot serve both.
type entitiesInfo struct {
	gidBytes int
	gid      rtps.GUID
	nodes    []nodeEntities
}

type nodeEntities struct {
	namespace, name  string
	readers, writers []rtps.GUID
}

func infoHash(gidBytes int) string {
	if gidBytes != 16 {
		return "" // type hashes came with Iron, too
	}
	return (*rmw_dds_common.ParticipantEntitiesInfo)(nil).TypeHash()
}

// MarshalCDR writes the message's body.
func (e *entitiesInfo) MarshalCDR(w *cdr.Writer) {
	e.writeGid(w, e.gid)
	w.Len(len(e.nodes))
	for i := range e.nodes {
		n := &e.nodes[i]
		w.StringMax(n.namespace, 256)
		w.StringMax(n.name, 256)
		e.writeGids(w, n.readers)
		e.writeGids(w, n.writers)
	}
}

func (e *entitiesInfo) writeGids(w *cdr.Writer, gids []rtps.GUID) {
	w.Len(len(gids))
	for _, g := range gids {
		e.writeGid(w, g)
	}
}

func (e *entitiesInfo) writeGid(w *cdr.Writer, g rtps.GUID) {
	var b [24]byte
	id := g.Bytes()
	copy(b[:], id[:])
	w.Uint8s(b[:e.gidBytes])
}

// UnmarshalCDR reads the message's body; gidBytes says in which form.
func (e *entitiesInfo) UnmarshalCDR(r *cdr.Reader) {
	e.gid = e.readGid(r)
	e.nodes = make([]nodeEntities, r.Len(maxInfoNodes, 16))
	for i := range e.nodes {
		n := &e.nodes[i]
		n.namespace = r.StringMax("", 256)
		n.name = r.StringMax("", 256)
		n.readers = e.readGids(r)
		n.writers = e.readGids(r)
	}
	if r.Remaining() > maxInfoPadding {
		r.Failf("%d bytes follow: gids are not of %d bytes", r.Remaining(), e.gidBytes)
	}
}

func (e *entitiesInfo) readGids(r *cdr.Reader) []rtps.GUID {
	gids := make([]rtps.GUID, r.Len(maxInfoGids, e.gidBytes))
	for i := range gids {
		gids[i] = e.readGid(r)
	}
	return gids
}

func (e *entitiesInfo) readGid(r *cdr.Reader) rtps.GUID {
	var b [24]byte
	r.Uint8s(b[:e.gidBytes])
	return rtps.GUIDFromBytes([16]byte(b[:16]))
}

// decodeInfo reads a sample in whichever form it has; only one of them fits. A gid must be of the sender.
func decodeInfo(payload []byte, sender rtps.GUIDPrefix) (entitiesInfo, error) {
	var first error
	for _, size := range []int{16, 24} {
		e := entitiesInfo{gidBytes: size}
		err := cdr.Unmarshal(payload, &e)
		if err == nil && e.gid.Prefix == sender {
			return e, nil
		}
		if err == nil {
			err = errForeignGid
		}
		if first == nil {
			first = err
		}
	}
	return entitiesInfo{}, first
}
