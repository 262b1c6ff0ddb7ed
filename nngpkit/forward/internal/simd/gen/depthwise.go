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
	var (
		acc          = v.regs[:p]
		weights      = v.regs[p : p+k]
		value, floor = v.regs[p+k], v.regs[p+k+1]
		d            = v.slider(a, floor)
	)
	d.start(acc)
	Label("row")
	d.weights(0, weights)
	d.values((p-1)*stride+k, value, func(c int) {
		for i, r := range acc {
			if tap := c - i*stride; tap >= 0 && tap < k {
				VFMADD231PS(value, weights[tap], r)
			}
		}
	})
	ADDQ(imm(8*k), d.taps)
	CMPQ(d.taps, a("TapsEnd"))
	JNE(LabelRef("row"))
	MOVQ(d.y, d.at)
	for i, r := range acc {
		VMAXPS(floor, r, r)
		VMOVUPS(r, Mem{Base: d.at})
		if i < p-1 {
			ADDQ(a("LdY"), d.at)
		}
	}
	d.next(v.bytes())
}

// slider are the registers of a depthwise convolution of tiles of pixels side by side.
type slider struct {
	a                 func(string) Mem
	x, y, w, shift    reg.GPPhysical
	taps, channels    reg.GPPhysical
	at, column, scale reg.GPPhysical // along a row of the window
	nextWeight        reg.GPPhysical // from weight to weight
}

// slider generates the beginning up to that of a channel.
func (v isa) slider(a func(string) Mem, floor reg.VecPhysical) *slider {
	Pragma("noescape")
	d := &slider{a, reg.R8, reg.R9, reg.R10, reg.R11, reg.RDX, reg.RCX, reg.RAX, reg.RSI, reg.RBX, reg.R12}
	VBROADCASTSS(a("Floor"), floor)
	MOVQ(a("Column"), d.column)
	MOVQ(a("NextWeight"), d.nextWeight)
	Label("tile")
	MOVQ(a("X"), d.x)
	MOVQ(a("Y"), d.y)
	MOVQ(a("W"), d.w)
	MOVQ(a("Shift"), d.shift)
	MOVQ(a("C"), d.channels)
	Label("channel")
	return d
}

// start generates sums that are the shift.
func (d *slider) start(sums []reg.VecPhysical) {
	VBROADCASTSS(Mem{Base: d.shift}, sums[0])
	for _, r := range sums[1:] {
		VMOVAPS(sums[0], r)
	}
	MOVQ(d.a("Taps"), d.taps)
}

// weights loads the weights of a row of the window, whose place is the given entry of
// the taps behind the offset in X.
func (d *slider) weights(entry int, weights []reg.VecPhysical) {
	MOVLQSX(Mem{Base: d.taps, Disp: 4 + 4*entry}, d.scale)
	LEAQ(Mem{Base: d.w, Index: d.scale, Scale: 4}, d.scale)
	for i, r := range weights {
		VBROADCASTSS(Mem{Base: d.scale}, r)
		if i < len(weights)-1 {
			ADDQ(d.nextWeight, d.scale)
		}
	}
}

// values loads the values of a row of the window, and generates what use does with that
// of each column.
func (d *slider) values(columns int, value reg.VecPhysical, use func(column int)) {
	MOVLQSX(Mem{Base: d.taps}, d.at)
	LEAQ(Mem{Base: d.x, Index: d.at, Scale: 4}, d.at)
	for c := range columns {
		VMOVUPS(Mem{Base: d.at}, value)
		if c < columns-1 {
			ADDQ(d.column, d.at)
		}
		use(c)
	}
}

// next generates the steps to the next channel and the next tile, and the end.
func (d *slider) next(vector int) {
	ADDQ(imm(vector), d.x)
	ADDQ(imm(vector), d.y)
	ADDQ(Imm(4), d.w)
	ADDQ(Imm(4), d.shift)
	DECQ(d.channels)
	JNZ(LabelRef("channel"))
	for _, f := range []string{"X", "Y"} {
		MOVQ(d.a(f+"Tile"), d.at)
		ADDQ(d.at, d.a(f))
	}
	DECQ(d.a("Tiles"))
	JNZ(LabelRef("tile"))
	VZEROUPPER()
	RET()
}
