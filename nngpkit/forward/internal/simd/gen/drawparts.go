package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// drawNormalParts generates normal weights with AVX-512, asm.DrawPart blocks at a time.
// The middle is computed of all words; the few that lie in the tails are moved together
// first, and back afterwards. Each loop has chains of operations short enough for the next
// ones to begin meanwhile.
func (v isa) drawNormalParts(a func(string) Mem) {
	d := v.drawn(a)
	left, words, tails, masks := reg.R9, reg.R10, reg.R11, reg.R12
	Label("part")
	start := func() {
		MOVQ(U32(asm.DrawPart), left)
		CMPQ(d.n, left)
		CMOVQLT(d.n, left) // blocks
		LEAQ(a("words"), words)
	}
	next := func(label string, vectors int) {
		ADDQ(imm(vectors*v.bytes()), words)
		SUBQ(Imm(uint64(2*vectors)), left)
		JNZ(LabelRef(label))
	}
	start()
	Label("words")
	v.philox(d)
	for j, x := range d.c {
		v.symmetric(d.at, x)
		VMOVUPD(x, Mem{Base: words, Disp: j * v.bytes()})
	}
	next("words", 4)
	start()
	LEAQ(a("masks"), masks)
	LEAQ(a("tails"), tails)
	Label("middle")
	x := d.c[0]
	VMOVUPD(Mem{Base: words}, x)
	v.compressTails(d, x, tails, masks)
	v.middle(d.at, x, d.tmp[:3])
	VMOVUPD(d.tmp[1], Mem{Base: words})
	INCQ(masks)
	next("middle", 1)
	v.drawTails(a, d, tails)
	start()
	LEAQ(a("masks"), masks)
	LEAQ(a("done"), tails)
	Label("store")
	for j, x := range d.c {
		VMOVUPD(Mem{Base: words, Disp: j * v.bytes()}, x)
		VMOVUPD(Mem{Base: tails}, d.tmp[0])
		MOVBLZX(Mem{Base: masks, Disp: j}, reg.EAX)
		KMOVW(reg.EAX, reg.K1)
		VEXPANDPD(d.tmp[0], reg.K1, x)
		POPCNTL(reg.EAX, reg.EAX)
		LEAQ(Mem{Base: tails, Index: reg.RAX, Scale: 8}, tails)
	}
	v.storeBlocks(d)
	ADDQ(Imm(4), masks)
	next("store", 4)
	SUBQ(imm(asm.DrawPart), d.n)
	JGT(LabelRef("part"))
	VZEROUPPER()
	RET()
}

// compressTails appends those of x that lie in the tails, and notes which do.
func (v isa) compressTails(d *drawn, x reg.VecPhysical, tails, masks reg.GPPhysical) {
	v.and(d.at("Positive", 0), x, d.tmp[0])
	VCMPPD_BCST(Imm(greater), d.at("Limit", 0), d.tmp[0], reg.K1)
	VCOMPRESSPD_Z(x, reg.K1, d.tmp[0])
	VMOVUPD(d.tmp[0], Mem{Base: tails})
	KMOVW(reg.K1, reg.EAX)
	MOVB(reg.AL, Mem{Base: masks})
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
