package engine

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/nngplab/nngplab/internal/gokernel/rtype"
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
	live  *liveness
	cur   *ssa.BasicBlock
	next  *ssa.BasicBlock
}

type constKey struct {
	typ types.Type
	val string
	fn  any
}

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
	c.f.code = c.code
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

// blockPC returns where the edge from b to its successor i leads: to the
// successor, or to code that moves what its phis need and goes on there.
func (c *compiler) blockPC(to *ssa.BasicBlock) int { return c.block[to] }

// jump emits the moves for the edge from b to to, and the jump.
func (c *compiler) jump(b, to *ssa.BasicBlock) {
	c.edgeMoves(b, to)
	back := to.Index <= b.Index
	if to == c.next && !back {
		return
	}
	if !back {
		// A loop's condition is repeated at its end: one jump less.
		c.emitLate(token.NoPos, func() instr {
			pc := c.blockPC(to)
			return func(fp *Frame) { fp.pc = pc }
		})
		return
	}
	if br := c.loneBranch(to); br != nil {
		c.emitLate(token.NoPos, func() instr { return br(true) })
		return
	}
	c.emitLate(token.NoPos, func() instr {
		pc := c.blockPC(to)
		return func(fp *Frame) {
			fp.pc = pc
			if attention.Load() != 0 {
				fp.th.poll()
			}
		}
	})
}

// edgeMoves gives the phis of to the values they have on the edge from b.
func (c *compiler) edgeMoves(b, to *ssa.BasicBlock) {
	i := -1
	for k, p := range to.Preds {
		if p == b {
			i = k
		}
	}
	type edge struct {
		dst, src uintptr
		mv       move
	}
	var moves []edge
	for _, in := range to.Instrs {
		phi, ok := in.(*ssa.Phi)
		if !ok {
			break
		}
		e := edge{c.dst(phi), c.src(phi.Edges[i]), c.p.moveOf(phi.Type())}
		if e.dst != e.src && e.mv.size > 0 {
			moves = append(moves, e)
		}
	}
	// A move may not overwrite what a later one reads.
	for len(moves) > 0 {
		progress := false
		for k := 0; k < len(moves); k++ {
			free := true
			for j, o := range moves {
				if j != k && o.src < moves[k].dst+moves[k].mv.size && moves[k].dst < o.src+o.mv.size {
					free = false
				}
			}
			if free {
				c.emit(token.NoPos, moves[k].mv.moveInstr(moves[k].dst, moves[k].src))
				moves = append(moves[:k], moves[k+1:]...)
				k--
				progress = true
			}
		}
		if !progress { // a cycle: one goes through a register of its own
			m := &moves[0]
			c.off = (c.off + 15) &^ 15
			t := slot{off: c.off, mv: m.mv}
			c.off += m.mv.size
			c.slots = append(c.slots, t)
			c.emit(token.NoPos, m.mv.moveInstr(t.off, m.src))
			m.src = t.off
		}
	}
}

// hasMoves reports whether the edge from b to to needs moves.
func (c *compiler) hasMoves(b, to *ssa.BasicBlock) bool {
	n := len(c.code)
	late := len(c.late)
	c.edgeMoves(b, to)
	has := len(c.code) > n
	c.code, c.lines, c.late = c.code[:n], c.lines[:n], c.late[:late]
	return has
}

// loneBranch returns a maker of the branch that b consists of, if b consists
// of a comparison and a branch on it only.
func (c *compiler) loneBranch(b *ssa.BasicBlock) func(poll bool) instr {
	var rest []ssa.Instruction
	for _, in := range b.Instrs {
		switch in.(type) {
		case *ssa.Phi, *ssa.DebugRef:
		default:
			rest = append(rest, in)
		}
	}
	if len(rest) != 2 {
		return nil
	}
	br, ok := rest[1].(*ssa.If)
	if !ok {
		return nil
	}
	cmp, ok := rest[0].(*ssa.BinOp)
	if !ok || br.Cond != cmp || !c.fused[cmp] {
		return nil
	}
	if c.hasMoves(b, b.Succs[0]) || c.hasMoves(b, b.Succs[1]) {
		return nil
	}
	x, y := c.src(cmp.X), c.src(cmp.Y)
	return func(poll bool) instr {
		return branch(cmp.Op, cmp.X.Type(), x, y, c.blockPC(b.Succs[0]), c.blockPC(b.Succs[1]), poll)
	}
}

// ifInstr emits a conditional branch.
func (c *compiler) ifInstr(in *ssa.If) {
	b := in.Block()
	yes, no := b.Succs[0], b.Succs[1]
	target := func(to *ssa.BasicBlock) (stub int, need bool) {
		return -1, c.hasMoves(b, to) || to.Index <= b.Index
	}
	var yesPC, noPC int = -1, -1
	at := len(c.code)
	c.code = append(c.code, nil)
	c.lines = append(c.lines, in.Pos())
	if _, need := target(no); need {
		noPC = len(c.code)
		c.jumpFar(b, no)
	} else if no != c.next {
		noPC = -2
	}
	if _, need := target(yes); need {
		yesPC = len(c.code)
		c.jumpFar(b, yes)
	}
	pcs := func() (int, int) {
		y, n := yesPC, noPC
		if y < 0 {
			y = c.blockPC(yes)
		}
		if n < 0 {
			n = c.blockPC(no)
		}
		return y, n
	}
	if cmp, ok := in.Cond.(*ssa.BinOp); ok && c.fused[cmp] {
		x, y := c.src(cmp.X), c.src(cmp.Y)
		c.late = append(c.late, lateInstr{at, func() instr {
			t, f := pcs()
			return branch(cmp.Op, cmp.X.Type(), x, y, t, f, false)
		}})
		return
	}
	cond := c.src(in.Cond)
	c.late = append(c.late, lateInstr{at, func() instr {
		t, f := pcs()
		return func(fp *Frame) {
			if *at2[bool](fp, cond) {
				fp.pc = t
			} else {
				fp.pc = f
			}
		}
	}})
}

func at2[T any](fp *Frame, o uintptr) *T { return at[T](fp, o) }

// jumpFar is jump without falling through.
func (c *compiler) jumpFar(b, to *ssa.BasicBlock) {
	next := c.next
	c.next = nil
	c.jump(b, to)
	c.next = next
}

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

var _ = rtype.Of
