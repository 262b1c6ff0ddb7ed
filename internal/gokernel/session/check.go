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
	files    []*token.File
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
func (s *Session) Check(name, code string) (c *Checked, errs []*Error) {
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
	defer func() {
		if c == nil {
			dropFiles(s.Fset, p.files)
		}
	}()
	if serr == nil {
		serr = embeds(name, code, p.imports)
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
	c, errs = b.checkShown()
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
		case errs != nil && b.mustOfAny(errs):
		case errs != nil && show && b.void(errs):
			show = false
		default:
			return c, errs
		}
	}
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
	c := &Checked{name: b.name, pkg: pkg, files: b.p.files, usesOld: b.old, late: late, texts: map[types.Object]*typeText{}, undo: func() {}}
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
			errs = append(errs, &Error{Pos: b.s.Fset.Position(te.Pos), Msg: b.worded(te.Msg)})
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
			_ = checker.Files([]*ast.File{first}) // its errors are in errs
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
		_ = checker.Files([]*ast.File{checked})
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
		errs = tidy(b.limits(c, conf.Sizes))
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
	// Nothing looks names up from here any more, and the names of earlier cells
	// would hold those cells, which hold earlier ones.
	setParent(pkg.Scope(), types.Universe)
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
		case "init":
			errs = append(errs, &Error{Pos: b.s.Fset.Position(is.Pos()), Msg: "cannot import package as init - init must be a func"})
		case "_":
		case ".":
			for _, n := range p.Scope().Names() {
				if o := p.Scope().Lookup(n); o.Exported() {
					elems(outer)[n] = o
				}
			}
		default:
			for _, other := range c.imported {
				if other.Name() == name && other.Imported() != p {
					errs = append(errs, &Error{Pos: b.s.Fset.Position(is.Pos()), Msg: fmt.Sprintf("%s redeclared in this block\n\t%s: other declaration of %s", name, b.s.Fset.Position(other.Pos()), name)})
				}
			}
			pn := types.NewPkgName(is.Pos(), c.pkg, name, p)
			elems(outer)[name] = pn
			c.imported = append(c.imported, pn)
		}
	}
	return errs
}
