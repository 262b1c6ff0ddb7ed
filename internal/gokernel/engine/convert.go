package engine

import (
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/nngplab/nngplab/internal/gokernel/rtype"
)

func descriptorEqual(t reflect.Type) func(a, b unsafe.Pointer) bool { return rtype.Of(t).Equal }

// convertInstr emits a conversion that may change the representation.
func (c *compiler) convertInstr(pos token.Pos, v ssa.Value, x ssa.Value) {
	from, to := x.Type().Underlying(), v.Type().Underlying()
	dst, src := c.dst(v), c.src(x)
	fb, fromBasic := from.(*types.Basic)
	tb, toBasic := to.(*types.Basic)
	switch {
	case fromBasic && toBasic && tb.Kind() == types.String && fb.Info()&types.IsInteger != 0:
		s := c.newSlot(types.Typ[types.Int64])
		k := kindOf(fb)
		if fb.Info()&types.IsUnsigned != 0 {
			c.emit(pos, convert(k, types.Uint64, s.off, src))
		} else {
			c.emit(pos, convert(k, types.Int64, s.off, src))
		}
		c.emit(pos, func(fp *Frame) {
			n := *at[int64](fp, s.off)
			r := rune(n)
			if int64(r) != n {
				r = 0xfffd
			}
			*at[string](fp, dst) = string(r)
		})
	case fromBasic && toBasic && (fb.Kind() == types.UnsafePointer) != (tb.Kind() == types.UnsafePointer):
		c.emit(pos, func(fp *Frame) { *at[unsafe.Pointer](fp, dst) = *at[unsafe.Pointer](fp, src) })
	case fromBasic && toBasic:
		c.emit(pos, convert(kindOf(fb), kindOf(tb), dst, src))
	case fromBasic && fb.Info()&types.IsString != 0:
		sl, ok := to.(*types.Slice)
		if !ok {
			panic(fmt.Errorf("conversion of %s to %s", x.Type(), v.Type()))
		}
		if kindOf(sl.Elem()) == types.Uint8 {
			c.emit(pos, func(fp *Frame) { *at[[]byte](fp, dst) = []byte(*at[string](fp, src)) })
		} else {
			c.emit(pos, func(fp *Frame) { *at[[]rune](fp, dst) = []rune(*at[string](fp, src)) })
		}
	case toBasic && tb.Info()&types.IsString != 0:
		sl, ok := from.(*types.Slice)
		if !ok {
			panic(fmt.Errorf("conversion of %s to %s", x.Type(), v.Type()))
		}
		if kindOf(sl.Elem()) == types.Uint8 {
			c.emit(pos, func(fp *Frame) { *at[string](fp, dst) = string(*at[[]byte](fp, src)) })
		} else {
			c.emit(pos, func(fp *Frame) { *at[string](fp, dst) = string(*at[[]rune](fp, src)) })
		}
	default:
		if arr, ok := to.(*types.Array); ok {
			if _, ok := from.(*types.Slice); ok {
				n, m := int(arr.Len()), c.p.moveOf(v.Type())
				c.emit(pos, func(fp *Frame) {
					h := *at[sliceHeader](fp, src)
					if h.len < n {
						panic(rtError(fmt.Sprintf("cannot convert slice with length %d to array or pointer to array with length %d", h.len, n)))
					}
					m.copyTo(reg(fp, dst), h.ptr)
				})
				return
			}
		}
		// pointers to and from unsafe.Pointer; the same representation
		a, b := c.p.moveOf(x.Type()), c.p.moveOf(v.Type())
		if a.size != b.size {
			panic(fmt.Errorf("conversion of %s to %s", x.Type(), v.Type()))
		}
		c.emit(pos, b.moveInstr(dst, src))
	}
}
