package main

import (
	"fmt"
	"strings"
)

func join(sep string, xs ...any) string {
	var out []string
	for _, x := range xs {
		out = append(out, fmt.Sprint(x))
	}
	return fmt.Sprintf("%d:%s:%v", len(xs), strings.Join(out, sep), xs == nil)
}
func sum(xs ...int) (t int) {
	for _, x := range xs {
		t += x
	}
	return
}
func pair() (string, int)                     { return "-", 5 }
func many() (a, b, c int)                     { return 1, 2, 3 }
func apply(f func(...int) int, xs ...int) int { return f(xs...) }

type V struct{}

func (V) M(pre string, xs ...float64) int { return len(pre) + len(xs) }

func opt(fs ...func(*int)) int {
	n := 0
	for _, f := range fs {
		f(&n)
	}
	return n
}

func main() {
	fmt.Println(join(","), join(",", nil), join(",", nil...), join(",", []any{1, 2}...), join(",", []any{1, 2}), join(pair()))
	fmt.Println(sum(), sum(1, 2), sum([]int{4, 5}...), sum(many()), apply(sum, 1, 2, 3))
	f := V.M
	g := V{}.M
	fmt.Println(f(V{}, "a", 1, 2), g("bc"), g("", []float64{1}...))
	fmt.Println(opt(func(p *int) { *p += 2 }, func(p *int) { *p *= 10 }))
	fmt.Println(append([]byte("a"), "bc"...))
	defer func(xs ...string) { fmt.Println(xs, len(xs)) }("deferred", "args")
	func(first int, rest ...int) { fmt.Println(first, rest) }(many())
}
