package session

import (
	"fmt"
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// What Go's compiler refuses beyond go/types, in its words.

// Bounds of the compiler, in bytes.
const (
	maxFrame   = 1 << 30
	maxType    = 1 << 50
	maxElement = 1 << 16 // of a channel, less one
)

// limits lists what the compiler would refuse in a cell that the checker takes.
func (b *builder) limits(c *Checked, sizes types.Sizes) []*Error {
	l := &limiter{b: b, c: c, sizes: sizes, loops: &cycles{cyclic: map[*types.Interface]bool{}}}
	ast.Inspect(c.file, func(n ast.Node) bool {
		return l.node(n)
	})
	l.dotImports()
	return l.errs
}

type limiter struct {
	b     *builder
	c     *Checked
	sizes types.Sizes
	loops *cycles
	errs  []*Error
}

func (l *limiter) errorf(pos token.Pos, format string, args ...any) {
	l.errs = append(l.errs, &Error{Pos: l.b.s.Fset.Position(pos), Msg: fmt.Sprintf(format, args...)})
}

// node looks at a node, and reports whether to go into it.
func (l *limiter) node(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncDecl:
		if o, ok := l.c.info.Defs[n.Name].(*types.Func); ok {
			l.signature(n.Name.Pos(), o.Signature())
		}
	case *ast.FuncLit:
		if t, ok := l.c.info.TypeOf(n).(*types.Signature); ok {
			l.signature(n.Pos(), t)
		}
	case *ast.RangeStmt: // copies an array
		if t := l.c.info.TypeOf(n.X); n.Value != nil && t != nil {
			if _, ok := t.Underlying().(*types.Array); ok && l.size(t) > maxFrame {
				l.errorf(n.Pos(), "stack frame too large (>1GB): %d MB locals", l.size(t)>>20)
			}
		}
	case *ast.ArrayType:
		if t := l.c.info.TypeOf(n); t != nil && l.size(t) >= maxType {
			l.errorf(n.Pos(), "type %s larger than address space", clean(types.TypeString(t, nil)))
		}
	case *ast.ChanType:
		if t, ok := l.c.info.TypeOf(n).(*types.Chan); ok && l.size(t.Elem()) >= maxElement {
			l.errorf(n.Pos(), "channel element type too large (>64kB)")
		}
	case *ast.InterfaceType:
		if t, ok := l.c.info.TypeOf(n).(*types.Interface); ok && l.loops.of(t) {
			l.errorf(n.Pos(), "invalid recursive type: anonymous interface refers to itself (see https://go.dev/issue/56103)")
			for t := range l.loops.cyclic { // each cycle is told once
				l.loops.cyclic[t] = false
			}
		}
		return false
	}
	return true
}

func (l *limiter) signature(pos token.Pos, sig *types.Signature) {
	sum := int64(0)
	for _, t := range []*types.Tuple{types.NewTuple(sig.Recv()), sig.Params(), sig.Results()} {
		for v := range t.Variables() {
			if v != nil {
				sum += l.size(v.Type())
			}
		}
	}
	if sum > maxFrame {
		l.errorf(pos, "stack frame too large (>1GB): %d MB args", sum>>20)
	}
}

// size is that of t, 0 where it depends on a type parameter.
func (l *limiter) size(t types.Type) int64 {
	if generic(t, map[types.Type]bool{}) {
		return 0
	}
	return l.sizes.Sizeof(t)
}

// generic reports whether the size of t may depend on a type parameter.
func generic(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t := types.Unalias(t).(type) {
	case *types.TypeParam, *types.Tuple:
		return true
	case *types.Named:
		return generic(t.Underlying(), seen)
	case *types.Array:
		return generic(t.Elem(), seen)
	case *types.Struct:
		for f := range t.Fields() {
			if generic(f.Type(), seen) {
				return true
			}
		}
	}
	return false
}

// dotImports refuses names of the cell's that it imports, too.
func (l *limiter) dotImports() {
	for _, is := range l.b.p.imports {
		if is.Name == nil || is.Name.Name != "." {
			continue
		}
		path, _ := strconv.Unquote(is.Path.Value)
		p, err := l.b.s.imports.Import(path)
		if err != nil {
			continue
		}
		for _, name := range l.c.pkg.Scope().Names() {
			o, in := l.c.pkg.Scope().Lookup(name), p.Scope().Lookup(name)
			if in != nil && in.Exported() && o.Pos().IsValid() {
				l.errorf(o.Pos(), "%s already declared through dot-import of %s", name, p)
			}
		}
	}
}

// cycles finds interfaces without a name that refer to themselves, by
// their methods.
type cycles struct{ cyclic map[*types.Interface]bool }

func (c *cycles) of(t *types.Interface) bool {
	if known, ok := c.cyclic[t]; ok {
		return known
	}
	c.cyclic[t] = true           // until it is known to be none
	for f := range t.Methods() { // those of embedded types, too
		if c.visit(f.Type()) {
			return true
		}
	}
	c.cyclic[t] = false
	return false
}

func (c *cycles) visit(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Interface:
		return c.of(t)
	case *types.Pointer:
		return c.visit(t.Elem())
	case *types.Slice:
		return c.visit(t.Elem())
	case *types.Array:
		return c.visit(t.Elem())
	case *types.Chan:
		return c.visit(t.Elem())
	case *types.Map:
		return c.visit(t.Key()) || c.visit(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if c.visit(f.Type()) {
				return true
			}
		}
	case *types.Signature:
		for _, tuple := range []*types.Tuple{t.Params(), t.Results()} {
			for v := range tuple.Variables() {
				if c.visit(v.Type()) {
					return true
				}
			}
		}
	}
	return false // a name ends the search, too
}

// embeds refuses the directive that would fill a variable from a file: no
// compiler reads it, and the variable would stay empty.
func embeds(name, code string, imports []*ast.ImportSpec) *Error {
	const directive = "//go:embed"
	if !strings.Contains(code, directive) {
		return nil
	}
	msg := `go:embed only allowed in Go files that import "embed"`
	for _, is := range imports {
		if is.Path.Value == `"embed"` {
			msg = "go:embed cannot apply to a variable of a cell: read the file with os.ReadFile"
		}
	}
	f := token.NewFileSet().AddFile(name, -1, len(code))
	var s scanner.Scanner
	s.Init(f, []byte(code), nil, scanner.ScanComments)
	for {
		pos, t, lit := s.Scan()
		if t == token.EOF {
			return nil
		}
		if rest, ok := strings.CutPrefix(lit, directive); t == token.COMMENT && ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t') {
			return &Error{Pos: f.Position(pos), Msg: msg}
		}
	}
}
