package main

import (
	"fmt"
)

type Grid [3][3]int

func (g Grid) Set(v int) Grid { g[0][0] = v; return g }
func (g *Grid) SetP(v int)    { g[1][1] = v }
func change(a [3]int) [3]int  { a[0] = 99; return a }
func changeP(a *[3]int)       { a[0] = 98 }
func changeS(a []int)         { a[0] = 97 }

type W struct {
	a [2]int
	s []int
}

func main() {
	a := [3]int{1, 2, 3}
	b := a
	b[0] = 10
	c := change(a)
	fmt.Println(a, b, c, a == [3]int{1, 2, 3}, a != b)
	changeP(&a)
	fmt.Println(a)
	changeS(a[:])
	fmt.Println(a)
	for i, v := range a {
		a[2] = 50
		fmt.Print(i, v, " ")
	}
	fmt.Println()
	for i, v := range &a {
		a[2] = 60 + i
		fmt.Print(i, v, " ")
	}
	fmt.Println()
	var g Grid
	h := g.Set(5)
	g.SetP(7)
	fmt.Println(g, h, len(g), len(g[0]))
	w := W{[2]int{1, 2}, []int{1, 2}}
	x := w
	x.a[0], x.s[0] = 9, 9
	fmt.Println(w, x)
	l := [...]string{2: "c", 0: "a", 5: "f"}
	fmt.Printf("%q %d\n", l, len(l))
	pa := &a
	fmt.Println(pa[1], len(pa), cap(pa), pa[:2])
	as := [][2]int{{1, 2}, {3, 4}}
	for _, e := range as {
		e[0] = 100
	}
	for i := range as {
		as[i][1] *= 2
	}
	fmt.Println(as)
	sl := []int{1, 2, 3, 4, 5}
	arr := [3]int(sl)
	parr := (*[3]int)(sl)
	sl[0] = 77
	fmt.Println(arr, *parr, sl[1:3:3], cap(sl[1:3:3]))
	chans := make(chan [2]int, 1)
	t := [2]int{1, 2}
	chans <- t
	t[0] = 9
	fmt.Println(<-chans, t)
	var ifc any = t
	t[1] = 8
	fmt.Println(ifc, ifc == any([2]int{9, 2}))
	fnA := func() [3]int { return a }
	fmt.Println(fnA()[1], len(fnA()))
}
