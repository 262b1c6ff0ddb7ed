package differential

import (
	"fmt"
	"regexp"
	"strings"
)

// idiom is a statement of a kind that random statements seldom make: what
// programs are full of.
func (g *gen) idiom() string {
	list := []func(*gen) string{
		swapResults, counter, loopClosures, deferOrder, recoverPanic, mapOfStructs, mapOfSlices, sortedKeys,
		methodValue, valueSemantics, interfaces, errorChain, selectReady, drain, workers, linkedList, tree, mutual,
		labels, constants, runes, slicing, variadic, embedding, arraysInMaps, commaOk, nilMap, typedNil, switchString, typeIdentity, gotoLoop, deferModify,
	}
	if g.features.Generics {
		list = append(list, genericMap, genericStack, iterator, genericNumber)
	}
	return pick(g, list)(g)
}

// placeholder is a word of a template that may stand for something else.
var placeholder = regexp.MustCompile(`\b[A-Z]+\b`)

// fill fills a template in: name$ is a name of the program's own, and the
// words of repl are replaced by what follows them.
func (g *gen) fill(tmpl string, repl ...string) string {
	g.names++
	id := fmt.Sprintf("%d_%d", g.names, g.id)
	tmpl = placeholder.ReplaceAllStringFunc(tmpl, func(word string) string {
		for i := 0; i < len(repl); i += 2 {
			if repl[i] == word {
				return repl[i+1]
			}
		}
		return word
	})
	return strings.ReplaceAll(tmpl, "$", id)
}

func (g *gen) declare(tmpl string, repl ...string) {
	g.decls.WriteString(g.fill(tmpl, repl...) + "\n\n")
}

// both declares and returns statements with the same names.
func (g *gen) both(decl, stmts string, repl ...string) string {
	id := g.names
	g.declare(decl, repl...)
	g.names = id
	return g.lines(g.fill(stmts, repl...))
}

func (g *gen) lines(s string) string {
	var b strings.Builder
	for _, l := range strings.Split(strings.Trim(s, "\n"), "\n") {
		b.WriteString(g.indent + l + "\n")
	}
	return b.String()
}

func (g *gen) stmts(tmpl string, repl ...string) string { return g.lines(g.fill(tmpl, repl...)) }

// num is a small constant.
func (g *gen) num() string { return fmt.Sprint(1 + g.r.IntN(9)) }

// ints is a type of integers.
func (g *gen) ints() string { return pick(g, basicTypes[:10]).name }

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

func mapOfStructs(g *gen) string {
	return g.both(`type rec$ struct {
	n T
	s string
}`, `recs$ := map[string]rec${"a": {1, "x"}, "b": {n: 2}}
r$ := recs$["a"]
r$.n OP= N
recs$["c"] = r$
q$, ok$ := recs$["zz"]
emit(len(recs$), recs$["a"], recs$["c"], q$, ok$, recs$["b"].n == 2)`, "T", g.ints(), "OP", pick(g, []string{"+", "^", "<<", "*", "&^"}), "N", g.num())
}

func mapOfSlices(g *gen) string {
	return g.stmts(`groups$ := map[T][]string{}
for i, w := range []string{"ab", "c", "de", "fgh", "i"} {
	groups$[T(len(w))] = append(groups$[T(len(w))], w)
	if i == N {
		delete(groups$, 2)
	}
}
emit(groups$, len(groups$[1]))
counts$ := map[string]map[T]int{}
for _, w := range []string{"x", "y", "x"} {
	if counts$[w] == nil {
		counts$[w] = map[T]int{}
	}
	counts$[w][N]++
	counts$[w][1] |= 4
	counts$[w][1] ^= 6
}
emit(counts$)`, "T", g.ints(), "N", g.num())
}

func sortedKeys(g *gen) string {
	return g.both(`type byLen$ []string

func (b byLen$) Len() int           { return len(b) }
func (b byLen$) Less(i, j int) bool { return len(b[i]) < len(b[j]) || len(b[i]) == len(b[j]) && b[i] < b[j] }
func (b byLen$) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }`, `m$ := map[string]int{"ccc": 1, "a": 2, "bb": 3, "aa": 4}
var keys$ []string
total$ := 0
for k, v := range m$ {
	keys$ = append(keys$, k)
	total$ += v * N
}
sort.Sort(byLen$(keys$))
emit(keys$, total$)
sort.Slice(keys$, func(i, j int) bool { return m$[keys$[i]] > m$[keys$[j]] })
emit(keys$)`, "N", g.num())
}

func methodValue(g *gen) string {
	return g.both(`type acc$ struct{ n T }

func (a *acc$) add(k T) *acc$ { a.n += k; return a }
func (a acc$) get() T         { a.n++; return a.n }`, `a$ := acc${N}
add$, get$ := a$.add, a$.get
add$(2).add(3)
n$ := a$.n // apart: Go leaves open whether it is read before the calls
emit(n$, get$(), a$.get(), (*acc$).add(&a$, 1).n, acc$.get(a$))
p$ := &a$
p$.add(4)
defer$ := func() { defer emit("deferred", p$.get()); p$.n = 0 }
defer$()
emit(a$)`, "T", g.ints(), "N", g.num())
}

func valueSemantics(g *gen) string {
	return g.both(`type inner$ struct{ a [3]T }
type outer$ struct {
	inner$
	p *inner$
}

func change$(o outer$) outer$ { o.a[1] += 5; o.p.a[2] OP= 6; return o }`, `o$ := outer${inner${[3]T{1, 2, 3}}, &inner${}}
c$ := o$
c$.a[0] = N
d$ := change$(c$)
arr$ := [2]inner${o$.inner$, d$.inner$}
for i, x := range arr$ {
	arr$[1].a[0] = 77
	x.a[0]++
	emit(i, x.a[0])
}
ptr$ := &arr$[0].a[1]
*ptr$ OP= 9
emit(o$.a, c$.a, d$.a, *o$.p, arr$, o$.inner$ == c$.inner$)`, "T", g.ints(), "OP", pick(g, []string{"+", "^", "|", "-", "&^", "<<"}), "N", g.num())
}

func interfaces(g *gen) string {
	return g.both(`type shape$ interface {
	Area() float64
	named$
}
type named$ interface{ Name() string }
type base$ struct{ n string }
type square$ struct {
	base$
	s float64
}
type disc$ float64

func (b base$) Name() string    { return "<" + b.n + ">" }
func (q square$) Area() float64 { return q.s * q.s }
func (d disc$) Area() float64   { return 3 * float64(d*d) }
func (d *disc$) Name() string   { return "disc" }`, `d$ := disc$(N)
shapes$ := []shape${square${base${"sq"}, N}, &d$}
for _, s := range shapes$ {
	switch x := s.(type) {
	case square$:
		emit("square", x.n, x.Area())
	case *disc$:
		*x++
		emit("disc", x.Area())
	}
	emit(s.Name(), s.Area())
}
var any$ any = shapes$[0]
_, ok$ := any$.(named$)
_, no$ := any$.(fmt.Stringer)
emit(ok$, no$, any$ == any(square${base${"sq"}, N}), shapes$[1] == shape$(&d$))`, "N", g.num())
}

func errorChain(g *gen) string {
	return g.both(`type fault$ struct{ code int }

func (f *fault$) Error() string { return fmt.Sprint("fault ", f.code) }

var errBase$ = errors.New("base")

func work$(n int) error {
	switch {
	case n%3 == 0:
		return &fault${n}
	case n%3 == 1:
		return fmt.Errorf("at %d: %w", n, errBase$)
	}
	return nil
}`, `for i$ := range N {
	err := work$(i$)
	var f *fault$
	emit(err, err == nil, errors.Is(err, errBase$), errors.As(err, &f), f != nil && f.code == i$)
}
emit(errors.Join(work$(3), work$(4)))`, "N", g.num())
}

func selectReady(g *gen) string {
	return g.stmts(`ch$, other$ := make(chan T, 2), make(chan string)
ch$ <- N
for range 4 {
	select {
	case v, ok := <-ch$:
		emit("received", v, ok)
		if ok && v < 200 {
			ch$ <- v + 100
		} else if ok {
			close(ch$)
		}
	case s := <-other$:
		emit(s)
	}
}
select {
case other$ <- "x":
	emit("sent")
default:
	emit("default")
}`, "T", "int", "N", fmt.Sprint(1+g.r.IntN(99)))
}

func drain(g *gen) string {
	return g.stmts(`in$ := make(chan int)
out$ := make(chan int, N)
go func() {
	defer close(in$)
	for i := range N {
		in$ <- i * i
	}
}()
go func() {
	for v := range in$ {
		out$ <- v + 1
	}
	close(out$)
}()
sum$ := 0
for v := range out$ {
	sum$ = sum$*3 + v
}
x$, more$ := <-out$
emit(sum$, x$, more$)`, "N", g.num())
}

func workers(g *gen) string {
	return g.stmts(`var mu$ sync.Mutex
var wg$ sync.WaitGroup
total$ := 0
res$ := make([]int, N)
for i := range res$ {
	wg$.Add(1)
	go func() {
		defer wg$.Done()
		mu$.Lock()
		defer mu$.Unlock()
		total$ += i
		res$[i] = i * 2
	}()
}
wg$.Wait()
emit(total$, res$)`, "N", g.num())
}

func linkedList(g *gen) string {
	return g.both(`type node$ struct {
	v    T
	next *node$
}

func push$(l *node$, v T) *node$ { return &node${v, l} }

func (l *node$) sum() T {
	if l == nil {
		return 0
	}
	return l.v + l.next.sum()
}

func reverse$(l *node$) *node$ {
	var prev *node$
	for l != nil {
		l.next, prev, l = prev, l, l.next
	}
	return prev
}`, `var list$ *node$
for i := range N {
	list$ = push$(list$, T(i*i))
}
list$ = reverse$(list$)
var vals$ []T
for n := list$; n != nil; n = n.next {
	vals$ = append(vals$, n.v)
}
emit(list$.sum(), vals$)
if list$.next != nil {
	list$.next = nil
}
emit(list$.sum(), *list$)`, "T", g.ints(), "N", g.num())
}

func tree(g *gen) string {
	return g.both(`type tree$ struct {
	l, r *tree$
	v    int
}

func (t *tree$) insert(v int) *tree$ {
	switch {
	case t == nil:
		return &tree${v: v}
	case v < t.v:
		t.l = t.l.insert(v)
	default:
		t.r = t.r.insert(v)
	}
	return t
}

func (t *tree$) walk(f func(int)) {
	if t != nil {
		t.l.walk(f)
		f(t.v)
		t.r.walk(f)
	}
}`, `var root$ *tree$
for i := range 9 {
	root$ = root$.insert(i * N % 11)
}
var walked$ []int
root$.walk(func(v int) { walked$ = append(walked$, v) })
emit(walked$)`, "N", g.num())
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

func labels(g *gen) string {
	return g.stmts(`found$ := -1
outer$:
for i := range 5 {
	for j := 0; ; j++ {
		switch {
		case j > i:
			continue outer$
		case i*j == N:
			found$ = i*10 + j
			break outer$
		}
	}
}
emit(found$)`, "N", g.num())
}

func gotoLoop(g *gen) string {
	return g.both(`func loop$(n int) int {
	i, s := 0, 0
again:
	if i < n {
		s += i
		i++
		goto again
	}
	return s
}`, `emit(loop$(N))`, "N", g.num())
}

func constants(g *gen) string {
	return g.both(`type day$ uint8

const (
	first$ day$ = iota + N
	second$
	_
	last$
)

const (
	big$   = 1 << 100
	small$ = big$ >> 97
	mask$  = ^uint32(0) &^ (1<<N - 1)
	ratio$ = 1.0 / 3
	char$  = 'a' + N
)

func (d day$) String() string { return "day" + strconv.Itoa(int(d)) }`, `emit(first$, second$, last$, small$, mask$, ratio$, char$, string(rune(char$)), last$-first$)
var f$ float32 = ratio$
var x$ = N / 2 * 2.0
const k$ = N % 4
emit(f$, x$, k$, 7/2, 7/2.0, -7%3, 1<<k$, len("größe"), 'x', 1e3, 0x1p4)
emit(fmt.Sprintf("%T %T %T %T", x$, char$, k$, last$))`, "N", g.num())
}

func runes(g *gen) string {
	return g.stmts(`var pos$ []int
for i, r := range S {
	pos$ = append(pos$, i, int(r))
}
b$ := []byte(S)
if len(b$) > 0 {
	b$[0] ^= 0x20
	b$[len(b$)-1] |= 1
}
emit(pos$, len(S), []rune(S), string(b$), strings.Fields(S))
var i$ int
for i$ = range []int{1, 2, 3} {
}
for i$, c := range "ab" {
	emit(i$, c)
}
emit(i$)`, "S", pick(g, []string{`"aé日\xffz"`, `""`, `"hello world"`, "`a\\tb`", `"𝄞x"`}))
}

func slicing(g *gen) string {
	return g.stmts(`arr$ := [6]T{1, 2, 3, 4, 5, 6}
s$ := arr$[1:4]
t$ := s$[:2:2]
t$ = append(t$, 50)
s$[0] OP= N
u$ := append(s$, 60)
emit(arr$, s$, t$, u$, len(s$), cap(s$), cap(t$[:2]) >= 2)
n$ := copy(arr$[2:], arr$[:])
emit(n$, arr$)
clear(s$)
m$ := make([]T, 2, 8)
w$ := append(m$, 1)
z$ := append(m$, 2)
emit(w$, z$, len(m$), cap(m$))
p$ := (*[2]T)(m$)
p$[1] = 9
emit(m$, [2]T(m$))`, "T", g.ints(), "OP", pick(g, []string{"+", "^", "|", "&^", "<<"}), "N", g.num())
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

func embedding(g *gen) string {
	return g.both(`type animal$ struct{ legs int }

func (a *animal$) grow()       { a.legs += N }
func (a animal$) count() int   { return a.legs }
func (a animal$) speak() string { return fmt.Sprint("legs ", a.count()) }

type dog$ struct {
	*animal$
	name string
}

func (d dog$) count() int { return 100 }`, `d$ := dog${&animal${4}, "rex"}
e$ := d$
e$.grow()
e$.name = "max"
emit(d$.legs, d$.count(), d$.animal$.count(), d$.speak(), d$.name)
pt$ := struct {
	x, y int
	animal$
}{1, 2, animal${3}}
pt$.grow()
emit(pt$, pt$.count())`, "N", g.num())
}

func arraysInMaps(g *gen) string {
	return g.both(`type key$ struct {
	a T
	b string
}`, `m$ := map[[2]T]key${{1, 2}: {3, "x"}}
m$[[2]T{N, 0}] = key${b: "y"}
set$ := map[key$]bool{}
for _, k := range m$ {
	set$[k] = !set$[k]
}
ifaces$ := map[any]int{1: 1, "1": 2, T(N): 3, 1.0: 4, key${1, "k"}: 5}
ifaces$[key${1, "k"}] += 10
ifaces$[T(N)]++
emit(m$, len(set$), set$[key${3, "x"}], len(ifaces$), ifaces$[key${1, "k"}], ifaces$[T(N)], ifaces$[int64(1)])`, "T", pick(g, []string{"int8", "uint16", "int32", "uint64"}), "N", g.num())
}

func commaOk(g *gen) string {
	return g.stmts(`m$ := map[string]T{"a": N}
var i$ any = m$["a"]
ch$ := make(chan T, 1)
ch$ <- m$["a"] + 1
emit(m$["a"])
emit(i$.(T))
emit(<-ch$)
v$, ok$ := m$["b"]
_, is$ := i$.(string)
ok2$ := true
close(ch$)
select {
case _, ok2$ = <-ch$:
default:
}
emit(v$, ok$, is$, ok2$, fmt.Sprint(m$["a"]), math.Sqrt(float64(m$["a"])))
if _, in := m$["a"]; in {
	emit("in")
}
seen$ := map[T]bool{N: true}
if seen$[N] && !seen$[N+1] {
	emit("seen")
}`, "T", g.ints(), "N", g.num())
}

func nilMap(g *gen) string {
	return g.stmts(`var nm$ map[string]T
var ns$ []T
var np$ *T
var nf$ func() T
var ni$ any
emit(nm$ == nil, len(nm$), nm$["x"], ns$ == nil, len(ns$[:0]), np$ == nil, nf$ == nil, ni$ == nil)
delete(nm$, "x")
for range nm$ {
	emit("never")
}
ns$ = append(ns$, N)
emit(nm$, ns$, []T{} == nil, fmt.Sprintf("%v %+v %#v %T", nm$, ns$, nm$, ni$))`, "T", g.ints(), "N", g.num())
}

func typedNil(g *gen) string {
	return g.both(`type wrong$ struct{}

func (*wrong$) Error() string { return "wrong" }

func maybe$(fail bool) error {
	var w *wrong$
	if fail {
		w = &wrong${}
		return w
	}
	return w
}`, `emit(maybe$(true) == nil, maybe$(false) == nil, maybe$(false), (*wrong$)(nil) == error(nil))
var e$ error
emit(e$ == nil, error(nil) == nil, any(e$) == any(nil))`)
}

func switchString(g *gen) string {
	return g.stmts(`for _, s := range []string{"a", "bb", "", "N"} {
	switch n := len(s); s {
	case "a", "b":
		emit("one", n)
		fallthrough
	case "zz":
		emit("through")
	case "":
		if n == 0 {
			break
		}
		emit("not reached")
	default:
		emit("default", s)
	}
}
switch {
}`, "N", g.num())
}

func typeIdentity(g *gen) string {
	return g.both(`type a$ U
type b$ U

func which$(v any) string {
	switch v.(type) {
	case U:
		return "plain"
	case a$:
		return "a"
	case b$:
		return "b"
	}
	return "?"
}`, `var x$, y$ any = a$(V), b$(V)
_, isB$ := x$.(b$)
emit(which$(x$), which$(y$), which$(U(V)), x$ == y$, x$ == any(a$(V)), isB$)
emit(fmt.Sprintf("%T %T", x$, y$)[5:6])`, "U", g.ints(), "V", g.num())
}

func genericMap(g *gen) string {
	return g.both(`func apply$[A, B any](xs []A, f func(A) B) []B {
	out := make([]B, 0, len(xs))
	for _, x := range xs {
		out = append(out, f(x))
	}
	return out
}

func keys$[M ~map[K]V, K interface{ ~int | ~string }, V any](m M) []K {
	var out []K
	for k := range m {
		out = append(out, k)
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}`, `emit(apply$([]T{1, N, 3}, func(x T) string { return fmt.Sprint(x * 2) }))
emit(keys$(map[string]bool{"x": true, "a": false}), keys$(map[int]T{N: 1, 0: 2}))
f$ := apply$[string, int]
emit(f$([]string{"a", "bcd"}, func(s string) int { return len(s) }))`, "T", g.ints(), "N", g.num())
}

func genericStack(g *gen) string {
	return g.both(`type stack$[E any] struct{ items []E }

func (s *stack$[E]) push(e E) { s.items = append(s.items, e) }
func (s *stack$[E]) pop() (e E, ok bool) {
	if len(s.items) == 0 {
		return e, false
	}
	e = s.items[len(s.items)-1]
	s.items = s.items[:len(s.items)-1]
	return e, true
}

type pair$[A comparable, B any] struct {
	a A
	b B
}

func (p pair$[A, B]) is(a A) bool { return p.a == a }`, `var st$ stack$[pair$[string, T]]
st$.push(pair$[string, T]{"x", N})
st$.push(pair$[string, T]{b: 3})
p$, ok$ := st$.pop()
emit(p$, ok$, p$.is(""), p$.is("x"), len(st$.items))
st$.pop()
q$, ok2$ := st$.pop()
emit(q$, ok2$, fmt.Sprintf("%T", T(0)))`, "T", g.ints(), "N", g.num())
}

func genericNumber(g *gen) string {
	return g.both(`type number$ interface {
	~int | ~int8 | ~uint16 | ~float64
}

func total$[E number$](xs ...E) (s E) {
	for _, x := range xs {
		s += x
	}
	return s
}

type mine$ int8

func biggest$[E number$](a E, rest ...E) E {
	for _, r := range rest {
		a = max(a, r)
	}
	return a
}`, `emit(total$(1, 2, N), total$(1.5, N), total$[int8](100, 100), total$(mine$(100), 27, 1), biggest$(mine$(1), N), biggest$(2.5))`, "N", g.num())
}

func iterator(g *gen) string {
	return g.both(`func count$(n int) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		defer emit("iterator ends")
		for i := range n {
			if !yield(i, strings.Repeat("x", i)) {
				return
			}
		}
	}
}

func find$(n, want int) (res string) {
	defer func() { res += "!" }()
	for i, s := range count$(n) {
		if i == want {
			return s
		}
	}
	return "none"
}`, `for i, s := range count$(5) {
	if i == 1 {
		continue
	}
	if i == N {
		break
	}
	emit(i, s)
}
emit(find$(4, N), find$(9, 2))`, "N", g.num())
}
