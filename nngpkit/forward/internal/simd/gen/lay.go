package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// lay generates the transposition of blocks of as many values as there are lanes, of
// as many images.
func (v isa) lay() {
	a := function("Lay"+v.name, asm.Lay{})
	Pragma("noescape")
	x, y, ld, n, k := reg.R8, reg.R9, reg.RDX, reg.RCX, reg.RAX
	MOVQ(a("X"), x)
	MOVQ(a("Y"), y)
	MOVQ(a("LdX"), ld)
	MOVQ(a("Blocks"), n)
	Label("block")
	MOVQ(x, k)
	rows, to := v.regs[:v.lanes], v.regs[v.lanes:]
	for i, r := range rows {
		VMOVUPS(Mem{Base: k}, r)
		if i < v.lanes-1 {
			ADDQ(ld, k)
		}
	}
	// Pairs of images, then four: of each 128 bits a column, of four images.
	for i := 0; i < v.lanes; i += 2 {
		VUNPCKLPS(rows[i+1], rows[i], to[i])
		VUNPCKHPS(rows[i+1], rows[i], to[i+1])
	}
	for i := 0; i < v.lanes; i += 4 {
		for half := range 2 {
			VUNPCKLPD(to[i+2+half], to[i+half], rows[i+2*half])
			VUNPCKHPD(to[i+2+half], to[i+half], rows[i+2*half+1])
		}
	}
	for c := range 4 {
		v.storeColumns(rows, to[:4], c, y)
	}
	ADDQ(imm(v.bytes()), x)
	ADDQ(imm(v.bytes()*v.lanes), y)
	DECQ(n)
	JNZ(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// storeColumns stores columns c, c+4, ... of all images, which lie in 128 bits each of
// every fourth register from c on.
func (v isa) storeColumns(rows, tmp []reg.VecPhysical, c int, y reg.GPPhysical) {
	at := func(column int) Mem { return Mem{Base: y, Disp: column * v.bytes()} }
	if v.lanes == 8 {
		for i, choice := range []uint64{0x20, 0x31} {
			VPERM2F128(Imm(choice), rows[4+c], rows[c], tmp[i])
			VMOVUPS(tmp[i], at(c+4*i))
		}
		return
	}
	for i, choice := range []uint64{0x44, 0xEE} {
		VSHUFF32X4(Imm(choice), rows[4+c], rows[c], tmp[i])
		VSHUFF32X4(Imm(choice), rows[12+c], rows[8+c], tmp[2+i])
	}
	for i, choice := range []uint64{0x88, 0xDD, 0x88, 0xDD} {
		VSHUFF32X4(Imm(choice), tmp[2+i/2], tmp[i/2], rows[c])
		VMOVUPS(rows[c], at(c+4*i))
	}
}
