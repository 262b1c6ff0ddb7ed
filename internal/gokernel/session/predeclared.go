package session

import (
	"go/ast"
	"strings"
)

// predeclare declares what every notebook finds declared.
func (s *Session) predeclare() {
	if err := s.Background(predeclared); err != nil {
		panic(err)
	}
	for _, o := range s.names {
		delete(s.where, o)
	}
}

const predeclared = `
// must returns v, or fails the cell if err is not nil.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// must2 is must for two values.
func must2[T, U any](v T, w U, err error) (T, U) {
	if err != nil {
		panic(err)
	}
	return v, w
}

// must3 is must for three values.
func must3[T, U, V any](v T, w U, x V, err error) (T, U, V) {
	if err != nil {
		panic(err)
	}
	return v, w, x
}

// check fails the cell if err is not nil.
func check(err error) {
	if err != nil {
		panic(err)
	}
}
`

// mustOfAny gives the calls of must that the errors are about the function for
// as many values as they have, and reports whether there are any: must(f()) is
// check(f()) where f returns an error alone, must2(f()) where it returns two
// values and an error.
func (b *builder) mustOfAny(errs []*Error) bool {
	if o := b.s.names["must"]; o == nil || b.s.where[o] != "" {
		return false // the user's own
	}
	changed := false
	for _, e := range errs {
		name := mustFor(e.Msg)
		if name == "" {
			continue
		}
		var at *ast.Ident
		b.inspect(func(n ast.Node) {
			c, ok := n.(*ast.CallExpr)
			if !ok || !before(b.s.Fset.Position(c.Pos()), e.Pos) || !before(e.Pos, b.s.Fset.Position(c.End())) {
				return
			}
			if id, ok := c.Fun.(*ast.Ident); ok && id.Name == "must" {
				at = id // the innermost one comes last
			}
		})
		if at != nil {
			at.Name = name
			changed = true
		}
	}
	return changed
}

// mustFor names the function that the checker's message about a call of must
// asks for, "" where it asks for none.
func mustFor(msg string) string {
	if !strings.HasPrefix(msg, "not enough arguments in call to must\n") && !strings.HasPrefix(msg, "too many arguments in call to must\n") {
		return ""
	}
	_, have, _ := strings.Cut(msg, "have (")
	have, _, _ = strings.Cut(have, ")\n\twant")
	if have != "error" && !strings.HasSuffix(have, ", error") {
		return ""
	}
	commas, depth := 0, 0
	for _, r := range have {
		switch r {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case ',':
			if depth == 0 {
				commas++
			}
		}
	}
	return map[int]string{0: "check", 2: "must2", 3: "must3"}[commas]
}

// inspect calls f for the nodes of the cell's code.
func (b *builder) inspect(f func(ast.Node)) {
	visit := func(n ast.Node) bool {
		if n != nil {
			f(n)
		}
		return true
	}
	for _, d := range b.types {
		ast.Inspect(d, visit)
	}
	for _, d := range b.p.funcs {
		ast.Inspect(d, visit)
	}
	for _, st := range b.stmts {
		ast.Inspect(st, visit)
	}
}
