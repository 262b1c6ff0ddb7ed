package session

import (
	"fmt"
	"runtime"
	"testing"
)

// TestForgotten: cells whose variables are declared anew by later ones are forgotten:
// many of them take no more memory than few.
func TestForgotten(t *testing.T) {
	const few, many = 100, 400
	for _, code := range []string{
		"x := 0\nfor i := 0; i < 10; i++ { x += i }\nx",
		"1 + 1",
		"import \"strings\"\nlen(strings.Repeat(\"ab\", 10))",
		"undeclared + 1",
		"panic(\"on purpose\")",
		"c := make(chan int)\ngo func() { c <- 7 }()\n<-c",
		"b := make([]byte, 1<<16)\nlen(b)",
		"m := map[string]int{\"a\": 1}\nm[\"a\"]++\nm",
		"k := 1\nk = func() int { return k + 1 }()\nk",
	} {
		s := newSession(t)
		held := func(cells int) uint64 {
			for range cells {
				outcome(s, "cell", code)
			}
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		held(few)
		a, b := held(few), held(many)
		// A cell that is kept holds twelve kilobytes and more; of one that is
		// forgotten its lines and its name are left.
		if grown := int64(b) - int64(a); grown > many*4000 {
			t.Errorf("%q: %d bytes a cell", code, grown/many)
		}
		runtime.KeepAlive(s)
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
