//go:build ignore

// Command asm writes block_amd64.s: MD5 of eight messages of equal length at
// once, one in each 32-bit lane of the AVX2 registers.
package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// shifts are the rotations of each of the four rounds (RFC 1321).
var shifts = [4][4]uint64{{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}

func main() {
	ConstraintExpr("amd64")
	k := GLOBL("sines", RODATA|NOPTR)
	for i := 0; i < 64; i++ {
		DATA(4*i, U32(uint32(math.Floor(math.Abs(math.Sin(float64(i+1)))*(1<<32)))))
	}

	TEXT("block8", NOSPLIT, "func(state *[4][8]uint32, base *byte, stride, blocks int)")
	Pragma("noescape")
	Doc("block8 adds that many blocks of 64 bytes to the states of eight messages.")
	state, base := Load(Param("state"), GP64()), Load(Param("base"), GP64())
	stride, blocks := Load(Param("stride"), GP64()), Load(Param("blocks"), GP64())
	words := AllocLocal(16 * 32)

	Label("next")
	CMPQ(blocks, Imm(0))
	JE(LabelRef("done"))
	for half := 0; half < 2; half++ {
		transpose(base, stride, half*32, words.Offset(half*8*32))
	}
	rounds(state, words, k)
	ADDQ(Imm(64), base)
	DECQ(blocks)
	JMP(LabelRef("next"))
	Label("done")
	VZEROUPPER()
	RET()
	Generate()
}

// transpose writes 32 bytes of each message as eight vectors of a word each.
func transpose(base, stride Register, offset int, dst Mem) {
	row := GP64()
	MOVQ(base, row)
	var r, t, u [8]VecVirtual
	for i := range r {
		r[i] = YMM()
		VMOVDQU(Mem{Base: row, Disp: offset}, r[i])
		if i < 7 {
			ADDQ(stride, row)
		}
	}
	for i := 0; i < 8; i += 2 {
		t[i], t[i+1] = YMM(), YMM()
		VPUNPCKLDQ(r[i+1], r[i], t[i])
		VPUNPCKHDQ(r[i+1], r[i], t[i+1])
	}
	for i := 0; i < 8; i += 4 {
		for j := 0; j < 2; j++ {
			u[i+2*j], u[i+2*j+1] = YMM(), YMM()
			VPUNPCKLQDQ(t[i+2+j], t[i+j], u[i+2*j])
			VPUNPCKHQDQ(t[i+2+j], t[i+j], u[i+2*j+1])
		}
	}
	for i := 0; i < 4; i++ {
		lo, hi := YMM(), YMM()
		VPERM2I128(Imm(0x20), u[i+4], u[i], lo)
		VPERM2I128(Imm(0x31), u[i+4], u[i], hi)
		VMOVDQU(lo, dst.Offset(32*i))
		VMOVDQU(hi, dst.Offset(32*(i+4)))
	}
}

func rounds(state Register, words, sines Mem) {
	var v [4]VecVirtual // a, b, c, d
	for i := range v {
		v[i] = YMM()
		VMOVDQU(Mem{Base: state, Disp: 32 * i}, v[i])
	}
	f, t, ones := YMM(), YMM(), YMM()
	VPCMPEQD(ones, ones, ones)
	for i := 0; i < 64; i++ {
		a, b, c, d := v[0], v[1], v[2], v[3]
		word := i
		switch i / 16 {
		case 0: // d ^ (b & (c ^ d))
			VPXOR(c, d, f)
			VPAND(b, f, f)
			VPXOR(d, f, f)
		case 1: // c ^ (d & (b ^ c))
			word = 5*i + 1
			VPXOR(b, c, f)
			VPAND(d, f, f)
			VPXOR(c, f, f)
		case 2: // b ^ c ^ d
			word = 3*i + 5
			VPXOR(c, d, f)
			VPXOR(b, f, f)
		case 3: // c ^ (b | ^d)
			word = 7 * i
			VPXOR(d, ones, f)
			VPOR(b, f, f)
			VPXOR(c, f, f)
		}
		VPBROADCASTD(sines.Offset(4*i), t)
		VPADDD(words.Offset(32*(word%16)), a, a)
		VPADDD(t, a, a)
		VPADDD(f, a, a)
		s := shifts[i/16][i%4]
		VPSLLD(Imm(s), a, t)
		VPSRLD(Imm(32-s), a, a)
		VPOR(t, a, a)
		VPADDD(b, a, a)
		v = [4]VecVirtual{d, a, b, c}
	}
	for i := range v {
		VPADDD(Mem{Base: state, Disp: 32 * i}, v[i], v[i])
		VMOVDQU(v[i], Mem{Base: state, Disp: 32 * i})
	}
}
