package ros2

import (
	"reflect"
	"sync/atomic"
	"time"

	"robotd/ros2/cdr"
	"robotd/ros2/msg"
	"robotd/ros2/rtps"
)

// Info accompanies a received message.
type Info struct {
	Publisher  GID
	Sequence   int64 // the publisher's own count of its messages, from 1
	SourceNs   int64 // when it was published, Unix time of the publisher's clock; 0 when not sent
	ReceivedNs int64 // when it was received, Unix time of ours
}

// Subscription calls a function for every message of type T, a pointer to a generated message, on one topic.
type Subscription[T msg.Message] struct {
	base subscription
	m    T
	call func(m T, info Info)
}

// NewSubscription makes a subscription. call runs on the goroutine that receives: the other subscriptions of the Context
// wait for it, so it should be short. m is used again for the next message, so call must copy what it keeps.
func NewSubscription[T msg.Message](n *Node, topic string, q QoS, call func(m T, info Info)) (*Subscription[T], error) {
	s := &Subscription[T]{call: call}
	s.m = reflect.New(reflect.TypeFor[T]().Elem()).Interface().(T)
	if err := s.base.open(n, topic, s.m.TypeName(), s.m.TypeHash(), q, s); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Subscription[T]) take(d *rtps.Delivery) {
	info, ok := s.base.accept(d)
	if !ok {
		return
	}
	if err := cdr.Unmarshal(d.Payload, s.m); err != nil {
		s.base.malformed(d, err)
		return
	}
	s.call(s.m, info)
}

// Publishers is how many publishers are matched.
func (s *Subscription[T]) Publishers() int { return s.base.publishers() }

// Lost is how many messages a reliable subscription missed because their publisher no longer had them.
func (s *Subscription[T]) Lost() uint64 { return s.base.lost() }

// Topic is the resolved name.
func (s *Subscription[T]) Topic() string { return s.base.topic }

// Close ends the subscription. A call that is running is not waited for.
func (s *Subscription[T]) Close() error { return s.base.close() }

// RawSubscription calls a function with the serialised messages of one topic, as a recorder wants them.
type RawSubscription struct {
	base subscription
	call func(payload []byte, info Info)
}

// NewRawSubscription makes a subscription to a type known by name ("sensor_msgs/msg/Imu") and hash, which may be empty.
// payload begins with the encapsulation header; it must not be kept.
func NewRawSubscription(n *Node, topic, typeName, hash string, q QoS, call func(payload []byte, info Info)) (*RawSubscription, error) {
	s := &RawSubscription{call: call}
	if err := s.base.open(n, topic, typeName, hash, q, s); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *RawSubscription) take(d *rtps.Delivery) {
	if info, ok := s.base.accept(d); ok {
		s.call(d.Payload, info)
	}
}

// Publishers is how many publishers are matched.
func (s *RawSubscription) Publishers() int { return s.base.publishers() }

// Lost is how many messages a reliable subscription missed because their publisher no longer had them.
func (s *RawSubscription) Lost() uint64 { return s.base.lost() }

// Topic is the resolved name.
func (s *RawSubscription) Topic() string { return s.base.topic }

// Close ends the subscription. A call that is running is not waited for.
func (s *RawSubscription) Close() error { return s.base.close() }

// subscription is what both kinds share.
type subscription struct {
	node   *Node
	topic  string
	r      *rtps.Reader
	closed atomic.Bool
	warned bool
}

func (s *subscription) open(n *Node, topic, typeName, hash string, q QoS, owner sink) (err error) {
	s.node = n
	// Samples may come before newReader returns; the name is set first, as accept and malformed use it.
	if s.topic, err = expandTopic(n.namespace, n.name, topic); err != nil {
		return err
	}
	r, _, err := n.newReader(topic, typeName, hash, q, owner)
	s.r = r
	return err
}

func (s *subscription) accept(d *rtps.Delivery) (Info, bool) {
	return Info{
		Publisher: d.Writer.Bytes(), Sequence: int64(d.SN), SourceNs: d.StampNs, ReceivedNs: time.Now().UnixNano(),
	}, !s.closed.Load()
}

func (s *subscription) malformed(d *rtps.Delivery, err error) {
	if !s.warned {
		s.warned = true
		s.node.c.log.Warn("ros2: a message cannot be read; further ones on this topic are dropped in silence",
			"topic", s.topic, "publisher", d.Writer.String(), "error", err)
	}
}

func (s *subscription) publishers() int {
	s.node.c.mu.Lock()
	defer s.node.c.mu.Unlock()
	return s.r.Writers()
}

func (s *subscription) lost() uint64 {
	s.node.c.mu.Lock()
	defer s.node.c.mu.Unlock()
	return s.r.Lost()
}

func (s *subscription) close() error {
	if !s.closed.Swap(true) {
		s.node.removeReader(s.r)
	}
	return nil
}
