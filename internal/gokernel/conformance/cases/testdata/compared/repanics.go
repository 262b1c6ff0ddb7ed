package main

import (
	"errors"
	"fmt"
	"runtime"
)

func again() (s string) {
	defer func() { s = fmt.Sprint(recover()) }()
	defer func() {
		r := recover()
		panic(fmt.Sprint("again ", r))
	}()
	panic("first")
}

func replaced() (s string) {
	defer func() { s = fmt.Sprint(recover()) }()
	defer func() { panic("second") }()
	panic("first")
}

func notDirect() (s string) {
	defer func() { s = fmt.Sprint(recover()) }()
	defer func() {
		func() { fmt.Println("nested recover", recover()) }()
	}()
	panic("p")
}

func twice() (s string) {
	defer func() { s += fmt.Sprint(" ", recover()) }()
	defer func() { s += fmt.Sprint(recover()) }()
	panic(1)
}

func nilPanic() (s string) {
	defer func() {
		r := recover()
		_, ok := r.(*runtime.PanicNilError)
		s = fmt.Sprint(r, ok)
	}()
	panic(nil)
}

func afterRecover() (s string) {
	func() {
		defer func() { recover() }()
		panic(1)
	}()
	return "went on"
}

type myErr struct{ code int }

func (e *myErr) Error() string { return fmt.Sprint("code ", e.code) }

func typed() (err error) {
	defer func() {
		if e, ok := recover().(error); ok {
			err = e
		}
	}()
	panic(&myErr{4})
}

func loopRecover() (n int) {
	for i := range 5 {
		func() {
			defer func() {
				if recover() != nil {
					n++
				}
			}()
			if i%2 == 0 {
				panic(i)
			}
		}()
	}
	return
}

func runtimeErr(f func()) (s string) {
	defer func() {
		e := recover().(runtime.Error)
		s = e.Error()
	}()
	f()
	return
}

func main() {
	fmt.Println(again())
	fmt.Println(replaced())
	fmt.Println(notDirect())
	fmt.Println(twice())
	fmt.Println(nilPanic())
	fmt.Println(afterRecover())
	err := typed()
	var me *myErr
	fmt.Println(err, errors.As(err, &me), me.code)
	fmt.Println(loopRecover())
	var s []int
	var m map[string]int
	var p *myErr
	var i any = "x"
	zero, five := 0, 5
	fmt.Println(runtimeErr(func() { _ = s[five] }))
	fmt.Println(runtimeErr(func() { m["a"] = 1 }))
	fmt.Println(runtimeErr(func() { _ = p.code }))
	fmt.Println(runtimeErr(func() { _ = i.(int) }))
	fmt.Println(runtimeErr(func() { _ = i.(error) }))
	fmt.Println(runtimeErr(func() { _ = 1 / zero }))
	fmt.Println(runtimeErr(func() { _ = "abc"[five:] }))
	fmt.Println(runtimeErr(func() { _ = make([]int, five)[3:zero] }))
	fmt.Println(runtimeErr(func() { _ = make([]int, zero-five) }))
	fmt.Println(runtimeErr(func() { _ = [3]int(make([]int, 2)) }))
	fmt.Println(runtimeErr(func() { _ = any(s) == any(s) }))
	fmt.Println(runtimeErr(func() { _ = map[any]int{s: 1} }))
	fmt.Println(recover())
}
