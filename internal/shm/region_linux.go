package shm

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// A sealed region keeps its length for ever: a neighbour that cut it short would kill every process that reads it.
const seals = unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL

// Create makes a new region. The name is shown in /proc only.
func Create(name string, parts ...Part) (*Region, error) {
	_, bytes, _, err := contents(parts)
	if err != nil {
		return nil, err
	}
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING|unix.MFD_NOEXEC_SEAL)
	if errors.Is(err, unix.EINVAL) { // Linux before 6.3 does not know the last flag
		fd, err = unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	}
	if err != nil {
		return nil, fmt.Errorf("shm: memfd_create: %w", err)
	}
	f := os.NewFile(uintptr(fd), name)
	if err := f.Truncate(int64(bytes)); err != nil {
		f.Close()
		return nil, fmt.Errorf("shm: %d bytes of shared memory: %w", bytes, err)
	}
	if _, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seals); err != nil {
		f.Close()
		return nil, fmt.Errorf("shm: sealing: %w", err)
	}
	return open(f, bytes, true, parts)
}

// Open maps the region behind an inherited descriptor, which it takes over. Its table of contents must be exactly parts.
func Open(fd uintptr, parts ...Part) (*Region, error) {
	f := os.NewFile(fd, "shm")
	if f == nil {
		return nil, fmt.Errorf("shm: %d is no descriptor", int(fd))
	}
	_, bytes, _, err := contents(parts)
	if err == nil {
		err = lasting(f, bytes)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	unix.CloseOnExec(int(fd))
	return open(f, bytes, false, parts)
}

// lasting refuses memory that is not of the length, or could cease to be.
func lasting(f *os.File, bytes int) error {
	got, err := unix.FcntlInt(f.Fd(), unix.F_GET_SEALS, 0)
	if err != nil {
		return fmt.Errorf("shm: the descriptor is no shared memory: %w", err)
	}
	if got&unix.F_SEAL_SHRINK == 0 {
		return errors.New("shm: the memory is not sealed: whoever cuts it short would kill its readers")
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() != int64(bytes) {
		return fmt.Errorf("%w: it has %d bytes, this process expects %d", ErrMismatch, info.Size(), bytes)
	}
	return nil
}

// open maps f. Every page is there before it returns.
func open(f *os.File, bytes int, fresh bool, parts []Part) (*Region, error) {
	memory, err := unix.Mmap(int(f.Fd()), 0, bytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("shm: mapping %d bytes: %w", bytes, err)
	}
	r, err := attach(memory, fresh, parts)
	if err != nil {
		f.Close()
		return nil, errors.Join(err, unix.Munmap(memory))
	}
	r.file = f
	return r, nil
}

// Close unmaps the region: nothing that was opened in it may be used any more.
func (r *Region) Close() error {
	return errors.Join(unix.Munmap(r.memory), r.file.Close())
}
