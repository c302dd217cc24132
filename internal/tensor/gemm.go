package tensor

import "fmt"

// rowBlock is how many rows of A are taken through all panels before the next rows, so that they stay in
// the level-2 cache.
const rowBlock = 192

// MulPacked computes C = A·B + bias (bias has N floats and is added to each row; nil means none).
// Every element is summed over k in ascending order in one accumulator, so a row of C has the same bytes
// whatever the number of rows around it.
func MulPacked(c, a Mat, b *Packed, bias []float32) {
	checkProduct("MulPacked", c, a.Rows, a.Cols, b)
	a.check("MulPacked")
	if bias != nil && len(bias) < b.N {
		panic(fmt.Sprintf("tensor: MulPacked: bias of %d floats for %d columns", len(bias), b.N))
	}
	sweep(c, operand{a.Data, a.Stride, 1}, b, start{bias: bias})
}

// MulPackedAdd computes C += A·B.
func MulPackedAdd(c, a Mat, b *Packed) {
	checkProduct("MulPackedAdd", c, a.Rows, a.Cols, b)
	a.check("MulPackedAdd")
	sweep(c, operand{a.Data, a.Stride, 1}, b, start{add: true})
}

// MulNN computes C = A·B, or C += A·B when add is set. A is M x K, B is K x N; scratch holds B packed.
func MulNN(c, a, b Mat, add bool, scratch *Packed) {
	scratch.Pack(b)
	checkProduct("MulNN", c, a.Rows, a.Cols, scratch)
	a.check("MulNN")
	sweep(c, operand{a.Data, a.Stride, 1}, scratch, start{add: add})
}

// MulNT computes C (+)= A·Bᵀ. A is M x K, B is N x K.
func MulNT(c, a, b Mat, add bool, scratch *Packed) {
	scratch.PackT(b)
	checkProduct("MulNT", c, a.Rows, a.Cols, scratch)
	a.check("MulNT")
	sweep(c, operand{a.Data, a.Stride, 1}, scratch, start{add: add})
}

// MulTN computes C (+)= Aᵀ·B. A is K x M, B is K x N.
func MulTN(c, a, b Mat, add bool, scratch *Packed) {
	scratch.Pack(b)
	checkProduct("MulTN", c, a.Cols, a.Rows, scratch)
	a.check("MulTN")
	sweep(c, operand{a.Data, 1, a.Stride}, scratch, start{add: add})
}

func checkProduct(who string, c Mat, m, k int, b *Packed) {
	c.check(who)
	if c.Rows != m || c.Cols != b.N || k != b.K {
		panic(fmt.Sprintf("tensor: %s: C %d x %d, A %d x %d, B %d x %d do not fit", who, c.Rows, c.Cols, m,
			k, b.K, b.N))
	}
}

// operand is A as the kernels read it: element (i, k) is data[i*row+k*col].
type operand struct {
	data     []float32
	row, col int
}

// start says what the accumulators hold before the first product: C itself, a bias, or zeros.
type start struct {
	add  bool
	bias []float32
}
