package main

import (
	"fmt"
)

type T struct{ n int }

func (t T) v(s string) T   { fmt.Println("v", t.n, s); t.n++; return t }
func (t *T) p(s string) *T { fmt.Println("p", t.n, s); t.n++; return t }

func order() {
	for i := range 3 {
		defer fmt.Println("deferred", i)
	}
	defer func() {
		defer fmt.Println("inner")
		fmt.Println("outer")
	}()
}

func args() (s string) {
	s = "first"
	defer fmt.Println(s)
	defer func(x string) { s += x }(s)
	s = "second"
	return s + "!"
}

func chained() {
	t := T{1}
	defer t.v("a").v("b")
	defer t.p("c").p("d")
	t.n = 50
}

func nilDefer() (err any) {
	defer func() { err = recover() }()
	var f func()
	defer f()
	fmt.Println("reached")
	return
}

func results() (a, b int) {
	defer func() { a, b = b, a }()
	a = 7
	return 1, a
}

func modified() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("wrapped: %v", r)
		}
	}()
	var m map[string]int
	m["a"]++
	return nil
}

func main() {
	order()
	fmt.Println(args())
	chained()
	fmt.Println(nilDefer())
	fmt.Println(results())
	fmt.Println(modified())
}
