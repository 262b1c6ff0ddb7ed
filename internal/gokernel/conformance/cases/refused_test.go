package cases

// refusedCases are invalid Go: the cell is refused before anything of it runs.
var refusedCases = func() []testCase {
	var out []testCase
	for _, c := range []struct{ code, why string }{
		{"fmt.Println(`total: ` + 5)", "mismatched types|cannot convert"},
		{"1.5 + `x`", "mismatched types|cannot convert"},
		{"`a` == 97", "mismatched types|cannot convert"},
		{"`x` < 3", "mismatched types|cannot convert"},
		{"var s string = 65", "cannot use 65"},
		{"x := 1\nx := 2", "no new variables"},
		{"func f() int { fmt.Println(1) }", "missing return"},
		{"func f() { x := 1 }", "declared and not used: x"},
		{"x := 5\nx / 0", "division by zero"},
		{"var x int8 = 300", "overflows|cannot use 300"},
		{"f := func() {}\ng := func() {}\nf == g", "func can only be compared to nil"},
		{"type T struct{}\nfunc (T) m() {}\nfunc (T) m() {}", "already declared"},
		{"type T struct{ t T }", "invalid recursive type"},
		{"var a int = `x`", "cannot use"},
		{"strings.Repeat(1, `x`)", "cannot use"},
		{"fmt.Prntln(`x`)", "undefined: fmt.Prntln"},
		{"for i := range 3 { i.x = 1 }", "i.x undefined"},
		{"if 1 { }", "non-boolean condition"},
		{"break", "break"},
		{"type I interface{ M() }\ntype T struct{}\nvar i I = T{}", "missing method M"},
		{"switch 1 { case 1: case 1: }", "duplicate case"},
		{"map[string]int{`a`: 1, `a`: 2}", "duplicate key"},
		{"var x [2]int\nx[5]", "out of bounds|out of range"},
	} {
		out = append(out, testCase{name: "refused: " + c.code, cells: cells("fmt.Println(`ran`)\n" + c.code), fails: "^CompileError: .*(" + c.why + ")", never: "ran"})
	}
	return out
}()
