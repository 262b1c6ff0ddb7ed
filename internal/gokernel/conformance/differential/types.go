package differential

import "fmt"

// kind is the shape of a type.
type kind int

const (
	intKind kind = iota
	uintKind
	floatKind
	complexKind
	stringKind
	boolKind
	structKind
	arrayKind
	sliceKind
	mapKind
	pointerKind
	anyKind
)

// typ is a type of a generated program.
type typ struct {
	kind   kind
	name   string // in Go
	bits   int    // of a number
	elem   *typ   // of an array, slice, map or pointer
	key    *typ   // of a map
	n      int    // of an array
	fields []field
	basic  bool   // predeclared
	method string // of a named type: a pure method without parameters that returns int
}

type field struct {
	name string
	typ  *typ
}

// The predeclared types.
var (
	tInt     = &typ{kind: intKind, name: "int", bits: 64, basic: true}
	tString  = &typ{kind: stringKind, name: "string", basic: true}
	tBool    = &typ{kind: boolKind, name: "bool", basic: true}
	tFloat64 = &typ{kind: floatKind, name: "float64", bits: 64, basic: true}

	basicTypes = []*typ{
		tInt,
		{kind: intKind, name: "int8", bits: 8, basic: true},
		{kind: intKind, name: "int16", bits: 16, basic: true},
		{kind: intKind, name: "int32", bits: 32, basic: true},
		{kind: intKind, name: "int64", bits: 64, basic: true},
		{kind: uintKind, name: "uint", bits: 64, basic: true},
		{kind: uintKind, name: "uint8", bits: 8, basic: true},
		{kind: uintKind, name: "uint16", bits: 16, basic: true},
		{kind: uintKind, name: "uint32", bits: 32, basic: true},
		{kind: uintKind, name: "uint64", bits: 64, basic: true},
		{kind: uintKind, name: "uintptr", bits: 64, basic: true},
		tFloat64,
		{kind: floatKind, name: "float32", bits: 32, basic: true},
		{kind: complexKind, name: "complex128", bits: 128, basic: true},
		{kind: complexKind, name: "complex64", bits: 64, basic: true},
		tString,
		tBool,
	}
)

func (t *typ) integer() bool { return t.kind == intKind || t.kind == uintKind }
func (t *typ) number() bool  { return t.kind <= complexKind }
func (t *typ) ordered() bool { return t.kind <= floatKind || t.kind == stringKind }

// printable reports whether fmt prints a value of t without an address.
func (t *typ) printable() bool {
	switch t.kind {
	case pointerKind, anyKind:
		return false
	case structKind:
		for _, f := range t.fields {
			if !f.typ.printable() {
				return false
			}
		}
	case arrayKind, sliceKind, mapKind:
		return t.elem.printable()
	}
	return true
}

// comparable reports whether values of t can be compared without a panic.
func (t *typ) comparable() bool {
	switch t.kind {
	case sliceKind, mapKind, anyKind:
		return false
	case structKind:
		for _, f := range t.fields {
			if !f.typ.comparable() {
				return false
			}
		}
	case arrayKind:
		return t.elem.comparable()
	}
	return true
}

func sliceOf(t *typ) *typ { return &typ{kind: sliceKind, name: "[]" + t.name, elem: t} }
func mapOf(k, t *typ) *typ {
	return &typ{kind: mapKind, name: fmt.Sprintf("map[%s]%s", k.name, t.name), key: k, elem: t}
}
func pointerTo(t *typ) *typ { return &typ{kind: pointerKind, name: "*" + t.name, elem: t} }
func arrayOf(n int, t *typ) *typ {
	return &typ{kind: arrayKind, name: fmt.Sprintf("[%d]%s", n, t.name), n: n, elem: t}
}
