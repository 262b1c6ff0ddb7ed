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
