package rtps

import "sort"

// change is one sample in a writer's history.
type change struct {
	sn       SeqNum
	stampNs  int64
	buf      []byte // encapsulated sample; of a disposal, the serialised key
	disposal bool
	key      [16]byte // of a disposal: the key hash

	pins int  // jobs that still send it
	gone bool // no longer in the history
}

func (c *change) disposed() *[16]byte {
	if c.disposal {
		return &c.key
	}
	return nil
}

// history is a ring of changes in the order of their sequence numbers, which may have holes.
type history struct {
	ring []*change // length is a power of two, or zero
	head int
	n    int
}

func (h *history) at(i int) *change { return h.ring[(h.head+i)&(len(h.ring)-1)] }

func (h *history) push(c *change) {
	if h.n == len(h.ring) {
		bigger := make([]*change, max(8, 2*len(h.ring)))
		for i := range h.n {
			bigger[i] = h.at(i)
		}
		h.ring, h.head = bigger, 0
	}
	h.ring[(h.head+h.n)&(len(h.ring)-1)] = c
	h.n++
}

// remove takes out the i-th change.
func (h *history) remove(i int) *change {
	c := h.at(i)
	mask := len(h.ring) - 1
	if i == 0 {
		h.ring[h.head] = nil
		h.head = (h.head + 1) & mask
	} else {
		for ; i < h.n-1; i++ {
			h.ring[(h.head+i)&mask] = h.at(i + 1)
		}
		h.ring[(h.head+h.n-1)&mask] = nil
	}
	h.n--
	return c
}

// find returns the change with sn and its place, or nil and the place of the first later one.
func (h *history) find(sn SeqNum) (*change, int) {
	if h.n == 0 || sn < h.at(0).sn {
		return nil, 0
	}
	// Without holes the place follows from the number.
	if i := sn - h.at(0).sn; i < SeqNum(h.n) && h.at(int(i)).sn == sn {
		return h.at(int(i)), int(i)
	}
	i := sort.Search(h.n, func(i int) bool { return h.at(i).sn >= sn })
	if i < h.n && h.at(i).sn == sn {
		return h.at(i), i
	}
	return nil, i
}
