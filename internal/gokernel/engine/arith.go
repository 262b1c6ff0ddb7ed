package engine

import (
	"fmt"
	"go/token"
	"go/types"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

type (
	signed interface {
		~int | ~int8 | ~int16 | ~int32 | ~int64
	}
	unsigned interface {
		~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
	}
	integer interface{ signed | unsigned }
	float   interface{ ~float32 | ~float64 }
	cplx    interface{ ~complex64 | ~complex128 }
	number  interface{ integer | float | cplx }
	ordered interface{ integer | float | ~string }
)

// kindOf returns the basic kind under t, with the default kinds of untyped ones.
func kindOf(t types.Type) types.BasicKind {
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		return types.Invalid
	}
	switch b.Kind() {
	case types.UntypedBool:
		return types.Bool
	case types.UntypedInt:
		return types.Int
	case types.UntypedRune:
		return types.Int32
	case types.UntypedFloat:
		return types.Float64
	case types.UntypedComplex:
		return types.Complex128
	case types.UntypedString:
		return types.String
	}
	return b.Kind()
}

func (c *compiler) binop(in *ssa.BinOp) instr {
	dst := c.dst(in)
	switch in.Op {
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		x, y := c.src(in.X), c.src(in.Y)
		return compare(c.p, in.Op, in.X.Type(), in.Y.Type(), dst, x, y)
	case token.SHL, token.SHR:
		x, y := c.src(in.X), c.src(in.Y)
		k := kindOf(in.Y.Type())
		isSigned := false
		switch k {
		case types.Int, types.Int64:
			isSigned = true
		case types.Uint, types.Uint64, types.Uintptr:
		case types.Int8, types.Int16, types.Int32:
			isSigned = true
			s := c.newSlot(types.Typ[types.Int])
			c.emit(in.Pos(), convert(k, types.Int, s.off, y))
			y = s.off
		default:
			s := c.newSlot(types.Typ[types.Int])
			c.emit(in.Pos(), convert(k, types.Uint, s.off, y))
			y = s.off
		}
		return shift(in.Op, kindOf(in.Type()), isSigned, dst, x, y)
	}
	return arith(in.Op, kindOf(in.Type()), dst, c.src(in.X), c.src(in.Y))
}

func arith(op token.Token, k types.BasicKind, d, x, y uintptr) instr {
	switch k {
	case types.Int:
		return arithInt[int](op, d, x, y)
	case types.Int8:
		return arithInt[int8](op, d, x, y)
	case types.Int16:
		return arithInt[int16](op, d, x, y)
	case types.Int32:
		return arithInt[int32](op, d, x, y)
	case types.Int64:
		return arithInt[int64](op, d, x, y)
	case types.Uint:
		return arithInt[uint](op, d, x, y)
	case types.Uint8:
		return arithInt[uint8](op, d, x, y)
	case types.Uint16:
		return arithInt[uint16](op, d, x, y)
	case types.Uint32:
		return arithInt[uint32](op, d, x, y)
	case types.Uint64:
		return arithInt[uint64](op, d, x, y)
	case types.Uintptr:
		return arithInt[uintptr](op, d, x, y)
	case types.Float32:
		return arithNum[float32](op, d, x, y)
	case types.Float64:
		return arithNum[float64](op, d, x, y)
	case types.Complex64:
		return arithNum[complex64](op, d, x, y)
	case types.Complex128:
		return arithNum[complex128](op, d, x, y)
	case types.String:
		return func(fp *Frame) {
			*(*string)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*string)(unsafe.Add(unsafe.Pointer(fp), x)) + *(*string)(unsafe.Add(unsafe.Pointer(fp), y))
		}
	}
	panic(fmt.Errorf("operator %s of kind %d", op, k))
}

func arithNum[T number](op token.Token, d, x, y uintptr) instr {
	switch op {
	case token.ADD:
		return func(fp *Frame) {
			*(*T)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) + *(*T)(unsafe.Add(unsafe.Pointer(fp), y))
		}
	case token.SUB:
		return func(fp *Frame) {
			*(*T)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) - *(*T)(unsafe.Add(unsafe.Pointer(fp), y))
		}
	case token.MUL:
		return func(fp *Frame) {
			*(*T)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) * *(*T)(unsafe.Add(unsafe.Pointer(fp), y))
		}
	case token.QUO:
		return func(fp *Frame) {
			*(*T)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) / *(*T)(unsafe.Add(unsafe.Pointer(fp), y))
		}
	}
	panic(fmt.Errorf("operator %s", op))
}

func arithInt[T integer](op token.Token, d, x, y uintptr) instr {
	switch op {
	case token.REM:
		return func(fp *Frame) {
			*(*T)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) % *(*T)(unsafe.Add(unsafe.Pointer(fp), y))
		}
	case token.AND:
		return func(fp *Frame) {
			*(*T)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) & *(*T)(unsafe.Add(unsafe.Pointer(fp), y))
		}
	case token.OR:
		return func(fp *Frame) {
			*(*T)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) | *(*T)(unsafe.Add(unsafe.Pointer(fp), y))
		}
	case token.XOR:
		return func(fp *Frame) {
			*(*T)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) ^ *(*T)(unsafe.Add(unsafe.Pointer(fp), y))
		}
	case token.AND_NOT:
		return func(fp *Frame) {
			*(*T)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) &^ *(*T)(unsafe.Add(unsafe.Pointer(fp), y))
		}
	}
	return arithNum[T](op, d, x, y)
}

func shift(op token.Token, k types.BasicKind, isSigned bool, d, x, y uintptr) instr {
	switch k {
	case types.Int:
		return shiftInt[int](op, isSigned, d, x, y)
	case types.Int8:
		return shiftInt[int8](op, isSigned, d, x, y)
	case types.Int16:
		return shiftInt[int16](op, isSigned, d, x, y)
	case types.Int32:
		return shiftInt[int32](op, isSigned, d, x, y)
	case types.Int64:
		return shiftInt[int64](op, isSigned, d, x, y)
	case types.Uint:
		return shiftInt[uint](op, isSigned, d, x, y)
	case types.Uint8:
		return shiftInt[uint8](op, isSigned, d, x, y)
	case types.Uint16:
		return shiftInt[uint16](op, isSigned, d, x, y)
	case types.Uint32:
		return shiftInt[uint32](op, isSigned, d, x, y)
	case types.Uint64:
		return shiftInt[uint64](op, isSigned, d, x, y)
	case types.Uintptr:
		return shiftInt[uintptr](op, isSigned, d, x, y)
	}
	panic(fmt.Errorf("shift of kind %d", k))
}

func shiftInt[T integer](op token.Token, isSigned bool, d, x, y uintptr) instr {
	switch {
	case op == token.SHL && isSigned:
		return func(fp *Frame) {
			*(*T)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) << *(*int)(unsafe.Add(unsafe.Pointer(fp), y))
		}
	case op == token.SHL:
		return func(fp *Frame) {
			*(*T)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) << *(*uint)(unsafe.Add(unsafe.Pointer(fp), y))
		}
	case isSigned:
		return func(fp *Frame) {
			*(*T)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) >> *(*int)(unsafe.Add(unsafe.Pointer(fp), y))
		}
	}
	return func(fp *Frame) {
		*(*T)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) >> *(*uint)(unsafe.Add(unsafe.Pointer(fp), y))
	}
}

func unary(op token.Token, t types.Type, d, x uintptr) instr {
	switch kindOf(t) {
	case types.Int:
		return unaryInt[int](op, d, x)
	case types.Int8:
		return unaryInt[int8](op, d, x)
	case types.Int16:
		return unaryInt[int16](op, d, x)
	case types.Int32:
		return unaryInt[int32](op, d, x)
	case types.Int64:
		return unaryInt[int64](op, d, x)
	case types.Uint:
		return unaryInt[uint](op, d, x)
	case types.Uint8:
		return unaryInt[uint8](op, d, x)
	case types.Uint16:
		return unaryInt[uint16](op, d, x)
	case types.Uint32:
		return unaryInt[uint32](op, d, x)
	case types.Uint64:
		return unaryInt[uint64](op, d, x)
	case types.Uintptr:
		return unaryInt[uintptr](op, d, x)
	case types.Float32:
		return func(fp *Frame) {
			*(*float32)(unsafe.Add(unsafe.Pointer(fp), d)) = -*(*float32)(unsafe.Add(unsafe.Pointer(fp), x))
		}
	case types.Float64:
		return func(fp *Frame) {
			*(*float64)(unsafe.Add(unsafe.Pointer(fp), d)) = -*(*float64)(unsafe.Add(unsafe.Pointer(fp), x))
		}
	case types.Complex64:
		return func(fp *Frame) {
			*(*complex64)(unsafe.Add(unsafe.Pointer(fp), d)) = -*(*complex64)(unsafe.Add(unsafe.Pointer(fp), x))
		}
	case types.Complex128:
		return func(fp *Frame) {
			*(*complex128)(unsafe.Add(unsafe.Pointer(fp), d)) = -*(*complex128)(unsafe.Add(unsafe.Pointer(fp), x))
		}
	}
	panic(fmt.Errorf("operator %s of %s", op, t))
}

func unaryInt[T integer](op token.Token, d, x uintptr) instr {
	if op == token.XOR {
		return func(fp *Frame) { *(*T)(unsafe.Add(unsafe.Pointer(fp), d)) = ^*(*T)(unsafe.Add(unsafe.Pointer(fp), x)) }
	}
	return func(fp *Frame) { *(*T)(unsafe.Add(unsafe.Pointer(fp), d)) = -*(*T)(unsafe.Add(unsafe.Pointer(fp), x)) }
}

// convert converts between numbers.
func convert(from, to types.BasicKind, d, x uintptr) instr {
	switch from {
	case types.Int:
		return convertFrom[int](to, d, x)
	case types.Int8:
		return convertFrom[int8](to, d, x)
	case types.Int16:
		return convertFrom[int16](to, d, x)
	case types.Int32:
		return convertFrom[int32](to, d, x)
	case types.Int64:
		return convertFrom[int64](to, d, x)
	case types.Uint:
		return convertFrom[uint](to, d, x)
	case types.Uint8:
		return convertFrom[uint8](to, d, x)
	case types.Uint16:
		return convertFrom[uint16](to, d, x)
	case types.Uint32:
		return convertFrom[uint32](to, d, x)
	case types.Uint64:
		return convertFrom[uint64](to, d, x)
	case types.Uintptr:
		return convertFrom[uintptr](to, d, x)
	case types.Float32:
		return convertFrom[float32](to, d, x)
	case types.Float64:
		return convertFrom[float64](to, d, x)
	case types.Complex64:
		if to == types.Complex128 {
			return func(fp *Frame) {
				*(*complex128)(unsafe.Add(unsafe.Pointer(fp), d)) = complex128(*(*complex64)(unsafe.Add(unsafe.Pointer(fp), x)))
			}
		}
		return mv[complex64](d, x)
	case types.Complex128:
		if to == types.Complex64 {
			return func(fp *Frame) {
				*(*complex64)(unsafe.Add(unsafe.Pointer(fp), d)) = complex64(*(*complex128)(unsafe.Add(unsafe.Pointer(fp), x)))
			}
		}
		return mv[complex128](d, x)
	case types.Bool:
		return mv[bool](d, x)
	case types.String:
		return mv[string](d, x)
	case types.UnsafePointer:
		return mv[unsafe.Pointer](d, x)
	}
	panic(fmt.Errorf("conversion from kind %d to %d", from, to))
}

func convertFrom[S integer | float](to types.BasicKind, d, x uintptr) instr {
	switch to {
	case types.Int:
		return conv[S, int](d, x)
	case types.Int8:
		return conv[S, int8](d, x)
	case types.Int16:
		return conv[S, int16](d, x)
	case types.Int32:
		return conv[S, int32](d, x)
	case types.Int64:
		return conv[S, int64](d, x)
	case types.Uint:
		return conv[S, uint](d, x)
	case types.Uint8:
		return conv[S, uint8](d, x)
	case types.Uint16:
		return conv[S, uint16](d, x)
	case types.Uint32:
		return conv[S, uint32](d, x)
	case types.Uint64:
		return conv[S, uint64](d, x)
	case types.Uintptr:
		return conv[S, uintptr](d, x)
	case types.Float32:
		return conv[S, float32](d, x)
	case types.Float64:
		return conv[S, float64](d, x)
	}
	panic(fmt.Errorf("conversion of a number to kind %d", to))
}

func conv[S, D integer | float](d, x uintptr) instr {
	return func(fp *Frame) {
		*(*D)(unsafe.Add(unsafe.Pointer(fp), d)) = D(*(*S)(unsafe.Add(unsafe.Pointer(fp), x)))
	}
}
