package engine

import (
	"errors"
	"fmt"
	"go/token"
	"reflect"
	"runtime"
	"unsafe"

	"golang.org/x/tools/go/ssa"

	"github.com/nngplab/nngplab/internal/gokernel/rtype"
)

// A Call is one active call, for a traceback.
type Call struct {
	Raw  token.Pos
	Func string
	Pos  token.Position
}

// stopped is the panic by which a thread that is to stop unwinds. No code of a
// cell can recover from it.
type stopped struct{ cell *Cell }

func (stopped) Error() string { return "interrupted" }

var errStackOverflow = fmt.Errorf("stack overflow: calls nested more than %d deep", maxDepth)

// Exit is the panic of a cell that calls os.Exit.
type Exit struct{ Code int }

func (e Exit) Error() string {
	return fmt.Sprintf("os.Exit(%d) was called; the kernel and its variables stay", e.Code)
}

// recovery is the state of a function that defers.
type recovery struct {
	frame     *Frame
	list      *deferred
	done      bool // returned
	panicking bool
	goexit    bool
	value     any
}

// deferred is one deferred call, with its arguments evaluated.
type deferred struct {
	next *deferred
	call func(th *Thread, caller *Frame, of *recovery)
}

// execDefer runs a frame whose function defers.
func execDefer(fp *Frame) {
	rec := &recovery{frame: fp}
	fp.rec = rec
	if !protected(fp, rec) {
		// Recovered: the results are as the deferred functions left them.
		fp.pc = fp.fn.recoverPC
		if fp.pc >= 0 {
			exec(fp)
		}
	}
	fp.rec = nil
}

// protected runs the frame; it returns false after a recovered panic.
func protected(fp *Frame, rec *recovery) (completed bool) {
	defer func() {
		if rec.done {
			return
		}
		v := recover()
		fp.th.caught(v)
		if v == nil {
			rec.goexit = true
		} else {
			rec.panicking, rec.value = true, v
		}
		fp.th.top = fp
		rec.runAll(fp)
		fp.th.top = fp
		if rec.panicking {
			fp.th.again = true
			panic(rec.value)
		}
	}()
	exec(fp)
	if rec.list != nil { // deferred by the body of a range over a function
		runDefers(fp)
		if len(fp.fn.results) > 0 && fp.fn.recoverPC >= 0 {
			fp.pc = fp.fn.recoverPC
			exec(fp)
		}
	}
	rec.done = true
	return true
}

// caught notes where a panic comes from, the first time it is caught.
func (th *Thread) caught(v any) {
	if v == nil {
		return
	}
	if th.again {
		th.again = false
		return
	}
	th.trace = th.stack()
}

// runAll runs the deferred calls that are left. A panic of one replaces the
// panic under way.
func (rec *recovery) runAll(fp *Frame) {
	for rec.list != nil {
		d := rec.list
		rec.list = d.next
		rec.runOne(fp, d)
	}
}

func (rec *recovery) runOne(fp *Frame, d *deferred) {
	ok := false
	defer func() {
		if ok {
			return
		}
		if v := recover(); v != nil {
			fp.th.caught(v)
			if old, isStop := rec.value.(stopped); isStop && rec.panicking {
				v = old
			}
			rec.panicking, rec.value, rec.goexit = true, v, false
		}
		fp.th.top = fp
	}()
	d.call(fp.th, fp, rec)
	ok = true
}

// runDefers is the instruction before a return.
func runDefers(fp *Frame) {
	rec := fp.rec
	for rec.list != nil {
		d := rec.list
		rec.list = d.next
		d.call(fp.th, fp, rec)
	}
}

// doRecover is the builtin recover.
func doRecover(fp *Frame) any {
	rec := fp.deferOf
	if rec == nil || !rec.panicking {
		return nil
	}
	if _, ok := rec.value.(stopped); ok {
		return nil
	}
	if _, ok := rec.value.(Exit); ok {
		return nil
	}
	v := rec.value
	rec.panicking, rec.value = false, nil
	return v
}

// stack lists the active calls of interpreted code, innermost first.
func (th *Thread) stack() []Call {
	var out []Call
	for fr := th.top; fr != nil && len(out) < 50; fr = fr.caller {
		if c, ok := fr.position(); ok {
			out = append(out, c)
		}
	}
	return out
}

func (fr *Frame) position() (Call, bool) {
	pc := fr.pc - 1
	if pc < 0 || pc >= len(fr.fn.lines) {
		return Call{}, false
	}
	for ; pc >= 0; pc-- {
		if p := fr.fn.lines[pc]; p.IsValid() {
			pos := fr.fn.place(p)
			return Call{p, fr.fn.Name(), pos}, pos.IsValid()
		}
	}
	return Call{}, false
}

// typeAssertionError is laid out as runtime.TypeAssertionError.
type typeAssertionError struct {
	iface, concrete, asserted *rtype.Type
	missing                   string
}

func assertionError(iface, concrete, asserted *rtype.Type, missing string) error {
	e := &typeAssertionError{iface, concrete, asserted, missing}
	return (*runtime.TypeAssertionError)(unsafe.Pointer(e))
}

func init() {
	if reflect.TypeFor[runtime.TypeAssertionError]().Size() != unsafe.Sizeof(typeAssertionError{}) {
		panic(errors.New("engine: runtime.TypeAssertionError has another layout"))
	}
}

// rtError is a runtime error that the runtime has no exported way to raise.
type rtError string

func (e rtError) Error() string { return "runtime error: " + string(e) }
func (rtError) RuntimeError()   {}

// panicInstr emits a panic. Those that package ssa adds to the body of a range
// over a function become the runtime errors that they are in Go.
func (c *compiler) panicInstr(pos token.Pos, in *ssa.Panic) {
	switch b := in.Block(); {
	case b.Comment == "rangefunc.resume.busy" && !in.Pos().IsValid():
		c.emit(pos, func(*Frame) {
			panic(rtError("range function recovered a loop body panic and did not resume panicking"))
		})
		return
	case b.Comment == "yield-invalid" && !in.Pos().IsValid():
		// It is entered where the state of the loop is compared with READY.
		pred := b.Preds[0].Instrs
		ready := pred[len(pred)-1].(*ssa.If).Cond.(*ssa.BinOp)
		state := c.src(ready.X)
		c.emit(pos, func(fp *Frame) {
			panic(rtError("range function continued iteration after " + whyNotReady(*at[int](fp, state))))
		})
		return
	}
	x := c.src(in.X)
	c.emit(pos, func(fp *Frame) { panic(*at[any](fp, x)) })
}

// whyNotReady words the state of a loop over a function, as package ssa has it.
func whyNotReady(state int) string {
	switch state {
	case -1:
		return "loop body panic"
	case -2:
		return "whole loop exit"
	}
	return "function for loop body returned false"
}
