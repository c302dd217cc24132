package ros2

import (
	"context"
	"slices"
	"sync"

	"robotd/ros2/rtps"
)

// Node is a ROS 2 node: a name that owns publishers and subscriptions.
type Node struct {
	c         *Context
	own       bool // the context is closed with the node
	name      string
	namespace string

	// Endpoints, under the context's lock. A service has one of each.
	writers []*rtps.Writer
	readers []*rtps.Reader

	closing sync.Once
}

// NewNode makes a node, and unless o.Context is given, a Context for it. The node is closed when ctx is done.
func NewNode(ctx context.Context, name string, o Options) (*Node, error) {
	if err := checkToken("node name", name); err != nil {
		return nil, err
	}
	ns, err := cleanNamespace(o.Namespace)
	if err != nil {
		return nil, err
	}
	n := &Node{c: o.Context, name: name, namespace: ns}
	if n.c == nil {
		if n.c, err = NewContext(ctx, o); err != nil {
			return nil, err
		}
		n.own = true
	}
	err = n.c.update(func(nowNs int64, out *rtps.Outbox) error {
		n.c.nodes = append(n.c.nodes, n)
		n.c.publishNodes(nowNs, out)
		return nil
	})
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { n.Close() })
	return n, nil
}

// Name is the node's name without namespace.
func (n *Node) Name() string { return n.name }

// Namespace is the node's namespace, "/" or "/a/b".
func (n *Node) Namespace() string { return n.namespace }

// Context is what the node lives in.
func (n *Node) Context() *Context { return n.c }

// Close takes the node and its endpoints out of the graph, so that no ghost remains. It must not be called from a
// subscription's callback.
func (n *Node) Close() error {
	n.closing.Do(func() {
		if n.own {
			n.c.Close()
			return
		}
		_ = n.c.update(func(nowNs int64, out *rtps.Outbox) error {
			for _, w := range n.writers {
				n.c.p.RemoveWriter(w, nowNs, out)
			}
			for _, r := range n.readers {
				n.c.p.RemoveReader(r, nowNs, out)
			}
			n.writers, n.readers = nil, nil
			n.c.nodes = slices.DeleteFunc(n.c.nodes, func(o *Node) bool { return o == n })
			n.c.publishNodes(nowNs, out)
			return nil
		})
	})
	return nil
}

// newWriter makes a writer that belongs to the node.
func (n *Node) newWriter(topic, typeName, hash string, q QoS) (w *rtps.Writer, name string, err error) {
	if name, err = expandTopic(n.namespace, n.name, topic); err != nil {
		return nil, "", err
	}
	err = n.c.update(func(nowNs int64, out *rtps.Outbox) (err error) {
		w, err = n.c.p.NewWriter(rtps.WriterConfig{
			Topic: ddsTopic(name), Type: ddsType(typeName), QoS: q.rtps(), UserData: hashUserData(hash),
		}, nowNs, out)
		if err != nil {
			return err
		}
		n.writers = append(n.writers, w)
		n.c.publishNodes(nowNs, out)
		return nil
	})
	return w, name, err
}

// newReader makes a reader that belongs to the node; owner takes its samples.
func (n *Node) newReader(topic, typeName, hash string, q QoS, owner sink) (r *rtps.Reader, name string, err error) {
	if name, err = expandTopic(n.namespace, n.name, topic); err != nil {
		return nil, "", err
	}
	err = n.c.update(func(nowNs int64, out *rtps.Outbox) (err error) {
		r, err = n.c.p.NewReader(rtps.ReaderConfig{
			Topic: ddsTopic(name), Type: ddsType(typeName), QoS: q.rtps(), UserData: hashUserData(hash), Owner: owner,
		}, nowNs, out)
		if err != nil {
			return err
		}
		n.readers = append(n.readers, r)
		n.c.publishNodes(nowNs, out)
		return nil
	})
	return r, name, err
}

func (n *Node) removeWriter(w *rtps.Writer) {
	_ = n.c.update(func(nowNs int64, out *rtps.Outbox) error {
		n.c.p.RemoveWriter(w, nowNs, out)
		n.writers = slices.DeleteFunc(n.writers, func(o *rtps.Writer) bool { return o == w })
		n.c.publishNodes(nowNs, out)
		return nil
	})
}

func (n *Node) removeReader(r *rtps.Reader) {
	_ = n.c.update(func(nowNs int64, out *rtps.Outbox) error {
		n.c.p.RemoveReader(r, nowNs, out)
		n.readers = slices.DeleteFunc(n.readers, func(o *rtps.Reader) bool { return o == r })
		n.c.publishNodes(nowNs, out)
		return nil
	})
}

func (n *Node) writerIDs() (ids []rtps.GUID) {
	for _, w := range n.writers {
		ids = append(ids, w.Data.GUID)
	}
	return ids
}

func (n *Node) readerIDs() (ids []rtps.GUID) {
	for _, r := range n.readers {
		ids = append(ids, r.Data.GUID)
	}
	return ids
}
