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
	in, out := v.winogradIn, v.winogradOut
	if len(v.regs) >= 32 {
		in, out = v.winogradIn32, v.winogradOut32
	}
	for _, left := range []bool{false, true} {
		for _, right := range []bool{false, true} {
			in(left, right)
		}
	}
	for _, prefix := range []string{"", "Channel"} {
		out(prefix, false)
		out(prefix, true)
	}
}

// Registers of the transforms.
var (
	inRows  = []reg.GPPhysical{reg.R8, reg.R9, reg.R10, reg.R11, reg.R12, reg.R13}
	outRows = inRows[:4]

	pixel, pixel3, pixel5    = reg.RAX, reg.RBX, reg.RCX // once, three and five times the distance
	stride, stride3, stride5 = reg.RDX, reg.RSI, reg.R15
	position                 = reg.R14 // first of a row of six
)

// times addresses base + n*distance, where three and five are multiples of
// distance.
func times(base, distance, three, five reg.GPPhysical, n int) Mem {
	m := Mem{Base: base}
	switch n {
	case 1, 2, 4:
		m.Index, m.Scale = distance, uint8(n)
	case 3:
		m.Index, m.Scale = three, 1
	case 5:
		m.Index, m.Scale = five, 1
	}
	return m
}

// atPixel and atPosition address pixel j of a row, and position j of six.
func atPixel(row reg.GPPhysical, j int) Mem { return times(row, pixel, pixel3, pixel5, j) }
func atPosition(j int) Mem                  { return times(position, stride, stride3, stride5, j) }

// nextPositions steps to the next row of six positions.
func nextPositions() { LEAQ(Mem{Base: position, Index: stride3, Scale: 2}, position) }

// tile loads what the transforms address by: rows, and multiples of distances.
// first is the field with the first position, current the variable for it.
func tile(a func(string) Mem, rows []reg.GPPhysical, first, current string) {
	MOVQ(a(first), position)
	MOVQ(position, a(current))
	MOVQ(a("Pixel"), pixel)
	LEAQ(Mem{Base: pixel, Index: pixel, Scale: 2}, pixel3)
	MOVQ(a("Stride"), stride)
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, stride3)
	LEAQ(Mem{Base: stride, Index: stride, Scale: 4}, stride5)
	for i, r := range rows {
		m := a("Rows")
		m.Disp += 8 * i
		MOVQ(m, r)
	}
}

// nextChannel steps to the next channel and closes the loop over them.
func (v isa) nextChannel(a func(string) Mem, rows []reg.GPPhysical, current string) {
	for _, r := range rows {
		ADDQ(imm(v.bytes()), r)
	}
	ADDQ(imm(v.bytes()), a(current))
	MOVQ(a(current), position)
	DECQ(a("C"))
	JNZ(LabelRef("channel"))
	VZEROUPPER()
	RET()
}

// broadcasts fills registers with constants, by field.
func broadcasts(a func(string) Mem, to map[string]reg.VecPhysical) {
	for _, f := range []string{"Two", "Half", "FiveHalves", "A", "B"} {
		if r, ok := to[f]; ok {
			VBROADCASTSS(a(f), r)
		}
	}
}

// winogradIn generates the input transform V = B' d B of a tile of 6 x 6
// pixels. left and right say that the first and the last column lie outside
// the image and count as zero.
func (v isa) winogradIn(left, right bool) {
	a := function(transform("WinoIn"+v.name, left, "L", right, "R"), asm.WinoIn{})
	Pragma("noescape")
	var (
		two, half  = v.reg(13), v.reg(14)
		fiveHalves = v.reg(15)
		t          = v.reg(12)
	)
	column := func(i, j int) Mem { return atPixel(inRows[i], j) }
	outside := func(j int) bool { return left && j == 0 || right && j == 5 }
	broadcasts(a, map[string]reg.VecPhysical{"Two": two, "Half": half, "FiveHalves": fiveHalves})
	tile(a, inRows, "V", "v")
	LEAQ(Mem{Base: pixel, Index: pixel, Scale: 4}, pixel5)

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
	// across transforms a row of six registers and stores it.
	across := func(base int) {
		x := func(j int) reg.VecPhysical { return v.reg(base + j) }
		VADDPS(x(4), x(0), t)
		VFNMADD231PS(x(2), fiveHalves, t)
		VMOVUPS(t, atPosition(0))
		VADDPS(x(5), x(1), x(0))
		VFNMADD231PS(x(3), fiveHalves, x(0))
		VMOVUPS(x(0), atPosition(5))
		VMOVAPS(x(4), t)
		VFNMADD231PS(x(2), two, t)
		VMOVAPS(x(3), x(0))
		VFNMADD231PS(x(1), two, x(0))
		VMULPS(a("A"), x(0), x(0))
		VADDPS(x(0), t, x(5))
		VMOVUPS(x(5), atPosition(1))
		VSUBPS(x(0), t, t)
		VMOVUPS(t, atPosition(2))
		VFNMADD231PS(x(2), half, x(4))
		VFNMADD231PS(x(1), half, x(3))
		VMULPS(a("B"), x(3), x(3))
		VADDPS(x(3), x(4), x(5))
		VMOVUPS(x(5), atPosition(3))
		VSUBPS(x(3), x(4), x(4))
		VMOVUPS(x(4), atPosition(4))
	}
	ends(0)
	across(0)
	nextPositions()
	pair(two, a("A"))
	across(0)
	nextPositions()
	across(6)
	nextPositions()
	pair(half, a("B"))
	across(0)
	nextPositions()
	across(6)
	nextPositions()
	ends(1)
	across(0)

	v.nextChannel(a, inRows, "v")
}

// winogradOut generates the output transform A' m A of a tile of 4 x 4 pixels,
// with scale, shift, rectification, and, with add, an addend; see affine for
// the prefix.
func (v isa) winogradOut(prefix string, add bool) {
	load, step := v.factors(prefix)
	a := function(transform(prefix+"WinoOut"+v.name, add, "Add", false, ""), asm.WinoOut{})
	Pragma("noescape")
	var (
		scale, sh = reg.R12, reg.R13
		two, half = v.reg(13), v.reg(14)
		t, ca     = v.reg(12), v.reg(15)
	)
	broadcasts(a, map[string]reg.VecPhysical{"Two": two, "Half": half, "A": ca})
	tile(a, outRows, "M", "m")
	MOVQ(a("Scale"), scale)
	MOVQ(a("Shift"), sh)

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
		load(Mem{Base: scale}, h(1))
		load(Mem{Base: sh}, h(2))
		VBROADCASTSS(a("Floor"), h(3))
		for i, o := range []reg.VecPhysical{h(0), h(4), t, h(5)} {
			VFMADD213PS(h(2), h(1), o)
			VMAXPS(h(3), o, o)
			v.storeOut(a, o, i, col, add)
		}
	}

	Label("channel")
	// Columns 0 and 2 from the sums of positions 1, 2 and 3, 4.
	for i := range 6 {
		y0, y2 := v.reg(i), v.reg(6+i)
		VMOVUPS(atPosition(1), y2)
		VADDPS(atPosition(2), y2, y2)
		VMOVUPS(atPosition(3), t)
		VADDPS(atPosition(4), t, t)
		VMOVUPS(atPosition(0), y0)
		VFMADD231PS(two, y2, y0)
		VFMADD231PS(half, t, y0)
		VADDPS(t, y2, y2)
		if i < 5 {
			nextPositions()
		}
	}
	finish(0, 0)
	finish(6, 2)
	// Columns 1 and 3 from the differences.
	MOVQ(a("m"), position)
	for i := range 6 {
		y1, y3 := v.reg(i), v.reg(6+i)
		VMOVUPS(atPosition(1), y1)
		VSUBPS(atPosition(2), y1, y1)
		VMOVUPS(atPosition(3), t)
		VSUBPS(atPosition(4), t, t)
		VMOVUPS(atPosition(5), y3)
		VFMADD231PS(ca, y1, y3)
		VFMADD231PS(a("B"), t, y3)
		VMULPS(a("B"), y1, y1)
		VFMADD231PS(ca, t, y1)
		if i < 5 {
			nextPositions()
		}
	}
	finish(0, 1)
	finish(6, 3)

	ADDQ(imm(step), scale)
	ADDQ(imm(step), sh)
	v.nextChannel(a, outRows, "m")
}

// storeOut stores a pixel of a tile, after adding the addend.
func (v isa) storeOut(a func(string) Mem, x reg.VecPhysical, row, col int, add bool) {
	if add {
		tmp := reg.RCX
		f := a("Add")
		f.Disp += 8*row + 32*col
		MOVQ(f, tmp)
		VADDPS(Mem{Base: tmp}, x, x)
		ADDQ(imm(v.bytes()), f)
	}
	VMOVUPS(x, atPixel(outRows[row], col))
}

// transform returns a kernel's name with the suffixes that hold.
func transform(name string, a bool, suffixA string, b bool, suffixB string) string {
	if a {
		name += suffixA
	}
	if b {
		name += suffixB
	}
	return name
}

// winogradIn32 is winogradIn with 32 registers: three rows of six at a time,
// from five loads a column.
func (v isa) winogradIn32(left, right bool) {
	a := function(transform("WinoIn"+v.name, left, "L", right, "R"), asm.WinoIn{})
	Pragma("noescape")
	var (
		x          = []reg.VecPhysical{v.reg(18), v.reg(19), v.reg(20), v.reg(21), v.reg(22)} // of a column
		t          = []reg.VecPhysical{v.reg(23), v.reg(24)}
		two, half  = v.reg(27), v.reg(28)
		fiveHalves = v.reg(29)
		ca, cb     = v.reg(30), v.reg(31)
	)
	broadcasts(a, map[string]reg.VecPhysical{"Two": two, "Half": half, "FiveHalves": fiveHalves, "A": ca, "B": cb})
	tile(a, inRows, "V", "v")
	LEAQ(Mem{Base: pixel, Index: pixel, Scale: 4}, pixel5)

	// end generates x0 - 5/2 x2 + x4, where x4 may be in memory.
	end := func(x0 reg.VecPhysical, x2 reg.VecPhysical, x4 Op, y reg.VecPhysical) {
		VADDPS(x4, x0, y)
		VFNMADD231PS(x2, fiveHalves, y)
	}
	// pair generates (x4 - k x2) +- f (x3 - k x1), and destroys x3 and x4.
	pair := func(k, f reg.VecPhysical, x1, x2 Op, x3, x4, plus, minus reg.VecPhysical) {
		VFNMADD231PS(x2, k, x4)
		VFNMADD231PS(x1, k, x3)
		VMULPS(f, x3, x3)
		VADDPS(x3, x4, plus)
		VSUBPS(x3, x4, minus)
	}
	// across transforms the row of registers that begins at base, and stores it.
	across := func(base int) {
		r := func(j int) reg.VecPhysical { return v.reg(base + j) }
		end(r(0), r(2), r(4), r(0))
		VMOVUPS(r(0), atPosition(0))
		end(r(1), r(3), r(5), r(5))
		VMOVUPS(r(5), atPosition(5))
		VMOVAPS(r(3), t[0])
		VMOVAPS(r(4), t[1])
		pair(two, ca, r(1), r(2), t[0], t[1], r(0), r(5))
		VMOVUPS(r(0), atPosition(1))
		VMOVUPS(r(5), atPosition(2))
		pair(half, cb, r(1), r(2), r(3), r(4), r(1), r(2))
		VMOVUPS(r(1), atPosition(3))
		VMOVUPS(r(2), atPosition(4))
	}
	// three transforms three rows: pixels first to first+4 of each column, of
	// which the end row takes each second.
	three := func(first int, k, f reg.VecPhysical) {
		for j := range 6 {
			e, plus, minus := v.reg(j), v.reg(6+j), v.reg(12+j)
			if first == 1 { // the pair comes first
				plus, minus, e = v.reg(j), v.reg(6+j), v.reg(12+j)
			}
			if left && j == 0 || right && j == 5 {
				for _, r := range []reg.VecPhysical{e, plus, minus} {
					VXORPS(r, r, r)
				}
				continue
			}
			at := func(i int) Mem { return atPixel(inRows[i], j) }
			VMOVUPS(at(2), x[1])
			VMOVUPS(at(3), x[2])
			VMOVUPS(at(4), x[3])
			if first == 0 {
				end(x[3], x[1], at(0), e)
				pair(k, f, at(1), x[1], x[2], x[3], plus, minus)
				continue
			}
			VMOVUPS(at(1), x[0])
			end(x[0], x[2], at(5), e)
			pair(k, f, x[0], x[1], x[2], x[3], plus, minus)
		}
		for i := range 3 {
			across(6 * i)
			if first == 0 || i < 2 {
				nextPositions()
			}
		}
	}

	Label("channel")
	three(0, two, ca)
	three(1, half, cb)
	v.nextChannel(a, inRows, "v")
}

// winogradOut32 is winogradOut with 32 registers, which hold the four columns
// of six that are left after the first half.
func (v isa) winogradOut32(prefix string, add bool) {
	load, step := v.factors(prefix)
	a := function(transform(prefix+"WinoOut"+v.name, add, "Add", false, ""), asm.WinoOut{})
	Pragma("noescape")
	var (
		scale, sh = reg.R12, reg.R13
		t         = []reg.VecPhysical{v.reg(24), v.reg(25), v.reg(26), v.reg(27)}
		two, half = v.reg(28), v.reg(29)
		ca, cb    = v.reg(30), v.reg(31)
	)
	broadcasts(a, map[string]reg.VecPhysical{"Two": two, "Half": half, "A": ca, "B": cb})
	tile(a, outRows, "M", "m")
	MOVQ(a("Scale"), scale)
	MOVQ(a("Shift"), sh)

	Label("channel")
	for i := range 6 {
		y0, y1, y2, y3 := v.reg(i), v.reg(6+i), v.reg(12+i), v.reg(18+i)
		VMOVUPS(atPosition(1), t[0])
		VMOVUPS(atPosition(2), t[1])
		VMOVUPS(atPosition(3), t[2])
		VMOVUPS(atPosition(4), t[3])
		VMOVUPS(atPosition(0), y0)
		VMOVUPS(atPosition(5), y3)
		VADDPS(t[1], t[0], y2)
		VSUBPS(t[1], t[0], y1)
		VADDPS(t[3], t[2], t[0])
		VSUBPS(t[3], t[2], t[1])
		VFMADD231PS(two, y2, y0)
		VFMADD231PS(half, t[0], y0)
		VADDPS(t[0], y2, y2)
		VFMADD231PS(ca, y1, y3)
		VFMADD231PS(cb, t[1], y3)
		VMULPS(cb, y1, y1)
		VFMADD231PS(ca, t[1], y1)
		if i < 5 {
			nextPositions()
		}
	}
	load(Mem{Base: scale}, t[1])
	load(Mem{Base: sh}, t[2])
	VBROADCASTSS(a("Floor"), t[3])
	for col := range 4 {
		h := func(i int) reg.VecPhysical { return v.reg(6*col + i) }
		VADDPS(h(2), h(1), t[0])
		VSUBPS(h(2), h(1), h(1))
		VADDPS(h(4), h(3), h(2))
		VSUBPS(h(4), h(3), h(3))
		VFMADD231PS(two, t[0], h(0))
		VFMADD231PS(half, h(2), h(0))
		VADDPS(h(2), t[0], h(2))
		VMULPS(cb, h(1), h(4))
		VFMADD231PS(ca, h(3), h(4))
		VFMADD231PS(ca, h(1), h(5))
		VFMADD231PS(cb, h(3), h(5))
		for i, o := range []reg.VecPhysical{h(0), h(4), h(2), h(5)} {
			VFMADD213PS(t[2], t[1], o)
			VMAXPS(t[3], o, o)
			v.storeOut(a, o, i, col, add)
		}
	}
	ADDQ(imm(step), scale)
	ADDQ(imm(step), sh)
	v.nextChannel(a, outRows, "m")
}
