package main

import (
	"fmt"
)

var trace []string

func t(name string) int { trace = append(trace, name); return len(trace) }
func tf(name string) func(...int) int {
	trace = append(trace, "f"+name)
	return func(xs ...int) int { trace = append(trace, "call"+name); return len(xs) }
}
func tm(name string) map[int]int  { trace = append(trace, "m"+name); return map[int]int{} }
func ts(name string) []int        { trace = append(trace, "s"+name); return make([]int, 20) }
func tp(name string) *int         { trace = append(trace, "p"+name); return new(int) }
func tb(name string, b bool) bool { trace = append(trace, name); return b }

type S struct{ a, b, c int }

func (s S) M(x int) S { trace = append(trace, fmt.Sprint("M", x)); return s }

func flush() { fmt.Println(trace); trace = nil }

func main() {
	tf("1")(t("a"), t("b"))
	flush()
	ts("x")[t("i")] = t("v")
	flush()
	tm("y")[t("k")], *tp("q") = t("v1"), t("v2")
	flush()
	_ = S{c: t("c"), a: t("a"), b: t("b")}
	flush()
	_ = []int{3: t("three"), 0: t("zero")}
	flush()
	S{}.M(t("1")).M(t("2")).M(t("3"))
	flush()
	_ = tb("l", false) && tb("r", true) || tb("o", true) && !tb("n", false)
	flush()
	ts("op")[t("idx")] += t("val")
	flush()
	a, b := t("first"), t("second")
	fmt.Println(a, b)
	flush()
	for i := range ts("range")[:t("n")] {
		_ = i
		t("body")
		break
	}
	flush()
	switch t("tag") {
	case t("c1"), t("c2"):
		t("hit")
	default:
		t("default")
	}
	flush()
	func() {
		defer tf("deferred")(t("arg"))
		t("inside")
	}()
	flush()
	m := map[string]int{"a": t("ma")}
	m["a"], m["b"] = m["b"], m["a"]
	fmt.Println(m)
	flush()
	var arr [3]int
	i := 0
	i, arr[i] = 2, 5
	arr[i], i = 7, 0
	fmt.Println(arr, i)
	x := []int{1, 2, 3}
	x[0], x = 9, []int{4}
	fmt.Println(x)
	p := &S{1, 2, 3}
	q := p
	p.a, p = 50, &S{}
	fmt.Println(q.a, p.a)
}
