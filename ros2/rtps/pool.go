package rtps

import "math/bits"

// pool keeps sample buffers by powers of two, so that steady traffic allocates nothing.
type pool struct {
	free [26][][]byte
}

const (
	poolMinBits = 8
	// A class of buffers keeps at most this many bytes, and always room for poolMinKept buffers.
	poolClassBytes = 4 << 20
	poolMinKept    = 4
)

func poolClass(n int) int { return max(bits.Len(uint(max(n, 1)-1)), poolMinBits) }

// get returns a buffer of n bytes with undefined content.
func (p *pool) get(n int) []byte {
	c := poolClass(n)
	if c >= len(p.free) {
		return make([]byte, n)
	}
	if k := len(p.free[c]); k > 0 {
		b := p.free[c][k-1]
		p.free[c] = p.free[c][:k-1]
		return b[:n]
	}
	return make([]byte, n, 1<<c)
}

func (p *pool) put(b []byte) {
	c := poolClass(cap(b))
	if cap(b) == 0 || c >= len(p.free) || cap(b) != 1<<c {
		return
	}
	if k := len(p.free[c]); k < poolMinKept || k<<c < poolClassBytes {
		p.free[c] = append(p.free[c], b)
	}
}
