package engine

import (
	"go/types"
	"unsafe"

	"github.com/nngplab/nngplab/internal/gokernel/rtype"
)

// A class says how values of a type are moved.
type class uint8

const (
	cZero class = iota // nothing to move
	c1                 // scalars without pointers, by size
	c2
	c4
	c8
	c16
	cPtr    // one pointer
	cString // a pointer and a length
	cSlice  // a pointer, a length, a capacity
	cIface  // two pointers
	cMem    // anything else
)

// move describes how to copy values of a type.
type move struct {
	class class
	size  uintptr
	typ   *rtype.Type // of cMem
}

func (p *Program) moveOf(t types.Type) move {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch u.Kind() {
		case types.Invalid:
			return move{cZero, 0, nil}
		case types.String, types.UntypedString:
			return move{cString, 16, nil}
		case types.UnsafePointer, types.UntypedNil:
			return move{cPtr, 8, nil}
		}
		switch p.sizes.Sizeof(types.Typ[kindOf(u)]) {
		case 1:
			return move{c1, 1, nil}
		case 2:
			return move{c2, 2, nil}
		case 4:
			return move{c4, 4, nil}
		case 8:
			return move{c8, 8, nil}
		case 16:
			return move{c16, 16, nil}
		}
	case *types.Pointer, *types.Map, *types.Chan, *types.Signature:
		return move{cPtr, 8, nil}
	case *types.Slice:
		return move{cSlice, 24, nil}
	case *types.Interface:
		return move{cIface, 16, nil}
	case *types.Struct, *types.Array:
		rt := p.Types.Layout(t)
		if rt.Size == 0 {
			return move{cZero, 0, nil}
		}
		return move{cMem, rt.Size, rt}
	case *types.Tuple:
		var off uintptr
		for v := range u.Variables() {
			p.slotAt(&off, v.Type())
		}
		return move{cMem, off, nil} // never moved as a whole
	}
	return move{cPtr, 8, nil} // the iterators of ranges, defer stacks
}

// copier makes the instructions that move values of one representation: between
// registers, from and to memory at a pointer, from and to elements of a slice.
type copier struct {
	move      func(dst, src uintptr) instr
	load      func(dst, p, off uintptr) instr
	store     func(p, off, src uintptr) instr
	loadElem  func(dst, s, i, off, size uintptr) instr
	storeElem func(s, i, off, size, src uintptr) instr
}

func copierOf[T any]() copier {
	return copier{mv[T], load[T], store[T], loadSlice[T], storeSlice[T]}
}

// copiers has none for the classes whose size varies.
var copiers = [...]copier{
	c1: copierOf[uint8](), c2: copierOf[uint16](), c4: copierOf[uint32](), c8: copierOf[uint64](), c16: copierOf[[2]uint64](),
	cPtr: copierOf[unsafe.Pointer](), cString: copierOf[string](), cSlice: copierOf[[]byte](), cIface: copierOf[any](),
	cMem: {},
}

// copyTo copies a value.
func (m move) copyTo(dst, src unsafe.Pointer) {
	switch m.class {
	case cZero:
	case c1:
		*(*uint8)(dst) = *(*uint8)(src)
	case c2:
		*(*uint16)(dst) = *(*uint16)(src)
	case c4:
		*(*uint32)(dst) = *(*uint32)(src)
	case c8:
		*(*uint64)(dst) = *(*uint64)(src)
	case c16:
		*(*[2]uint64)(dst) = *(*[2]uint64)(src)
	case cPtr:
		*(*unsafe.Pointer)(dst) = *(*unsafe.Pointer)(src)
	case cString:
		*(*string)(dst) = *(*string)(src)
	case cSlice:
		*(*[]byte)(dst) = *(*[]byte)(src)
	case cIface:
		*(*any)(dst) = *(*any)(src)
	default:
		typedmemmove(m.typ, dst, src)
	}
}

// clear zeroes a value.
func (m move) clear(dst unsafe.Pointer) {
	switch m.class {
	case cZero:
	case c1:
		*(*uint8)(dst) = 0
	case c2:
		*(*uint16)(dst) = 0
	case c4:
		*(*uint32)(dst) = 0
	case c8:
		*(*uint64)(dst) = 0
	case c16:
		*(*[2]uint64)(dst) = [2]uint64{}
	case cPtr:
		*(*unsafe.Pointer)(dst) = nil
	case cString:
		*(*string)(dst) = ""
	case cSlice:
		*(*[]byte)(dst) = nil
	case cIface:
		*(*any)(dst) = nil
	default:
		typedmemclr(m.typ, dst)
	}
}

// mask marks the words of a value at off that hold pointers.
func (m move) mask(mask []byte, off uintptr) {
	set := func(o uintptr) { mask[o/64] |= 1 << (o / 8 % 8) }
	switch m.class {
	case cPtr, cString, cSlice:
		set(off)
	case cIface:
		set(off)
		set(off + 8)
	case cMem:
		if m.typ == nil {
			return
		}
		for i := range m.typ.PtrBytes / 8 {
			if rtype.PointerAt(m.typ, i) {
				set(off + i*8)
			}
		}
	}
}

// moveInstr returns the instruction that copies register src to dst.
func (m move) moveInstr(dst, src uintptr) instr {
	if m.class == cZero {
		return nil
	}
	if o := copiers[m.class]; o.move != nil {
		return o.move(dst, src)
	}
	t := m.typ
	return func(fp *Frame) { typedmemmove(t, reg(fp, dst), reg(fp, src)) }
}

func mv[T any](dst, src uintptr) instr {
	return func(fp *Frame) {
		*(*T)(unsafe.Add(unsafe.Pointer(fp), dst)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), src))
	}
}

// loadInstr returns the instruction that reads memory at the pointer in
// register p, off bytes further on, into register dst.
func (m move) loadInstr(dst, p, off uintptr) instr {
	if m.class == cZero {
		return func(fp *Frame) { nilCheck(*(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(fp), p))) }
	}
	if o := copiers[m.class]; o.load != nil {
		return o.load(dst, p, off)
	}
	t := m.typ
	return func(fp *Frame) {
		a := *(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(fp), p))
		nilCheck(a)
		typedmemmove(t, reg(fp, dst), unsafe.Add(a, off))
	}
}

func load[T any](dst, p, off uintptr) instr {
	if off == 0 {
		return func(fp *Frame) {
			*(*T)(unsafe.Add(unsafe.Pointer(fp), dst)) = **(**T)(unsafe.Add(unsafe.Pointer(fp), p))
		}
	}
	return func(fp *Frame) {
		a := *(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(fp), p))
		nilCheck(a)
		*(*T)(unsafe.Add(unsafe.Pointer(fp), dst)) = *(*T)(unsafe.Add(a, off))
	}
}

// storeInstr returns the instruction that writes register src to memory.
func (m move) storeInstr(p, off, src uintptr) instr {
	if m.class == cZero {
		return func(fp *Frame) { nilCheck(*(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(fp), p))) }
	}
	if o := copiers[m.class]; o.store != nil {
		return o.store(p, off, src)
	}
	t := m.typ
	return func(fp *Frame) {
		a := *(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(fp), p))
		nilCheck(a)
		typedmemmove(t, unsafe.Add(a, off), reg(fp, src))
	}
}

func store[T any](p, off, src uintptr) instr {
	if off == 0 {
		return func(fp *Frame) {
			**(**T)(unsafe.Add(unsafe.Pointer(fp), p)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), src))
		}
	}
	return func(fp *Frame) {
		a := *(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(fp), p))
		nilCheck(a)
		*(*T)(unsafe.Add(a, off)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), src))
	}
}

// nilCheck panics as the dereference of a nil pointer does.
func nilCheck(p unsafe.Pointer) {
	if p == nil {
		var z *int
		*z = 0
	}
}

// indexed reads and writes elements of slices, and of arrays by pointer.

// elemAddr returns the address of element i of the slice in register s.
func sliceElem(fp *Frame, s uintptr, i int, size uintptr) unsafe.Pointer {
	h := (*sliceHeader)(unsafe.Add(unsafe.Pointer(fp), s))
	if uint(i) >= uint(h.len) {
		panicIndex(i, h.len)
	}
	return unsafe.Add(h.ptr, uintptr(i)*size)
}

func panicIndex(i, n int) {
	_ = unsafe.Slice((*struct{})(unsafe.Pointer(&zero)), n)[i]
	panic("unreachable")
}

var zero uint64

func loadSlice[T any](dst, s, i, off, size uintptr) instr {
	if off == 0 && size == unsafe.Sizeof(*new(T)) {
		return func(fp *Frame) {
			*(*T)(unsafe.Add(unsafe.Pointer(fp), dst)) = (*(*[]T)(unsafe.Add(unsafe.Pointer(fp), s)))[*(*int)(unsafe.Add(unsafe.Pointer(fp), i))]
		}
	}
	return func(fp *Frame) {
		*(*T)(unsafe.Add(unsafe.Pointer(fp), dst)) = *(*T)(unsafe.Add(sliceElem(fp, s, *(*int)(unsafe.Add(unsafe.Pointer(fp), i)), size), off))
	}
}

func storeSlice[T any](s, i, off, size, src uintptr) instr {
	if off == 0 && size == unsafe.Sizeof(*new(T)) {
		return func(fp *Frame) {
			(*(*[]T)(unsafe.Add(unsafe.Pointer(fp), s)))[*(*int)(unsafe.Add(unsafe.Pointer(fp), i))] = *(*T)(unsafe.Add(unsafe.Pointer(fp), src))
		}
	}
	return func(fp *Frame) {
		*(*T)(unsafe.Add(sliceElem(fp, s, *(*int)(unsafe.Add(unsafe.Pointer(fp), i)), size), off)) = *(*T)(unsafe.Add(unsafe.Pointer(fp), src))
	}
}

func (m move) loadSliceInstr(dst, s, i, off, size uintptr) instr {
	if o := copiers[m.class]; o.loadElem != nil {
		return o.loadElem(dst, s, i, off, size)
	}
	return func(fp *Frame) {
		m.copyTo(reg(fp, dst), unsafe.Add(sliceElem(fp, s, *(*int)(unsafe.Add(unsafe.Pointer(fp), i)), size), off))
	}
}

func (m move) storeSliceInstr(s, i, off, size, src uintptr) instr {
	if o := copiers[m.class]; o.storeElem != nil {
		return o.storeElem(s, i, off, size, src)
	}
	return func(fp *Frame) {
		m.copyTo(unsafe.Add(sliceElem(fp, s, *(*int)(unsafe.Add(unsafe.Pointer(fp), i)), size), off), reg(fp, src))
	}
}
