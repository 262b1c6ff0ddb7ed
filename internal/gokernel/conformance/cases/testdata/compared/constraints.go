package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

type Number interface {
	~int | ~int64 | ~float64
}
type MyInt int

func (m MyInt) String() string { return "MyInt(" + strconv.Itoa(int(m)) + ")" }

func Sum[T Number](xs ...T) (s T) {
	for _, x := range xs {
		s += x
	}
	return
}

func Map[T, U any](xs []T, f func(T) U) []U {
	out := make([]U, 0, len(xs))
	for _, x := range xs {
		out = append(out, f(x))
	}
	return out
}

func Keys[M ~map[K]V, K cmp.Ordered, V any](m M) []K {
	var ks []K
	for k := range m {
		ks = append(ks, k)
	}
	slices.Sort(ks)
	return ks
}

type StringerNumber interface {
	Number
	fmt.Stringer
}

func Show[T StringerNumber](x T) string { return x.String() + fmt.Sprint(x+1) }

type Stack[T any] struct{ items []T }

func (s *Stack[T]) Push(x T) { s.items = append(s.items, x) }
func (s *Stack[T]) Pop() (x T, ok bool) {
	if len(s.items) == 0 {
		return x, false
	}
	x = s.items[len(s.items)-1]
	s.items = s.items[:len(s.items)-1]
	return x, true
}

type Tree[K cmp.Ordered, V any] struct {
	root *node[K, V]
	n    int
}
type node[K cmp.Ordered, V any] struct {
	k    K
	v    V
	l, r *node[K, V]
}

func (t *Tree[K, V]) Put(k K, v V) {
	p := &t.root
	for *p != nil {
		switch c := cmp.Compare(k, (*p).k); {
		case c < 0:
			p = &(*p).l
		case c > 0:
			p = &(*p).r
		default:
			(*p).v = v
			return
		}
	}
	*p = &node[K, V]{k: k, v: v}
	t.n++
}

func (t *Tree[K, V]) All() func(yield func(K, V) bool) {
	return func(yield func(K, V) bool) { t.root.walk(yield) }
}

func (n *node[K, V]) walk(yield func(K, V) bool) bool {
	return n == nil || n.l.walk(yield) && yield(n.k, n.v) && n.r.walk(yield)
}

type PtrTo[T any] interface {
	*T
	Init(int)
}
type thing struct{ n int }

func (t *thing) Init(n int) { t.n = n }

func Make[T any, P PtrTo[T]](n int) T {
	var t T
	P(&t).Init(n)
	return t
}

type List[T any] []T

func (l List[T]) Filter(f func(T) bool) List[T] {
	var out List[T]
	for _, x := range l {
		if f(x) {
			out = append(out, x)
		}
	}
	return out
}

type Opt[T any] func(*T)

func Apply[T any](t T, opts ...Opt[T]) T {
	for _, o := range opts {
		o(&t)
	}
	return t
}

type Set[T comparable] = map[T]struct{}

func zero[T any]() T { return *new(T) }

func main() {
	fmt.Println(Sum(1, 2, 3), Sum(1.5, 2), Sum[MyInt](1, 2), Sum[int]())
	fmt.Println(Map([]int{1, 2}, strconv.Itoa), Map([]string{"a"}, func(s string) int { return len(s) }))
	fmt.Println(Keys(map[string]int{"b": 1, "a": 2}), Show(MyInt(4)))
	var s Stack[string]
	s.Push("a")
	s.Push("b")
	x, ok := s.Pop()
	fmt.Println(x, ok, s.items)
	t := &Tree[string, int]{}
	for i, k := range []string{"m", "c", "x", "a", "m"} {
		t.Put(k, i)
	}
	for k, v := range t.All() {
		if k == "x" {
			break
		}
		fmt.Print(k, "=", v, " ")
	}
	fmt.Println(t.n)
	fmt.Println(Make[thing](7).n)
	fmt.Println(List[int]{1, 2, 3, 4}.Filter(func(i int) bool { return i%2 == 0 }))
	fmt.Println(Apply(thing{}, func(t *thing) { t.n += 3 }, func(t *thing) { t.n *= 2 }))
	set := Set[int]{1: {}, 2: {}}
	_, has := set[2]
	fmt.Println(has, zero[*int]() == nil, zero[string]() == "", zero[[2]int]())
	fmt.Printf("%T %T %T %T\n", s, t, List[MyInt]{}, Stack[Stack[int]]{})
	f := Sum[float64]
	fmt.Printf("%T %v\n", f, f(1, 2))
}
