package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// codes generates, for each vector, the bits of its positive values.
func (v isa) codes() {
	a := function("Codes"+v.name, asm.Codes{})
	Pragma("noescape")
	const below = 0x11 // ordered, quiet: false for NaN
	k, c, n, bits := reg.RAX, reg.RCX, reg.RDX, reg.R10
	x, y, zero := reg.R8, reg.R9, v.reg(1)
	MOVQ(a("X"), x)
	MOVQ(a("Y"), y)
	MOVQ(a("N"), n)
	VXORPS(zero.AsX(), zero.AsX(), zero.AsX())
	Label("pixel")
	MOVQ(x, k)
	MOVQ(a("C"), c)
	Label("channel")
	if v.lanes == 16 {
		VCMPPS(Imm(below), Mem{Base: k}, zero, reg.K1)
		KMOVW(reg.K1, bits.As32())
	} else {
		VCMPPS(Imm(below), Mem{Base: k}, zero, v.reg(0))
		VMOVMSKPS(v.reg(0), bits.As32())
	}
	MOVW(bits.As16(), Mem{Base: y})
	ADDQ(imm(v.bytes()), k)
	ADDQ(imm(2), y)
	DECQ(c)
	JNZ(LabelRef("channel"))
	ADDQ(a("LdX"), x)
	DECQ(n)
	JNZ(LabelRef("pixel"))
	VZEROUPPER()
	RET()
}
