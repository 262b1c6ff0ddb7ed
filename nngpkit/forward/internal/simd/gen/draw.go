package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// draw generates the weights of four blocks of Philox4x32-10 at a time, one a
// 64-bit lane. Only the low halves of lanes mean anything until the rounds are
// done. The arithmetic is that of the Go code, operation by operation, and so are
// the bits.
func (v isa) draw() {
	a := function("Draw"+v.name, asm.Draw{})
	Pragma("noescape")
	y := avx2.regs
	c, key, mul, step := y[0:4], y[4:6], y[6:8], y[8:10]
	t0, t1, first := y[10], y[11], y[12]
	out, n := reg.R8, reg.RCX
	at := func(field string, i int) Mem { m := a(field); m.Disp += 32 * i; return m }
	MOVQ(a("Out"), out)
	MOVQ(a("Blocks"), n)
	VMOVDQU(a("First"), first)
	VMOVDQU(at("Mul", 0), mul[0])
	VMOVDQU(at("Mul", 1), mul[1])
	VMOVDQU(at("Step", 0), step[0])
	VMOVDQU(at("Step", 1), step[1])
	Label("blocks")
	VMOVDQA(first, c[0])
	VMOVDQU(at("Counter", 0), c[1])
	VMOVDQU(at("Counter", 1), c[2])
	VPXOR(c[3], c[3], c[3])
	VMOVDQU(at("Key", 0), key[0])
	VMOVDQU(at("Key", 1), key[1])
	for round := range 10 {
		VPMULUDQ(mul[0], c[0], t0)
		VPMULUDQ(mul[1], c[2], t1)
		VPSRLQ(Imm(32), t1, c[0])
		VPXOR(c[1], c[0], c[0])
		VPXOR(key[0], c[0], c[0])
		VPSRLQ(Imm(32), t0, c[2])
		VPXOR(c[3], c[2], c[2])
		VPXOR(key[1], c[2], c[2])
		VMOVDQA(t1, c[1])
		VMOVDQA(t0, c[3])
		if round < 9 {
			VPADDD(step[0], key[0], key[0])
			VPADDD(step[1], key[1], key[1])
		}
	}
	for j, x := range c {
		v.truncated(at, x, y[13], y[14], y[15])
		VCVTPD2PSY(x, c[j].AsX())
	}
	// Four words of four blocks to four blocks of four words.
	x := func(i int) reg.VecPhysical { return y[i].AsX().(reg.VecPhysical) }
	VUNPCKLPS(x(1), x(0), x(4))
	VUNPCKHPS(x(1), x(0), x(5))
	VUNPCKLPS(x(3), x(2), x(10))
	VUNPCKHPS(x(3), x(2), x(11))
	for i, p := range [][2]int{{4, 10}, {4, 10}, {5, 11}, {5, 11}} {
		if i%2 == 0 {
			VUNPCKLPD(x(p[1]), x(p[0]), x(13))
		} else {
			VUNPCKHPD(x(p[1]), x(p[0]), x(13))
		}
		VMOVUPS(x(13), Mem{Base: out, Disp: 16 * i})
	}
	ADDQ(Imm(64), out)
	VPADDQ(a("Four"), first, first)
	SUBQ(Imm(4), n)
	JNZ(LabelRef("blocks"))
	VZEROUPPER()
	RET()
}

// truncated turns random words, in the low halves of lanes, into truncated normal
// variables times the standard deviation: see forward.truncated.
func (v isa) truncated(at func(string, int) Mem, x, z, p, q reg.VecPhysical) {
	VPAND(at("Low", 0), x, x)
	VPOR(at("Magic", 0), x, x) // 2^52 + word
	VSUBPD(at("Offset", 0), x, x)
	VADDPD(at("Half", 0), x, x)
	VMULPD(at("Unit", 0), x, x)
	VMULPD(x, x, z)
	VMULPD(at("P", 5), z, p)
	for i := 4; ; i-- {
		VADDPD(at("P", i), p, p)
		if i == 0 {
			break
		}
		VMULPD(z, p, p)
	}
	VMULPD(at("Q", 4), z, q)
	for i := 3; ; i-- {
		VADDPD(at("Q", i), q, q)
		if i == 0 {
			break
		}
		VMULPD(z, q, q)
	}
	VMULPD(p, x, x)
	VDIVPD(q, x, x)
	VMULPD(at("Std", 0), x, x)
}
