package main

import (
	"fmt"
	"strconv"
	"unsafe"
)

type Meters float64
type Path string
type IDs []int
type Fn func(int) int
type A struct {
	X int `a:"1"`
}
type B struct {
	X int `b:"2"`
}
type Bytes []byte
type Ch chan int
type RO <-chan int

func main() {
	m := Meters(3.7)
	fmt.Println(int(m), float32(m), Meters(int(m))/2, Path("a")+"b", string(Path("p")))
	a := A{1}
	b := B(a)
	fmt.Println(b, A(b) == a, (*B)(&a).X)
	ids := IDs{3, 1}
	plain := []int(ids)
	plain[0] = 9
	var back IDs = plain
	fmt.Println(ids, back)
	f := Fn(func(i int) int { return i + 1 })
	var g func(int) int = f
	fmt.Println(g(1), f(2))
	bs := Bytes("hé")
	fmt.Println(bs, string(bs), []rune(string(bs)), string([]rune{104}))
	c := make(Ch, 1)
	var ro RO = (<-chan int)(c)
	var send chan<- int = c
	send <- 3
	fmt.Println(<-ro)
	var i64 int64 = -1
	fmt.Println(uint8(i64), uint32(i64), uint64(i64), int8(int64(200)&0xff-256), float64(uint64(i64)))
	n, err := strconv.Atoi("12x")
	fmt.Println(n, err)
	x, _ := strconv.ParseFloat("1e3", 64)
	q := strconv.Quote("a\"b\n")
	fmt.Println(x, q, strconv.FormatInt(255, 2), unsafe.Sizeof(a), unsafe.Sizeof(int32(0)))
	var e any = m
	_, ok := e.(float64)
	mm, ok2 := e.(Meters)
	fmt.Println(ok, mm, ok2)
	var r rune = 0x4e16
	fmt.Println(string(r), byte(r), string(byte(65)), complex64(1+2i))
	arr := [4]int{1, 2, 3, 4}
	s := arr[:]
	p := (*[2]int)(s[1:])
	p[0] = 20
	fmt.Println(arr, *p, [0]int([]int(nil)), (*[0]int)(nil) == nil)
}
