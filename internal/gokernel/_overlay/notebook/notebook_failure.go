package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"

	"github.com/nngplab/nngplab/internal/gokernel/engine"
	"github.com/nngplab/nngplab/internal/gokernel/session"
)

// failure is an error as the front end shows it.
type failure struct {
	name, message string
	trace         []token.Position // innermost first
	more          []string         // further lines, below
}

func (f *failure) at(p token.Position) {
	if p.IsValid() {
		f.trace = append(f.trace, p)
	}
}

// panicked describes a panic of running code.
func (n *notebook) panicked(c *cell, p *engine.Failure) *failure {
	f := &failure{name: "panic", message: p.Text()}
	for _, call := range p.Trace {
		if strings.HasPrefix(call.Pos.Filename, "In[") && (len(f.trace) == 0 || f.trace[len(f.trace)-1] != call.Pos) {
			f.trace = append(f.trace, call.Pos)
		}
	}
	f.message += n.hint(f)
	switch v := p.Value.(type) {
	case engine.Exit:
		f.name = "ExitError"
	case error:
		if name := errorName(v); name != "error" {
			f.name = name
		}
	}
	if p.Stopped() {
		f.name, f.message = "Interrupted", "the cell was interrupted"
	}
	return f
}

// hint says what a nil pointer is where the line asks for a column: gota returns one
// without values for a name that the frame lacks.
func (n *notebook) hint(f *failure) string {
	if len(f.trace) == 0 || !strings.Contains(f.message, "nil pointer dereference") {
		return ""
	}
	lines := strings.Split(n.source(f.trace[0].Filename), "\n")
	if at := f.trace[0].Line; at < 1 || at > len(lines) || !strings.Contains(lines[at-1], `.Col("`) {
		return ""
	}
	return " (Col of a name that a data frame lacks is a column without values: see Names, or take frame.Floats, which says so)"
}

// refused describes why a cell was not run.
func refused(errs []*session.Error) *failure {
	f := &failure{name: "CompileError", message: errs[0].Msg}
	if errs[0].Import {
		f.name = "ImportError"
	}
	f.at(errs[0].Pos)
	for i, e := range errs[1:] {
		if i == 9 {
			f.more = append(f.more, "too many errors")
			break
		}
		f.more = append(f.more, fmt.Sprintf("%s line %d:%d: %s", e.Pos.Filename, e.Pos.Line, e.Pos.Column, e.Msg))
	}
	return f
}

// errorName is the type of err where that says more than that it is an error.
func errorName(err error) string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", err), "*")
	pkg, typ, _ := strings.Cut(name, ".")
	if pkg == "engine" || pkg == "runtime" || pkg == "reflect" || !ast.IsExported(typ) {
		return "error"
	}
	return name
}

// evalue is the message with the line where it happened.
func (f *failure) evalue() string {
	if len(f.trace) == 0 {
		return f.message
	}
	p := f.trace[0]
	return fmt.Sprintf("%s line %d: %s", p.Filename, p.Line, f.message)
}

const (
	red   = "\x1b[31m"
	green = "\x1b[32m"
	reset = "\x1b[0m"
)

// traceback shows the failure, the line of the cell, and who called it.
func (n *notebook) traceback(f *failure) []string {
	out := []string{red + f.name + reset + ": " + f.message}
	for i, p := range f.trace {
		out = append(out, fmt.Sprintf("%sat %s line %d%s", green, p.Filename, p.Line, reset))
		lines := strings.Split(n.source(p.Filename), "\n")
		if i > 4 || p.Line < 1 || p.Line > len(lines) {
			continue
		}
		out = append(out, fmt.Sprintf("%5d | %s", p.Line, lines[p.Line-1]))
	}
	return append(out, f.more...)
}
