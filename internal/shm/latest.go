package shm

import "unsafe"

// Latest is a place for the newest value of a T, with one writer and any number of readers. A handle serves one goroutine;
// whoever needs more opens more.
type Latest[T any] struct{ lane *lane }

// OpenLatest finds the place of that name in the region.
func OpenLatest[T any](r *Region, name string) (*Latest[T], error) {
	p, err := r.find(LatestPart[T](name))
	if err != nil {
		return nil, err
	}
	return &Latest[T]{newLane(r, p)}, nil
}

// Claim makes this handle the writer and locks every other one out. The newest value stays, stamped as it was, and goes over to
// the new epoch; for the moment that this takes, readers are told ErrReplaced.
func (l *Latest[T]) Claim() error {
	epoch, seq, err := l.lane.claim()
	if err == nil && seq > 0 {
		l.lane.inherit(epoch, seq)
	}
	return err
}

// Store publishes a value of the time stampNs (monotonic), to be used until validUntilNs (0: without end). It fails with
// ErrLockedOut, having changed nothing that a reader sees, when this handle has not claimed the place or another one has since.
func (l *Latest[T]) Store(v *T, stampNs, validUntilNs int64) error {
	return l.lane.store(unsafe.Pointer(v), stampNs, validUntilNs)
}

// Load copies the newest value into v. On an error, ErrEmpty, ErrReplaced, ErrTorn, ErrCorrupt or ErrVersion, v is what it
// was before.
func (l *Latest[T]) Load(v *T) (Stamp, error) {
	err := ErrTorn
	for try := 0; try < attempts && err == ErrTorn; try++ {
		epoch, seq := l.lane.newest()
		if epoch == 0 || seq == 0 {
			return Stamp{}, ErrEmpty
		}
		err = l.lane.fetch(epoch, seq)
	}
	if err != nil {
		return Stamp{}, err
	}
	return l.lane.take(unsafe.Pointer(v)), nil
}
