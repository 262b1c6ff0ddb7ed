package engine

import (
	"sync"
	"time"
	"unsafe"
)

// addHooks replaces what blocks, so that an interrupt of the cell ends it where
// the cell itself blocks, and what would end the process.
func (p *Program) addHooks() {
	p.Hooks["os.Exit"] = func(th *Thread, args []unsafe.Pointer, _ unsafe.Pointer) {
		panic(Exit{*(*int)(args[0])})
	}
	p.Hooks["time.Sleep"] = func(th *Thread, args []unsafe.Pointer, _ unsafe.Pointer) {
		d := *(*time.Duration)(args[0])
		if !th.main {
			time.Sleep(d)
			th.afterCall()
			return
		}
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-th.halt():
			th.stop()
		}
	}
	p.Hooks["(*sync.Mutex).Lock"] = func(th *Thread, args []unsafe.Pointer, _ unsafe.Pointer) {
		m := *(**sync.Mutex)(args[0])
		th.lock(m.TryLock, m.Lock)
	}
	p.Hooks["(*sync.RWMutex).Lock"] = func(th *Thread, args []unsafe.Pointer, _ unsafe.Pointer) {
		m := *(**sync.RWMutex)(args[0])
		th.lock(m.TryLock, m.Lock)
	}
	p.Hooks["(*sync.RWMutex).RLock"] = func(th *Thread, args []unsafe.Pointer, _ unsafe.Pointer) {
		m := *(**sync.RWMutex)(args[0])
		th.lock(m.TryRLock, m.RLock)
	}
	p.Hooks["(*sync.WaitGroup).Wait"] = func(th *Thread, args []unsafe.Pointer, _ unsafe.Pointer) {
		th.waitFor((*(**sync.WaitGroup)(args[0])).Wait)
	}
	p.Hooks["(*sync.Cond).Wait"] = func(th *Thread, args []unsafe.Pointer, _ unsafe.Pointer) {
		th.waitFor((*(**sync.Cond)(args[0])).Wait)
	}
}

// lock takes a lock, or stops with the cell.
func (th *Thread) lock(try func() bool, lock func()) {
	if !th.main {
		lock()
		return
	}
	for wait := 10 * time.Microsecond; !try(); wait = min(2*wait, 2*time.Millisecond) {
		select {
		case <-th.halt():
			th.stop()
		case <-time.After(wait):
		}
	}
}

// waitFor runs wait, or stops with the cell and leaves it.
func (th *Thread) waitFor(wait func()) {
	if !th.main {
		wait()
		th.afterCall()
		return
	}
	done := make(chan any, 1)
	go func() {
		defer func() { done <- recover() }()
		wait()
	}()
	select {
	case v := <-done:
		if v != nil {
			panic(v)
		}
	case <-th.halt():
		th.stop()
	}
}
