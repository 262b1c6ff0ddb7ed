package main

import (
	"fmt"
)

func counter() (inc func() int, get func() int) {
	n := 0
	inc = func() int { n++; return n }
	get = func() int { return n }
	return
}

func main() {
	inc, get := counter()
	inc()
	inc()
	fmt.Println(get())
	var fs []func() *int
	for i := 0; i < 3; i++ {
		fs = append(fs, func() *int { return &i })
		i := i
		_ = i
	}
	for _, f := range fs {
		*f() += 100
	}
	for _, f := range fs {
		fmt.Print(*f(), " ")
	}
	fmt.Println()
	for i := 0; i < 6; i++ {
		f := func() { i++ }
		f()
		fmt.Print(i, " ")
	}
	fmt.Println()
	var ps []*int
	for i, p := 0, new(int); i < 3; i, p = i+1, &i {
		ps = append(ps, p)
	}
	for _, p := range ps {
		fmt.Print(*p, " ")
	}
	fmt.Println()
	x := 1
	f := func() (r int) {
		defer func() { r += x }()
		x = 10
		return x
	}
	fmt.Println(f(), x)
	a := [3]int{1, 2, 3}
	g := func() { a[1] = 20 }
	for i, v := range a {
		g()
		fmt.Print(i, v, " ")
	}
	fmt.Println(a)
	var rec func(int) int
	rec = func(n int) int {
		if n < 2 {
			return n
		}
		return rec(n-1) + rec(n-2)
	}
	fmt.Println(rec(15))
}
