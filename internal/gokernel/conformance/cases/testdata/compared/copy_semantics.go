package main

import (
	"fmt"
)

type In struct{ v int }
type S struct {
	In
	arr [2]In
	p   *In
	m   map[string]In
}

func (s S) Mut() S { s.v = 1; s.arr[0].v = 1; s.p.v = 1; return s }
func (s *S) MutP() { s.v = 2; s.arr[1].v = 2 }
func get() S       { return S{p: &In{}} }

func main() {
	s := S{p: &In{}}
	t := s
	u := &s
	t.v = 5
	u.arr[0].v = 6
	fmt.Println(s.v, t.v, s.arr, t.arr, s.p == t.p)
	r := s.Mut()
	fmt.Println(s.v, r.v, s.p.v)
	s.MutP()
	fmt.Println(s.v, s.arr)
	var i any = s
	s.v = 77
	fmt.Println(i.(S).v, s.v)
	j := i
	fmt.Println(j.(S).v, get().In.v)
	ss := []S{s, s}
	for _, e := range ss {
		e.v = -1
	}
	p := &ss[0]
	ss = append(ss, S{})
	p.v = 1234
	fmt.Println(ss[0].v, p.v, len(ss))
	f := s.Mut
	s.v = 1000
	fmt.Println(f().v, s.v)
	st := struct{ a, b int }{1, 2}
	su := st
	su.a = 9
	fmt.Println(st, su, st == struct{ a, b int }{1, 2})
	c := make(chan S, 1)
	c <- s
	s.v = 3
	fmt.Println((<-c).v)
	x, y := s, s
	x.v, y.v = y.v+1, x.v+2
	fmt.Println(x.v, y.v)
	func(s S) { s.v = 0; s.p.v = 55 }(s)
	fmt.Println(s.v, s.p.v)
	m := map[string]S{"a": s}
	e := m["a"]
	e.v = -5
	fmt.Println(m["a"].v)
}
