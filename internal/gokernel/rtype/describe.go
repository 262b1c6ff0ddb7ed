package rtype

import (
	"fmt"
	"go/types"
	"hash/fnv"
	"reflect"
	"unsafe"
)

// Descriptors, as the compiler lays them out.

// descriptorSize is that of a descriptor of the kind, and its Go type.
func descriptorType(k reflect.Kind) reflect.Type {
	switch k {
	case reflect.Struct:
		return reflect.TypeFor[structType]()
	case reflect.Pointer:
		return reflect.TypeFor[ptrType]()
	case reflect.Func:
		return reflect.TypeFor[funcType]()
	case reflect.Slice:
		return reflect.TypeFor[sliceType]()
	case reflect.Array:
		return reflect.TypeFor[arrayType]()
	case reflect.Chan:
		return reflect.TypeFor[chanType]()
	case reflect.Map:
		return reflect.TypeFor[mapType]()
	case reflect.Interface:
		return reflect.TypeFor[interfaceType]()
	}
	return reflect.TypeFor[Type]()
}

// spareMethods is how many methods later cells may add to a type.
const spareMethods = 40

// describe returns a copy of the descriptor base under another name, with room
// for methods.
func (m *Maker) describe(base *Type, name, path string, isNamed bool, methods []*types.Selection) *Type {
	k := reflect.Kind(base.Kind)
	dt := descriptorType(k)
	extra := 0
	if k == reflect.Func {
		extra = 1 << 8 // parameters and results follow the descriptor
	}
	var after reflect.Type = reflect.TypeFor[struct{}]()
	if extra > 0 {
		after = reflect.TypeFor[[256]*Type]()
	}
	block := reflect.New(reflect.StructOf([]reflect.StructField{
		{Name: "D", Type: dt}, {Name: "U", Type: reflect.TypeFor[uncommon]()},
		{Name: "A", Type: after},
		{Name: "M", Type: reflect.ArrayOf(len(methods)+spareMethods, reflect.TypeFor[method]())},
	}))
	p := block.UnsafePointer()
	keep = append(keep, block)
	d := (*Type)(p)
	reflect.NewAt(dt, p).Elem().Set(reflect.NewAt(dt, unsafe.Pointer(base)).Elem())
	m.serial++
	h := fnv.New32a()
	fmt.Fprint(h, name, m.serial)
	d.Hash = h.Sum32()
	d.Str = addReflectOff(unsafe.Pointer(newName(name, "", "", true, false)))
	d.PtrToThis = 0
	d.TFlag &^= tflagExtraStar | tflagNamed
	d.TFlag |= tflagUncommon
	if isNamed {
		d.TFlag |= tflagNamed
	}
	uoff, _ := block.Elem().Type().FieldByName("U")
	moff, _ := block.Elem().Type().FieldByName("M")
	u := (*uncommon)(unsafe.Add(p, uoff.Offset))
	u.PkgPath = 0
	if path != "" {
		u.PkgPath = nameOff(path, "", false)
	}
	u.Moff = uint32(moff.Offset - uoff.Offset)
	if m.room == nil {
		m.room = map[*Type]int{}
		m.entries = map[*Type]map[string]method{}
	}
	m.room[d] = len(methods) + spareMethods
	return d
}

func uncommonOf(d *Type) *uncommon {
	return (*uncommon)(unsafe.Add(unsafe.Pointer(d), descriptorType(reflect.Kind(d.Kind)).Size()))
}

// pointerTo makes the type of pointers to t, whose descriptor is d, with the
// methods of *t.
func (m *Maker) pointerTo(t types.Type, d *Type, path string) {
	pt := types.NewPointer(t)
	base := Of(reflect.TypeFor[*byte]())
	str := Reflect(d).String()
	p := m.describe(base, "*"+str, path, false, m.methods(pt))
	(*ptrType)(unsafe.Pointer(p)).Elem = d
	d.PtrToThis = addReflectOff(unsafe.Pointer(p))
	m.register(pt, Reflect(p))
	m.fillMethods(pt, p)
}

// complete fills in what a descriptor made from a layout lacks.
func (m *Maker) complete(d *Type, under types.Type, patch bool) {
	switch u := under.(type) {
	case *types.Struct:
		m.fillFields((*structType)(unsafe.Pointer(d)), u)
	case *types.Interface:
		m.fillInterface((*interfaceType)(unsafe.Pointer(d)), u)
	case *types.Basic:
	default:
		s := Of(m.typeOf(u))
		switch u := u.(type) {
		case *types.Pointer:
			(*ptrType)(unsafe.Pointer(d)).Elem = (*ptrType)(unsafe.Pointer(s)).Elem
		case *types.Slice:
			(*sliceType)(unsafe.Pointer(d)).Elem = (*sliceType)(unsafe.Pointer(s)).Elem
		case *types.Array:
			a, b := (*arrayType)(unsafe.Pointer(d)), (*arrayType)(unsafe.Pointer(s))
			a.Elem, a.Slice = b.Elem, b.Slice
			d.Equal = s.Equal
		case *types.Chan:
			a, b := (*chanType)(unsafe.Pointer(d)), (*chanType)(unsafe.Pointer(s))
			a.Elem, a.Dir = b.Elem, b.Dir
			d.Kind, d.Equal = s.Kind, s.Equal
		case *types.Map:
			a, b := (*mapType)(unsafe.Pointer(d)), (*mapType)(unsafe.Pointer(s))
			head := a.Type
			*a = *b
			a.Type = head
		case *types.Signature:
			a, b := (*funcType)(unsafe.Pointer(d)), (*funcType)(unsafe.Pointer(s))
			a.InCount, a.OutCount = b.InCount, b.OutCount
			n := int(b.InCount) + int(b.OutCount&0x7fff)
			_ = u
			// the parameters follow the descriptor, or its uncommon part
			src := unsafe.Add(unsafe.Pointer(s), unsafe.Sizeof(funcType{}))
			if s.TFlag&tflagUncommon != 0 {
				src = unsafe.Add(src, unsafe.Sizeof(uncommon{}))
			}
			dst := unsafe.Add(unsafe.Pointer(d), unsafe.Sizeof(funcType{})+unsafe.Sizeof(uncommon{}))
			copy(unsafe.Slice((**Type)(dst), n), unsafe.Slice((**Type)(src), n))
		}
	}
}
