package nn

import (
	"fmt"

	"robotd/internal/tensor"
)

// Cache holds what one Forward leaves for its Backward: one Cache for each use of an MLP between two
// optimiser steps, so that K unrolled steps need K of them. The zero value is ready. Buffers grow to the
// largest batch seen, then stay.
type Cache struct {
	// NoInputGrad spares Backward the gradient of x (it then returns nil).
	NoInputGrad bool

	rows int
	in   [][]float32 // in[i]: input of layer i, rows x sizes[i]; Backward overwrites it with its gradient
	xhat [][]float32 // xhat[i]: normalised output of hidden layer i, rows x sizes[i+1]
	rstd [][]float32 // rstd[i]: 1/deviation of each row
	out  []float32   // rows x outputs
	drop []float32   // where the norms' gradients go when nobody wants them
}

// size makes the buffers fit m and rows.
func (c *Cache) size(m *MLP, rows int) {
	n := len(m.layers)
	if len(c.in) != n {
		c.in, c.xhat, c.rstd = make([][]float32, n), make([][]float32, n-1), make([][]float32, n-1)
	}
	for i := range n {
		grow(&c.in[i], rows*m.sizes[i])
	}
	for i := range n - 1 {
		grow(&c.xhat[i], rows*m.sizes[i+1])
		grow(&c.rstd[i], rows)
	}
	grow(&c.out, rows*m.Outputs())
	c.rows = rows
}

// grow gives buf the length n, keeping its memory when it suffices.
func grow(buf *[]float32, n int) {
	if cap(*buf) < n {
		*buf = tensor.Aligned(n)
	}
	*buf = (*buf)[:n]
}

// Forward computes y for rows inputs x (rows x Inputs, dense). y (rows x Outputs) lies in c and lasts
// until the next Forward into c. x is copied: the caller may reuse it at once.
func (m *MLP) Forward(x []float32, rows int, c *Cache) (y []float32) {
	m.checkRows("Forward x", x, rows, m.Inputs())
	c.size(m, rows)
	copy(c.in[0], x[:rows*m.Inputs()])
	last := len(m.layers) - 1
	for i := range m.layers {
		l := &m.layers[i]
		m.fresh(l)
		in := tensor.Rows(c.in[i], rows, l.w.Cols)
		if i == last {
			tensor.MulPacked(tensor.Rows(c.out, rows, l.w.Rows), in, &l.fwd, l.b.W)
			break
		}
		h := tensor.Rows(c.xhat[i], rows, l.w.Rows)
		act := tensor.Rows(c.in[i+1], rows, l.w.Rows)
		tensor.MulPacked(h, in, &l.fwd, l.b.W)
		for r := range rows {
			c.rstd[i][r] = tensor.Normalize(h.Row(r), h.Row(r), layerNormEps)
			tensor.AffineSiLU(act.Row(r), h.Row(r), l.gain.W, l.bias.W)
		}
	}
	return c.out
}

// Backward propagates dy (rows x Outputs, the gradient of the loss by the y of the last Forward into c),
// adds the weights' gradients to g, and returns the gradient by x (rows x Inputs, in c until its next
// Forward). With g nil it only returns the gradient by x: frozen weights. It uses the cache up: one
// Backward for one Forward.
func (m *MLP) Backward(dy []float32, c *Cache, g *Grads) (dx []float32) {
	rows := c.rows
	if rows == 0 || len(c.in) != len(m.layers) {
		panic("nn: " + m.name + ": Backward needs a Forward into the same cache before it, one each")
	}
	m.checkRows("Backward dy", dy, rows, m.Outputs())
	c.rows = 0
	d := tensor.Rows(dy, rows, m.Outputs())
	for i := len(m.layers) - 1; i >= 0; i-- {
		l := &m.layers[i]
		if l.gain != nil {
			l.normBackward(d, c, i, g)
		}
		in := tensor.Rows(c.in[i], rows, l.w.Cols)
		if g != nil {
			for r := range rows {
				tensor.Axpy(g.g[4*i+1], 1, d.Row(r))
			}
			tensor.MulTN(tensor.Rows(g.g[4*i], l.w.Rows, l.w.Cols), d, in, true, &g.scratch)
		}
		if i == 0 && c.NoInputGrad {
			return nil
		}
		tensor.MulPacked(in, d, &l.bwd, nil)
		d = in
	}
	return c.in[0]
}

// normBackward turns d, the gradient after SiLU of layer i, into the gradient before the LayerNorm, in
// place.
func (l *layer) normBackward(d tensor.Mat, c *Cache, i int, g *Grads) {
	xhat := tensor.Rows(c.xhat[i], d.Rows, d.Cols)
	ln := tensor.LayerNormGrad{Gain: l.gain.W}
	if g != nil {
		ln.DGain, ln.DBias = g.g[4*i+2], g.g[4*i+3] // hidden layers have four parameters each
	} else {
		grow(&c.drop, d.Cols)
		ln.DGain, ln.DBias = c.drop, c.drop
	}
	for r := range d.Rows {
		row, x := d.Row(r), xhat.Row(r)
		tensor.AffineSiLUGrad(row, row, x, l.gain.W, l.bias.W)
		ln.Row(row, row, x, c.rstd[i][r])
	}
}

func (m *MLP) checkRows(what string, x []float32, rows, cols int) {
	if rows < 1 || len(x) < rows*cols {
		panic(fmt.Sprintf("nn: %s: %s has %d floats, %d rows of %d need %d", m.name, what, len(x), rows,
			cols, rows*cols))
	}
}
