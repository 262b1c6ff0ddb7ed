package session

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// Checked is a cell that has been found valid.
type Checked struct {
	name     string
	pkg      *types.Package
	info     *types.Info
	file     *ast.File // as it is translated
	ssa      *ssa.Package
	body     *ast.FuncDecl // its statements
	bodyObj  types.Object
	last     ast.Expr // the last statement, if it is an expression
	shows    bool     // it has a value
	decls    []*declared
	imported []*types.PkgName
	usesOld  map[string]bool
	usedBy   map[*types.Func]map[types.Object]bool
	late     []*lateMethod
	texts    map[types.Object]*typeText
	undo     func() // takes the late methods off their types
	atStart  []func()
}

// declared is one statement that declares variables of the cell.
type declared struct {
	names []*ast.Ident
	spec  *ast.ValueSpec // as it is checked
	stmt  ast.Stmt       // as it runs
	more  ast.Stmt       // assigns those that had been declared before
	vars  []*types.Var
	end   token.Pos
	zero  bool // without values
}

// Check checks a cell against what earlier ones declared. Nothing is changed.
func (s *Session) Check(name, code string) (*Checked, []*Error) {
	toks, serr := scan(name, code)
	if serr != nil && len(toks) == 0 {
		return nil, []*Error{serr}
	}
	parts, _ := split(toks, len(code))
	p, perr := parse(s.Fset, name, code, parts)
	if perr != nil {
		if serr != nil && before(serr.Pos, perr.Pos) {
			perr = serr
		}
		return nil, []*Error{perr}
	}
	if serr != nil {
		return nil, []*Error{serr}
	}
	s.cells++
	b := &builder{s: s, name: name, p: p, serial: s.cells}
	b.collect()
	if len(b.errs) > 0 {
		return nil, b.errs
	}
	whole := b.types
	b.reuseTypes()
	c, errs := b.checkShown()
	if errs != nil && len(b.types) != len(whole) {
		b.types = whole // a method has changed: the types are new ones
		c, errs = b.checkShown()
	}
	return c, errs
}

// checkShown checks the cell with its last expression as a value if it has one.
func (b *builder) checkShown() (*Checked, []*Error) {
	show := true
	for {
		c, errs := b.check(show)
		switch {
		case len(b.toKey) > 0:
			for lit, st := range b.toKey {
				nameFields(lit, st)
			}
			b.toKey = nil
		case errs != nil && show && b.void(errs):
			show = false
		default:
			return c, errs
		}
	}
}

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

func before(a, b token.Position) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Column <= b.Column
}

// builder makes a package of a cell.
type builder struct {
	s      *Session
	name   string
	p      *parsed
	serial int

	decls   []*declared
	types   []ast.Decl // types, constants, and variables of cells without statements
	stmts   []ast.Stmt // what runs, in order
	pure    bool       // declarations only
	last    *ast.ExprStmt
	lastAt  int
	old     map[string]bool
	errs    []*Error
	arrange bool

	toKey    map[*ast.CompositeLit]*types.Struct // literals whose fields must be named
	tolerant bool                                // of errors: for a cell that is being written
}

// void reports whether the errors are that the last expression has no value.
func (b *builder) void(errs []*Error) bool {
	if b.last == nil {
		return false
	}
	for _, e := range errs {
		if !strings.Contains(e.Msg, "(no value) used as value") || !b.inLast(e.Pos) {
			return false
		}
	}
	return true
}

func (b *builder) inLast(p token.Position) bool {
	from, to := b.s.Fset.Position(b.last.Pos()), b.s.Fset.Position(b.last.End())
	return before(from, p) && before(p, to)
}

func (b *builder) errorf(pos token.Pos, format string, args ...any) {
	b.errs = append(b.errs, &Error{Pos: b.s.Fset.Position(pos), Msg: fmt.Sprintf(format, args...)})
}

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

// check type-checks the cell; with show, its last expression is taken for a
// value.
func (b *builder) check(show bool) (*Checked, []*Error) {
	if !b.arrange {
		b.collect()
	}
	b.errs = nil
	late, funcs := b.lateMethods()
	if len(b.errs) > 0 && !b.tolerant {
		return nil, b.errs
	}
	pkg := types.NewPackage("main", "main")
	c := &Checked{name: b.name, pkg: pkg, usesOld: b.old, late: late, texts: map[types.Object]*typeText{}, undo: func() {}}
	outer := types.NewScope(types.Universe, token.NoPos, token.NoPos, "earlier cells")
	for name, o := range b.s.names {
		if pn, ok := o.(*types.PkgName); ok {
			o = types.NewPkgName(token.NoPos, pkg, name, pn.Imported())
		}
		outer.Insert(o)
	}
	if errs := b.addImports(c, outer); errs != nil && !b.tolerant {
		return nil, errs
	}
	for name := range b.old {
		if o := outer.Lookup(name); o != nil {
			elems(outer)[name+oldMark] = o
		} else if o := types.Universe.Lookup(name); o != nil {
			elems(outer)[name+oldMark] = o
		}
	}
	setParent(pkg.Scope(), outer)

	file := &ast.File{Name: ast.NewIdent("main"), Package: 1}
	file.Decls = append(file.Decls, b.types...)
	for _, f := range funcs {
		file.Decls = append(file.Decls, f)
	}
	for _, m := range late {
		file.Decls = append(file.Decls, m.asFunction(m.fn, m.decl.Body))
	}
	var body []ast.Stmt
	byDecl := map[ast.Spec]*declared{}
	for _, d := range b.decls {
		byDecl[d.spec] = d
	}
	for i, st := range b.stmts {
		if ds, ok := st.(*ast.DeclStmt); ok {
			if d := byDecl[ds.Decl.(*ast.GenDecl).Specs[0]]; d != nil {
				file.Decls = append(file.Decls, &ast.GenDecl{TokPos: d.spec.Pos(), Tok: token.VAR, Specs: []ast.Spec{d.spec}})
				if d.more != nil {
					body = append(body, d.more)
				}
				continue
			}
		}
		if b.last != nil && i == b.lastAt {
			c.last = b.last.X
			if show {
				st = showStmt(b.last.X)
				c.shows = true
			}
		}
		body = append(body, st)
	}
	if len(b.stmts) > 0 {
		c.body = &ast.FuncDecl{
			Name: ast.NewIdent("cell·" + strconv.Itoa(b.serial)),
			Type: &ast.FuncType{Params: &ast.FieldList{}},
			Body: &ast.BlockStmt{List: body},
		}
		file.Decls = append(file.Decls, c.body)
	}
	c.file = file
	c.info = &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Instances: map[*ast.Ident]types.Instance{}, Scopes: map[ast.Node]*types.Scope{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, FileVersions: map[*ast.File]string{},
	}
	if c.shows {
		outer.Insert(showFunc)
	}
	var errs []*Error
	conf := types.Config{
		Importer: b.s.imports,
		Sizes:    types.SizesFor("gc", goarch),
		Error: func(err error) {
			te, ok := err.(types.Error)
			if !ok {
				errs = append(errs, &Error{Pos: token.Position{Filename: b.name}, Msg: err.Error()})
				return
			}
			errs = append(errs, &Error{Pos: b.s.Fset.Position(te.Pos), Msg: clean(te.Msg)})
		},
	}
	func() {
		defer func() {
			if v := recover(); v != nil {
				errs = append(errs, &Error{Pos: token.Position{Filename: b.name, Line: 1, Column: 1}, Msg: fmt.Sprintf("the checker failed: %v", v)})
			}
		}()
		checker := types.NewChecker(&conf, b.s.Fset, pkg, c.info)
		checked := file
		if len(late) > 0 && !b.tolerant {
			// Types first, and the methods' signatures; then what may use them.
			first := b.signatures(late)
			checker.Files([]*ast.File{first})
			if len(errs) == 0 {
				c.undo, errs = b.attach(pkg, late)
			}
			if len(errs) > 0 {
				return
			}
			done := map[ast.Decl]bool{}
			for _, d := range first.Decls {
				done[d] = true
			}
			checked = &ast.File{Name: file.Name, Package: file.Package}
			for _, d := range file.Decls {
				if !done[d] {
					checked.Decls = append(checked.Decls, d)
				}
			}
		}
		checker.Files([]*ast.File{checked})
	}()
	if b.tolerant {
		return c, nil
	}
	for _, e := range errs {
		if strings.HasPrefix(e.Msg, "implicit assignment to unexported field") && b.toKey == nil {
			b.unnamedFields(c)
		}
	}
	if len(errs) == 0 {
		errs = b.s.staleUses(c.info)
	}
	if len(errs) > 0 {
		c.undo()
		b.s.twoTypes(errs)
		return nil, tidy(errs)
	}
	b.finish(c, byDecl)
	b.s.describeTypes(c, b)
	return c, nil
}

// tidy sorts errors and joins those that continue another ("\tother ...").
func tidy(errs []*Error) []*Error {
	var out []*Error
	for _, e := range errs {
		if strings.HasPrefix(e.Msg, "\t") && len(out) > 0 {
			out[len(out)-1].Msg += "\n" + e.Msg
			continue
		}
		out = append(out, e)
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i].Pos, out[j].Pos
		return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
	})
	return out
}

func showStmt(x ast.Expr) ast.Stmt {
	return &ast.ExprStmt{X: &ast.CallExpr{Fun: &ast.Ident{NamePos: x.Pos(), Name: showName}, Lparen: x.Pos(), Args: []ast.Expr{x}, Rparen: x.End()}}
}

// addImports adds the cell's imports to what it sees.
func (b *builder) addImports(c *Checked, outer *types.Scope) []*Error {
	var errs []*Error
	for _, is := range b.p.imports {
		path, err := strconv.Unquote(is.Path.Value)
		if err != nil {
			continue
		}
		if path != "unsafe" && b.s.lib.Compiled(path) == nil {
			errs = append(errs, &Error{Pos: b.s.Fset.Position(is.Path.Pos()), Msg: b.s.Missing(path), Import: true})
			continue
		}
		p, err := b.s.imports.Import(path)
		if err != nil {
			errs = append(errs, &Error{Pos: b.s.Fset.Position(is.Path.Pos()), Msg: err.Error()})
			continue
		}
		name := p.Name()
		if is.Name != nil {
			name = is.Name.Name
		}
		switch name {
		case "_":
		case ".":
			for _, n := range p.Scope().Names() {
				if o := p.Scope().Lookup(n); o.Exported() {
					elems(outer)[n] = o
				}
			}
		default:
			pn := types.NewPkgName(is.Pos(), c.pkg, name, p)
			elems(outer)[name] = pn
			c.imported = append(c.imported, pn)
		}
	}
	return errs
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
