package rtype

import (
	"fmt"
	"go/types"
	"reflect"
	"sort"
	"unsafe"
)

// sortedMethods lists the methods of an interface in the runtime's order:
// exported ones first, by name.
func sortedMethods(t *types.Interface) []*types.Func {
	out := make([]*types.Func, 0, t.NumMethods())
	for f := range t.Methods() {
		out = append(out, f)
	}
	sort.Slice(out, func(i, j int) bool { return before(out[i], out[j]) })
	return out
}

func before(a, b types.Object) bool {
	if a.Exported() != b.Exported() {
		return a.Exported()
	}
	if a.Name() != b.Name() {
		return a.Name() < b.Name()
	}
	return !a.Exported() && a.Pkg().Path() < b.Pkg().Path()
}

// methods lists the method set of t in the runtime's order.
func (m *Maker) methods(t types.Type) []*types.Selection {
	if types.IsInterface(t) {
		return nil
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok && types.IsInterface(p.Elem()) {
		return nil
	}
	set := m.msets.MethodSet(t)
	out := make([]*types.Selection, set.Len())
	for i := range out {
		out[i] = set.At(i)
	}
	sort.Slice(out, func(i, j int) bool { return before(out[i].Obj(), out[j].Obj()) })
	return out
}

// fillMethods fills the method table of d, the descriptor of t. What a method
// does is looked up when it is first called.
func (m *Maker) fillMethods(t types.Type, d *Type) {
	sels := m.methods(t)
	if len(sels) == len(m.entries[d]) {
		return
	}
	if len(sels) > m.room[d] {
		panic(fmt.Errorf("%v has got more than %d methods since it was declared: declare it anew", t, spareMethods))
	}
	u := uncommonOf(d)
	m.pending = append(m.pending, func() {
		known := m.entries[d]
		if known == nil {
			known = map[string]method{}
			m.entries[d] = known
		}
		table := unsafe.Slice((*method)(unsafe.Add(unsafe.Pointer(u), u.Moff)), len(sels))
		exported := uint16(0)
		for i, sel := range sels {
			e, ok := known[sel.Obj().Id()]
			if !ok {
				e = m.method(t, d, sel)
				known[sel.Obj().Id()] = e
			}
			table[i] = e
			if sel.Obj().Exported() {
				exported++
			}
		}
		u.Mcount, u.Xcount = uint16(len(sels)), exported
	})
}

// method makes the entry of one method of t: a stub that interface calls jump
// to, with the data word as receiver, and one that takes the receiver itself.
func (m *Maker) method(t types.Type, d *Type, sel *types.Selection) method {
	sig := withoutRecv(sel.Type().(*types.Signature))
	mtyp := m.typeOf(sig)
	rt := Reflect(d)
	path := ""
	if !sel.Obj().Exported() {
		path = sel.Obj().Pkg().Path()
	}
	direct := m.stubFor(rt, mtyp, func(args []reflect.Value) []reflect.Value { return m.Call(t, sel, args) })
	word := direct
	if !d.DirectIface() || d.Kind != uint8(reflect.Pointer) {
		word = m.stubFor(reflect.TypeFor[unsafe.Pointer](), mtyp, func(args []reflect.Value) []reflect.Value {
			p := args[0].UnsafePointer()
			full := append([]reflect.Value(nil), args...)
			if d.DirectIface() {
				full[0] = reflect.NewAt(rt, unsafe.Pointer(&p)).Elem()
			} else {
				full[0] = reflect.NewAt(rt, p).Elem()
			}
			return m.Call(t, sel, full)
		})
	}
	return method{
		Name: nameOff(sel.Obj().Name(), path, sel.Obj().Exported()),
		Mtyp: addReflectOff(unsafe.Pointer(Of(mtyp))),
		Ifn:  addReflectOff(word),
		Tfn:  addReflectOff(direct),
	}
}

func (m *Maker) stubFor(recv, mtyp reflect.Type, call func([]reflect.Value) []reflect.Value) unsafe.Pointer {
	in := []reflect.Type{recv}
	for i := range mtyp.NumIn() {
		in = append(in, mtyp.In(i))
	}
	var out []reflect.Type
	for i := range mtyp.NumOut() {
		out = append(out, mtyp.Out(i))
	}
	shape := ShapeOf(reflect.FuncOf(in, out, mtyp.IsVariadic()))
	return stub(shape.New(nil, nil, func(_ *FuncObject, args []reflect.Value) []reflect.Value { return call(args) }))
}

// walk calls f for every named type that t is made of.
func walk(t types.Type, seen map[types.Type]bool, f func(*types.Named)) {
	t = types.Unalias(t)
	if seen[t] {
		return
	}
	seen[t] = true
	switch t := t.(type) {
	case *types.Named:
		f(t)
		for a := range t.TypeArgs().Types() {
			walk(a, seen, f)
		}
		if p := t.Obj().Pkg(); p != nil && p.Path() == "main" {
			walk(t.Underlying(), seen, f)
		}
	case *types.Pointer:
		walk(t.Elem(), seen, f)
	case *types.Slice:
		walk(t.Elem(), seen, f)
	case *types.Array:
		walk(t.Elem(), seen, f)
	case *types.Chan:
		walk(t.Elem(), seen, f)
	case *types.Map:
		walk(t.Key(), seen, f)
		walk(t.Elem(), seen, f)
	case *types.Struct:
		for v := range t.Fields() {
			walk(v.Type(), seen, f)
		}
	case *types.Tuple:
		for v := range t.Variables() {
			walk(v.Type(), seen, f)
		}
	case *types.Signature:
		walk(t.Params(), seen, f)
		walk(t.Results(), seen, f)
	case *types.Interface:
		for m := range t.Methods() {
			walk(m.Type(), seen, f)
		}
	}
}
