package engine

import (
	"fmt"
	"go/token"
	"go/types"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

// findFused marks the instructions that are computed where they are used: an
// address that one load or store uses, and a comparison that a branch follows.
func (c *compiler) findFused() {
	for _, b := range c.fn.Blocks {
		for i, in := range b.Instrs {
			switch in := in.(type) {
			case *ssa.FieldAddr:
				c.fused[in] = c.soleAccess(in)
			case *ssa.IndexAddr:
				c.fused[in] = c.soleAccess(in)
			case *ssa.BinOp:
				if refs := *in.Referrers(); len(refs) == 1 && i+1 < len(b.Instrs) && refs[0] == b.Instrs[i+1] {
					if _, ok := refs[0].(*ssa.If); ok && fusable(in) {
						c.fused[in] = true
					}
				}
			}
		}
	}
}

// soleAccess reports whether the address v is used once, in its own block, and
// by a load, a store, or an address that is itself so used.
func (c *compiler) soleAccess(v ssa.Value) bool {
	refs := *v.Referrers()
	if len(refs) != 1 || refs[0].Block() != v.(ssa.Instruction).Block() {
		return false
	}
	switch r := refs[0].(type) {
	case *ssa.UnOp:
		return r.Op == token.MUL
	case *ssa.Store:
		return r.Addr == v
	case *ssa.FieldAddr:
		return c.soleAccess(r)
	}
	return false
}

// An access is a place in memory: base and offset.
type access struct {
	kind  accessKind
	base  uintptr // register: a pointer, a slice, or the place itself
	index uintptr // register of an int
	off   uintptr
	size  uintptr // of an element
	n     int     // elements of an array
}

type accessKind int

const (
	byPointer accessKind = iota
	bySlice
	byArray // the base points to an array
	inFrame // the place is in the frame
	inFrameArray
)

// access analyzes an address.
func (c *compiler) access(v ssa.Value) access {
	switch v := v.(type) {
	case *ssa.Alloc:
		if !v.Heap {
			return access{kind: inFrame, base: c.allocSlot(v).off}
		}
	case *ssa.FieldAddr:
		if c.fused[v] {
			a := c.access(v.X)
			a.off += c.fieldOffset(v.X.Type().Underlying().(*types.Pointer).Elem(), v.Field)
			return a
		}
	case *ssa.IndexAddr:
		if c.fused[v] {
			return c.indexAccess(v)
		}
	}
	return access{kind: byPointer, base: c.src(v)}
}

func (c *compiler) indexAccess(v *ssa.IndexAddr) access {
	idx := c.index(v.Index, v.Pos())
	switch t := v.X.Type().Underlying().(type) {
	case *types.Slice:
		return access{kind: bySlice, base: c.src(v.X), index: idx, size: c.sizeof(t.Elem())}
	case *types.Pointer:
		arr := t.Elem().Underlying().(*types.Array)
		a := access{kind: byArray, index: idx, size: c.sizeof(arr.Elem()), n: int(arr.Len())}
		if al, ok := v.X.(*ssa.Alloc); ok && !al.Heap {
			a.kind, a.base = inFrameArray, c.allocSlot(al).off
		} else {
			a.base = c.src(v.X)
		}
		return a
	}
	panic(fmt.Errorf("index of %s", v.X.Type()))
}

func (c *compiler) sizeof(t types.Type) uintptr { return c.p.moveOf(t).size }

// fieldOffset returns the offset of field i of the struct type t.
func (c *compiler) fieldOffset(t types.Type, i int) uintptr {
	st := t.Underlying().(*types.Struct)
	fields := make([]*types.Var, st.NumFields())
	for k := range fields {
		fields[k] = st.Field(k)
	}
	return uintptr(c.p.sizes.Offsetsof(fields)[i])
}

// index returns a register with the index v as an int.
func (c *compiler) index(v ssa.Value, pos token.Pos) uintptr {
	b, _ := v.Type().Underlying().(*types.Basic)
	switch b.Kind() {
	case types.Int, types.Int64, types.UntypedInt:
		return c.src(v)
	case types.Uint, types.Uint64, types.Uintptr:
		return c.src(v) // too large a value is negative, and out of range
	}
	s := c.newSlot(types.Typ[types.Int])
	c.emit(pos, convert(b.Kind(), types.Int, s.off, c.src(v)))
	return s.off
}

// allocSlot returns the place of a variable that lives in the frame.
func (c *compiler) allocSlot(v *ssa.Alloc) slot {
	key := constKey{fn: v}
	t := v.Type().Underlying().(*types.Pointer).Elem()
	if o, ok := c.known[key]; ok {
		return slot{off: o, typ: t, mv: c.p.moveOf(t)}
	}
	s := c.newSlot(t)
	c.known[key] = s.off
	return s
}

// address returns the address of an access in a running frame.
func (a access) address(fp *Frame) unsafe.Pointer {
	switch a.kind {
	case byPointer:
		p := *at[unsafe.Pointer](fp, a.base)
		nilCheck(p)
		return unsafe.Add(p, a.off)
	case bySlice:
		return unsafe.Add(sliceElem(fp, a.base, *at[int](fp, a.index), a.size), a.off)
	case inFrame:
		return reg(fp, a.base+a.off)
	}
	p := reg(fp, a.base)
	if a.kind == byArray {
		p = *at[unsafe.Pointer](fp, a.base)
		nilCheck(p)
	}
	i := *at[int](fp, a.index)
	if uint(i) >= uint(a.n) {
		panicIndex(i, a.n)
	}
	return unsafe.Add(p, uintptr(i)*a.size+a.off)
}

func (c *compiler) load(pos token.Pos, dst uintptr, addr ssa.Value, t types.Type) {
	mv := c.p.moveOf(t)
	a := c.access(addr)
	switch a.kind {
	case byPointer:
		c.emit(pos, mv.loadInstr(dst, a.base, a.off))
	case bySlice:
		c.emit(pos, mv.loadSliceInstr(dst, a.base, a.index, a.off, a.size))
	case inFrame:
		c.emit(pos, mv.moveInstr(dst, a.base+a.off))
	default:
		c.emit(pos, loadArray(mv, a, dst))
	}
}

func (c *compiler) store(pos token.Pos, addr, v ssa.Value) {
	mv := c.p.moveOf(v.Type())
	a := c.access(addr)
	src := c.src(v)
	switch a.kind {
	case byPointer:
		c.emit(pos, mv.storeInstr(a.base, a.off, src))
	case bySlice:
		c.emit(pos, mv.storeSliceInstr(a.base, a.index, a.off, a.size, src))
	case inFrame:
		c.emit(pos, mv.moveInstr(a.base+a.off, src))
	default:
		c.emit(pos, storeArray(mv, a, src))
	}
}

func loadArray(mv move, a access, dst uintptr) instr {
	switch mv.class {
	case c8:
		return func(fp *Frame) { *at[uint64](fp, dst) = *(*uint64)(a.address(fp)) }
	case c1:
		return func(fp *Frame) { *at[uint8](fp, dst) = *(*uint8)(a.address(fp)) }
	}
	return func(fp *Frame) { mv.copyTo(reg(fp, dst), a.address(fp)) }
}

func storeArray(mv move, a access, src uintptr) instr {
	switch mv.class {
	case c8:
		return func(fp *Frame) { *(*uint64)(a.address(fp)) = *at[uint64](fp, src) }
	case c1:
		return func(fp *Frame) { *(*uint8)(a.address(fp)) = *at[uint8](fp, src) }
	}
	return func(fp *Frame) { mv.copyTo(a.address(fp), reg(fp, src)) }
}
