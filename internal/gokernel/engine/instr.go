package engine

import (
	"fmt"
	"go/token"
	"go/types"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/nngplab/nngplab/internal/gokernel/rtype"
)

// instr emits the code of one instruction.
func (c *compiler) instr(in ssa.Instruction) {
	if v, ok := in.(ssa.Value); ok && c.fused[v] {
		return
	}
	pos := in.Pos()
	switch in := in.(type) {
	case *ssa.DebugRef, *ssa.Phi:
	case *ssa.Alloc:
		c.alloc(in)
	case *ssa.BinOp:
		c.emit(pos, c.binop(in))
	case *ssa.UnOp:
		c.unop(in)
	case *ssa.Call:
		c.call(in)
	case *ssa.Go:
		c.goStmt(in)
	case *ssa.Defer:
		c.deferStmt(in)
	case *ssa.RunDefers:
		c.emit(pos, runDefers)
	case *ssa.Panic:
		c.panicInstr(pos, in)
	case *ssa.Return:
		c.returnStmt(in)
	case *ssa.Jump:
		c.jump(in.Block(), in.Block().Succs[0])
	case *ssa.If:
		c.ifInstr(in)
	case *ssa.Store:
		c.store(pos, in.Addr, in.Val)
	case *ssa.FieldAddr:
		a := c.access(in.X)
		off := c.fieldOffset(in.X.Type().Underlying().(*types.Pointer).Elem(), in.Field)
		a.off += off
		dst := c.dst(in)
		c.emit(pos, addressInstr(a, dst))
	case *ssa.IndexAddr:
		a := c.indexAccess(in)
		dst := c.dst(in)
		c.emit(pos, addressInstr(a, dst))
	case *ssa.Field:
		off := c.fieldOffset(in.X.Type(), in.Field)
		c.emit(pos, c.p.moveOf(in.Type()).moveInstr(c.dst(in), c.src(in.X)+off))
	case *ssa.Index:
		c.indexInstr(in)
	case *ssa.Lookup:
		c.lookup(in)
	case *ssa.MapUpdate:
		c.mapUpdate(in)
	case *ssa.Extract:
		s := c.tuple[in.Tuple][in.Index]
		c.emit(pos, s.mv.moveInstr(c.dst(in), s.off))
	case *ssa.ChangeType:
		c.emit(pos, c.p.moveOf(in.Type()).moveInstr(c.dst(in), c.src(in.X)))
	case *ssa.Convert:
		c.convertInstr(pos, in, in.X)
	case *ssa.MultiConvert:
		c.convertInstr(pos, in, in.X)
	case *ssa.ChangeInterface:
		c.changeInterface(in)
	case *ssa.SliceToArrayPointer:
		c.sliceToArray(in)
	case *ssa.MakeInterface:
		c.makeInterface(in)
	case *ssa.TypeAssert:
		c.typeAssert(in)
	case *ssa.MakeClosure:
		c.makeClosure(in)
	case *ssa.MakeMap:
		t := rtype.Of(c.p.Types.TypeOf(in.Type()))
		dst := c.dst(in)
		if in.Reserve == nil {
			c.emit(pos, func(fp *Frame) { *at[unsafe.Pointer](fp, dst) = makemap(t, 0) })
			break
		}
		n := c.index(in.Reserve, pos)
		c.emit(pos, func(fp *Frame) { *at[unsafe.Pointer](fp, dst) = makemap(t, max(0, *at[int](fp, n))) })
	case *ssa.MakeChan:
		t := rtype.Of(c.p.Types.TypeOf(in.Type()))
		dst, n := c.dst(in), c.index(in.Size, pos)
		c.emit(pos, func(fp *Frame) {
			k := *at[int](fp, n)
			if k < 0 || uintptr(k) > 1<<40 {
				_ = make(chan int, k) // the runtime's own panic
			}
			*at[unsafe.Pointer](fp, dst) = makechan(t, k)
		})
	case *ssa.MakeSlice:
		elem := c.p.Types.Layout(in.Type().Underlying().(*types.Slice).Elem())
		dst, n, k := c.dst(in), c.index(in.Len, pos), c.index(in.Cap, pos)
		c.emit(pos, func(fp *Frame) {
			ln, cp := *at[int](fp, n), *at[int](fp, k)
			p := makeslice(elem, ln, cp)
			*at[sliceHeader](fp, dst) = sliceHeader{p, ln, cp}
		})
	case *ssa.Slice:
		c.slice(in)
	case *ssa.Send:
		c.send(in)
	case *ssa.Select:
		c.selectInstr(in)
	case *ssa.Range:
		c.rangeInstr(in)
	case *ssa.Next:
		c.nextInstr(in)
	default:
		panic(fmt.Errorf("instruction %T", in))
	}
}

func (c *compiler) alloc(in *ssa.Alloc) {
	t := in.Type().Underlying().(*types.Pointer).Elem()
	dst := c.dst(in)
	if in.Heap {
		rt := c.p.Types.Layout(t)
		c.emit(in.Pos(), func(fp *Frame) { *at[unsafe.Pointer](fp, dst) = unsafe_New(rt) })
		return
	}
	s := c.allocSlot(in)
	direct := true // nobody asks for its address
	for _, r := range *in.Referrers() {
		switch r := r.(type) {
		case *ssa.UnOp:
		case *ssa.Store:
			if r.Val == in {
				direct = false
			}
		case *ssa.FieldAddr:
			direct = direct && c.fused[r]
		case *ssa.IndexAddr:
			direct = direct && c.fused[r]
		case *ssa.DebugRef:
		default:
			direct = false
		}
	}
	zero := s.mv.clearInstr(s.off)
	if direct {
		c.emit(in.Pos(), zero)
		return
	}
	c.emit(in.Pos(), func(fp *Frame) {
		if zero != nil {
			zero(fp)
		}
		*at[unsafe.Pointer](fp, dst) = reg(fp, s.off)
	})
}

func (m move) clearInstr(o uintptr) instr {
	switch m.class {
	case cZero:
		return nil
	case c8:
		return func(fp *Frame) { *at[uint64](fp, o) = 0 }
	}
	return func(fp *Frame) { m.clear(reg(fp, o)) }
}

func addressInstr(a access, dst uintptr) instr {
	if a.kind == byPointer {
		base, off := a.base, a.off
		return func(fp *Frame) {
			p := *at[unsafe.Pointer](fp, base)
			nilCheck(p)
			*at[unsafe.Pointer](fp, dst) = unsafe.Add(p, off)
		}
	}
	return func(fp *Frame) { *at[unsafe.Pointer](fp, dst) = a.address(fp) }
}

func (c *compiler) unop(in *ssa.UnOp) {
	dst, pos := uintptr(0), in.Pos()
	if in.Op == token.ARROW {
		c.receive(in)
		return
	}
	dst = c.dst(in)
	if in.Op == token.MUL {
		if !pos.IsValid() {
			pos = in.X.Pos()
		}
		if g, ok := in.X.(*ssa.Global); ok {
			_ = g
		}
		c.load(pos, dst, in.X, in.Type())
		return
	}
	x := c.src(in.X)
	if in.Op == token.NOT {
		c.emit(pos, func(fp *Frame) { *at[bool](fp, dst) = !*at[bool](fp, x) })
		return
	}
	c.emit(pos, unary(in.Op, in.Type(), dst, x))
}

func (c *compiler) indexInstr(in *ssa.Index) {
	dst, i, pos := c.dst(in), c.index(in.Index, in.Pos()), in.Pos()
	x := c.src(in.X)
	switch t := in.X.Type().Underlying().(type) {
	case *types.Basic: // string
		c.emit(pos, func(fp *Frame) { *at[byte](fp, dst) = (*at[string](fp, x))[*at[int](fp, i)] })
	case *types.Array:
		n, mv := int(t.Len()), c.p.moveOf(t.Elem())
		c.emit(pos, func(fp *Frame) {
			k := *at[int](fp, i)
			if uint(k) >= uint(n) {
				panicIndex(k, n)
			}
			mv.copyTo(reg(fp, dst), reg(fp, x+uintptr(k)*mv.size))
		})
	default:
		panic(fmt.Errorf("index of %s", in.X.Type()))
	}
}

func (c *compiler) returnStmt(in *ssa.Return) {
	f := c.f
	switch len(in.Results) {
	case 0:
		c.emit(in.Pos(), func(fp *Frame) { fp.pc = returning })
		return
	case 1:
		s := f.results[0]
		src := c.src(in.Results[0])
		switch s.mv.class {
		case c8:
			c.emit(in.Pos(), func(fp *Frame) {
				*at[uint64](fp, s.off) = *at[uint64](fp, src)
				fp.pc = returning
			})
			return
		case cPtr:
			c.emit(in.Pos(), func(fp *Frame) {
				*at[unsafe.Pointer](fp, s.off) = *at[unsafe.Pointer](fp, src)
				fp.pc = returning
			})
			return
		}
	}
	srcs := make([]uintptr, len(in.Results))
	for i, r := range in.Results {
		srcs[i] = c.src(r)
	}
	results := f.results
	c.emit(in.Pos(), func(fp *Frame) {
		for i := range results {
			results[i].mv.copyTo(reg(fp, results[i].off), reg(fp, srcs[i]))
		}
		fp.pc = returning
	})
}

func (c *compiler) slice(in *ssa.Slice) {
	dst, x, pos := c.dst(in), c.src(in.X), in.Pos()
	bound := func(v ssa.Value) (uintptr, bool) {
		if v == nil {
			return 0, false
		}
		return c.index(v, pos), true
	}
	lo, _ := bound(in.Low)
	if in.Low == nil {
		lo = c.intConst(0)
	}
	hi, hasHi := bound(in.High)
	mx, hasMax := bound(in.Max)
	switch t := in.X.Type().Underlying().(type) {
	case *types.Basic:
		c.emit(pos, func(fp *Frame) {
			s := *at[string](fp, x)
			if hasHi {
				s = s[*at[int](fp, lo):*at[int](fp, hi)]
			} else {
				s = s[*at[int](fp, lo):]
			}
			*at[string](fp, dst) = s
		})
	case *types.Slice:
		size := c.sizeof(t.Elem())
		c.emit(pos, func(fp *Frame) {
			h := *at[sliceHeader](fp, x)
			l, hh, m := *at[int](fp, lo), h.len, h.cap
			if hasHi {
				hh = *at[int](fp, hi)
			}
			if hasMax {
				m = *at[int](fp, mx)
				_ = unsafe.Slice((*struct{})(unsafe.Pointer(&zero)), h.cap)[l:hh:m]
			} else if hasHi {
				if uint(hh) > uint(h.cap) || uint(l) > uint(hh) {
					_ = unsafe.Slice((*struct{})(unsafe.Pointer(&zero)), h.cap)[l:hh]
				}
			} else if uint(l) > uint(hh) {
				_ = unsafe.Slice((*struct{})(unsafe.Pointer(&zero)), hh)[l:]
			}
			p := h.ptr
			if m-l > 0 { // else the pointer might leave the block
				p = unsafe.Add(p, uintptr(l)*size)
			}
			*at[sliceHeader](fp, dst) = sliceHeader{p, hh - l, m - l}
		})
	case *types.Pointer:
		arr := t.Elem().Underlying().(*types.Array)
		n, size := int(arr.Len()), c.sizeof(arr.Elem())
		var made *rtype.Type // of the elements, where this is what make became
		if a, ok := in.X.(*ssa.Alloc); ok && a.Comment == "makeslice" {
			made = c.p.Types.Layout(arr.Elem())
		}
		c.emit(pos, func(fp *Frame) {
			p := *at[unsafe.Pointer](fp, x)
			nilCheck(p)
			l, hh, m := *at[int](fp, lo), n, n
			if hasHi {
				hh = *at[int](fp, hi)
			}
			if hasMax {
				m = *at[int](fp, mx)
				_ = unsafe.Slice((*struct{})(unsafe.Pointer(&zero)), n)[l:hh:m]
			} else if made != nil && uint(hh) > uint(n) {
				makeslice(made, hh, n)
			} else if uint(hh) > uint(n) || uint(l) > uint(hh) {
				_ = unsafe.String((*byte)(unsafe.Pointer(&zero)), n)[l:hh]
			}
			if m-l > 0 {
				p = unsafe.Add(p, uintptr(l)*size)
			}
			*at[sliceHeader](fp, dst) = sliceHeader{p, hh - l, m - l}
		})
	default:
		panic(fmt.Errorf("slice of %s", in.X.Type()))
	}
}

func (c *compiler) sliceToArray(in *ssa.SliceToArrayPointer) {
	dst, x := c.dst(in), c.src(in.X)
	n := int(in.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Array).Len())
	c.emit(in.Pos(), func(fp *Frame) {
		h := *at[sliceHeader](fp, x)
		if h.len < n {
			panic(rtError(fmt.Sprintf("cannot convert slice with length %d to array or pointer to array with length %d", h.len, n)))
		}
		*at[unsafe.Pointer](fp, dst) = h.ptr
	})
}

func (c *compiler) makeClosure(in *ssa.MakeClosure) {
	f := c.p.Func(in.Fn.(*ssa.Function))
	dst := c.dst(in)
	srcs := make([]uintptr, len(in.Bindings))
	for i, b := range in.Bindings {
		srcs[i] = c.src(b)
	}
	shape := f.funcShape()
	f.bindLayout()
	call := c.p.callFromNative
	c.emit(in.Pos(), func(fp *Frame) {
		b := unsafe_New(f.bindTyp)
		for i := range srcs {
			f.free[i].mv.copyTo(unsafe.Add(b, f.bindOff[i]), reg(fp, srcs[i]))
		}
		*at[unsafe.Pointer](fp, dst) = value(shape.Type, shape.New(unsafe.Pointer(f), b, call))
	})
}

// bindLayout lays out the block of a closure's captured values.
func (f *Func) bindLayout() {
	if f.bindTyp != nil {
		return
	}
	var off uintptr
	slots := make([]slot, len(f.free))
	for i, s := range f.free {
		slots[i] = f.prog.slotAt(&off, s.typ)
		f.bindOff = append(f.bindOff, slots[i].off)
	}
	off = (off+7)&^7 + 8
	mask := make([]byte, off/64+1)
	for _, s := range slots {
		s.mv.mask(mask, s.off)
	}
	f.bindTyp = blockType(off, mask)
}
