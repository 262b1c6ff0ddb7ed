package main

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"math/cmplx"
)

func main() {
	var i8 int8 = 127
	i8++
	var u32 uint32
	u32--
	var i64 int64 = math.MinInt64
	fmt.Println(i8, u32, -i64, i64-1, i64/-1, 7/-2, -7/2, -7%3, 7%-3, i64*2)
	f, h0 := 0.0, 3.99
	fmt.Println(1/f, -1/f, f/f, math.NaN() == math.NaN(), -f, 1/(-1/math.Inf(1)), math.Signbit(math.Copysign(0, -1)))
	fmt.Println(int(h0), int(-h0), uint8(int(300)&0xff), int32(i64<<1>>1), float32(16777217), float64(float32(0.1)))
	big1 := new(big.Int).Exp(big.NewInt(2), big.NewInt(100), nil)
	fmt.Println(big1, bits.OnesCount(255), bits.LeadingZeros64(1), bits.Reverse8(1), bits.Len(1023))
	c := cmplx.Sqrt(-1)
	fmt.Println(c, cmplx.Abs(3+4i), real(c*c), c == 1i, complex(1, -0.0))
	var x uint = 5
	fmt.Println(x-6 > 0, ^x&7, x&^4, x^2, 1<<x|1, -x%7)
	fmt.Println(0x1p-2, 0b101, 0o17, 1_000_000, 'a'+1, "a"+"b", 5.0/2, 5/2, 5/2.0, 1e3)
	h := math.MaxFloat64
	fmt.Println(h*2, float32(h/1e300), math.Float64bits(1.5), math.Round(-2.5), math.Mod(-7, 3), math.Hypot(3, 4), math.FMA(2, 3, 4))
	var r rune = 'z'
	r -= 25
	var by byte = 'A' + 2
	fmt.Println(string(r), by, string(rune(by)), r < 'b')
	a, b := 7, 0
	func() {
		defer func() { fmt.Println(recover()) }()
		fmt.Println(a % b)
	}()
	sum, carry := bits.Add64(math.MaxUint64, 1, 0)
	hi, lo := bits.Mul64(1<<40, 1<<40)
	fmt.Println(sum, carry, hi, lo, min(2, 1.5), max('a', 98))
	var t float64 = 1 << 3
	const k = 1 << 62
	fmt.Println(t, k>>60, uint64(k)<<1, math.Pi*float32(2))
}
