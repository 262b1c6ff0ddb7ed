package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// activations generates, by exp as described at asm.ExpConsts,
//
//	sigmoid(x) = 1/(1 + exp(-x))
//	swish(x) = x sigmoid(x)
//	gelu by tanh(x) = x sigmoid(x (c0 x^2 + c1))
//	tanh(x) = e/(e + 2), e = exp(2x) - 1
//
// erf and the GELU of it as described at asm.ErfConsts,
// and the activations of linear pieces.
func (v isa) activations() {
	v.activation("Sigmoid", nil, v.overOne)
	v.activation("Swish", nil, v.overX)
	v.activation("GELUTanh", v.cubic, v.overX)
	v.activation("Tanh", v.minusTwice, nil)
	v.erf("Erf", false)
	v.erf("GELU", true)
	v.pieces("Clamp", func(x Mem, r, t, slope, shift, lo, hi reg.VecPhysical) {
		VMOVAPS(shift, r)
		VFMADD231PS(x, slope, r)
		VMAXPS(r, lo, r) // in this order a NaN stays
		VMINPS(r, hi, r)
	})
	v.pieces("ClampMul", func(x Mem, r, t, slope, shift, lo, hi reg.VecPhysical) {
		VMOVAPS(shift, r)
		VFMADD231PS(x, slope, r)
		VMAXPS(r, lo, r)
		VMINPS(r, hi, r)
		VMULPS(x, r, r)
	})
	v.pieces("LeakyReLU", func(x Mem, r, t, slope, _, zero, _ reg.VecPhysical) {
		VMOVUPS(x, t)
		VMAXPS(t, zero, r)
		VMINPS(t, zero, t)
		VFMADD231PS(t, slope, r)
	})
}

// pieces generates y = f(x) with four constants.
func (v isa) pieces(name string, f func(x Mem, r, t, slope, shift, lo, hi reg.VecPhysical)) {
	a := function(name+v.name, asm.Pieces{})
	Pragma("noescape")
	k, c, n, y, x := reg.RAX, reg.RCX, reg.RDX, reg.R8, reg.R9
	consts := v.regs[8:12]
	for i, field := range []string{"Slope", "Shift", "Lo", "Hi"} {
		VBROADCASTSS(a(field), consts[i])
	}
	MOVQ(a("Y"), y)
	MOVQ(a("X"), x)
	MOVQ(a("N"), n)
	Label("pixel")
	XORQ(k, k)
	v.channelLoops(a, c, func(channels int, _ string) {
		for j := range channels {
			at := func(p reg.GPPhysical) Mem { return Mem{Base: p, Index: k, Scale: 1, Disp: j * v.bytes()} }
			f(at(x), v.reg(2*j), v.reg(2*j+1), consts[0], consts[1], consts[2], consts[3])
			VMOVUPS(v.reg(2*j), at(y))
		}
		ADDQ(imm(channels*v.bytes()), k)
	})
	ADDQ(a("LdY"), y)
	ADDQ(a("LdX"), x)
	DECQ(n)
	JNZ(LabelRef("pixel"))
	VZEROUPPER()
	RET()
}

// overOne and overX divide 1 and x by p; overX overwrites it.
func (v isa) overOne(_ Mem, p, one, r reg.VecPhysical) { VDIVPS(p, one, r) }

func (v isa) overX(x Mem, p, _, r reg.VecPhysical) {
	VMOVUPS(x, r)
	VDIVPS(p, r, r)
}

// cubic multiplies r by c0 r^2 + c1.
func (v isa) cubic(a func(string) Mem, r, t, p reg.VecPhysical) {
	first := a("Cubic")
	second := first
	second.Disp += 4
	VBROADCASTSS(first, p)
	VMULPS(r, r, t)
	VMULPS(p, t, t)
	VBROADCASTSS(second, p)
	VADDPS(p, t, t)
	VMULPS(t, r, r)
}

func (v isa) minusTwice(a func(string) Mem, r, t, _ reg.VecPhysical) {
	VBROADCASTSS(a("MinusTwo"), t)
	VMULPS(t, r, r)
}

// activation generates one function. argument, if any, changes r before
// exp(-r) is taken, and may use two more registers. result computes r from
// p = 1 + exp(-r); without it r becomes (exp(-r) - 1)/(exp(-r) + 1), where the
// numerator is exact near zero.
func (v isa) activation(name string, argument func(a func(string) Mem, r, t, p reg.VecPhysical), result func(x Mem, p, one, r reg.VecPhysical)) {
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
			if argument != nil {
				argument(a, r, t, p)
			}
			VMINPS(r, most, r) // in this order a NaN stays
			VMAXPS(r, least, r)
			VMOVAPS(round, t)
			VFMADD231PS(log2e, r, t)
			VSUBPS(round, t, p)     // n
			VFNMSUB231PS(ln2, p, r) // -x - n log(2)
			VFNMADD231PS(rest, p, r)
			VPSLLD(Imm(23), t, t)
			VMOVAPS(poly[0], p)
			for _, q := range append(poly[1:], one) {
				VFMADD213PS(q, r, p)
			}
			if result != nil {
				VFMADD213PS(one, r, p)
				VPADDD(t, p, p) // times 2^n
				VADDPS(one, p, p)
				result(at, p, one, r)
			} else {
				VMULPS(r, p, p)   // exp of the rest, minus 1
				VPADDD(t, one, t) // 2^n
				VSUBPS(one, t, r)
				VFMADD213PS(r, t, p)
				VADDPS(one, p, r)
				VADDPS(one, r, r)
				VDIVPS(r, p, r)
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

// erf generates erf(x), or x/2 + x/2 erf(x/sqrt(2)).
func (v isa) erf(name string, gelu bool) {
	a := function(name+v.name, asm.Erf{})
	Pragma("noescape")
	var (
		k, c, n, x = reg.RAX, reg.RCX, reg.RDX, reg.R8
		r, t, p, q = v.reg(0), v.reg(1), v.reg(2), v.reg(3)
		consts     [2][6]reg.VecPhysical
	)
	for i, field := range []string{"P", "Q"} {
		for j := range consts[i] {
			f := a(field)
			f.Disp += 4 * j
			consts[i][j] = v.reg(4 + 6*i + j)
			VBROADCASTSS(f, consts[i][j])
		}
	}
	MOVQ(a("X"), x)
	MOVQ(a("N"), n)
	Label("pixel")
	MOVQ(x, k)
	v.channelLoops(a, c, func(channels int, _ string) {
		for j := range channels {
			at := Mem{Base: k, Disp: j * v.bytes()}
			VMOVUPS(at, r)
			if gelu {
				VBROADCASTSS(a("RootHalf"), t)
				VMULPS(t, r, r)
			}
			VBROADCASTSS(a("Most"), t)
			VMINPS(r, t, r) // in this order a NaN stays
			VBROADCASTSS(a("Least"), t)
			VMAXPS(r, t, r)
			VMULPS(r, r, t)
			VMOVAPS(consts[0][0], p)
			VMOVAPS(consts[1][0], q)
			for i := 1; i < 6; i++ {
				VFMADD213PS(consts[0][i], t, p)
				VFMADD213PS(consts[1][i], t, q)
			}
			VMULPS(p, r, r)
			VDIVPS(q, r, r)
			if gelu {
				VBROADCASTSS(a("Half"), t)
				VMULPS(at, t, t)
				VFMADD213PS(t, t, r)
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
