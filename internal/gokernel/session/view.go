package session

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
)

// A View is what a cell that is being written would see: names of earlier
// cells and its own, as far as they can be made out.
type View struct {
	s     *Session
	pkg   *types.Package
	names map[string]types.Object
}

// View looks at a cell that is being written; the cursor is at byte pos.
func (s *Session) View(code string, pos int) *View {
	v := &View{s: s, names: map[string]types.Object{}}
	for n, o := range s.names {
		if !hidden(n) {
			v.names[n] = o
		}
	}
	start, end := strings.LastIndexByte(code[:pos], '\n')+1, len(code)
	if i := strings.IndexByte(code[pos:], '\n'); i >= 0 {
		end = pos + i
	}
	// The line under the cursor may be broken: once without it, once as it is.
	v.add(code[:start] + strings.Repeat(" ", end-start) + code[end:])
	v.add(code)
	v.pkg = types.NewPackage("main", "main")
	outer := types.NewScope(types.Universe, token.NoPos, token.NoPos, "view")
	for n, o := range v.names {
		if p, ok := o.(*types.PkgName); ok {
			o = types.NewPkgName(token.NoPos, v.pkg, n, p.Imported())
		}
		elems(outer)[n] = o
	}
	setParent(v.pkg.Scope(), outer)
	return v
}

// add adds the names that code declares.
func (v *View) add(code string) {
	defer func() { _ = recover() }() // half-written code may upset the checker
	toks, _ := scan("view", code)
	if len(toks) == 0 {
		return
	}
	parts, _ := split(toks, len(code))
	p := &parsed{}
	from := v.s.Fset.Base()
	defer func() { dropFiles(v.s.Fset, p.files) }() // names alone are asked for
	for _, pt := range parts {
		src := "package main;" + code[pt.start:pt.end]
		if pt.kind == statements {
			src = "package main;func _(){" + code[pt.start:pt.end] + "\n}"
		}
		f, _ := parser.ParseFile(v.s.Fset, "", src, parser.ParseComments)
		if f == nil {
			continue
		}
		p.imports = append(p.imports, f.Imports...)
		for _, d := range f.Decls {
			fd, ok := d.(*ast.FuncDecl)
			switch {
			case !ok:
			case pt.kind == statements && fd.Body != nil && fd.Name.Name == "_":
				r := &run{list: fd.Body.List, unresolved: map[*ast.Ident]bool{}}
				for _, id := range f.Unresolved {
					r.unresolved[id] = true
				}
				p.runs = append(p.runs, r)
			default:
				p.funcs = append(p.funcs, fd)
			}
		}
	}
	p.files = filesSince(v.s.Fset, from)
	b := &builder{s: v.s, name: "view", p: p}
	b.tolerant = true
	c, _ := b.check(false)
	if c == nil {
		return
	}
	for _, o := range c.imported {
		v.names[o.Name()] = o
	}
	for id, o := range c.info.Defs {
		if o == nil || id.Name == "_" || hidden(id.Name) || o.Type() == nil || o.Type() == types.Typ[types.Invalid] {
			continue
		}
		if x, ok := o.(*types.Var); ok && x.IsField() {
			continue
		}
		if f, ok := o.(*types.Func); ok && f.Signature().Recv() != nil {
			continue
		}
		if old := v.names[id.Name]; old != nil && old.Pkg() == c.pkg && old.Parent() == c.pkg.Scope() {
			continue
		}
		v.names[id.Name] = o
	}
}

// Names lists what can be written without a dot.
func (v *View) Names() map[string]types.Object { return v.names }

// Resolve finds out what the source of an operand denotes: a package, by its
// path, or a value or type.
func (v *View) Resolve(src string) (path string, t types.Type) {
	defer func() {
		if recover() != nil {
			path, t = "", nil
		}
	}()
	e, err := parser.ParseExpr(src)
	if err != nil {
		return "", nil
	}
	if id, ok := e.(*ast.Ident); ok {
		if p, ok := v.names[id.Name].(*types.PkgName); ok {
			return p.Imported().Path(), nil
		}
	}
	info := newInfo()
	if err := types.CheckExpr(v.s.Fset, v.pkg, token.NoPos, e, info); err != nil && info.Types[e].Type == nil {
		return "", nil
	}
	tv := info.Types[e]
	if tv.Type == nil || tv.Type == types.Typ[types.Invalid] {
		return "", nil
	}
	t = tv.Type
	if tup, ok := t.(*types.Tuple); ok && tup.Len() > 0 {
		t = tup.At(0).Type()
	}
	return "", types.Default(t)
}

// Member returns the field or method of t of this name.
func Member(t types.Type, name string) types.Object {
	o, _, _ := types.LookupFieldOrMethod(t, true, types.NewPackage("main", "main"), name)
	return o
}

// Members lists the fields and methods of t that a cell can name.
func Members(t types.Type) map[string]types.Object {
	out := map[string]types.Object{}
	addMembers(out, t, 0)
	return out
}

func addMembers(out map[string]types.Object, t types.Type, depth int) {
	if depth > 6 {
		return
	}
	own := func(o types.Object) bool { return o.Exported() || o.Pkg() != nil && o.Pkg().Path() == "main" }
	put := func(o types.Object) {
		if own(o) && out[o.Name()] == nil {
			out[o.Name()] = o
		}
	}
	t = types.Unalias(t)
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok {
		for m := range n.Methods() {
			put(m)
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Interface:
		for m := range u.Methods() {
			put(m)
		}
	case *types.Struct:
		for f := range u.Fields() {
			put(f)
		}
		for f := range u.Fields() {
			if f.Embedded() {
				addMembers(out, f.Type(), depth+1)
			}
		}
	}
}

// TypeString writes a type as it is written in a cell.
func TypeString(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p.Path() == "main" {
			return ""
		}
		return p.Name()
	})
}

// ObjectString describes an object as it is declared.
func ObjectString(o types.Object) string {
	s := types.ObjectString(o, func(p *types.Package) string {
		if p.Path() == "main" {
			return ""
		}
		return p.Name()
	})
	if c, ok := o.(*types.Const); ok && !strings.Contains(s, "=") {
		s += " = " + c.Val().String()
	}
	return s
}
