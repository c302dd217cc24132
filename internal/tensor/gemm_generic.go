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
			for i := i0; i < i1; i++ {
				row := c.Data[i*c.Stride+j:][:w]
				st.fill(row, j)
				rowTimesPanel(row, a, i, p)
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

// rowTimesPanel adds A[i]·p to row, eight columns at a time in registers.
func rowTimesPanel(row []float32, a operand, i int, p []float32) {
	depth := len(p) / panel
	j := 0
	for ; j+8 <= len(row); j += 8 {
		r := row[j : j+8 : j+8]
		s0, s1, s2, s3, s4, s5, s6, s7 := r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]
		at := i * a.row
		for k := range depth {
			v := a.data[at]
			b := p[k*panel+j : k*panel+j+8 : k*panel+j+8]
			s0 += v * b[0]
			s1 += v * b[1]
			s2 += v * b[2]
			s3 += v * b[3]
			s4 += v * b[4]
			s5 += v * b[5]
			s6 += v * b[6]
			s7 += v * b[7]
			at += a.col
		}
		r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7] = s0, s1, s2, s3, s4, s5, s6, s7
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
