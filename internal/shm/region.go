package shm

import (
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"
)

// Words of the region's header.
const (
	wordMagic = iota
	wordVersion
	wordBytesLong
	wordContents
)

const (
	magic         = 0x6d6873746f626f72 // "robotshm", read little-endian
	regionVersion = 1
)

// Region is a shared memory with its parts. Its methods are safe for concurrent use.
type Region struct {
	memory []byte
	words  []uint64 // the same memory
	parts  []Part
	file   *os.File
}

// File returns the region's descriptor, to be handed to a child by exec.Cmd.ExtraFiles. The region keeps and closes it.
func (r *Region) File() *os.File { return r.file }

// attach takes memory as a region of these parts: a new one is written, an old one must be the same.
func attach(memory []byte, fresh bool, parts []Part) (*Region, error) {
	placed, bytes, hash, err := contents(parts)
	if err != nil {
		return nil, err
	}
	if len(memory) != bytes {
		return nil, fmt.Errorf("%w: it has %d bytes, this process expects %d", ErrMismatch, len(memory), bytes)
	}
	r := &Region{memory: memory, parts: placed,
		words: unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(memory))), bytes/wordBytes)}
	header := [...]struct {
		what string
		want uint64
	}{wordMagic: {"magic", magic}, wordVersion: {"version", regionVersion}, wordBytesLong: {"length", uint64(bytes)}, wordContents: {"table of contents", hash}}
	for i, h := range header {
		if fresh {
			atomic.StoreUint64(&r.words[i], h.want)
		} else if got := atomic.LoadUint64(&r.words[i]); got != h.want {
			return nil, fmt.Errorf("%w: its %s is %#x, this process expects %#x", ErrMismatch, h.what, got, h.want)
		}
	}
	return r, nil
}

// find returns a part, which must be what the caller takes it for.
func (r *Region) find(want Part) (*Part, error) {
	if want.err != nil {
		return nil, want.err
	}
	for i := range r.parts {
		p := &r.parts[i]
		if p.name != want.name {
			continue
		}
		if p.kind != want.kind || p.value.text != want.value.text {
			return nil, fmt.Errorf("shm: part %s is a %s of another type", p.name, p.kind)
		}
		return p, nil
	}
	return nil, fmt.Errorf("shm: the region has no part %s", want.name)
}
