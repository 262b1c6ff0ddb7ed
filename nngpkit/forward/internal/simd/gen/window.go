package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// windows generates the kernels that reduce a window channel by channel.
func (v isa) windows() {
	v.window("MaxPool", windowOp{
		start: func(x Mem, acc reg.VecPhysical) { VMOVUPS(x, acc) },
		tap:   func(x, _ Mem, acc, _ reg.VecPhysical) { VMAXPS(x, acc, acc) },
	})
	v.window("AvgPool", windowOp{
		start:  func(x Mem, acc reg.VecPhysical) { VMOVUPS(x, acc) },
		tap:    func(x, _ Mem, acc, _ reg.VecPhysical) { VADDPS(x, acc, acc) },
		factor: true,
	})
	v.window("Depthwise", windowOp{
		tap: func(x, w Mem, acc, tmp reg.VecPhysical) {
			VBROADCASTSS(w, tmp)
			VFMADD231PS(x, tmp, acc)
		},
		weights: true,
	})
}

// windowOp is what a reduction does with a value of each tap.
type windowOp struct {
	start   func(x Mem, acc reg.VecPhysical) // of the first tap; nil: tap
	tap     func(x, w Mem, acc, tmp reg.VecPhysical)
	weights bool // start from a shift, multiply by weights, and rectify
	factor  bool // multiply the result
}

// window generates a reduction: for each pixel, channels in fours and then one
// at a time, over all taps.
func (v isa) window(name string, op windowOp) {
	a := function(name+v.name, asm.Window{})
	Pragma("noescape")
	var (
		k, c, t, pix = reg.RAX, reg.RCX, reg.RDX, reg.RSI
		x, y, w, sh  = reg.R8, reg.R9, reg.R10, reg.R11
		n            = reg.R12
		floor        = v.reg(15)
	)
	MOVQ(a("Pix"), pix)
	MOVQ(a("N"), n)
	switch {
	case op.weights:
		VBROADCASTSS(a("Floor"), floor)
	case op.factor:
		VBROADCASTSS(a("Factor"), floor)
	}

	block := func(channels int, label string) {
		address := func(j int) Mem { return Mem{Base: x, Index: k, Scale: 4, Disp: j * v.bytes()} }
		MOVQ(a("Taps"), t)
		if op.weights {
			for j := range channels {
				VBROADCASTSS(Mem{Base: sh, Disp: 4 * j}, v.reg(j))
			}
		} else {
			MOVLQSX(Mem{Base: t}, k)
			for j := range channels {
				op.start(address(j), v.reg(j))
			}
			CMPQ(t, a("TapsEnd"))
			JE(LabelRef(label + "done"))
			ADDQ(Imm(8), t)
		}
		Label(label + "tap")
		MOVLQSX(Mem{Base: t}, k)
		var weight reg.GPPhysical
		if op.weights {
			weight = reg.RBX
			MOVLQSX(Mem{Base: t, Disp: 4}, weight)
		}
		for j := range channels {
			m := Mem{}
			if op.weights {
				m = Mem{Base: w, Index: weight, Scale: 4, Disp: 4 * j}
			}
			op.tap(address(j), m, v.reg(j), v.reg(4+j))
		}
		CMPQ(t, a("TapsEnd"))
		LEAQ(Mem{Base: t, Disp: 8}, t)
		JNE(LabelRef(label + "tap"))
		Label(label + "done")
		for j := range channels {
			switch {
			case op.weights:
				VMAXPS(floor, v.reg(j), v.reg(j))
			case op.factor:
				VMULPS(floor, v.reg(j), v.reg(j))
			}
			VMOVUPS(v.reg(j), Mem{Base: y, Disp: j * v.bytes()})
		}
		ADDQ(imm(channels*v.bytes()), x)
		ADDQ(imm(channels*v.bytes()), y)
		if op.weights {
			ADDQ(imm(4*channels), w)
			ADDQ(imm(4*channels), sh)
		}
	}

	Label("pixel")
	for i, p := range []struct {
		field string
		r     reg.GPPhysical
	}{{"X", x}, {"Y", y}} {
		MOVLQSX(Mem{Base: pix, Disp: 4 * i}, k)
		SHLQ(Imm(2), k)
		MOVQ(a(p.field), p.r)
		ADDQ(k, p.r)
	}
	if op.weights {
		MOVQ(a("W"), w)
		MOVQ(a("Shift"), sh)
	}
	v.channelLoops(a, c, block)
	ADDQ(Imm(12), pix)
	DECQ(n)
	JNZ(LabelRef("pixel"))
	VZEROUPPER()
	RET()
}

// channelLoops generates a loop over C4 blocks of four channels and one over
// C1 single ones.
func (v isa) channelLoops(a func(string) Mem, c reg.GPPhysical, block func(channels int, label string)) {
	for _, l := range []struct {
		channels           int
		field, label, skip string
	}{{4, "C4", "four", "ones"}, {1, "C1", "one", "end"}} {
		MOVQ(a(l.field), c)
		TESTQ(c, c)
		JZ(LabelRef(l.skip))
		Label(l.label)
		block(l.channels, l.label)
		DECQ(c)
		JNZ(LabelRef(l.label))
		Label(l.skip)
	}
}
