package bindings

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"go/types"
	"io"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/nngplab/nngplab/internal/gokernel/docindex"
)

// writeDocs writes the signatures and doc comments of pkgs, read from their
// sources, as a docindex archive.
func writeDocs(w io.Writer, pkgs []*packages.Package) error {
	out := docindex.NewWriter(w)
	for _, p := range pkgs {
		entries, err := documentation(p)
		if err != nil {
			return fmt.Errorf("documentation of %s: %w", p.PkgPath, err)
		}
		if err := out.Add(p.PkgPath, entries); err != nil {
			return err
		}
	}
	return out.Close()
}

// documentation returns the entries of one package, keyed by "" for the
// package, Name for its objects, Type.Member for methods and fields, promoted
// ones included.
func documentation(p *packages.Package) (docindex.Package, error) {
	d := &docReader{fset: token.NewFileSet(), out: docindex.Package{}, builtin: p.PkgPath == "builtin"}
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(d.fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		d.file(f)
	}
	if p.Types != nil {
		d.promoted(p.Types)
	}
	return d.out, nil
}

type docReader struct {
	fset    *token.FileSet
	out     docindex.Package
	builtin bool // package builtin, whose names are lower case
}

func (d *docReader) file(f *ast.File) {
	if f.Doc != nil {
		e := d.out[""]
		e.Sig = "package " + f.Name.Name
		if e.Doc != "" {
			e.Doc += "\n"
		}
		e.Doc += f.Doc.Text()
		d.out[""] = e
	}
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			d.function(decl)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					d.typeSpec(decl, spec)
				case *ast.ValueSpec:
					d.valueSpec(decl, spec)
				}
			}
		}
	}
}

func (d *docReader) function(fd *ast.FuncDecl) {
	if !fd.Name.IsExported() && !d.builtin {
		return
	}
	name := fd.Name.Name
	if fd.Recv != nil && len(fd.Recv.List) > 0 {
		name = receiver(fd.Recv.List[0].Type) + "." + name
	}
	sig := *fd
	sig.Body, sig.Doc = nil, nil
	d.out[name] = docindex.Entry{Sig: d.print(&sig), Doc: fd.Doc.Text()}
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.ParenExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return "?"
}

// typeSpec documents a type, exported or not (an exported method may be
// promoted from an unexported type), and its exported fields or methods.
func (d *docReader) typeSpec(decl *ast.GenDecl, s *ast.TypeSpec) {
	name := s.Name.Name
	doc := s.Doc.Text()
	if doc == "" {
		doc = decl.Doc.Text()
	}
	switch t := s.Type.(type) {
	case *ast.StructType:
		d.members(name, t.Fields)
	case *ast.InterfaceType:
		d.members(name, t.Methods)
	}
	if s.Name.IsExported() || d.builtin {
		c := *s
		c.Doc, c.Comment = nil, nil
		d.out[name] = docindex.Entry{Sig: d.print(&ast.GenDecl{Tok: token.TYPE, Specs: []ast.Spec{&c}}), Doc: doc}
	}
}

func (d *docReader) members(typ string, fields *ast.FieldList) {
	for _, f := range fields.List {
		doc := f.Doc.Text()
		if doc == "" {
			doc = f.Comment.Text()
		}
		for _, n := range f.Names {
			if !n.IsExported() {
				continue
			}
			sig := d.print(f.Type)
			if _, method := f.Type.(*ast.FuncType); method && strings.HasPrefix(sig, "func(") && f.Tag == nil && d.isInterface(f) {
				sig = "func (" + typ + ") " + n.Name + strings.TrimPrefix(sig, "func")
			} else {
				sig = "field " + n.Name + " " + sig
			}
			d.out[typ+"."+n.Name] = docindex.Entry{Sig: sig, Doc: doc}
		}
	}
}

// isInterface reports whether f is a method of an interface: there the name
// is directly followed by the parameters, without the keyword func.
func (d *docReader) isInterface(f *ast.Field) bool {
	ft, ok := f.Type.(*ast.FuncType)
	return ok && !ft.Func.IsValid()
}

func (d *docReader) valueSpec(decl *ast.GenDecl, s *ast.ValueSpec) {
	doc := s.Doc.Text()
	if doc == "" {
		doc = s.Comment.Text()
	}
	if doc == "" {
		doc = decl.Doc.Text()
	}
	for i, n := range s.Names {
		if !n.IsExported() && !d.builtin {
			continue
		}
		sig := decl.Tok.String() + " " + n.Name
		if s.Type != nil {
			sig += " " + d.print(s.Type)
		}
		if decl.Tok == token.CONST && len(s.Values) == len(s.Names) {
			if v := d.print(s.Values[i]); len(v) < 80 {
				sig += " = " + v
			}
		}
		d.out[n.Name] = docindex.Entry{Sig: sig, Doc: doc}
	}
}

const maxSignature = 3000 // bytes; some struct types print as pages

func (d *docReader) print(node any) string {
	var b bytes.Buffer
	if err := printer.Fprint(&b, d.fset, node); err != nil {
		return ""
	}
	s := b.String()
	if len(s) > maxSignature {
		s = strings.ToValidUTF8(s[:maxSignature], "") + "\n..."
	}
	return s
}

// promoted adds, for members that a type has from an embedded field, an entry
// that refers to where they are declared.
func (d *docReader) promoted(pkg *types.Package) {
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || !tn.Exported() {
			continue
		}
		if a, ok := tn.Type().(*types.Alias); ok {
			if n, ok := types.Unalias(a).(*types.Named); ok && n.Obj().Pkg() != nil {
				e := d.out[name]
				e.Ref = n.Obj().Pkg().Path() + ":" + n.Obj().Name()
				d.out[name] = e
			}
			continue
		}
		named, ok := tn.Type().(*types.Named)
		if !ok {
			continue
		}
		ms := types.NewMethodSet(types.NewPointer(named))
		if types.IsInterface(named) {
			ms = types.NewMethodSet(named)
		}
		for i := 0; i < ms.Len(); i++ {
			d.refer(name, ms.At(i).Obj())
		}
		d.promotedFields(name, named, 0)
	}
}

func (d *docReader) refer(typ string, o types.Object) {
	f, ok := o.(*types.Func)
	if !ok || !f.Exported() || f.Pkg() == nil {
		return
	}
	key := typ + "." + f.Name()
	if _, ok := d.out[key]; ok {
		return
	}
	recv := f.Type().(*types.Signature).Recv()
	if recv == nil {
		return
	}
	t := recv.Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		d.out[key] = docindex.Entry{Ref: f.Pkg().Path() + ":" + n.Obj().Name() + "." + f.Name()}
	}
}

func (d *docReader) promotedFields(typ string, named *types.Named, depth int) {
	st, ok := named.Underlying().(*types.Struct)
	if !ok || depth > 4 {
		return
	}
	for i := 0; i < st.NumFields(); i++ {
		f := st.Field(i)
		if depth > 0 && f.Exported() {
			key := typ + "." + f.Name()
			if _, ok := d.out[key]; !ok && named.Obj().Pkg() != nil {
				d.out[key] = docindex.Entry{Ref: named.Obj().Pkg().Path() + ":" + named.Obj().Name() + "." + f.Name()}
			}
		}
		if !f.Embedded() {
			continue
		}
		t := f.Type()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		if n, ok := types.Unalias(t).(*types.Named); ok {
			d.promotedFields(typ, n, depth+1)
		}
	}
}
