package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// depthwisePair generates the depthwise convolution of tiles of two rows of p pixels
// side by side, whose windows have k columns and lie stride columns apart.
//
// It is depthwiseRow for both rows together: a value that both see is loaded once.
func (v isa) depthwisePair(k, stride, p int) {
	name := fmt.Sprintf("DepthwisePair%sK%dS%dP%d", v.name, k, stride, p)
	a := function(name, asm.DepthwisePair{})
	Pragma("noescape")
	var (
		x, y, w, shift    = reg.R8, reg.R9, reg.R10, reg.R11
		taps, channels    = reg.RDX, reg.RCX
		at, column, scale = reg.RAX, reg.RSI, reg.RBX // along a row of the window
		next              = reg.R12                   // from weight to weight
		ldY               = reg.R13
		sums              = [2][]reg.VecPhysical{v.regs[:p], v.regs[p : 2*p]}
		weights           = [2][]reg.VecPhysical{v.regs[2*p : 2*p+k], v.regs[2*p+k : 2*p+2*k]}
		value, floor      = v.regs[2*p+2*k], v.regs[2*p+2*k+1]
	)
	VBROADCASTSS(a("Floor"), floor)
	MOVQ(a("Column"), column)
	MOVQ(a("NextWeight"), next)
	MOVQ(a("LdY"), ldY)
	Label("tile")
	MOVQ(a("X"), x)
	MOVQ(a("Y"), y)
	MOVQ(a("W"), w)
	MOVQ(a("Shift"), shift)
	MOVQ(a("C"), channels)
	Label("channel")
	VBROADCASTSS(Mem{Base: shift}, sums[0][0])
	for _, r := range append(sums[0][1:], sums[1]...) {
		VMOVAPS(sums[0][0], r)
	}
	MOVQ(a("Taps"), taps)
	// rows generates the rows of the window up to an end that some of the outputs see.
	rows := func(label, end string, outputs ...int) {
		JMP(LabelRef(label + "End"))
		Label(label)
		for _, o := range outputs {
			MOVLQSX(Mem{Base: taps, Disp: 4 + 4*o}, scale)
			LEAQ(Mem{Base: w, Index: scale, Scale: 4}, scale)
			for i, r := range weights[o] {
				VBROADCASTSS(Mem{Base: scale}, r)
				if i < k-1 {
					ADDQ(next, scale)
				}
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
			for i := range p {
				for _, o := range outputs {
					if tap := c - i*stride; tap >= 0 && tap < k {
						VFMADD231PS(value, weights[o][tap], sums[o][i])
					}
				}
			}
		}
		ADDQ(Imm(12), taps)
		Label(label + "End")
		CMPQ(taps, a(end))
		JNE(LabelRef(label))
	}
	rows("upper", "Both", 0)
	rows("both", "Lower", 0, 1)
	rows("lower", "TapsEnd", 1)
	MOVQ(y, at)
	MOVQ(a("LowerY"), scale)
	for i := range p {
		for o, sum := range []reg.VecPhysical{sums[0][i], sums[1][i]} {
			VMAXPS(floor, sum, sum)
			VMOVUPS(sum, []Mem{{Base: at}, {Base: at, Index: scale, Scale: 1}}[o])
		}
		if i < p-1 {
			ADDQ(ldY, at)
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
