package tensor

import "unsafe"

// sweep computes C (+)= A·B (+ bias) tile by tile: blocks of rows, in them panels of B, in them tiles of
// rows.
func sweep(c Mat, a operand, b *Packed, st start) {
	if active == Generic || c.Rows == 0 || b.N == 0 {
		sweepGeneric(c, a, b, st)
		return
	}
	t := tiler{c: c, a: a, b: b, st: st}
	for i0 := 0; i0 < c.Rows; i0 += rowBlock {
		i1 := min(i0+rowBlock, c.Rows)
		for j := 0; j < b.N; j += panel {
			if active == AVX512 {
				t.rows512(i0, i1, j)
			} else {
				t.rows256(i0, i1, j)
				t.rows256(i0, i1, j+8*2)
			}
		}
	}
}

// tiler walks one product.
type tiler struct {
	c  Mat
	a  operand
	b  *Packed
	st start
}

var zeros [panel]float32

// from is where the accumulators of rows i... and columns j... start, and the distance of its rows in
// bytes.
func (t *tiler) from(i, j int) (*float32, int) {
	switch {
	case t.st.add:
		return at(t.c.Data, i*t.c.Stride+j), 4 * t.c.Stride
	case t.st.bias != nil:
		return at(t.st.bias, j), 0
	}
	return &zeros[0], 0
}

// at is the address of s[i]; shapes were checked at the exported functions.
func at(s []float32, i int) *float32 {
	return (*float32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(s)), 4*i))
}

// rows512 computes rows [i, end) of the panel that starts at column j.
func (t *tiler) rows512(i, end, j int) {
	cols := min(panel, t.b.N-j)
	mask := uint32(1)<<cols - 1 // 32 columns: the shift gives 0, minus 1 all ones
	b := at(t.b.data, j*t.b.K)
	aRow, aCol, cRow := 4*t.a.row, 4*t.a.col, 4*t.c.Stride
	for i < end {
		from, fromRow := t.from(i, j)
		a, c := at(t.a.data, i*t.a.row), at(t.c.Data, i*t.c.Stride+j)
		n := tileRows512(end - i)
		i += n
		if cols > 16 {
			tile512(n, a, aRow, aCol, b, t.b.K, from, fromRow, c, cRow, mask)
		} else {
			tile512Half(n, a, aRow, aCol, b, t.b.K, from, fromRow, c, cRow, mask)
		}
	}
}

// tileRows512 is the tallest tile for the rows left.
func tileRows512(left int) int {
	for _, n := range [...]int{12, 8, 4, 2} {
		if left >= n {
			return n
		}
	}
	return 1
}

func tile512(n int, a *float32, aRow, aCol int, b *float32, k int, from *float32, fromRow int, c *float32,
	cRow int, mask uint32) {
	switch n {
	case 12:
		tile12x32AVX512(a, aRow, aCol, b, k, from, fromRow, c, cRow, mask)
	case 8:
		tile8x32AVX512(a, aRow, aCol, b, k, from, fromRow, c, cRow, mask)
	case 4:
		tile4x32AVX512(a, aRow, aCol, b, k, from, fromRow, c, cRow, mask)
	case 2:
		tile2x32AVX512(a, aRow, aCol, b, k, from, fromRow, c, cRow, mask)
	default:
		tile1x32AVX512(a, aRow, aCol, b, k, from, fromRow, c, cRow, mask)
	}
}

func tile512Half(n int, a *float32, aRow, aCol int, b *float32, k int, from *float32, fromRow int,
	c *float32, cRow int, mask uint32) {
	switch n {
	case 12:
		tile12x16AVX512(a, aRow, aCol, b, k, from, fromRow, c, cRow, mask)
	case 8:
		tile8x16AVX512(a, aRow, aCol, b, k, from, fromRow, c, cRow, mask)
	case 4:
		tile4x16AVX512(a, aRow, aCol, b, k, from, fromRow, c, cRow, mask)
	case 2:
		tile2x16AVX512(a, aRow, aCol, b, k, from, fromRow, c, cRow, mask)
	default:
		tile1x16AVX512(a, aRow, aCol, b, k, from, fromRow, c, cRow, mask)
	}
}

// rows256 computes rows [i, end) of the half panel that starts at column j.
func (t *tiler) rows256(i, end, j int) {
	const half = panel / 2
	if j >= t.b.N {
		return
	}
	b := at(t.b.data, j/panel*panel*t.b.K+j%panel)
	aRow, aCol, cRow := 4*t.a.row, 4*t.a.col, 4*t.c.Stride
	var edge [6 * half]float32 // a tile at the right border goes through here: partial stores are slow
	for i < end {
		n := tileRows256(end - i)
		a := at(t.a.data, i*t.a.row)
		if cols := t.b.N - j; cols >= half {
			from, fromRow := t.from(i, j)
			tile256(n, a, aRow, aCol, b, t.b.K, from, fromRow, at(t.c.Data, i*t.c.Stride+j), cRow)
		} else {
			for r := range n {
				row := edge[r*half : r*half+cols]
				copy(row, t.c.Data[(i+r)*t.c.Stride+j:])
				t.st.fill(row, j)
			}
			tile256(n, a, aRow, aCol, b, t.b.K, &edge[0], 4*half, &edge[0], 4*half)
			for r := range n {
				copy(t.c.Data[(i+r)*t.c.Stride+j:][:cols], edge[r*half:])
			}
		}
		i += n
	}
}

// tileRows256 is the tallest tile for the rows left.
func tileRows256(left int) int {
	for _, n := range [...]int{6, 4, 2} {
		if left >= n {
			return n
		}
	}
	return 1
}

func tile256(n int, a *float32, aRow, aCol int, b *float32, k int, from *float32, fromRow int, c *float32,
	cRow int) {
	switch n {
	case 6:
		tile6x16AVX2(a, aRow, aCol, b, k, from, fromRow, c, cRow)
	case 4:
		tile4x16AVX2(a, aRow, aCol, b, k, from, fromRow, c, cRow)
	case 2:
		tile2x16AVX2(a, aRow, aCol, b, k, from, fromRow, c, cRow)
	default:
		tile1x16AVX2(a, aRow, aCol, b, k, from, fromRow, c, cRow)
	}
}
