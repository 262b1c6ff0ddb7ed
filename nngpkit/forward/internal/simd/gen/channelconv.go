package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// channelConv generates the convolution of tiles of r pixels by s vectors of
// output channels.
//
// The r*s accumulators stay in registers through all taps. A step takes one
// input channel: s vectors of weights, r scalars of pixels. All tiles of a block
// come after one another, so that its weights stay in a near cache.
func (v isa) channelConv(r, s int) {
	a := function(fmt.Sprintf("ChannelConv%sR%dS%d", v.name, r, s), asm.ChannelConv{})
	Pragma("noescape")
	var (
		x              = pointers[:r]
		acc            = func(i, j int) reg.VecPhysical { return v.reg(i*s + j) }
		spare          = v.regs[r*s:]
		k, w, n, t, tm = reg.RAX, reg.RBX, reg.RCX, reg.RDX, reg.RSI
	)
	set := func(from, to string) {
		MOVQ(a(from), tm)
		MOVQ(tm, a(to))
	}

	for _, f := range [][2]string{{"Blocks", "blocks"}, {"W", "w"}, {"Shift", "shift"}, {"Y", "y"}, {"Add", "add"}} {
		set(f[0], f[1])
	}
	Label("block")
	set("Pix", "pix")
	set("Tiles", "tiles")

	Label("tile")
	MOVQ(a("pix"), tm)
	MOVQ(a("X"), k)
	for i := range x {
		MOVLQSX(Mem{Base: tm, Disp: 12 * i}, x[i])
		LEAQ(Mem{Base: k, Index: x[i], Scale: 4}, x[i])
	}
	MOVQ(a("shift"), w)
	for j := range s {
		VMOVUPS(Mem{Base: w, Disp: j * v.bytes()}, acc(0, j))
	}
	for i := 1; i < r; i++ {
		for j := range s {
			VMOVAPS(acc(0, j), acc(i, j))
		}
	}
	MOVQ(a("Taps"), t)
	Label("tap")
	MOVLQSX(Mem{Base: t}, k)
	SHLQ(Imm(2), k)
	MOVLQSX(Mem{Base: t, Disp: 4}, w)
	IMUL3Q(imm(s*v.bytes()), w, w)
	ADDQ(a("w"), w)
	MOVLQSX(Mem{Base: t, Disp: 8}, n)
	SHRQ(Imm(2), n)
	JZ(LabelRef("rest"))
	Label("four")
	for u := range 4 {
		v.channelStep(x, s, u, spare)
	}
	ADDQ(imm(16), k)
	ADDQ(imm(4*s*v.bytes()), w)
	DECQ(n)
	JNZ(LabelRef("four"))
	Label("rest")
	MOVLQSX(Mem{Base: t, Disp: 8}, n)
	ANDQ(Imm(3), n)
	JZ(LabelRef("next"))
	Label("one")
	v.channelStep(x, s, 0, spare)
	ADDQ(imm(4), k)
	ADDQ(imm(s*v.bytes()), w)
	DECQ(n)
	JNZ(LabelRef("one"))
	Label("next")
	CMPQ(t, a("TapsEnd"))
	LEAQ(Mem{Base: t, Disp: 12}, t)
	JNE(LabelRef("tap"))

	v.convStore(a, r, s, acc, spare[0], 0)
	ADDQ(imm(12*r), a("pix"))
	DECQ(a("tiles"))
	JNZ(LabelRef("tile"))

	ADDQ(imm(s*v.bytes()), a("shift"))
	ADDQ(imm(s*v.bytes()), a("y"))
	CMPQ(a("add"), Imm(0))
	JEQ(LabelRef("alone"))
	ADDQ(imm(s*v.bytes()), a("add"))
	Label("alone")
	MOVQ(a("WStep"), k)
	ADDQ(k, a("w"))
	DECQ(a("blocks"))
	JNZ(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// channelStep generates the step of input channel u past the index.
func (v isa) channelStep(x []reg.GPPhysical, s, u int, spare []reg.VecPhysical) {
	k, w := reg.RAX, reg.RBX
	for j := range s {
		VMOVUPS(Mem{Base: w, Disp: (u*s + j) * v.bytes()}, spare[j])
	}
	for i := range x {
		VBROADCASTSS(Mem{Base: x[i], Index: k, Scale: 1, Disp: 4 * u}, spare[s])
		for j := range s {
			VFMADD231PS(spare[j], spare[s], v.reg(i*s+j))
		}
	}
}
