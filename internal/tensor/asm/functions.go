package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// roundMagic added to a float of magnitude below 2^22 rounds it to an integer, which then stands in the
// low bits.
const roundMagic = 3 << 22

const signBit = 0x80000000

// poly evaluates the polynomial with coefficients c, highest power first, at x.
func (s isa) poly(x reg.VecVirtual, c ...float64) reg.VecVirtual {
	p := s.konst(c[0])
	for _, k := range c[1:] {
		VFMADD213PS(konst(k), x, p)
	}
	return p
}

// round gives x*k rounded to an integer: as a float, and with the integer in the low bits of raw.
func (s isa) round(x reg.VecVirtual, k float64) (n, raw reg.VecVirtual) {
	raw = s.konst(roundMagic)
	VFMADD231PS(konst(k), x, raw)
	n = s.vec()
	VSUBPS(konst(roundMagic), raw, n)
	return n, raw
}

// exp is e^x; it uses x up. MIN and MAX give their second source when one is NaN, so x stands there.
func (s isa) exp(x reg.VecVirtual) reg.VecVirtual {
	VMINPS(x, s.konst(88.37626), x)
	VMAXPS(x, s.konst(-87), x)
	n, raw := s.round(x, math.Log2E)
	VFNMADD231PS(konst(0.693359375), n, x)
	VFNMADD231PS(konst(-2.12194440e-4), n, x)
	p := s.poly(x, 1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1,
		5.0000001201e-1)
	z := s.vec()
	VMULPS(x, x, z)
	VFMADD213PS(x, z, p)
	VADDPS(konst(1), p, p)
	VPSLLD(Imm(23), raw, raw) // 2^n
	VPADDD(konst(1), raw, raw)
	VMULPS(raw, p, p)
	return p
}

// onePlusExpNeg is 1 + e^-x; x is kept.
func (s isa) onePlusExpNeg(x reg.VecVirtual) reg.VecVirtual {
	m := s.vec()
	VXORPS(bits(signBit), x, m)
	e := s.exp(m)
	VADDPS(konst(1), e, e)
	return e
}

func (s isa) sigmoid(x reg.VecVirtual) reg.VecVirtual {
	e := s.onePlusExpNeg(x)
	VDIVPS(e, s.konst(1), e)
	return e
}

func (s isa) silu(x reg.VecVirtual) reg.VecVirtual {
	e := s.onePlusExpNeg(x)
	VDIVPS(e, x, e)
	return e
}

// siluGrad is dy*s*(1+x*(1-s)), s = sigmoid(x).
func (s isa) siluGrad(dy, x reg.VecVirtual) reg.VecVirtual {
	sg := s.sigmoid(x)
	one := s.konst(1)
	t := s.vec()
	VSUBPS(sg, one, t)
	VFMADD213PS(one, x, t)
	VMULPS(sg, t, t)
	VMULPS(dy, t, t)
	return t
}

// choose is a where the sign bit of by is set, else b.
func (s isa) choose(by, a, b reg.VecVirtual) reg.VecVirtual {
	v := s.vec()
	if s.lanes == 16 {
		VPMOVD2M(by, reg.K2)
		VBLENDMPS(a, b, reg.K2, v)
		return v
	}
	VBLENDVPS(by, a, b, v)
	return v
}

func (s isa) tanh(x reg.VecVirtual) reg.VecVirtual {
	z := s.vec()
	VMULPS(x, x, z)
	small := s.poly(z, -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1,
		-3.33332819422e-1)
	VMULPS(z, small, small)
	VFMADD213PS(x, x, small)
	size, isSmall := s.vec(), s.vec() // isSmall is negative where |x| < 0.625
	VANDPS(bits(^uint32(signBit)), x, size)
	VSUBPS(konst(0.625), size, isSmall)
	VADDPS(size, size, size)
	e := s.exp(size)
	VADDPS(konst(1), e, e)
	VDIVPS(e, s.konst(2), e)
	big := s.konst(1)
	VSUBPS(e, big, big)
	sign := s.vec()
	VANDPS(bits(signBit), x, sign)
	VORPS(sign, big, big)
	return s.choose(isSmall, small, big)
}

// sincos reduces x by multiples of pi/2 in three parts; the quadrant swaps and signs the two polynomials.
func (s isa) sincos(x reg.VecVirtual) (sin, cos reg.VecVirtual) {
	n, q := s.round(x, 2/math.Pi)
	for _, part := range []float64{1.5703125, 4.837512969970703125e-4, 7.54978995489188216e-8} {
		VFNMADD231PS(konst(part), n, x)
	}
	z := s.vec()
	VMULPS(x, x, z)
	a := s.poly(z, -1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
	VMULPS(z, a, a)
	VFMADD213PS(x, x, a)
	c := s.poly(z, 2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2, -0.5)
	VFMADD213PS(konst(1), z, c)
	odd := s.vec()
	VPSLLD(Imm(31), q, odd)
	sin = s.choose(odd, c, a)
	cos = s.choose(odd, a, c)
	s.signByBit1(q, sin)
	VPADDD(bits(1), q, q)
	s.signByBit1(q, cos)
	return sin, cos
}

// signByBit1 flips v where bit 1 of q is set.
func (s isa) signByBit1(q, v reg.VecVirtual) {
	f := s.vec()
	VPSLLD(Imm(30), q, f)
	VANDPS(bits(signBit), f, f)
	VXORPS(f, v, v)
}
