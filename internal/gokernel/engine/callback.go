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
	rtype.Recognize(funcPtr(make(new(rtype.FuncObject))))
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

func init() {
	addCallback(func(o *rtype.FuncObject) func(int, int) bool {
		return func(i, j int) (res bool) {
			th, caller, fr := begin(o)
			if fr == nil {
				return slow(o, i, j)[0].Interface().(bool)
			}
			param(fr, 0, i)
			param(fr, 1, j)
			run(fr)
			res = result[bool](fr)
			th.leave(fr)
			th.top = caller
			return res
		}
	})
	addCallback(func(o *rtype.FuncObject) func(float64) float64 {
		return func(x float64) (res float64) {
			th, caller, fr := begin(o)
			if fr == nil {
				return slow(o, x)[0].Interface().(float64)
			}
			param(fr, 0, x)
			run(fr)
			res = result[float64](fr)
			th.leave(fr)
			th.top = caller
			return res
		}
	})
	addCallback(func(o *rtype.FuncObject) func(float64, float64) float64 {
		return func(x, y float64) (res float64) {
			th, caller, fr := begin(o)
			if fr == nil {
				return slow(o, x, y)[0].Interface().(float64)
			}
			param(fr, 0, x)
			param(fr, 1, y)
			run(fr)
			res = result[float64](fr)
			th.leave(fr)
			th.top = caller
			return res
		}
	})
	addCallback(func(o *rtype.FuncObject) func([]float64) float64 {
		return func(x []float64) (res float64) {
			th, caller, fr := begin(o)
			if fr == nil {
				return slow(o, x)[0].Interface().(float64)
			}
			param(fr, 0, x)
			run(fr)
			res = result[float64](fr)
			th.leave(fr)
			th.top = caller
			return res
		}
	})
	addCallback(func(o *rtype.FuncObject) func([]float64, []float64) {
		return func(g, x []float64) {
			th, caller, fr := begin(o)
			if fr == nil {
				slow(o, g, x)
				return
			}
			param(fr, 0, g)
			param(fr, 1, x)
			run(fr)
			th.leave(fr)
			th.top = caller
		}
	})
	addCallback(func(o *rtype.FuncObject) func(int) bool {
		return func(i int) (res bool) {
			th, caller, fr := begin(o)
			if fr == nil {
				return slow(o, i)[0].Interface().(bool)
			}
			param(fr, 0, i)
			run(fr)
			res = result[bool](fr)
			th.leave(fr)
			th.top = caller
			return res
		}
	})
	addCallback(func(o *rtype.FuncObject) func(int) int {
		return func(i int) (res int) {
			th, caller, fr := begin(o)
			if fr == nil {
				return slow(o, i)[0].Interface().(int)
			}
			param(fr, 0, i)
			run(fr)
			res = result[int](fr)
			th.leave(fr)
			th.top = caller
			return res
		}
	})
	addCallback(func(o *rtype.FuncObject) func(int) {
		return func(i int) {
			th, caller, fr := begin(o)
			if fr == nil {
				slow(o, i)
				return
			}
			param(fr, 0, i)
			run(fr)
			th.leave(fr)
			th.top = caller
		}
	})
	addCallback(func(o *rtype.FuncObject) func(rune) bool {
		return func(r rune) (res bool) {
			th, caller, fr := begin(o)
			if fr == nil {
				return slow(o, r)[0].Interface().(bool)
			}
			param(fr, 0, r)
			run(fr)
			res = result[bool](fr)
			th.leave(fr)
			th.top = caller
			return res
		}
	})
	addCallback(func(o *rtype.FuncObject) func(string) string {
		return func(s string) (res string) {
			th, caller, fr := begin(o)
			if fr == nil {
				return slow(o, s)[0].Interface().(string)
			}
			param(fr, 0, s)
			run(fr)
			res = result[string](fr)
			th.leave(fr)
			th.top = caller
			return res
		}
	})
	addCallback(func(o *rtype.FuncObject) func(string) bool {
		return func(s string) (res bool) {
			th, caller, fr := begin(o)
			if fr == nil {
				return slow(o, s)[0].Interface().(bool)
			}
			param(fr, 0, s)
			run(fr)
			res = result[bool](fr)
			th.leave(fr)
			th.top = caller
			return res
		}
	})
	addCallback(func(o *rtype.FuncObject) func() {
		return func() {
			th, caller, fr := begin(o)
			if fr == nil {
				slow(o)
				return
			}
			run(fr)
			th.leave(fr)
			th.top = caller
		}
	})
	addCallback(func(o *rtype.FuncObject) func() any {
		return func() (res any) {
			th, caller, fr := begin(o)
			if fr == nil {
				return slow(o)[0].Interface()
			}
			run(fr)
			res = result[any](fr)
			th.leave(fr)
			th.top = caller
			return res
		}
	})
	addCallback(func(o *rtype.FuncObject) func(int, float64) float64 {
		return func(i int, x float64) (res float64) {
			th, caller, fr := begin(o)
			if fr == nil {
				return slow(o, i, x)[0].Interface().(float64)
			}
			param(fr, 0, i)
			param(fr, 1, x)
			run(fr)
			res = result[float64](fr)
			th.leave(fr)
			th.top = caller
			return res
		}
	})
}
