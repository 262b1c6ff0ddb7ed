package engine

import (
	"reflect"
	"unsafe"
)

// Calls of compiled functions whose parameters and result are of a few common
// kinds of representation do without package reflect: a function of one pointer
// type is called as one of another.

// fastFn calls the func value fv.
type fastFn func(fp *Frame, fv unsafe.Pointer)

// kindOfWord names the representation of t: P a pointer, I an int, F a float64,
// S a string, L a slice, E an interface, B a bool; 0 for others.
func kindOfWord(t reflect.Type) byte {
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.UnsafePointer:
		return 'P'
	case reflect.Int, reflect.Int64, reflect.Uint, reflect.Uint64, reflect.Uintptr:
		return 'I'
	case reflect.Int32, reflect.Uint32:
		return 'W'
	case reflect.Float64:
		return 'F'
	case reflect.String:
		return 'S'
	case reflect.Slice:
		return 'L'
	case reflect.Interface:
		return 'E'
	case reflect.Bool, reflect.Uint8:
		return 'B'
	}
	return 0
}

// fastCall returns a direct call of functions of type ft with the registers s,
// nil where there is none.
func fastCall(ft reflect.Type, s []uintptr, res []slot) fastFn {
	if ft.NumOut() > 1 || len(s) != ft.NumIn() || len(s) > 4 {
		return nil
	}
	var k [4]byte
	for i := range s {
		if k[i] = kindOfWord(ft.In(i)); k[i] == 0 {
			return nil
		}
	}
	r, d := byte('0'), uintptr(0)
	if ft.NumOut() == 1 {
		if r = kindOfWord(ft.Out(0)); r == 0 || len(res) != 1 {
			return nil
		}
		d = res[0].off
	}
	switch len(s) {
	case 0:
		return fast0(r, d)
	case 1:
		return fast1(k, r, s, d)
	case 2:
		return fast2(k, r, s, d)
	}
	return fastMore(k, r, s, d)
}

func fast0(r byte, d uintptr) fastFn {
	switch r {
	case '0':
		return func(_ *Frame, fv unsafe.Pointer) { (*(*func())(unsafe.Pointer(&fv)))() }
	case 'I':
		return func(fp *Frame, fv unsafe.Pointer) { *at[int](fp, d) = (*(*func() int)(unsafe.Pointer(&fv)))() }
	case 'F':
		return func(fp *Frame, fv unsafe.Pointer) { *at[float64](fp, d) = (*(*func() float64)(unsafe.Pointer(&fv)))() }
	}
	return nil
}

func fast1(k [4]byte, r byte, s []uintptr, d uintptr) fastFn {
	switch k[0] {
	case 'P':
		return result1[unsafe.Pointer](r, s, d)
	case 'I':
		return result1[int](r, s, d)
	case 'W':
		return result1[int32](r, s, d)
	case 'F':
		return result1[float64](r, s, d)
	case 'S':
		return result1[string](r, s, d)
	case 'L':
		return result1[[]byte](r, s, d)
	case 'E':
		return result1[any](r, s, d)
	}
	return nil
}

func result1[A any](r byte, s []uintptr, d uintptr) fastFn {
	switch r {
	case '0':
		a := s[0]
		return func(fp *Frame, fv unsafe.Pointer) {
			(*(*func(A))(unsafe.Pointer(&fv)))(*(*A)(unsafe.Add(unsafe.Pointer(fp), a)))
		}
	case 'I':
		return call1[A, int](s, d)
	case 'F':
		return call1[A, float64](s, d)
	case 'S':
		return call1[A, string](s, d)
	case 'B':
		return call1[A, bool](s, d)
	case 'P':
		return call1[A, unsafe.Pointer](s, d)
	case 'L':
		return call1[A, []byte](s, d)
	case 'E':
		return call1[A, any](s, d)
	}
	return nil
}

func call1[A, R any](s []uintptr, d uintptr) fastFn {
	a := s[0]
	return func(fp *Frame, fv unsafe.Pointer) {
		*(*R)(unsafe.Add(unsafe.Pointer(fp), d)) = (*(*func(A) R)(unsafe.Pointer(&fv)))(*(*A)(unsafe.Add(unsafe.Pointer(fp), a)))
	}
}

func fast2(k [4]byte, r byte, s []uintptr, d uintptr) fastFn {
	switch k[0] {
	case 'P':
		return second2[unsafe.Pointer](k, r, s, d)
	case 'I':
		return second2[int](k, r, s, d)
	case 'F':
		return second2[float64](k, r, s, d)
	case 'S':
		return second2[string](k, r, s, d)
	case 'L':
		return second2[[]byte](k, r, s, d)
	case 'E':
		return second2[any](k, r, s, d)
	}
	return nil
}

func second2[A any](k [4]byte, r byte, s []uintptr, d uintptr) fastFn {
	switch k[1] {
	case 'P':
		return result2[A, unsafe.Pointer](r, s, d)
	case 'I':
		return result2[A, int](r, s, d)
	case 'W':
		return result2[A, int32](r, s, d)
	case 'F':
		return result2[A, float64](r, s, d)
	case 'S':
		return result2[A, string](r, s, d)
	case 'L':
		return result2[A, []byte](r, s, d)
	case 'E':
		return result2[A, any](r, s, d)
	case 'B':
		return result2[A, bool](r, s, d)
	}
	return nil
}

func result2[A, B any](r byte, s []uintptr, d uintptr) fastFn {
	switch r {
	case '0':
		a, b := s[0], s[1]
		return func(fp *Frame, fv unsafe.Pointer) {
			(*(*func(A, B))(unsafe.Pointer(&fv)))(*(*A)(unsafe.Add(unsafe.Pointer(fp), a)), *(*B)(unsafe.Add(unsafe.Pointer(fp), b)))
		}
	case 'I':
		return call2[A, B, int](s, d)
	case 'F':
		return call2[A, B, float64](s, d)
	case 'S':
		return call2[A, B, string](s, d)
	case 'B':
		return call2[A, B, bool](s, d)
	case 'P':
		return call2[A, B, unsafe.Pointer](s, d)
	case 'L':
		return call2[A, B, []byte](s, d)
	case 'E':
		return call2[A, B, any](s, d)
	}
	return nil
}

func call2[A, B, R any](s []uintptr, d uintptr) fastFn {
	a, b := s[0], s[1]
	return func(fp *Frame, fv unsafe.Pointer) {
		*(*R)(unsafe.Add(unsafe.Pointer(fp), d)) = (*(*func(A, B) R)(unsafe.Pointer(&fv)))(*(*A)(unsafe.Add(unsafe.Pointer(fp), a)), *(*B)(unsafe.Add(unsafe.Pointer(fp), b)))
	}
}

// fastMore has calls of three and four arguments that numerical code makes.
func fastMore(k [4]byte, r byte, s []uintptr, d uintptr) fastFn {
	switch string(k[:len(s)]) + string(r) {
	case "PIIF": // the (i, j) of a matrix
		return call3[unsafe.Pointer, int, int, float64](s, d)
	case "PIIB":
		return call3[unsafe.Pointer, int, int, bool](s, d)
	case "PII0":
		return do3[unsafe.Pointer, int, int](s)
	case "PIF0":
		return do3[unsafe.Pointer, int, float64](s)
	case "PIIF0": // set (i, j)
		a, b, x, y := s[0], s[1], s[2], s[3]
		return func(fp *Frame, fv unsafe.Pointer) {
			(*(*func(unsafe.Pointer, int, int, float64))(unsafe.Pointer(&fv)))(*at[unsafe.Pointer](fp, a), *at[int](fp, b), *at[int](fp, x), *at[float64](fp, y))
		}
	case "PEE0": // m.Mul(a, b)
		return do3[unsafe.Pointer, any, any](s)
	case "PFE0":
		return do3[unsafe.Pointer, float64, any](s)
	case "FFFF":
		return call3[float64, float64, float64, float64](s, d)
	case "LLLF":
		return call3[[]byte, []byte, []byte, float64](s, d)
	case "SSSS":
		return call3[string, string, string, string](s, d)
	case "LLL0":
		return do3[[]byte, []byte, []byte](s)
	}
	return nil
}

func call3[A, B, C, R any](s []uintptr, d uintptr) fastFn {
	a, b, x := s[0], s[1], s[2]
	return func(fp *Frame, fv unsafe.Pointer) {
		*(*R)(unsafe.Add(unsafe.Pointer(fp), d)) = (*(*func(A, B, C) R)(unsafe.Pointer(&fv)))(*(*A)(unsafe.Add(unsafe.Pointer(fp), a)), *(*B)(unsafe.Add(unsafe.Pointer(fp), b)), *(*C)(unsafe.Add(unsafe.Pointer(fp), x)))
	}
}

func do3[A, B, C any](s []uintptr) fastFn {
	a, b, x := s[0], s[1], s[2]
	return func(fp *Frame, fv unsafe.Pointer) {
		(*(*func(A, B, C))(unsafe.Pointer(&fv)))(*(*A)(unsafe.Add(unsafe.Pointer(fp), a)), *(*B)(unsafe.Add(unsafe.Pointer(fp), b)), *(*C)(unsafe.Add(unsafe.Pointer(fp), x)))
	}
}
