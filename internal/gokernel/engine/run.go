package engine

import (
	"fmt"
	"go/token"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// A Failure is a panic that ended a cell or one of its goroutines.
type Failure struct {
	Value any
	Trace []Call // innermost first
	Exit  bool   // by runtime.Goexit
}

// Stopped reports whether the failure is that the cell was told to stop.
func (f *Failure) Stopped() bool {
	_, ok := f.Value.(stopped)
	return ok
}

// Text is the panic's value as the runtime prints it.
func (f *Failure) Text() string {
	if f.Exit {
		return "runtime.Goexit"
	}
	return PanicText(f.Value)
}

// PanicText formats a panic's value.
func PanicText(v any) (s string) {
	defer func() {
		if recover() != nil {
			s = fmt.Sprintf("(%T)", v)
		}
	}()
	switch v := v.(type) {
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	}
	return fmt.Sprint(v)
}

// Pos returns the position of the innermost call in a file of this name
// prefix.
func (f *Failure) Pos(prefix string) token.Position {
	for _, c := range f.Trace {
		if strings.HasPrefix(c.Pos.Filename, prefix) {
			return c.Pos
		}
	}
	return token.Position{}
}

// Run runs functions without parameters, one after the other, as the
// statements of cell, in the calling goroutine.
func (p *Program) Run(cell *Cell, fns ...*ssa.Function) (failed *Failure) {
	th := &Thread{prog: p, cell: cell, main: true}
	p.current = cell
	done := make(chan struct{})
	go func() { // of its own: runtime.Goexit must not end the caller's
		defer close(done)
		g := getg()
		p.threads.Store(g, th)
		defer p.threads.Delete(g)
		ok := false
		defer func() {
			if ok {
				return
			}
			v := recover()
			if v == nil {
				failed = &Failure{Exit: true, Trace: th.stack()}
				return
			}
			th.caught(v)
			failed = &Failure{Value: v, Trace: th.trace}
		}()
		for _, fn := range fns {
			fr := th.enter(p.Func(fn).cur, nil)
			run(fr)
			th.top = nil
		}
		ok = true
	}()
	<-done
	cell.end()
	return failed
}

// Stops reports whether a recovered panic is one by which a cell is stopped:
// who has recovered it must raise it again.
func Stops(v any) bool {
	_, ok := v.(stopped)
	return ok
}

// Do runs f in a thread of cell, so that functions of the cell that compiled
// code calls there can be interrupted. A panic is returned.
func (p *Program) Do(cell *Cell, f func()) (failed *Failure) {
	g := getg()
	th := &Thread{prog: p, cell: cell, main: true}
	p.threads.Store(g, th)
	defer p.threads.Delete(g)
	defer func() {
		if v := recover(); v != nil {
			th.caught(v)
			failed = &Failure{Value: v, Trace: th.trace}
		}
	}()
	f()
	return nil
}
