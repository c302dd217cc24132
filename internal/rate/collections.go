package rate

import (
	"runtime"
	"sync/atomic"
)

// Collections counts the heap's collections from now on, and costs nothing while there are none: a loop may read it, where
// ReadCounts would allocate.
func Collections() *atomic.Uint64 {
	n := new(atomic.Uint64)
	var arm func(*collected)
	arm = func(c *collected) {
		n.Add(1)
		runtime.SetFinalizer(c, arm)
	}
	runtime.SetFinalizer(new(collected), arm)
	return n
}

// collected is an object that nobody holds: every collection finds it, and its finalizer lets it live until the next one. It is
// larger than what the allocator packs together with other objects.
type collected struct{ _ [8]*byte }
