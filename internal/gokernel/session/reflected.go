package session

import (
	"go/token"
	"go/types"
	"reflect"
	"sort"

	"github.com/nngplab/nngplab/internal/gokernel/engine"
)

// AddPackage makes a package importable that exists only at run time: its
// declarations are read off its values and types.
func (s *Session) AddPackage(path string, p *engine.Package) *types.Package {
	r := &reflected{s: s, pkg: types.NewPackage(path, p.Name), p: p, named: map[reflect.Type]types.Type{}}
	names := make([]string, 0, len(p.Types))
	for n := range p.Types {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		rt := p.Types[n]
		if rt.Name() == "" || rt.PkgPath() == "" {
			continue
		}
		r.named[rt] = types.NewNamed(types.NewTypeName(token.NoPos, r.pkg, n, nil), nil, nil)
	}
	for _, n := range names {
		rt := p.Types[n]
		if t, ok := r.named[rt].(*types.Named); ok {
			r.define(t, rt)
			r.pkg.Scope().Insert(t.Obj())
		} else {
			r.pkg.Scope().Insert(types.NewTypeName(token.NoPos, r.pkg, n, r.typ(rt)))
		}
	}
	for n, v := range p.Binds {
		switch {
		case v.Kind() == reflect.Func && !v.CanAddr():
			if sig, ok := r.typ(v.Type()).(*types.Signature); ok {
				r.pkg.Scope().Insert(types.NewFunc(token.NoPos, r.pkg, n, sig))
			}
		case v.CanAddr():
			r.pkg.Scope().Insert(types.NewVar(token.NoPos, r.pkg, n, r.typ(v.Type())))
		default: // a constant, as a variable
			place := reflect.New(v.Type()).Elem()
			place.Set(v)
			p.Binds[n] = place
			r.pkg.Scope().Insert(types.NewVar(token.NoPos, r.pkg, n, r.typ(v.Type())))
		}
	}
	r.pkg.MarkComplete()
	if s.reflected == nil {
		s.reflected = map[*types.Package]*reflected{}
	}
	s.reflected[r.pkg] = r
	s.imports.pkgs[path] = r.pkg
	return r.pkg
}

// PredeclareImport makes a package known to every cell under a name.
func (s *Session) PredeclareImport(name, path string) error {
	p, err := s.imports.Import(path)
	if err != nil {
		return err
	}
	s.names[name] = types.NewPkgName(token.NoPos, p, name, p)
	return nil
}

// TypeFor returns the type of a value as cells know it.
func (s *Session) TypeFor(rt reflect.Type) types.Type {
	r := &reflected{s: s, named: map[reflect.Type]types.Type{}}
	return r.typ(rt)
}

// PredeclareVar makes a variable known to every cell; place is addressable.
func (s *Session) PredeclareVar(name string, place reflect.Value, t types.Type) {
	if t == nil {
		t = s.TypeFor(place.Type())
	}
	s.Declare(name, t, place.Addr().UnsafePointer())
}

type reflected struct {
	s     *Session
	pkg   *types.Package
	p     *engine.Package
	named map[reflect.Type]types.Type
}

func (r *reflected) define(t *types.Named, rt reflect.Type) {
	t.SetUnderlying(r.under(rt))
	if rt.Kind() == reflect.Interface {
		return
	}
	for i := range rt.NumMethod() {
		m := rt.Method(i)
		ft := r.signature(m.Type, 1)
		recv := types.NewVar(token.NoPos, r.pkg, "", t)
		sig := types.NewSignatureType(recv, nil, nil, ft.Params(), ft.Results(), ft.Variadic())
		t.AddMethod(types.NewFunc(token.NoPos, r.pkg, m.Name, sig))
	}
}

// typ returns the type for rt.
func (r *reflected) typ(rt reflect.Type) types.Type {
	if t := r.named[rt]; t != nil {
		return t
	}
	if rt == reflect.TypeFor[error]() {
		return types.Universe.Lookup("error").Type()
	}
	if rt.Name() != "" && rt.PkgPath() != "" {
		if p, err := r.s.imports.Import(rt.PkgPath()); err == nil {
			if o := p.Scope().Lookup(rt.Name()); o != nil {
				return o.Type()
			}
		}
	}
	return r.under(rt)
}

func (r *reflected) under(rt reflect.Type) types.Type {
	switch rt.Kind() {
	case reflect.Pointer:
		return types.NewPointer(r.typ(rt.Elem()))
	case reflect.Slice:
		return types.NewSlice(r.typ(rt.Elem()))
	case reflect.Array:
		return types.NewArray(r.typ(rt.Elem()), int64(rt.Len()))
	case reflect.Map:
		return types.NewMap(r.typ(rt.Key()), r.typ(rt.Elem()))
	case reflect.Chan:
		dir := types.SendRecv
		if rt.ChanDir() == reflect.RecvDir {
			dir = types.RecvOnly
		} else if rt.ChanDir() == reflect.SendDir {
			dir = types.SendOnly
		}
		return types.NewChan(dir, r.typ(rt.Elem()))
	case reflect.Func:
		return r.signature(rt, 0)
	case reflect.Struct:
		var fields []*types.Var
		var tags []string
		for i := range rt.NumField() {
			f := rt.Field(i)
			fields = append(fields, types.NewField(token.NoPos, r.pkg, f.Name, r.typ(f.Type), f.Anonymous))
			tags = append(tags, string(f.Tag))
		}
		return types.NewStruct(fields, tags)
	case reflect.Interface:
		var ms []*types.Func
		for i := range rt.NumMethod() {
			m := rt.Method(i)
			ms = append(ms, types.NewFunc(token.NoPos, r.pkg, m.Name, r.signature(m.Type, 0)))
		}
		return types.NewInterfaceType(ms, nil).Complete()
	}
	return types.Universe.Lookup(rt.Kind().String()).Type()
}

func (r *reflected) signature(rt reflect.Type, skip int) *types.Signature {
	var in, out []*types.Var
	for i := skip; i < rt.NumIn(); i++ {
		in = append(in, types.NewVar(token.NoPos, r.pkg, "", r.typ(rt.In(i))))
	}
	for i := range rt.NumOut() {
		out = append(out, types.NewVar(token.NoPos, r.pkg, "", r.typ(rt.Out(i))))
	}
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(in...), types.NewTuple(out...), rt.IsVariadic())
}

// AliasPackage makes the package at path importable under another path, too.
func (s *Session) AliasPackage(alias, path string) { s.imports.pkgs[alias] = s.imports.pkgs[path] }

// TypeIn returns the type for rt, with the named types of a package that
// AddPackage has made.
func (s *Session) TypeIn(p *types.Package, rt reflect.Type) types.Type {
	return s.reflected[p].typ(rt)
}
