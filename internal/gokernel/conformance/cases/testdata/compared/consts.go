package main

import (
	"fmt"
	"math"
)

type Size uint8

const (
	x0         = 1 << 8
	y0   int64 = x0 * x0
	name       = "n" + "m"
	l          = len(name)
	neg        = -5 % 3
	cplx       = 2i * 2i
	t          = 1 < 2
	f          = float32(1) / 3
)
const (
	Small Size = iota + 1
	Large
)

func main() {
	fmt.Println(x0, y0, name, l, neg, cplx, t, f, Small, Large)
	fmt.Printf("%T %T %T %T %T\n", x0, y0, cplx, t, Large)
	const eps = 1e-400
	fmt.Println(eps*1e400 == 1, float64(eps), math.Pi*1e300*1e-300)
	var b byte = 'a' + 2
	var i = 5.0 / 3 * 3
	var j int = 10 / 4 * 4.0
	fmt.Println(b, i, j, 10/4*4.0, 7>>1.0, 'b'-'a', "s"[0], len([10]int{}))
	const c = len([x0]byte{})
	fmt.Println(c, cap([3]int{}), real(cplx), 0.1+0.2 == 0.3)
	var f64 float64 = 0.1
	fmt.Println(f64+0.2 == 0.3, float32(0.1) == 0.1, 1/3.0, 2/3)
	fmt.Println(math.MaxInt64, uint64(1<<63), -1<<63, ^0, ^uint8(5), 5&^1)
}
