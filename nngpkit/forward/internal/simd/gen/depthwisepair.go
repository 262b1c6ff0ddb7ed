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
	var (
		sums         = [2][]reg.VecPhysical{v.regs[:p], v.regs[p : 2*p]}
		weights      = [2][]reg.VecPhysical{v.regs[2*p : 2*p+k], v.regs[2*p+k : 2*p+2*k]}
		value, floor = v.regs[2*p+2*k], v.regs[2*p+2*k+1]
		d            = v.slider(a, floor)
	)
	d.start(v.regs[:2*p])
	// rows generates the rows of the window up to an end that some of the outputs see.
	rows := func(label, end string, outputs ...int) {
		JMP(LabelRef(label + "End"))
		Label(label)
		for _, o := range outputs {
			d.weights(o, weights[o])
		}
		d.values((p-1)*stride+k, value, func(c int) {
			for i := range p {
				for _, o := range outputs {
					if tap := c - i*stride; tap >= 0 && tap < k {
						VFMADD231PS(value, weights[o][tap], sums[o][i])
					}
				}
			}
		})
		ADDQ(Imm(12), d.taps)
		Label(label + "End")
		CMPQ(d.taps, a(end))
		JNE(LabelRef(label))
	}
	rows("upper", "Both", 0)
	rows("both", "Lower", 0, 1)
	rows("lower", "TapsEnd", 1)
	MOVQ(d.y, d.at)
	MOVQ(a("LowerY"), d.scale)
	for i := range p {
		for o, sum := range []reg.VecPhysical{sums[0][i], sums[1][i]} {
			VMAXPS(floor, sum, sum)
			VMOVUPS(sum, []Mem{{Base: d.at}, {Base: d.at, Index: d.scale, Scale: 1}}[o])
		}
		if i < p-1 {
			ADDQ(a("LdY"), d.at)
		}
	}
	d.next(v.bytes())
}
