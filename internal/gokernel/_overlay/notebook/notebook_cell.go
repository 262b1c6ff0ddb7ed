package main

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/nngplab/nngplab/internal/gokernel/engine"
	"github.com/nngplab/nngplab/internal/gokernel/library"
	"github.com/nngplab/nngplab/internal/gokernel/session"
	"github.com/nngplab/nngplab/internal/gokernel/show"
	"github.com/nngplab/nngplab/internal/gokernel/syntax"
)

// cell is one execution of code.
type cell struct {
	name, code string
	engine     *engine.Cell
	ctx        context.Context
	done       chan outcome  // receives one outcome
	abandoned  chan struct{} // closed by the second interrupt

	// guarded by notebook.mu
	interrupts int
	first      time.Time // of the first interrupt
	given      bool      // abandoned is closed
}

// outcome is what a cell came to: values to show, or a failure, or both.
type outcome struct {
	vals  []any
	types []types.Type
	shown []Data  // vals, as the front end gets them
	notes []error // troubles in showing them
	fail  *failure
}

// The interrupts of a cell: the first cancels its context and stops its
// interpreted code; if the cell is still inside compiled code after noticeAfter,
// the user is told; a second one, at least abandonAfter later, abandons it.
const (
	noticeAfter  = 2 * time.Second
	abandonAfter = time.Second
)

func (n *notebook) running() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.cell != nil
}

// interrupt asks the running cell to stop. Without one it does nothing.
func (n *notebook) interrupt() {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := n.cell
	if c == nil {
		return
	}
	c.interrupts++
	if c.interrupts == 1 {
		c.first = time.Now()
		c.engine.Interrupt()
		time.AfterFunc(noticeAfter, func() { n.noticeStuck(c) })
		return
	}
	if !c.given && time.Since(c.first) >= abandonAfter {
		c.given = true
		c.engine.Abandon()
		close(c.abandoned)
	}
}

func (n *notebook) noticeStuck(c *cell) {
	n.mu.Lock()
	stuck := n.cell == c && !c.given
	n.mu.Unlock()
	if stuck {
		n.publishStream(StreamStderr, "Interrupted, but the cell is inside compiled code that does not watch its context; it stops when that returns. Interrupt again to leave it behind and go on.\n")
	}
}

// run evaluates code as the cell of this name, and returns when it has ended
// or has been abandoned.
func (n *notebook) run(name, code string) (outcome, *cell) {
	e := engine.NewCell(context.Background())
	c := &cell{name: name, code: code, engine: e, ctx: e.Ctx, done: make(chan outcome, 1), abandoned: make(chan struct{})}
	n.keepSource(name, code)
	if f := refuse(name, code); f != nil {
		return outcome{fail: f}, c
	}
	n.mu.Lock()
	n.cell = c
	n.mu.Unlock()
	n.setContext(e.Ctx)
	n.monitor.tell(n.noteOfCell())
	go func() { c.done <- n.evaluate(c) }()
	var out outcome
	select {
	case out = <-c.done:
	case <-e.Failed():
		// A function of the cell panicked on a goroutine that compiled code
		// started. What waits for it may wait for ever.
		e.Abandon()
		out.fail = n.panicked(c, e.Failure())
	case <-c.abandoned:
		out.fail = &failure{name: "Interrupted", message: "the cell was left behind inside compiled code; it ends when that returns, and until then uses its share of the machine"}
	}
	n.mu.Lock()
	n.cell = nil
	n.mu.Unlock()
	n.monitor.tell(n.noteOfCell())
	return out, c
}

// refuse fails a cell that no compiler should be given.
func refuse(name, code string) *failure {
	err := syntax.Refuse(code)
	if err == nil {
		return nil
	}
	f := &failure{name: "CompileError", message: err.Error()}
	var deep *syntax.DepthError
	if errors.As(err, &deep) {
		f.at(token.Position{Filename: name, Line: deep.Line, Column: 1})
	}
	return f
}

// evaluate checks and runs the code of c in the calling goroutine.
func (n *notebook) evaluate(c *cell) (out outcome) {
	code, fail := n.commands(c)
	if fail != nil {
		return outcome{fail: n.asInterrupt(c, fail)}
	}
	r := n.session.Run(c.engine, c.name, code)
	if len(r.Errors) > 0 {
		return outcome{fail: refused(r.Errors)}
	}
	for _, note := range r.Notes {
		n.publishStream(StreamStderr, note+"\n")
	}
	if f := r.Failed; f != nil {
		if e, ok := f.Value.(engine.Exit); ok && e.Code == 0 {
			return outcome{}
		}
		return outcome{fail: n.asInterrupt(c, n.panicked(c, f))}
	}
	out.vals, out.types = r.Values, r.Types
	n.settle(c, r, &out)
	// In a thread of the cell, as methods of the cell's own types run here.
	f := n.session.Prog.Do(c.engine, func() {
		for i, v := range out.vals {
			if v == nil && len(out.vals) == 1 {
				continue
			}
			d, err := n.render(v)
			out.shown = append(out.shown, d)
			if err != nil {
				out.notes = append(out.notes, err)
			}
			_ = i
		}
	})
	if f != nil && out.fail == nil {
		out.fail = n.asInterrupt(c, n.panicked(c, f))
	}
	return out
}

// commands runs the command lines at the top of the cell and returns the rest.
func (n *notebook) commands(c *cell) (code string, fail *failure) {
	defer func() {
		if v := recover(); v != nil {
			e, ok := v.(commandError)
			if !ok {
				panic(v)
			}
			fail = &failure{name: "CommandError", message: e.Error()}
		}
	}()
	return n.specialCommands(c), nil
}

// settle sorts out what is no value to be shown: the results of printing, the
// nil errors, and a last error, which fails the cell.
func (n *notebook) settle(c *cell, r *session.Result, out *outcome) {
	k := len(out.vals)
	if k == 0 {
		return
	}
	err, isErr := out.vals[k-1].(error)
	switch {
	case isErr:
		f := &failure{name: errorName(err), message: err.Error()}
		f.at(r.Pos)
		out.fail = n.asInterruptError(c, f, err)
		out.vals, out.types = out.vals[:k-1], out.types[:k-1]
		for i := len(out.vals) - 1; i >= 0; i-- { // what came with the error is mostly nothing
			if isNothing(out.vals[i]) {
				out.vals = append(out.vals[:i], out.vals[i+1:]...)
				out.types = append(out.types[:i], out.types[i+1:]...)
			}
		}
	case show.Failure(out.vals[k-1]) != nil: // of a data frame; its text is shown, too
		err := show.Failure(out.vals[k-1])
		f := &failure{name: errorName(err), message: err.Error()}
		f.at(r.Pos)
		out.fail = n.asInterruptError(c, f, err)
	case k == 1 && out.vals[0] == nil:
		if _, call := ast.Unparen(r.Last).(*ast.CallExpr); !call {
			out.vals[0] = nilValue{}
		}
	case out.vals[k-1] == nil && isErrorType(out.types[k-1]):
		out.vals, out.types = out.vals[:k-1], out.types[:k-1]
	}
	if printsOutput(r) {
		out.vals, out.types = nil, nil
	}
}

// nilValue stands for a nil that the cell asked to see.
type nilValue struct{}

// String returns nil as fmt prints it.
func (nilValue) String() string { return "<nil>" }

func isNil(v any) bool {
	if v == nil {
		return true
	}
	switch rv := reflect.ValueOf(v); rv.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan:
		return rv.IsNil()
	}
	return false
}

// isNothing reports whether a value beside an error says nothing.
func isNothing(v any) bool { return isNil(v) || reflect.ValueOf(v).IsZero() }

func isErrorType(t types.Type) bool {
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}

// printsOutput reports whether the last expression is a call of fmt's that
// prints and returns how many bytes that took.
func printsOutput(r *session.Result) bool {
	call, ok := ast.Unparen(r.Last).(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	f, ok := r.Info.Uses[sel.Sel].(*types.Func)
	if !ok || f.Pkg() == nil {
		return false
	}
	name := f.Name()
	return f.Pkg().Path() == "fmt" && (strings.HasPrefix(name, "Print") || strings.HasPrefix(name, "Fprint")) ||
		f.Pkg().Path() == "io" && name == "WriteString"
}

// missingPackage says why path cannot be imported, and what may be meant.
func missingPackage(path string) string {
	msg := fmt.Sprintf("package %q is not linked into this kernel", path)
	var near []string
	base := path[strings.LastIndex(path, "/")+1:]
	for _, p := range library.Paths() {
		if p[strings.LastIndex(p, "/")+1:] == base {
			near = append(near, strconv.Quote(p))
		}
	}
	if len(near) > 0 {
		return msg + "; did you mean " + strings.Join(sortedUnique(near), " or ") + "?"
	}
	if strings.Contains(strings.SplitN(path, "/", 2)[0], ".") {
		return msg + "; add it with: " + installLine(path) + ", then restart the kernel"
	}
	return msg
}

// installLine is the command that links a package into this kernel, as it can be
// typed: with the program that installed it, into the folder where it lies.
func installLine(path string) string {
	program := os.Getenv("NNGPLAB_PROGRAM") // in kernel.json
	if program == "" {
		program = "nngplab"
	}
	line := typed(program) + " kernel install"
	if exe, err := os.Executable(); err == nil {
		spec := filepath.Dir(exe)
		if kernels := filepath.Dir(spec); filepath.Base(kernels) == "kernels" {
			line += " --data-dir " + typed(filepath.Dir(kernels))
			if name := filepath.Base(spec); name != "nngplab-go" {
				line += " --name " + name
			}
		}
	}
	return line + " --with " + path + "@VERSION"
}

// typed quotes a word for a shell where need be.
func typed(word string) string {
	plain := func(r rune) bool {
		return r == '/' || r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	if strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}

// asInterrupt turns the failure of a cell that was interrupted into just that.
func (n *notebook) asInterrupt(c *cell, f *failure) *failure {
	n.mu.Lock()
	interrupted := c.interrupts > 0
	n.mu.Unlock()
	if !interrupted {
		return f
	}
	g := &failure{name: "Interrupted", message: "the cell was interrupted; variables are kept", trace: f.trace}
	return g
}

// asInterruptError is asInterrupt for a cell whose last value is err.
func (n *notebook) asInterruptError(c *cell, f *failure, err error) *failure {
	if errors.Is(err, context.Canceled) {
		return n.asInterrupt(c, f)
	}
	return f
}
