package main

import (
	"fmt"
)

func ack(m, n int) int {
	if m == 0 {
		return n + 1
	}
	if n == 0 {
		return ack(m-1, 1)
	}
	return ack(m-1, ack(m, n-1))
}
func depth(n int) int {
	if n == 0 {
		return 0
	}
	return 1 + depth(n-1)
}
func even(n int) bool { return n == 0 || odd(n-1) }
func odd(n int) bool  { return n != 0 && even(n-1) }
func perms(xs []int, f func([]int)) {
	var rec func(int)
	rec = func(k int) {
		if k == len(xs) {
			f(xs)
			return
		}
		for i := k; i < len(xs); i++ {
			xs[k], xs[i] = xs[i], xs[k]
			rec(k + 1)
			xs[k], xs[i] = xs[i], xs[k]
		}
	}
	rec(0)
}
func hanoi(n int, a, b, c string) int {
	if n == 0 {
		return 0
	}
	return hanoi(n-1, a, c, b) + 1 + hanoi(n-1, c, b, a)
}
func queens(n int) (count int) {
	cols := make([]bool, n)
	d1, d2 := make([]bool, 2*n), make([]bool, 2*n)
	var place func(int)
	place = func(r int) {
		if r == n {
			count++
			return
		}
		for c := range n {
			if cols[c] || d1[r+c] || d2[r-c+n] {
				continue
			}
			cols[c], d1[r+c], d2[r-c+n] = true, true, true
			place(r + 1)
			cols[c], d1[r+c], d2[r-c+n] = false, false, false
		}
	}
	place(0)
	return
}
func mutual(n int) (s string) {
	defer func() {
		if r := recover(); r != nil {
			s = fmt.Sprint(r, "<", n)
			if n > 0 {
				panic(s)
			}
		}
	}()
	if n == 4 {
		panic("bottom")
	}
	return mutual(n + 1)
}

func main() {
	fmt.Println(ack(2, 6), depth(100000), even(10001), hanoi(10, "a", "b", "c"), queens(6))
	n := 0
	perms([]int{1, 2, 3, 4}, func(p []int) {
		if p[0] < p[3] {
			n++
		}
	})
	fmt.Println(n)
	func() {
		defer func() { fmt.Println(recover()) }()
		mutual(1)
	}()
}
