package main

import (
	"fmt"
	"slices"
)

func main() {
	s := make([]int, 3, 10)
	t := append(s, 1)
	u := append(s, 2)
	fmt.Println(t, u, len(s), cap(s))
	v := s[1:2]
	v = append(v, 5)
	fmt.Println(s, v, s[:5])
	copy(s, s[1:])
	fmt.Println(s)
	s = append(s[:1], s[2:]...)
	fmt.Println(s, len(s))
	var n []int
	fmt.Println(n == nil, len(n), append(n, n...) == nil, n[:0] == nil, n[0:] == nil)
	e := []int{}
	fmt.Println(e == nil)
	ss := [][]int{{1}, {2, 3}}
	ss[0], ss[1] = ss[1], ss[0]
	ss[0][0] += 10
	fmt.Println(ss)
	i := 0
	i, ss[i] = 1, nil
	fmt.Println(i, ss)
	a := []int{1, 2, 3}
	i = 0
	i, a[i] = 2, 100
	fmt.Println(i, a)
	a[0], a[1], a[2] = a[2], a[0], a[1]
	fmt.Println(a)
	for i := range a {
		a = append(a, i)
	}
	fmt.Println(a)
	x := []int{5, 2, 8}
	slices.SortFunc(x, func(a, b int) int { return b - a })
	fmt.Println(x, slices.Contains(x, 2), slices.IndexFunc(x, func(i int) bool { return i < 5 }))
	clear(x)
	fmt.Println(x, min(3, 1, 2), max(2.5, 1), min("b", "a"))
	y := slices.Collect(slices.Values([]string{"p", "q"}))
	z := slices.Insert(y, 1, "new")
	fmt.Println(y, z, slices.Equal(y, z[:1]))
	chunks := slices.Collect(slices.Chunk([]int{1, 2, 3, 4, 5}, 2))
	fmt.Println(chunks, slices.Repeat([]int{1, 2}, 2))
	func(xs ...int) { xs[0] = 42; fmt.Println(xs, len(xs)) }(a...)
	fmt.Println(a[0])
}
