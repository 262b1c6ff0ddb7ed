package engine

import (
	"fmt"
	"go/types"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/nngplab/nngplab/internal/gokernel/rtype"
)

// makeInterface boxes a value.
func (c *compiler) makeInterface(in *ssa.MakeInterface) {
	dst, x := c.dst(in), c.src(in.X)
	rt := rtype.Of(c.p.Types.TypeOf(in.X.Type()))
	mv := c.p.moveOf(in.X.Type())
	box := boxer(rt, mv)
	if it := in.Type().Underlying().(*types.Interface); it.NumMethods() > 0 {
		inter := rtype.Of(c.p.Types.TypeOf(in.Type()))
		var tab *rtype.ITab
		c.emit(in.Pos(), func(fp *Frame) {
			t := tab
			if t == nil {
				t = rtype.Itab(inter, rt)
				if t == nil {
					panic(fmt.Errorf("%v does not implement %v at run time", rtype.Reflect(rt), rtype.Reflect(inter)))
				}
				tab = t
			}
			*at[iface](fp, dst) = iface{t, box(reg(fp, x))}
		})
		return
	}
	c.emit(in.Pos(), func(fp *Frame) { *at[eface](fp, dst) = eface{rt, box(reg(fp, x))} })
}

// boxer returns what makes the data word of an interface value.
func boxer(rt *rtype.Type, mv move) func(p unsafe.Pointer) unsafe.Pointer {
	if rt.DirectIface() {
		return func(p unsafe.Pointer) unsafe.Pointer { return *(*unsafe.Pointer)(p) }
	}
	switch mv.class {
	case c8:
		return func(p unsafe.Pointer) unsafe.Pointer {
			if v := *(*uint64)(p); v < uint64(len(small)) {
				return unsafe.Pointer(&small[v])
			}
			q := new(uint64)
			*q = *(*uint64)(p)
			return unsafe.Pointer(q)
		}
	case cString:
		return func(p unsafe.Pointer) unsafe.Pointer {
			q := new(string)
			*q = *(*string)(p)
			return unsafe.Pointer(q)
		}
	}
	return func(p unsafe.Pointer) unsafe.Pointer {
		q := unsafe_New(rt)
		mv.copyTo(q, p)
		return q
	}
}

// small holds the boxes of small integers.
var small = func() (s [256]uint64) {
	for i := range s {
		s[i] = uint64(i)
	}
	return s
}()

// unbox copies the value of an interface with the data word to p.
func unbox(rt *rtype.Type, mv move, p, data unsafe.Pointer) {
	if rt.DirectIface() {
		*(*unsafe.Pointer)(p) = data
	} else {
		mv.copyTo(p, data)
	}
}

// dynamicType returns the type of an interface value, nil for a nil one.
func dynamicType(p unsafe.Pointer, methods bool) *rtype.Type {
	if methods {
		if t := (*iface)(p).tab; t != nil {
			return t.Type
		}
		return nil
	}
	return (*eface)(p).typ
}

func hasMethods(t types.Type) bool {
	return t.Underlying().(*types.Interface).NumMethods() > 0
}

func (c *compiler) changeInterface(in *ssa.ChangeInterface) {
	dst, x := c.dst(in), c.src(in.X)
	from := hasMethods(in.X.Type())
	if !hasMethods(in.Type()) {
		if !from {
			c.emit(in.Pos(), mv[any](dst, x))
			return
		}
		c.emit(in.Pos(), func(fp *Frame) {
			v := at[iface](fp, x)
			*at[eface](fp, dst) = eface{dynamicType(unsafe.Pointer(v), true), v.data}
		})
		return
	}
	inter := rtype.Of(c.p.Types.TypeOf(in.Type()))
	c.emit(in.Pos(), func(fp *Frame) {
		t := dynamicType(reg(fp, x), from)
		if t == nil {
			*at[any](fp, dst) = nil
			return
		}
		*at[iface](fp, dst) = iface{rtype.Itab(inter, t), at[iface](fp, x).data}
	})
}

func (c *compiler) typeAssert(in *ssa.TypeAssert) {
	x, from := c.src(in.X), hasMethods(in.X.Type())
	mv := c.p.moveOf(in.AssertedType)
	want := rtype.Of(c.p.Types.TypeOf(in.AssertedType))
	source := rtype.Of(c.p.Types.TypeOf(in.X.Type()))
	var dst, okSlot uintptr
	if in.CommaOk {
		s := c.tuple[in]
		dst, okSlot = s[0].off, s[1].off
	} else {
		dst = c.dst(in)
	}
	commaOk := in.CommaOk
	if types.IsInterface(in.AssertedType) {
		methods := hasMethods(in.AssertedType)
		c.emit(in.Pos(), func(fp *Frame) {
			t := dynamicType(reg(fp, x), from)
			data := at[iface](fp, x).data
			var tab *rtype.ITab
			ok := t != nil
			if ok && methods {
				tab = rtype.Itab(want, t)
				ok = tab != nil
			}
			if !ok && !commaOk {
				if t == nil {
					panic(assertionError(nil, nil, want, ""))
				}
				panic(assertionError(nil, t, want, missingMethod(want, t)))
			}
			switch {
			case !ok:
				*at[any](fp, dst) = nil
			case methods:
				*at[iface](fp, dst) = iface{tab, data}
			default:
				*at[eface](fp, dst) = eface{t, data}
			}
			if commaOk {
				*at[bool](fp, okSlot) = ok
			}
		})
		return
	}
	c.emit(in.Pos(), func(fp *Frame) {
		t := dynamicType(reg(fp, x), from)
		if t == want {
			unbox(want, mv, reg(fp, dst), at[iface](fp, x).data)
			if commaOk {
				*at[bool](fp, okSlot) = true
			}
			return
		}
		if !commaOk {
			panic(assertionError(source, t, want, ""))
		}
		mv.clear(reg(fp, dst))
		*at[bool](fp, okSlot) = false
	})
}

// missingMethod names a method of the interface type that t lacks.
func missingMethod(inter, t *rtype.Type) string {
	it, rt := rtype.Reflect(inter), rtype.Reflect(t)
	for i := range it.NumMethod() {
		m := it.Method(i)
		if have, ok := rt.MethodByName(m.Name); !ok {
			return m.Name
		} else if have.Type.NumIn()-1 != m.Type.NumIn() || have.Type.NumOut() != m.Type.NumOut() {
			return m.Name
		}
	}
	for i := range it.NumMethod() {
		return it.Method(i).Name
	}
	return ""
}
