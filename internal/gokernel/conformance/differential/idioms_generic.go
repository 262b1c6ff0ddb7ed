package differential

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
