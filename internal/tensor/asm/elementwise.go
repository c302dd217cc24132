package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

// unary emits y[i] = f(x[i]).
func (s isa) unary(name, doc string, f func(x reg.VecVirtual) reg.VecVirtual) {
	s.text(name, "func(y, x *float32, n int)", doc)
	a := args("y", "x", "n")
	s.sweep("each", a[2], func(b *block) { b.store(f(b.load(a[1])), a[0]) })
	done()
}

func (s isa) elementwise() {
	s.unary("exp", "\ty[i] = exp(x[i])", s.exp)
	s.unary("sigmoid", "\ty[i] = 1 / (1 + exp(-x[i]))", s.sigmoid)
	s.unary("tanh", "\ty[i] = tanh(x[i])", s.tanh)
	s.unary("silu", "\ty[i] = x[i] / (1 + exp(-x[i]))", s.silu)
	s.siluGradKernel()
	s.sincosKernel()
	s.axpy()
	s.scale()
	s.dot()
	s.adamW()
}

func (s isa) siluGradKernel() {
	s.text("siluGrad", "func(dx, dy, x *float32, n int)",
		"\ts := sigmoid(x[i])\n\tdx[i] = dy[i] * s * (1 + x[i]*(1-s))")
	a := args("dx", "dy", "x", "n")
	s.sweep("each", a[3], func(b *block) {
		x := b.load(a[2])
		b.store(s.siluGrad(b.load(a[1]), x), a[0])
	})
	done()
}

func (s isa) sincosKernel() {
	s.text("sincos", "func(sin, cos, x *float32, n int)", "\tsin[i], cos[i] = sincos(x[i])")
	a := args("sin", "cos", "x", "n")
	s.sweep("each", a[3], func(b *block) {
		sin, cos := s.sincos(b.load(a[2]))
		b.store(sin, a[0])
		b.store(cos, a[1])
	})
	done()
}

func (s isa) axpy() {
	s.text("axpy", "func(y *float32, alpha float32, x *float32, n int)", "\ty[i] += alpha * x[i]")
	a := args("y", "x", "n")
	alpha := s.spread("alpha")
	s.sweep("each", a[2], func(b *block) {
		y := b.load(a[0])
		VFMADD231PS(b.load(a[1]), alpha, y)
		b.store(y, a[0])
	})
	done()
}

func (s isa) scale() {
	s.text("scale", "func(x *float32, alpha float32, n int)", "\tx[i] *= alpha")
	a := args("x", "n")
	alpha := s.spread("alpha")
	s.sweep("each", a[1], func(b *block) {
		x := b.load(a[0])
		VMULPS(alpha, x, x)
		b.store(x, a[0])
	})
	done()
}

func (s isa) dot() {
	s.text("dot", "func(x, y *float32, n int) float32", "\tsum += x[i] * y[i]")
	a := args("x", "y", "n")
	sum := s.zero()
	s.sweep("each", a[2], func(b *block) { VFMADD231PS(b.load(a[0]), b.load(a[1]), sum) })
	Store(s.total(sum), ReturnIndex(0))
	done()
}

func (s isa) adamW() {
	s.text("adamW", "func(w, grad, m, v *float32, n int, "+
		"keep1, keep2, gradScale, keep, step, rootScale, eps float32)",
		"\tg' := gradScale * grad[i]\n\tm[i] += keep1 * (g' - m[i])\n\tv[i] += keep2 * (g'*g' - v[i])\n"+
			"\tw[i] = keep*w[i] - step*m[i]/(rootScale*sqrt(v[i])+eps)")
	a := args("w", "grad", "m", "v", "n")
	keep1, keep2 := s.spread("keep1"), s.spread("keep2")
	gradScale, keep, step := s.spread("gradScale"), s.spread("keep"), s.spread("step")
	rootScale, eps := s.spread("rootScale"), s.spread("eps")
	s.sweep("each", a[4], func(b *block) {
		g, m, v, w := b.load(a[1]), b.load(a[2]), b.load(a[3]), b.load(a[0])
		VMULPS(gradScale, g, g)
		t := s.vec()
		VSUBPS(m, g, t)
		VFMADD231PS(keep1, t, m)
		b.store(m, a[2])
		VFMSUB213PS(v, g, g) // g² - v
		VFMADD231PS(keep2, g, v)
		b.store(v, a[3])
		VSQRTPS(v, v)
		VFMADD213PS(eps, rootScale, v)
		VMULPS(step, m, m)
		VDIVPS(v, m, m)
		VFMSUB213PS(m, keep, w)
		b.store(w, a[0])
	})
	done()
}
