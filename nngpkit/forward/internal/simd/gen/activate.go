package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// activations generates sigmoid(x) = 1/(1 + exp(-x)) and swish(x) = x
// sigmoid(x), as described at asm.ExpConsts.
func (v isa) activations() {
	v.activation("Sigmoid", false)
	v.activation("Swish", true)
}

func (v isa) activation(name string, timesX bool) {
	a := function(name+v.name, asm.Activate{})
	Pragma("noescape")
	var (
		k, c, n, x = reg.RAX, reg.RCX, reg.RDX, reg.R8
		r, t, p    = v.reg(0), v.reg(1), v.reg(2)
		consts     = v.regs[3:]
	)
	constant := func(field string, i int) reg.VecPhysical {
		to := consts[0]
		consts = consts[1:]
		f := a(field)
		f.Disp += 4 * i
		VBROADCASTSS(f, to)
		return to
	}
	var (
		least, most  = constant("Least", 0), constant("Most", 0)
		log2e, round = constant("Log2E", 0), constant("Round", 0)
		ln2, rest    = constant("Ln2", 0), constant("Ln2", 1)
		poly         [6]reg.VecPhysical
	)
	for i := range poly {
		poly[i] = constant("P", i)
	}
	one := constant("One", 0)
	MOVQ(a("X"), x)
	MOVQ(a("N"), n)
	Label("pixel")
	MOVQ(x, k)
	v.channelLoops(a, c, func(channels int, _ string) {
		for j := range channels {
			at := Mem{Base: k, Disp: j * v.bytes()}
			VMOVUPS(at, r)
			VMINPS(r, most, r) // in this order a NaN stays
			VMAXPS(r, least, r)
			VMOVAPS(round, t)
			VFMADD231PS(log2e, r, t)
			VSUBPS(round, t, p)     // n
			VFNMSUB231PS(ln2, p, r) // -x - n log(2)
			VFNMADD231PS(rest, p, r)
			VPSLLD(Imm(23), t, t)
			VMOVAPS(poly[0], p)
			for _, q := range append(poly[1:], one, one) {
				VFMADD213PS(q, r, p)
			}
			VPADDD(t, p, p) // times 2^n
			VADDPS(one, p, p)
			if timesX {
				VMOVUPS(at, r)
				VDIVPS(p, r, r)
			} else {
				VDIVPS(p, one, r)
			}
			VMOVUPS(r, at)
		}
		ADDQ(imm(channels*v.bytes()), k)
	})
	ADDQ(a("LdX"), x)
	DECQ(n)
	JNZ(LabelRef("pixel"))
	VZEROUPPER()
	RET()
}
