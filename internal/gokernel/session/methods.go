package session

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"unsafe"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/types/typeutil"
)

// Methods that a cell declares for a type of an earlier cell. go/types has none
// such: the method is checked as a function whose first parameter is the
// receiver, and its name is added to the type.

// lateMethod is such a method.
type lateMethod struct {
	decl  *ast.FuncDecl
	named *types.Named
	fn    string      // the name of the function
	obj   *types.Func // the method
	again bool        // it replaces one of the same signature
	known bool        // the run-time type exists
}

// methodsOffset is where types.Named keeps the methods declared for it.
var methodsOffset = func() uintptr {
	f, ok := reflect.TypeFor[types.Named]().FieldByName("methods")
	if !ok || f.Type != reflect.TypeFor[[]*types.Func]() {
		return ^uintptr(0)
	}
	return f.Offset
}()

func methodsOf(n *types.Named) *[]*types.Func {
	return (*[]*types.Func)(unsafe.Add(unsafe.Pointer(n), methodsOffset))
}

// receiver returns the name of the type that a method is declared for.
func receiver(f *ast.FuncDecl) (name string, generic bool) {
	if f.Recv == nil || len(f.Recv.List) != 1 {
		return "", false
	}
	t := ast.Unparen(f.Recv.List[0].Type)
	if p, ok := t.(*ast.StarExpr); ok {
		t = ast.Unparen(p.X)
	}
	switch t := t.(type) {
	case *ast.Ident:
		return t.Name, false
	case *ast.IndexExpr:
		if id, ok := t.X.(*ast.Ident); ok {
			return id.Name, true
		}
	case *ast.IndexListExpr:
		if id, ok := t.X.(*ast.Ident); ok {
			return id.Name, true
		}
	}
	return "", false
}

// declaresType reports whether the cell declares a type of this name.
func (b *builder) declaresType(name string) bool {
	for _, d := range b.types {
		for _, sp := range d.(*ast.GenDecl).Specs {
			if ts, ok := sp.(*ast.TypeSpec); ok && ts.Name.Name == name {
				return true
			}
		}
	}
	return false
}

// lateMethods takes the methods of earlier cells' types out of the cell's
// functions.
func (b *builder) lateMethods() (late []*lateMethod, rest []*ast.FuncDecl) {
	for _, f := range b.p.funcs {
		name, generic := receiver(f)
		tn, ok := b.s.names[name].(*types.TypeName)
		if name == "" || !ok || b.declaresType(name) || tn.Pkg() == nil || tn.Pkg().Path() != "main" {
			rest = append(rest, f)
			continue
		}
		named, ok := types.Unalias(tn.Type()).(*types.Named)
		if !ok || generic || named.TypeParams().Len() > 0 {
			if named != nil && named.TypeParams().Len() > 0 {
				b.errorf(f.Name.Pos(), "methods of the generic type %s must be declared in the cell that declares it", name)
				continue
			}
			rest = append(rest, f)
			continue
		}
		late = append(late, &lateMethod{decl: f, named: named, fn: name + "·" + f.Name.Name})
	}
	return late, rest
}

// asFunction returns the method as a function; without body, its signature.
func (m *lateMethod) asFunction(name string, body *ast.BlockStmt) *ast.FuncDecl {
	params := &ast.FieldList{List: append(append([]*ast.Field(nil), m.decl.Recv.List...), m.decl.Type.Params.List...)}
	if len(params.List) > 1 && len(m.decl.Recv.List[0].Names) == 0 != (len(m.decl.Type.Params.List[0].Names) == 0) {
		if len(m.decl.Recv.List[0].Names) == 0 {
			r := *m.decl.Recv.List[0]
			r.Names = []*ast.Ident{{NamePos: r.Pos(), Name: "_"}}
			params.List[0] = &r
		} else {
			for i, p := range params.List[1:] {
				q := *p
				q.Names = []*ast.Ident{{NamePos: p.Pos(), Name: "_"}}
				params.List[i+1] = &q
			}
		}
	}
	return &ast.FuncDecl{
		Name: &ast.Ident{NamePos: m.decl.Name.NamePos, Name: name},
		Type: &ast.FuncType{Func: m.decl.Type.Func, Params: params, Results: m.decl.Type.Results},
		Body: body,
	}
}

// signatures is the file that declares what the signatures of late methods need.
func (b *builder) signatures(late []*lateMethod) *ast.File {
	f := &ast.File{Name: ast.NewIdent("main"), Package: 1}
	for _, d := range b.types {
		if g := d.(*ast.GenDecl); g.Tok != token.VAR {
			f.Decls = append(f.Decls, d)
		}
	}
	for _, m := range late {
		f.Decls = append(f.Decls, m.asFunction(m.fn+"·", nil))
	}
	return f
}

// attach adds the late methods to their types, and returns what takes them off
// again.
func (b *builder) attach(pkg *types.Package, late []*lateMethod) (undo func(), errs []*Error) {
	saved := map[*types.Named][]*types.Func{}
	undo = func() {
		for n, list := range saved {
			*methodsOf(n) = list
		}
	}
	for _, m := range late {
		fn, ok := pkg.Scope().Lookup(m.fn + "·").(*types.Func)
		if !ok {
			continue
		}
		sig := fn.Signature()
		var params []*types.Var
		for i := 1; i < sig.Params().Len(); i++ {
			params = append(params, sig.Params().At(i))
		}
		name := m.decl.Name.Name
		recv := types.NewVar(m.decl.Recv.Pos(), pkg, "", sig.Params().At(0).Type())
		m.obj = types.NewFunc(m.decl.Name.Pos(), pkg, name, types.NewSignatureType(recv, nil, nil, types.NewTuple(params...), sig.Results(), sig.Variadic()))
		bad := func(format string, args ...any) {
			errs = append(errs, &Error{Pos: b.s.Fset.Position(m.decl.Name.Pos()), Msg: fmt.Sprintf(format, args...)})
		}
		typeName := m.named.Obj().Name()
		if types.IsInterface(m.named) {
			bad("invalid receiver type %s (pointer or interface type)", typeName)
			continue
		}
		if st, ok := m.named.Underlying().(*types.Struct); ok {
			for f := range st.Fields() {
				if f.Name() == name {
					bad("field and method with the same name %s", name)
				}
			}
		}
		list := *methodsOf(m.named)
		if _, ok := saved[m.named]; !ok {
			saved[m.named] = list
		}
		old := -1
		for i, f := range list {
			if f.Name() == name {
				old = i
			}
		}
		switch {
		case old < 0:
			*methodsOf(m.named) = append(append([]*types.Func(nil), list...), m.obj)
		case old >= len(saved[m.named]):
			bad("method %s.%s already declared", typeName, name)
		case types.Identical(withRecv(list[old]), withRecv(m.obj)):
			m.obj, m.again = list[old], true
		default:
			bad("%s.%s had another signature when %s was declared: declare %s anew in this cell, with its methods", typeName, name, typeName, typeName)
		}
	}
	return undo, errs
}

// withRecv is a method's signature with the receiver as first parameter.
func withRecv(f *types.Func) *types.Signature {
	s := f.Signature()
	params := []*types.Var{s.Recv()}
	for v := range s.Params().Variables() {
		params = append(params, v)
	}
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), s.Results(), s.Variadic())
}

// bodies calls f for the late methods of a cell with their code.
func (s *Session) bodies(c *Checked, f func(m *lateMethod, body *ssa.Function)) {
	for _, m := range c.late {
		if fn, ok := c.pkg.Scope().Lookup(m.fn).(*types.Func); ok {
			f(m, s.Prog.SSA.FuncValue(fn))
		}
	}
}

// replaceMethods gives new methods their code.
func (s *Session) replaceMethods(c *Checked) {
	fresh := false
	s.bodies(c, func(m *lateMethod, body *ssa.Function) {
		if !m.again {
			fresh = true
			s.Prog.Replace[m.obj] = body
		}
	})
	if fresh {
		s.Prog.SSA.MethodSets = typeutil.MethodSetCache{}
		s.Prog.ForgetMethodSets()
	}
}

// install makes the new code of methods what their names run, and completes the
// run-time types that have got methods.
func (s *Session) install(c *Checked) (notes []string) {
	fresh := false
	s.bodies(c, func(m *lateMethod, body *ssa.Function) {
		if !m.again {
			fresh = true
			if name := m.named.Obj().Name(); m.known {
				notes = append(notes, fmt.Sprintf("note: interface values have held a %s before it had %s; code that looked for the method then does not see it", name, m.decl.Name.Name))
			}
			return
		}
		old := s.Prog.Replace[m.obj]
		if old == nil {
			old = s.Prog.SSA.FuncValue(m.obj)
		}
		if old != nil {
			s.Prog.Redirect(old, body)
		}
	})
	if fresh {
		s.Prog.Types.Refresh()
	}
	return notes
}
