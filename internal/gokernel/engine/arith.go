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

// kindOps makes the instructions of one kind of numbers; shift is nil where
// there are none.
type kindOps struct {
	arith   func(op token.Token, d, x, y uintptr) instr
	shift   func(op token.Token, isSigned bool, d, x, y uintptr) instr
	unary   func(op token.Token, d, x uintptr) instr
	convert func(to types.BasicKind, d, x uintptr) instr
}

func intOps[T integer]() kindOps {
	return kindOps{arithInt[T], shiftInt[T], unaryInt[T], convertFrom[T]}
}

func floatOps[T float]() kindOps {
	return kindOps{arith: arithNum[T], unary: negate[T], convert: convertFrom[T]}
}

func cplxOps[T cplx]() kindOps {
	return kindOps{arith: arithNum[T], unary: negate[T], convert: convertCplx[T]}
}

var numbers = map[types.BasicKind]kindOps{
	types.Int: intOps[int](), types.Int8: intOps[int8](), types.Int16: intOps[int16](), types.Int32: intOps[int32](), types.Int64: intOps[int64](),
	types.Uint: intOps[uint](), types.Uint8: intOps[uint8](), types.Uint16: intOps[uint16](), types.Uint32: intOps[uint32](), types.Uint64: intOps[uint64](),
	types.Uintptr: intOps[uintptr](),
	types.Float32: floatOps[float32](), types.Float64: floatOps[float64](),
	types.Complex64: cplxOps[complex64](), types.Complex128: cplxOps[complex128](),
}

func arith(op token.Token, k types.BasicKind, d, x, y uintptr) instr {
	if o, ok := numbers[k]; ok {
		return o.arith(op, d, x, y)
	}
	if k == types.String {
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
	if o := numbers[k]; o.shift != nil {
		return o.shift(op, isSigned, d, x, y)
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
	if o, ok := numbers[kindOf(t)]; ok {
		return o.unary(op, d, x)
	}
	panic(fmt.Errorf("operator %s of %s", op, t))
}

func negate[T number](_ token.Token, d, x uintptr) instr {
	return func(fp *Frame) { *(*T)(unsafe.Add(unsafe.Pointer(fp), d)) = -*(*T)(unsafe.Add(unsafe.Pointer(fp), x)) }
}

func unaryInt[T integer](op token.Token, d, x uintptr) instr {
	if op == token.XOR {
		return func(fp *Frame) { *(*T)(unsafe.Add(unsafe.Pointer(fp), d)) = ^*(*T)(unsafe.Add(unsafe.Pointer(fp), x)) }
	}
	return negate[T](op, d, x)
}

// convert converts between numbers.
func convert(from, to types.BasicKind, d, x uintptr) instr {
	if o, ok := numbers[from]; ok {
		return o.convert(to, d, x)
	}
	switch from {
	case types.Bool:
		return mv[bool](d, x)
	case types.String:
		return mv[string](d, x)
	case types.UnsafePointer:
		return mv[unsafe.Pointer](d, x)
	}
	panic(fmt.Errorf("conversion from kind %d to %d", from, to))
}

func convertCplx[S cplx](to types.BasicKind, d, x uintptr) instr {
	if to == types.Complex64 {
		return func(fp *Frame) {
			*(*complex64)(unsafe.Add(unsafe.Pointer(fp), d)) = complex64(*(*S)(unsafe.Add(unsafe.Pointer(fp), x)))
		}
	}
	return func(fp *Frame) {
		*(*complex128)(unsafe.Add(unsafe.Pointer(fp), d)) = complex128(*(*S)(unsafe.Add(unsafe.Pointer(fp), x)))
	}
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
