package rtype

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"runtime"
	"testing"
)

const declarations = `package main

type T struct {
	A    int
	b    string
	next *T
	kids map[string]T
	all  []T
	_    int
	_    int
}

type Tree map[string]Tree
type Func func(Func) Func
type Chan chan Chan
type Ptr *Ptr
type Num float64

func (n Num) String() string { return "num" }

type Deep struct{ *Embedded; X [3]Small }
type Embedded struct{ V int }
func (e *Embedded) Get() int { return 0 }
type Small struct{ p *int; n uint8 }
type Face interface { Get() int; hidden(Face) }
type Pair[K comparable, V any] struct { Key K; Val V }
var P Pair[string, T]
`

func load(t *testing.T) *types.Package {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "x.go", declarations, 0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := new(types.Config).Check("main", fset, []*ast.File{f}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newMaker(called *string) *Maker {
	return &Maker{Call: func(recv types.Type, sel *types.Selection, args []reflect.Value) []reflect.Value {
		*called = recv.String() + "." + sel.Obj().Name()
		if sel.Obj().Name() == "String" {
			return []reflect.Value{reflect.ValueOf(fmt.Sprintf("<%v>", args[0].Float()))}
		}
		return []reflect.Value{reflect.ValueOf(41)}
	}}
}

// What reflect says of the made types is what the declarations say.
func TestMaker(t *testing.T) {
	p := load(t)
	var called string
	m := newMaker(&called)
	of := func(name string) reflect.Type { return m.TypeOf(p.Scope().Lookup(name).Type()) }

	rt := of("T")
	if rt.String() != "main.T" || rt.Name() != "T" || rt.PkgPath() != "main" || rt.NumField() != 7 {
		t.Errorf("T is %v, %q, %q, %d fields", rt, rt.Name(), rt.PkgPath(), rt.NumField())
	}
	if f := rt.Field(2); f.Type.Elem() != rt || f.Name != "next" {
		t.Errorf("T.next is %v", f)
	}
	if f := rt.Field(3); f.Type.Elem() != rt || rt.Field(4).Type.Elem() != rt {
		t.Errorf("T.kids is %v", f)
	}
	for name, want := range map[string]reflect.Type{"Tree": of("Tree").Elem(), "Func": of("Func").In(0), "Chan": of("Chan").Elem(), "Ptr": of("Ptr").Elem()} {
		if of(name) != want {
			t.Errorf("%s does not refer to itself", name)
		}
	}
	if rt := of("P"); rt.Name() != "Pair[string,main.T]" || rt.Field(1).Type != of("T") {
		t.Errorf("the instance is %v, %q", rt, rt.Name())
	}

	v := reflect.New(rt).Elem()
	v.Field(0).SetInt(7)
	b, err := json.Marshal(v.Interface())
	if err != nil || string(b) != `{"A":7}` {
		t.Errorf("JSON of T: %s, %v", b, err)
	}
	if s := fmt.Sprintf("%T", v.Addr().Interface()); s != "*main.T" {
		t.Errorf("%%T of a pointer: %s", s)
	}

	n := reflect.New(of("Num")).Elem()
	n.SetFloat(2.5)
	if s := fmt.Sprint(n.Interface(), []any{n.Interface()}); s != "<2.5> [<2.5>]" || called != "main.Num.String" {
		t.Errorf("Num prints as %s, calls %s", s, called)
	}
	d := reflect.New(of("Deep"))
	if x, ok := d.Interface().(interface{ Get() int }); !ok || x.Get() != 41 || called != "*main.Deep.Get" {
		t.Errorf("Deep does not get a method of what it embeds: %v, %s", ok, called)
	}
	if it := of("Face"); it.NumMethod() != 2 || it.Method(0).Name != "Get" || d.Type().Implements(it) {
		t.Errorf("Face is %v with %d methods", it, it.NumMethod())
	}
}

// Pointers in memory of made types keep what they point to alive.
func TestMadeMemoryIsCollected(t *testing.T) {
	p := load(t)
	var called string
	m := newMaker(&called)
	rt := m.TypeOf(p.Scope().Lookup("Deep").Type())
	list := reflect.MakeSlice(reflect.SliceOf(rt), 1000, 1000)
	for i := range 1000 {
		k := new(int)
		*k = i
		f := list.Index(i).Field(1).Index(1).Field(0)
		reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem().Set(reflect.ValueOf(k))
	}
	for range 3 {
		runtime.GC()
		for range 10000 {
			_ = new(int)
		}
	}
	for i := range 1000 {
		if got := list.Index(i).Field(1).Index(1).Field(0).Elem().Int(); got != int64(i) {
			t.Fatalf("element %d points to %d", i, got)
		}
	}
}

// A type that gets a method has it under its old identity.
func TestRefresh(t *testing.T) {
	p := load(t)
	var called string
	m := newMaker(&called)
	num := p.Scope().Lookup("Num").Type().(*types.Named)
	rt := m.TypeOf(num)
	sig := types.NewSignatureType(types.NewVar(0, p, "", num), nil, nil, nil, types.NewTuple(types.NewVar(0, p, "", types.Typ[types.Int])), false)
	num.AddMethod(types.NewFunc(0, p, "Get", sig))
	m.Refresh()
	if m.TypeOf(num) != rt || rt.NumMethod() != 2 {
		t.Errorf("Num has %d methods", rt.NumMethod())
	}
	if x, ok := reflect.New(rt).Elem().Interface().(interface{ Get() int }); !ok || x.Get() != 41 {
		t.Error("the method is not found")
	}
}
