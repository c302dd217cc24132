package shm

import (
	"fmt"
	"hash/fnv"
	"math/bits"
	"reflect"
)

// Bounds of a region.
const (
	slotsLatest = 4 // a reader is only overtaken when the writer stores three more frames while it copies one
	slotsMost   = 1 << 16
	regionMost  = 1 << 30 // bytes
)

const (
	lineBytes = 64
	wordBytes = 8
	lineWords = lineBytes / wordBytes
)

// Part is an entry of a region's table of contents.
type Part struct {
	kind  string
	name  string
	slots int
	value *layout
	err   error

	at int // word of the region at which it begins
}

// LatestPart is a place for the newest value of a T. T holds numbers, bools, fixed arrays and structs of them.
func LatestPart[T any](name string) Part { return newPart[T]("latest", name, slotsLatest) }

// RingPart is a stream of T: a reader that lags by fewer than slots values misses none. Slots is a power of two.
func RingPart[T any](name string, slots int) Part { return newPart[T]("ring", name, slots) }

func newPart[T any](kind, name string, slots int) Part {
	p := Part{kind: kind, name: name, slots: slots}
	p.value, p.err = layoutOf(reflect.TypeFor[T]())
	switch {
	case p.err != nil:
	case name == "":
		p.err = fmt.Errorf("shm: a %s without a name", kind)
	case slots < slotsLatest || slots > slotsMost || bits.OnesCount(uint(slots)) != 1:
		p.err = fmt.Errorf("shm: %s %s of %d slots: want a power of two from %d to %d", kind, name, slots, slotsLatest, slotsMost)
	}
	return p
}

// slotWords is the length of a slot.
func (p *Part) slotWords() int {
	return lines(frameHeader+(p.value.bytes+wordBytes-1)/wordBytes) * lineWords
}

// words is the length of the part.
func (p *Part) words() int { return lineWords + p.slots*p.slotWords() }

// lines is how many cache lines n words fill.
func lines(n int) int { return (n + lineWords - 1) / lineWords }

// contents places the parts one behind the other. It returns them with the region's length and the hash of their table.
func contents(parts []Part) (placed []Part, bytes int, hash uint64, err error) {
	table := fnv.New64a()
	at := lineWords
	seen := map[string]bool{}
	for _, p := range parts {
		if p.err != nil {
			return nil, 0, 0, p.err
		}
		if seen[p.name] {
			return nil, 0, 0, fmt.Errorf("shm: two parts are called %s", p.name)
		}
		seen[p.name] = true
		p.at = at
		at += p.words()
		if at > regionMost/wordBytes {
			return nil, 0, 0, fmt.Errorf("shm: with %s the region is larger than %d bytes", p.name, regionMost)
		}
		fmt.Fprintf(table, "%s %q %d %s\n", p.kind, p.name, p.slots, p.value.text)
		placed = append(placed, p)
	}
	if len(placed) == 0 {
		return nil, 0, 0, fmt.Errorf("shm: a region without parts")
	}
	return placed, at * wordBytes, table.Sum64(), nil
}
