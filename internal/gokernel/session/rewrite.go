package session

import (
	"go/ast"
	"go/token"
	"go/types"
)

// nameFields names the fields of a struct literal.
func nameFields(lit *ast.CompositeLit, st *types.Struct) {
	for i, e := range lit.Elts {
		if _, ok := e.(*ast.KeyValueExpr); !ok && i < st.NumFields() {
			lit.Elts[i] = &ast.KeyValueExpr{Key: &ast.Ident{NamePos: e.Pos(), Name: st.Field(i).Name()}, Colon: e.Pos(), Value: e}
		}
	}
}

// unnamedFields collects the literals of structs of earlier cells that do not
// name private fields. To go/types they are literals of another package's.
func (b *builder) unnamedFields(c *Checked) {
	b.toKey = map[*ast.CompositeLit]*types.Struct{}
	ast.Inspect(c.file, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok || len(lit.Elts) == 0 {
			return true
		}
		t := c.info.TypeOf(lit)
		if t == nil {
			return true
		}
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		st, ok := t.Underlying().(*types.Struct)
		if !ok || len(lit.Elts) != st.NumFields() {
			return true
		}
		if _, named := lit.Elts[0].(*ast.KeyValueExpr); named {
			return true
		}
		for f := range st.Fields() {
			if f.Name() == "_" || !f.Exported() && f.Pkg().Path() != "main" {
				return true
			}
		}
		if f := st.Field(0); f.Pkg() != c.pkg {
			b.toKey[lit] = st
		}
		return true
	})
}

// finish rewrites a checked cell into what is translated: its variables are
// declared without values, which its statements assign.
func (b *builder) finish(c *Checked, byDecl map[ast.Spec]*declared) {
	if c.body != nil {
		c.bodyObj = c.info.Defs[c.body.Name]
		var body []ast.Stmt
		for i, st := range b.stmts {
			if ds, ok := st.(*ast.DeclStmt); ok {
				if d := byDecl[ds.Decl.(*ast.GenDecl).Specs[0]]; d != nil {
					if d.stmt != nil {
						for k, l := range d.stmt.(*ast.AssignStmt).Lhs {
							if o := c.info.Defs[d.names[k]]; o != nil {
								c.info.Uses[l.(*ast.Ident)] = o
							}
						}
						body = append(body, d.stmt)
					}
					if d.more != nil {
						body = append(body, d.more)
					}
					continue
				}
			}
			if b.last != nil && i == b.lastAt && c.shows {
				st = c.body.Body.List[len(c.body.Body.List)-1]
			}
			body = append(body, st)
		}
		c.body.Body = &ast.BlockStmt{List: body}
		c.info.InitOrder = nil
		decls := c.file.Decls[:0:0]
		for _, d := range c.file.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR && byDecl[g.Specs[0]] != nil {
				vs := g.Specs[0].(*ast.ValueSpec)
				d = &ast.GenDecl{TokPos: g.TokPos, Tok: token.VAR, Specs: []ast.Spec{&ast.ValueSpec{Names: vs.Names, Type: vs.Type}}}
			}
			decls = append(decls, d)
		}
		c.file = &ast.File{Name: c.file.Name, Package: c.file.Package, Decls: decls}
	}
	for _, d := range b.decls {
		for _, id := range d.names {
			if v, ok := c.info.Defs[id].(*types.Var); ok && !hidden(id.Name) {
				d.vars = append(d.vars, v)
			}
		}
	}
	if b.pure {
		for _, g := range b.types {
			for _, sp := range g.(*ast.GenDecl).Specs {
				if vs, ok := sp.(*ast.ValueSpec); ok {
					d := &declared{zero: len(vs.Values) == 0}
					for _, id := range vs.Names {
						if v, ok := c.info.Defs[id].(*types.Var); ok {
							d.vars = append(d.vars, v)
						}
					}
					c.decls = append(c.decls, d)
				}
			}
		}
	}
	rangeWithoutLoad(c)
	c.decls = append(c.decls, b.decls...)
	c.usedBy = map[*types.Func]map[types.Object]bool{}
	for _, f := range b.p.funcs {
		o, ok := c.info.Defs[f.Name].(*types.Func)
		if !ok || f.Body == nil {
			continue
		}
		set := map[types.Object]bool{}
		ast.Inspect(f, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if u := c.info.Uses[id]; u != nil {
					set[u] = true
				}
			}
			return true
		})
		c.usedBy[o] = set
	}
}

// rangeWithoutLoad ranges over a pointer to an array where a loop ranges over
// what it points to without reading it: the language does not evaluate that.
func rangeWithoutLoad(c *Checked) {
	ast.Inspect(c.file, func(n ast.Node) bool {
		r, ok := n.(*ast.RangeStmt)
		if !ok || r.Value != nil && !isBlank(r.Value) {
			return true
		}
		star, ok := ast.Unparen(r.X).(*ast.StarExpr)
		if !ok {
			return true
		}
		if _, ok := c.info.TypeOf(star).Underlying().(*types.Array); !ok {
			return true
		}
		evaluated := false
		ast.Inspect(star.X, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				evaluated = true
			case *ast.UnaryExpr:
				evaluated = evaluated || n.Op == token.ARROW
			}
			return true
		})
		if !evaluated {
			r.X = star.X
		}
		return true
	})
}

func isBlank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}
