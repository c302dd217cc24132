//go:build !linux

package shm

// Create needs Linux.
func Create(string, ...Part) (*Region, error) { return nil, ErrUnsupported }

// Open needs Linux.
func Open(uintptr, ...Part) (*Region, error) { return nil, ErrUnsupported }

// Close has nothing to close: there is no region.
func (r *Region) Close() error { return ErrUnsupported }
