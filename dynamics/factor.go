package dynamics

// Factor turns the lower triangle of h (nv × nv, symmetric positive definite, filled along the tree) into the L and D of
// h = Lᵀ D L in place: D on the diagonal, L below it. A tree's factor has no fill-in (Featherstone 2008, §6.5). ancestors are
// those of the dofs, nearest first.
func Factor(h []float64, nv int, ancestors [][]int32) {
	for k := nv - 1; k >= 0; k-- {
		row := h[k*nv : (k+1)*nv]
		inv := 1 / row[k]
		anc := ancestors[k]
		for p, i := range anc {
			a := row[i] * inv
			up := h[int(i)*nv : int(i)*nv+int(i)+1]
			for _, j := range anc[p:] {
				up[j] -= a * row[j]
			}
			row[i] = a
		}
	}
}

// Solve overwrites x with h⁻¹ x, h as Factor left it.
func Solve(h []float64, nv int, ancestors [][]int32, x []float64) {
	for k := nv - 1; k >= 0; k-- {
		row, xk := h[k*nv:(k+1)*nv], x[k]
		for _, i := range ancestors[k] {
			x[i] -= row[i] * xk
		}
	}
	for k := 0; k < nv; k++ {
		row := h[k*nv : (k+1)*nv]
		xk := x[k] / row[k]
		for _, i := range ancestors[k] {
			xk -= row[i] * x[i]
		}
		x[k] = xk
	}
}

// MulSym writes m x into out, m the lower triangle along the tree (not factored).
func MulSym(m []float64, nv int, ancestors [][]int32, x, out []float64) {
	for k := 0; k < nv; k++ {
		row, xk := m[k*nv:(k+1)*nv], x[k]
		sum := row[k] * xk
		for _, i := range ancestors[k] {
			sum += row[i] * x[i]
			out[i] += row[i] * xk
		}
		out[k] = sum
	}
}
