package rtype

import (
	"reflect"
	"sync"
	"unsafe"
)

// A FuncObject is what a func value made here points to: first what
// reflect.MakeFunc would have made, so that compiled code can call it, then
// what interpreted code needs to call it directly.
type FuncObject struct {
	code    uintptr
	stack   unsafe.Pointer
	argLen  uintptr
	regPtrs [2]uint8
	ftyp    *Type
	fn      func([]reflect.Value) []reflect.Value

	mark *byte
	Fn   unsafe.Pointer // the interpreter's function
	Bind unsafe.Pointer // its captured values
}

var (
	mark     byte
	stubCode uintptr // of reflect.makeFuncStub
)

// A FuncShape holds what all functions of one type have in common.
type FuncShape struct {
	proto FuncObject
	Type  reflect.Type
}

var shapes sync.Map // reflect.Type -> *FuncShape

// ShapeOf returns the shape of functions of type t.
func ShapeOf(t reflect.Type) *FuncShape {
	if s, ok := shapes.Load(t); ok {
		return s.(*FuncShape)
	}
	s := &FuncShape{Type: t}
	v := reflect.MakeFunc(t, func([]reflect.Value) []reflect.Value { return nil }).Interface()
	o := (*FuncObject)((*eface)(unsafe.Pointer(&v)).data)
	s.proto = FuncObject{code: o.code, stack: o.stack, argLen: o.argLen, regPtrs: o.regPtrs, ftyp: o.ftyp, mark: &mark}
	stubCode = o.code
	shapes.Store(t, s)
	return s
}

// New returns a function value of the shape, as the pointer that a func
// variable holds. Compiled code that calls it runs call.
func (s *FuncShape) New(fn, bind unsafe.Pointer, call func(o *FuncObject, args []reflect.Value) []reflect.Value) *FuncObject {
	o := new(FuncObject)
	*o = s.proto
	o.Fn, o.Bind = fn, bind
	o.fn = func(args []reflect.Value) []reflect.Value { return call(o, args) }
	return o
}

// closures holds the code of the closures that stand for function objects, by
// a hash of the code's address.
var closures [1024]uintptr

// Recognize makes FuncOf know the closures of the code that p has. They capture
// a function object, and nothing else.
func Recognize(p unsafe.Pointer) {
	code := *(*uintptr)(p)
	if old := closures[code>>4%1024]; old != 0 && old != code {
		return // its closures are called as compiled functions
	}
	closures[code>>4%1024] = code
}

// FuncOf returns the object behind a func value if it was made by New.
func FuncOf(p unsafe.Pointer) *FuncObject {
	code := *(*uintptr)(p)
	if code != stubCode {
		if closures[code>>4%1024] == code {
			return *(**FuncObject)(unsafe.Add(p, unsafe.Sizeof(code)))
		}
		return nil
	}
	o := (*FuncObject)(p)
	if o.mark != &mark {
		return nil
	}
	return o
}

// Type returns the type of the func value.
func (o *FuncObject) Type() reflect.Type { return Reflect(o.ftyp) }
