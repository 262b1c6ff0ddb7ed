package session

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"sort"

	"golang.org/x/tools/go/ssa"
)

// generics instantiates generic functions of compiled packages from their
// source: no compiled code has the instances that cells ask for.
type generics struct {
	s    *Session
	pkgs map[string]*ssa.Package
	made map[*ssa.Function]*ssa.Function
}

// instance returns fn, an instance without a body, made from source; nil where
// there is none.
func (g *generics) instance(fn *ssa.Function) *ssa.Function {
	made, ok := g.made[fn]
	if !ok {
		made = g.make(fn)
		g.made[fn] = made
	}
	return made
}

func (g *generics) make(fn *ssa.Function) *ssa.Function {
	origin := fn.Origin()
	if origin == nil {
		return nil
	}
	obj, ok := origin.Object().(*types.Func)
	if !ok || obj.Pkg() == nil {
		return nil
	}
	p := g.load(obj.Pkg().Path())
	if p == nil {
		return nil
	}
	if recv := obj.Signature().Recv(); recv != nil {
		return g.method(p, obj, recv, fn.TypeArgs())
	}
	if p.Pkg.Scope().Lookup(obj.Name()) == nil {
		return nil
	}
	return g.function(p, obj.Name(), fn.TypeArgs())
}

// load translates a package's source.
func (g *generics) load(path string) *ssa.Package {
	if p, ok := g.pkgs[path]; ok {
		return p
	}
	files := g.s.lib.Source(path)
	if o := replaced[path]; o != "" {
		files = map[string][]byte{path + ".go": []byte(o)}
	}
	g.pkgs[path] = nil
	if len(files) == 0 {
		return nil
	}
	names := make([]string, 0, len(files))
	for n := range files {
		names = append(names, n)
	}
	sort.Strings(names)
	var syntax []*ast.File
	for _, n := range names {
		f, err := parser.ParseFile(g.s.Fset, n, files[n], parser.SkipObjectResolution)
		if err != nil {
			return nil
		}
		syntax = append(syntax, f)
	}
	info := newInfo()
	bad := 0
	conf := types.Config{Importer: g.s.imports, Sizes: types.SizesFor("gc", goarch), Error: func(err error) {
		bad++
	}}
	tp := types.NewPackage(path, syntax[0].Name.Name)
	_ = types.NewChecker(&conf, g.s.Fset, tp, info).Files(syntax)
	_ = bad
	tp.SetImports(nil)
	g.s.createImported(info)
	p := g.s.Prog.SSA.CreatePackage(tp, syntax, info, false)
	p.Build()
	g.pkgs[path] = p
	return p
}

func newInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Instances: map[*ast.Ident]types.Instance{}, Scopes: map[ast.Node]*types.Scope{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, FileVersions: map[*ast.File]string{},
	}
}

// function instantiates a function of p, by a package that names the instance.
func (g *generics) function(p *ssa.Package, name string, targs []types.Type) *ssa.Function {
	tp := types.NewPackage("instance", "instance")
	outer := types.NewScope(types.Universe, token.NoPos, token.NoPos, "arguments")
	setParent(tp.Scope(), outer)
	outer.Insert(types.NewPkgName(token.NoPos, tp, "source", p.Pkg))
	src := "package instance; var f = source." + name + "["
	for i, t := range targs {
		arg := fmt.Sprintf("T%d", i)
		outer.Insert(types.NewTypeName(token.NoPos, tp, arg, t))
		src += arg + ","
	}
	src += "]"
	f, err := parser.ParseFile(g.s.Fset, "", src, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	info := newInfo()
	// The name may be one that only its own package can use.
	conf := types.Config{Importer: g.s.imports, Sizes: types.SizesFor("gc", goarch), Error: func(error) {}}
	_ = types.NewChecker(&conf, g.s.Fset, tp, info).Files([]*ast.File{f})
	sp := g.s.Prog.SSA.CreatePackage(tp, []*ast.File{f}, info, false)
	sp.Build()
	defer func() { // of the package no more than the instance is needed
		letGo(g.s.Prog.SSA, tp)
		g.s.Fset.RemoveFile(g.s.Fset.File(f.FileStart))
	}()
	for _, b := range sp.Func("init").Blocks {
		for _, in := range b.Instrs {
			if st, ok := in.(*ssa.Store); ok {
				if fn, ok := st.Val.(*ssa.Function); ok && fn.Blocks != nil {
					return fn
				}
			}
		}
	}
	return nil
}

// method instantiates a method of a generic type of p.
func (g *generics) method(p *ssa.Package, obj *types.Func, recv *types.Var, targs []types.Type) *ssa.Function {
	rt := recv.Type()
	ptr, isPtr := types.Unalias(rt).(*types.Pointer)
	if isPtr {
		rt = ptr.Elem()
	}
	named, ok := types.Unalias(rt).(*types.Named)
	if !ok {
		return nil
	}
	tn, ok := p.Pkg.Scope().Lookup(named.Obj().Name()).(*types.TypeName)
	if !ok {
		return nil
	}
	inst, err := types.Instantiate(nil, tn.Type(), targs, false)
	if err != nil {
		return nil
	}
	if isPtr {
		inst = types.NewPointer(inst)
	}
	sel := types.NewMethodSet(inst).Lookup(p.Pkg, obj.Name())
	if sel == nil {
		return nil
	}
	return g.s.Prog.SSA.MethodValue(sel)
}

// replaced holds the declarations of packages whose own are bound to the
// runtime, by what such packages export.
var replaced = map[string]string{
	"math/rand/v2": `package rand
import "math/rand/v2"
func N[Int interface{ ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr }](n Int) Int {
	if n <= 0 {
		panic("invalid argument to N")
	}
	return Int(rand.Uint64N(uint64(n)))
}`,
	"reflect": `package reflect
import "reflect"
func TypeFor[T any]() reflect.Type { return reflect.TypeOf((*T)(nil)).Elem() }
func TypeAssert[T any](v reflect.Value) (T, bool) {
	if v.Kind() == reflect.Interface && reflect.TypeOf((*T)(nil)).Elem().Kind() != reflect.Interface {
		v = v.Elem()
	}
	x, ok := v.Interface().(T)
	return x, ok
}`,
	"iter": `package iter
type Seq[V any] func(yield func(V) bool)
type Seq2[K, V any] func(yield func(K, V) bool)
func Pull[V any](seq Seq[V]) (next func() (V, bool), stop func()) {
	n, s := Pull2(func(yield func(V, struct{}) bool) { seq(func(v V) bool { return yield(v, struct{}{}) }) })
	return func() (V, bool) { v, _, ok := n(); return v, ok }, s
}
func Pull2[K, V any](seq Seq2[K, V]) (next func() (K, V, bool), stop func()) {
	type item struct { k K; v V; ok bool; panicked any }
	ask := make(chan bool)
	out := make(chan item)
	started, done := false, false
	start := func() {
		started = true
		go func() {
			defer func() { out <- item{panicked: recover()} }()
			if !<-ask { return }
			seq(func(k K, v V) bool { out <- item{k: k, v: v, ok: true}; return <-ask })
		}()
	}
	take := func(more bool) item {
		ask <- more
		it := <-out
		if !it.ok { done = true; if it.panicked != nil { panic(it.panicked) } }
		return it
	}
	next = func() (k K, v V, ok bool) {
		if done { return }
		if !started { start() }
		it := take(true)
		return it.k, it.v, it.ok
	}
	stop = func() {
		if done { return }
		if !started { done = true; return }
		take(false)
	}
	return next, stop
}`,
	"unique": `package unique
import "sync"
var all sync.Map
type Handle[T comparable] struct { value *T }
func (h Handle[T]) Value() T { return *h.value }
func Make[T comparable](value T) Handle[T] {
	p := new(T)
	*p = value
	v, _ := all.LoadOrStore(any(value), p)
	return Handle[T]{v.(*T)}
}`,
}
