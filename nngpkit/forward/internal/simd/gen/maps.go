package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// maps generates the element-wise kernels.
func (v isa) maps() {
	v.combine("Copy", 1, nil)
	for inputs := 2; inputs <= 4; inputs++ {
		v.combine(fmt.Sprintf("Add%d", inputs), inputs, func(f Mem, x reg.VecPhysical) { VADDPS(f, x, x) })
	}
	v.combine("Mul", 2, func(f Mem, x reg.VecPhysical) { VMULPS(f, x, x) })
	for _, name := range []string{"", "Channel"} {
		v.affine(name, false)
		v.affine(name, true)
	}
	v.mean()
	v.stats()
}

// combine generates y = x op f op g op h, of as many inputs.
func (v isa) combine(name string, inputs int, op func(f Mem, x reg.VecPhysical)) {
	a := function(name+v.name, asm.Map{})
	Pragma("noescape")
	var (
		k, c, n = reg.RAX, reg.RCX, reg.RDX
		y       = reg.R8
		in      = []reg.GPPhysical{reg.R9, reg.R10, reg.R11, reg.R12}[:inputs]
		fields  = []string{"X", "F", "G", "H"}
	)
	MOVQ(a("Y"), y)
	for i, x := range in {
		MOVQ(a(fields[i]), x)
	}
	MOVQ(a("N"), n)
	Label("pixel")
	XORQ(k, k)
	v.channelLoops(a, c, func(channels int, _ string) {
		at := func(p reg.GPPhysical, j int) Mem { return Mem{Base: p, Index: k, Scale: 1, Disp: j * v.bytes()} }
		for j := range channels {
			VMOVUPS(at(in[0], j), v.reg(j))
		}
		for j := range channels {
			for _, f := range in[1:] {
				op(at(f, j), v.reg(j))
			}
			VMOVUPS(v.reg(j), at(y, j))
		}
		ADDQ(imm(channels*v.bytes()), k)
	})
	ADDQ(a("LdY"), y)
	for i, x := range in {
		ADDQ(a("Ld"+fields[i]), x)
	}
	DECQ(n)
	JNZ(LabelRef("pixel"))
	VZEROUPPER()
	RET()
}

// affine generates y = max(x*scale + shift, floor), plus f. A vector has one
// scale and one shift, or, with the prefix Channel, one for each of its values.
func (v isa) affine(prefix string, add bool) {
	name := prefix + "Affine"
	if add {
		name += "Add"
	}
	a := function(name+v.name, asm.Map{})
	load, step := v.factors(prefix)
	Pragma("noescape")
	var (
		k, c, n   = reg.RAX, reg.RCX, reg.RDX
		x, y, f   = reg.R8, reg.R9, reg.R10
		scale, sh = reg.R11, reg.R12
		floor     = v.reg(15)
	)
	MOVQ(a("X"), x)
	MOVQ(a("Y"), y)
	if add {
		MOVQ(a("F"), f)
	}
	MOVQ(a("N"), n)
	VBROADCASTSS(a("Floor"), floor)
	Label("pixel")
	XORQ(k, k)
	MOVQ(a("Scale"), scale)
	MOVQ(a("Shift"), sh)
	v.channelLoops(a, c, func(channels int, _ string) {
		for j := range channels {
			r, s := v.reg(j), v.reg(4+j)
			load(Mem{Base: scale, Disp: step * j}, r)
			load(Mem{Base: sh, Disp: step * j}, s)
			VFMADD132PS(Mem{Base: x, Index: k, Scale: 1, Disp: j * v.bytes()}, s, r)
			VMAXPS(floor, r, r)
			if add {
				VADDPS(Mem{Base: f, Index: k, Scale: 1, Disp: j * v.bytes()}, r, r)
			}
			VMOVUPS(r, Mem{Base: y, Index: k, Scale: 1, Disp: j * v.bytes()})
		}
		ADDQ(imm(channels*v.bytes()), k)
		ADDQ(imm(step*channels), scale)
		ADDQ(imm(step*channels), sh)
	})
	ADDQ(a("LdX"), x)
	ADDQ(a("LdY"), y)
	if add {
		ADDQ(a("LdF"), f)
	}
	DECQ(n)
	JNZ(LabelRef("pixel"))
	VZEROUPPER()
	RET()
}

// factors returns how scales and shifts are loaded, and the bytes from one
// vector's to the next's.
func (v isa) factors(prefix string) (load func(Mem, reg.VecPhysical), step int) {
	if prefix == "" {
		return func(m Mem, x reg.VecPhysical) { VBROADCASTSS(m, x) }, 4
	}
	return func(m Mem, x reg.VecPhysical) { VMOVUPS(m, x) }, v.bytes()
}

// overPixels generates, for blocks of channels, a loop over all pixels.
func (v isa) overPixels(a func(string) Mem, start, pixel, end func(channels int)) {
	c, n, x, y, k := reg.RCX, reg.RDX, reg.R8, reg.R9, reg.RAX
	MOVQ(a("X"), x)
	MOVQ(a("Y"), y)
	v.channelLoops(a, c, func(channels int, label string) {
		start(channels)
		MOVQ(a("N"), n)
		MOVQ(x, k)
		Label(label + "pixel")
		pixel(channels)
		ADDQ(a("LdX"), k)
		DECQ(n)
		JNZ(LabelRef(label + "pixel"))
		end(channels)
		ADDQ(imm(channels*v.bytes()), x)
	})
	VZEROUPPER()
	RET()
}

// mean generates y = (y + sum over pixels of x) * factor.
func (v isa) mean() {
	a := function("Mean"+v.name, asm.Map{})
	Pragma("noescape")
	k, y, factor := reg.RAX, reg.R9, v.reg(15)
	VBROADCASTSS(a("Factor"), factor)
	v.overPixels(a,
		func(channels int) {
			for j := range channels {
				VMOVUPS(Mem{Base: y, Disp: j * v.bytes()}, v.reg(j))
			}
		},
		func(channels int) {
			for j := range channels {
				VADDPS(Mem{Base: k, Disp: j * v.bytes()}, v.reg(j), v.reg(j))
			}
		},
		func(channels int) {
			for j := range channels {
				VMULPS(factor, v.reg(j), v.reg(j))
				VMOVUPS(v.reg(j), Mem{Base: y, Disp: j * v.bytes()})
			}
			ADDQ(imm(channels*v.bytes()), y)
		})
}

// stats generates, for each channel and lane, three values: the first pixel's
// as pivot, and the sums of deviations from it and of their squares.
func (v isa) stats() {
	a := function("Stats"+v.name, asm.Map{})
	Pragma("noescape")
	k, y, d := reg.RAX, reg.R9, v.reg(15)
	v.overPixels(a,
		func(channels int) {
			for j := range channels {
				VMOVUPS(Mem{Base: reg.R8, Disp: j * v.bytes()}, v.reg(3*j))
				VXORPS(v.reg(3*j+1), v.reg(3*j+1), v.reg(3*j+1))
				VXORPS(v.reg(3*j+2), v.reg(3*j+2), v.reg(3*j+2))
			}
		},
		func(channels int) {
			for j := range channels {
				VMOVUPS(Mem{Base: k, Disp: j * v.bytes()}, d)
				VSUBPS(v.reg(3*j), d, d)
				VADDPS(d, v.reg(3*j+1), v.reg(3*j+1))
				VFMADD231PS(d, d, v.reg(3*j+2))
			}
		},
		func(channels int) {
			for j := range 3 * channels {
				VMOVUPS(v.reg(j), Mem{Base: y, Disp: j * v.bytes()})
			}
			ADDQ(imm(3*channels*v.bytes()), y)
		})
}
