package rtype

import (
	"fmt"
	"reflect"
	"unsafe"
)

// slots holds the function objects that the method stubs jump through.
var slots [numSlots]unsafe.Pointer

var usedSlots int

// stubBase returns the address of stub 0.
func stubBase() unsafe.Pointer

// stub returns the address of code that calls o.
func stub(o *FuncObject) unsafe.Pointer {
	if usedSlots == numSlots {
		panic(fmt.Errorf("more than %d methods of cell types: restart the kernel", numSlots))
	}
	i := usedSlots
	usedSlots++
	slots[i] = unsafe.Pointer(o)
	return unsafe.Add(stubBase(), i*stubStride)
}

// callStub calls a stub as a function without arguments, for the check.
func callStub(p unsafe.Pointer) {
	code := &p
	(*(*func())(unsafe.Pointer(&code)))()
}

// stubCheck verifies that the stubs lie where stub expects them.
func stubCheck() error {
	hit := -1
	shape := ShapeOf(reflect.TypeOf(func() {}))
	for _, i := range []int{0, 1, 15, 16, 17, numSlots/2 + 3, numSlots - 1} {
		hit = -1
		o := shape.New(nil, nil, func(*FuncObject, []reflect.Value) []reflect.Value { hit = i; return nil })
		old := slots[i]
		slots[i] = unsafe.Pointer(o)
		callStub(unsafe.Add(stubBase(), i*stubStride))
		slots[i] = old
		if hit != i {
			return fmt.Errorf("method stub %d lies elsewhere", i)
		}
	}
	return nil
}

// Check reports whether this build's runtime is one that the package can make
// types for.
func Check() error {
	if err := layoutCheck(); err != nil {
		return fmt.Errorf("%w: this Go's runtime is not known", err)
	}
	return stubCheck()
}
