package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// draw generates truncated normal weights, and drawNormal normal ones.
//
// Blocks of Philox4x32-10 go together, one a 64-bit lane. Only the low halves of
// lanes mean anything until the rounds are done. The arithmetic is that of the Go
// code, operation by operation, and so are the bits.
func (v isa) draw() {
	v.drawBlocks(function("Draw"+v.name, asm.Draw{}), v.truncated)
}

func (v isa) drawNormal() {
	a := function("DrawNormal"+v.name, asm.DrawNormal{})
	if v.lanes == 16 {
		v.drawNormalParts(a)
		return
	}
	v.drawBlocks(a, v.normal)
}

// drawn are the registers of a generator of weights.
type drawn struct {
	c, key, mul, step []reg.VecPhysical
	t0, t1, first     reg.VecPhysical
	tmp               []reg.VecPhysical // free while words are transformed
	out, n            reg.GPPhysical
	at                func(field string, i int) Mem
}

// drawn begins a generator: with first come the counters of the first blocks.
func (v isa) drawn(a func(string) Mem) *drawn {
	Pragma("noescape")
	y := v.regs
	d := &drawn{c: y[0:4], key: y[4:6], mul: y[6:8], step: y[8:10], t0: y[10], t1: y[11], first: y[12], out: reg.R8, n: reg.RCX}
	d.tmp = append(append([]reg.VecPhysical(nil), y[4:12]...), y[13:]...)
	d.at = func(field string, i int) Mem { m := a(field); m.Disp += 32 * i; return m }
	MOVQ(a("Out"), d.out)
	MOVQ(a("Blocks"), d.n)
	VMOVUPD(a("First"), d.first)
	return d
}

// philox generates the rounds of as many blocks as there are lanes, and steps on.
func (v isa) philox(d *drawn) {
	for i := range 2 {
		v.repeat(d.at("Mul", i), d.mul[i])
		v.repeat(d.at("Counter", i), d.c[1+i])
		if v.lanes == 8 {
			v.repeat(d.at("Step", i), d.step[i])
			v.repeat(d.at("Key", i), d.key[i])
		}
	}
	VMOVAPD(d.first, d.c[0])
	VXORPD(d.c[3], d.c[3], d.c[3])
	for round := range 10 {
		VPMULUDQ(d.mul[0], d.c[0], d.t0)
		VPMULUDQ(d.mul[1], d.c[2], d.t1)
		VPSRLQ(Imm(32), d.t1, d.c[0])
		VPSRLQ(Imm(32), d.t0, d.c[2])
		for i := range 2 {
			v.addKey(d, round, i)
		}
		d.c[1], d.t1, d.c[3], d.t0 = d.t1, d.c[1], d.t0, d.c[3]
	}
	v.constant(VPADDQ, VPADDQ_BCST, d.at("Together", 0), d.first, d.first)
}

// addKey joins the key of a round, and the word beside, with one of the two words that it
// leaves.
func (v isa) addKey(d *drawn, round, i int) {
	if v.lanes == 16 {
		const xor = 0x96 // of all three
		key := d.at("Keys", 0)
		key.Disp += 16*round + 8*i
		VPTERNLOGQ_BCST(Imm(xor), key, d.c[2*i+1], d.c[2*i])
		return
	}
	VXORPD(d.c[2*i+1], d.c[2*i], d.c[2*i])
	VXORPD(d.key[i], d.c[2*i], d.c[2*i])
	if round < 9 {
		VPADDD(d.step[i], d.key[i], d.key[i])
	}
}

// drawBlocks generates weights, as many blocks at a time as there are lanes.
// transform turns random words in the low halves of lanes into weights.
func (v isa) drawBlocks(a func(string) Mem, transform func(at func(string, int) Mem, words, tmp []reg.VecPhysical)) {
	d := v.drawn(a)
	Label("blocks")
	v.philox(d)
	transform(d.at, d.c, d.tmp)
	v.storeBlocks(d)
	SUBQ(Imm(uint64(v.lanes/2)), d.n)
	JNZ(LabelRef("blocks"))
	VZEROUPPER()
	RET()
}

// storeBlocks multiplies the words of blocks by the standard deviation, turns four
// words of blocks into blocks of four words, and stores these.
func (v isa) storeBlocks(d *drawn) {
	half := func(x reg.VecPhysical) reg.VecPhysical { // as many float32 as there are blocks
		if v.lanes == 16 {
			return x.AsY().(reg.VecPhysical)
		}
		return x.AsX().(reg.VecPhysical)
	}
	for _, x := range d.c {
		v.mul(d.at("Std", 0), x, x)
		if v.lanes == 16 {
			VCVTPD2PS(x, half(x))
		} else {
			VCVTPD2PSY(x, half(x))
		}
	}
	c := func(i int) reg.VecPhysical { return half(d.c[i]) }
	t := func(i int) reg.VecPhysical { return half(d.tmp[i]) }
	VUNPCKLPS(c(1), c(0), t(0))
	VUNPCKHPS(c(1), c(0), t(1))
	VUNPCKLPS(c(3), c(2), t(2))
	VUNPCKHPS(c(3), c(2), t(3))
	for i := range 4 {
		if i%2 == 0 {
			VUNPCKLPD(t(2+i/2), t(i/2), t(4))
		} else {
			VUNPCKHPD(t(2+i/2), t(i/2), t(4))
		}
		VMOVUPS(t(4).AsX(), Mem{Base: d.out, Disp: 16 * i})
		if v.lanes == 16 { // the other four blocks
			VEXTRACTF128(Imm(1), t(4), Mem{Base: d.out, Disp: 64 + 16*i})
		}
	}
	ADDQ(imm(8*v.lanes), d.out)
}

// symmetric turns random words into the middles of their cells of (-1, 1): see
// forward.symmetric.
func (v isa) symmetric(at func(string, int) Mem, x reg.VecPhysical) {
	v.and(at("Low", 0), x, x)
	v.or(at("Magic", 0), x, x) // 2^52 + word
	v.sub(at("Offset", 0), x, x)
	v.add(at("Half", 0), x, x)
	v.mul(at("Unit", 0), x, x)
}

// horner generates y = a polynomial of the given degree in x.
func (v isa) horner(at func(string, int) Mem, name string, degree int, x, y reg.VecPhysical) {
	v.mul(at(name, degree), x, y)
	for i := degree - 1; ; i-- {
		v.add(at(name, i), y, y)
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
		v.middle(at, x, []reg.VecPhysical{z, p, q})
		VMOVUPD(p, at("middle", j))
	}
	for j, x := range words {
		v.tailArgument(at, x, r, append([]reg.VecPhysical{z, p, q}, tmp[4:]...))
		VMOVUPD(r, at("tail", j))
	}
	for j, x := range words {
		VMOVUPD(at("tail", j), r)
		v.tail(at, x, r, p, q)
		v.and(at("Positive", 0), x, z)
		VCMPPD(Imm(greater), at("Limit", 0), z, z)
		VMOVUPD(at("middle", j), q)
		VBLENDVPD(z, p, q, x)
	}
}

// greater is the predicate of comparison: ordered and quiet.
const greater = 0x1E

// middle generates tmp[1] = the normal variable of x within Limit.
func (v isa) middle(at func(string, int) Mem, x reg.VecPhysical, tmp []reg.VecPhysical) {
	z, p, q := tmp[0], tmp[1], tmp[2]
	VMULPD(x, x, z)
	v.mul(at("Scale", 0), z, z)
	v.add(at("Start", 0), z, z)
	v.horner(at, "P", 7, z, p)
	v.horner(at, "Q", 7, z, q)
	VMULPD(p, x, p)
	VDIVPD(q, p, p)
	v.mul(at("Root", 0), p, p)
}

// tailArgument generates r = the argument of the polynomials beyond Limit.
func (v isa) tailArgument(at func(string, int) Mem, x, r reg.VecPhysical, tmp []reg.VecPhysical) {
	z := tmp[0]
	v.and(at("Positive", 0), x, r)
	v.repeat(at("One", 0), z)
	VSUBPD(r, z, r)
	v.logarithm(at, r, tmp)
	v.repeat(at("Ln2", 0), z)
	VSUBPD(r, z, r)
	VSQRTPD(r, r)
	v.add(at("TailStart", 0), r, r)
}

// tail generates p = the normal variable of x beyond Limit, whose polynomials have
// the argument r. Nothing but its sign is left of x.
func (v isa) tail(at func(string, int) Mem, x, r, p, q reg.VecPhysical) {
	v.horner(at, "TailP", 7, r, p)
	v.horner(at, "TailQ", 7, r, q)
	VDIVPD(q, p, p)
	v.mul(at("Root", 0), p, p)
	v.and(at("Sign", 0), x, q)
	VORPD(q, p, p)
}

// logarithm turns positive normal numbers into their logarithms: see
// forward.logarithm.
func (v isa) logarithm(at func(string, int) Mem, x reg.VecPhysical, tmp []reg.VecPhysical) {
	k, f, s, s2, s4, t1, t2 := tmp[0], tmp[1], tmp[2], tmp[3], tmp[4], tmp[5], tmp[6]
	v.constant(VPSUBQ, VPSUBQ_BCST, at("Below", 0), x, k)
	v.and(at("Mantissa", 0), k, f)
	v.constant(VPADDQ, VPADDQ_BCST, at("LeastMantissa", 0), f, f)
	v.sub(at("One", 0), f, f)
	VPSRLQ(Imm(52), k, k)
	v.or(at("Magic", 0), k, k)
	v.sub(at("Exponents", 0), k, k)
	v.add(at("Two", 0), f, s)
	VDIVPD(s, f, s)
	VMULPD(s, s, s2)
	VMULPD(s2, s2, s4)
	for i, t := range []reg.VecPhysical{t1, t2} { // odd and even powers of s2
		v.mul(at("Log", 6-i), s4, t)
		for n := 4 - i; ; n -= 2 {
			v.add(at("Log", n), t, t)
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
	v.mul(at("Half", 0), t2, t2)
	VADDPD(t2, t1, t1)
	VMULPD(s, t1, t1)
	v.mul(at("Ln2Low", 0), k, s)
	VADDPD(s, t1, t1)
	VSUBPD(t1, t2, t2)
	VSUBPD(f, t2, t2)
	v.mul(at("Ln2High", 0), k, k)
	VSUBPD(t2, k, x)
}

// constant generates an operation whose first operand is a field that holds a value
// four times: one vector with AVX2, the first of the values with AVX-512.
func (v isa) constant(vector, broadcast func(ops ...Op), m Mem, x, y reg.VecPhysical) {
	if v.lanes == 16 {
		broadcast(m, x, y)
	} else {
		vector(m, x, y)
	}
}

func (v isa) mul(m Mem, x, y reg.VecPhysical) { v.constant(VMULPD, VMULPD_BCST, m, x, y) }
func (v isa) add(m Mem, x, y reg.VecPhysical) { v.constant(VADDPD, VADDPD_BCST, m, x, y) }
func (v isa) sub(m Mem, x, y reg.VecPhysical) { v.constant(VSUBPD, VSUBPD_BCST, m, x, y) }
func (v isa) and(m Mem, x, y reg.VecPhysical) { v.constant(VANDPD, VANDPD_BCST, m, x, y) }
func (v isa) or(m Mem, x, y reg.VecPhysical)  { v.constant(VORPD, VORPD_BCST, m, x, y) }

// repeat loads such a field.
func (v isa) repeat(m Mem, x reg.VecPhysical) {
	if v.lanes == 16 {
		VBROADCASTSD(m, x)
	} else {
		VMOVUPD(m, x)
	}
}
