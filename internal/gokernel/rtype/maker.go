package rtype

import (
	"fmt"
	"go/types"
	"reflect"
	"sync"
	"unsafe"

	"golang.org/x/tools/go/types/typeutil"
)

// A Maker makes run-time types. It is safe for use by several goroutines.
type Maker struct {
	// Linked returns the run-time type of a named type, or instance of one, of
	// a compiled package; nil where there is none.
	Linked func(t *types.Named) reflect.Type
	// Call runs the method sel of a receiver of type recv, which compiled code
	// called with args; the first is the receiver.
	Call func(recv types.Type, sel *types.Selection, args []reflect.Value) []reflect.Value

	mu      sync.RWMutex
	cache   typeutil.Map
	layouts typeutil.Map
	msets   typeutil.MethodSetCache
	named   map[string]reflect.Type // instances of generic types, by their full names
	made    map[*Type]types.Type
	entries map[*Type]map[string]method
	room    map[*Type]int
	serial  int
	pending []func() // what completes the types under way
	locals  locals
}

// TypeOf returns the run-time type of t.
func (m *Maker) TypeOf(t types.Type) reflect.Type {
	m.mu.RLock()
	rt, _ := m.cache.At(t).(reflect.Type)
	m.mu.RUnlock()
	if rt != nil {
		return rt
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.root(t)
}

// root makes t and completes what that began.
func (m *Maker) root(t types.Type) reflect.Type {
	rt := m.typeOf(t)
	m.finish()
	return rt
}

// finish runs what completes the types under way.
func (m *Maker) finish() {
	for len(m.pending) > 0 {
		f := m.pending[len(m.pending)-1]
		m.pending = m.pending[:len(m.pending)-1]
		f()
	}
}

// Made returns the type that rt was made for, or nil where compiled code has it.
func (m *Maker) Made(rt *Type) types.Type {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.made[rt]
}

// Has reports whether a run-time type of t has been made.
func (m *Maker) Has(t types.Type) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.cache.At(t) != nil
}

// Refresh completes the method tables of the types made so far: some have got
// further methods. Where the runtime has been asked before whether such a type
// implements an interface, it stays with its answer.
func (m *Maker) Refresh() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.msets = typeutil.MethodSetCache{}
	for d, t := range m.made {
		if d.TFlag&tflagUncommon != 0 {
			m.fillMethods(t, d)
		}
	}
	m.finish()
}

func (m *Maker) typeOf(t types.Type) reflect.Type {
	t = types.Unalias(t)
	if rt, _ := m.cache.At(t).(reflect.Type); rt != nil {
		return rt
	}
	var rt reflect.Type
	switch t := t.(type) {
	case *types.Named:
		return m.namedType(t)
	case *types.Basic:
		rt = basicTypes[t.Kind()]
	case *types.Pointer:
		elem := m.typeOf(t.Elem())
		if rt, _ = m.cache.At(t).(reflect.Type); rt == nil {
			rt = reflect.PointerTo(elem)
		}
	case *types.Slice:
		rt = reflect.SliceOf(m.typeOf(t.Elem()))
	case *types.Array:
		rt = reflect.ArrayOf(int(t.Len()), m.typeOf(t.Elem()))
	case *types.Chan:
		rt = reflect.ChanOf(chanDir(t.Dir()), m.typeOf(t.Elem()))
	case *types.Map:
		rt = reflect.MapOf(m.typeOf(t.Key()), m.typeOf(t.Elem()))
	case *types.Signature:
		rt = m.funcType(t)
	case *types.Struct:
		rt = m.structType(t)
	case *types.Interface:
		rt = m.interfaceType(t)
	case *types.Tuple:
		fields := make([]reflect.StructField, t.Len())
		for i := range fields {
			fields[i] = reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: m.typeOf(t.At(i).Type())}
		}
		rt = reflect.StructOf(fields)
	}
	if rt == nil {
		panic(fmt.Errorf("no run-time type of %v", t))
	}
	if old, _ := m.cache.At(t).(reflect.Type); old != nil {
		return old // made on the way
	}
	m.cache.Set(t, rt)
	return rt
}

func chanDir(d types.ChanDir) reflect.ChanDir {
	switch d {
	case types.SendOnly:
		return reflect.SendDir
	case types.RecvOnly:
		return reflect.RecvDir
	}
	return reflect.BothDir
}

var basicTypes = map[types.BasicKind]reflect.Type{
	types.Bool: reflect.TypeFor[bool](), types.Int: reflect.TypeFor[int](), types.Int8: reflect.TypeFor[int8](),
	types.Int16: reflect.TypeFor[int16](), types.Int32: reflect.TypeFor[int32](), types.Int64: reflect.TypeFor[int64](),
	types.Uint: reflect.TypeFor[uint](), types.Uint8: reflect.TypeFor[uint8](), types.Uint16: reflect.TypeFor[uint16](),
	types.Uint32: reflect.TypeFor[uint32](), types.Uint64: reflect.TypeFor[uint64](), types.Uintptr: reflect.TypeFor[uintptr](),
	types.Float32: reflect.TypeFor[float32](), types.Float64: reflect.TypeFor[float64](),
	types.Complex64: reflect.TypeFor[complex64](), types.Complex128: reflect.TypeFor[complex128](),
	types.String: reflect.TypeFor[string](), types.UnsafePointer: reflect.TypeFor[unsafe.Pointer](),
	types.UntypedBool: reflect.TypeFor[bool](), types.UntypedInt: reflect.TypeFor[int](), types.UntypedRune: reflect.TypeFor[rune](),
	types.UntypedFloat: reflect.TypeFor[float64](), types.UntypedComplex: reflect.TypeFor[complex128](),
	types.UntypedString: reflect.TypeFor[string](), types.UntypedNil: reflect.TypeFor[unsafe.Pointer](),
}

func (m *Maker) funcType(sig *types.Signature) reflect.Type {
	var in, out []reflect.Type
	for v := range sig.Params().Variables() {
		in = append(in, m.typeOf(v.Type()))
	}
	for v := range sig.Results().Variables() {
		out = append(out, m.typeOf(v.Type()))
	}
	return reflect.FuncOf(in, out, sig.Variadic())
}

// layout returns a type whose memory looks like that of t: of the same size,
// alignment, pointers, and equality. It does not follow pointers, so it exists
// before the types that t points to.
func (m *Maker) layout(t types.Type) reflect.Type {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return basicTypes[u.Kind()]
	case *types.Pointer:
		return reflect.TypeFor[*byte]()
	case *types.Chan:
		return reflect.TypeFor[chan int]()
	case *types.Map:
		return reflect.TypeFor[map[int]int]()
	case *types.Signature:
		return reflect.TypeFor[func()]()
	case *types.Slice:
		return reflect.TypeFor[[]byte]()
	case *types.Interface:
		if u.NumMethods() == 0 {
			return reflect.TypeFor[any]()
		}
		return reflect.TypeFor[error]()
	case *types.Array:
		return reflect.ArrayOf(int(u.Len()), m.layout(u.Elem()))
	case *types.Struct:
		fields := make([]reflect.StructField, u.NumFields())
		for i := range fields {
			fields[i] = reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: m.layout(u.Field(i).Type())}
		}
		return reflect.StructOf(fields)
	}
	panic(fmt.Errorf("no layout of %v", t))
}

// namedType returns the type of a declared type.
func (m *Maker) namedType(t *types.Named) reflect.Type {
	obj := t.Obj()
	if obj.Pkg() == nil { // error, comparable, any
		if obj.Name() == "error" {
			m.cache.Set(t, reflect.TypeFor[error]())
			return reflect.TypeFor[error]()
		}
	}
	if m.Linked != nil {
		if rt := m.Linked(t); rt != nil {
			m.cache.Set(t, rt)
			return rt
		}
	}
	full := ""
	if t.TypeArgs().Len() > 0 && obj.Pkg() != nil && obj.Pkg().Path() != "main" {
		// Instances of a linked package's generic type: one type, whether seen
		// through the package's export data or through its source.
		full = types.TypeString(t, nil)
		if !localArgs(t) {
			if rt, ok := m.named[full]; ok {
				m.cache.Set(t, rt)
				return rt
			}
		} else {
			full = ""
		}
	}
	base := m.layout(t)
	path := ""
	if obj.Pkg() != nil {
		path = obj.Pkg().Path()
	}
	d := m.describe(Of(base), m.typeName(t), path, true, m.methods(t))
	rt := Reflect(d)
	m.register(t, rt)
	if full != "" {
		if m.named == nil {
			m.named = map[string]reflect.Type{}
		}
		m.named[full] = rt
	}
	m.pointerTo(t, d, path)
	m.fillMethods(t, d)
	m.pending = append(m.pending, func() { m.complete(d, t.Underlying(), false) })
	return rt
}

func localArgs(t *types.Named) bool {
	for a := range t.TypeArgs().Types() {
		found := false
		walk(a, map[types.Type]bool{}, func(n *types.Named) {
			if p := n.Obj().Pkg(); p != nil && p.Path() == "main" {
				found = true
			}
		})
		if found {
			return true
		}
	}
	return false
}

func (m *Maker) register(t types.Type, rt reflect.Type) {
	m.cache.Set(t, rt)
	if m.made == nil {
		m.made = map[*Type]types.Type{}
	}
	m.made[Of(rt)] = t
	keep = append(keep, rt)
}

// Layout returns a type of the same memory layout as t that does not depend on
// the methods of named types; see layout.
func (m *Maker) Layout(t types.Type) *Type {
	m.mu.Lock()
	defer m.mu.Unlock()
	if rt, _ := m.layouts.At(t).(*Type); rt != nil {
		return rt
	}
	rt := Of(m.layout(t))
	m.layouts.Set(t, rt)
	return rt
}
