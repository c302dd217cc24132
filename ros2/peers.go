package ros2

import (
	"errors"
	"fmt"
	"slices"

	"robotd/ros2/cdr"
	"robotd/ros2/rtps"
)

var errForeignGid = errors.New("ros2: ros_discovery_info of another participant than its sender")

// peerInfo is what a foreign participant told of its nodes.
type peerInfo struct {
	foundNs  int64
	gidBytes int // of its gids: 16, 24, or 0 while unknown
	nodes    []nodeEntities
}

// participantUserData is the user data of our announcement: the enclave, which every ROS 2 participant names, and which
// form of gids we speak. Two of us would otherwise wait for each other to show it first.
func participantUserData(gidBytes int) []byte {
	return fmt.Appendf(nil, "enclave=/;gid_bytes=%d;", gidBytes)
}

// announcedGid reads it back; 0 is a participant that does not say.
func announcedGid(userData []byte) int {
	switch userDataValue(userData, "gid_bytes") {
	case "16":
		return 16
	case "24":
		return 24
	}
	return 0
}

// gateWaitNs is how long a participant may take to show which form of gids it speaks, before one that has no
// ros_discovery_info of its own is taken for a tool that only listens.
const gateWaitNs = 1e9

// joinGraph makes the endpoints of ros_discovery_info.
func (c *Context) joinGraph() error {
	return c.update(func(nowNs int64, out *rtps.Outbox) (err error) {
		name, data := ddsType(infoType), hashUserData(infoHash(c.set.gidBytes))
		c.info, err = c.p.NewWriter(rtps.WriterConfig{
			Topic: infoTopic, Type: name, QoS: infoQoS, UserData: data, Gate: c.admits,
		}, nowNs, out)
		if err != nil {
			return err
		}
		_, err = c.p.NewReader(rtps.ReaderConfig{
			Topic: infoTopic, Type: name, QoS: infoQoS, UserData: data, Owner: (*infoSink)(c),
		}, nowNs, out)
		c.publishNodes(nowNs, out)
		return err
	})
}

// admits keeps our ros_discovery_info from participants that speak the other form: a Humble node would crash on it
// (rmw_fastrtps issues 733 and 797), a newer one could not read Humble's. Called with the lock held.
func (c *Context) admits(reader *rtps.EndpointData) bool {
	q := c.peers[reader.GUID.Prefix]
	if q == nil {
		return false
	}
	if q.gidBytes != 0 {
		return q.gidBytes == c.set.gidBytes
	}
	return c.nowNs()-q.foundNs > gateWaitNs && !c.hasInfoWriter(reader.GUID.Prefix)
}

func (c *Context) hasInfoWriter(prefix rtps.GUIDPrefix) bool {
	return slices.ContainsFunc(c.p.Writers(), func(e rtps.EndpointData) bool {
		return e.GUID.Prefix == prefix && e.Topic == infoTopic
	})
}

// tickGate looks again at participants that were kept out because nothing was known of them.
func (c *Context) tickGate(nowNs int64, out *rtps.Outbox) {
	if c.gateNs == 0 || nowNs < c.gateNs || c.closed {
		return
	}
	c.gateNs = 0
	for _, q := range c.peers {
		if q.gidBytes == 0 && nowNs-q.foundNs < 10*gateWaitNs {
			c.gateNs = nowNs + gateWaitNs
		}
	}
	c.p.Rematch(c.info, nowNs, out)
}

// onEvents keeps the graph in step with discovery. Called with the lock held.
func (c *Context) onEvents(out *rtps.Outbox) {
	for i := range out.Events {
		e := &out.Events[i]
		switch e.Kind {
		case rtps.ParticipantFound:
			d, _ := c.p.Peer(e.Remote.Prefix)
			q := &peerInfo{foundNs: c.nowNs(), gidBytes: announcedGid(d.UserData)}
			c.peers[e.Remote.Prefix] = q
			c.warnGeneration(q, e.Remote.Prefix)
			if c.gateNs == 0 {
				c.gateNs = c.nowNs() + gateWaitNs + 1e6
			}
		case rtps.ParticipantLost:
			delete(c.peers, e.Remote.Prefix)
		case rtps.Incompatible:
			c.reject(e)
		}
	}
	if len(out.Events) > 0 {
		c.changedLocked()
		out.Events = out.Events[:0]
	}
}

// reject says once why two endpoints of a topic do not hear each other.
func (c *Context) reject(e *rtps.Event) {
	topic := c.topicOf(e.Local)
	key := fmt.Sprint(topic, e.Policy)
	if c.rejected[key] || len(c.rejected) > 1000 {
		return
	}
	c.rejected[key] = true
	c.log.Warn("ros2: a node has a topic of ours with another quality of service or type: no messages will pass",
		"topic", topic, "policy", string(e.Policy), "peer", e.Remote.String())
}

func (c *Context) topicOf(local rtps.GUID) string {
	list := c.p.Readers()
	if local.Entity.IsWriter() {
		list = c.p.Writers()
	}
	for _, e := range list {
		if e.GUID == local {
			if topic, ok := rosTopic(e.Topic); ok {
				return topic
			}
			return e.Topic
		}
	}
	return ""
}

// publishNodes tells the graph which nodes and endpoints we have. Called with the lock held.
func (c *Context) publishNodes(nowNs int64, out *rtps.Outbox) {
	e := entitiesInfo{gidBytes: c.set.gidBytes, gid: rtps.GUID{Prefix: c.p.Prefix(), Entity: rtps.EntityParticipant}}
	for _, n := range c.nodes {
		e.nodes = append(e.nodes, nodeEntities{n.namespace, n.name, n.readerIDs(), n.writerIDs()})
	}
	if err := c.info.Write(cdr.Marshal(nil, &e), 0, nowNs, out); err != nil {
		c.log.Error("ros2: telling the graph about our nodes", "error", err)
	}
	c.changedLocked()
}

// warnGeneration says why we stay hidden from a participant of the other generation.
func (c *Context) warnGeneration(q *peerInfo, prefix rtps.GUIDPrefix) {
	if q.gidBytes == 0 || q.gidBytes == c.set.gidBytes {
		return
	}
	c.log.Warn("ros2: a participant's graph messages are of another ROS 2 generation (Humble or older against Iron or newer): "+
		"topics work, but our nodes stay hidden from it, as it would crash on them. Remedy: run one generation in a domain, or "+
		"set ROS_DISTRO here to the other's",
		"peer", rtps.GUID{Prefix: prefix, Entity: rtps.EntityParticipant}.String(), "gid_bytes", q.gidBytes)
}

// infoSink takes the ros_discovery_info of others.
type infoSink Context

func (s *infoSink) take(d *rtps.Delivery) {
	c := (*Context)(s)
	e, err := decodeInfo(d.Payload, d.Writer.Prefix)
	if err != nil {
		c.log.Warn("ros2: a participant's list of nodes cannot be read", "peer", d.Writer.String(), "error", err)
		return
	}
	_ = c.update(func(nowNs int64, out *rtps.Outbox) error {
		q := c.peers[d.Writer.Prefix]
		if q == nil {
			return nil
		}
		q.nodes = e.nodes
		if q.gidBytes != e.gidBytes {
			q.gidBytes = e.gidBytes
			c.warnGeneration(q, d.Writer.Prefix)
			c.p.Rematch(c.info, nowNs, out)
		}
		c.changedLocked()
		return nil
	})
}
