package session

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// collect sorts the statements of the cell into declarations and what runs.
func (b *builder) collect() {
	b.pure = true
	for _, r := range b.p.runs {
		for _, st := range r.list {
			switch st := st.(type) {
			case *ast.DeclStmt, *ast.EmptyStmt:
			default:
				_ = st
				b.pure = false
			}
		}
	}
	seen := map[string]token.Pos{} // variables declared so far
	b.old = map[string]bool{}
	all := map[string]bool{}
	for _, r := range b.p.runs {
		for _, st := range r.list {
			for _, id := range declaredBy(st) {
				all[id.Name] = true
			}
		}
	}
	for ri, r := range b.p.runs {
		b.renameOld(ri, all)
		for _, st := range r.list {
			b.statement(st, seen)
		}
	}
	if n := len(b.stmts); n > 0 {
		if e, ok := b.stmts[n-1].(*ast.ExprStmt); ok {
			b.last, b.lastAt = e, n-1
		}
	}
	b.arrange = true
}

// declaredBy lists the variables that a statement at the top of a cell declares.
func declaredBy(st ast.Stmt) []*ast.Ident {
	var out []*ast.Ident
	switch st := st.(type) {
	case *ast.LabeledStmt:
		return declaredBy(st.Stmt)
	case *ast.AssignStmt:
		if st.Tok == token.DEFINE {
			for _, l := range st.Lhs {
				if id, ok := l.(*ast.Ident); ok && id.Name != "_" {
					out = append(out, id)
				}
			}
		}
	case *ast.DeclStmt:
		if g, ok := st.Decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
			for _, sp := range g.Specs {
				for _, id := range sp.(*ast.ValueSpec).Names {
					if id.Name != "_" {
						out = append(out, id)
					}
				}
			}
		}
	}
	return out
}

// renameOld gives another name to what is used before the cell declares it: it
// means what earlier cells declared.
func (b *builder) renameOld(ri int, all map[string]bool) {
	r := b.p.runs[ri]
	earlier := map[string]bool{}
	for _, q := range b.p.runs[:ri] {
		for _, st := range q.list {
			for _, id := range declaredBy(st) {
				earlier[id.Name] = true
			}
		}
	}
	for id := range r.unresolved {
		if !all[id.Name] || earlier[id.Name] || strings.HasSuffix(id.Name, oldMark) {
			continue
		}
		if b.pure && !b.ownInitializer(r, id) {
			continue
		}
		b.old[id.Name] = true
		id.Name += oldMark
	}
}

// ownInitializer reports whether id is used in the value of the variable of its
// name.
func (b *builder) ownInitializer(r *run, id *ast.Ident) bool {
	for _, st := range r.list {
		if id.Pos() < st.Pos() || id.Pos() >= st.End() {
			continue
		}
		for _, sp := range st.(*ast.DeclStmt).Decl.(*ast.GenDecl).Specs {
			if vs, ok := sp.(*ast.ValueSpec); ok && id.Pos() >= sp.Pos() && id.Pos() < sp.End() {
				for _, n := range vs.Names {
					if n.Name == id.Name {
						return b.s.names[id.Name] != nil
					}
				}
			}
		}
	}
	return false
}

// statement places one statement of the cell.
func (b *builder) statement(st ast.Stmt, seen map[string]token.Pos) {
	switch st := st.(type) {
	case *ast.EmptyStmt:
		return
	case *ast.LabeledStmt:
		if len(declaredBy(st.Stmt)) > 0 {
			inner := st.Stmt
			st.Stmt = &ast.EmptyStmt{Semicolon: st.Colon, Implicit: true}
			b.stmts = append(b.stmts, st)
			b.statement(inner, seen)
			return
		}
	case *ast.AssignStmt:
		if st.Tok == token.DEFINE {
			b.define(st, seen)
			return
		}
	case *ast.DeclStmt:
		g, ok := st.Decl.(*ast.GenDecl)
		if !ok {
			break
		}
		if g.Tok != token.VAR || b.pure {
			b.types = append(b.types, g)
			return
		}
		for _, sp := range g.Specs {
			vs := sp.(*ast.ValueSpec)
			d := &declared{names: vs.Names, end: vs.End(), zero: len(vs.Values) == 0}
			d.spec = vs
			for _, id := range vs.Names {
				b.declare(id, seen)
			}
			if !d.zero {
				d.stmt = assign(vs.Names, vs.Values, vs.Pos())
			}
			b.decls = append(b.decls, d)
			b.stmts = append(b.stmts, &ast.DeclStmt{Decl: &ast.GenDecl{TokPos: vs.Pos(), Tok: token.VAR, Specs: []ast.Spec{vs}}})
		}
		return
	}
	b.stmts = append(b.stmts, st)
}

func (b *builder) declare(id *ast.Ident, seen map[string]token.Pos) {
	if id.Name == "_" {
		return
	}
	if p, ok := seen[id.Name]; ok {
		b.errorf(id.Pos(), "%s redeclared in this block\n\t%s: other declaration of %s", id.Name, b.s.Fset.Position(p), id.Name)
	}
	seen[id.Name] = id.Pos()
}

func assign(names []*ast.Ident, values []ast.Expr, pos token.Pos) ast.Stmt {
	a := &ast.AssignStmt{TokPos: pos, Tok: token.ASSIGN, Rhs: values}
	for _, n := range names {
		a.Lhs = append(a.Lhs, use(n))
	}
	return a
}

// use returns a use of a declared name.
func use(id *ast.Ident) *ast.Ident { return &ast.Ident{NamePos: id.NamePos, Name: id.Name} }

// define places a := statement: as the declaration of the new variables on its
// left, and an assignment to the others.
func (b *builder) define(st *ast.AssignStmt, seen map[string]token.Pos) {
	d := &declared{end: st.End()}
	d.spec = &ast.ValueSpec{Values: st.Rhs}
	more := &ast.AssignStmt{TokPos: st.TokPos, Tok: token.ASSIGN}
	fresh := 0
	for i, l := range st.Lhs {
		id, ok := l.(*ast.Ident)
		if !ok {
			b.errorf(l.Pos(), "non-name %s on left side of :=", types.ExprString(l))
			return
		}
		n := id
		if _, old := seen[id.Name]; old && id.Name != "_" {
			n = &ast.Ident{NamePos: id.NamePos, Name: "t·" + strconv.Itoa(len(b.decls)) + "·" + strconv.Itoa(i)}
			more.Lhs = append(more.Lhs, use(id))
			more.Rhs = append(more.Rhs, use(n))
		} else if id.Name != "_" {
			seen[id.Name] = id.Pos()
			fresh++
		}
		d.spec.Names = append(d.spec.Names, n)
	}
	if fresh == 0 {
		b.errorf(st.TokPos, "no new variables on left side of :=")
		return
	}
	d.names = d.spec.Names
	d.stmt = assign(d.names, st.Rhs, st.TokPos)
	if len(more.Lhs) > 0 {
		d.more = more
	}
	b.decls = append(b.decls, d)
	b.stmts = append(b.stmts, &ast.DeclStmt{Decl: &ast.GenDecl{TokPos: st.Pos(), Tok: token.VAR, Specs: []ast.Spec{d.spec}}})
}
