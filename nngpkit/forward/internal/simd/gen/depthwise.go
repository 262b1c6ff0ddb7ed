package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// depthwiseRow generates the depthwise convolution of tiles of p pixels side by side,
// whose windows have k columns and lie stride columns apart.
//
// A tile's accumulators stay in registers through all taps, channel by channel. Of a
// row of the window, each value is loaded once for all pixels that see it, and so is
// each weight.
func (v isa) depthwiseRow(k, stride, p int) {
	a := function(fmt.Sprintf("Depthwise%sK%dS%dP%d", v.name, k, stride, p), asm.DepthwiseRow{})
	Pragma("noescape")
	var (
		x, y, w, shift    = reg.R8, reg.R9, reg.R10, reg.R11
		taps, channels    = reg.RDX, reg.RCX
		at, column, scale = reg.RAX, reg.RSI, reg.RBX // along a row of the window
		next              = reg.R12                   // from weight to weight
		acc               = v.regs[:p]
		weights           = v.regs[p : p+k]
		value, floor      = v.regs[p+k], v.regs[p+k+1]
	)
	VBROADCASTSS(a("Floor"), floor)
	MOVQ(a("Column"), column)
	MOVQ(a("NextWeight"), next)
	Label("tile")
	MOVQ(a("X"), x)
	MOVQ(a("Y"), y)
	MOVQ(a("W"), w)
	MOVQ(a("Shift"), shift)
	MOVQ(a("C"), channels)
	Label("channel")
	VBROADCASTSS(Mem{Base: shift}, acc[0])
	for _, r := range acc[1:] {
		VMOVAPS(acc[0], r)
	}
	MOVQ(a("Taps"), taps)
	Label("row")
	MOVLQSX(Mem{Base: taps, Disp: 4}, scale)
	LEAQ(Mem{Base: w, Index: scale, Scale: 4}, scale)
	for i, r := range weights {
		VBROADCASTSS(Mem{Base: scale}, r)
		if i < k-1 {
			ADDQ(next, scale)
		}
	}
	MOVLQSX(Mem{Base: taps}, at)
	LEAQ(Mem{Base: x, Index: at, Scale: 4}, at)
	columns := (p-1)*stride + k
	for c := range columns {
		VMOVUPS(Mem{Base: at}, value)
		if c < columns-1 {
			ADDQ(column, at)
		}
		for i, r := range acc {
			if tap := c - i*stride; tap >= 0 && tap < k {
				VFMADD231PS(value, weights[tap], r)
			}
		}
	}
	ADDQ(imm(8*k), taps)
	CMPQ(taps, a("TapsEnd"))
	JNE(LabelRef("row"))
	MOVQ(y, at)
	for i, r := range acc {
		VMAXPS(floor, r, r)
		VMOVUPS(r, Mem{Base: at})
		if i < p-1 {
			ADDQ(a("LdY"), at)
		}
	}
	ADDQ(imm(v.bytes()), x)
	ADDQ(imm(v.bytes()), y)
	ADDQ(Imm(4), w)
	ADDQ(Imm(4), shift)
	DECQ(channels)
	JNZ(LabelRef("channel"))
	for _, f := range []string{"X", "Y"} {
		MOVQ(a(f+"Tile"), at)
		ADDQ(at, a(f))
	}
	DECQ(a("Tiles"))
	JNZ(LabelRef("tile"))
	VZEROUPPER()
	RET()
}
