package tensor

import "unsafe"

// panel is the number of columns of one packed panel, the same for every kernel form, so that a packed
// matrix does not depend on the machine.
const panel = 32

// Packed is the right-hand matrix B (K x N) of a product, laid out for the kernels: panels of 32 columns,
// each panel K rows of 32 consecutive floats, the last panel filled up with zeros, 64-byte aligned. It is
// read-only in products, so many goroutines may share one. The zero value is empty and ready for Pack.
type Packed struct {
	K, N int
	data []float32
}

// Pack lays out b (K x N). It allocates only when b is larger than anything packed here before.
func (p *Packed) Pack(b Mat) {
	b.check("Pack")
	p.resize(b.Rows, b.Cols)
	for j := 0; j < p.N; j += panel {
		w := min(panel, p.N-j)
		dst := p.data[j*p.K:]
		for k := range p.K {
			row := dst[k*panel : k*panel+panel]
			copy(row[:w], b.Data[k*b.Stride+j:])
			clear(row[w:])
		}
	}
}

// PackT lays out the transpose of bt (N x K), as in y = x·Wᵀ with W [out][in].
func (p *Packed) PackT(bt Mat) {
	bt.check("PackT")
	p.resize(bt.Cols, bt.Rows)
	for j := 0; j < p.N; j += panel {
		w := min(panel, p.N-j)
		dst := p.data[j*p.K : j*p.K+panel*p.K]
		if w < panel {
			clear(dst)
		}
		transposePanel(dst, bt.Data[j*bt.Stride:], w, p.K, bt.Stride)
	}
}

// transposePanel writes dst[k*panel+c] = src[c*stride+k] for c < w, k < depth.
func transposePanel(dst, src []float32, w, depth, stride int) {
	c := 0
	for ; c+4 <= w; c += 4 {
		r0 := src[c*stride:][:depth]
		r1 := src[(c+1)*stride:][:depth]
		r2 := src[(c+2)*stride:][:depth]
		r3 := src[(c+3)*stride:][:depth]
		for k := range r0 {
			d := dst[k*panel+c : k*panel+c+4 : k*panel+c+4]
			d[0], d[1], d[2], d[3] = r0[k], r1[k], r2[k], r3[k]
		}
	}
	for ; c < w; c++ {
		for k, v := range src[c*stride:][:depth] {
			dst[k*panel+c] = v
		}
	}
}

// resize makes room for k x n, keeping the buffer when it is large enough.
func (p *Packed) resize(k, n int) {
	p.K, p.N = k, n
	need := (n + panel - 1) / panel * panel * k
	if cap(p.data) < need {
		p.data = Aligned(need)
	}
	p.data = p.data[:need]
}

// Aligned allocates n zeroed floats that start on a 64-byte border (a cache line, an AVX-512 vector).
func Aligned(n int) []float32 {
	const line = 16
	buf := make([]float32, n+line)
	off := 0
	if n > 0 {
		off = int(-uintptr(unsafe.Pointer(&buf[0]))%64) / 4
	}
	return buf[off : off+n : off+n]
}
