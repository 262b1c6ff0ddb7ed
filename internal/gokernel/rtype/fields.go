package rtype

import (
	"fmt"
	"go/types"
	"reflect"
	"unsafe"
)

// structType makes an unnamed struct type.
func (m *Maker) structType(t *types.Struct) reflect.Type {
	plain := true
	for f := range t.Fields() {
		if f.Embedded() || f.Name() == "_" {
			plain = false
		}
	}
	fields := make([]reflect.StructField, t.NumFields())
	for i := range fields {
		f := t.Field(i)
		fields[i] = reflect.StructField{Name: f.Name(), Tag: reflect.StructTag(t.Tag(i))}
		if !f.Exported() && f.Pkg() != nil {
			fields[i].PkgPath = f.Pkg().Path()
		}
		fields[i].Type = m.typeOf(f.Type())
	}
	if plain {
		return reflect.StructOf(fields)
	}
	s := "struct {"
	for i, f := range fields {
		if i > 0 {
			s += ";"
		}
		if !t.Field(i).Embedded() {
			s += " " + f.Name
		}
		s += " " + f.Type.String()
		if f.Tag != "" {
			s += fmt.Sprintf(" %q", f.Tag)
		}
	}
	if len(fields) > 0 {
		s += " "
	}
	d := m.describe(Of(m.layout(t)), s+"}", "", false, m.methods(t))
	m.register(t, Reflect(d))
	m.pointerTo(t, d, "")
	m.fillMethods(t, d)
	m.fillFields((*structType)(unsafe.Pointer(d)), t)
	return Reflect(d)
}

func (m *Maker) fillFields(d *structType, t *types.Struct) {
	fields := make([]structField, t.NumFields())
	blank := false
	for i := range fields {
		f := t.Field(i)
		fields[i] = structField{
			Name:   newName(f.Name(), t.Tag(i), "", f.Exported(), f.Embedded()),
			Typ:    Of(m.typeOf(f.Type())),
			Offset: d.Fields[i].Offset,
		}
		if !f.Exported() && f.Pkg() != nil && d.PkgPath == nil {
			d.PkgPath = newName(f.Pkg().Path(), "", "", false, false)
		}
		blank = blank || f.Name() == "_"
	}
	keep = append(keep, fields)
	if d.Equal != nil {
		eq := make([]structField, 0, len(fields))
		for i, f := range fields {
			if t.Field(i).Name() != "_" {
				eq = append(eq, f)
			}
		}
		if blank {
			d.TFlag &^= tflagRegular
			d.Equal = func(p, q unsafe.Pointer) bool {
				for _, f := range eq {
					if !f.Typ.Equal(unsafe.Add(p, f.Offset), unsafe.Add(q, f.Offset)) {
						return false
					}
				}
				return true
			}
			keep = append(keep, d.Equal)
		}
	}
	d.Fields = fields
}

// interfaceType makes an unnamed interface type.
func (m *Maker) interfaceType(t *types.Interface) reflect.Type {
	if t.NumMethods() == 0 {
		return reflect.TypeFor[any]()
	}
	d := m.describe(Of(reflect.TypeFor[error]()), namer{locals: &m.locals}.interfaceName(t), "", false, nil)
	m.register(t, Reflect(d))
	(*interfaceType)(unsafe.Pointer(d)).Methods = nil
	m.fillInterface((*interfaceType)(unsafe.Pointer(d)), t)
	return Reflect(d)
}

func (m *Maker) fillInterface(d *interfaceType, t *types.Interface) {
	var ms []imethod
	d.PkgPath = newName("main", "", "", false, false)
	for _, f := range sortedMethods(t) {
		path := ""
		if !f.Exported() {
			path = f.Pkg().Path()
			d.PkgPath = newName(path, "", "", false, false)
		}
		ms = append(ms, imethod{
			Name: nameOff(f.Name(), path, f.Exported()),
			Typ:  addReflectOff(unsafe.Pointer(Of(m.typeOf(withoutRecv(f.Type().(*types.Signature)))))),
		})
	}
	keep = append(keep, ms)
	d.Methods = ms
}

func withoutRecv(s *types.Signature) *types.Signature {
	return types.NewSignatureType(nil, nil, nil, s.Params(), s.Results(), s.Variadic())
}
