package rtype

import (
	"fmt"
	"reflect"
	"unsafe"
)

// The descriptors, as internal/abi has them.

// Type is the head of every type descriptor.
type Type struct {
	Size       uintptr
	PtrBytes   uintptr
	Hash       uint32
	TFlag      uint8
	Align      uint8
	FieldAlign uint8
	Kind       uint8
	Equal      func(unsafe.Pointer, unsafe.Pointer) bool
	GCData     *byte
	Str        int32
	PtrToThis  int32
}

const (
	tflagUncommon     = 1 << 0
	tflagExtraStar    = 1 << 1
	tflagNamed        = 1 << 2
	tflagRegular      = 1 << 3
	tflagMaskOnDemand = 1 << 4
	tflagDirectIface  = 1 << 5
)

// DirectIface reports whether values of the type are stored in the data word
// of an interface itself.
func (t *Type) DirectIface() bool { return t.TFlag&tflagDirectIface != 0 }

type (
	uncommon struct {
		PkgPath int32
		Mcount  uint16
		Xcount  uint16
		Moff    uint32
		_       uint32
	}
	method  struct{ Name, Mtyp, Ifn, Tfn int32 }
	imethod struct{ Name, Typ int32 }
	ptrType struct {
		Type
		Elem *Type
	}
	sliceType struct {
		Type
		Elem *Type
	}
	arrayType struct {
		Type
		Elem, Slice *Type
		Len         uintptr
	}
	chanType struct {
		Type
		Elem *Type
		Dir  int
	}
	funcType struct {
		Type
		InCount, OutCount uint16
	}
	mapType struct {
		Type
		Key, Elem, Group             *Type
		Hasher                       func(unsafe.Pointer, uintptr) uintptr
		GroupSize, SlotSize, ElemOff uintptr
		Flags                        uint32
	}
	interfaceType struct {
		Type
		PkgPath *byte
		Methods []imethod
	}
	structField struct {
		Name   *byte
		Typ    *Type
		Offset uintptr
	}
	structType struct {
		Type
		PkgPath *byte
		Fields  []structField
	}
)

// ITab is the head of the method table of an interface value.
type ITab struct {
	Inter *Type
	Type  *Type
	Hash  uint32
	Fun   [1]uintptr
}

// eface is an interface value without methods.
type eface struct {
	typ  *Type
	data unsafe.Pointer
}

// Of returns the descriptor of t.
func Of(t reflect.Type) *Type {
	return (*Type)((*eface)(unsafe.Pointer(&t)).data)
}

// Reflect returns the reflect.Type of a descriptor.
func Reflect(t *Type) reflect.Type {
	var v any
	(*eface)(unsafe.Pointer(&v)).typ = t
	return reflect.TypeOf(v)
}

//go:linkname addReflectOff reflect.addReflectOff
func addReflectOff(ptr unsafe.Pointer) int32

//go:linkname getitab runtime.getitab
func getitab(inter, typ *Type, canfail bool) *ITab

// Itab returns the method table of typ for the interface type inter, which has
// methods, or nil where typ does not implement it.
func Itab(inter, typ *Type) *ITab { return getitab(inter, typ, true) }

// keep holds what only descriptors refer to: the collector does not see them.
var keep []any

// newName encodes a name as the runtime reads it.
func newName(n, tag, pkgPath string, exported, embedded bool) *byte {
	var bits byte
	if exported {
		bits |= 1 << 0
	}
	if tag != "" {
		bits |= 1 << 1
	}
	if pkgPath != "" {
		bits |= 1 << 2
	}
	if embedded {
		bits |= 1 << 3
	}
	b := []byte{bits}
	b = appendLen(b, len(n))
	b = append(b, n...)
	if tag != "" {
		b = appendLen(b, len(tag))
		b = append(b, tag...)
	}
	if pkgPath != "" {
		path := newName(pkgPath, "", "", false, false)
		off := addReflectOff(unsafe.Pointer(path))
		b = append(b, (*(*[4]byte)(unsafe.Pointer(&off)))[:]...)
	}
	keep = append(keep, b)
	return &b[0]
}

func appendLen(b []byte, n int) []byte {
	for n >= 0x80 {
		b = append(b, byte(n)|0x80)
		n >>= 7
	}
	return append(b, byte(n))
}

func nameOff(n, pkgPath string, exported bool) int32 {
	return addReflectOff(unsafe.Pointer(newName(n, "", pkgPath, exported, false)))
}

// layoutCheck compares descriptors that the compiler wrote with what this
// package takes them to be.
func layoutCheck() error {
	type probe struct {
		a int    //nolint:unused // a private field, for its layout
		B string `k:"v"`
		c *byte
	}
	st := (*structType)(unsafe.Pointer(Of(reflect.TypeOf(probe{}))))
	switch {
	case st.Size != unsafe.Sizeof(probe{}) || reflect.Kind(st.Kind) != reflect.Struct || len(st.Fields) != 3 || st.Fields[2].Offset != unsafe.Offsetof(probe{}.c):
		return fmt.Errorf("struct descriptors have another layout")
	case st.Fields[0].Typ != Of(reflect.TypeOf(0)) || st.TFlag&tflagNamed == 0:
		return fmt.Errorf("struct descriptors have another layout")
	}
	it := (*interfaceType)(unsafe.Pointer(Of(reflect.TypeOf((*interface {
		M()
		N()
	})(nil)).Elem())))
	if len(it.Methods) != 2 {
		return fmt.Errorf("interface descriptors have another layout")
	}
	mt := (*mapType)(unsafe.Pointer(Of(reflect.TypeOf(map[string]*byte{}))))
	if mt.Key != Of(reflect.TypeOf("")) || mt.Hasher == nil || mt.ElemOff != 16 {
		return fmt.Errorf("map descriptors have another layout")
	}
	if !Of(reflect.TypeOf(&probe{})).DirectIface() || Of(reflect.TypeOf(probe{})).DirectIface() {
		return fmt.Errorf("descriptors have another layout")
	}
	f := reflect.MakeFunc(reflect.TypeOf(func(int, *int) int { return 0 }), func(v []reflect.Value) []reflect.Value { return v[:1] })
	obj := *(**FuncObject)(unsafe.Pointer(&struct{ p unsafe.Pointer }{f.UnsafePointer()}))
	_ = obj
	g := f.Interface()
	o := (*FuncObject)((*eface)(unsafe.Pointer(&g)).data)
	if o.code != f.Pointer() || o.ftyp != Of(f.Type()) || o.fn == nil {
		return fmt.Errorf("functions made by reflect have another layout")
	}
	return nil
}

// PointerAt reports whether word i of a value of type t holds a pointer.
func PointerAt(t *Type, i uintptr) bool {
	mask := t.GCData
	if t.TFlag&tflagMaskOnDemand != 0 {
		return pointerAt(t, i*unsafe.Sizeof(i))
	}
	return *(*byte)(unsafe.Add(unsafe.Pointer(mask), i/8))&(1<<(i%8)) != 0
}

// pointerAt is PointerAt for types whose mask the runtime has not built.
func pointerAt(t *Type, off uintptr) bool {
	if t.PtrBytes <= off {
		return false
	}
	switch reflect.Kind(t.Kind) {
	case reflect.Array:
		e := (*arrayType)(unsafe.Pointer(t)).Elem
		return pointerAt(e, off%e.Size)
	case reflect.Struct:
		fields := (*structType)(unsafe.Pointer(t)).Fields
		for i := len(fields) - 1; i >= 0; i-- {
			if fields[i].Offset <= off && fields[i].Typ.Size > 0 {
				return pointerAt(fields[i].Typ, off-fields[i].Offset)
			}
		}
		return false
	case reflect.Slice, reflect.String:
		return off == 0
	}
	return true
}
