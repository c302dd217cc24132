package rtps

// SeqNum is a sequence number (8.3.5.4): the first sample of a writer has 1.
type SeqNum int64

// SeqSet is a set of up to 256 sequence numbers from Base on (8.3.5.5).
type SeqSet struct {
	Base    SeqNum
	NumBits uint32
	Bits    [8]uint32
}

// Has tells whether sn is in the set.
func (s *SeqSet) Has(sn SeqNum) bool {
	i := sn - s.Base
	return i >= 0 && i < SeqNum(s.NumBits) && s.Bits[i/32]&(1<<(31-i%32)) != 0
}

// Add puts sn into the set and reports whether it fitted.
func (s *SeqSet) Add(sn SeqNum) bool {
	i := sn - s.Base
	if i < 0 || i >= 256 {
		return false
	}
	s.Bits[i/32] |= 1 << (31 - i%32)
	s.NumBits = max(s.NumBits, uint32(i)+1)
	return true
}

// FragSet is a set of up to 256 fragment numbers from Base on (8.3.5.7). Fragments count from 1.
type FragSet struct {
	Base    uint32
	NumBits uint32
	Bits    [8]uint32
}

// Has tells whether fragment n is in the set.
func (s *FragSet) Has(n uint32) bool {
	i := n - s.Base
	return n >= s.Base && i < s.NumBits && s.Bits[i/32]&(1<<(31-i%32)) != 0
}

// Add puts fragment n into the set and reports whether it fitted.
func (s *FragSet) Add(n uint32) bool {
	i := n - s.Base
	if n < s.Base || i >= 256 {
		return false
	}
	s.Bits[i/32] |= 1 << (31 - i%32)
	s.NumBits = max(s.NumBits, i+1)
	return true
}
