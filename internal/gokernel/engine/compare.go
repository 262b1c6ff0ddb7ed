package engine

import (
	"fmt"
	"go/token"
	"go/types"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

// fusable reports whether a branch on the comparison can be one instruction.
func fusable(in *ssa.BinOp) bool {
	switch in.Op {
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
	default:
		return false
	}
	switch kindOf(in.X.Type()) {
	case types.Int, types.Int8, types.Int16, types.Int32, types.Int64, types.Uint, types.Uint8, types.Uint16,
		types.Uint32, types.Uint64, types.Uintptr, types.Float32, types.Float64:
		return types.Identical(in.X.Type().Underlying(), in.Y.Type().Underlying())
	}
	return false
}

// branch is a comparison and the branch on it.
func branch(op token.Token, t types.Type, x, y uintptr, yes, no int, poll bool) instr {
	var in instr
	switch kindOf(t) {
	case types.Int:
		in = branchOn[int](op, x, y, yes, no, poll)
	case types.Int8:
		in = branchOn[int8](op, x, y, yes, no, poll)
	case types.Int16:
		in = branchOn[int16](op, x, y, yes, no, poll)
	case types.Int32:
		in = branchOn[int32](op, x, y, yes, no, poll)
	case types.Int64:
		in = branchOn[int64](op, x, y, yes, no, poll)
	case types.Uint:
		in = branchOn[uint](op, x, y, yes, no, poll)
	case types.Uint8:
		in = branchOn[uint8](op, x, y, yes, no, poll)
	case types.Uint16:
		in = branchOn[uint16](op, x, y, yes, no, poll)
	case types.Uint32:
		in = branchOn[uint32](op, x, y, yes, no, poll)
	case types.Uint64:
		in = branchOn[uint64](op, x, y, yes, no, poll)
	case types.Uintptr:
		in = branchOn[uintptr](op, x, y, yes, no, poll)
	case types.Float32:
		in = branchOn[float32](op, x, y, yes, no, poll)
	case types.Float64:
		in = branchOn[float64](op, x, y, yes, no, poll)
	}
	return in
}

func branchOn[T integer | float](op token.Token, x, y uintptr, yes, no int, poll bool) instr {
	switch op {
	case token.EQL:
		return func(fp *Frame) {
			if poll && attention.Load() != 0 {
				fp.th.poll()
			}
			if *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) == *(*T)(unsafe.Add(unsafe.Pointer(fp), y)) {
				fp.pc = yes
			} else {
				fp.pc = no
			}
		}
	case token.NEQ:
		return func(fp *Frame) {
			if poll && attention.Load() != 0 {
				fp.th.poll()
			}
			if *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) != *(*T)(unsafe.Add(unsafe.Pointer(fp), y)) {
				fp.pc = yes
			} else {
				fp.pc = no
			}
		}
	case token.LSS:
		return func(fp *Frame) {
			if poll && attention.Load() != 0 {
				fp.th.poll()
			}
			if *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) < *(*T)(unsafe.Add(unsafe.Pointer(fp), y)) {
				fp.pc = yes
			} else {
				fp.pc = no
			}
		}
	case token.LEQ:
		return func(fp *Frame) {
			if poll && attention.Load() != 0 {
				fp.th.poll()
			}
			if *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) <= *(*T)(unsafe.Add(unsafe.Pointer(fp), y)) {
				fp.pc = yes
			} else {
				fp.pc = no
			}
		}
	case token.GTR:
		return branchOn[T](token.LSS, y, x, yes, no, poll)
	}
	return branchOn[T](token.LEQ, y, x, yes, no, poll)
}

// compare is a comparison whose result is a value.
func compare(p *Program, op token.Token, tx, ty types.Type, d, x, y uintptr) instr {
	switch kindOf(tx) {
	case types.Int:
		return compareAs[int](op, d, x, y)
	case types.Int8:
		return compareAs[int8](op, d, x, y)
	case types.Int16:
		return compareAs[int16](op, d, x, y)
	case types.Int32:
		return compareAs[int32](op, d, x, y)
	case types.Int64:
		return compareAs[int64](op, d, x, y)
	case types.Uint:
		return compareAs[uint](op, d, x, y)
	case types.Uint8:
		return compareAs[uint8](op, d, x, y)
	case types.Uint16:
		return compareAs[uint16](op, d, x, y)
	case types.Uint32:
		return compareAs[uint32](op, d, x, y)
	case types.Uint64:
		return compareAs[uint64](op, d, x, y)
	case types.Uintptr:
		return compareAs[uintptr](op, d, x, y)
	case types.Float32:
		return compareAs[float32](op, d, x, y)
	case types.Float64:
		return compareAs[float64](op, d, x, y)
	case types.String:
		return compareAs[string](op, d, x, y)
	}
	eq := p.equal(tx)
	if op == token.NEQ {
		return func(fp *Frame) { *(*bool)(unsafe.Add(unsafe.Pointer(fp), d)) = !eq(reg(fp, x), reg(fp, y)) }
	}
	return func(fp *Frame) { *(*bool)(unsafe.Add(unsafe.Pointer(fp), d)) = eq(reg(fp, x), reg(fp, y)) }
}

func compareAs[T ordered](op token.Token, d, x, y uintptr) instr {
	switch op {
	case token.EQL:
		return func(fp *Frame) {
			*(*bool)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) == *(*T)(unsafe.Add(unsafe.Pointer(fp), y))
		}
	case token.NEQ:
		return func(fp *Frame) {
			*(*bool)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) != *(*T)(unsafe.Add(unsafe.Pointer(fp), y))
		}
	case token.LSS:
		return func(fp *Frame) {
			*(*bool)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) < *(*T)(unsafe.Add(unsafe.Pointer(fp), y))
		}
	case token.LEQ:
		return func(fp *Frame) {
			*(*bool)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) <= *(*T)(unsafe.Add(unsafe.Pointer(fp), y))
		}
	case token.GTR:
		return func(fp *Frame) {
			*(*bool)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) > *(*T)(unsafe.Add(unsafe.Pointer(fp), y))
		}
	}
	return func(fp *Frame) {
		*(*bool)(unsafe.Add(unsafe.Pointer(fp), d)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), x)) >= *(*T)(unsafe.Add(unsafe.Pointer(fp), y))
	}
}

// equal returns what compares two values of type t.
func (p *Program) equal(t types.Type) func(a, b unsafe.Pointer) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch u.Kind() {
		case types.Complex64:
			return func(a, b unsafe.Pointer) bool { return *(*complex64)(a) == *(*complex64)(b) }
		case types.Complex128, types.UntypedComplex:
			return func(a, b unsafe.Pointer) bool { return *(*complex128)(a) == *(*complex128)(b) }
		case types.Bool, types.UntypedBool:
			return func(a, b unsafe.Pointer) bool { return *(*bool)(a) == *(*bool)(b) }
		}
		return func(a, b unsafe.Pointer) bool { return *(*unsafe.Pointer)(a) == *(*unsafe.Pointer)(b) }
	case *types.Interface:
		if u.NumMethods() > 0 {
			// Two tables may stand for one type: its interfaces may differ.
			return func(a, b unsafe.Pointer) bool { return *(*any)(plainIface(a)) == *(*any)(plainIface(b)) }
		}
		return func(a, b unsafe.Pointer) bool { return *(*any)(a) == *(*any)(b) }
	case *types.Struct, *types.Array:
		rt := p.Types.TypeOf(t)
		eq := descriptorEqual(rt)
		if eq == nil {
			panic(fmt.Errorf("%s cannot be compared", t))
		}
		return eq
	}
	// pointers, channels; functions, maps and slices with nil
	return func(a, b unsafe.Pointer) bool { return *(*unsafe.Pointer)(a) == *(*unsafe.Pointer)(b) }
}

// plainIface returns a value of an interface type with methods as one without.
func plainIface(p unsafe.Pointer) unsafe.Pointer {
	return unsafe.Pointer(&eface{dynamicType(p, true), (*iface)(p).data})
}
