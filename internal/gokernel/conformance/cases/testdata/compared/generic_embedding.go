package main

import (
	"fmt"
	"sort"
	"strings"
)

type Base[T any] struct{ Val T }

func (b *Base[T]) Set(v T) { b.Val = v }
func (b Base[T]) Get() T   { return b.Val }

type Derived[K comparable, V any] struct {
	Base[map[K]V]
	*Extra[V]
	name string
}
type Extra[T any] struct{ list []T }

func (e *Extra[T]) Add(x T) int { e.list = append(e.list, x); return len(e.list) }

type Getter[T any] interface{ Get() T }
type Named[T any] interface {
	Getter[T]
	fmt.Stringer
}

func (d Derived[K, V]) String() string { return d.name + fmt.Sprint(len(d.Val)) }

type Pair[A any, B any] struct {
	a A
	b B
}

func MakePair[A, B any](a A, b B) Pair[A, B] { return Pair[A, B]{a, b} }
func (p Pair[A, B]) Swap() Pair[B, A]        { return Pair[B, A]{p.b, p.a} }
func (p Pair[A, B]) Each(f func(any))        { f(p.a); f(p.b) }

type Num interface{ ~int | ~float64 }
type Vec[T Num] []T

func (v Vec[T]) Dot(w Vec[T]) (s T) {
	for i := range v {
		s += v[i] * w[i]
	}
	return
}

type Matrix[T Num, R ~[]T] []R

func Reduce[T, A any](xs []T, init A, f func(A, T) A) A {
	for _, x := range xs {
		init = f(init, x)
	}
	return init
}
func Ptr[T any](x T) *T { return &x }
func Must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

type Event[T any] struct{ handlers []func(T) }

func (e *Event[T]) On(f func(T)) { e.handlers = append(e.handlers, f) }
func (e *Event[T]) Fire(x T) {
	for _, h := range e.handlers {
		h(x)
	}
}

type LinkedList[T any] struct {
	head *elem[T]
	size int
}
type elem[T any] struct {
	v    T
	next *elem[T]
}

func (l *LinkedList[T]) Push(v T) { l.head = &elem[T]{v, l.head}; l.size++ }
func (l *LinkedList[T]) Sorted(less func(a, b T) bool) (out []T) {
	for e := l.head; e != nil; e = e.next {
		out = append(out, e.v)
	}
	sort.Slice(out, func(i, j int) bool { return less(out[i], out[j]) })
	return
}

type Enum interface {
	~int
	fmt.Stringer
}
type Suit int

func (s Suit) String() string { return strings.Split("hearts spades", " ")[s] }
func Names[E Enum](es ...E) (s []string) {
	for _, e := range es {
		s = append(s, e.String()+fmt.Sprint(int(e)))
	}
	return
}
func kind[T any](x T) string {
	switch any(x).(type) {
	case int:
		return "int"
	case []T:
		return "slice of T"
	case fmt.Stringer:
		return "stringer"
	}
	return fmt.Sprintf("%T", x)
}
func count[T comparable](xs []T) map[T]int {
	m := map[T]int{}
	for _, x := range xs {
		m[x]++
	}
	return m
}

type counter[T comparable] map[T]int

func (c counter[T]) inc(k T) counter[T] { c[k]++; return c }

type static[T any] struct{}

func (static[T]) size() string { var z T; return fmt.Sprintf("%T %v", z, z) }

func main() {
	d := Derived[string, int]{Extra: &Extra[int]{}, name: "d"}
	d.Set(map[string]int{"x": 1})
	fmt.Println(d.Get()["x"], d.Add(5), d.Add(6), d.list, d)
	var n Named[map[string]int] = d
	fmt.Println(n.Get(), n)
	fmt.Println(MakePair(1, "s").Swap(), MakePair([]int{1}, MakePair(2.5, true)).b.a)
	MakePair("q", 2).Each(func(x any) { fmt.Print(x, " ") })
	fmt.Println(Vec[float64]{1, 2}.Dot(Vec[float64]{3, 4}), Matrix[int, Vec[int]]{{1}, {2}}[1].Dot(Vec[int]{5}))
	fmt.Println(Reduce([]string{"a", "bb"}, 0, func(n int, s string) int { return n + len(s) }), *Ptr(3), *Ptr("p"))
	var e Event[Pair[int, string]]
	sum := 0
	e.On(func(p Pair[int, string]) { sum += p.a })
	e.On(func(p Pair[int, string]) { sum += len(p.b) })
	e.Fire(MakePair(4, "abc"))
	fmt.Println(sum)
	var l LinkedList[Suit]
	l.Push(1)
	l.Push(0)
	fmt.Println(l.Sorted(func(a, b Suit) bool { return a < b }), Names(Suit(1), 0))
	fmt.Println(kind(1), kind(Suit(1)), kind([]int{}), kind(map[int]string{}))
	fmt.Println(count([]any{1, "a", 1.0, 1, "a", nil}), counter[Suit]{}.inc(1).inc(1))
	fmt.Println(static[[]Suit]{}.size(), static[*int]{}.size(), static[Pair[int, Suit]]{}.size())
	get := d.Get
	d.Set(nil)
	fmt.Println(get()["x"], Must(fmt.Sscan("5", new(int))))
	f := Reduce[int, string]
	fmt.Println(f([]int{1, 2}, "", func(s string, i int) string { return s + fmt.Sprint(i) }))
}
