package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"
)

// conv generates the convolution of tiles of r pixels by s output channels.
//
// The r*s accumulators stay in registers through all taps. A step takes one
// input channel: r vectors of images, s scalar weights. Those of 2*asm.ConvTile channels
// are of two tiles, which lie apart.
func (v isa) conv(r, s int) {
	a := function(fmt.Sprintf("Conv%sR%dS%d", v.name, r, s), asm.Conv{})
	Pragma("noescape")
	var (
		x              = pointers[:r]
		acc            = func(i, j int) reg.VecPhysical { return v.reg(i*s + j) }
		spare          = v.regs[r*s:]
		k, w, n, t, tm = reg.RAX, reg.RBX, reg.RCX, reg.RDX, reg.RSI
		tile           = s // channels whose weights lie side by side
	)
	if s == 2*asm.ConvTile {
		tile = asm.ConvTile
	}

	Label("batch")
	for _, f := range [][2]string{{"Pix", "pix"}, {"Tiles", "tiles"}} {
		MOVQ(a(f[0]), tm)
		MOVQ(tm, a(f[1]))
	}
	Label("tile")
	MOVQ(a("pix"), tm)
	MOVQ(a("X"), k)
	for i := range x {
		MOVLQSX(Mem{Base: tm, Disp: 12 * i}, x[i])
		LEAQ(Mem{Base: k, Index: x[i], Scale: 4}, x[i])
	}
	for _, f := range [][2]string{{"W", "w"}, {"Shift", "shift"}, {"Y", "y"}, {"Add", "add"}, {"Blocks", "blocks"}} {
		MOVQ(a(f[0]), k)
		MOVQ(k, a(f[1]))
	}

	Label("block")
	fetchAhead(a, 6, k)
	CMPQ(a("Begun"), Imm(0))
	JNE(LabelRef("begun"))
	MOVQ(a("shift"), w)
	for j := range s {
		VBROADCASTSS(Mem{Base: w, Disp: 4 * j}, acc(0, j))
	}
	for i := 1; i < r; i++ {
		for j := range s {
			VMOVAPS(acc(0, j), acc(i, j))
		}
	}
	Label("taps")
	MOVQ(a("Taps"), t)

	Label("tap")
	MOVLQSX(Mem{Base: t}, k)
	SHLQ(Imm(2), k)
	MOVLQSX(Mem{Base: t, Disp: 4}, w)
	IMUL3Q(imm(4*tile), w, w)
	ADDQ(a("w"), w)
	if s > tile {
		MOVQ(w, secondTile)
		ADDQ(a("Second"), secondTile)
	}
	MOVQ(a("K4"), n)
	TESTQ(n, n)
	JZ(LabelRef("rest"))
	Label("four")
	for u := range 4 {
		v.convStep(x, s, u, spare)
	}
	ADDQ(imm(4*v.bytes()), k)
	ADDQ(imm(16*tile), w)
	if s > tile {
		ADDQ(imm(16*tile), secondTile)
	}
	DECQ(n)
	JNZ(LabelRef("four"))
	Label("rest")
	MOVQ(a("K1"), n)
	TESTQ(n, n)
	JZ(LabelRef("next"))
	Label("one")
	v.convStep(x, s, 0, spare)
	ADDQ(imm(v.bytes()), k)
	ADDQ(imm(4*tile), w)
	if s > tile {
		ADDQ(imm(4*tile), secondTile)
	}
	DECQ(n)
	JNZ(LabelRef("one"))
	Label("next")
	CMPQ(t, a("TapsEnd"))
	LEAQ(Mem{Base: t, Disp: 8}, t)
	JNE(LabelRef("tap"))

	v.convStore(a, r, s, acc, spare[0], s*v.bytes())
	for _, f := range []struct {
		field string
		step  int
	}{{"shift", 4 * s}, {"y", s * v.bytes()}} {
		ADDQ(imm(f.step), a(f.field))
	}
	MOVQ(a("WStep"), k)
	ADDQ(k, a("w"))
	DECQ(a("blocks"))
	JNZ(LabelRef("block"))

	ADDQ(imm(12*r), a("pix"))
	DECQ(a("tiles"))
	JNZ(LabelRef("tile"))
	for _, f := range []string{"X", "Y", "W"} {
		MOVQ(a(f+"Batch"), k)
		ADDQ(k, a(f))
	}
	DECQ(a("Batch"))
	JNZ(LabelRef("batch"))
	VZEROUPPER()
	RET()

	Label("begun")
	MOVQ(a("pix"), tm)
	MOVQ(a("y"), n)
	for i := range r {
		MOVLQSX(Mem{Base: tm, Disp: 12*i + 4}, k)
		for j := range s {
			VMOVUPS(Mem{Base: n, Index: k, Scale: 4, Disp: j * v.bytes()}, acc(i, j))
		}
	}
	JMP(LabelRef("taps"))
}

// secondTile points to the weights of the second of two tiles.
var secondTile = reg.R14

// fetchAhead generates the prefetch of some more cache lines.
func fetchAhead(a func(string) Mem, lines int, at reg.GPPhysical) {
	MOVQ(a("Ahead"), at)
	CMPQ(at, a("AheadEnd"))
	JAE(LabelRef("fetched"))
	for i := range lines {
		PREFETCHT1(Mem{Base: at, Disp: 64 * i})
	}
	ADDQ(imm(64*lines), at)
	MOVQ(at, a("Ahead"))
	Label("fetched")
}

// convStep generates the step of input channel u past the index. The fewer of
// vectors and weights are held in registers, the others pass through one.
func (v isa) convStep(x []reg.GPPhysical, s, u int, spare []reg.VecPhysical) {
	k, w := reg.RAX, reg.RBX
	r := len(x)
	vector := func(i int) Mem { return Mem{Base: x[i], Index: k, Scale: 1, Disp: u * v.bytes()} }
	weight := func(j int) Mem {
		if s == 2*asm.ConvTile {
			return Mem{Base: []reg.GPPhysical{w, secondTile}[j/asm.ConvTile], Disp: 4 * (u*asm.ConvTile + j%asm.ConvTile)}
		}
		return Mem{Base: w, Disp: 4 * (u*s + j)}
	}
	if r <= s {
		for i := range r {
			VMOVUPS(vector(i), spare[i])
		}
		for j := range s {
			VBROADCASTSS(weight(j), spare[r])
			for i := range r {
				VFMADD231PS(spare[i], spare[r], v.reg(i*s+j))
			}
		}
		return
	}
	for j := range s {
		VBROADCASTSS(weight(j), spare[j])
	}
	if s == 1 {
		for i := range r {
			VFMADD231PS(vector(i), spare[0], v.reg(i))
		}
		return
	}
	for i := range r {
		VMOVUPS(vector(i), spare[s])
		for j := range s {
			VFMADD231PS(spare[s], spare[j], v.reg(i*s+j))
		}
	}
}

// convStore generates rectification, addend and store of a tile, and steps the
// addend on by so many bytes.
func (v isa) convStore(a func(string) Mem, r, s int, acc func(i, j int) reg.VecPhysical, tmp reg.VecPhysical, step int) {
	k, n, pix := reg.RAX, reg.RCX, reg.RSI
	VBROADCASTSS(a("Floor"), tmp)
	for i := range r {
		for j := range s {
			VMAXPS(tmp, acc(i, j), acc(i, j))
		}
	}
	MOVQ(a("pix"), pix)
	MOVQ(a("add"), n)
	TESTQ(n, n)
	JZ(LabelRef("store"))
	for i := range r {
		MOVLQSX(Mem{Base: pix, Disp: 12*i + 8}, k)
		for j := range s {
			VADDPS(Mem{Base: n, Index: k, Scale: 4, Disp: j * v.bytes()}, acc(i, j), acc(i, j))
		}
	}
	if step > 0 {
		ADDQ(imm(step), n)
		MOVQ(n, a("add"))
	}
	Label("store")
	MOVQ(a("y"), n)
	for i := range r {
		MOVLQSX(Mem{Base: pix, Disp: 12*i + 4}, k)
		for j := range s {
			VMOVUPS(acc(i, j), Mem{Base: n, Index: k, Scale: 4, Disp: j * v.bytes()})
		}
	}
}
