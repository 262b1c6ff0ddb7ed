package engine

import (
	"go/token"
	"go/types"
	"reflect"
)

// linkedTypes finds the run-time types of compiled packages.
type linkedTypes struct {
	prog  *Program
	found map[*types.TypeName]reflect.Type
	insts map[string]reflect.Type // instances of generic types, by full name
	seen  map[string]bool         // packages looked through
	pairs map[pair]bool
}

type pair struct {
	t  types.Type
	rt reflect.Type
}

// find returns the run-time type of a named type of a compiled package.
func (l *linkedTypes) find(t *types.Named) reflect.Type {
	obj := t.Obj()
	if obj.Pkg() == nil || obj.Pkg().Path() == "main" {
		return nil
	}
	generic := t.TypeArgs().Len() > 0
	pkg := l.prog.Link.Compiled(obj.Pkg().Path())
	if !generic && pkg != nil && obj.Parent() == obj.Pkg().Scope() {
		if rt, ok := pkg.Types[obj.Name()]; ok {
			return rt
		}
	}
	if l.found == nil {
		l.found = map[*types.TypeName]reflect.Type{}
		l.insts = map[string]reflect.Type{}
		l.seen = map[string]bool{}
		l.pairs = map[pair]bool{}
	}
	look := func() reflect.Type {
		if generic {
			return l.insts[types.TypeString(t, nil)]
		}
		return l.byName(obj)
	}
	if rt := look(); rt != nil {
		return rt
	}
	if pkg != nil && !l.seen[obj.Pkg().Path()] {
		l.seen[obj.Pkg().Path()] = true
		l.walkPackage(obj.Pkg(), pkg)
	}
	return look()
}

func (l *linkedTypes) byName(obj *types.TypeName) reflect.Type {
	if rt := l.found[obj]; rt != nil {
		return rt
	}
	for o, rt := range l.found { // the same type, seen through its source
		if o.Name() == obj.Name() && o.Pkg() != nil && o.Pkg().Path() == obj.Pkg().Path() && o.Parent() == o.Pkg().Scope() && obj.Parent() == obj.Pkg().Scope() {
			return rt
		}
	}
	return nil
}

// walkPackage notes the types that the exported declarations of a package are
// made of.
func (l *linkedTypes) walkPackage(tp *types.Package, pkg *Package) {
	scope := tp.Scope()
	for _, name := range scope.Names() {
		if !token.IsExported(name) {
			continue
		}
		switch o := scope.Lookup(name).(type) {
		case *types.Func, *types.Var:
			if v, ok := pkg.Binds[name]; ok {
				l.walk(o.Type(), v.Type())
			}
		case *types.TypeName:
			if rt, ok := pkg.Types[name]; ok {
				l.walk(o.Type(), rt)
			}
		}
	}
}

// walk goes through a type and its run-time type together.
func (l *linkedTypes) walk(t types.Type, rt reflect.Type) {
	t = types.Unalias(t)
	key := pair{t, rt}
	if l.pairs[key] {
		return
	}
	l.pairs[key] = true
	if n, ok := t.(*types.Named); ok {
		if rt.PkgPath() == "" && n.Obj().Pkg() != nil {
			return
		}
		if n.TypeArgs().Len() > 0 {
			l.insts[types.TypeString(n, nil)] = rt
		} else {
			l.found[n.Obj()] = rt
		}
		if !types.IsInterface(n) {
			for m := range n.Methods() {
				if !m.Exported() {
					continue
				}
				if rm, ok := reflect.PointerTo(rt).MethodByName(m.Name()); ok {
					l.signature(m.Type().(*types.Signature), rm.Type, 1)
				}
			}
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		if rt.Kind() == reflect.Pointer {
			l.walk(u.Elem(), rt.Elem())
		}
	case *types.Slice:
		if rt.Kind() == reflect.Slice {
			l.walk(u.Elem(), rt.Elem())
		}
	case *types.Array:
		if rt.Kind() == reflect.Array {
			l.walk(u.Elem(), rt.Elem())
		}
	case *types.Chan:
		if rt.Kind() == reflect.Chan {
			l.walk(u.Elem(), rt.Elem())
		}
	case *types.Map:
		if rt.Kind() == reflect.Map {
			l.walk(u.Key(), rt.Key())
			l.walk(u.Elem(), rt.Elem())
		}
	case *types.Struct:
		if rt.Kind() == reflect.Struct && rt.NumField() == u.NumFields() {
			for i := range u.NumFields() {
				l.walk(u.Field(i).Type(), rt.Field(i).Type)
			}
		}
	case *types.Signature:
		if rt.Kind() == reflect.Func {
			l.signature(u, rt, 0)
		}
	case *types.Interface:
		if rt.Kind() == reflect.Interface {
			for m := range u.Methods() {
				if rm, ok := rt.MethodByName(m.Name()); ok {
					l.signature(m.Type().(*types.Signature), rm.Type, 0)
				}
			}
		}
	}
}

func (l *linkedTypes) signature(s *types.Signature, rt reflect.Type, skip int) {
	if rt.NumIn() != s.Params().Len()+skip || rt.NumOut() != s.Results().Len() {
		return
	}
	for i := range s.Params().Len() {
		l.walk(s.Params().At(i).Type(), rt.In(i+skip))
	}
	for i := range s.Results().Len() {
		l.walk(s.Results().At(i).Type(), rt.Out(i))
	}
}
