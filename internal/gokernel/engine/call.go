package engine

import (
	"go/types"
	"reflect"
	"sync/atomic"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/nngplab/nngplab/internal/gokernel/rtype"
)

// An arg copies one argument into the callee's frame.
type arg struct {
	src, dst uintptr
	mv       move
}

func copyArgs(to, from *Frame, args []arg) {
	for i := range args {
		a := &args[i]
		switch a.mv.class {
		case c8:
			*at[uint64](to, a.dst) = *at[uint64](from, a.src)
		case cPtr:
			*at[unsafe.Pointer](to, a.dst) = *at[unsafe.Pointer](from, a.src)
		default:
			a.mv.copyTo(reg(to, a.dst), reg(from, a.src))
		}
	}
}

// signature lays out parameters and results as Func.layout does.
func (p *Program) signature(sig *types.Signature, recv types.Type) (params, results []slot) {
	off := headSize
	if recv != nil {
		params = append(params, p.slotAt(&off, recv))
	}
	for v := range sig.Params().Variables() {
		params = append(params, p.slotAt(&off, v.Type()))
	}
	for v := range sig.Results().Variables() {
		results = append(results, p.slotAt(&off, v.Type()))
	}
	return params, results
}

// results are the registers where a call leaves its results.
func (c *compiler) results(in *ssa.Call) []slot {
	if t, ok := c.tuple[in]; ok {
		return t
	}
	if t, ok := in.Type().(*types.Tuple); ok && t.Len() == 0 {
		return nil
	}
	return []slot{{off: c.dst(in), typ: in.Type(), mv: c.p.moveOf(in.Type())}}
}

func (c *compiler) call(in *ssa.Call) {
	common := in.Common()
	if b, ok := common.Value.(*ssa.Builtin); ok {
		c.emit(in.Pos(), c.builtin(b, common, in))
		return
	}
	c.emit(in.Pos(), c.callInstr(common, c.results(in)))
}

// callInstr returns the instruction of a call.
func (c *compiler) callInstr(common *ssa.CallCommon, res []slot) instr {
	srcs := make([]uintptr, len(common.Args))
	for i, a := range common.Args {
		srcs[i] = c.src(a)
	}
	if common.IsInvoke() {
		return c.invokeInstr(common, srcs, res)
	}
	if fn, ok := common.Value.(*ssa.Function); ok {
		if f := c.p.resolve(fn); f != nil {
			return c.staticCall(f, srcs, res)
		}
		return c.nativeStatic(fn, srcs, res)
	}
	return c.closureCall(common, srcs, res)
}

func argList(srcs []uintptr, params []slot) []arg {
	args := make([]arg, len(srcs))
	for i := range srcs {
		args[i] = arg{srcs[i], params[i].off, params[i].mv}
	}
	return args
}

// staticCall calls an interpreted function.
func (c *compiler) staticCall(f *Func, srcs []uintptr, res []slot) instr {
	args := argList(srcs, f.params)
	wrapper := c.f.wrapper
	switch {
	case len(f.results) == 0 || len(res) == 0:
		return func(fp *Frame) {
			th := fp.th
			fr := th.enter(f.cur, fp)
			copyArgs(fr, fp, args)
			if wrapper {
				fr.deferOf = fp.deferOf
			}
			run(fr)
			fr.deferOf = nil
			th.leave(fr)
		}
	case len(res) == 1 && res[0].mv.class == c8 && len(args) == 1 && args[0].mv.class == c8 && !wrapper:
		a, from, to := args[0], f.results[0].off, res[0].off
		return func(fp *Frame) {
			th := fp.th
			fr := th.enter(f.cur, fp)
			*at[uint64](fr, a.dst) = *at[uint64](fp, a.src)
			run(fr)
			*at[uint64](fp, to) = *at[uint64](fr, from)
			th.leave(fr)
		}
	}
	return func(fp *Frame) {
		th := fp.th
		fr := th.enter(f.cur, fp)
		copyArgs(fr, fp, args)
		if wrapper {
			fr.deferOf = fp.deferOf
		}
		run(fr)
		fr.deferOf = nil
		for i := range res {
			res[i].mv.copyTo(reg(fp, res[i].off), reg(fr, f.results[i].off))
		}
		th.leave(fr)
	}
}

// closureCall calls a func value.
func (c *compiler) closureCall(common *ssa.CallCommon, srcs []uintptr, res []slot) instr {
	fv := c.src(common.Value)
	sig := common.Value.Type().Underlying().(*types.Signature)
	params, results := c.p.signature(sig, nil)
	args := argList(srcs, params)
	ft := c.p.Types.TypeOf(sig)
	nat := c.nativeCall(sig, ft, nil, srcs, res)
	wrapper := c.f.wrapper
	if len(res) == 1 && res[0].mv.class == c8 && len(args) == 1 && args[0].mv.class == c8 && !wrapper {
		a, from, to := args[0], results[0].off, res[0].off
		return func(fp *Frame) {
			p := *at[unsafe.Pointer](fp, fv)
			nilCheck(p)
			o := rtype.FuncOf(p)
			if o == nil || o.Fn == nil {
				nat(fp, reflect.NewAt(ft, reg(fp, fv)).Elem())
				return
			}
			f, th := (*Func)(o.Fn).cur, fp.th
			fr := th.enter(f, fp)
			*at[uint64](fr, a.dst) = *at[uint64](fp, a.src)
			f.capture(fr, o.Bind)
			run(fr)
			*at[uint64](fp, to) = *at[uint64](fr, from)
			th.leave(fr)
		}
	}
	return func(fp *Frame) {
		p := *at[unsafe.Pointer](fp, fv)
		nilCheck(p)
		o := rtype.FuncOf(p)
		if o == nil || o.Fn == nil {
			nat(fp, reflect.NewAt(ft, reg(fp, fv)).Elem())
			return
		}
		f := (*Func)(o.Fn).cur
		th := fp.th
		fr := th.enter(f, fp)
		copyArgs(fr, fp, args)
		f.capture(fr, o.Bind)
		if wrapper {
			fr.deferOf = fp.deferOf
		}
		run(fr)
		fr.deferOf = nil
		for i := range res {
			res[i].mv.copyTo(reg(fp, res[i].off), reg(fr, results[i].off))
		}
		th.leave(fr)
	}
}

// capture fills in the captured values of a closure.
func (f *Func) capture(fr *Frame, bind unsafe.Pointer) {
	for i := range f.free {
		s := &f.free[i]
		if s.mv.class == cPtr {
			*at[unsafe.Pointer](fr, s.off) = *(*unsafe.Pointer)(unsafe.Add(bind, f.bindOff[i]))
			continue
		}
		s.mv.copyTo(reg(fr, s.off), unsafe.Add(bind, f.bindOff[i]))
	}
}

// A target is what an interface method call leads to for one type.
type target struct {
	tab    *rtype.ITab
	fn     *Func         // interpreted
	rt     *rtype.Type   // of the receiver
	mv     move          // of the receiver
	native reflect.Value // compiled: a func of the data word and the arguments
}

// methodIndex is the position of a method in its interface's method table.
func methodIndex(it *types.Interface, m *types.Func) int {
	k := 0
	for i := range it.NumMethods() {
		o := it.Method(i)
		if o.Id() != m.Id() && methodBefore(o, m) {
			k++
		}
	}
	return k
}

func methodBefore(a, b *types.Func) bool {
	if a.Exported() != b.Exported() {
		return a.Exported()
	}
	if a.Name() != b.Name() {
		return a.Name() < b.Name()
	}
	return !a.Exported() && a.Pkg().Path() < b.Pkg().Path()
}

// dispatch returns the target of method m, the i-th of its interface, for the
// table tab.
func (p *Program) dispatch(tab *rtype.ITab, m *types.Func, i int, wordType reflect.Type) *target {
	t := &target{tab: tab}
	if made := p.Types.Made(tab.Type); made != nil {
		p.mu.Lock()
		sel := p.msets.MethodSet(made).Lookup(m.Pkg(), m.Name())
		p.mu.Unlock()
		if sel != nil {
			if f := p.methodFunc(sel); f != nil {
				t.fn, t.rt, t.mv = f, tab.Type, p.moveOf(made)
				return t
			}
		}
	}
	code := unsafe.Slice(&tab.Fun[0], i+1)[i]
	word := &struct{ code uintptr }{code}
	fv := unsafe.Pointer(word)
	t.native = reflect.NewAt(wordType, unsafe.Pointer(&fv)).Elem()
	return t
}

// methodFunc returns the function of a method of a type of interpreted code.
func (p *Program) methodFunc(sel *types.Selection) *Func {
	fn := p.SSA.MethodValue(sel)
	if fn == nil {
		return nil
	}
	return p.resolve(fn)
}

// invokeInstr calls a method of an interface value.
func (c *compiler) invokeInstr(common *ssa.CallCommon, srcs []uintptr, res []slot) instr {
	x := c.src(common.Value)
	it := common.Value.Type().Underlying().(*types.Interface)
	m := common.Method
	idx := methodIndex(it, m)
	sig := m.Type().(*types.Signature)
	plain := types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())
	wt := wordType(c.p.Types.TypeOf(plain))
	nat := c.nativeCall(plain, wt, &x, srcs, res)
	p := c.p
	var cache atomic.Pointer[target]
	wrapper := c.f.wrapper
	return func(fp *Frame) {
		v := at[iface](fp, x)
		if v.tab == nil {
			nilCheck(nil)
		}
		t := cache.Load()
		if t == nil || t.tab != v.tab {
			t = p.dispatch(v.tab, m, idx, wt)
			cache.Store(t)
		}
		if t.fn == nil {
			nat(fp, t.native)
			return
		}
		th := fp.th
		f := t.fn.cur
		fr := th.enter(f, fp)
		unbox(t.rt, t.mv, reg(fr, f.params[0].off), v.data)
		for i := range srcs {
			q := &f.params[i+1]
			q.mv.copyTo(reg(fr, q.off), reg(fp, srcs[i]))
		}
		if wrapper {
			fr.deferOf = fp.deferOf
		}
		run(fr)
		fr.deferOf = nil
		for i := range res {
			res[i].mv.copyTo(reg(fp, res[i].off), reg(fr, f.results[i].off))
		}
		th.leave(fr)
	}
}

// wordType is ft with a data word before the parameters.
func wordType(ft reflect.Type) reflect.Type {
	in := []reflect.Type{reflect.TypeFor[unsafe.Pointer]()}
	for i := range ft.NumIn() {
		in = append(in, ft.In(i))
	}
	var out []reflect.Type
	for i := range ft.NumOut() {
		out = append(out, ft.Out(i))
	}
	return reflect.FuncOf(in, out, ft.IsVariadic())
}
