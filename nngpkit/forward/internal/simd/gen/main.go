// Command gen writes the assembly kernels of package simd.
//
// Every generator is parameterized by an isa, so that the same code serves
// each vector width.
package main

import (
	"fmt"
	"reflect"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// isa is an instruction set.
type isa struct {
	name  string
	lanes int
	regs  []reg.VecPhysical
	rows  map[int]int // most pixels of a convolution tile, by channels
	wide  map[int]int // and of one whose vectors run over channels, by vectors
}

func (v isa) bytes() int { return 4 * v.lanes }

func (v isa) reg(i int) reg.VecPhysical { return v.regs[i] }

var avx2 = isa{
	name:  "AVX2",
	lanes: 8,
	regs: []reg.VecPhysical{
		reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7,
		reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15,
	},
	rows: map[int]int{1: 8, 2: 6, 3: 4, 4: 3, 5: 2},
	wide: map[int]int{1: 8, 2: 6, 3: 4},
}

var avx512 = isa{
	name:  "AVX512",
	lanes: 16,
	regs: []reg.VecPhysical{
		reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
		reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
		reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
		reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31,
	},
	rows: map[int]int{1: 8, 2: 8, 3: 8, 4: 6, 5: 5, 8: 3},
	wide: map[int]int{1: 8, 2: 8, 3: 8, 4: 6},
}

// pointers are the general registers that kernels hold pointers in, besides
// the ones with names of their own.
var pointers = []reg.GPPhysical{reg.R8, reg.R9, reg.R10, reg.R11, reg.R12, reg.R13, reg.R15, reg.R14}

// function starts a kernel whose argument struct is of the type of zero, and
// returns a function that addresses its fields.
func function(name string, zero any) func(field string) Mem {
	t := reflect.TypeOf(zero)
	TEXT(name, NOSPLIT, fmt.Sprintf("func(a *%s)", t.Name()))
	Load(Param("a"), reg.RDI)
	return func(field string) Mem {
		f, ok := t.FieldByName(field)
		if !ok {
			panic(t.Name() + " has no field " + field)
		}
		return Mem{Base: reg.RDI, Disp: int(f.Offset)}
	}
}

func main() {
	Package("github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm")
	for _, v := range []isa{avx2, avx512} {
		for s := 1; s <= 2*asm.ConvTile; s++ {
			for r := 1; r <= v.rows[s]; r++ {
				v.conv(r, s)
			}
		}
		for s := 1; s <= len(v.wide); s++ {
			for r := 1; r <= v.wide[s]; r++ {
				v.channelConv(r, s)
			}
		}
		v.windows()
		for _, k := range asm.DepthwiseKernels {
			for stride := 1; stride <= 2; stride++ {
				for p := 1; p <= min(asm.DepthwisePixels, len(v.regs)-2-k); p++ {
					v.depthwiseRow(k, stride, p)
				}
			}
		}
		for _, k := range asm.DepthwisePairKernels {
			for stride := 1; stride <= 2; stride++ {
				for p := 1; p <= min(asm.DepthwisePixels, (len(v.regs)-2-2*k)/2) && v.lanes == 16; p++ {
					v.depthwisePair(k, stride, p)
				}
			}
		}
		v.maxPool3(4)
		v.maxPool3(1)
		v.maps()
		v.winograd()
		v.activations()
		v.codes()
		v.lay()
		v.peak()
		v.draw()
		v.drawNormal()
	}
	Generate()
}

// imm returns an immediate operand, in the width that add and multiply take.
func imm(n int) Constant {
	if n < 128 {
		return U8(n)
	}
	return U32(n)
}
