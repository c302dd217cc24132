package nn

import "robotd/internal/tensor"

// Workspace is the scratch memory of Infer: one a worker, for any MLP. The zero value is ready; buffers
// grow to the largest network and batch seen. Reserve sizes it ahead.
type Workspace struct {
	a, b []float32 // activations of two neighbouring layers
}

// Reserve sizes ws for rows rows of each network, so that Infer never allocates.
func (ws *Workspace) Reserve(rows int, nets ...*MLP) {
	for _, m := range nets {
		for _, w := range m.sizes[1 : len(m.sizes)-1] {
			ws.need(rows * w)
		}
	}
}

func (ws *Workspace) need(n int) {
	if cap(ws.a) < n {
		ws.a, ws.b = tensor.Aligned(n), tensor.Aligned(n)
	}
}

// Infer computes y (rows x Outputs) from x (rows x Inputs), both dense, without keeping anything for
// training. A row of y has the same bytes as Forward gives and does not depend on the other rows.
func (m *MLP) Infer(ws *Workspace, x []float32, rows int, y []float32) {
	m.checkRows("Infer x", x, rows, m.Inputs())
	m.checkRows("Infer y", y, rows, m.Outputs())
	in := tensor.Rows(x, rows, m.Inputs())
	last := len(m.layers) - 1
	for i := range m.layers[:last] {
		l := &m.layers[i]
		m.fresh(l)
		n := rows * l.w.Rows
		ws.need(n)
		h := tensor.Rows(ws.a[:n], rows, l.w.Rows)
		tensor.MulPacked(h, in, &l.fwd, l.b.W)
		for r := range rows {
			tensor.NormSiLU(h.Row(r), l.gain.W, l.bias.W, layerNormEps)
		}
		in = h
		ws.a, ws.b = ws.b, ws.a
	}
	l := &m.layers[last]
	m.fresh(l)
	tensor.MulPacked(tensor.Rows(y, rows, l.w.Rows), in, &l.fwd, l.b.W)
}
