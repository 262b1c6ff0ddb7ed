package main

import (
	"fmt"
	"strings"
)

type T struct{ n int }

func (t T) Val() int      { return t.n }
func (t *T) Ptr() int     { return t.n }
func (t *T) Inc(k int) *T { t.n += k; return t }

type E struct {
	*T
	name string
}
type I interface{ Val() int }
type FI func() int

func (f FI) Val() int { return f() }

type Node struct {
	kids []*Node
	v    int
}

func (n *Node) Walk(f func(*Node)) {
	f(n)
	for _, k := range n.kids {
		k.Walk(f)
	}
}

type Visitor struct{ seen []int }

func (v *Visitor) visit(n *Node) { v.seen = append(v.seen, n.v) }
func apply(fs ...func() int) (out []int) {
	for _, f := range fs {
		out = append(out, f())
	}
	return
}

func main() {
	t := T{1}
	e := E{&t, "e"}
	fv, fp, ev, ep := t.Val, t.Ptr, e.Val, e.Ptr
	t.n = 10
	fmt.Println(apply(fv, fp, ev, ep))
	var i I = t
	iv := i.Val
	i = &T{99}
	fmt.Println(iv(), i.Val(), I.Val(t), (*T).Val(&t))
	i = FI(fv)
	fmt.Println(i.Val())
	inc := t.Inc
	inc(5).Inc(1)
	fmt.Println(t.n, e.n)
	v := &Visitor{}
	(&Node{[]*Node{{v: 2}, {[]*Node{{v: 4}}, 3}}, 1}).Walk(v.visit)
	fmt.Println(v.seen)
	fs := map[string]func(string) string{"up": strings.ToUpper, "trim": strings.TrimSpace}
	fmt.Println(fs["up"](fs["trim"](" x ")))
	g := (*T).Inc
	g(&t, 100)
	h := func(f func(*T, int) *T, t *T) int { return f(t, 1).n }
	fmt.Println(h(g, &t), h((*T).Inc, e.T))
	func() {
		defer func() { fmt.Println(recover() != nil) }()
		var np *T
		f := np.Val
		fmt.Println("not reached", f)
	}()
	func() {
		defer func() { fmt.Println(recover() != nil) }()
		var ni I
		f := ni.Val
		fmt.Println("not reached", f)
	}()
	var np *T
	f := np.Ptr
	fmt.Println(f != nil)
	r := strings.NewReplacer("a", "b").Replace
	fmt.Println(r("banana"))
	sb := &strings.Builder{}
	w := sb.WriteString
	w("x")
	w("y")
	fmt.Println(sb)
	go func(f func() int) {}(t.Val)
}
