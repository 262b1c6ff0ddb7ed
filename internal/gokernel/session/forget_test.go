package session

import (
	"fmt"
	"runtime"
	"testing"
)

// forgettable are cells of which nothing is left once they have run again.
var forgettable = []string{
	"x := 0\nfor i := 0; i < 10; i++ { x += i }\nx",
	"1 + 1",
	"import \"strings\"\nlen(strings.Repeat(\"ab\", 10))",
	"undeclared + 1",
	"no Go at (",
	"panic(\"on purpose\")",
	"late := 1\npanic(late)\nnever := 2",
	"c := make(chan int)\ngo func() { c <- 7 }()\n<-c",
	"b := make([]byte, 1<<16)\nlen(b)",
	"m := map[string]int{\"a\": 1}\nm[\"a\"]++\nm",
	"k := 1\nk = func() int { return k + 1 }()\nk",
	"q, w := 1, 2\nq, r := 3, 4\nq + w + r",
	"fs := []func() int{}\nfor i := range 3 { fs = append(fs, func() int { return i }) }\nfs[1]()",
	"import \"sort\"\nz := []int{3, 1}\nsort.Slice(z, func(i, j int) bool { return z[i] < z[j] })\nz",
	"import \"slices\"\ny := []int{3, 1, 2}\nslices.Sort(y)\ny",
	"import \"strconv\"\nmust(strconv.Atoi(\"12\"))",
	"import \"strings\"\nvar bld strings.Builder\nput := bld.WriteString\nput(\"a\")\nlength := (*strings.Builder).Len\nlength(&bld)",
	"import \"fmt\"\nimport \"strings\"\nvar st fmt.Stringer = struct{ *strings.Builder }{&strings.Builder{}}\nfmt.Sprint(st, struct{ A, B int }{1, 2})",
	"import \"sync\"\nvar wg sync.WaitGroup\nwg.Add(1)\ngo func() { defer wg.Done() }()\nwg.Wait()",
	"defer func() { recover() }()\nvar e error\ne.Error()",
	"const ca = 3\nca + 1",
	"var ini int\nfunc init() { ini = 3 }",
	"func f(x int) int { return x + 1 }\nf(3)",
	"func ping(x int) int { if x == 0 { return 0 }; return pong(x-1) }\nfunc pong(x int) int { return ping(x) }\nping(3)",
	"func h() (r int) { defer func() { r = recover().(int) }(); panic(4) }\nh()",
	"func seq(yield func(int) bool) { for i := 0; yield(i); i++ {} }\nsum := 0\nfor i := range seq { if i > 4 { break }; sum += i }\nsum",
	"total := 0\nfunc filter[T any](xs []T, f func(T) bool) (out []T) { for _, x := range xs { if f(x) { total++; out = append(out, x) } }; return }\nfunc many() int { return len(filter([]int{1, 2, 3}, func(i int) bool { return i > 1 })) }\nmany()",
	"func usesOther() int { return other }\nvar other = 1\nusesOther()",
	"other := 2", // that a function of another cell uses
	"type T struct{ n int }\nfunc (t T) M() int { return t.n }\nfunc (t *T) Set(n int) { t.n = n }\nvar i interface{ M() int } = T{1}\ni.M()",
	"func (t T) M() int { return t.n + 1 }",
}

// live is what a session holds.
func live() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestForgotten: cells whose names are declared anew by later ones are forgotten: many
// of them take no more memory than few. A cell that is kept holds three kilobytes and
// more, an object of go/types alone a hundred bytes.
func TestForgotten(t *testing.T) {
	const few, many, most = 60, 240, 60
	for _, code := range forgettable {
		s := newSession(t)
		outcome(s, "In[1]", "type T struct{ n int }\nfunc (t T) M() int { return t.n }\nvar other = 1\nfunc usesIt() int { return other }")
		run := func(cells int) int64 {
			for range cells {
				outcome(s, "In[2]", code)
			}
			return live()
		}
		run(few)
		a := run(few)
		if grown := run(many) - a; grown > many*most {
			t.Errorf("%q: %d bytes a cell", code, grown/many)
		}
		runtime.KeepAlive(s)
	}
}

// TestLevel: a session of many cells of all these kinds, in turn, takes no more memory
// at the end than after a third of it.
func TestLevel(t *testing.T) {
	const rounds, most = 60, 60
	s := newSession(t)
	run := func(n int) int64 {
		for range n {
			for i, code := range forgettable {
				outcome(s, fmt.Sprintf("In[%d]", i), code)
			}
		}
		return live()
	}
	a := run(rounds / 3)
	cells := int64(rounds-rounds/3) * int64(len(forgettable))
	if grown := run(rounds-rounds/3) - a; grown > cells*most {
		t.Errorf("%d bytes a cell, of %d cells", grown/cells, cells)
	}
	if k := len(s.past); k > len(forgettable) {
		t.Errorf("%d cells are kept of %d that there are", k, len(forgettable))
	}
	runtime.KeepAlive(s)
}

// TestLetGo: package ssa still has the fields by which it lets go of packages.
func TestLetGo(t *testing.T) {
	s := newSession(t)
	p := s.Prog.SSA
	if packagesOf(p) == nil || !clearLocked(p, "hasParamsMu", "hasParams") || !clearLocked(p, "makeInterfaceTypesMu", "makeInterfaceTypes") || !letInstancesGo(p) {
		t.Error("package ssa keeps its packages in another way")
	}
}

// TestForgottenAlive: what is still used of a cell whose variables were declared anew
// goes on as if nothing had been forgotten.
func TestForgottenAlive(t *testing.T) {
	for name, c := range map[string]struct {
		cells []string
		want  string
	}{
		"a function that uses an earlier variable of the name": {[]string{"x := 1", "func f() int { x++; return x }", "x := 10", "f()", "x := 20", "f() + x"}, "42"},
		"a generic function, compiled late":                    {[]string{"x := 1", "func g[T any](v T) (T, int) { return v, x }", "x := 10", "x := 20", "1", "g(\"a\")"}, "a 20"},
		"a pointer":                                            {[]string{"x := 1", "p := &x", "x := 2", "1", "*p = 7", "x"}, "7"},
		"another type":                                         {[]string{"x := 1", "p := &x", "x := \"a\"", "1", "1", "fmt.Sprint(*p, x)"}, "1a"},
		"a closure":                                            {[]string{"x := 1", "h := func() int { x++; return x }", "x := 5", "1", "fmt.Sprint(h(), x)"}, "6 6"},
		"a closure of a cell that is forgotten":                {[]string{"x := 1\nfs := []func() int{func() int { x++; return x }}", "keep := fs[0]", "x := 5\nfs := 0", "1", "1", "fmt.Sprint(keep(), x, fs)"}, "6 6 0"},
		"a goroutine":                                          {[]string{"start, done := make(chan int), make(chan int)", "y := 1\ngo func() { <-start; func() { done <- y }() }()", "y := 3", "1", "1", "start <- 0\n<-done"}, "3"},
		"a deferred panic of a closure":                        {[]string{"z := 1\nw := func() {\n panic(z)\n}", "v := w", "z := 2\nw := 3", "1", "v()"}, "failed line 3: 2"},
		"an interface value of a local type":                   {[]string{"u := any(func() any { type pair struct{ a, b int }; return pair{1, 2} }())", "l := u", "u := 0", "1", "fmt.Sprintf(\"%v\", l)"}, "{1 2}"},
		"a loop variable's method value":                       {[]string{"import \"strings\"\nbld := &strings.Builder{}\nput := bld.WriteString", "mine := put", "bld := 1\nput := 2", "1", "mine(\"ab\")"}, "2 <nil>"},
		"a function that a func value holds":                   {[]string{"func f() int { return 1 }\ng := f", "func f() int { return 2 }", "1", "func f() int { return 3 }", "1", "g()*10 + f()"}, "33"},
		"a function that a closure calls":                      {[]string{"func f() int { return 1 }\nh := func() int { return f() }", "func f() int { return 2 }", "1", "func f() int { return 3 }", "1", "h()*10 + f()"}, "33"},
		"a function that a goroutine calls":                    {[]string{"start, done := make(chan int), make(chan int)\nfunc f() int { return 1 }\ngo func() { <-start; done <- f() }()", "func f() int { return 2 }", "1", "func f() int { return 3 }", "1", "start <- 0\n<-done"}, "3"},
		"a function of another signature in between":           {[]string{"func f() int { return 1 }\nh := func() int { return f() }", "func f(x int) int { return x }", "1", "func f() int { return 3 }", "1", "h()"}, "1"},
		"a function that runs while it is declared anew":       {[]string{"at, start, done := make(chan int), make(chan int), make(chan int)\nfunc f(n int) int { if n == 0 { at <- 0; return <-start }; return f(n-1) + 1 }\ngo func() { done <- f(5) }()\n<-at", "func f(n int) int { return 0 }", "1", "1", "start <- 10\n<-done"}, "15"},
		"a function used by one that is used":                  {[]string{"func f() int { return 1 }\nfunc g() int { return f() + 1 }", "func f() int { return 10 }", "1", "func f() int { return 20 }", "1", "g()"}, "21"},
		"functions that use each other":                        {[]string{"func f(n int) int { if n == 0 { return 0 }; return g(n - 1) + 1 }\nfunc g(n int) int { return f(n) }\nk := f", "func f(n int) int { if n == 0 { return 0 }; return g(n - 1) + 1 }\nfunc g(n int) int { return f(n) }", "1", "1", "k(4)*10 + g(3)"}, "43"},
		"a generic function that is declared anew":             {[]string{"t := 0\nfunc g[T any](v T) T { t++; return v }\nh := func() string { return g(\"a\") }", "func g[T any](v T) T { t += 10; return v }\ng(1)", "1", "t := 100", "1", "fmt.Sprint(h(), g(2), t)"}, "a2 111"},
		"a generic function that uses a function":              {[]string{"func f() int { return 1 }\nfunc g[T any](v T) int { return f() }", "func f() int { return 2 }", "1", "func f() int { return 3 }", "1", "g(\"a\")"}, "3"},
		"a constant that a function uses":                      {[]string{"const k = 2\nfunc f() int { return k }", "const k = 2", "1", "f()"}, "2"},
		"a constant that has changed twice":                    {[]string{"const k = 2\nfunc f() int { return k }", "const k = 2", "1", "const k = 3", "f()"}, "refused 1:1: f uses k, which In[4] has declared anew: run the cell of f again"},
		"a method that is declared anew and again":             {[]string{"type T struct{ n int }\nfunc (t T) String() string { return \"a\" }\nx := T{1}\nm := x.String", "func (t T) String() string { return \"b\" }", "1", "func (t T) String() string { return \"c\" }", "1", "fmt.Sprint(x, m(), x.String())"}, "ccc"},
		"a stale function that is declared anew":               {[]string{"x := 1\nfunc f() int { return x }", "x := \"s\"", "func f() int { return len(x) }", "1", "x := \"long\"", "1", "f()"}, "4"},
		"the line of a panic in a forgotten function":          {[]string{"func f() {\n\n panic(1)\n}\ng := f\nh := func() {\n g()\n}", "func f() int { return 2 }", "1", "1", "h()"}, "failed line 3: 1"},
		"an initializer that has run":                          {[]string{"var n int\nfunc init() { n += 5 }", "var n = 1", "1", "n"}, "1"},
		"a large frame":                                        {[]string{"start, done := make(chan int), make(chan string)\nfunc f(p *[100]string) string { a := *p; b := a; <-start; return a[3] + b[99] }\ngo func() { var a [100]string; a[3], a[99] = fmt.Sprint(1), fmt.Sprint(2); done <- f(&a) }()", "func f() int { return 2 }", "1", "1", "for range 1000 { _ = make([]string, 1000) }", "start <- 0\n<-done"}, "12"},
		"a failed cell's variables":                            {[]string{"q := 1", "q := 2\nvar r = []int{}\nr[3] = 1", "q := 5", "1", "fmt.Sprint(q, len(r))"}, "5 0"},
	} {
		s := newSession(t)
		got := ""
		if outcome(s, "nb", "import \"fmt\""); s.Lookup("fmt") == nil {
			continue // the test's library has none
		}
		for i, code := range c.cells {
			got = outcome(s, fmt.Sprintf("In[%d]", i+1), code)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
