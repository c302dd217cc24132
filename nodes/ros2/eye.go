package ros2

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"robotd/body"
	"robotd/ros2"
	"robotd/ros2/msg/sensor_msgs"
)

// Eye is a camera on the graph: topic camera/image_raw. Take is for one goroutine; pictures come in on the graph's own.
type Eye struct {
	node *ros2.Node // of its own; nil: somebody else's

	mu    sync.Mutex
	image body.Image
	seen  bool // image was not taken yet

	images    atomic.Uint64
	badImages atomic.Uint64
	lastBad   atomic.Pointer[string]
}

// OpenEye makes a node called name that sees. It leaves the graph when ctx is done, or by Close.
func OpenEye(ctx context.Context, name string, o ros2.Options) (*Eye, error) {
	node, err := ros2.NewNode(ctx, name, o)
	if err != nil {
		return nil, err
	}
	e := &Eye{node: node}
	if err := e.open(node); err != nil {
		return nil, errors.Join(err, node.Close())
	}
	return e, nil
}

func (e *Eye) open(n *ros2.Node) error {
	_, err := ros2.NewSubscription(n, "camera/image_raw", ros2.SensorData, func(m *sensor_msgs.Image, _ ros2.Info) { e.picture(m) })
	return err
}

func (e *Eye) picture(m *sensor_msgs.Image) {
	e.mu.Lock()
	err := readImage(m, &e.image)
	e.seen = e.seen || err == nil
	e.mu.Unlock()
	if err != nil {
		e.badImages.Add(1)
		text := err.Error()
		e.lastBad.Store(&text)
		return
	}
	e.images.Add(1)
}

// Take copies the newest picture that was not taken yet; false when there is none.
func (e *Eye) Take(out *body.Image) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.seen {
		return false
	}
	e.seen = false
	out.StampNs, out.Width, out.Height = e.image.StampNs, e.image.Width, e.image.Height
	out.RGB = append(out.RGB[:0], e.image.RGB...)
	return true
}

// Images tells how many pictures came, how many were refused, and why the last of those.
func (e *Eye) Images() (taken, refused uint64, why string) {
	if p := e.lastBad.Load(); p != nil {
		why = *p
	}
	return e.images.Load(), e.badImages.Load(), why
}

// Close leaves the graph, if the node is its own.
func (e *Eye) Close() error {
	if e.node == nil {
		return nil
	}
	return e.node.Close()
}
