package main

import (
	"fmt"
	"math"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa is one vector instruction set; the kernels are written once over it.
type isa struct {
	name  string
	lanes int // floats in a vector
}

var (
	avx512 = isa{"AVX512", 16}
	avx2   = isa{"AVX2", 8}
)

// tailMask is the opmask register that holds the valid lanes of a tail.
var tailMask = reg.K1

// text opens a kernel; doc is the scalar loop it computes.
func (s isa) text(name, signature, doc string) {
	TEXT(name+s.name, NOSPLIT, signature)
	Doc(append([]string{fmt.Sprintf("%s%s computes, for i in [0, n):", name, s.name), ""},
		strings.Split(doc, "\n")...)...)
	Pragma("noescape")
}

func (s isa) vec() reg.VecVirtual {
	if s.lanes == 16 {
		return ZMM()
	}
	return YMM()
}

// zero is a vector of zeros.
func (s isa) zero() reg.VecVirtual {
	v := s.vec()
	VXORPS(v, v, v)
	return v
}

// constants in memory, one full vector each, so that they need no register.
var constants = map[uint32]Mem{}

func bits(b uint32) Mem {
	if m, ok := constants[b]; ok {
		return m
	}
	m := GLOBL(fmt.Sprintf("const_%08x", b), RODATA|NOPTR)
	for i := range 16 {
		DATA(i*4, U32(b))
	}
	constants[b] = m
	return m
}

func konst(v float64) Mem { return bits(math.Float32bits(float32(v))) }

// reg of a constant.
func (s isa) konst(v float64) reg.VecVirtual {
	r := s.vec()
	VMOVUPS(konst(v), r)
	return r
}

// spread broadcasts the scalar argument of that name.
func (s isa) spread(param string) reg.VecVirtual {
	a, err := Param(param).Resolve()
	if err != nil {
		panic(err)
	}
	v := s.vec()
	VBROADCASTSS(a.Addr, v)
	return v
}

// args loads pointer or integer arguments.
func args(names ...string) []reg.GPVirtual {
	var regs []reg.GPVirtual
	for _, n := range names {
		regs = append(regs, Load(Param(n), GP64()).(reg.GPVirtual))
	}
	return regs
}

// block is one vector of elements at index i: whole, or the tail with its last lanes switched off.
type block struct {
	isa
	i    reg.GPVirtual
	tail bool
	mask reg.VecVirtual // AVX2 only
}

func (b *block) at(p reg.Register) Mem { return Mem{Base: p, Index: b.i, Scale: 4} }

// load reads the block at p; lanes that are off read zero.
func (b *block) load(p reg.Register) reg.VecVirtual {
	v := b.vec()
	switch {
	case !b.tail:
		VMOVUPS(b.at(p), v)
	case b.lanes == 16:
		VMOVUPS_Z(b.at(p), tailMask, v)
	default:
		VMASKMOVPS(b.at(p), b.mask, v)
	}
	return v
}

func (b *block) store(v reg.VecVirtual, p reg.Register) {
	switch {
	case !b.tail:
		VMOVUPS(v, b.at(p))
	case b.lanes == 16:
		VMOVUPS(v, tailMask, b.at(p))
	default:
		VMASKMOVPS(v, b.mask, b.at(p))
	}
}

// off zeroes the lanes that are off.
func (b *block) off(v reg.VecVirtual) {
	switch {
	case !b.tail:
	case b.lanes == 16:
		VMOVAPS_Z(v, tailMask, v)
	default:
		VANDPS(b.mask, v, v)
	}
}

// sweep emits the loop over n elements, whole vectors first, then the tail. n keeps its value.
func (s isa) sweep(label string, n reg.GPVirtual, body func(b *block)) {
	i, left := GP64(), GP64()
	XORQ(i, i)
	MOVQ(n, left)
	Label(label)
	CMPQ(left, Imm(uint64(s.lanes)))
	JLT(LabelRef(label + "Tail"))
	body(&block{isa: s, i: i})
	ADDQ(Imm(uint64(s.lanes)), i)
	SUBQ(Imm(uint64(s.lanes)), left)
	JMP(LabelRef(label))
	Label(label + "Tail")
	TESTQ(left, left)
	JE(LabelRef(label + "Done"))
	body(&block{isa: s, i: i, tail: true, mask: s.lanesBelow(left)})
	Label(label + "Done")
}

// lanesBelow switches on the first left lanes.
func (s isa) lanesBelow(left reg.GPVirtual) reg.VecVirtual {
	if s.lanes == 16 {
		ones := GP32()
		MOVL(U32(math.MaxUint32), ones)
		BZHIL(left.As32(), ones, ones)
		KMOVW(ones, tailMask)
		return nil
	}
	table := GP64()
	LEAQ(laneTable(), table)
	NEGQ(left)
	mask := s.vec()
	VMOVUPS(Mem{Base: table, Index: left, Scale: 4, Disp: 32}, mask)
	return mask
}

var laneTableMem *Mem

// laneTable is 8 words of ones, then 8 of zeros: read from word 8-n it is the mask of n lanes.
func laneTable() Mem {
	if laneTableMem == nil {
		m := GLOBL("lane_table", RODATA|NOPTR)
		for i := range 16 {
			w := uint32(math.MaxUint32)
			if i >= 8 {
				w = 0
			}
			DATA(i*4, U32(w))
		}
		laneTableMem = &m
	}
	return *laneTableMem
}

// total sums the lanes of v into the low lane of the result.
func (s isa) total(v reg.VecVirtual) reg.VecVirtual {
	if s.lanes == 16 {
		high, sum := YMM(), YMM()
		VEXTRACTF32X8(Imm(1), v, high)
		VADDPS(v.AsY(), high, sum)
		v = sum
	}
	x := XMM()
	VEXTRACTF128(Imm(1), v, x)
	VADDPS(v.AsX(), x, x)
	h := XMM()
	VMOVHLPS(x, x, h)
	VADDPS(h, x, x)
	VMOVSHDUP(x, h)
	VADDSS(h, x, x)
	return x
}

// splat broadcasts the low lane of x.
func (s isa) splat(x reg.VecVirtual) reg.VecVirtual {
	v := s.vec()
	VBROADCASTSS(x.AsX(), v)
	return v
}

// done leaves the kernel.
func done() {
	VZEROUPPER()
	RET()
}
