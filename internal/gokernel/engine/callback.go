package engine

import (
	"reflect"
	"unsafe"

	"github.com/nngplab/nngplab/internal/gokernel/rtype"
)

// Func values of common types are closures of compiled code, which compiled
// code can call without package reflect. Each captures its function object
// alone, so that it can be recognized by its code.

// funcPtr returns what a func variable holds.
func funcPtr[F any](f F) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&f)) }

var callbacks = map[reflect.Type]func(o *rtype.FuncObject) unsafe.Pointer{}

func addCallback[F any](make func(o *rtype.FuncObject) F) {
	callbacks[reflect.TypeFor[F]()] = func(o *rtype.FuncObject) unsafe.Pointer { return funcPtr(make(o)) }
	o := new(rtype.FuncObject)
	if p := funcPtr(make(o)); (*[2]unsafe.Pointer)(p)[1] == unsafe.Pointer(o) {
		rtype.Recognize(p)
	}
}

// value returns the func value that compiled and interpreted code get for o.
func value(t reflect.Type, o *rtype.FuncObject) unsafe.Pointer {
	if make := callbacks[t]; make != nil {
		return make(o)
	}
	return unsafe.Pointer(o)
}

// begin enters a call of o from compiled code; without a frame where the
// calling goroutine is unknown.
func begin(o *rtype.FuncObject) (th *Thread, caller, fr *Frame) {
	f := (*Func)(o.Fn).cur
	t, ok := f.prog.threads.Load(getg())
	if !ok {
		return nil, nil, nil
	}
	th = t.(*Thread)
	caller = th.top
	fr = th.enter(f, caller)
	f.capture(fr, o.Bind)
	return th, caller, fr
}

// slow makes the call through package reflect.
func slow(o *rtype.FuncObject, args ...any) []reflect.Value {
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		in[i] = reflect.ValueOf(a)
	}
	return (*Func)(o.Fn).prog.callFromNative(o, in)
}

func param[T any](fr *Frame, i int, v T) { *at[T](fr, fr.fn.params[i].off) = v }

func result[T any](fr *Frame) T { return *at[T](fr, fr.fn.results[0].off) }

// Calls from compiled code, by the numbers of parameters and results.

func do0(o *rtype.FuncObject) func() {
	return func() {
		th, caller, fr := begin(o)
		if fr == nil {
			slow(o)
			return
		}
		run(fr)
		th.end(fr, caller)
	}
}

func do1[A any](o *rtype.FuncObject) func(A) {
	return func(a A) {
		th, caller, fr := begin(o)
		if fr == nil {
			slow(o, a)
			return
		}
		param(fr, 0, a)
		run(fr)
		th.end(fr, caller)
	}
}

func do2[A, B any](o *rtype.FuncObject) func(A, B) {
	return func(a A, b B) {
		th, caller, fr := begin(o)
		if fr == nil {
			slow(o, a, b)
			return
		}
		param(fr, 0, a)
		param(fr, 1, b)
		run(fr)
		th.end(fr, caller)
	}
}

func get0[R any](o *rtype.FuncObject) func() R {
	return func() (res R) {
		th, caller, fr := begin(o)
		if fr == nil {
			res, _ = slow(o)[0].Interface().(R)
			return res
		}
		run(fr)
		res = result[R](fr)
		th.end(fr, caller)
		return res
	}
}

func get1[A, R any](o *rtype.FuncObject) func(A) R {
	return func(a A) (res R) {
		th, caller, fr := begin(o)
		if fr == nil {
			res, _ = slow(o, a)[0].Interface().(R)
			return res
		}
		param(fr, 0, a)
		run(fr)
		res = result[R](fr)
		th.end(fr, caller)
		return res
	}
}

func get2[A, B, R any](o *rtype.FuncObject) func(A, B) R {
	return func(a A, b B) (res R) {
		th, caller, fr := begin(o)
		if fr == nil {
			res, _ = slow(o, a, b)[0].Interface().(R)
			return res
		}
		param(fr, 0, a)
		param(fr, 1, b)
		run(fr)
		res = result[R](fr)
		th.end(fr, caller)
		return res
	}
}

// end leaves a call from compiled code.
func (th *Thread) end(fr, caller *Frame) {
	th.leave(fr)
	th.top = caller
}

func init() {
	addCallback(do0)
	addCallback(do1[int])
	addCallback(do2[[]float64, []float64])
	addCallback(get0[any])
	addCallback(get1[int, int])
	addCallback(get1[int, bool])
	addCallback(get1[rune, bool])
	addCallback(get1[string, bool])
	addCallback(get1[string, string])
	addCallback(get1[float64, float64])
	addCallback(get1[[]float64, float64])
	addCallback(get2[int, int, bool])
	addCallback(get2[int, float64, float64])
	addCallback(get2[float64, float64, float64])
}
