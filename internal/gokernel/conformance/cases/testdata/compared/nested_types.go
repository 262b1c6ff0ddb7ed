package main

import (
	"fmt"
)

func outer() (out []string) {
	type point struct{ x, y int }
	type shape interface{ corners() []point }
	add := func(ps ...point) {
		type tagged struct {
			point
			tag string
		}
		for i, p := range ps {
			out = append(out, fmt.Sprintf("%+v", tagged{p, fmt.Sprint(i)}))
		}
	}
	add(point{1, 2}, point{y: 3})
	var s shape
	out = append(out, fmt.Sprintf("%T %v", s, s == nil))
	{
		type point string
		out = append(out, string(point("inner")))
	}
	return
}

func gen[T any](x T) any {
	type box struct{ v T }
	return box{x}
}

type T struct {
	Inner struct {
		A, B int
		Deep []struct{ C string }
	}
	M map[struct{ k int }]*struct{ v []int }
	F func(struct{ a int }) (r struct{ b string })
}

func main() {
	fmt.Println(outer())
	fmt.Println(gen(1), gen("s"), gen(1) == gen(1), gen(1) == gen(int8(1)))
	fmt.Printf("%T %T\n", gen(2), gen([]string{}))
	var t T
	t.Inner.A = 1
	t.Inner.Deep = append(t.Inner.Deep, struct{ C string }{"c"})
	t.M = map[struct{ k int }]*struct{ v []int }{{1}: {[]int{4}}}
	t.F = func(s struct{ a int }) (r struct{ b string }) { r.b = fmt.Sprint(s.a); return }
	fmt.Println(t.Inner, t.M[struct{ k int }{1}].v, t.F(struct{ a int }{8}).b)
	type local struct {
		T
		next *local
	}
	l := local{t, &local{}}
	l.next.Inner.B = 9
	fmt.Println(l.next.Inner.B, l.Inner.A)
	fmt.Printf("%T %T\n", l, l.Inner)
}
