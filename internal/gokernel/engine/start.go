package engine

import (
	"fmt"
	"go/types"
	"reflect"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/nngplab/nngplab/internal/gokernel/rtype"
)

// A starter begins a call: it evaluates what is called and its arguments, and
// returns what runs it.
//
// Ordinary calls do not use it, but go and defer statements do.
type starter func(fp *Frame) func(th *Thread, caller *Frame, of *recovery)

// start returns the starter of a call.
func (c *compiler) start(common *ssa.CallCommon) starter {
	if b, ok := common.Value.(*ssa.Builtin); ok {
		do := c.builtin(b, common, nil)
		return func(fp *Frame) func(*Thread, *Frame, *recovery) {
			snap, deferOf := snapshot(fp), fp.deferOf
			return func(th *Thread, caller *Frame, of *recovery) {
				snap.th = th
				// A deferred recover is a call by the function that defers it,
				// unless a panic of that function's own makes the call.
				if of != nil && !of.panicking {
					snap.deferOf = deferOf
				}
				do(snap)
			}
		}
	}
	srcs := make([]uintptr, len(common.Args))
	for i, a := range common.Args {
		srcs[i] = c.src(a)
	}
	// The arguments are copied into a frame of the callee's now; it runs later.
	begin := func(fp *Frame, f *Func) *Frame {
		fr := fp.th.enter(f, nil)
		fp.th.top = fp
		return fr
	}
	later := func(fr *Frame) func(*Thread, *Frame, *recovery) {
		return func(th *Thread, caller *Frame, of *recovery) {
			fr.th, fr.caller, fr.deferOf = th, caller, of
			if caller != nil {
				fr.depth = caller.depth + 1
			}
			th.top = fr
			run(fr)
			fr.deferOf = nil
			th.top = caller
		}
	}
	native := func(do func(fp *Frame)) starter {
		return func(fp *Frame) func(*Thread, *Frame, *recovery) {
			snap := snapshot(fp)
			return func(th *Thread, caller *Frame, of *recovery) {
				snap.th = th
				do(snap)
			}
		}
	}
	if !common.IsInvoke() {
		if fn, ok := common.Value.(*ssa.Function); ok {
			if f := c.p.resolve(fn); f != nil {
				args := argList(srcs, f.params)
				return func(fp *Frame) func(*Thread, *Frame, *recovery) {
					fr := begin(fp, f.cur)
					copyArgs(fr, fp, args)
					return later(fr)
				}
			}
			return native(c.nativeStatic(fn, srcs, nil))
		}
		fv := c.src(common.Value)
		sig := common.Value.Type().Underlying().(*types.Signature)
		params, _ := c.p.signature(sig, nil)
		args := argList(srcs, params)
		ft := c.p.Types.TypeOf(sig)
		nat := c.nativeCall(sig, ft, nil, srcs, nil)
		return func(fp *Frame) func(*Thread, *Frame, *recovery) {
			p := *at[unsafe.Pointer](fp, fv)
			if p == nil { // the call panics, not the statement
				return func(*Thread, *Frame, *recovery) { nilCheck(nil) }
			}
			o := rtype.FuncOf(p)
			if o == nil || o.Fn == nil {
				snap := snapshot(fp)
				return func(th *Thread, caller *Frame, of *recovery) {
					snap.th = th
					nat(snap, reflect.NewAt(ft, reg(snap, fv)).Elem())
				}
			}
			f := (*Func)(o.Fn).cur
			fr := begin(fp, f)
			copyArgs(fr, fp, args)
			f.capture(fr, o.Bind)
			return later(fr)
		}
	}
	x := c.src(common.Value)
	it := common.Value.Type().Underlying().(*types.Interface)
	m := common.Method
	idx := methodIndex(it, m)
	sig := m.Type().(*types.Signature)
	plain := types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())
	wt := wordType(c.p.Types.TypeOf(plain))
	nat := c.nativeCall(plain, wt, &x, srcs, nil)
	p := c.p
	return func(fp *Frame) func(*Thread, *Frame, *recovery) {
		v := at[iface](fp, x)
		if v.tab == nil {
			nilCheck(nil)
		}
		t := p.dispatch(v.tab, m, idx, wt)
		if t.fn == nil {
			snap := snapshot(fp)
			return func(th *Thread, caller *Frame, of *recovery) {
				snap.th = th
				nat(snap, t.native)
			}
		}
		f := t.fn.cur
		fr := begin(fp, f)
		unbox(t.rt, t.mv, reg(fr, f.params[0].off), v.data)
		for i := range srcs {
			q := &f.params[i+1]
			q.mv.copyTo(reg(fr, q.off), reg(fp, srcs[i]))
		}
		return later(fr)
	}
}

// snapshot returns a copy of a frame.
func snapshot(fp *Frame) *Frame {
	fr := (*Frame)(unsafe_New(fp.fn.frameType))
	typedmemmove(fp.fn.frameType, unsafe.Pointer(fr), unsafe.Pointer(fp))
	fr.rec, fr.deferOf, fr.next = nil, nil, nil
	return fr
}

func (c *compiler) deferStmt(in *ssa.Defer) {
	start := c.start(&in.Call)
	if in.DeferStack != nil {
		stack := c.src(in.DeferStack)
		c.emit(in.Pos(), func(fp *Frame) {
			rec := *at[*recovery](fp, stack)
			rec.list = &deferred{next: rec.list, call: start(fp)}
		})
		return
	}
	c.emit(in.Pos(), func(fp *Frame) {
		fp.rec.list = &deferred{next: fp.rec.list, call: start(fp)}
	})
}

func (c *compiler) goStmt(in *ssa.Go) {
	start := c.start(&in.Call)
	pos := in.Pos()
	nilFunc := func(fp *Frame) {}
	if !in.Call.IsInvoke() {
		switch in.Call.Value.(type) {
		case *ssa.Function, *ssa.Builtin, *ssa.MakeClosure:
		default:
			fv := c.src(in.Call.Value)
			nilFunc = func(fp *Frame) {
				if *at[unsafe.Pointer](fp, fv) == nil {
					panic(fmt.Errorf("go of nil func value"))
				}
			}
		}
	}
	c.emit(pos, func(fp *Frame) {
		nilFunc(fp)
		call := start(fp)
		th := &Thread{prog: fp.th.prog, cell: fp.th.cell}
		go th.goroutine(call)
	})
}

// goroutine runs a go statement's call.
func (th *Thread) goroutine(call func(*Thread, *Frame, *recovery)) {
	g := getg()
	th.prog.threads.Store(g, th)
	defer th.prog.threads.Delete(g)
	defer func() {
		if v := recover(); v != nil {
			th.caught(v)
			th.prog.goroutineFailed(th, v)
		}
	}()
	call(th, nil, nil)
}

func (p *Program) goroutineFailed(th *Thread, v any) {
	if _, ok := v.(stopped); ok {
		return
	}
	if p.Report != nil {
		p.Report(&Failure{Value: v, Trace: th.trace})
	}
}
