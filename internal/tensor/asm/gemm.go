package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// panelBytes is one row of a packed panel: 32 floats.
const panelBytes = 128

// tile emits the kernel for mr rows by nv vectors of columns of one panel.
//
// A is read by broadcasts: element (i, k) is a[i*aRow + k*aCol], strides in bytes, so the same kernel
// takes A and Aᵀ. Every third row has its own pointer, because x86 can address base, base+stride and
// base+2*stride.
func (s isa) tile(mr, nv int) {
	cols := nv * s.lanes
	sig := "func(a *float32, aRow, aCol int, b *float32, depth int, " +
		"from *float32, fromRow int, c *float32, cRow int"
	if s.lanes == 16 {
		sig += ", mask uint32"
	}
	TEXT(fmt.Sprintf("tile%dx%d%s", mr, cols, s.name), NOSPLIT, sig+")")
	Doc(fmt.Sprintf("tile%dx%d%s computes, for i in [0, %d), j in [0, %d):", mr, cols, s.name, mr, cols), "",
		"\tc[i*cRow+j] = from[i*fromRow+j] + sum over k in [0, depth) of a[i*aRow+k*aCol] * b[k*32+j]", "",
		"aRow, aCol, fromRow, cRow in bytes. Bit j of mask (if any) says that column j exists.")
	Pragma("noescape")
	acc := s.loadTile(mr, nv)
	s.products(mr, nv, acc)
	c := args("c", "cRow")
	for i := range mr {
		for v := range nv {
			at := Mem{Base: c[0], Disp: v * s.lanes * 4}
			if s.lanes == 16 {
				VMOVUPS(acc[i][v], colMask[v], at)
			} else {
				VMOVUPS(acc[i][v], at)
			}
		}
		if i < mr-1 {
			ADDQ(c[1], c[0])
		}
	}
	done()
}

// colMask holds which columns of each vector exist.
var colMask = []reg.Register{reg.K1, reg.K2}

// loadTile fills the accumulators from "from".
func (s isa) loadTile(mr, nv int) [][]reg.VecVirtual {
	if s.lanes == 16 {
		m := Load(Param("mask"), GP32())
		KMOVW(m, reg.K1)
		SHRL(Imm(16), m)
		KMOVW(m, reg.K2)
	}
	from := args("from", "fromRow")
	acc := make([][]reg.VecVirtual, mr)
	for i := range acc {
		for v := range nv {
			r := s.vec()
			at := Mem{Base: from[0], Disp: v * s.lanes * 4}
			if s.lanes == 16 {
				VMOVUPS_Z(at, colMask[v], r)
			} else {
				VMOVUPS(at, r)
			}
			acc[i] = append(acc[i], r)
		}
		if i < mr-1 {
			ADDQ(from[1], from[0])
		}
	}
	return acc
}

// products emits the loop over k.
func (s isa) products(mr, nv int, acc [][]reg.VecVirtual) {
	a := args("a", "aRow", "aCol", "b", "depth")
	row, col, b, depth := a[1], a[2], a[3], a[4]
	rows := []reg.GPVirtual{a[0]}
	for i := 3; i < mr; i += 3 {
		p := GP64()
		LEAQ(Mem{Base: rows[len(rows)-1], Index: row, Scale: 2}, p)
		ADDQ(row, p)
		rows = append(rows, p)
	}
	TESTQ(depth, depth)
	JE(LabelRef("store"))
	Label("k")
	var bs []reg.VecVirtual
	for v := range nv {
		r := s.vec()
		VMOVUPS(Mem{Base: b, Disp: v * s.lanes * 4}, r)
		bs = append(bs, r)
	}
	for i := range mr {
		at := Mem{Base: rows[i/3]}
		if i%3 > 0 {
			at.Index, at.Scale = row, uint8(i%3)
		}
		x := s.vec()
		VBROADCASTSS(at, x)
		for v := range nv {
			VFMADD231PS(bs[v], x, acc[i][v])
		}
	}
	ADDQ(Imm(panelBytes), b)
	for _, p := range rows {
		ADDQ(col, p)
	}
	DECQ(depth)
	JNE(LabelRef("k"))
	Label("store")
}

// peak emits the register-only multiply-add loop that measures what one core can do.
func (s isa) peak() {
	const accs = 12
	TEXT("peak"+s.name, NOSPLIT, "func(rounds int)")
	Doc(fmt.Sprintf("peak%s does rounds * %d multiply-adds of %d floats in registers.",
		s.name, accs, s.lanes))
	n := args("rounds")[0]
	var acc []reg.VecVirtual
	for range accs {
		acc = append(acc, s.zero())
	}
	x := s.zero()
	Label("round")
	for _, r := range acc {
		VFMADD231PS(x, x, r)
	}
	DECQ(n)
	JNE(LabelRef("round"))
	done()
}
