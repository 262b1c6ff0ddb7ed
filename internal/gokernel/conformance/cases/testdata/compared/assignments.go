package main

import (
	"fmt"
)

type T struct {
	a [4]int
	m map[string]int
	p *T
	u uint8
	f float32
	s string
	c complex128
}

var trace []string

func at(i int) int                        { trace = append(trace, fmt.Sprint("at", i)); return i }
func two() (int, int)                     { return 1, 2 }
func three() (a int, b string, err error) { return 1, "b", nil }

func main() {
	t := T{m: map[string]int{}}
	t.p = &t
	t.a[at(1)] += at(5)
	t.p.p.a[2] |= 6
	t.p.a[2] &^= 2
	t.m["k"] -= 3
	t.m["k"] *= 5
	t.u -= 1
	t.u <<= 3
	t.u %= 100
	t.f = 0.1
	t.f += 0.2
	t.f /= 3
	t.s += "x"
	t.s += t.s
	t.c = 1 + 2i
	t.c *= t.c
	t.c -= 1i
	(*t.p).a[3]--
	t.m["n"]++
	fmt.Println(t.a, t.m, t.u, t.f, t.s, t.c, real(t.c), imag(t.c), trace)
	a, b := two()
	a, b = b, a
	b, c := two()
	fmt.Println(a, b, c)
	x, _, err := three()
	_, y, err := three()
	fmt.Println(x, y, err)
	var i, j = 1, 2
	i, j = j, i+j
	fmt.Println(i, j)
	s := []int{0, 1, 2}
	i = 0
	i, s[i], s[2] = 1, 10, s[0]
	fmt.Println(i, s)
	var p, q *int = &i, &j
	*p, *q = *q, *p
	p, q = q, p
	fmt.Println(i, j, *p)
	m := map[int]int{}
	m[len(m)], m[5] = 1, len(m)
	fmt.Println(m)
	k, ok := m[5]
	_, ok2 := any(k).(string)
	fmt.Println(k, ok, ok2)
	var fn func() = func() { x++ }
	fn()
	f2 := fn
	f2()
	fmt.Println(x)
	var (
		v1     = 5
		v2, v3 = "a", v1 * 2
		v4     [2]bool
	)
	v4[1] = v1 > 3 && !v4[0] || false
	fmt.Println(v1, v2, v3, v4)
	var z struct{ n, m int }
	z.n, z.m = z.m+1, z.n+2
	z.n, z.m = z.m, z.n
	fmt.Println(z)
}
