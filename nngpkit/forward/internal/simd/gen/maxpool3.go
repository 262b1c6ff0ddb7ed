package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// maxPool3 generates the maximum over 3 x 3 windows with stride 1, for a few
// channels of some rows. Walking along a row it keeps the maxima of the last
// columns, so that a pixel costs three loads instead of nine.
func (v isa) maxPool3(channels int) {
	a := function(fmt.Sprintf("MaxPool3%sC%d", v.name, channels), asm.MaxPool3{})
	Pragma("noescape")
	var (
		row  = []reg.GPPhysical{reg.R8, reg.R9, reg.R10}
		x    = []reg.GPPhysical{reg.RAX, reg.RBX, reg.RSI}
		y, n = reg.RDX, reg.RCX
		ldx  = reg.R11
		ldy  = reg.R12
		last = v.reg                                                      // maxima of the last column
		two  = func(j int) reg.VecPhysical { return v.reg(channels + j) } // and of the last two
		next = func(j int) reg.VecPhysical { return v.reg(2*channels + j) }
	)
	// column takes the maximum of a column of three pixels.
	column := func(to func(int) reg.VecPhysical) {
		for j := range channels {
			at := func(i int) Mem { return Mem{Base: x[i], Disp: j * v.bytes()} }
			VMOVUPS(at(0), to(j))
			VMAXPS(at(1), to(j), to(j))
			VMAXPS(at(2), to(j), to(j))
		}
		for _, r := range x {
			ADDQ(ldx, r)
		}
	}
	MOVQ(a("LdX"), ldx)
	MOVQ(a("LdY"), ldy)
	for i, r := range row {
		f := a("X")
		f.Disp += 8 * i
		MOVQ(f, r)
	}
	Label("row")
	for i, r := range row {
		MOVQ(r, x[i])
	}
	MOVQ(a("Y"), y)
	column(last)
	for j := range channels {
		VMOVAPS(last(j), two(j))
	}
	MOVQ(a("Width"), n)
	DECQ(n)
	JZ(LabelRef("end"))
	Label("pixel")
	column(next)
	for j := range channels {
		VMAXPS(next(j), two(j), two(j))
		VMOVUPS(two(j), Mem{Base: y, Disp: j * v.bytes()})
		VMAXPS(next(j), last(j), two(j))
		VMOVAPS(next(j), last(j))
	}
	ADDQ(ldy, y)
	DECQ(n)
	JNZ(LabelRef("pixel"))
	Label("end")
	for j := range channels {
		VMOVUPS(two(j), Mem{Base: y, Disp: j * v.bytes()})
	}
	for _, r := range row {
		ADDQ(a("RowX"), r)
	}
	MOVQ(a("RowY"), n)
	ADDQ(n, a("Y"))
	DECQ(a("Rows"))
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}
