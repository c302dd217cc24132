package tensor

// sweepGeneric is the reference of every product kernel:
//
//	for i := range C.Rows {
//		for j := range C.Cols {
//			s := C[i][j] | bias[j] | 0
//			for k := range B.K { s += A[i][k] * B[k][j] }
//			C[i][j] = s
//		}
//	}
func sweepGeneric(c Mat, a operand, b *Packed, st start) {
	for i0 := 0; i0 < c.Rows; i0 += rowBlock {
		i1 := min(i0+rowBlock, c.Rows)
		for j := 0; j < b.N; j += panel {
			w := min(panel, b.N-j)
			p := b.data[j*b.K : (j+panel)*b.K]
			i := i0
			for ; i+2 <= i1; i += 2 {
				upper, lower := c.Data[i*c.Stride+j:][:w], c.Data[(i+1)*c.Stride+j:][:w]
				st.fill(upper, j)
				st.fill(lower, j)
				rowPairTimesPanel(upper, lower, a, i, p)
			}
			if i < i1 {
				row := c.Data[i*c.Stride+j:][:w]
				st.fill(row, j)
				rowTimesPanel(row, 0, a, i, p)
			}
		}
	}
}

// fill gives row, which starts at column j, its first value.
func (st start) fill(row []float32, j int) {
	switch {
	case st.add:
	case st.bias != nil:
		copy(row, st.bias[j:])
	default:
		clear(row)
	}
}

// rowPairTimesPanel adds A[i]·p to upper and A[i+1]·p to lower, four columns at a time: as many sums as stay in
// the registers of every processor.
func rowPairTimesPanel(upper, lower []float32, a operand, i int, p []float32) {
	if len(p) == 0 {
		return
	}
	x, y := a.data[i*a.row:], a.data[(i+1)*a.row:]
	j := 0
	for ; j+4 <= len(upper); j += 4 {
		tile2x4(upper[j:], lower[j:], x, y, a.col, p[j:])
	}
	rowTimesPanel(upper, j, a, i, p)
	rowTimesPanel(lower, j, a, i+1, p)
}

// tile2x4 adds x·b to u and y·b to l; b is four columns of a panel, x and y step by step floats.
func tile2x4(u, l, x, y []float32, step int, b []float32) {
	u0, u1, u2, u3 := u[0], u[1], u[2], u[3]
	l0, l1, l2, l3 := l[0], l[1], l[2], l[3]
	for at := 0; ; at += step {
		v, w := x[at], y[at]
		u0 += v * b[0]
		l0 += w * b[0]
		u1 += v * b[1]
		l1 += w * b[1]
		u2 += v * b[2]
		l2 += w * b[2]
		u3 += v * b[3]
		l3 += w * b[3]
		if len(b) < panel+4 {
			break
		}
		b = b[panel:]
	}
	u[0], u[1], u[2], u[3] = u0, u1, u2, u3
	l[0], l[1], l[2], l[3] = l0, l1, l2, l3
}

// rowTimesPanel adds A[i]·p to row from column j on.
func rowTimesPanel(row []float32, j int, a operand, i int, p []float32) {
	depth := len(p) / panel
	for ; j+4 <= len(row); j += 4 {
		r := row[j : j+4 : j+4]
		s0, s1, s2, s3 := r[0], r[1], r[2], r[3]
		at := i * a.row
		for k := range depth {
			v := a.data[at]
			b := p[k*panel+j : k*panel+j+4 : k*panel+j+4]
			s0 += v * b[0]
			s1 += v * b[1]
			s2 += v * b[2]
			s3 += v * b[3]
			at += a.col
		}
		r[0], r[1], r[2], r[3] = s0, s1, s2, s3
	}
	for ; j < len(row); j++ {
		s, at := row[j], i*a.row
		for k := range depth {
			s += a.data[at] * p[k*panel+j]
			at += a.col
		}
		row[j] = s
	}
}
