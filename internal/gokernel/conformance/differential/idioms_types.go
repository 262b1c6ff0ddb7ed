package differential

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
