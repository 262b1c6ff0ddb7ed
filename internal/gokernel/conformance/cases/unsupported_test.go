package cases

import "strings"

func repeat(s string, n int) string { return strings.Repeat(s, n) }
func nested(n int) string           { return repeat("(", n) + "1" + repeat(")", n) }

// unsupportedCases are valid Go that interpreters refuse.
var unsupportedCases = []testCase{
	{name: "a method that calls itself on a field", cells: cells("type tree struct { l, r *tree; v int }\nfunc (t *tree) ins(v int) *tree { if t == nil { return &tree{v: v} }; t.l = t.l.ins(v); return t }", "var t *tree\nt.ins(3).ins(4).l.v"), value: "4"},
	{name: "a method that calls a later one", cells: cells("type P struct{ x int }\nfunc (p P) a() int { return p.b() }\nfunc (p P) b() int { return p.x }\nP{4}.a()"), value: "4"},
	{name: "functions that call each other", cells: cells("func even(n int) bool { return n == 0 || odd(n-1) }\nfunc odd(n int) bool { return n != 0 && even(n-1) }\neven(10)"), value: "true"},
	{name: "types that name each other", cells: cells("type A struct{ b *B; n int }\ntype B struct{ a []A; f func(A) B }\nA{&B{a: []A{{n: 2}}}, 1}.b.a[0].n"), value: "2"},
	{name: "a function before the type that it uses", cells: cells("func f() int { x := new(X); return x.m() }\ntype X struct{}\nfunc (*X) m() int { return 2 }\nf()"), value: "2"},
	{name: "defer of a builtin", cells: cells("done := make(chan struct{})\ngo func() { defer close(done) }()\n<-done\nfmt.Println(`ok`)"), out: "ok\n"},
	{name: "nil of a type that refers to itself", cells: cells("type node struct { v int; next *node }\na := &node{1, nil}\na.next = nil\nfunc none() *node { return nil }\nfmt.Println(a.next == nil, none() == nil, a.v)"), out: "true true 1\n"},
	{name: "embedded interface", cells: cells("type A interface{ X() int }\ntype B interface { A; Y() int }\ntype T int\nfunc (t T) X() int { return int(t) }\nfunc (t T) Y() int { return 2 }\nvar b B = T(3)\nvar a A = b\na.X() + b.Y()"), value: "5"},
	{name: "embedded interface of an earlier cell", cells: cells("type A interface{ X() int }", "type B interface { A; fmt.Stringer }\nfunc f(b B) int { return b.X() }", "f == nil"), value: "false"},
	{name: "methods promoted into an interface", cells: cells("type Sh interface { Area() float64; Name() string }\ntype base struct{ n string }\nfunc (b base) Name() string { return b.n }\ntype Sq struct { base; s float64 }\nfunc (q Sq) Area() float64 { return q.s * q.s }\nvar x Sh = Sq{base{`sq`}, 3}\nx.Name()"), value: "sq"},
	{name: "method expression of a pointer", cells: cells("type acc struct{ n int }\nfunc (a *acc) add(k int) { a.n += k }\nz := acc{}\n(*acc).add(&z, 4)\nf := (*acc).add\nf(&z, 1)\nz.n"), value: "5"},
	{name: "a heap by the book", cells: cells("type PQ []int\nfunc (p PQ) Len() int { return len(p) }\nfunc (p PQ) Less(i, j int) bool { return p[i] < p[j] }\nfunc (p PQ) Swap(i, j int) { p[i], p[j] = p[j], p[i] }\nfunc (p *PQ) Push(x any) { *p = append(*p, x.(int)) }\nfunc (p *PQ) Pop() any { o := *p; x := o[len(o)-1]; *p = o[:len(o)-1]; return x }", "q := &PQ{5, 2, 8}\nheap.Init(q)\nheap.Push(q, 1)\nfmt.Println(heap.Pop(q), heap.Pop(q), q.Len())"), out: "1 2 2\n"},
	{name: "a constant of a cell type as an interface", cells: cells("type Num float64\nfunc (n Num) Eval() float64 { return float64(n) }\nvar e interface{ Eval() float64 } = Num(2)\ne.Eval()"), value: "2"},
	{name: "a value of a cell type in a field and a map of an interface", cells: cells("type I interface{ M() int }\ntype T struct{ n int }\nfunc (t *T) M() int { return t.n }\ntype S struct{ i I }\ns := &S{}\ns.i = &T{1}\nm := map[string]I{`a`: &T{2}}\nm[`b`] = s.i\nl := append([]I{}, &T{4}, m[`a`])\nfmt.Println(s.i.M(), m[`a`].M(), m[`b`].M(), l[0].M(), l[1].M())"), out: "1 2 1 4 2\n"},
	{name: "var of several values", cells: cells("var p, _ = strconv.Atoi(`5`)\nm := map[string]int{`a`: 1}\nvar v, ok = m[`a`]\nvar i any = 3\nvar n, is = i.(int)\nfmt.Println(p, v, ok, n, is)"), out: "5 1 true 3 true\n"},
	{name: "goto", cells: cells("func g() int { i := 0; again: i++; if i < 5 { goto again }; return i }\ng()"), value: "5"},
	{name: "an interface that names a type declared elsewhere", cells: cells("type state interface { next(n int) state }\ntype s0 struct{}\nfunc (s s0) next(n int) state { if n == 0 { return nil }; return s }\nvar s state = s0{}\nfmt.Println(s.next(1) == s, s.next(0) == nil)"), out: "true true\n"},
	{name: "range into a field", cells: cells("var s struct{ i int }\nfor s.i = range []int{1, 2, 3} { }\ns.i"), value: "2"},
	{name: "shift of an element", cells: cells("z := []int{5}\nz[0] <<= 4\nm := map[string]uint8{`a`: 0x81}\nm[`a`] >>= 1\np := &z[0]\n*p >>= 2\nfmt.Println(z, m)"), out: "[20] map[a:64]\n"},
	{name: "comparison with nil of an interface", cells: cells("var e error\nfmt.Println(e == nil, error(nil) == nil)"), out: "true true\n"},
	{name: "one package under two names", cells: cells("y := strconv.Itoa(2)\nimport s2 \"strconv\"\ns2.Itoa(3) + y"), value: "32"},
	{name: "blank assignments", cells: cells("a, b := 1, 2\n_, _ = a, b\n_ = &a\nn := copy(make([]int, 2), []int{1})\nn"), value: "1"},
	{name: "indices of any integer type", cells: cells("var h [256]int\ns := `ab`\nh[s[0]]++\ni := uint(1)\nn := int64(4)\nfmt.Println(h['a'], s[:i], len(make([]int, n)), s[uint8(1)])"), out: "1 a 4 98\n"},
	{name: "a shifted constant takes the type of its context", cells: cells("func f(v uint64, p uint) uint64 { return v | 1<<p }\nvar w int64 = 1 << uint8(40)\nfmt.Println(f(1, 40), w)"), out: "1099511627777 1099511627776\n"},
	{name: "unnamed parameters", cells: cells("func g(bool) int { return 1 }\nfunc h(_ int, _ string) (_ string, err error) { return `x`, nil }\ns, err := h(1, `a`)\nfmt.Println(g(true), s, err)"), out: "1 x <nil>\n"},
	{name: "sending a constant in a select", cells: cells("c := make(chan float64, 1)\nselect { case c <- 7: }\n<-c"), value: "7"},
	{name: "range over integers of any type", cells: cells("n := uint8(3)\nvar sum uint8\nfor i := range n { sum += i }\nfmt.Printf(`%d %T`, sum, sum)"), out: "3 uint8"},
	{name: "range over a function", cells: cells("func count(n int) func(func(int) bool) { return func(yield func(int) bool) { for i := 0; i < n; i++ { if !yield(i) { return } } } }\ns := 0\nfor i := range count(10) { if i == 4 { break }; s += i }\ns"), value: "6"},
	{name: "type parameters", cells: cells("func pick[T any](xs []T, i int) T { return xs[i] }\ntype pair[A comparable, B any] struct { a A; b B }\nfunc (p pair[A, B]) swap() pair[string, A] { return pair[string, A]{`s`, p.a} }\nfmt.Println(pick([]string{`a`, `b`}, 1), pick([]float64{1.5}, 0), pair[int, bool]{3, true}.swap())"), out: "b 1.5 {s 3}\n"},
	{name: "generic functions of packages", cells: cells("import (\n\t\"slices\"\n\t\"maps\"\n)\nxs := []int{3, 1, 2}\nslices.Sort(xs)\nks := slices.Sorted(maps.Keys(map[string]int{`b`: 1, `a`: 2}))\nfmt.Println(xs, slices.Max(xs), slices.Index(xs, 2), ks, rand.N(1))"), out: "[1 2 3] 3 1 [a b] 0\n"},
	{name: "a function literal begins a cell", cells: cells("func() { fmt.Println(`in`) }()"), out: "in\n"},
	{name: "must", cells: cells("n := must(strconv.Atoi(`12`))\nn + 1"), value: "13"},
	{name: "must of an error", cells: cells("a := 1\nn := must(strconv.Atoi(`x`))\nfmt.Println(a, n)"), fails: `strconv.Atoi: parsing "x": invalid syntax`, line: 2},
	{name: "new of a value", cells: cells("p := new(3)\n*p"), value: "3"},
}

// messageCases fail, and say why in Go's words, at the right line.
var messageCases = []testCase{
	{name: "message: no such method", cells: cells("x := 5\nx.Foo()"), fails: "x.Foo undefined", line: 2},
	{name: "message: nil pointer", cells: cells("var p *struct{ A int }\np.A"), fails: "nil pointer dereference", line: 2},
	{name: "message: a package that is not imported", cells: cells("var wg atomic.Int64"), fails: "undefined: atomic"},
	{name: "message: a method of a type that was declared anew", cells: cells("type T struct{ n int }\nfunc (t *T) Inc() { t.n++ }\ny := &T{}", "type T struct{ n int; who string }\nz := &T{}", "y.Inc()\nfmt.Println(y.n)"), out: "1\n"},
	{name: "line of a panic in the middle of a cell", cells: cells("a := 3\nfmt.Println(a)\npanic(`b`)\nb2 := 4\nfmt.Println(b2)"), fails: "b", line: 3},
	{name: "line of an index out of range", cells: cells("s := []int{1}\ni := 4\nfmt.Print(s[i])\nfmt.Println(1)"), fails: `index out of range \[4\] with length 1`, line: 3},
	{name: "line of a nil map", cells: cells("var m map[string]int\n\nm[`a`] = 1\nfmt.Println(1)"), fails: "assignment to entry in nil map", line: 3},
	{name: "line of a division by zero in a function", cells: cells("func div(a, b int) int {\n\tx := 1\n\treturn x * a / b\n}", "y := 1\ndiv(1, 0)\ny = 2"), fails: "integer divide by zero"},
	{name: "line of a compile error", cells: cells("a := 1\nb := 2\nc := a + `x`\nd := a + b"), fails: "CompileError", line: 3},
	{name: "line of a syntax error", cells: cells("a := 1\nb := := 2"), fails: "CompileError", line: 2},
}

// showCases are about what a cell shows.
var showCases = []testCase{
	{name: "private names in a table", cells: cells("type S struct { A int; b string }\n[]S{{1, `x`}}"), has: []string{"<th style=\"text-align:right\">A</th>", "1 row × 1 column"}},
	{name: "private names in a text", cells: cells("type S struct { A int; b string }\nS{1, `x`}"), value: "{A:1 b:x}"},
	{name: "HTML of a value in an interface", cells: cells("type H struct{}\nfunc (H) HTML() string { return `<b>x</b>` }\nvar v any = H{}\nv"), has: []string{"<b>x</b>"}},
	{name: "HTML by nb.Show", cells: cells("type H struct{ n int }\nfunc (h H) HTML() string { return fmt.Sprint(`<b>`, h.n, `</b>`) }\nnb.Show(H{4}, &H{5})"), has: []string{"<b>4</b>", "<b>5</b>"}},
	{name: "HTML of elements of a slice of any", cells: cells("type H struct{}\nfunc (H) Markdown() string { return `**x**` }\nvs := []any{H{}, 1}\nfor _, v := range vs { nb.Show(v) }"), has: []string{"text/markdown:**x**", "text/plain:1"}},
	{name: "a matrix that is no pointer", cells: cells("var C mat.Dense\nC.Mul(mat.NewDense(2, 1, []float64{1, 2}), mat.NewDense(1, 2, []float64{3, 4}))\nC"), has: []string{"mat.Dense 2 × 2", "<table"}},
	{name: "other gonum values that are no pointers", cells: cells("v := *mat.NewVecDense(2, []float64{1.5, 2})\ns := *mat.NewSymDense(2, []float64{1, 2, 2, 3})\nnb.Show(v, s)"), has: []string{"mat.VecDense 2 × 1", "mat.SymDense 2 × 2"}},
	{name: "an error with zero values beside it", cells: cells("corr.Kendall(nil, nil)"), fails: ".", value: ""},
	{name: "an image without pixels", cells: cells("image.NewGray(image.Rect(0, 0, 0, 0))"), has: []string{"text/plain"}},
	{name: "a figure's writer", cells: cells("p := plot.New()\np.Title.Text = `Title`\nw, _ := p.WriterTo(3*vg.Inch, 2*vg.Inch, `pdf`)\nw"), has: []string{"text/plain"}, never: "Backend"},
	{name: "a slice of figures", cells: cells("p := plot.New()\np.Title.Text = `Title`\n[]*plot.Plot{p, p}"), has: []string{"plot \"Title\""}},
}
