package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

func (s isa) norms() {
	s.normalize()
	s.normSiLU()
	s.affineSiLU()
	s.affineSiLUGrad()
	s.layerNormGrad()
}

// center writes y = x - mean and returns rstd = 1/sqrt(mean(y²)+eps) in the low lane. n is the float width.
func (s isa) center(y, x, n reg.GPVirtual) (rstd reg.VecVirtual) {
	width := XMM()
	VXORPS(width, width, width)
	VCVTSI2SSQ(n, width, width)
	sum := s.zero()
	s.sweep("sum", n, func(b *block) { VADDPS(b.load(x), sum, sum) })
	low := s.total(sum)
	VDIVSS(width, low, low)
	mean := s.splat(low)
	sq := s.zero()
	s.sweep("center", n, func(b *block) {
		d := b.load(x)
		VSUBPS(mean, d, d)
		b.off(d)
		VFMADD231PS(d, d, sq)
		b.store(d, y)
	})
	rstd = s.total(sq)
	VDIVSS(width, rstd, rstd)
	eps, err := Param("eps").Resolve()
	if err != nil {
		panic(err)
	}
	VADDSS(eps.Addr, rstd, rstd)
	VSQRTSS(rstd, rstd, rstd)
	one := XMM()
	VMOVSS(konst(1), one)
	VDIVSS(rstd, one, rstd)
	return rstd
}

func (s isa) normalize() {
	s.text("normalize", "func(xhat, x *float32, n int, eps float32) float32",
		"\txhat[i] = (x[i] - mean) * rstd\n\nand returns rstd = 1/sqrt(variance+eps).")
	a := args("xhat", "x", "n")
	rstd := s.center(a[0], a[1], a[2])
	Store(rstd, ReturnIndex(0))
	r := s.splat(rstd)
	s.sweep("scale", a[2], func(b *block) {
		v := b.load(a[0])
		VMULPS(r, v, v)
		b.store(v, a[0])
	})
	done()
}

// affine is xhat*gain + bias of the block.
func (b *block) affine(xhat, gain, bias reg.GPVirtual) reg.VecVirtual {
	h, g := b.load(bias), b.load(gain)
	VFMADD231PS(b.load(xhat), g, h)
	return h
}

func (s isa) normSiLU() {
	s.text("normSiLU", "func(x, gain, bias *float32, n int, eps float32)",
		"\tx[i] = silu((x[i]-mean)*rstd*gain[i] + bias[i])\n\nwith rstd = 1/sqrt(variance+eps).")
	a := args("x", "gain", "bias", "n")
	r := s.splat(s.center(a[0], a[0], a[3]))
	s.sweep("finish", a[3], func(b *block) {
		x, h := b.load(a[0]), b.load(a[2])
		VMULPS(r, x, x)
		VFMADD231PS(b.load(a[1]), x, h)
		b.store(s.silu(h), a[0])
	})
	done()
}

func (s isa) affineSiLU() {
	s.text("affineSiLU", "func(y, xhat, gain, bias *float32, n int)",
		"\ty[i] = silu(xhat[i]*gain[i] + bias[i])")
	a := args("y", "xhat", "gain", "bias", "n")
	s.sweep("each", a[4], func(b *block) { b.store(s.silu(b.affine(a[1], a[2], a[3])), a[0]) })
	done()
}

func (s isa) affineSiLUGrad() {
	s.text("affineSiLUGrad", "func(dh, dy, xhat, gain, bias *float32, n int)",
		"\tdh[i] = siluGrad(dy[i], xhat[i]*gain[i] + bias[i])")
	a := args("dh", "dy", "xhat", "gain", "bias", "n")
	s.sweep("each", a[5], func(b *block) {
		h := b.affine(a[2], a[3], a[4])
		b.store(s.siluGrad(b.load(a[1]), h), a[0])
	})
	done()
}

func (s isa) layerNormGrad() {
	s.text("layerNormGrad", "func(dx, dh, xhat, gain, dgain, dbias *float32, n int, rstd float32)",
		"\tdbias[i] += dh[i]\n\tdgain[i] += dh[i] * xhat[i]\n\tg[i] := dh[i] * gain[i]\n"+
			"\tdx[i] = rstd * (g[i] - mean(g) - xhat[i]*mean(g*xhat))")
	a := args("dx", "dh", "xhat", "gain", "dgain", "dbias", "n")
	dx, dh, xhat, n := a[0], a[1], a[2], a[6]
	s1, s2 := s.zero(), s.zero()
	s.sweep("sums", n, func(b *block) {
		d, x := b.load(dh), b.load(xhat)
		db, dg := b.load(a[5]), b.load(a[4])
		VADDPS(d, db, db)
		b.store(db, a[5])
		VFMADD231PS(d, x, dg)
		b.store(dg, a[4])
		g := b.load(a[3])
		VMULPS(d, g, g)
		VADDPS(g, s1, s1)
		VFMADD231PS(g, x, s2)
		b.store(g, dx)
	})
	width := XMM()
	VXORPS(width, width, width)
	VCVTSI2SSQ(n, width, width)
	t1, t2 := s.total(s1), s.total(s2)
	VDIVSS(width, t1, t1)
	VDIVSS(width, t2, t2)
	m1, m2, r := s.splat(t1), s.splat(t2), s.spread("rstd")
	s.sweep("finish", n, func(b *block) {
		g := b.load(dx)
		VSUBPS(m1, g, g)
		VFNMADD231PS(b.load(xhat), m2, g)
		VMULPS(r, g, g)
		b.store(g, dx)
	})
	done()
}
