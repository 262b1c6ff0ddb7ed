package syntax

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
)

// Parse returns the statements and declarations of a cell that are such by
// their grammar; the others, such as the one that is being typed, are left out.
func Parse(code string) []ast.Node {
	toks, _ := scan(code)
	var out []ast.Node
	for _, s := range statements(code, toks) {
		src := "package p\nfunc _() {\n" + string(s) + "\n}"
		if topLevel(s) {
			src = "package p\n" + string(s)
		}
		f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
		if f == nil || err != nil {
			continue
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "_" && fn.Recv == nil && !topLevel(s) {
				for _, stmt := range fn.Body.List {
					out = append(out, stmt)
				}
				continue
			}
			out = append(out, d)
		}
	}
	return out
}

// InText reports whether the offset lies inside of a comment or of the quotes of
// a string, where nothing is to be completed.
func InText(code string, offset int) bool {
	if offset > len(code) {
		offset = len(code)
	}
	before := code[:offset]
	for i := 0; i < len(before); {
		switch c := before[i]; {
		case strings.HasPrefix(before[i:], "//"):
			end := strings.IndexByte(before[i:], '\n')
			if end < 0 {
				return true
			}
			i += end
		case strings.HasPrefix(before[i:], "/*"):
			end := strings.Index(before[i+2:], "*/")
			if end < 0 {
				return true
			}
			i += end + 4
		case c == '`':
			end := strings.IndexByte(before[i+1:], '`')
			if end < 0 {
				return true
			}
			i += end + 2
		case c == '"' || c == '\'':
			end, closed := endOfQuoted(before, i)
			if !closed && end == len(before) {
				return true
			}
			i = end
		default:
			i++
		}
	}
	return false
}

// endOfQuoted returns where the string or character that begins at i ends: at
// its quote, or at the end of the line.
func endOfQuoted(s string, i int) (end int, closed bool) {
	quote := s[i]
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case quote:
			return i + 1, true
		case '\n':
			return i, false
		}
	}
	return len(s), false
}

// Declared lists the names that a cell declares outside of functions, and those
// of the parameters and variables in the function or block that the text ends
// in. Each has its kind, in Jupyter's words.
func Declared(code string) map[string]string {
	out := map[string]string{}
	for _, n := range append(Parse(code), openBlocks(code)...) {
		ast.Inspect(n, func(n ast.Node) bool { return declare(out, n) })
	}
	delete(out, "_")
	return out
}

func declare(out map[string]string, n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncDecl:
		if n.Recv == nil {
			out[n.Name.Name] = "function"
		}
		return false
	case *ast.FuncLit:
		return false
	case *ast.TypeSpec:
		out[n.Name.Name] = "class"
		return false
	case *ast.ValueSpec:
		for _, id := range n.Names {
			out[id.Name] = "instance"
		}
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			for _, e := range n.Lhs {
				if id, ok := e.(*ast.Ident); ok {
					out[id.Name] = "instance"
				}
			}
		}
	case *ast.RangeStmt:
		for _, e := range []ast.Expr{n.Key, n.Value} {
			if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
				out[id.Name] = "instance"
			}
		}
	case *ast.ImportSpec:
		if n.Name != nil {
			out[n.Name.Name] = "module"
		}
	}
	return true
}

// openBlocks parses what stands before the text's end in blocks that are not
// closed yet: their statements, and the heads of functions and loops.
func openBlocks(code string) []ast.Node {
	toks, _ := scan(code)
	var opens []int // indices of brackets that stay open
	for i, t := range toks {
		switch t.Token {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			opens = append(opens, i)
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(opens) > 0 {
				opens = opens[:len(opens)-1]
			}
		}
	}
	var out []ast.Node
	for _, i := range opens {
		if toks[i].Token != token.LBRACE {
			continue
		}
		out = append(out, Parse(code[toks[i].to:])...)
		out = append(out, head(code, toks, i)...)
	}
	return out
}

// head parses the function, loop or condition whose block opens at token i, with
// an empty block.
func head(code string, toks []tok, i int) []ast.Node {
	start, depth := 0, 0
	for j := i - 1; j >= 0 && start == 0; j-- {
		switch toks[j].Token {
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth++
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth--
		case token.FUNC, token.FOR, token.IF, token.SWITCH:
			if depth <= 0 {
				nodes := Parse(code[toks[j].from:toks[i].from] + "{}")
				return parameters(nodes)
			}
		}
	}
	return nil
}

// parameters adds, to what was parsed, the parameters of functions as variables.
func parameters(nodes []ast.Node) []ast.Node {
	out := nodes
	for _, n := range nodes {
		ast.Inspect(n, func(n ast.Node) bool {
			fields, ok := n.(*ast.FieldList)
			if !ok {
				return true
			}
			for _, f := range fields.List {
				out = append(out, &ast.ValueSpec{Names: f.Names, Type: f.Type})
			}
			return false
		})
	}
	return out
}

// Members lists the fields and methods that the cell itself declares for the
// variable, type or literal with this text, nil where it does not declare them.
func Members(code, operand string) map[string]string {
	e, err := parser.ParseExpr(operand)
	if err != nil {
		return nil
	}
	c := &cellTypes{types: map[string]*ast.TypeSpec{}, methods: map[string][]string{}, vars: map[string]ast.Expr{}}
	for _, n := range append(Parse(code), openBlocks(code)...) {
		ast.Inspect(n, func(n ast.Node) bool { return c.add(n) })
	}
	name := c.typeOf(e, 0)
	if c.types[name] == nil {
		return nil
	}
	out := map[string]string{}
	c.members(out, name, 0)
	return out
}

// cellTypes is what a cell declares, by name.
type cellTypes struct {
	types   map[string]*ast.TypeSpec
	methods map[string][]string
	vars    map[string]ast.Expr // a type, or a value
}

func (c *cellTypes) add(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.TypeSpec:
		c.types[n.Name.Name] = n
	case *ast.FuncDecl:
		if n.Recv != nil && len(n.Recv.List) == 1 {
			t := baseName(n.Recv.List[0].Type)
			c.methods[t] = append(c.methods[t], n.Name.Name)
		}
		return false
	case *ast.ValueSpec:
		for i, id := range n.Names {
			if n.Type != nil {
				c.vars[id.Name] = n.Type
			} else if i < len(n.Values) {
				c.vars[id.Name] = n.Values[i]
			}
		}
	case *ast.AssignStmt:
		for i, l := range n.Lhs {
			if id, ok := l.(*ast.Ident); ok && n.Tok == token.DEFINE && len(n.Rhs) == len(n.Lhs) {
				c.vars[id.Name] = n.Rhs[i]
			}
		}
	case *ast.RangeStmt:
		if id, ok := n.Value.(*ast.Ident); ok && n.Tok == token.DEFINE {
			c.vars[id.Name] = &ast.IndexExpr{X: n.X}
		}
	}
	return true
}

func baseName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return baseName(e.X)
	case *ast.IndexExpr:
		return baseName(e.X)
	case *ast.IndexListExpr:
		return baseName(e.X)
	}
	return ""
}

// typeOf is the name of the cell's type that an expression has, "" for others.
func (c *cellTypes) typeOf(e ast.Expr, depth int) string {
	if depth > 10 {
		return ""
	}
	switch e := e.(type) {
	case *ast.Ident:
		if c.types[e.Name] != nil {
			return e.Name
		}
		if v := c.vars[e.Name]; v != nil {
			return c.typeOf(v, depth+1)
		}
	case *ast.ParenExpr:
		return c.typeOf(e.X, depth+1)
	case *ast.StarExpr:
		return c.typeOf(e.X, depth+1)
	case *ast.UnaryExpr:
		return c.typeOf(e.X, depth+1)
	case *ast.CompositeLit:
		return c.typeOf(e.Type, depth+1)
	case *ast.CallExpr:
		if id, ok := e.Fun.(*ast.Ident); ok && id.Name == "new" && len(e.Args) == 1 {
			return c.typeOf(e.Args[0], depth+1)
		}
		return c.typeOf(e.Fun, depth+1) // a conversion
	case *ast.IndexExpr:
		return c.typeOf(c.element(e.X, depth+1), depth+1)
	case *ast.SelectorExpr:
		return c.typeOf(c.field(c.typeOf(e.X, depth+1), e.Sel.Name), depth+1)
	}
	return ""
}

// element is the element type of a slice, array or map.
func (c *cellTypes) element(e ast.Expr, depth int) ast.Expr {
	if depth > 10 {
		return nil
	}
	switch e := e.(type) {
	case *ast.Ident:
		if v := c.vars[e.Name]; v != nil {
			return c.element(v, depth+1)
		}
		if t := c.types[e.Name]; t != nil {
			return c.element(t.Type, depth+1)
		}
	case *ast.CompositeLit:
		return c.element(e.Type, depth+1)
	case *ast.ArrayType:
		return e.Elt
	case *ast.MapType:
		return e.Value
	case *ast.CallExpr:
		if id, ok := e.Fun.(*ast.Ident); ok && (id.Name == "make" || id.Name == "append") && len(e.Args) > 0 {
			return c.element(e.Args[0], depth+1)
		}
	}
	return nil
}

func (c *cellTypes) field(typ, name string) ast.Expr {
	spec := c.types[typ]
	if spec == nil {
		return nil
	}
	if s, ok := spec.Type.(*ast.StructType); ok {
		for _, f := range s.Fields.List {
			for _, id := range f.Names {
				if id.Name == name {
					return f.Type
				}
			}
		}
	}
	return nil
}

func (c *cellTypes) members(out map[string]string, name string, depth int) {
	for _, m := range c.methods[name] {
		out[m] = "function"
	}
	spec := c.types[name]
	if spec == nil || depth > 5 {
		return
	}
	switch t := spec.Type.(type) {
	case *ast.StructType:
		for _, f := range t.Fields.List {
			for _, id := range f.Names {
				out[id.Name] = "instance"
			}
			if len(f.Names) == 0 {
				embedded := baseName(f.Type)
				if embedded != "" {
					out[embedded] = "instance"
					c.members(out, embedded, depth+1)
				}
			}
		}
	case *ast.InterfaceType:
		for _, f := range t.Methods.List {
			for _, id := range f.Names {
				out[id.Name] = "function"
			}
		}
	}
	delete(out, "_")
}
