package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// peak generates N rounds of twelve independent fused multiply-adds in
// registers: what the processor can do at most.
func (v isa) peak() {
	a := function("Peak"+v.name, asm.Peak{})
	Pragma("noescape")
	n := reg.RCX
	for i := range 14 {
		VXORPS(v.reg(i), v.reg(i), v.reg(i))
	}
	MOVQ(a("N"), n)
	Label("round")
	for i := range asm.PeakOps {
		VFMADD231PS(v.reg(12), v.reg(13), v.reg(i))
	}
	DECQ(n)
	JNZ(LabelRef("round"))
	VZEROUPPER()
	RET()
}
