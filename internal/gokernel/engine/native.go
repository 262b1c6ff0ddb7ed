package engine

import (
	"fmt"
	"go/types"
	"reflect"
	"runtime"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/nngplab/nngplab/internal/gokernel/rtype"
)

// resolve returns what runs for fn if that is interpreted, nil if compiled.
func (p *Program) resolve(fn *ssa.Function) *Func {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.resolveLocked(fn)
}

func (p *Program) resolveLocked(fn *ssa.Function) *Func {
	if obj, ok := fn.Object().(*types.Func); ok {
		if r := p.Replace[obj]; r != nil {
			return p.funcOf(r)
		}
		if fn.Pkg != nil || fn.Origin() != nil {
			if _, ok := p.Override[fullName(fn)]; ok {
				return nil
			}
			if _, ok := p.Hooks[fullName(fn)]; ok {
				return nil
			}
		}
	}
	if fn.Blocks != nil && !p.hasCompiled(fn) {
		return p.funcOf(fn)
	}
	if fn.TypeArgs() != nil || fn.Origin() != nil {
		if inst := p.Link.Instance(fn); inst != nil {
			return p.funcOf(inst)
		}
		panic(fmt.Errorf("the generic function %s has no source here", fn))
	}
	return nil
}

// hasCompiled reports whether compiled code has fn, which has been translated
// from the source of its package for the sake of generics there.
func (p *Program) hasCompiled(fn *ssa.Function) bool {
	obj, ok := fn.Object().(*types.Func)
	if !ok || obj.Pkg() == nil || obj.Pkg().Path() == "main" || !obj.Exported() || len(fn.TypeArgs()) > 0 || fn.Synthetic != "" {
		return false
	}
	pkg := p.Link.Compiled(obj.Pkg().Path())
	if pkg == nil {
		return false
	}
	r := obj.Signature().Recv()
	if r == nil {
		return pkg.Binds[obj.Name()].IsValid()
	}
	t := r.Type()
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	return ok && pkg.Types[named.Obj().Name()] != nil
}

// fullName is the name of a function as types.Func.FullName gives it, of an
// instance the generic function's.
func fullName(fn *ssa.Function) string {
	obj, ok := fn.Object().(*types.Func)
	if !ok {
		return fn.String()
	}
	return obj.Origin().FullName()
}

// native returns the compiled function fn.
func (p *Program) native(fn *ssa.Function) reflect.Value {
	if o, ok := p.Override[fullName(fn)]; ok {
		return reflect.ValueOf(o)
	}
	obj, ok := fn.Object().(*types.Func)
	if !ok {
		panic(fmt.Errorf("%s has no body", fn))
	}
	sig := obj.Type().(*types.Signature)
	if r := sig.Recv(); r != nil {
		rt := p.Types.TypeOf(r.Type())
		if p.Types.Made(rtype.Of(rt)) != nil {
			panic(fmt.Errorf("the method %s cannot be reached", obj.FullName()))
		}
		if m, ok := rt.MethodByName(obj.Name()); ok {
			if rt.Kind() != reflect.Interface {
				return m.Func
			}
		}
		panic(fmt.Errorf("the method %s cannot be reached", obj.FullName()))
	}
	if obj.Pkg() != nil {
		if pkg := p.Link.Compiled(obj.Pkg().Path()); pkg != nil {
			if v, ok := pkg.Binds[obj.Name()]; ok {
				return v
			}
		}
		if obj.Pkg().Path() == "main" {
			panic(fmt.Errorf("missing function body of %s", obj.Name()))
		}
	}
	panic(fmt.Errorf("the function %s cannot be reached", obj.FullName()))
}

// funcPointer returns fn as a func value.
func (p *Program) funcPointer(fn *ssa.Function) unsafe.Pointer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f := p.resolveLocked(fn); f != nil {
		return f.funcValue()
	}
	if hook := p.Hooks[fullName(fn)]; hook != nil {
		return p.hookValue(fn, hook)
	}
	v := p.native(fn)
	x := v.Interface()
	return (*eface)(unsafe.Pointer(&x)).data
}

func (p *Program) hookValue(fn *ssa.Function, hook func(*Thread, []unsafe.Pointer, unsafe.Pointer)) unsafe.Pointer {
	ft := p.Types.TypeOf(types.NewSignatureType(nil, nil, nil, fn.Signature.Params(), fn.Signature.Results(), fn.Signature.Variadic()))
	v := reflect.MakeFunc(ft, func(args []reflect.Value) []reflect.Value {
		var ptrs []unsafe.Pointer
		for _, a := range args {
			q := reflect.New(a.Type())
			q.Elem().Set(a)
			ptrs = append(ptrs, q.UnsafePointer())
		}
		th, _ := p.thread()
		if ft.NumOut() == 0 {
			hook(th, ptrs, nil)
			return nil
		}
		r := reflect.New(ft.Out(0))
		hook(th, ptrs, r.UnsafePointer())
		return []reflect.Value{r.Elem()}
	}).Interface()
	return (*eface)(unsafe.Pointer(&v)).data
}

// nativeStatic calls a compiled function known at compile time.
func (c *compiler) nativeStatic(fn *ssa.Function, srcs []uintptr, res []slot) instr {
	if hook := c.p.Hooks[fullName(fn)]; hook != nil {
		return func(fp *Frame) {
			args := make([]unsafe.Pointer, len(srcs))
			for i, s := range srcs {
				args[i] = reg(fp, s)
			}
			var r unsafe.Pointer
			if len(res) > 0 {
				r = reg(fp, res[0].off)
			}
			hook(fp.th, args, r)
		}
	}
	v := c.p.native(fn)
	if fast := fastCall(v.Type(), srcs, res); fast != nil {
		x := v.Interface()
		p := (*eface)(unsafe.Pointer(&x)).data
		return func(fp *Frame) {
			fast(fp, p)
			th := fp.th
			th.top = fp
			th.again = false
			if attention.Load() != 0 {
				th.poll()
			}
		}
	}
	call := c.nativeCall(fn.Signature, v.Type(), nil, srcs, res)
	return func(fp *Frame) { call(fp, v) }
}

// nativeCall returns what calls a compiled function of the type ft with the
// registers srcs, after the data word of the interface in register recv.
func (c *compiler) nativeCall(sig *types.Signature, ft reflect.Type, recv *uintptr, srcs []uintptr, res []slot) func(fp *Frame, fv reflect.Value) {
	n := ft.NumIn()
	in := make([]reflect.Type, n)
	for i := range in {
		in[i] = ft.In(i)
	}
	variadic := ft.IsVariadic()
	skip := 0
	regs := srcs
	if recv != nil {
		skip = 1
		regs = append([]uintptr{*recv + unsafe.Sizeof(uintptr(0))}, srcs...) // the data word
	}
	if len(srcs)+skip != n {
		panic(fmt.Errorf("%d arguments for %s", len(srcs), ft))
	}
	if fast := fastCall(ft, regs, res); fast != nil {
		return func(fp *Frame, fv reflect.Value) {
			x := fv.Interface()
			fast(fp, (*eface)(unsafe.Pointer(&x)).data)
			th := fp.th
			th.top = fp
			th.again = false
			if attention.Load() != 0 {
				th.poll()
			}
		}
	}
	return func(fp *Frame, fv reflect.Value) {
		args := make([]reflect.Value, n)
		if skip == 1 {
			args[0] = reflect.ValueOf(at[iface](fp, *recv).data)
		}
		for i, s := range srcs {
			args[i+skip] = reflect.NewAt(in[i+skip], reg(fp, s)).Elem()
		}
		main := fp.th.main
		if main {
			fp.th.cell.native.Store(true)
		}
		var out []reflect.Value
		if variadic {
			out = fv.CallSlice(args)
		} else {
			out = fv.Call(args)
		}
		th := fp.th
		if main {
			th.cell.native.Store(false)
		}
		th.top = fp
		th.again = false
		if attention.Load() != 0 {
			th.poll()
		}
		for i := range res {
			reflect.NewAt(ft.Out(i), reg(fp, res[i].off)).Elem().Set(out[i])
		}
	}
}

// thread returns the interpreter's state of the calling goroutine, and whether
// it is new: then the goroutine was started by compiled code.
func (p *Program) thread() (*Thread, bool) {
	g := getg()
	if t, ok := p.threads.Load(g); ok {
		return t.(*Thread), false
	}
	th := &Thread{prog: p, cell: p.current, foreign: true}
	p.threads.Store(g, th)
	return th, true
}

// callFromNative runs a func value of interpreted code that compiled code calls.
func (p *Program) callFromNative(o *rtype.FuncObject, args []reflect.Value) []reflect.Value {
	f := (*Func)(o.Fn).cur
	return p.enterFromNative(f, func(fr *Frame) {
		for i, a := range args {
			reflect.NewAt(a.Type(), reg(fr, f.params[i].off)).Elem().Set(a)
		}
		f.capture(fr, o.Bind)
	}, o.Type())
}

// callMethodFromNative runs a method of a type of interpreted code.
func (p *Program) callMethodFromNative(recv types.Type, sel *types.Selection, args []reflect.Value) []reflect.Value {
	f := p.methodFunc(sel)
	if f == nil {
		fn := p.SSA.MethodValue(sel)
		if fn == nil {
			panic(fmt.Errorf("the method %s cannot be reached", sel.Obj().Name()))
		}
		return p.native(fn).Call(args)
	}
	f = f.cur
	ft := p.Types.TypeOf(types.NewSignatureType(nil, nil, nil, f.sig.Params(), f.sig.Results(), f.sig.Variadic()))
	return p.enterFromNative(f, func(fr *Frame) {
		for i, a := range args {
			reflect.NewAt(a.Type(), reg(fr, f.params[i].off)).Elem().Set(a)
		}
	}, ft)
}

func (p *Program) enterFromNative(f *Func, fill func(*Frame), ft reflect.Type) []reflect.Value {
	th, fresh := p.thread()
	if fresh {
		defer p.threads.Delete(getg())
		defer th.foreignPanic()
	}
	caller := th.top
	fr := th.enter(f, caller)
	fill(fr)
	run(fr)
	out := make([]reflect.Value, len(f.results))
	for i, s := range f.results {
		v := reflect.New(ft.Out(i)).Elem()
		v.Set(reflect.NewAt(ft.Out(i), reg(fr, s.off)).Elem())
		out[i] = v
	}
	th.leave(fr)
	th.top = caller
	return out
}

// foreignPanic ends a goroutine of compiled code in which a function of a cell
// panicked. If the cell is inside compiled code, that may wait for the
// goroutine for ever: the cell fails. Else the panic is reported.
func (th *Thread) foreignPanic() {
	v := recover()
	if v == nil {
		return
	}
	th.caught(v)
	if _, ok := v.(stopped); !ok {
		f := &Failure{Value: v, Trace: th.trace}
		if c := th.cell; c != nil && c.running() && c.native.Load() {
			c.fail(f)
		} else if th.prog.Report != nil {
			th.prog.Report(f)
		}
	}
	runtime.Goexit()
}

func (c *Cell) running() bool { return c.Ctx.Err() == nil }
