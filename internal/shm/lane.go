package shm

import (
	"hash/crc32"
	"sync/atomic"
	"unsafe"
)

// Words of a frame's header.
const (
	frameSum = iota
	frameVersioned
	frameEpoch
	frameSeq
	frameStamp
	frameValid
	frameHeader
)

// frameVersion is of the frame's header.
const frameVersion = 1

// attempts that a reader makes before it calls a frame torn: it must be overtaken by three frames at each.
const attempts = 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// lane is a part as one process sees it: the shared words and a private frame. It serves one goroutine.
type lane struct {
	head  *uint64
	slots []uint64 // shared
	each  int      // words of a slot
	mask  uint64   // number of slots − 1
	bools []int
	size  int      // of the value, bytes
	kind  uint64   // the frame's version word
	frame []uint64 // private: header and value of the frame at hand
	bytes []byte   // the same memory

	epoch, seq uint64 // as writer; epoch 0: none
}

func newLane(r *Region, p *Part) *lane {
	words := r.words[p.at : p.at+p.words()]
	l := &lane{head: &words[0], slots: words[lineWords:], each: p.slotWords(), mask: uint64(p.slots - 1), bools: p.value.bools,
		size: p.value.bytes, kind: frameVersion<<32 | uint64(p.value.sum())}
	l.frame = make([]uint64, frameHeader+(p.value.bytes+wordBytes-1)/wordBytes)
	l.bytes = unsafe.Slice((*byte)(unsafe.Pointer(&l.frame[0])), len(l.frame)*wordBytes)
	return l
}

// The head holds an epoch of 24 bits and a sequence number of 40 (34 years of milliseconds). It is scrambled by an odd factor,
// so that a flipped bit points to a frame that does not exist instead of one before or after.
const (
	seqBits   = 40
	epochMost = 1<<24 - 1
	scramble  = 0x9e3779b97f4a7c15
	restore   = 0xf1de83e19937733d // its inverse modulo 2⁶⁴
)

func seal(epoch, seq uint64) uint64 { return (epoch<<seqBits | seq&(1<<seqBits-1)) * scramble }

func unseal(head uint64) (epoch, seq uint64) {
	head *= restore
	return head >> seqBits, head & (1<<seqBits - 1)
}

// newest returns who may write and the newest whole frame.
func (l *lane) newest() (epoch, seq uint64) { return unseal(atomic.LoadUint64(l.head)) }

// claim makes this process the writer, with an epoch above all before. It returns what the head was.
func (l *lane) claim() (epoch, seq uint64, err error) {
	for {
		old := atomic.LoadUint64(l.head)
		epoch, seq = unseal(old)
		if epoch >= epochMost {
			return 0, 0, ErrEpochs
		}
		if atomic.CompareAndSwapUint64(l.head, old, seal(epoch+1, seq)) {
			l.epoch, l.seq = epoch+1, seq
			return epoch, seq, nil
		}
	}
}

// inherit publishes the newest frame of the writer before, if it is good, as the first of this one.
func (l *lane) inherit(epoch, seq uint64) {
	l.copyIn(seq)
	if l.check(epoch, seq) == nil {
		_ = l.publish() // locked out again already: the next writer inherits in its turn
	}
}

// slot returns the shared words of frame seq, header and value.
func (l *lane) slot(seq uint64) []uint64 {
	at := int(seq&l.mask) * l.each
	return l.slots[at : at+len(l.frame)]
}

// store publishes the value, of size bytes, as the next frame.
func (l *lane) store(value unsafe.Pointer, stampNs, validUntilNs int64) error {
	if l.epoch == 0 || atomic.LoadUint64(l.head) != seal(l.epoch, l.seq) {
		return ErrLockedOut
	}
	l.frame[frameStamp], l.frame[frameValid] = uint64(stampNs), uint64(validUntilNs)
	copy(l.bytes[frameHeader*wordBytes:], unsafe.Slice((*byte)(value), l.size))
	return l.publish()
}

// publish makes stamps and value of the private frame the next frame.
func (l *lane) publish() error {
	f := l.frame
	f[frameVersioned], f[frameEpoch], f[frameSeq] = l.kind, l.epoch, l.seq+1
	f[frameSum] = l.sum()
	storeWords(l.slot(l.seq+1), f)
	if !atomic.CompareAndSwapUint64(l.head, seal(l.epoch, l.seq), seal(l.epoch, l.seq+1)) {
		return ErrLockedOut
	}
	l.seq++
	return nil
}

// sum is the checksum of the private frame.
func (l *lane) sum() uint64 { return uint64(crc32.Checksum(l.bytes[wordBytes:], castagnoli)) }

// fetch copies frame seq of the writer with that epoch into the private frame and checks it.
func (l *lane) fetch(epoch, seq uint64) error {
	l.copyIn(seq)
	if e, s := l.newest(); e != epoch || s-seq >= l.mask {
		return ErrTorn
	}
	return l.check(epoch, seq)
}

// copyIn copies frame seq, whatever it is, into the private frame.
func (l *lane) copyIn(seq uint64) {
	shared := l.slot(seq)
	for i := range shared {
		l.frame[i] = atomic.LoadUint64(&shared[i])
	}
}

// check judges the private frame, which ought to be number seq of the writer with that epoch.
func (l *lane) check(epoch, seq uint64) error {
	f := l.frame
	switch {
	case f[frameSum] != l.sum():
		return ErrCorrupt
	case f[frameVersioned] != l.kind:
		return ErrVersion
	case f[frameSeq] != seq || f[frameEpoch] > epoch:
		return ErrCorrupt
	case f[frameEpoch] < epoch:
		return ErrReplaced
	}
	value := l.bytes[frameHeader*wordBytes:]
	for _, at := range l.bools {
		if value[at] > 1 { // a Go program is free to do anything with such a bool
			return ErrCorrupt
		}
	}
	return nil
}

// take hands out the private frame, which fetch found good.
func (l *lane) take(value unsafe.Pointer) Stamp {
	copy(unsafe.Slice((*byte)(value), l.size), l.bytes[frameHeader*wordBytes:])
	f := l.frame
	return Stamp{Epoch: f[frameEpoch], Seq: f[frameSeq], StampNs: int64(f[frameStamp]), ValidUntilNs: int64(f[frameValid])}
}
