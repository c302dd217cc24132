package ros2

import (
	"cmp"
	"slices"

	"robotd/ros2/rtps"
)

// NodeName is a node in the graph.
type NodeName struct{ Namespace, Name string }

// String is the full name.
func (n NodeName) String() string {
	if n.Namespace == "/" {
		return "/" + n.Name
	}
	return n.Namespace + "/" + n.Name
}

// Endpoint is a publisher or subscription in the graph.
type Endpoint struct {
	Node  NodeName // empty when its node is not known, as of plain DDS programs
	Topic string
	Type  string // "sensor_msgs/msg/JointState"
	Hash  string // type hash; empty when not announced
	QoS   QoS
	GID   GID
}

// Nodes lists the nodes of the graph, ours included, by full name.
func (c *Context) Nodes() (list []NodeName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.nodes {
		list = append(list, NodeName{n.namespace, n.name})
	}
	for _, q := range c.peers {
		for i := range q.nodes {
			list = append(list, NodeName{q.nodes[i].namespace, q.nodes[i].name})
		}
	}
	slices.SortFunc(list, func(a, b NodeName) int { return cmp.Compare(a.String(), b.String()) })
	return list
}

// Publishers lists the publishers of ROS topics, ours included, by topic.
func (c *Context) Publishers() []Endpoint {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.endpoints(c.p.Writers())
}

// Subscriptions lists the subscriptions to ROS topics, ours included, by topic.
func (c *Context) Subscriptions() []Endpoint {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.endpoints(c.p.Readers())
}

func (c *Context) endpoints(from []rtps.EndpointData) (list []Endpoint) {
	owners := c.owners()
	for i := range from {
		e := &from[i]
		topic, ok := rosTopic(e.Topic)
		if !ok {
			continue
		}
		list = append(list, Endpoint{
			Node: owners[e.GUID], Topic: topic, Type: rosType(e.Type), Hash: userDataValue(e.UserData, "typehash"),
			QoS: fromRTPS(e.QoS), GID: e.GUID.Bytes(),
		})
	}
	slices.SortStableFunc(list, func(a, b Endpoint) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Node.String(), b.Node.String()))
	})
	return list
}

// owners maps endpoints to their nodes.
func (c *Context) owners() map[rtps.GUID]NodeName {
	m := map[rtps.GUID]NodeName{}
	add := func(name NodeName, lists ...[]rtps.GUID) {
		for _, l := range lists {
			for _, g := range l {
				m[g] = name
			}
		}
	}
	for _, n := range c.nodes {
		add(NodeName{n.namespace, n.name}, n.readerIDs(), n.writerIDs())
	}
	for _, q := range c.peers {
		for i := range q.nodes {
			n := &q.nodes[i]
			add(NodeName{n.namespace, n.name}, n.readers, n.writers)
		}
	}
	return m
}
