package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// winograd generates the transforms of F(4x4, 3x3) with the points 0, +-a,
// +-b and infinity, a = sqrt(1/2), b = sqrt(2): half the error of +-1, +-2,
// and a*b = 1 saves multiplications. See package simd for the matrices.
func (v isa) winograd() {
	for _, left := range []bool{false, true} {
		for _, right := range []bool{false, true} {
			v.winogradIn(left, right)
		}
	}
	v.winogradOut(false)
	v.winogradOut(true)
}

// winogradIn generates the input transform V = B' d B of a tile of 6 x 6
// pixels. left and right say that the first and the last column lie outside
// the image and count as zero.
func (v isa) winogradIn(left, right bool) {
	name := "WinoIn" + v.name
	if left {
		name += "L"
	}
	if right {
		name += "R"
	}
	a := function(name, asm.WinoIn{})
	Pragma("noescape")
	var (
		rows       = []reg.GPPhysical{reg.R8, reg.R9, reg.R10, reg.R11, reg.R12, reg.R13}
		p, p3, p5  = reg.RAX, reg.RBX, reg.RCX
		s, s3, s5  = reg.RDX, reg.RSI, reg.R15
		dst        = reg.R14
		two, half  = v.reg(13), v.reg(14)
		fiveHalves = v.reg(15)
		t          = v.reg(12)
	)
	column := func(i, j int) Mem {
		m := Mem{Base: rows[i]}
		switch j {
		case 1, 2, 4:
			m.Index, m.Scale = p, uint8(j)
		case 3:
			m.Index, m.Scale = p3, 1
		case 5:
			m.Index, m.Scale = p5, 1
		}
		return m
	}
	outside := func(j int) bool { return left && j == 0 || right && j == 5 }

	VBROADCASTSS(a("Two"), two)
	VBROADCASTSS(a("Half"), half)
	VBROADCASTSS(a("FiveHalves"), fiveHalves)
	MOVQ(a("V"), dst)
	MOVQ(dst, a("v"))
	MOVQ(a("Pixel"), p)
	LEAQ(Mem{Base: p, Index: p, Scale: 2}, p3)
	LEAQ(Mem{Base: p, Index: p, Scale: 4}, p5)
	MOVQ(a("Stride"), s)
	LEAQ(Mem{Base: s, Index: s, Scale: 2}, s3)
	LEAQ(Mem{Base: s, Index: s, Scale: 4}, s5)
	for i, r := range rows {
		m := a("Rows")
		m.Disp += 8 * i
		MOVQ(m, r)
	}

	Label("channel")
	// Rows 0 and 5: x0 - 5/2 x2 + x4 and x1 - 5/2 x3 + x5.
	ends := func(first int) {
		for j := range 6 {
			if outside(j) {
				VXORPS(v.reg(j), v.reg(j), v.reg(j))
				continue
			}
			VMOVUPS(column(first, j), v.reg(j))
			VADDPS(column(first+4, j), v.reg(j), v.reg(j))
			VFNMADD231PS(column(first+2, j), fiveHalves, v.reg(j))
		}
	}
	// Rows 1 and 2, or 3 and 4: (x4 - k x2) +- f (x3 - k x1).
	pair := func(k reg.VecPhysical, f Mem) {
		for j := range 6 {
			if outside(j) {
				VXORPS(v.reg(j), v.reg(j), v.reg(j))
				VXORPS(v.reg(6+j), v.reg(6+j), v.reg(6+j))
				continue
			}
			VMOVUPS(column(4, j), v.reg(6+j))
			VFNMADD231PS(column(2, j), k, v.reg(6+j))
			VMOVUPS(column(3, j), t)
			VFNMADD231PS(column(1, j), k, t)
			VMULPS(f, t, t)
			VADDPS(t, v.reg(6+j), v.reg(j))
			VSUBPS(t, v.reg(6+j), v.reg(6+j))
		}
	}
	at := func(j int) Mem {
		m := Mem{Base: dst}
		switch j {
		case 1, 2, 4:
			m.Index, m.Scale = s, uint8(j)
		case 3:
			m.Index, m.Scale = s3, 1
		case 5:
			m.Index, m.Scale = s5, 1
		}
		return m
	}
	// across transforms a row of six registers and stores it.
	across := func(base int) {
		x := func(j int) reg.VecPhysical { return v.reg(base + j) }
		VADDPS(x(4), x(0), t)
		VFNMADD231PS(x(2), fiveHalves, t)
		VMOVUPS(t, at(0))
		VADDPS(x(5), x(1), x(0))
		VFNMADD231PS(x(3), fiveHalves, x(0))
		VMOVUPS(x(0), at(5))
		VMOVAPS(x(4), t)
		VFNMADD231PS(x(2), two, t)
		VMOVAPS(x(3), x(0))
		VFNMADD231PS(x(1), two, x(0))
		VMULPS(a("A"), x(0), x(0))
		VADDPS(x(0), t, x(5))
		VMOVUPS(x(5), at(1))
		VSUBPS(x(0), t, t)
		VMOVUPS(t, at(2))
		VFNMADD231PS(x(2), half, x(4))
		VFNMADD231PS(x(1), half, x(3))
		VMULPS(a("B"), x(3), x(3))
		VADDPS(x(3), x(4), x(5))
		VMOVUPS(x(5), at(3))
		VSUBPS(x(3), x(4), x(4))
		VMOVUPS(x(4), at(4))
	}
	down := func() { LEAQ(Mem{Base: dst, Index: s3, Scale: 2}, dst) }

	ends(0)
	across(0)
	down()
	pair(two, a("A"))
	across(0)
	down()
	across(6)
	down()
	pair(half, a("B"))
	across(0)
	down()
	across(6)
	down()
	ends(1)
	across(0)

	for _, r := range rows {
		ADDQ(imm(v.bytes()), r)
	}
	ADDQ(imm(v.bytes()), a("v"))
	MOVQ(a("v"), dst)
	DECQ(a("C"))
	JNZ(LabelRef("channel"))
	VZEROUPPER()
	RET()
}

// winogradOut generates the output transform A' m A of a tile of 4 x 4 pixels,
// with scale, shift, rectification, and, with add, an addend.
func (v isa) winogradOut(add bool) {
	name := "WinoOut" + v.name
	if add {
		name += "Add"
	}
	a := function(name, asm.WinoOut{})
	Pragma("noescape")
	var (
		rows      = []reg.GPPhysical{reg.R8, reg.R9, reg.R10, reg.R11}
		p, p3     = reg.RAX, reg.RBX
		s, s3, s5 = reg.RDX, reg.RSI, reg.R15
		src       = reg.R14
		scale, sh = reg.R12, reg.R13
		tmp       = reg.RCX
		two, half = v.reg(13), v.reg(14)
		t, ca     = v.reg(12), v.reg(15)
	)
	at := func(j int) Mem {
		m := Mem{Base: src}
		switch j {
		case 1, 2, 4:
			m.Index, m.Scale = s, uint8(j)
		case 3:
			m.Index, m.Scale = s3, 1
		case 5:
			m.Index, m.Scale = s5, 1
		}
		return m
	}
	VBROADCASTSS(a("Two"), two)
	VBROADCASTSS(a("Half"), half)
	VBROADCASTSS(a("A"), ca)
	MOVQ(a("M"), src)
	MOVQ(src, a("m"))
	MOVQ(a("Pixel"), p)
	LEAQ(Mem{Base: p, Index: p, Scale: 2}, p3)
	MOVQ(a("Stride"), s)
	LEAQ(Mem{Base: s, Index: s, Scale: 2}, s3)
	LEAQ(Mem{Base: s, Index: s, Scale: 4}, s5)
	MOVQ(a("Scale"), scale)
	MOVQ(a("Shift"), sh)
	for i, r := range rows {
		m := a("Rows")
		m.Disp += 8 * i
		MOVQ(m, r)
	}

	// finish transforms a column of six registers and stores its four pixels.
	finish := func(base, col int) {
		h := func(i int) reg.VecPhysical { return v.reg(base + i) }
		VADDPS(h(2), h(1), t)
		VSUBPS(h(2), h(1), h(1))
		VADDPS(h(4), h(3), h(2))
		VSUBPS(h(4), h(3), h(3))
		VFMADD231PS(two, t, h(0))
		VFMADD231PS(half, h(2), h(0))
		VADDPS(h(2), t, t)
		VMULPS(a("B"), h(1), h(4))
		VFMADD231PS(ca, h(3), h(4))
		VFMADD231PS(ca, h(1), h(5))
		VFMADD231PS(a("B"), h(3), h(5))
		VBROADCASTSS(Mem{Base: scale}, h(1))
		VBROADCASTSS(Mem{Base: sh}, h(2))
		VBROADCASTSS(a("Floor"), h(3))
		for i, o := range []reg.VecPhysical{h(0), h(4), t, h(5)} {
			VFMADD213PS(h(2), h(1), o)
			VMAXPS(h(3), o, o)
			m := Mem{Base: rows[i]}
			switch col {
			case 1, 2:
				m.Index, m.Scale = p, uint8(col)
			case 3:
				m.Index, m.Scale = p3, 1
			}
			if add {
				f := a("Add")
				f.Disp += 8*i + 32*col
				MOVQ(f, tmp)
				VADDPS(Mem{Base: tmp}, o, o)
				ADDQ(imm(v.bytes()), f)
			}
			VMOVUPS(o, m)
		}
	}

	Label("channel")
	// Columns 0 and 2 from the sums of positions 1, 2 and 3, 4.
	for i := range 6 {
		y0, y2 := v.reg(i), v.reg(6+i)
		VMOVUPS(at(1), y2)
		VADDPS(at(2), y2, y2)
		VMOVUPS(at(3), t)
		VADDPS(at(4), t, t)
		VMOVUPS(at(0), y0)
		VFMADD231PS(two, y2, y0)
		VFMADD231PS(half, t, y0)
		VADDPS(t, y2, y2)
		if i < 5 {
			LEAQ(Mem{Base: src, Index: s3, Scale: 2}, src)
		}
	}
	finish(0, 0)
	finish(6, 2)
	// Columns 1 and 3 from the differences.
	MOVQ(a("m"), src)
	for i := range 6 {
		y1, y3 := v.reg(i), v.reg(6+i)
		VMOVUPS(at(1), y1)
		VSUBPS(at(2), y1, y1)
		VMOVUPS(at(3), t)
		VSUBPS(at(4), t, t)
		VMOVUPS(at(5), y3)
		VFMADD231PS(ca, y1, y3)
		VFMADD231PS(a("B"), t, y3)
		VMULPS(a("B"), y1, y1)
		VFMADD231PS(ca, t, y1)
		if i < 5 {
			LEAQ(Mem{Base: src, Index: s3, Scale: 2}, src)
		}
	}
	finish(0, 1)
	finish(6, 3)

	for _, r := range rows {
		ADDQ(imm(v.bytes()), r)
	}
	ADDQ(Imm(4), scale)
	ADDQ(Imm(4), sh)
	ADDQ(imm(v.bytes()), a("m"))
	MOVQ(a("m"), src)
	DECQ(a("C"))
	JNZ(LabelRef("channel"))
	VZEROUPPER()
	RET()
}
