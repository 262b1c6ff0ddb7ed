package main

import (
	"fmt"
)

func main() {
	s := make([]int, 2, 5)
	s = append(s, 1, 2)
	fmt.Println(len(s), cap(s), copy(s[1:], s), s)
	var m map[string]int
	delete(m, "x")
	fmt.Println(len(m), m["a"])
	for range m {
		fmt.Println("never")
	}
	clear(m)
	p := new(struct{ a, b int })
	p.a = min(5, 3, 4)
	p.b = max(p.a, 9)
	fmt.Println(*p, min("b", "a"), max(1.5, 2), min(int8(3), 4))
	q := new(p.b * 2)
	fmt.Println(*q)
	c := make(chan int, 3)
	c <- 1
	fmt.Println(len(c), cap(c))
	arr := [5]int{1, 2, 3, 4, 5}
	clear(arr[1:3])
	fmt.Println(arr, len(&arr), len("héé"), cap(arr[1:3:4]))
	z := complex(1, 2)
	fmt.Println(real(z), imag(z), z*z)
	b := make([]byte, 3)
	n := copy(b, "hello")
	fmt.Println(n, string(b))
	var nilf map[string][]int
	fmt.Println(append(nilf["x"], 1))
	x := append([]int{1}, append([]int{2}, 3)...)
	fmt.Println(x, append(x[:1], x[2:]...), len(x))
	type M map[string]int
	mm := make(M, 10)
	mm["q"]++
	fmt.Println(mm, len(mm))
	ss := make([][]int, 2)
	for i := range ss {
		ss[i] = make([]int, i+1)
	}
	fmt.Println(ss)
}
