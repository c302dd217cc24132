package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// stripBytes is the distance of one harmonic to the next in HarmonicSums: 16 floats.
const stripBytes = 64

// wave is the running cos(k*x), sin(k*x) of one row, and cos x, sin x.
type wave struct{ ck, sk, c, s reg.VecVirtual }

// first loads k = 1 of the row at (c1, s1).
func (s isa) first(c1, s1 Mem) wave {
	w := wave{s.vec(), s.vec(), s.vec(), s.vec()}
	VMOVUPS(c1, w.c)
	VMOVUPS(s1, w.s)
	VMOVAPS(w.c, w.ck)
	VMOVAPS(w.s, w.sk)
	return w
}

// next goes from k to k+1 by angle addition.
func (s isa) next(w wave) {
	t := s.vec()
	VMULPS(w.s, w.sk, t)    // sin x sin kx
	VMULPS(w.c, w.sk, w.sk) // cos x sin kx
	VFMADD231PS(w.s, w.ck, w.sk)
	VFMSUB213PS(t, w.c, w.ck)
}

// rowsAtOnce is how many rows share one pass over the harmonics: as many as the registers hold.
func (s isa) rowsAtOnce() int {
	if s.lanes == 16 {
		return 4
	}
	return 2
}

// inRows emits the loop over rows, several at once and then the rest one by one.
func (s isa) inRows(rows, stride reg.GPVirtual, advance []reg.GPVirtual, body func(label string, group int)) {
	for _, group := range []int{s.rowsAtOnce(), 1} {
		label := fmt.Sprintf("rows%d", group)
		Label(label)
		CMPQ(rows, Imm(uint64(group)))
		JLT(LabelRef(label + "Done"))
		body(label, group)
		for range group {
			for _, p := range advance {
				ADDQ(stride, p)
			}
		}
		SUBQ(Imm(uint64(group)), rows)
		JMP(LabelRef(label))
		Label(label + "Done")
	}
}

// waves loads k = 1 of group rows.
func (s isa) waves(c1, s1, stride reg.GPVirtual, group int) []wave {
	cp, sp := GP64(), GP64()
	MOVQ(c1, cp)
	MOVQ(s1, sp)
	var ws []wave
	for range group {
		ws = append(ws, s.first(Mem{Base: cp}, Mem{Base: sp}))
		ADDQ(stride, cp)
		ADDQ(stride, sp)
	}
	return ws
}

// eachHarmonic emits the loop over k, with at the byte offset of harmonic k.
func eachHarmonic(label string, harmonics reg.GPVirtual, body func(at reg.GPVirtual)) {
	at, k := GP64(), GP64()
	XORQ(at, at)
	MOVQ(harmonics, k)
	Label(label + "K")
	body(at)
	ADDQ(Imm(stripBytes), at)
	DECQ(k)
	JNE(LabelRef(label + "K"))
}

// addHarmonics sums one vector of columns over all rows.
func (s isa) addHarmonics() {
	s.text("addHarmonics", "func(cosSum, sinSum, c1, s1 *float32, stride, rows, harmonics int)",
		"\tcosSum[k][i] += cos(k*x[r][i])\n\tsinSum[k][i] += sin(k*x[r][i])\n\n"+
			fmt.Sprintf("over rows r, harmonics k and i < %d columns; "+
				"stride in bytes, sums 16 floats a harmonic.", s.lanes))
	a := args("cosSum", "sinSum", "c1", "s1", "stride", "rows", "harmonics")
	s.inRows(a[5], a[4], a[2:4], func(label string, group int) {
		ws := s.waves(a[2], a[3], a[4], group)
		eachHarmonic(label, a[6], func(at reg.GPVirtual) {
			cosAt, sinAt := Mem{Base: a[0], Index: at, Scale: 1}, Mem{Base: a[1], Index: at, Scale: 1}
			cs, sn := s.vec(), s.vec()
			VMOVUPS(cosAt, cs)
			VMOVUPS(sinAt, sn)
			for _, w := range ws {
				VADDPS(w.ck, cs, cs)
				VADDPS(w.sk, sn, sn)
				s.next(w)
			}
			VMOVUPS(cs, cosAt)
			VMOVUPS(sn, sinAt)
		})
	})
	done()
}

func (s isa) harmonicSeries() {
	s.text("harmonicSeries", "func(y, cosGain, sinGain, c1, s1 *float32, stride, rows, harmonics int)",
		"\ty[r][i] = sum over k of cosGain[k][i]*cos(k*x[r][i]) + sinGain[k][i]*sin(k*x[r][i])\n\n"+
			fmt.Sprintf("over rows r, harmonics k and i < %d columns; "+
				"stride in bytes, of y, c1 and s1 alike.", s.lanes))
	a := args("y", "cosGain", "sinGain", "c1", "s1", "stride", "rows", "harmonics")
	s.inRows(a[6], a[5], []reg.GPVirtual{a[0], a[3], a[4]}, func(label string, group int) {
		ws := s.waves(a[3], a[4], a[5], group)
		var sums []reg.VecVirtual
		for range group {
			sums = append(sums, s.zero())
		}
		eachHarmonic(label, a[7], func(at reg.GPVirtual) {
			for i, w := range ws {
				VFMADD231PS(Mem{Base: a[1], Index: at, Scale: 1}, w.ck, sums[i])
				VFMADD231PS(Mem{Base: a[2], Index: at, Scale: 1}, w.sk, sums[i])
				s.next(w)
			}
		})
		y := GP64()
		MOVQ(a[0], y)
		for i := range group {
			VMOVUPS(sums[i], Mem{Base: y})
			ADDQ(a[5], y)
		}
	})
	done()
}
