// Package shm hands fixed-size frames from process to process through a shared memory that the kernel keeps under a file
// descriptor (memfd). The process that creates a region hands the descriptor to its children; every process of the same
// binary maps the same parts. After that nothing is allocated, locked or waited for.
//
// A region is a sequence of 64-bit words in the machine's own order:
//
//	0  magic, "robotshm"
//	1  version of this format
//	2  length of the region, bytes
//	3  hash of the table of contents: kind, name, slots and memory layout of every part
//	8… the parts, each at a multiple of 64 bytes
//
// A part is a head and a power of two of slots; frame number seq lies in slot seq mod slots:
//
//	0  head: who may write (epoch), and the newest frame that is whole (sequence number), in one word
//	8… slots, each at a multiple of 64 bytes:
//	   0  CRC32C of the words 1…, zero-extended
//	   1  version of the frame (high half) and checksum of the layout of its value (low half)
//	   2  epoch of its writer
//	   3  sequence number, from 1
//	   4  stamp, monotonic ns
//	   5  valid until, monotonic ns; 0: without end
//	   6… the value
//
// A writer fills the slot after the newest and then moves the head by one compare-and-swap, which fails when another
// writer has claimed the part in the meantime. So a writer that dies in the middle leaves the newest frame as it was; one
// that was replaced and goes on finds itself locked out, having spoilt at most one frame, which its epoch betrays. A reader
// copies first and then checks that the writer did not come round to the slot in the meantime (the sequence lock), checksum,
// version, epoch and sequence number.
//
// What comes out of Load and Next was stored whole by the present writer, or found whole by it. Whether it is true is for the
// reader to judge: a process that may write to a region can also lie in it.
package shm

import "errors"

// What reading, writing and opening can report. None of them is wrapped by Load, Next and Store, which allocate nothing.
var (
	ErrEmpty       = errors.New("shm: nothing stored yet")
	ErrReplaced    = errors.New("shm: the frame is of a writer that has been replaced")
	ErrTorn        = errors.New("shm: the frame was overwritten while it was read, at every attempt")
	ErrCorrupt     = errors.New("shm: the frame is damaged")
	ErrVersion     = errors.New("shm: the frame is of another version or layout")
	ErrLockedOut   = errors.New("shm: another writer has claimed this part")
	ErrEpochs      = errors.New("shm: this part has been claimed too often: make a new region")
	ErrMismatch    = errors.New("shm: the region was made by another version: all processes must run the same binary")
	ErrUnsupported = errors.New("shm: frames between processes need Linux: run everything in one process")
)

// Stamp is what a frame says about itself.
type Stamp struct {
	Epoch        uint64 // counts the writers of the part, from 1
	Seq          uint64 // counts its frames, from 1, on over all writers
	StampNs      int64  // the writer's time of the value, monotonic
	ValidUntilNs int64  // after which it must not be used, monotonic; 0: without end
}

// Expired reports whether the value has outlived itself at nowNs.
func (s Stamp) Expired(nowNs int64) bool { return s.ValidUntilNs != 0 && nowNs > s.ValidUntilNs }
