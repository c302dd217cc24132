package ros2

import (
	"fmt"
	"sync"
	"time"

	"robotd/ros2/cdr"
	"robotd/ros2/msg"
	"robotd/ros2/rtps"
)

// Publisher sends messages of type T, a pointer to a generated message, on one topic.
type Publisher[T msg.Message] struct{ raw RawPublisher }

// NewPublisher makes a publisher; topic is resolved as rcl does ("/a", "a" in the namespace, "~/a" under the node).
func NewPublisher[T msg.Message](n *Node, topic string, q QoS) (*Publisher[T], error) {
	var m T // generated methods of type and hash do not look at their receiver
	p := &Publisher[T]{}
	if err := p.raw.open(n, topic, m.TypeName(), m.TypeHash(), q); err != nil {
		return nil, err
	}
	return p, nil
}

// Publish sends m, which is not kept. It does not wait for subscribers: large messages leave in the background, and of a
// publisher that is faster than they can leave, the oldest waiting beyond the depth are dropped.
func (p *Publisher[T]) Publish(m T) error {
	p.raw.mu.Lock()
	defer p.raw.mu.Unlock()
	var err error
	if p.raw.buf, err = cdr.Append(p.raw.buf[:0], m); err != nil {
		return fmt.Errorf("ros2: %s is published cut: %w", p.raw.topic, err)
	}
	return p.raw.write(p.raw.buf)
}

// Subscribers is how many subscriptions are matched.
func (p *Publisher[T]) Subscribers() int { return p.raw.Subscribers() }

// Topic is the resolved name.
func (p *Publisher[T]) Topic() string { return p.raw.topic }

// GID identifies the publisher in the graph.
func (p *Publisher[T]) GID() GID { return p.raw.GID() }

// Close takes the publisher out of the graph.
func (p *Publisher[T]) Close() error { return p.raw.Close() }

// RawPublisher sends messages that are serialised already, as a player of recordings has them.
type RawPublisher struct {
	node  *Node
	topic string
	w     *rtps.Writer

	mu  sync.Mutex // one sample at a time, in order
	buf []byte
	out rtps.Outbox
}

// GID identifies an endpoint (rmw_gid_t); the first 12 bytes are the participant's.
type GID [16]byte

// NewRawPublisher makes a publisher of a type known by name ("sensor_msgs/msg/Imu") and hash, which may be empty.
func NewRawPublisher(n *Node, topic, typeName, hash string, q QoS) (*RawPublisher, error) {
	p := &RawPublisher{}
	if err := p.open(n, topic, typeName, hash, q); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *RawPublisher) open(n *Node, topic, typeName, hash string, q QoS) (err error) {
	p.node = n
	p.w, p.topic, err = n.newWriter(topic, typeName, hash, q)
	return err
}

// Publish sends one message; payload begins with the encapsulation header and is not kept.
func (p *RawPublisher) Publish(payload []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.write(payload)
}

func (p *RawPublisher) write(payload []byte) error {
	c := p.node.c
	stampNs := time.Now().UnixNano()
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return ErrClosed
	}
	c.p.Recycle(&p.out)
	err := p.w.Write(payload, stampNs, c.nowNs(), &p.out)
	c.settleLocked(&p.out)
	c.mu.Unlock()
	c.flush(&p.out)
	return err
}

// Subscribers is how many subscriptions are matched.
func (p *RawPublisher) Subscribers() int {
	p.node.c.mu.Lock()
	defer p.node.c.mu.Unlock()
	return p.w.Readers()
}

// Topic is the resolved name.
func (p *RawPublisher) Topic() string { return p.topic }

// GID identifies the publisher in the graph.
func (p *RawPublisher) GID() GID { return p.w.Data.GUID.Bytes() }

// Close takes the publisher out of the graph.
func (p *RawPublisher) Close() error {
	p.node.removeWriter(p.w)
	return nil
}
