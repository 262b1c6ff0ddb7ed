package main

import (
	"fmt"
)

type Inner struct {
	A int
	B string
}
type Outer struct {
	Inner
	C []int
	D map[string]int
	e *Inner
	F func()
	G any
	H error
	_ int
}
type Cmp struct {
	a int
	b string
	c any
	d [2]float64
	e *int
	f chan int
}
type Empty struct{}
type Tagged struct {
	X int `json:"x" xml:"y"`
}

func main() {
	o := Outer{Inner: Inner{1, "b"}, C: []int{1}, G: Inner{2, "g"}}
	fmt.Printf("%v\n%+v\n%T\n", o, o, o)
	n := 1
	a, b := Cmp{a: 1, c: 2, e: &n}, Cmp{a: 1, c: 2, e: &n}
	fmt.Println(a == b, a != b, Empty{} == Empty{}, a == Cmp{})
	b.d[1] = 1
	fmt.Println(a == b)
	func() {
		defer func() { fmt.Println(recover()) }()
		a.c, b = []int{}, a
		b.c = []int{}
		fmt.Println(a == b)
	}()
	p := &o
	p.A++
	(*p).B += "!"
	p.Inner.B += "?"
	fmt.Println(o.A, o.B, o.Inner)
	an := struct {
		X, Y int
		Z    struct{ W string }
	}{1, 2, struct{ W string }{"w"}}
	fmt.Printf("%v %+v %T %#v\n", an, an, an, an)
	var same struct {
		X, Y int
		Z    struct{ W string }
	} = an
	fmt.Println(same == an)
	t := Tagged{3}
	u := struct {
		X int
	}(t)
	fmt.Println(u)
	fmt.Printf("%T %#v %v %+v\n", t, t, &t, &u)
	pts := []*Inner{{1, "x"}, {2, "y"}}
	mp := map[Inner]*Inner{{1, "k"}: {3, "v"}}
	for k, v := range mp {
		fmt.Println(k, *v, *pts[1])
	}
	type local struct{ v int }
	ls := []local{{1}, {2}}
	fmt.Printf("%T %v %#v\n", ls, ls, ls[0])
	var e1, e2 struct{}
	fmt.Println(e1 == e2)
	var arr [2]struct{ x, y int }
	arr[1].y = 5
	fmt.Println(arr, len(arr))
}
