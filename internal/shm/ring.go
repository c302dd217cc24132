package shm

import "unsafe"

// Ring is a stream of T from one writer to one reader. The writer never waits: a reader that falls behind loses the oldest
// values, and knows how many. A handle serves one goroutine.
type Ring[T any] struct {
	lane    *lane
	read    uint64 // sequence number of the last value read or lost
	dropped uint64
}

// OpenRing finds the stream of that name in the region. A reader begins with the oldest value that is still there.
func OpenRing[T any](r *Region, name string) (*Ring[T], error) {
	p, err := r.find(RingPart[T](name, slotsLatest)) // of any length
	if err != nil {
		return nil, err
	}
	g := &Ring[T]{lane: newLane(r, p)}
	_, seq := g.lane.newest()
	g.read = seq - min(seq, g.room())
	return g, nil
}

// room is how many values a reader may lag: the slot after the newest is the writer's.
func (g *Ring[T]) room() uint64 { return g.lane.mask }

// Claim makes this handle the writer and locks every other one out. What they stored and nobody has read is lost, and counts
// as dropped: whoever starts a new writer reads to the end first.
func (g *Ring[T]) Claim() error {
	_, _, err := g.lane.claim()
	return err
}

// Store appends a value, as Latest.Store.
func (g *Ring[T]) Store(v *T, stampNs, validUntilNs int64) error {
	return g.lane.store(unsafe.Pointer(v), stampNs, validUntilNs)
}

// Dropped counts the values that this reader has lost: it lagged, they were damaged, or their writer was replaced.
func (g *Ring[T]) Dropped() uint64 { return g.dropped }

// Next copies the oldest unread value into v. It returns ErrEmpty when there is none; ErrCorrupt, ErrVersion or ErrReplaced for
// one that is lost, after which the next call goes on behind it; ErrTorn when the writer is faster than it can copy. On an
// error v is what it was before.
func (g *Ring[T]) Next(v *T) (Stamp, error) {
	for try := 0; try < attempts; try++ {
		epoch, newest := g.lane.newest()
		switch {
		case epoch == 0 || newest == g.read:
			return Stamp{}, ErrEmpty
		case newest < g.read: // no writer goes back
			return Stamp{}, ErrCorrupt
		}
		g.skip(newest)
		err := g.lane.fetch(epoch, g.read+1)
		if err == ErrTorn {
			continue
		}
		g.read++
		if err != nil {
			g.dropped++
			return Stamp{}, err
		}
		return g.lane.take(unsafe.Pointer(v)), nil
	}
	return Stamp{}, ErrTorn
}

// skip passes over what the writer has overwritten.
func (g *Ring[T]) skip(newest uint64) {
	if behind := newest - g.read; behind > g.room() {
		g.dropped += behind - g.room()
		g.read = newest - g.room()
	}
}
