package cases

import "time"

// silentCases are inputs that interpreters get wrong without a word.
var silentCases = []testCase{
	// results of a return are evaluated before any of them is set
	{name: "return swaps named results", cells: cells("func f() (a, b int) { a, b = 1, 2; return b, a }\nf()"), value: "2, 1"},
	{name: "return of a sum of named results", cells: cells("func fibp(n int) (a, b int) { if n == 0 { return 0, 1 }; a, b = fibp(n-1); return b, a+b }\nfibp(10)"), value: "55, 89"},
	{name: "return rotates three named results", cells: cells("func f() (a, b string, c string) { a, b, c = `x`, `y`, `z`; return c, a, b }\nf()"), value: "z, x, y"},

	// assignments with operators to all places
	{name: "xor of an element", cells: cells("u := []int{0x61}\nu[0] ^= 0x20\nu"), value: "[65]"},
	{name: "xor of a map entry", cells: cells("m := map[string]uint8{`a`: 0xf0}\nm[`a`] ^= 0xff\nm[`b`] ^= 3\nm"), value: "map[a:15 b:3]"},
	{name: "xor of a field and through a pointer", cells: cells("type T struct{ x int16 }\nt := T{6}\np := &t.x\nt.x ^= 5\n*p ^= 0x100\nt.x"), value: "259"},
	{name: "xor by an expression", cells: cells("a := [3]uint64{1, 2, 3}\nk := uint64(7)\nfor i := range a { a[i] ^= k << uint(i) }\na"), value: "[6 12 31]"},
	{name: "and-not of an element", cells: cells("a := []uint8{0xff}\na[0] &^= 0x0f\na[0] |= 1\na[0] %= 100\na"), value: "[41]"}, // 0xf1 = 241

	// one value where one is asked for
	{name: "map index as the only argument", cells: cells("m := map[string]int{`a`: 7}\nfmt.Println(m[`a`])"), out: "7\n"},
	{name: "type assertion as the only argument", cells: cells("var i any = `s`\nfmt.Println(i.(int))"), fails: "interface conversion: interface {} is string, not int", line: 2},
	{name: "receive as the only argument", cells: cells("c := make(chan int, 1)\nc <- 4\nfmt.Println(<-c)"), out: "4\n"},
	{name: "map index as the argument of a function of one", cells: cells("m := map[string]float64{`a`: 4}\nmath.Sqrt(m[`a`])"), value: "2"},
	{name: "map index as a condition", cells: cells("seen := map[string]bool{`a`: true}\nif seen[`a`] { fmt.Println(`yes`) }"), out: "yes\n"},
	{name: "map index as the last expression", cells: cells("m := map[string]int{`a`: 7}\nm[`a`]"), value: "7"},
	{name: "map index as a result", cells: cells("m := map[string]int{`a`: 7}\nf := func(k string) int { return m[k] }\nf(`a`) + f(`b`)"), value: "7"},
	{name: "map index as an argument of append", cells: cells("m := map[string]int{`a`: 7}\nappend([]int{1}, m[`a`])"), value: "[1 7]"},

	{name: "select tells that a channel is closed", cells: cells("ch := make(chan int); close(ch)\nselect { case v, ok := <-ch: fmt.Println(v, ok) }"), out: "0 false\n"},
	{name: "select assigns ok", cells: cells("ch := make(chan int, 1)\nch <- 3\nvar v int; ok := false\nselect { case v, ok = <-ch: }\nclose(ch)\nok2 := true\nselect { case _, ok2 = <-ch: default: }\nfmt.Println(v, ok, ok2)"), out: "3 true false\n"},
	{name: "a loop of select ends when its channels are closed", cells: cells("a, b := make(chan int), make(chan int)\ngo func() { for i := range 3 { a <- i }; close(a) }()\ngo func() { for i := range 2 { b <- 10 + i }; close(b) }()\nsum := 0\nfor a != nil || b != nil {\n\tselect {\n\tcase v, ok := <-a:\n\t\tif !ok { a = nil; continue }\n\t\tsum += v\n\tcase v, ok := <-b:\n\t\tif !ok { b = nil; continue }\n\t\tsum += v\n\t}\n}\nsum"), value: "24"},

	{name: "defer at the top of a cell", cells: cells("f, _ := os.Create(`x.txt`)\ndefer f.Close()\nn, err := f.WriteString(`hello`)\nfmt.Println(n, err)"), out: "5 <nil>\n"},
	{name: "defer at the top of a cell runs at its end", cells: cells("defer fmt.Println(`last`)\nfmt.Println(`first`)", "fmt.Println(`next`)"), out: "next\n", never: "last\nfirst"},

	// methods of cell types, as libraries see them
	{name: "String of a cell type", cells: cells("type T float64\nfunc (t T) String() string { return `T!` }\nfmt.Println(T(3))\nT(3)"), out: "T!\n", value: "T!"},
	{name: "Error of a cell type", cells: cells("type E struct{ n int }\nfunc (e *E) Error() string { return fmt.Sprint(`code `, e.n) }\nvar err error = &E{3}\nfmt.Println(err)"), out: "code 3\n"},
	{name: "String inside of a slice, a map and a struct", cells: cells("type T int\nfunc (t T) String() string { return fmt.Sprintf(`<%d>`, int(t)) }\ntype S struct { A T }\nfmt.Println([]T{1, 2}, map[T]T{3: 4}, S{5})\nfmt.Printf(`%v %s %d %T`, T(1), T(2), T(3), T(4))"), out: "[<1> <2>] map[<3>:<4>] {<5>}\n<1> <2> 3 main.T"},
	{name: "errors.As of a cell type", cells: cells("type E struct{ n int }\nfunc (e *E) Error() string { return `e` }\nerr := fmt.Errorf(`in: %w`, &E{4})\nvar e *E\nfmt.Println(errors.As(err, &e), e != nil && e.n == 4, err)"), out: "true true in: e\n"},
	{name: "MarshalJSON of a cell type", cells: cells("type T int\nfunc (t T) MarshalJSON() ([]byte, error) { return []byte(`\"t\"`), nil }\nb, err := json.Marshal(map[string]any{`a`: T(1), `b`: []T{2}})\nfmt.Println(string(b), err)"), out: "{\"a\":\"t\",\"b\":[\"t\"]} <nil>\n"},

	// identity of types in interfaces
	{name: "type switch over structs of one shape", cells: cells("type A struct{ X int }; type B struct{ X int }\nfunc w(v any) string { switch v.(type) { case A: return `A`; case B: return `B` }; return `?` }\nfmt.Println(w(A{1}), w(B{1}))"), out: "A B\n"},
	{name: "comparison of interfaces of different types", cells: cells("type A int; type B int\nvar x, y any = A(1), B(1)\n_, ok := x.(int)\nfmt.Println(x == y, x == any(A(1)), ok)"), out: "false true false\n"},

	// names of fields
	{name: "private fields and JSON", cells: cells("type S struct { A int; b string }\nbs, _ := json.Marshal(S{1, `secret`})\nstring(bs)"), value: `{"A":1}`},
	{name: "private fields and fmt", cells: cells("type S struct { A int; b string }\nfmt.Printf(`%+v %#v`, S{1, `x`}, S{2, `y`})"), out: `{A:1 b:x} main.S{A:2, b:"y"}`},

	// a cell that does not compile leaves nothing behind
	{name: "a cell that does not compile keeps variables", cells: cells("val := 10", "val := `new`\ntypo()", "val"), value: "10", failing: 1},
	{name: "a cell that does not compile declares nothing", cells: cells("n := 5\ntypo()", "n"), fails: "undefined: n", failing: 1},
	{name: "a cell that does not compile keeps functions and types", cells: cells("type T struct{ a int }\nfunc g() int { return 1 }", "type T struct{ b string }\nfunc g() string { return `` }\ntypo()", "T{a: g()}.a"), value: "1", failing: 1},

	{name: "division by the largest uint64", cells: cells("x := uint64(7)\nx / 18446744073709551615"), value: "0"},
	{name: "remainder by the largest unsigned", cells: cells("x, y := uint(7), uint64(9)\nfmt.Println(x/^uint(0), x%^uint(0), y%18446744073709551615, uint8(9)/255, uint32(9)%4294967295)"), out: "0 7 9 0 9\n"},
	{name: "min and max of zeros", cells: cells("z, nz := 0.0, math.Copysign(0, -1)\nfmt.Println(math.Signbit(min(z, nz)), math.Signbit(max(nz, z)), math.Signbit(min(nz, z)), math.Signbit(max(z, nz)))"), out: "true false true false\n"},
	{name: "sum of zeros", cells: cells("nz := math.Copysign(0, -1)\nfmt.Println(math.Signbit(nz+0), math.Signbit(nz), math.Signbit(-0.0), math.Signbit(nz-0))"), out: "false true false true\n"},
	{name: "no variadic arguments are nil", cells: cells("f := func(xs ...int) bool { return xs == nil }\nf()"), value: "true"},
	{name: "a function after its variable was declared anew", cells: cells("scale := 2.0\nfunc f(x float64) float64 { return x * scale }", "scale := `s`", "f(3)"), fails: "scale"},
	{name: "range assigns to an outer variable", cells: cells("var i int\nfor i = range []int{1, 2, 3} {}\nvar c rune\nfor i, c = range `aé` {}\nfmt.Println(i, c)"), out: "1 233\n"},
	{name: "loop variables are those of the iteration", cells: cells("var fs []func() int\nfor i := 0; i < 3; i++ { fs = append(fs, func() int { return i }) }\nfor _, x := range []int{7, 8} { fs = append(fs, func() int { return x }) }\nfor _, f := range fs { fmt.Print(f(), ` `) }"), out: "0 1 2 7 8 "},
	{name: "receivers are copied when a method is deferred or taken", cells: cells("type S struct{ n int }\nfunc (s S) p() { fmt.Print(s.n, ` `) }\nfunc g() { s := S{1}; defer s.p(); f := s.p; s.n = 3; f(); s.p() }\ng()"), out: "1 3 1 "},
	{name: "init functions run", cells: cells("var x = 1\nfunc init() { x = 2 }\nfunc init() { x *= 5 }", "x"), value: "10"},
	{name: "an abandoned cell prints nothing into another", cells: cells("var a, c mat.Dense\na = *mat.NewDense(4500, 4500, nil)\nfor i := range 4500 { for j := range 4500 { a.Set(i, j, float64(i+j)) } }", "c.Mul(&a, &a)\nfmt.Println(`LATE`)", "time.Sleep(12*time.Second)"), never: "LATE", failing: 1, interrupts: "3:0.5,3:1.8", limit: 90 * time.Second},
}
