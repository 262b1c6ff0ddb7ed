package engine

import (
	"fmt"
	"go/types"
	"os"
	"strconv"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/nngplab/nngplab/internal/gokernel/rtype"
)

// builtin returns the instruction of a call of a builtin function; in is nil
// where the result is not wanted.
func (c *compiler) builtin(b *ssa.Builtin, common *ssa.CallCommon, in *ssa.Call) instr {
	args := common.Args
	srcs := make([]uintptr, len(args))
	for i, a := range args {
		srcs[i] = c.src(a)
	}
	var dst uintptr
	if in != nil {
		if t, ok := in.Type().(*types.Tuple); !ok || t.Len() > 0 {
			dst = c.dst(in)
		}
	} else if b.Name() == "recover" || b.Name() == "copy" {
		dst = c.newSlot(types.NewInterfaceType(nil, nil)).off
	}
	var x, y uintptr
	if len(srcs) > 0 {
		x = srcs[0]
	}
	if len(srcs) > 1 {
		y = srcs[1]
	}
	switch b.Name() {
	case "append":
		return c.appendInstr(args, dst, x, y)
	case "copy":
		if bt, ok := args[1].Type().Underlying().(*types.Basic); ok && bt.Info()&types.IsString != 0 {
			return func(fp *Frame) { *at[int](fp, dst) = copy(*at[[]byte](fp, x), *at[string](fp, y)) }
		}
		elem := c.p.Types.Layout(args[0].Type().Underlying().(*types.Slice).Elem())
		return func(fp *Frame) {
			*at[int](fp, dst) = typedslicecopy(elem, *at[sliceHeader](fp, x), *at[sliceHeader](fp, y))
		}
	case "close":
		return func(fp *Frame) {
			p := *at[unsafe.Pointer](fp, x)
			if p == nil {
				close((chan int)(nil))
			}
			chanclose(p)
		}
	case "delete":
		t := rtype.Of(c.p.Types.TypeOf(args[0].Type()))
		return func(fp *Frame) { mapdelete(t, *at[unsafe.Pointer](fp, x), reg(fp, y)) }
	case "clear":
		switch t := args[0].Type().Underlying().(type) {
		case *types.Map:
			rt := rtype.Of(c.p.Types.TypeOf(t))
			return func(fp *Frame) {
				if m := *at[unsafe.Pointer](fp, x); m != nil {
					mapclear(rt, m)
				}
			}
		case *types.Slice:
			m := c.p.moveOf(t.Elem())
			return func(fp *Frame) {
				h := *at[sliceHeader](fp, x)
				for i := range h.len {
					m.clear(unsafe.Add(h.ptr, uintptr(i)*m.size))
				}
			}
		}
	case "len", "cap":
		return lenInstr(b.Name(), args[0].Type(), dst, x)
	case "print", "println":
		return c.printInstr(b.Name() == "println", args, srcs)
	case "panic":
		return func(fp *Frame) { panic(*at[any](fp, x)) }
	case "recover":
		return func(fp *Frame) { *at[any](fp, dst) = doRecover(fp) }
	case "real", "imag":
		re := b.Name() == "real"
		if kindOf(args[0].Type()) == types.Complex64 {
			return func(fp *Frame) {
				p := at[[2]float32](fp, x)
				*at[float32](fp, dst) = p[btoi(!re)]
			}
		}
		return func(fp *Frame) { *at[float64](fp, dst) = at[[2]float64](fp, x)[btoi(!re)] }
	case "complex":
		if kindOf(args[0].Type()) == types.Float32 {
			return func(fp *Frame) { *at[complex64](fp, dst) = complex(*at[float32](fp, x), *at[float32](fp, y)) }
		}
		return func(fp *Frame) { *at[complex128](fp, dst) = complex(*at[float64](fp, x), *at[float64](fp, y)) }
	case "min", "max":
		return extreme(b.Name() == "max", kindOf(in.Type()), dst, srcs)
	case "ssa:wrapnilchk":
		recv, name := args[1].(*ssa.Const), args[2].(*ssa.Const)
		text := fmt.Sprintf("value method %s.%s called using nil *%s pointer", constString(recv), constString(name), lastName(constString(recv)))
		return func(fp *Frame) {
			p := *at[unsafe.Pointer](fp, x)
			if p == nil {
				panic(plainError(text))
			}
			*at[unsafe.Pointer](fp, dst) = p
		}
	case "ssa:deferstack":
		return func(fp *Frame) { *at[*recovery](fp, dst) = fp.rec }
	case "Add":
		k := c.index(args[1], common.Pos())
		return func(fp *Frame) {
			*at[unsafe.Pointer](fp, dst) = unsafe.Add(*at[unsafe.Pointer](fp, x), *at[int](fp, k))
		}
	case "Slice":
		k := c.index(args[1], common.Pos())
		return func(fp *Frame) {
			p, n := *at[unsafe.Pointer](fp, x), *at[int](fp, k)
			if n < 0 {
				_ = unsafe.Slice((*byte)(p), n)
			}
			*at[sliceHeader](fp, dst) = sliceHeader{p, n, n}
		}
	case "String":
		k := c.index(args[1], common.Pos())
		return func(fp *Frame) {
			*at[string](fp, dst) = unsafe.String(*at[*byte](fp, x), *at[int](fp, k))
		}
	case "Sizeof", "Alignof":
		n := uint64(c.p.alignof(args[0].Type()))
		if b.Name() == "Sizeof" {
			n = uint64(c.sizeof(args[0].Type()))
		}
		return func(fp *Frame) { *at[uint64](fp, dst) = n }
	case "Offsetof": // of a field of a type parameter's
		n := c.offsetOf(args[0])
		return func(fp *Frame) { *at[uint64](fp, dst) = n }
	case "StringData", "SliceData":
		return func(fp *Frame) { *at[unsafe.Pointer](fp, dst) = *at[unsafe.Pointer](fp, x) }
	}
	panic(fmt.Errorf("builtin %s", b.Name()))
}

// plainError is the runtime's error for a nil receiver.
type plainError string

func (e plainError) Error() string { return string(e) }
func (plainError) RuntimeError()   {}

func constString(k *ssa.Const) string {
	s, err := strconv.Unquote(k.Value.ExactString())
	if err != nil {
		return k.Value.String()
	}
	return s
}

func lastName(s string) string {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '.' {
			return s[i+1:]
		}
	}
	return s
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func lenInstr(name string, t types.Type, dst, x uintptr) instr {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return func(fp *Frame) { *at[int](fp, dst) = len(*at[string](fp, x)) }
	case *types.Slice:
		if name == "cap" {
			return func(fp *Frame) { *at[int](fp, dst) = at[sliceHeader](fp, x).cap }
		}
		return func(fp *Frame) { *at[int](fp, dst) = at[sliceHeader](fp, x).len }
	case *types.Map:
		return func(fp *Frame) {
			n := 0
			if m := *at[unsafe.Pointer](fp, x); m != nil {
				n = maplen(m)
			}
			*at[int](fp, dst) = n
		}
	case *types.Chan:
		return func(fp *Frame) {
			p := *at[unsafe.Pointer](fp, x)
			switch {
			case p == nil:
				*at[int](fp, dst) = 0
			case name == "cap":
				*at[int](fp, dst) = chancap(p)
			default:
				*at[int](fp, dst) = chanlen(p)
			}
		}
	case *types.Array:
		n := int(u.Len())
		return func(fp *Frame) { *at[int](fp, dst) = n }
	case *types.Pointer:
		n := int(u.Elem().Underlying().(*types.Array).Len())
		return func(fp *Frame) { *at[int](fp, dst) = n }
	}
	panic(fmt.Errorf("%s of %s", name, t))
}

func (c *compiler) appendInstr(args []ssa.Value, dst, x, y uintptr) instr {
	st := args[0].Type().Underlying().(*types.Slice)
	m := c.p.moveOf(st.Elem())
	elem := c.p.Types.Layout(st.Elem())
	if len(args) == 1 {
		return mv[[]byte](dst, x)
	}
	if bt, ok := args[1].Type().Underlying().(*types.Basic); ok && bt.Info()&types.IsString != 0 {
		return func(fp *Frame) { *at[[]byte](fp, dst) = append(*at[[]byte](fp, x), *at[string](fp, y)...) }
	}
	if m.class == c8 {
		return func(fp *Frame) { *at[[]uint64](fp, dst) = append(*at[[]uint64](fp, x), *at[[]uint64](fp, y)...) }
	}
	return func(fp *Frame) {
		s, t := *at[sliceHeader](fp, x), *at[sliceHeader](fp, y)
		if t.len == 0 {
			*at[sliceHeader](fp, dst) = s
			return
		}
		n := s.len
		if uint(n+t.len) > uint(s.cap) {
			s = growslice(s.ptr, n+t.len, s.cap, t.len, elem)
		}
		s.len = n + t.len
		if m.size > 0 {
			typedslicecopy(elem, sliceHeader{unsafe.Add(s.ptr, uintptr(n)*m.size), t.len, t.len}, t)
		}
		*at[sliceHeader](fp, dst) = s
	}
}

func extreme(largest bool, k types.BasicKind, d uintptr, srcs []uintptr) instr {
	switch k {
	case types.Int:
		return extremeOf[int](largest, d, srcs)
	case types.Int8:
		return extremeOf[int8](largest, d, srcs)
	case types.Int16:
		return extremeOf[int16](largest, d, srcs)
	case types.Int32:
		return extremeOf[int32](largest, d, srcs)
	case types.Int64:
		return extremeOf[int64](largest, d, srcs)
	case types.Uint:
		return extremeOf[uint](largest, d, srcs)
	case types.Uint8:
		return extremeOf[uint8](largest, d, srcs)
	case types.Uint16:
		return extremeOf[uint16](largest, d, srcs)
	case types.Uint32:
		return extremeOf[uint32](largest, d, srcs)
	case types.Uint64:
		return extremeOf[uint64](largest, d, srcs)
	case types.Uintptr:
		return extremeOf[uintptr](largest, d, srcs)
	case types.Float32:
		return extremeOf[float32](largest, d, srcs)
	case types.Float64:
		return extremeOf[float64](largest, d, srcs)
	case types.String:
		return extremeOf[string](largest, d, srcs)
	}
	panic(fmt.Errorf("min or max of kind %d", k))
}

func extremeOf[T ordered](largest bool, d uintptr, srcs []uintptr) instr {
	if largest {
		return func(fp *Frame) {
			v := *at[T](fp, srcs[0])
			for _, s := range srcs[1:] {
				v = max(v, *at[T](fp, s))
			}
			*at[T](fp, d) = v
		}
	}
	return func(fp *Frame) {
		v := *at[T](fp, srcs[0])
		for _, s := range srcs[1:] {
			v = min(v, *at[T](fp, s))
		}
		*at[T](fp, d) = v
	}
}

// printInstr is print or println: to standard error, in the runtime's format.
func (c *compiler) printInstr(line bool, args []ssa.Value, srcs []uintptr) instr {
	kinds := make([]func(b []byte, p unsafe.Pointer) []byte, len(args))
	for i, a := range args {
		kinds[i] = printer(a.Type())
	}
	return func(fp *Frame) {
		var b []byte
		for i, f := range kinds {
			if line && i > 0 {
				b = append(b, ' ')
			}
			b = f(b, reg(fp, srcs[i]))
		}
		if line {
			b = append(b, '\n')
		}
		PrintTo(b)
	}
}

// PrintTo writes what print and println print.
var PrintTo = func(b []byte) { _, _ = os.Stderr.Write(b) }

func printer(t types.Type) func(b []byte, p unsafe.Pointer) []byte {
	hex := func(b []byte, p unsafe.Pointer) []byte {
		return append(append(b, "0x"...), strconv.FormatUint(*(*uint64)(p), 16)...)
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch kindOf(u) {
		case types.Bool:
			return func(b []byte, p unsafe.Pointer) []byte { return strconv.AppendBool(b, *(*bool)(p)) }
		case types.Int, types.Int64:
			return func(b []byte, p unsafe.Pointer) []byte { return strconv.AppendInt(b, *(*int64)(p), 10) }
		case types.Int8:
			return func(b []byte, p unsafe.Pointer) []byte { return strconv.AppendInt(b, int64(*(*int8)(p)), 10) }
		case types.Int16:
			return func(b []byte, p unsafe.Pointer) []byte { return strconv.AppendInt(b, int64(*(*int16)(p)), 10) }
		case types.Int32:
			return func(b []byte, p unsafe.Pointer) []byte { return strconv.AppendInt(b, int64(*(*int32)(p)), 10) }
		case types.Uint, types.Uint64, types.Uintptr:
			return func(b []byte, p unsafe.Pointer) []byte { return strconv.AppendUint(b, *(*uint64)(p), 10) }
		case types.Uint8:
			return func(b []byte, p unsafe.Pointer) []byte { return strconv.AppendUint(b, uint64(*(*uint8)(p)), 10) }
		case types.Uint16:
			return func(b []byte, p unsafe.Pointer) []byte { return strconv.AppendUint(b, uint64(*(*uint16)(p)), 10) }
		case types.Uint32:
			return func(b []byte, p unsafe.Pointer) []byte { return strconv.AppendUint(b, uint64(*(*uint32)(p)), 10) }
		case types.Float32:
			return func(b []byte, p unsafe.Pointer) []byte {
				return strconv.AppendFloat(b, float64(*(*float32)(p)), 'g', -1, 32)
			}
		case types.Float64:
			return func(b []byte, p unsafe.Pointer) []byte { return strconv.AppendFloat(b, *(*float64)(p), 'g', -1, 64) }
		case types.Complex64:
			return func(b []byte, p unsafe.Pointer) []byte {
				return append(b, strconv.FormatComplex(complex128(*(*complex64)(p)), 'g', -1, 64)...)
			}
		case types.Complex128:
			return func(b []byte, p unsafe.Pointer) []byte {
				return append(b, strconv.FormatComplex(*(*complex128)(p), 'g', -1, 128)...)
			}
		case types.String:
			return func(b []byte, p unsafe.Pointer) []byte { return append(b, *(*string)(p)...) }
		}
	case *types.Slice:
		return func(b []byte, p unsafe.Pointer) []byte {
			h := (*sliceHeader)(p)
			return append(b, fmt.Sprintf("[%d/%d]0x%x", h.len, h.cap, uintptr(h.ptr))...)
		}
	case *types.Interface:
		return func(b []byte, p unsafe.Pointer) []byte {
			v := (*[2]uintptr)(p)
			return append(b, fmt.Sprintf("(0x%x,0x%x)", v[0], v[1])...)
		}
	}
	return hex
}
