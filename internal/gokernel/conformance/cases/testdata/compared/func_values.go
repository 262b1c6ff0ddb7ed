package main

import (
	"fmt"
)

type Op func(float64, float64) float64
type Middleware func(Handler) Handler
type Handler func(string) string

func logged(name string) Middleware {
	return func(h Handler) Handler {
		return func(s string) string { return name + "(" + h(s) + ")" }
	}
}
func compose(ms ...Middleware) Middleware {
	return func(h Handler) Handler {
		for i := len(ms) - 1; i >= 0; i-- {
			h = ms[i](h)
		}
		return h
	}
}
func curry(a int) func(int) func(int) int {
	return func(b int) func(int) int { return func(c int) int { return a*100 + b*10 + c } }
}
func memo(f func(int) int) func(int) int {
	cache := map[int]int{}
	return func(n int) int {
		if v, ok := cache[n]; ok {
			return v
		}
		cache[n] = f(n)
		return cache[n]
	}
}

type S struct {
	f  func() int
	fs []func(int) int
	n  int
}

func (s *S) bump() int { s.n++; return s.n }
func fact(n int) int {
	if n == 0 {
		return 1
	}
	return n * fact(n-1)
}

func main() {
	ops := map[string]Op{"+": func(a, b float64) float64 { return a + b }, "/": func(a, b float64) float64 { return a / b }}
	fmt.Println(ops["+"](1, 2), ops["/"](1, 4), ops["x"] == nil)
	fmt.Println(compose(logged("a"), logged("b"))(func(s string) string { return s + "!" })("x"))
	fmt.Println(curry(1)(2)(3))
	var fib func(int) int
	fib = memo(func(n int) int {
		if n < 2 {
			return n
		}
		return fib(n-1) + fib(n-2)
	})
	fmt.Println(fib(80))
	s := &S{}
	s.f = s.bump
	s.fs = append(s.fs, fact, func(n int) int { return n + s.f() })
	for _, f := range s.fs {
		fmt.Println(f(5))
	}
	t := *s
	t.f()
	fmt.Println(s.n, t.n)
	fmt.Println(func(x int) int { return x * x }(4), (func() string { return "iife" })())
	var arr [3]func() int
	for i := range arr {
		arr[i] = func() int { return i * i }
	}
	fmt.Println(arr[2](), arr[0]())
	func() {
		defer func() { fmt.Println(recover()) }()
		var f func()
		f()
	}()
	ch := make(chan func(int) int, 1)
	ch <- fact
	fmt.Println((<-ch)(6))
	fn := fmt.Sprintf
	fmt.Println(fn("%03d", 7))
}
