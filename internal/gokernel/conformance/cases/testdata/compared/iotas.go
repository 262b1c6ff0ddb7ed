package main

import (
	"fmt"
	"math"
)

type Weekday int

const (
	Sunday Weekday = iota
	Monday
	_
	Wednesday
)

func (d Weekday) String() string { return [...]string{"Su", "Mo", "Tu", "We"}[d] }

const (
	KB = 1 << (10 * (iota + 1))
	MB
	GB
)
const (
	a, b = iota, iota * 10
	c, d
	_, _
	e, f
)
const (
	s1 = "x"
	s2
	i3 = iota
	r  = 'a' + iota
	fl = iota / 2.0
)
const (
	mask = 1<<iota - 1
	mask1
	mask2
)

type Bits uint8

const (
	F0 Bits = 1 << iota
	F1
	F2
	All = F0 | F1 | F2
)
const Big = 1 << 100
const huge = Big * Big
const third = 1.0 / 3

func main() {
	fmt.Println(Sunday, Monday, Wednesday, KB, MB, GB, a, b, c, d, e, f)
	fmt.Printf("%v %v %v %T %v %T\n", s2, i3, r, r, fl, fl)
	fmt.Println(mask, mask1, mask2, F2, All, ^F0, All&^F1)
	fmt.Println(Big>>98, huge/Big>>99, third*3 == 1, math.MaxUint32, uint64(math.MaxUint64))
	const local = len(s1) + 5
	fmt.Println(local, len([local]int{}))
	fmt.Printf("%T %T %T %T\n", 'a', 1.0, 1i, 1<<3)
	var f32 float32 = 0.1
	fmt.Println(f32*3, float64(f32)*3, 0.1*3, f32 == 0.1)
	var u8 uint8 = 255
	fmt.Println(u8+1, u8<<1, -u8, ^u8, u8>>1)
	const h = 'é'
	fmt.Println(string(rune(h)), h)
}
