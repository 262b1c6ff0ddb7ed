// Command asm writes the AVX2 and FMA inner loops of package dense:
//
//	go generate ./internal/dense
//
// Every loop has a portable form in kernels.go, with which the tests compare
// it. Lengths are in values; loops over four values a step leave the remainder
// to their Go callers.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	rows  = 4 // of the tile
	vecs  = 3 // of the tile's width
	lanes = 5 // vectors of shifts side by side
)

func main() {
	tile()
	symv4()
	dot4()
	axpy4()
	quad20()
	Generate()
}

func zero(v reg.VecVirtual) { VXORPD(v, v, v) }

func ymms(n int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = YMM()
	}
	return v
}

// loop repeats body n times; n is used up.
func loop(name string, n reg.Register, body func()) {
	TESTQ(n, n)
	JZ(LabelRef(name + "_end"))
	Label(name)
	body()
	DECQ(n)
	JNZ(LabelRef(name))
	Label(name + "_end")
}

func tile() {
	TEXT("tileAVX2", NOSPLIT, "func(k int, alpha float64, a, b, c *float64, ldc int)")
	Pragma("noescape")
	Doc("tileAVX2 adds alpha*A*B to a 4 x 12 tile of C.")
	k := Load(Param("k"), GP64())
	a := Load(Param("a"), GP64())
	b := Load(Param("b"), GP64())
	c := Load(Param("c"), GP64())
	ldc := Load(Param("ldc"), GP64())
	SHLQ(Imm(3), ldc)
	acc := ymms(rows * vecs)
	for _, v := range acc {
		zero(v)
	}
	bv, av := ymms(vecs), YMM()
	loop("tile", k, func() {
		for j, v := range bv {
			VMOVUPD(Mem{Base: b, Disp: 32 * j}, v)
		}
		for i := 0; i < rows; i++ {
			VBROADCASTSD(Mem{Base: a, Disp: 8 * i}, av)
			for j, v := range bv {
				VFMADD231PD(v, av, acc[i*vecs+j])
			}
		}
		ADDQ(Imm(8*rows), a)
		ADDQ(Imm(32*vecs), b)
	})
	alpha, _ := Param("alpha").Resolve()
	VBROADCASTSD(alpha.Addr, av)
	for i := 0; i < rows; i++ {
		for j := 0; j < vecs; j++ {
			v := bv[j]
			VMOVUPD(Mem{Base: c, Disp: 32 * j}, v)
			VFMADD231PD(acc[i*vecs+j], av, v)
			VMOVUPD(v, Mem{Base: c, Disp: 32 * j})
		}
		if i < rows-1 {
			ADDQ(ldc, c)
		}
	}
	VZEROUPPER()
	RET()
}

// fourRows loads the addresses of four rows that start lda values apart.
func fourRows() [4]reg.GPVirtual {
	var r [4]reg.GPVirtual
	r[0] = Load(Param("a"), GP64()).(reg.GPVirtual)
	lda := Load(Param("lda"), GP64())
	SHLQ(Imm(3), lda)
	for i := 1; i < 4; i++ {
		r[i] = GP64()
		MOVQ(r[i-1], r[i])
		ADDQ(lda, r[i])
	}
	return r
}

// addSums adds the sum of each vector's four values to d.
func addSums(v []reg.VecVirtual, d reg.Register) {
	// Pairs of rows, then the halves: [s0 s1 s2 s3].
	VHADDPD(v[1], v[0], v[0])
	VHADDPD(v[3], v[2], v[2])
	lo := YMM()
	VPERM2F128(Imm(0x21), v[2], v[0], lo)
	VBLENDPD(Imm(0xc), v[2], v[0], v[0])
	VADDPD(lo, v[0], v[0])
	VADDPD(Mem{Base: d}, v[0], v[0])
	VMOVUPD(v[0], Mem{Base: d})
}

func symv4() {
	TEXT("symv4AVX2", NOSPLIT, "func(quads int, a *float64, lda int, x, y, s, d *float64)")
	Pragma("noescape")
	Doc("symv4AVX2 adds rows*x to d and s*rows to y over 4*quads columns.")
	n := Load(Param("quads"), GP64())
	r := fourRows()
	x := Load(Param("x"), GP64())
	y := Load(Param("y"), GP64())
	sp := Load(Param("s"), GP64())
	d := Load(Param("d"), GP64())
	s, sum := ymms(4), ymms(4)
	for i := range s {
		VBROADCASTSD(Mem{Base: sp, Disp: 8 * i}, s[i])
		zero(sum[i])
	}
	xv, yv, av := YMM(), YMM(), ymms(2)
	at := GP64()
	XORQ(at, at)
	loop("symv", n, func() {
		VMOVUPD(Mem{Base: x, Index: at, Scale: 1}, xv)
		VMOVUPD(Mem{Base: y, Index: at, Scale: 1}, yv)
		for i := range r {
			v := av[i%2]
			VMOVUPD(Mem{Base: r[i], Index: at, Scale: 1}, v)
			VFMADD231PD(xv, v, sum[i])
			VFMADD231PD(s[i], v, yv)
		}
		VMOVUPD(yv, Mem{Base: y, Index: at, Scale: 1})
		ADDQ(Imm(32), at)
	})
	addSums(sum, d)
	VZEROUPPER()
	RET()
}

func dot4() {
	TEXT("dot4AVX2", NOSPLIT, "func(quads int, a *float64, lda int, x, d *float64)")
	Pragma("noescape")
	Doc("dot4AVX2 adds rows*x to d over 4*quads columns.")
	n := Load(Param("quads"), GP64())
	r := fourRows()
	x := Load(Param("x"), GP64())
	d := Load(Param("d"), GP64())
	sum := ymms(4)
	for i := range sum {
		zero(sum[i])
	}
	xv := YMM()
	at := GP64()
	XORQ(at, at)
	loop("dot", n, func() {
		VMOVUPD(Mem{Base: x, Index: at, Scale: 1}, xv)
		for i := range r {
			VFMADD231PD(Mem{Base: r[i], Index: at, Scale: 1}, xv, sum[i])
		}
		ADDQ(Imm(32), at)
	})
	addSums(sum, d)
	VZEROUPPER()
	RET()
}

func axpy4() {
	TEXT("axpy4AVX2", NOSPLIT, "func(quads int, a *float64, lda int, y, s *float64)")
	Pragma("noescape")
	Doc("axpy4AVX2 adds s*rows to y over 4*quads columns.")
	n := Load(Param("quads"), GP64())
	r := fourRows()
	y := Load(Param("y"), GP64())
	sp := Load(Param("s"), GP64())
	s := ymms(4)
	for i := range s {
		VBROADCASTSD(Mem{Base: sp, Disp: 8 * i}, s[i])
	}
	yv := YMM()
	at := GP64()
	XORQ(at, at)
	loop("axpy", n, func() {
		VMOVUPD(Mem{Base: y, Index: at, Scale: 1}, yv)
		for i := range r {
			VFMADD231PD(Mem{Base: r[i], Index: at, Scale: 1}, s[i], yv)
		}
		VMOVUPD(yv, Mem{Base: y, Index: at, Scale: 1})
		ADDQ(Imm(32), at)
	})
	VZEROUPPER()
	RET()
}

func quad20() {
	TEXT("quad20AVX2", NOSPLIT, "func(n int, q, l, w, acc *float64)")
	Pragma("noescape")
	Doc("quad20AVX2 runs z = q - l*z and acc += w*z*z over n steps, 20 lanes side by side.")
	n := Load(Param("n"), GP64())
	q := Load(Param("q"), GP64())
	l := Load(Param("l"), GP64())
	w := Load(Param("w"), GP64())
	out := Load(Param("acc"), GP64())
	z, acc := ymms(lanes), ymms(lanes)
	for i := range z {
		zero(z[i])
		VMOVUPD(Mem{Base: out, Disp: 32 * i}, acc[i])
	}
	qv, t := YMM(), ymms(2)
	loop("quad", n, func() {
		VBROADCASTSD(Mem{Base: q}, qv)
		for i := range z {
			v := t[i%2]
			VMOVAPD(qv, v)
			VFNMADD231PD(Mem{Base: l, Disp: 32 * i}, z[i], v)
			VMOVAPD(v, z[i])
			VMULPD(v, v, v)
			VFMADD231PD(Mem{Base: w, Disp: 32 * i}, v, acc[i])
		}
		ADDQ(Imm(8), q)
		ADDQ(U32(32*lanes), l)
		ADDQ(U32(32*lanes), w)
	})
	for i, v := range acc {
		VMOVUPD(v, Mem{Base: out, Disp: 32 * i})
	}
	VZEROUPPER()
	RET()
}
