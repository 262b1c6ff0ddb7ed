package main

import (
	"fmt"
	"math"
	"sort"
)

type F float64
type key struct {
	f float64
	s string
}

func main() {
	nan := math.NaN()
	m := map[float64]int{nan: 1}
	m[nan] = 2
	m[0.0] = 3
	m[math.Copysign(0, -1)] = 4
	fmt.Println(len(m), m[nan], m[0])
	delete(m, nan)
	fmt.Println(len(m))
	clear(m)
	fmt.Println(len(m))
	mk := map[key]int{{nan, "a"}: 1}
	_, ok := mk[key{nan, "a"}]
	fmt.Println(ok, key{nan, ""} == key{nan, ""}, any(nan) == any(nan), [1]float64{nan} == [1]float64{nan})
	fmt.Println(nan < 1, nan > 1, nan != nan, !(nan >= 1), min(nan, 1), max(1, nan))
	xs := []float64{2, nan, 1}
	sort.Float64s(xs)
	fmt.Println(xs, math.IsNaN(xs[0]))
	z := 0.0
	nz := -z
	fmt.Println(1/nz, math.Signbit(nz), math.Signbit(0*-1.0), z == nz, fmt.Sprint(math.Copysign(0, -1)))
	switch nan {
	case nan:
		fmt.Println("equal")
	default:
		fmt.Println("never equal")
	}
	f := F(1) / 3
	fmt.Printf("%v %.3f %T %g\n", f, f, f*2, float32(f))
	var f32 float32 = 16777216
	fmt.Println(f32+1 == f32, float64(f32)+1, f32*f32)
	c := complex(nan, 1)
	fmt.Println(c == c, real(c) != real(c), imag(c))
	x := 0.1
	y := 0.2
	fmt.Println(x+y, x+y == 0.3, 0.1+0.2 == 0.3, float32(x)+float32(y) == float32(0.3))
	i := 1 << 53
	fmt.Println(float64(i+1) == float64(i), int64(float64(i+1)))
	fmt.Println(math.Inf(1)-math.Inf(1), math.Inf(1) > math.MaxFloat64, -math.Inf(-1), math.Sqrt(-1), math.Pow(0, 0))
}
