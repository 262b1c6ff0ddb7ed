package engine

import (
	"go/types"
	"reflect"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/nngplab/nngplab/internal/gokernel/rtype"
)

func (c *compiler) lookup(in *ssa.Lookup) {
	x, pos := c.src(in.X), in.Pos()
	if b, ok := in.X.Type().Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
		i, dst := c.index(in.Index, pos), c.dst(in)
		c.emit(pos, func(fp *Frame) { *at[byte](fp, dst) = (*at[string](fp, x))[*at[int](fp, i)] })
		return
	}
	mt := in.X.Type().Underlying().(*types.Map)
	t := rtype.Of(c.p.Types.TypeOf(in.X.Type()))
	key := c.src(in.Index)
	m := c.p.moveOf(mt.Elem())
	if !in.CommaOk {
		dst := c.dst(in)
		c.emit(pos, func(fp *Frame) {
			if v := mapaccess(t, *at[unsafe.Pointer](fp, x), reg(fp, key)); v != nil {
				m.copyTo(reg(fp, dst), v)
			} else {
				m.clear(reg(fp, dst))
			}
		})
		return
	}
	s := c.tuple[in]
	dst, okSlot := s[0].off, s[1].off
	c.emit(pos, func(fp *Frame) {
		v := mapaccess(t, *at[unsafe.Pointer](fp, x), reg(fp, key))
		*at[bool](fp, okSlot) = v != nil
		if v != nil {
			m.copyTo(reg(fp, dst), v)
		} else {
			m.clear(reg(fp, dst))
		}
	})
}

func (c *compiler) mapUpdate(in *ssa.MapUpdate) {
	t := rtype.Of(c.p.Types.TypeOf(in.Map.Type()))
	x, key, v := c.src(in.Map), c.src(in.Key), c.src(in.Value)
	c.emit(in.Pos(), func(fp *Frame) { mapassign(t, *at[unsafe.Pointer](fp, x), reg(fp, key), reg(fp, v)) })
}

// An iterator walks a map or a string.
type iterator struct {
	str  string
	next int
	m    *reflect.MapIter
}

func (c *compiler) rangeInstr(in *ssa.Range) {
	dst, x := c.dst(in), c.src(in.X)
	if _, ok := in.X.Type().Underlying().(*types.Map); ok {
		t := c.p.Types.TypeOf(in.X.Type())
		c.emit(in.Pos(), func(fp *Frame) {
			*at[*iterator](fp, dst) = &iterator{m: reflect.NewAt(t, unsafe.Pointer(&[]unsafe.Pointer{*at[unsafe.Pointer](fp, x)}[0])).Elem().MapRange()}
		})
		return
	}
	c.emit(in.Pos(), func(fp *Frame) { *at[*iterator](fp, dst) = &iterator{str: *at[string](fp, x)} })
}

func (c *compiler) nextInstr(in *ssa.Next) {
	it := c.src(in.Iter)
	s := c.tuple[in]
	ok, k, v := s[0].off, s[1], s[2]
	if in.IsString {
		c.emit(in.Pos(), func(fp *Frame) {
			i := *at[*iterator](fp, it)
			if i.next >= len(i.str) {
				*at[bool](fp, ok) = false
				return
			}
			*at[bool](fp, ok) = true
			if k.mv.size > 0 {
				*at[int](fp, k.off) = i.next
			}
			for n, r := range i.str[i.next:] {
				if n > 0 {
					i.next += n
					return
				}
				if v.mv.size > 0 {
					*at[rune](fp, v.off) = r
				}
			}
			i.next = len(i.str)
		})
		return
	}
	var kt, vt reflect.Type
	if mt, ok := in.Iter.(*ssa.Range).X.Type().Underlying().(*types.Map); ok {
		kt, vt = c.p.Types.TypeOf(mt.Key()), c.p.Types.TypeOf(mt.Elem())
	}
	c.emit(in.Pos(), func(fp *Frame) {
		i := *at[*iterator](fp, it)
		more := i.m.Next()
		*at[bool](fp, ok) = more
		if !more {
			return
		}
		if k.mv.size > 0 {
			reflect.NewAt(kt, reg(fp, k.off)).Elem().SetIterKey(i.m)
		}
		if v.mv.size > 0 {
			reflect.NewAt(vt, reg(fp, v.off)).Elem().SetIterValue(i.m)
		}
	})
}
