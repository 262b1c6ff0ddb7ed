package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// draw generates truncated normal weights, and drawNormal normal ones.
func (v isa) draw() {
	v.drawBlocks(function("Draw"+v.name, asm.Draw{}), v.truncated)
}

func (v isa) drawNormal() {
	v.drawBlocks(function("DrawNormal"+v.name, asm.DrawNormal{}), v.normal)
}

// drawBlocks generates the weights of four blocks of Philox4x32-10 at a time, one a
// 64-bit lane. Only the low halves of lanes mean anything until the rounds are
// done. The arithmetic is that of the Go code, operation by operation, and so are
// the bits. transform turns random words in the low halves of lanes into weights; it may
// use the registers tmp.
func (v isa) drawBlocks(a func(string) Mem, transform func(at func(string, int) Mem, words, tmp []reg.VecPhysical)) {
	Pragma("noescape")
	y := avx2.regs
	c, key, mul, step := y[0:4], y[4:6], y[6:8], y[8:10]
	t0, t1, first := y[10], y[11], y[12]
	out, n := reg.R8, reg.RCX
	at := func(field string, i int) Mem { m := a(field); m.Disp += 32 * i; return m }
	MOVQ(a("Out"), out)
	MOVQ(a("Blocks"), n)
	VMOVDQU(a("First"), first)
	Label("blocks")
	for i := range 2 {
		VMOVDQU(at("Mul", i), mul[i])
		VMOVDQU(at("Step", i), step[i])
	}
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
	tmp := append(append([]reg.VecPhysical(nil), y[4:12]...), y[13:]...)
	transform(at, c, tmp)
	for j, x := range c {
		VMULPD(at("Std", 0), x, x)
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

// symmetric turns random words into the middles of their cells of (-1, 1): see
// forward.symmetric.
func (v isa) symmetric(at func(string, int) Mem, x reg.VecPhysical) {
	VPAND(at("Low", 0), x, x)
	VPOR(at("Magic", 0), x, x) // 2^52 + word
	VSUBPD(at("Offset", 0), x, x)
	VADDPD(at("Half", 0), x, x)
	VMULPD(at("Unit", 0), x, x)
}

// horner generates y = a polynomial of the given degree in x.
func (v isa) horner(at func(string, int) Mem, name string, degree int, x, y reg.VecPhysical) {
	VMULPD(at(name, degree), x, y)
	for i := degree - 1; ; i-- {
		VADDPD(at(name, i), y, y)
		if i == 0 {
			return
		}
		VMULPD(x, y, y)
	}
}

// truncated turns random words into truncated normal variables: see
// forward.truncated.
func (v isa) truncated(at func(string, int) Mem, words, tmp []reg.VecPhysical) {
	z, p, q := tmp[0], tmp[1], tmp[2]
	for _, x := range words {
		v.symmetric(at, x)
		VMULPD(x, x, z)
		v.horner(at, "P", 5, z, p)
		v.horner(at, "Q", 4, z, q)
		VMULPD(p, x, x)
		VDIVPD(q, x, x)
	}
}

// normal turns random words into normal variables: see forward.normal. Both the
// middle and the tails are computed of all, part by part for all words, so that their
// long chains of operations run side by side.
func (v isa) normal(at func(string, int) Mem, words, tmp []reg.VecPhysical) {
	z, p, q, r := tmp[0], tmp[1], tmp[2], tmp[3]
	for j, x := range words {
		v.symmetric(at, x)
		VMULPD(x, x, z)
		VMULPD(at("Scale", 0), z, z)
		VADDPD(at("Start", 0), z, z)
		v.horner(at, "P", 7, z, p)
		v.horner(at, "Q", 7, z, q)
		VMULPD(p, x, p)
		VDIVPD(q, p, p)
		VMULPD(at("Root", 0), p, p)
		VMOVUPD(p, at("middle", j))
	}
	for j, x := range words {
		VANDPD(at("Positive", 0), x, r)
		VMOVUPD(at("One", 0), z)
		VSUBPD(r, z, r)
		v.logarithm(at, r, append([]reg.VecPhysical{z, p, q}, tmp[4:]...))
		VMOVUPD(at("Ln2", 0), z)
		VSUBPD(r, z, r)
		VSQRTPD(r, r)
		VADDPD(at("TailStart", 0), r, r)
		VMOVUPD(r, at("tail", j))
	}
	for j, x := range words {
		VMOVUPD(at("tail", j), r)
		v.horner(at, "TailP", 7, r, p)
		v.horner(at, "TailQ", 7, r, q)
		VDIVPD(q, p, p)
		VMULPD(at("Root", 0), p, p)
		VANDPD(at("Positive", 0), x, z)
		VCMPPD(Imm(0x1E), at("Limit", 0), z, z) // all bits where |x| is beyond
		VANDPD(at("Sign", 0), x, x)
		VORPD(x, p, p)
		VMOVUPD(at("middle", j), q)
		VBLENDVPD(z, p, q, x)
	}
}

// logarithm turns positive normal numbers into their logarithms: see
// forward.logarithm.
func (v isa) logarithm(at func(string, int) Mem, x reg.VecPhysical, tmp []reg.VecPhysical) {
	k, f, s, s2, s4, t1, t2 := tmp[0], tmp[1], tmp[2], tmp[3], tmp[4], tmp[5], tmp[6]
	VPSUBQ(at("Below", 0), x, k)
	VPAND(at("Mantissa", 0), k, f)
	VPADDQ(at("LeastMantissa", 0), f, f)
	VSUBPD(at("One", 0), f, f)
	VPSRLQ(Imm(52), k, k)
	VPOR(at("Magic", 0), k, k)
	VSUBPD(at("Exponents", 0), k, k)
	VADDPD(at("Two", 0), f, s)
	VDIVPD(s, f, s)
	VMULPD(s, s, s2)
	VMULPD(s2, s2, s4)
	for i, t := range []reg.VecPhysical{t1, t2} { // odd and even powers of s2
		VMULPD(at("Log", 6-i), s4, t)
		for n := 4 - i; ; n -= 2 {
			VADDPD(at("Log", n), t, t)
			if n < 2 {
				break
			}
			VMULPD(s4, t, t)
		}
	}
	VMULPD(s2, t1, t1)
	VMULPD(s4, t2, t2)
	VADDPD(t2, t1, t1)
	VMULPD(f, f, t2)
	VMULPD(at("Half", 0), t2, t2)
	VADDPD(t2, t1, t1)
	VMULPD(s, t1, t1)
	VMULPD(at("Ln2Low", 0), k, s)
	VADDPD(s, t1, t1)
	VSUBPD(t1, t2, t2)
	VSUBPD(f, t2, t2)
	VMULPD(at("Ln2High", 0), k, k)
	VSUBPD(t2, k, x)
}
