package differential

// Idioms of functions: results, closures, defer, recover.

func swapResults(g *gen) string {
	g.risk = 0
	return g.both(`func swap$(n T) (a, b T) {
	a, b = n, n+1
	if n > 2 {
		a, b = swap$(n - 1)
		return b, a + b
	}
	return b, a
}`, `a$, b$ := swap$(N)
emit(a$, b$)`, "T", g.ints(), "N", g.num())
}

func counter(g *gen) string {
	return g.stmts(`var c$ T
next$ := func() T {
	c$ OP= 3
	return c$
}
first$ := next$()
second$ := next$()
next$()
emit(first$, second$, c$)`, "T", g.ints(), "OP", pick(g, []string{"+", "-", "|", "^"}))
}

func loopClosures(g *gen) string {
	return g.stmts(pick(g, []string{`var fs$ []func() int
for i := 0; i < N; i++ {
	fs$ = append(fs$, func() int { i += 10; return i })
}
for _, f := range fs$ {
	emit(f(), f())
}`, `var fs$ []func() string
for i, s := range []string{"a", "b", "c"} {
	fs$ = append(fs$, func() string { return fmt.Sprint(i, s) })
}
for _, f := range fs$ {
	emit(f())
}`, `var ps$ []*int
for i := range N {
	ps$ = append(ps$, &i)
}
sum$ := 0
for _, p := range ps$ {
	sum$ += *p
}
emit(sum$)`}), "N", g.num())
}

func deferOrder(g *gen) string {
	return g.both(`func order$(n int) (out []int) {
	for i := 0; i < n; i++ {
		defer func(k int) { out = append(out, k*10+i) }(i)
	}
	x := n
	defer func(k int) { out = append(out, k, x) }(x)
	x = 99
	return append(out, -1)
}`, `emit(order$(N))`, "N", g.num())
}

func deferModify(g *gen) string {
	return g.both(`func modify$(x T) (r T, err error) {
	defer func() {
		r *= 2
		if err != nil {
			err = fmt.Errorf("wrapped: %w", err)
		}
	}()
	if x > 4 {
		return x + 1, errors.New("large")
	}
	r = 7
	return r + x, nil
}`, `r$, err$ := modify$(N)
emit(r$, err$, errors.Unwrap(err$))`, "T", g.ints(), "N", g.num())
}

func recoverPanic(g *gen) string {
	bad := pick(g, []string{
		"var s []int; _ = s[n]", "s := make([]int, 3); _ = s[n+3]", "var m map[string]int; m[\"a\"] = n", "z := n - n; _ = n / z",
		"var p *struct{ a int }; p.a = n", "panic(fmt.Sprint(\"own \", n))", "panic(errors.New(\"e\"))", "var i any = n; _ = i.(string)",
		"s := []int{1, 2}; _ = s[n:1:2]", "c := make(chan int); close(c); close(c)", "_ = make([]int, n-n-1)", "s := \"abc\"; _ = s[n+3]",
		"var e error; _ = e.Error()", "a := [3]int{}; a[at(n, 3)+3-n+n] = 1", "var f func(); f()", "s := []int{1}; _ = [2]int(s)",
		"var i any; _ = i.(int)", "var i any = []int{1}; _ = i == i", "panic(n)",
	})
	return g.both(`func risky$(n int) (res string, err error) {
	defer func() {
		if r := recover(); r != nil {
			if e, ok := r.(error); ok {
				err = e
				return
			}
			res = fmt.Sprintf("recovered %T %v", r, r)
		}
	}()
	BAD
	return "fine", nil
}`, `emit(risky$(N))`, "BAD", bad, "N", g.num())
}

func mutual(g *gen) string {
	return g.both(`func even$(n uint) bool { return n == 0 || odd$(n-1) }
func odd$(n uint) bool  { return n != 0 && even$(n-1) }`, `emit(even$(N), odd$(N))
fib$ := func(int) int { return 0 }
fib$ = func(n int) int {
	if n < 2 {
		return n
	}
	return fib$(n-1) + fib$(n-2)
}
emit(fib$(N))`, "N", g.num())
}

func variadic(g *gen) string {
	return g.both(`func sum$(start T, xs ...T) (s T, n int, none bool) {
	s = start
	for _, x := range xs {
		s += x
	}
	return s, len(xs), xs == nil
}

func three$() (T, T, T) { return 1, N, 3 }`, `emit(sum$(1))
emit(sum$(three$()))
emit(sum$(2, []T{4, 5}...))
_, n$, _ := sum$(3, 1)
emit(n$)`, "T", g.ints(), "N", g.num())
}
