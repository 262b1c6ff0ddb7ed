package engine

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

// compiler turns one function into code.
type compiler struct {
	p     *Program
	f     *Func
	fn    *ssa.Function
	code  []instr
	lines []token.Pos
	late  []lateInstr
	off   uintptr // where the next register goes
	slots []slot  // for the pointer mask
	regs  map[ssa.Value]uintptr
	tuple map[ssa.Value][]slot
	known map[constKey]uintptr
	zeros map[uintptr]uintptr // a zero of at least so many bytes
	inits []func(block unsafe.Pointer)
	fused map[ssa.Value]bool
	block map[*ssa.BasicBlock]int // first instruction
	cur   *ssa.BasicBlock
	next  *ssa.BasicBlock
}

type constKey struct {
	typ types.Type
	val string
	fn  any
}

// nameLocals tells the types that an instance of a generic function declares.
func (c *compiler) nameLocals() {
	outer := c.fn
	for outer.Parent() != nil {
		outer = outer.Parent()
	}
	args := outer.TypeArgs()
	if len(args) == 0 {
		return
	}
	var mentioned []types.Type
	for _, b := range c.fn.Blocks {
		for _, in := range b.Instrs {
			if v, ok := in.(ssa.Value); ok {
				mentioned = append(mentioned, v.Type())
			}
			for _, op := range in.Operands(nil) {
				if *op != nil {
					mentioned = append(mentioned, (*op).Type())
				}
			}
		}
	}
	c.p.Types.DeclaredIn(mentioned, args)
}

// maxFrame bounds the variables and intermediate values of a function, in bytes,
// as the compiler does.
const maxFrame = 1 << 30

// lateInstr is an instruction that needs to know where blocks begin.
type lateInstr struct {
	pc   int
	make func() instr
}

func compile(f *Func) {
	fn := f.ssa
	if fn.Blocks == nil {
		panic(fmt.Errorf("it has no body here"))
	}
	c := &compiler{
		p: f.prog, f: f, fn: fn,
		regs: map[ssa.Value]uintptr{}, tuple: map[ssa.Value][]slot{}, known: map[constKey]uintptr{},
		zeros: map[uintptr]uintptr{}, fused: map[ssa.Value]bool{}, block: map[*ssa.BasicBlock]int{},
	}
	c.off = headSize
	for _, list := range [][]slot{f.params, f.results, f.free} {
		for _, s := range list {
			c.slots = append(c.slots, s)
			c.off = max(c.off, s.off+s.mv.size)
		}
	}
	for i, p := range fn.Params {
		c.regs[p] = f.params[i].off
	}
	for i, v := range fn.FreeVars {
		c.regs[v] = f.free[i].off
	}
	c.nameLocals()
	f.recoverPC = -1
	for _, b := range fn.Blocks {
		for _, in := range b.Instrs {
			switch in := in.(type) {
			case *ssa.Defer:
				f.defers = true
			case *ssa.RunDefers:
				f.defers = true
			case *ssa.Call:
				if b, ok := in.Call.Value.(*ssa.Builtin); ok && b.Name() == "ssa:deferstack" {
					f.defers = true
				}
			}
		}
	}
	c.findFused()
	c.assign()
	for i, b := range fn.Blocks {
		c.cur, c.next = b, nil
		if i+1 < len(fn.Blocks) {
			c.next = fn.Blocks[i+1]
		}
		c.block[b] = len(c.code)
		for _, in := range b.Instrs {
			c.instr(in)
		}
	}
	if fn.Recover != nil {
		if _, ok := c.block[fn.Recover]; !ok {
			c.cur, c.next = fn.Recover, nil
			c.block[fn.Recover] = len(c.code)
			for _, in := range fn.Recover.Instrs {
				c.instr(in)
			}
		}
		f.recoverPC = c.block[fn.Recover]
	}
	for _, l := range c.late {
		c.code[l.pc] = l.make()
	}
	if c.off > maxFrame {
		panic(fmt.Errorf("stack frame too large (>1GB)"))
	}
	c.finish()
}

// finish lays out the frame.
func (c *compiler) finish() {
	size := (c.off+7)&^7 + 8 // an empty register at the end must not lie in what follows
	mask := make([]byte, size/64+1)
	mask[0], mask[1] = headMask&0xff, headMask>>8
	for _, s := range c.slots {
		s.mv.mask(mask, s.off)
	}
	c.f.frameType = blockType(size, mask)
	if len(c.inits) > 0 {
		block := unsafe_New(c.f.frameType)
		for _, f := range c.inits {
			f(block)
		}
		c.f.template = block
	}
	c.f.lines = c.lines
	c.f.files = c.files()
	c.f.code = c.code
}

// files are the files that the code was made from. Their program forgets them when
// nothing can be made from them any more; the code may run for longer.
func (c *compiler) files() (files []*token.File) {
	known := func(p token.Pos) bool {
		return slices.ContainsFunc(files, func(f *token.File) bool { return holds(f, p) })
	}
	for _, p := range c.lines {
		if p.IsValid() && !known(p) {
			if f := c.p.Fset.File(p); f != nil {
				files = append(files, f)
			}
		}
	}
	return files
}

func holds(f *token.File, p token.Pos) bool {
	return f.Base() <= int(p) && int(p) <= f.Base()+f.Size()
}

func (c *compiler) emit(pos token.Pos, in instr) {
	if in == nil {
		return
	}
	c.code = append(c.code, in)
	c.lines = append(c.lines, pos)
}

func (c *compiler) emitLate(pos token.Pos, make func() instr) {
	c.late = append(c.late, lateInstr{len(c.code), make})
	c.code = append(c.code, nil)
	c.lines = append(c.lines, pos)
}

// newSlot reserves a register.
func (c *compiler) newSlot(t types.Type) slot {
	s := c.p.slotAt(&c.off, t)
	c.slots = append(c.slots, s)
	return s
}

// tupleSlots reserves registers for the components of a tuple.
func (c *compiler) tupleSlots(t *types.Tuple) []slot {
	out := make([]slot, t.Len())
	for i := range out {
		out[i] = c.newSlot(t.At(i).Type())
	}
	return out
}

// dst returns the register of the value that an instruction defines.
func (c *compiler) dst(v ssa.Value) uintptr {
	if o, ok := c.regs[v]; ok {
		return o
	}
	s := c.newSlot(v.Type())
	c.regs[v] = s.off
	return s.off
}

// src returns the register of an operand.
func (c *compiler) src(v ssa.Value) uintptr {
	switch v := v.(type) {
	case *ssa.Const:
		return c.constant(v)
	case *ssa.Global:
		a := c.p.global1(v)
		return c.pointer(constKey{fn: v}, a)
	case *ssa.Function:
		return c.pointer(constKey{fn: v}, c.p.funcPointer(v))
	case *ssa.Builtin:
		panic(fmt.Errorf("builtin %s as a value", v.Name()))
	}
	return c.dst(v)
}

func (p *Program) global1(g *ssa.Global) unsafe.Pointer {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.global(g)
}

// pointer returns a register that always holds p.
func (c *compiler) pointer(key constKey, p unsafe.Pointer) uintptr {
	if o, ok := c.known[key]; ok {
		return o
	}
	s := c.newSlot(types.Typ[types.UnsafePointer])
	c.known[key] = s.off
	c.inits = append(c.inits, func(b unsafe.Pointer) { *(*unsafe.Pointer)(unsafe.Add(b, s.off)) = p })
	return s.off
}

// intConst returns a register that always holds n.
func (c *compiler) intConst(n int) uintptr {
	return c.constant(ssa.NewConst(constant.MakeInt64(int64(n)), types.Typ[types.Int]))
}

// zeroSlot returns a register that is always zero.
func (c *compiler) zeroSlot(t types.Type) uintptr {
	mv := c.p.moveOf(t)
	if o, ok := c.zeros[mv.size]; ok {
		return o
	}
	c.off = (c.off + 7) &^ 7
	o := c.off
	c.off += mv.size
	c.zeros[mv.size] = o
	return o
}

func (c *compiler) constant(k *ssa.Const) uintptr {
	t := k.Type()
	if k.Value == nil {
		return c.zeroSlot(t)
	}
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		panic(fmt.Errorf("constant %s", k))
	}
	key := constKey{typ: types.Typ[b.Kind()], val: k.Value.ExactString()}
	if o, ok := c.known[key]; ok {
		return o
	}
	s := c.newSlot(t)
	c.known[key] = s.off
	c.inits = append(c.inits, func(block unsafe.Pointer) { writeConst(unsafe.Add(block, s.off), b, k) })
	return s.off
}

func writeConst(p unsafe.Pointer, b *types.Basic, k *ssa.Const) {
	switch b.Kind() {
	case types.Bool, types.UntypedBool:
		*(*bool)(p) = constant.BoolVal(k.Value)
	case types.String, types.UntypedString:
		*(*string)(p) = constant.StringVal(k.Value)
	case types.Int, types.Int64, types.UntypedInt:
		*(*int64)(p) = k.Int64()
	case types.Int8:
		*(*int8)(p) = int8(k.Int64())
	case types.Int16:
		*(*int16)(p) = int16(k.Int64())
	case types.Int32, types.UntypedRune:
		*(*int32)(p) = int32(k.Int64())
	case types.Uint, types.Uint64, types.Uintptr:
		*(*uint64)(p) = k.Uint64()
	case types.Uint8:
		*(*uint8)(p) = uint8(k.Uint64())
	case types.Uint16:
		*(*uint16)(p) = uint16(k.Uint64())
	case types.Uint32:
		*(*uint32)(p) = uint32(k.Uint64())
	case types.Float32:
		f, _ := constant.Float32Val(constant.ToFloat(k.Value))
		*(*float32)(p) = f
	case types.Float64, types.UntypedFloat:
		f, _ := constant.Float64Val(constant.ToFloat(k.Value))
		*(*float64)(p) = f
	case types.Complex64:
		v := constant.ToComplex(k.Value)
		re, _ := constant.Float32Val(constant.Real(v))
		im, _ := constant.Float32Val(constant.Imag(v))
		*(*complex64)(p) = complex(re, im)
	case types.Complex128, types.UntypedComplex:
		v := constant.ToComplex(k.Value)
		re, _ := constant.Float64Val(constant.Real(v))
		im, _ := constant.Float64Val(constant.Imag(v))
		*(*complex128)(p) = complex(re, im)
	case types.UnsafePointer:
		*(*uintptr)(p) = uintptr(k.Uint64())
	default:
		panic(fmt.Errorf("constant %s of type %s", k, b))
	}
}

// assign places every value that no other rule places.
func (c *compiler) assign() {
	for _, b := range c.fn.Blocks {
		for _, in := range b.Instrs {
			switch in := in.(type) {
			case *ssa.Alloc:
				if !in.Heap { // its memory is in the frame; its value is its address
					c.dst(in)
				}
			case ssa.Value:
				if t, ok := in.Type().(*types.Tuple); ok {
					c.tuple[in] = c.tupleSlots(t)
				}
			}
		}
	}
	c.coalesce()
}
