package main

import (
	"fmt"
	"strings"
)

type Parser func(string) (string, string, bool)

func lit(s string) Parser {
	return func(in string) (string, string, bool) {
		if strings.HasPrefix(in, s) {
			return s, in[len(s):], true
		}
		return "", in, false
	}
}
func (p Parser) then(q Parser) Parser {
	return func(in string) (string, string, bool) {
		a, rest, ok := p(in)
		if !ok {
			return "", in, false
		}
		b, rest, ok := q(rest)
		if !ok {
			return "", in, false
		}
		return a + b, rest, true
	}
}
func (p Parser) many() Parser {
	return func(in string) (out string, rest string, ok bool) {
		for rest = in; ; {
			a, r, ok := p(rest)
			if !ok {
				return out, rest, true
			}
			out, rest = out+a, r
		}
	}
}

type Option func(*config)
type config struct {
	name string
	n    int
	log  func(string, ...any)
}

func WithN(n int) Option { return func(c *config) { c.n = n } }
func WithLog(f func(string, ...any)) Option {
	return func(c *config) { c.log = f }
}
func New(name string, opts ...Option) *config {
	c := &config{name: name, n: 1}
	for _, o := range opts {
		o(c)
	}
	if c.log != nil {
		c.log("%s=%d", c.name, c.n)
	}
	return c
}

type stack struct {
	push func(int)
	pop  func() (int, error)
	len  func() int
}

func newStack() stack {
	var data []int
	return stack{
		push: func(x int) { data = append(data, x) },
		pop: func() (x int, err error) {
			if len(data) == 0 {
				return 0, fmt.Errorf("empty")
			}
			x, data = data[len(data)-1], data[:len(data)-1]
			return
		},
		len: func() int { return len(data) },
	}
}

type Lazy[T any] struct {
	f func() T
	v *T
}

func (l *Lazy[T]) Get() T {
	if l.v == nil {
		v := l.f()
		l.v = &v
	}
	return *l.v
}

func main() {
	p := lit("a").then(lit("b").many()).then(lit("c"))
	for _, s := range []string{"abbbcd", "ac", "abd", "x"} {
		fmt.Println(p(s))
	}
	var lines []string
	c := New("cfg", WithN(4), WithLog(func(f string, a ...any) { lines = append(lines, fmt.Sprintf(f, a...)) }))
	fmt.Println(c.n, lines, New("plain").log == nil)
	s := newStack()
	s.push(1)
	s.push(2)
	x, err := s.pop()
	fmt.Println(x, err, s.len())
	s.pop()
	_, err = s.pop()
	fmt.Println(err)
	calls := 0
	l := Lazy[string]{f: func() string { calls++; return "v" }}
	fmt.Println(l.Get(), l.Get(), calls)
	acc := func() func(int) int {
		t := 0
		return func(d int) int { t += d; return t }
	}
	a, b := acc(), acc()
	a(1)
	a(2)
	fmt.Println(a(3), b(10))
	var funcs []func()
	for _, name := range []string{"x", "y"} {
		for i := range 2 {
			funcs = append(funcs, func() { fmt.Print(name, i, " ") })
		}
	}
	for _, f := range funcs {
		f()
	}
	fmt.Println()
	fib := func() func() int {
		a, b := 0, 1
		return func() int {
			defer func() { a, b = b, a+b }()
			return a
		}
	}()
	for range 10 {
		fmt.Print(fib(), " ")
	}
	fmt.Println()
}
