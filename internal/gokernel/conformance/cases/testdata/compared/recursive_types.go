package main

import (
	"fmt"
	"strings"
)

type Expr interface {
	Eval(env map[string]float64) float64
}
type (
	Num   float64
	Var   string
	BinOp struct {
		op   byte
		l, r Expr
	}
	Call struct {
		fn   func(...float64) float64
		args []Expr
	}
)

func (n Num) Eval(map[string]float64) float64     { return float64(n) }
func (v Var) Eval(env map[string]float64) float64 { return env[string(v)] }
func (b BinOp) Eval(env map[string]float64) float64 {
	l, r := b.l.Eval(env), b.r.Eval(env)
	switch b.op {
	case '+':
		return l + r
	case '*':
		return l * r
	}
	panic("bad op " + string(b.op))
}
func (c Call) Eval(env map[string]float64) float64 {
	var vs []float64
	for _, a := range c.args {
		vs = append(vs, a.Eval(env))
	}
	return c.fn(vs...)
}

type Tree struct {
	Left, Right *Tree
	Val         int
}

func (t *Tree) Insert(v int) *Tree {
	if t == nil {
		return &Tree{Val: v}
	}
	if v < t.Val {
		t.Left = t.Left.Insert(v)
	} else {
		t.Right = t.Right.Insert(v)
	}
	return t
}
func (t *Tree) Walk(f func(int)) {
	if t != nil {
		t.Left.Walk(f)
		f(t.Val)
		t.Right.Walk(f)
	}
}
func (t *Tree) String() string {
	if t == nil {
		return "()"
	}
	return fmt.Sprintf("(%v %d %v)", t.Left, t.Val, t.Right)
}

type State func(*Lexer) State
type Lexer struct {
	in  string
	pos int
	out []string
}

func start(l *Lexer) State {
	if l.pos >= len(l.in) {
		return nil
	}
	if l.in[l.pos] >= '0' && l.in[l.pos] <= '9' {
		return digits
	}
	l.pos++
	return start
}
func digits(l *Lexer) State {
	from := l.pos
	for l.pos < len(l.in) && l.in[l.pos] >= '0' && l.in[l.pos] <= '9' {
		l.pos++
	}
	l.out = append(l.out, l.in[from:l.pos])
	return start
}

type Graph map[string]Graph
type Slice []Slice
type Fn func(Fn) int
type Chan chan Chan
type Trie struct {
	kids map[rune]*Trie
	end  bool
}

func (t *Trie) Add(w string) {
	for _, r := range w {
		if t.kids == nil {
			t.kids = map[rune]*Trie{}
		}
		if t.kids[r] == nil {
			t.kids[r] = &Trie{}
		}
		t = t.kids[r]
	}
	t.end = true
}
func (t *Trie) Has(w string) bool {
	for _, r := range w {
		if t = t.kids[r]; t == nil {
			return false
		}
	}
	return t.end
}

type A struct{ b *B }
type B struct {
	a A
	c []C
}
type C map[string]*A

func main() {
	e := BinOp{'+', Num(1), BinOp{'*', Var("x"), Call{func(v ...float64) float64 { return v[0] - v[1] }, []Expr{Num(5), Var("y")}}}}
	fmt.Println(e.Eval(map[string]float64{"x": 2, "y": 3}))
	fmt.Printf("%v %T\n", BinOp{'*', Num(2), Var("z")}, e.l)
	var t *Tree
	for _, v := range []int{5, 2, 8, 1} {
		t = t.Insert(v)
	}
	t.Walk(func(v int) { fmt.Print(v, " ") })
	fmt.Println(t)
	l := &Lexer{in: "a12 b345"}
	for s := State(start); s != nil; {
		s = s(l)
	}
	fmt.Println(strings.Join(l.out, ","))
	g := Graph{"a": {"b": nil, "c": {}}}
	fmt.Println(g, len(g["a"]), Slice{{}, {{}}})
	var f Fn = func(g Fn) int {
		if g == nil {
			return 1
		}
		return g(nil) + 1
	}
	fmt.Println(f(f))
	c := make(Chan, 1)
	c <- c
	fmt.Println(<-c == c)
	tr := &Trie{}
	tr.Add("héllo")
	fmt.Println(tr.Has("héllo"), tr.Has("hé"), tr.Has("x"))
	a := A{&B{c: []C{{"k": {}}}}}
	fmt.Println(a.b.c[0]["k"].b == nil, a.b.a.b == nil)
}
