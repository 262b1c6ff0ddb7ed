package main

import (
	"fmt"
	"iter"
	"maps"
	"slices"
)

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		defer fmt.Println("cleanup of", n)
		for i := range n {
			if !yield(i) {
				fmt.Println("stopped at", i)
				return
			}
		}
	}
}

func find(n, want int) (at int) {
	defer func() { at += 1000 }()
	for i := range count(n) {
		defer fmt.Println("deferred in loop", i)
		if i == want {
			return i
		}
	}
	return -1
}

func nested() string {
outer:
	for i := range count(3) {
		for j := range count(3) {
			if j == 1 {
				continue outer
			}
			if i == 1 {
				break outer
			}
			fmt.Println("at", i, j)
		}
	}
	return "done"
}

func pairs[K comparable, V any](ks []K, vs []V) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for i, k := range ks {
			if !yield(k, vs[i]) {
				return
			}
		}
	}
}

func bad(yield func(int) bool) {
	yield(1)
	yield(2)
}

func panics() (s string) {
	defer func() { s = fmt.Sprint(recover()) }()
	for range count(5) {
		panic("in the body")
	}
	return
}

func gotoOut() int {
	n := 0
	for i := range count(10) {
		n += i
		if i == 3 {
			goto end
		}
	}
	n = -1
end:
	return n
}

func main() {
	fmt.Println(find(5, 2))
	fmt.Println(nested())
	for k, v := range pairs([]string{"a", "b"}, []float64{1, 2}) {
		fmt.Println(k, v)
	}
	for range count(2) {
		fmt.Println("tick")
	}
	var fs []func() int
	for i := range count(3) {
		fs = append(fs, func() int { i *= 10; return i })
	}
	for _, f := range fs {
		fmt.Print(f(), " ")
	}
	fmt.Println(panics(), gotoOut())
	next, stop := iter.Pull(count(3))
	a, ok := next()
	b, _ := next()
	fmt.Println(a, b, ok)
	stop()
	_, ok = next()
	fmt.Println(ok)
	func() {
		defer func() { fmt.Println(recover()) }()
		for i := range bad {
			if i == 1 {
				break
			}
		}
	}()
	m := maps.Collect(pairs([]int{1, 2}, []string{"x", "y"}))
	fmt.Println(m, slices.Sorted(maps.Keys(m)), slices.Collect(maps.Values(map[int]int{1: 5})))
	for i, x := range slices.Backward([]int{7, 8}) {
		fmt.Print(i, x, " ")
	}
	fmt.Println()
	x := 0
	for x = range count(3) {
		if x == 1 {
			break
		}
	}
	fmt.Println(x)
	for i := range uint8(3) {
		fmt.Printf("%T%d ", i, i)
	}
	fmt.Println()
}
