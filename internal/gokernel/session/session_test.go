package session

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"os"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/tools/go/packages"

	"github.com/nngplab/nngplab/internal/gokernel/engine"
)

// testLibrary offers a few packages: export data and sources from the go
// command, values from this file.
type testLibrary struct {
	exports map[string][]byte
	sources map[string]map[string][]byte
}

func values(name string, v map[string]any, t ...reflect.Type) *engine.Package {
	p := &engine.Package{Name: name, Binds: map[string]reflect.Value{}, Types: map[string]reflect.Type{}}
	for n, x := range v {
		p.Binds[n] = reflect.ValueOf(x)
	}
	for _, rt := range t {
		p.Types[rt.Name()] = rt
	}
	return p
}

var compiled = map[string]*engine.Package{
	"fmt":         values("fmt", map[string]any{"Sprint": fmt.Sprint, "Sprintf": fmt.Sprintf, "Println": fmt.Println, "Errorf": fmt.Errorf}, reflect.TypeFor[fmt.Stringer]()),
	"errors":      values("errors", map[string]any{"New": errors.New, "As": errors.As, "Is": errors.Is}),
	"sort":        values("sort", map[string]any{"Slice": sort.Slice, "Sort": sort.Sort, "Ints": sort.Ints}, reflect.TypeFor[sort.Interface]()),
	"strconv":     values("strconv", map[string]any{"Itoa": strconv.Itoa, "Atoi": strconv.Atoi}),
	"strings":     values("strings", map[string]any{"Repeat": strings.Repeat, "ToUpper": strings.ToUpper}, reflect.TypeFor[strings.Builder]()),
	"sync":        values("sync", nil, reflect.TypeFor[sync.Mutex](), reflect.TypeFor[sync.WaitGroup](), reflect.TypeFor[sync.Once]()),
	"time":        values("time", map[string]any{"Sleep": time.Sleep}, reflect.TypeFor[time.Duration]()),
	"context":     values("context", nil, reflect.TypeFor[context.Context]()),
	"slices":      values("slices", nil),
	"cmp":         values("cmp", nil),
	"math/bits":   values("bits", map[string]any{"Len": bits.Len}),
	"sync/atomic": values("atomic", nil, reflect.TypeFor[atomic.Uint32]()),
}

func (l *testLibrary) Compiled(path string) *engine.Package { return compiled[path] }
func (l *testLibrary) Export(path string) []byte            { return l.exports[path] }
func (l *testLibrary) Source(path string) map[string][]byte { return l.sources[path] }

var library = sync.OnceValues(func() (*testLibrary, error) {
	l := &testLibrary{exports: map[string][]byte{}, sources: map[string]map[string][]byte{}}
	var paths []string
	for p := range compiled {
		paths = append(paths, p)
	}
	pkgs, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedExportFile | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedDeps}, paths...)
	if err != nil {
		return nil, err
	}
	packages.Visit(pkgs, nil, func(p *packages.Package) {
		if p.ExportFile == "" {
			return
		}
		f, err := os.Open(p.ExportFile)
		if err != nil {
			return
		}
		defer f.Close()
		b, err := readExport(f)
		if err == nil {
			l.exports[p.PkgPath] = b
		}
		if p.PkgPath == "slices" || p.PkgPath == "sync" || p.PkgPath == "cmp" {
			l.sources[p.PkgPath] = map[string][]byte{}
			for _, name := range p.CompiledGoFiles {
				src, err := os.ReadFile(name)
				if err == nil {
					l.sources[p.PkgPath][name] = src
				}
			}
		}
	})
	return l, nil
})

func newSession(t testing.TB) *Session {
	t.Helper()
	lib, err := library()
	if err != nil {
		t.Skip(err)
	}
	s, err := New(lib)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// outcome runs a cell and writes down what it came to.
func outcome(s *Session, name, code string) string {
	r := s.Run(engine.NewCell(context.Background()), name, code)
	if len(r.Errors) > 0 {
		e := r.Errors[0]
		return fmt.Sprintf("refused %d:%d: %s", e.Pos.Line, e.Pos.Column, e.Msg)
	}
	if f := r.Failed; f != nil {
		return fmt.Sprintf("failed line %d: %s", f.Pos("In[").Line, f.Text())
	}
	var out []string
	for _, v := range r.Values {
		out = append(out, fmt.Sprint(v))
	}
	return strings.Join(out, " ")
}

// The last cells' outcomes are Go's: of a function body, where the rule is the
// language's, and of a notebook, where cells follow each other.
func TestCells(t *testing.T) {
	for name, c := range map[string]struct {
		cells []string
		want  string
	}{
		"a value":                    {[]string{"x := 5", "x + 1"}, "6"},
		"two values":                 {[]string{"func f() (a, b int) { a, b = 1, 2; return b, a }\nf()"}, "2 1"},
		"no value":                   {[]string{"func f() {}\nf()"}, ""},
		"nil":                        {[]string{"nil"}, "<nil>"},
		"an untyped constant":        {[]string{"1 << 3"}, "8"},
		"use before declaration":     {[]string{"y := x\nx := 2"}, "refused 1:6: undefined: x"},
		"the former value":           {[]string{"x := 2", "x := x * 10\nx"}, "20"},
		"a former value of a type":   {[]string{"x := 2", "x := fmt.Sprint(x) + `!`\nx"}, "refused 1:6: undefined: fmt"},
		"in a closure, former":       {[]string{"x := 1", "f := func() int { return x }\nx := 2\nf()*10 + x"}, "12"},
		"redeclared":                 {[]string{"x := 1\nx := 2"}, "refused 2:3: no new variables on left side of :="},
		"var twice":                  {[]string{"var x = 1\nvar x = 2\nx"}, "refused 2:5: x redeclared in this block\n\tIn[1]:1:5: other declaration of x"},
		"one new of two":             {[]string{"a, b := 1, 2\nb, c := 3, 4\na*100 + b*10 + c"}, "134"},
		"a function before its var":  {[]string{"func f() int { return v }\nv := 3\nf()"}, "3"},
		"order of package variables": {[]string{"var x = 0\nvar a = foo()\nvar b = x\nfunc foo() int { x++; return x }", "b"}, "1"},
		"init":                       {[]string{"var x = 1\nfunc init() { x *= 5 }\nfunc init() { x++ }", "x"}, "6"},
		"shared storage":             {[]string{"k := 2\nfunc f(x int) int { return x * k }", "k := 5", "f(3)"}, "15"},
		"var without value is zero":  {[]string{"k := 2", "var k int\nk"}, "0"},
		"a stale function":           {[]string{"k := 2\nfunc f(x int) int { return x * k }", "k := `s`", "f(3)"}, "refused 1:1: f uses k, which In[2] has declared anew: run the cell of f again"},
		"stale through another":      {[]string{"k := 2\nfunc f(x int) int { return x * k }\nfunc g() int { return f(1) }", "k := `s`", "g()"}, "refused 1:1: g calls f, which uses k, which In[2] has declared anew: run the cell of g again"},
		"a function anew":            {[]string{"func f() int { return 1 }\nfunc g() int { return f() }", "func f() int { return 7 }", "g()"}, "7"},
		"nothing of a refused cell":  {[]string{"n := 5\ntypo()", "n"}, "refused 1:1: undefined: n"},
		"after a panic":              {[]string{"v := 1", "a := 1\npanic(`x`)\nv := 2", "a*10 + v"}, "11"},
		"line of a panic":            {[]string{"a := []int{1}\n\na[3] = 1\nb := 2"}, "failed line 3: runtime error: index out of range [3] with length 1"},
		"late method":                {[]string{"type T struct{ n int }\nx := T{3}", "func (t *T) inc(k int) { t.n += k }\nx.inc(4)\nx.n"}, "7"},
		"late method by interface":   {[]string{"import `fmt`\ntype T struct{ n int }", "func (t T) String() string { return `T!` }", "fmt.Sprint(T{1}, []T{{2}})"}, "T! [T!]"},
		"late method, promoted":      {[]string{"type T struct{ n int }\ntype S struct{ T }", "func (t T) M() int { return t.n }", "var i interface{ M() int } = S{T{4}}\ni.M()"}, "4"},
		"late method anew":           {[]string{"type T struct{ n int }\nfunc (t T) M() int { return 1 }\nfunc f(t T) int { return t.M() }", "func (t T) M() int { return 2 }", "f(T{})"}, "2"},
		"late method, other type":    {[]string{"type T struct{ n int }\nfunc (t T) M() int { return 1 }", "func (t T) M() string { return `` }"}, "refused 1:12: T.M had another signature when T was declared: declare T anew in this cell, with its methods"},
		"late method, refused":       {[]string{"type T struct{ n int }", "func (t T) M() int { return nope }", "T{}.M()"}, "refused 1:5: T{}.M undefined (type T has no field or method M)"},
		"late method of a generic":   {[]string{"type P[X any] struct{ x X }", "func (p P[X]) M() X { return p.x }"}, "refused 1:15: methods of the generic type P must be declared in the cell that declares it"},
		"an unchanged type stays":    {[]string{"type T struct{ n int }\nfunc (t T) M() int { return 1 }\n", "x := T{5}", "type T struct{ n int }\nfunc (t T) M() int { return t.n }\n", "var y T = x\ny.M()"}, "5"},
		"a changed type is another":  {[]string{"type T struct{ n int }", "x := T{5}", "type T struct{ n, m int }", "var y T = x"}, "refused 1:11: cannot use x (variable of struct type T) as T value in variable declaration (In[3] has declared T anew: values made before have the former type)"},
		"literal of an earlier type": {[]string{"type T struct{ a, b int }", "T{1, 2}"}, "{1 2}"},
		"generic":                    {[]string{"func Map[T, U any](xs []T, f func(T) U) (out []U) { for _, x := range xs { out = append(out, f(x)) }; return }", "Map([]int{1, 2}, func(i int) string { return `<` + string(rune('a'+i)) })"}, "[<b <c]"},
		"generic of a package":       {[]string{"import `slices`\nxs := []int{3, 1, 2}\nslices.Sort(xs)\nxs"}, "[1 2 3]"},
		"generic type of a cell":     {[]string{"type Stack[T any] struct{ xs []T }\nfunc (s *Stack[T]) Push(x T) { s.xs = append(s.xs, x) }", "var s Stack[string]\ns.Push(`a`)\ns.Push(`b`)\nlen(s.xs)"}, "2"},
		"once value":                 {[]string{"import `sync`\nn := 0\nf := sync.OnceValue(func() int { n++; return n })\nf()*10 + f()"}, "11"},
		"must":                       {[]string{"import `strconv`\nmust(strconv.Atoi(`12`))"}, "12"},
		"must fails":                 {[]string{"import `strconv`\na := 1\nb := must(strconv.Atoi(`x`))\nc := a + b"}, `failed line 3: strconv.Atoi: parsing "x": invalid syntax`},
		"recursion without end":      {[]string{"func f(n int) int { return f(n+1) + 1 }\nf(0)"}, "failed line 1: stack overflow: calls nested more than 400000 deep"},
		"deferred recover":           {[]string{"func f() (r int) { defer func() { r = recover().(int) }(); panic(4) }\nf()"}, "4"},
		"range over a function":      {[]string{"func seq(yield func(int) bool) { for i := 0; yield(i); i++ {} }\ns := 0\nfor i := range seq { if i > 4 { break }; s += i }\ns"}, "10"},
		"two imports of one name":    {[]string{"import `fmt`\nimport fmt `errors`"}, "refused 2:8: fmt redeclared in this block\n\tIn[1]:1:8: other declaration of fmt"},
		"not linked":                 {[]string{"import `os/exec`"}, "refused 1:8: package \"os/exec\" is not linked into this kernel"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t)
			got := ""
			for i, code := range c.cells {
				got = outcome(s, fmt.Sprintf("In[%d]", i+1), code)
			}
			if got != c.want {
				t.Errorf("%s\ncomes to  %s\nnot to    %s", strings.Join(c.cells, "\n---\n"), got, c.want)
			}
		})
	}
}

// Whatever is refused is refused before anything has run.
func TestRefusedAtOnce(t *testing.T) {
	s := newSession(t)
	for what, code := range map[string]string{
		"not UTF-8":    "x := \"\xff\"",
		"a megabyte":   strings.Repeat("x\n", 1<<19) + "y",
		"parentheses":  "x := " + strings.Repeat("(", 200000) + "1" + strings.Repeat(")", 200000),
		"unary":        "x := " + strings.Repeat("-", 200000) + "1",
		"blocks":       strings.Repeat("{", 200000) + strings.Repeat("}", 200000),
		"operands":     "x := 1" + strings.Repeat("+1", 200000),
		"unclosed":     "x := (",
		"package only": "package",
	} {
		start := time.Now()
		if got := outcome(s, "In[1]", code); !strings.HasPrefix(got, "refused") {
			t.Errorf("%s: %.60s", what, got)
		}
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("%s: refused after %v", what, d)
		}
	}
}

func TestInterrupt(t *testing.T) {
	for name, code := range map[string]string{
		"a loop":           "for {}",
		"defers":           "for { defer func() {}() }",
		"recovers":         "for { func() { defer func() { recover() }(); panic(1) }() }",
		"empty select":     "select {}",
		"receive":          "c := make(chan int)\n<-c",
		"send":             "c := make(chan int)\nc <- 1",
		"nil channel":      "var c chan int\n<-c",
		"select":           "c := make(chan int)\nselect { case <-c: case c <- 1: }",
		"range":            "for range make(chan int) {}",
		"lock":             "import `sync`\nvar m sync.Mutex\nm.Lock()\nm.Lock()",
		"wait":             "import `sync`\nvar w sync.WaitGroup\nw.Add(1)\nw.Wait()",
		"sleep":            "import `time`\ntime.Sleep(3600000000000)",
		"recursion":        "func f(n int) int { if n > 30 { return 0 }; return f(n+1) + f(n+1) }\nf(-100)",
		"compiled callers": "import `sort`\nsort.Slice(make([]int, 9), func(i, j int) bool { for {} })",
	} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t)
			cell := engine.NewCell(context.Background())
			time.AfterFunc(50*time.Millisecond, cell.Interrupt)
			r := s.Run(cell, "In[1]", code)
			if r.Failed == nil || !r.Failed.Stopped() {
				t.Fatalf("came to %+v", r)
			}
			if got := outcome(s, "In[2]", "1 + 1"); got != "2" {
				t.Errorf("after it: %s", got)
			}
		})
	}
}

func BenchmarkCheck(b *testing.B) {
	s := newSession(b)
	code := strings.Repeat("func f(x int) int { if x > 3 { return x * 2 }; return x }\n", 1) + strings.Repeat("x = f(x)\n", 40)
	outcome(s, "In[1]", "x := 1")
	for b.Loop() {
		if _, errs := s.Check("In[2]", code); errs != nil {
			b.Fatal(errs[0])
		}
	}
}

func BenchmarkLoop(b *testing.B) {
	s := newSession(b)
	outcome(s, "In[1]", "func loop(n int) int { s := 0; for i := 0; i < n; i++ { s += i }; return s }")
	for b.Loop() {
		if got := outcome(s, "In[2]", "loop(1000000)"); got != "499999500000" {
			b.Fatal(got)
		}
	}
}

func BenchmarkClosure(b *testing.B) {
	s := newSession(b)
	outcome(s, "In[1]", "func adder(k int) func(int) int { return func(x int) int { return x + k } }\nf := adder(3)\nfunc loop(n int) int { s, g := 0, f; for i := 0; i < n; i++ { s = g(s) }; return s }")
	for b.Loop() {
		if got := outcome(s, "In[2]", "loop(200000)"); got != "600000" {
			b.Fatal(got)
		}
	}
}
