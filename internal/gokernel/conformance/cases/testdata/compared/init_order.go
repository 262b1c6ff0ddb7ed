package main

import (
	"fmt"
)

var a = b + 1
var b = f()
var c, d = g(), h(a)

func f() int         { calls = append(calls, "f"); return 10 }
func g() int         { calls = append(calls, "g"); return b }
func h(x int) string { calls = append(calls, "h"); return fmt.Sprint("h", x) }

var calls []string
var table = map[string]func(int) int{"self": func(n int) int {
	if n == 0 {
		return 0
	}
	return 1 + rec(n-1)
}}

func rec(n int) int { return n + helper }

var helper = len(words)
var words = [...]string{"x", "y"}

type T struct{ v int }

var t = T{v: a}.plus(1)

func (t T) plus(n int) T { return T{t.v + n} }

func init() { calls = append(calls, "init1") }
func init() { calls = append(calls, "init2") }

var _ = fmt.Sprint("blank")
var p = &t
var q = p.v

func main() {
	fmt.Println(a, b, c, d, t, q, calls, table["self"](3))
}
