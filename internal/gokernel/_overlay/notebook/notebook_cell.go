package main

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/cosmos72/gomacro/ast2"
	"github.com/cosmos72/gomacro/base"
	basereflect "github.com/cosmos72/gomacro/base/reflect"
	interp "github.com/cosmos72/gomacro/fast"
	"github.com/cosmos72/gomacro/gls"
	"github.com/cosmos72/gomacro/imports"
	"github.com/cosmos72/gomacro/xreflect"

	"github.com/nngplab/nngplab/internal/gokernel/syntax"
)

// cell is one execution of code.
type cell struct {
	name, code string
	ctx        context.Context
	cancel     context.CancelFunc
	done       chan outcome  // receives one outcome
	abandoned  chan struct{} // closed by the second interrupt

	// guarded by notebook.mu
	goid       uintptr // goroutine that runs it
	interrupts int
	first      time.Time // of the first interrupt
	given      bool      // abandoned is closed
}

// outcome is what a cell came to: values to show, or a failure, or both.
type outcome struct {
	vals  []any
	types []xreflect.Type
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
		n.kernel.ir.RequestInterrupt()
		c.cancel()
		time.AfterFunc(noticeAfter, func() { n.noticeStuck(c) })
		return
	}
	if !c.given && time.Since(c.first) >= abandonAfter {
		c.given = true
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

// startWorker starts the goroutine that runs cells with ir.
func (n *notebook) startWorker(ir *interp.Interp) {
	jobs := make(chan *cell)
	n.mu.Lock()
	n.jobs = jobs
	n.kernel.ir = ir
	n.mu.Unlock()
	attached := make(chan struct{})
	go func() {
		ir.AttachGoroutine()
		defer ir.DetachGoroutine()
		close(attached)
		for c := range jobs {
			n.mu.Lock()
			c.goid = gls.GoID()
			n.mu.Unlock()
			c.done <- n.evaluate(ir, c)
			select {
			case <-c.abandoned:
				return
			default:
			}
		}
	}()
	<-attached
}

// run evaluates code as the cell of this name, and returns when it has ended
// or has been abandoned.
func (n *notebook) run(name, code string) (outcome, *cell) {
	ctx, cancel := context.WithCancel(context.Background())
	c := &cell{name: name, code: code, ctx: ctx, cancel: cancel, done: make(chan outcome, 1), abandoned: make(chan struct{})}
	n.sources[name] = code
	if f := refuse(name, code); f != nil {
		return outcome{fail: f}, c
	}
	n.mu.Lock()
	n.kernel.ir.ClearInterrupt()
	n.cell = c
	n.mu.Unlock()
	n.setContext(ctx)
	n.monitor.tell(n.noteOfCell())
	n.jobs <- c
	var out outcome
	select {
	case out = <-c.done:
	case <-c.abandoned:
		n.startWorker(n.kernel.ir.Abandon())
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

// evaluate compiles and runs the code of c in the calling goroutine.
func (n *notebook) evaluate(ir *interp.Interp, c *cell) (out outcome) {
	last, e, fail := n.compile(ir, c)
	if fail != nil {
		return outcome{fail: n.asInterrupt(c, fail)}
	}
	if e == nil {
		return outcome{}
	}
	results, types, failed := ir.RunCell(e)
	if failed != nil {
		return outcome{fail: n.asInterrupt(c, n.panicked(c, failed, last))}
	}
	if _, isExpr := last.(ast.Expr); !isExpr {
		return outcome{}
	}
	for i, r := range results {
		v := basereflect.ValueInterface(r)
		out.vals = append(out.vals, v)
		if i < len(types) {
			out.types = append(out.types, types[i])
		} else {
			out.types = append(out.types, nil)
		}
	}
	n.settle(ir, c, last, &out)
	for i, v := range out.vals { // here, not later: methods of the cell's own types can be interrupted
		if v == nil && len(out.vals) == 1 {
			continue
		}
		d, err := n.render(v, out.types[i])
		out.shown = append(out.shown, d)
		if err != nil {
			out.notes = append(out.notes, err)
		}
	}
	return out
}

// settle sorts out what is no value to be shown: the results of printing, the
// nil errors, and a last error, which fails the cell.
func (n *notebook) settle(ir *interp.Interp, c *cell, last ast.Node, out *outcome) {
	k := len(out.vals)
	if k == 0 {
		return
	}
	err, isErr := out.vals[k-1].(error)
	switch {
	case isErr:
		f := &failure{name: errorName(err), message: err.Error()}
		f.at(ir.Comp.Fileset.Position(last.Pos()))
		out.fail = n.asInterruptError(c, f, err)
		out.vals, out.types = out.vals[:k-1], out.types[:k-1]
		for i := len(out.vals) - 1; i >= 0; i-- { // what came with the error is mostly nothing
			if isNothing(out.vals[i]) {
				out.vals = append(out.vals[:i], out.vals[i+1:]...)
				out.types = append(out.types[:i], out.types[i+1:]...)
			}
		}
	case k == 1 && out.vals[0] == nil:
		if _, call := last.(*ast.CallExpr); !call {
			out.vals[0] = nilValue{}
		}
	case out.vals[k-1] == nil && isErrorType(out.types[k-1]):
		out.vals, out.types = out.vals[:k-1], out.types[:k-1]
	}
	if printsOutput(ir, last) {
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

func isErrorType(t xreflect.Type) bool {
	return t != nil && t.ReflectType() == typeOfError
}

// printsOutput reports whether node is a call of fmt's that prints and returns
// how many bytes that took.
func printsOutput(ir *interp.Interp, node ast.Node) bool {
	call, ok := node.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return false
	}
	sym := ir.Comp.TryResolve(id.Name)
	if sym == nil {
		return false
	}
	imp, ok := sym.Value.(*interp.Import)
	return ok && (imp.Path == "fmt" && (strings.HasPrefix(sel.Sel.Name, "Print") || strings.HasPrefix(sel.Sel.Name, "Fprint")) ||
		imp.Path == "io" && sel.Sel.Name == "WriteString")
}

// compile parses and compiles the cell and returns its last node.
func (n *notebook) compile(ir *interp.Interp, c *cell) (last ast.Node, e *interp.Expr, fail *failure) {
	comp := ir.Comp
	defer func() {
		if v := recover(); v != nil {
			fail = n.compileFailure(c, v)
			comp.Code.Clear() // nothing of a cell that does not compile may run with the next
		}
	}()
	code := n.specialCommands(c)
	comp.Options &^= base.OptShowPrompt | base.OptTrapPanic
	comp.Line, comp.Filepath = 0, c.name
	nodes := comp.ParseBytes([]byte(code))
	if len(nodes) == 0 {
		return nil, nil, nil
	}
	if fail := checkImports(comp, nodes); fail != nil {
		return nil, nil, fail
	}
	form := ast2.AnyToAst(nodes, "cell")
	if form == nil {
		return nil, nil, nil
	}
	return nodes[len(nodes)-1], ir.CompileAst(form), nil
}

// checkImports fails where a package is not linked into the kernel, and says
// what to do about it.
func checkImports(comp *interp.Comp, nodes []ast.Node) *failure {
	for _, node := range nodes {
		decl, ok := node.(*ast.GenDecl)
		if !ok || decl.Tok != token.IMPORT {
			continue
		}
		for _, spec := range decl.Specs {
			is, ok := spec.(*ast.ImportSpec)
			if !ok {
				continue
			}
			path, err := strconv.Unquote(is.Path.Value)
			if err != nil {
				continue
			}
			if _, ok := imports.Packages[path]; ok {
				continue
			}
			f := &failure{name: "ImportError", message: missingPackage(path)}
			f.at(comp.Fileset.Position(is.Path.Pos()))
			return f
		}
	}
	return nil
}

// missingPackage says why path cannot be imported, and what may be meant.
func missingPackage(path string) string {
	msg := fmt.Sprintf("package %q is not linked into this kernel", path)
	var near []string
	base := path[strings.LastIndex(path, "/")+1:]
	for p := range imports.Packages {
		if p[strings.LastIndex(p, "/")+1:] == base {
			near = append(near, strconv.Quote(p))
		}
	}
	if len(near) > 0 {
		return msg + "; did you mean " + strings.Join(sortedUnique(near), " or ") + "?"
	}
	if strings.Contains(strings.SplitN(path, "/", 2)[0], ".") {
		return msg + "; add it with: nngplab kernel install --with " + path + "@VERSION, then restart the kernel"
	}
	return msg
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
