package main

import (
	"fmt"
)

type Namer interface{ Name() string }
type Setter interface{ Set(string) }
type Both interface {
	Namer
	Setter
}
type Base struct{ n string }

func (b Base) Name() string  { return b.n }
func (b *Base) Set(s string) { b.n = s }

type ByVal struct{ Base }
type ByPtr struct{ *Base }
type Deep struct {
	ByVal
	extra int
}
type Over struct{ Base }

func (o Over) Name() string { return "over " + o.Base.Name() }

type WithIface struct {
	Namer
	k int
}
type F func(int) int

func (f F) Twice(x int) int { return f(f(x)) }

type L []int

func (l L) Len() int   { return len(l) }
func (l *L) Add(x int) { *l = append(*l, x) }

type M map[string]int

func (m M) Inc(k string) { m[k]++ }

type C chan int

func (c C) SendTwo() { c <- 1; c <- 2; close(c) }

func main() {
	v := ByVal{Base{"v"}}
	p := ByPtr{&Base{"p"}}
	v.Set("v2")
	p.Set("p2")
	var b Both = &v
	b.Set("v3")
	fmt.Println(v.Name(), p.Name(), b.Name())
	b = p
	b.Set("p3")
	fmt.Println(p.n, b.Name())
	d := Deep{v, 1}
	d.Set("d")
	fmt.Println(d.Name(), v.Name(), d.n)
	var n Namer = d
	_, isSetter := n.(Setter)
	var n2 Namer = &d
	_, isSetter2 := n2.(Setter)
	fmt.Println(isSetter, isSetter2)
	o := Over{Base{"o"}}
	n = o
	fmt.Println(n.Name(), o.Base.Name())
	w := WithIface{Namer: o, k: 1}
	fmt.Println(w.Name())
	w.Namer = p
	fmt.Println(w.Name())
	fmt.Println(F(func(x int) int { return x * 3 }).Twice(2))
	l := L{1}
	l.Add(2)
	(&l).Add(3)
	fmt.Println(l, l.Len())
	mm := M{}
	mm.Inc("a")
	mm.Inc("a")
	fmt.Println(mm)
	c := make(C, 2)
	c.SendTwo()
	for x := range c {
		fmt.Print(x, " ")
	}
	fmt.Println()
	fn1 := Base.Name
	fn2 := (*Base).Set
	fn3 := (*Base).Name
	fn4 := Namer.Name
	fn5 := v.Name
	bb := Base{"bb"}
	fn2(&bb, "set")
	v.n = "later"
	fmt.Println(fn1(bb), fn3(&bb), fn4(bb), fn5())
	fmt.Printf("%T %T %T\n", fn1, fn2, fn4)
	var nn *Base
	defer func() { fmt.Println("recovered:", recover() != nil) }()
	var e Namer = nn
	fmt.Println(e != nil)
	e.Name()
}
