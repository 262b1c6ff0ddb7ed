package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// drawNormalParts generates normal weights with AVX-512, asm.DrawPart words of each
// lane at a time. The middle is computed of all; the few that lie in the tails are
// moved together first, and back afterwards.
func (v isa) drawNormalParts(a func(string) Mem) {
	d := v.drawn(a)
	left, middles, tails, masks := reg.R9, reg.R10, reg.R11, reg.R12
	Label("part")
	start := func() {
		MOVQ(U32(asm.DrawPart), left)
		CMPQ(d.n, left)
		CMOVQLT(d.n, left) // blocks
		LEAQ(a("middles"), middles)
		LEAQ(a("masks"), masks)
	}
	next := func(label string) {
		ADDQ(imm(4*v.bytes()), middles)
		ADDQ(Imm(4), masks)
		SUBQ(Imm(8), left)
		JNZ(LabelRef(label))
	}
	start()
	LEAQ(a("tails"), tails)
	Label("words")
	v.philox(d)
	for j, x := range d.c {
		v.symmetric(d.at, x)
		v.compressTails(d, x, j, tails, masks)
		v.middle(d.at, x, d.tmp[:3])
		VMOVUPD(d.tmp[1], Mem{Base: middles, Disp: j * v.bytes()})
	}
	next("words")
	v.drawTails(a, d, tails)
	start()
	LEAQ(a("done"), tails)
	Label("store")
	for j, x := range d.c {
		VMOVUPD(Mem{Base: middles, Disp: j * v.bytes()}, x)
		VMOVUPD(Mem{Base: tails}, d.tmp[0])
		MOVBLZX(Mem{Base: masks, Disp: j}, reg.EAX)
		KMOVW(reg.EAX, reg.K1)
		VEXPANDPD(d.tmp[0], reg.K1, x)
		POPCNTL(reg.EAX, reg.EAX)
		LEAQ(Mem{Base: tails, Index: reg.RAX, Scale: 8}, tails)
	}
	v.storeBlocks(d)
	next("store")
	SUBQ(imm(asm.DrawPart), d.n)
	JGT(LabelRef("part"))
	VZEROUPPER()
	RET()
}

// compressTails appends those of x that lie in the tails, and notes which do.
func (v isa) compressTails(d *drawn, x reg.VecPhysical, j int, tails, masks reg.GPPhysical) {
	v.and(d.at("Positive", 0), x, d.tmp[0])
	VCMPPD_BCST(Imm(greater), d.at("Limit", 0), d.tmp[0], reg.K1)
	VCOMPRESSPD_Z(x, reg.K1, d.tmp[0])
	VMOVUPD(d.tmp[0], Mem{Base: tails})
	KMOVW(reg.K1, reg.EAX)
	MOVB(reg.AL, Mem{Base: masks, Disp: j})
	POPCNTL(reg.EAX, reg.EAX)
	LEAQ(Mem{Base: tails, Index: reg.RAX, Scale: 8}, tails)
}

// drawTails turns the values up to end into normal variables.
func (v isa) drawTails(a func(string) Mem, d *drawn, end reg.GPPhysical) {
	from, to := reg.RSI, reg.RDX
	x, r, tmp := d.c[0], d.c[1], append(append([]reg.VecPhysical(nil), d.c[2:]...), d.tmp...)
	LEAQ(a("tails"), from)
	LEAQ(a("done"), to)
	Label("tail")
	CMPQ(from, end)
	JGE(LabelRef("tailsDone"))
	VMOVUPD(Mem{Base: from}, x)
	v.tailArgument(d.at, x, r, tmp)
	v.tail(d.at, x, r, tmp[0], tmp[1])
	VMOVUPD(tmp[0], Mem{Base: to})
	ADDQ(imm(v.bytes()), from)
	ADDQ(imm(v.bytes()), to)
	JMP(LabelRef("tail"))
	Label("tailsDone")
}
