package main

import (
	"fmt"
	"go/ast"
	"go/scanner"
	"go/token"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/cosmos72/gomacro/base"
	interp "github.com/cosmos72/gomacro/fast"
)

var typeOfError = reflect.TypeOf((*error)(nil)).Elem()

// failure is an error as the front end shows it.
type failure struct {
	name, message string
	trace         []token.Position // innermost first
}

func (f *failure) at(p token.Position) {
	if p.IsValid() {
		f.trace = append(f.trace, p)
	}
}

// panicked describes a panic of running code. Where the interpreter does not
// know the line in the cell, it is that of the cell's last node: a cell that is
// one expression has no statement to be in.
func (n *notebook) panicked(c *cell, p *interp.CellPanic, last ast.Node) *failure {
	f := &failure{name: "panic", message: fmt.Sprint(p.Value), trace: p.Trace}
	if sig, ok := p.Value.(base.Signal); ok && sig == base.SigInterrupt {
		f.name, f.message = "Interrupted", "the cell was interrupted"
	}
	inCell := slices.ContainsFunc(f.trace, func(p token.Position) bool { return p.Filename == c.name })
	if !inCell && last != nil {
		f.at(n.kernel.ir.Comp.Fileset.Position(last.Pos()))
	}
	if err, ok := p.Value.(error); ok {
		f.message = err.Error()
		if name := errorName(err); name != "error" {
			f.name = name
		}
	}
	return f
}

// errorName is the type of err where that says more than that it is an error.
func errorName(err error) string {
	if _, ok := err.(ExitError); ok {
		return "ExitError"
	}
	name := strings.TrimPrefix(fmt.Sprintf("%T", err), "*")
	pkg, typ, _ := strings.Cut(name, ".")
	if pkg == "fast" || pkg == "runtime" || pkg == "reflect" || !ast.IsExported(typ) {
		return "error"
	}
	return name
}

// position at the start of an error message of the interpreter's.
var leadingPosition = regexp.MustCompile(`^(In\[\d+\]|probe):(\d+):(\d+): `)

// compileFailure describes what the parser or the compiler raised.
func (n *notebook) compileFailure(c *cell, v any) *failure {
	f := &failure{name: "CompileError"}
	switch v := v.(type) {
	case commandError:
		return &failure{name: "CommandError", message: v.Error()}
	case scanner.ErrorList:
		f.message = v[0].Msg
		f.at(v[0].Pos)
		return f
	case error:
		f.message = v.Error()
	default:
		f.message = fmt.Sprint(v)
	}
	if m := leadingPosition.FindStringSubmatch(f.message); m != nil {
		f.message = f.message[len(m[0]):]
		line, _ := strconv.Atoi(m[2])
		col, _ := strconv.Atoi(m[3])
		f.at(token.Position{Filename: m[1], Line: line, Column: col})
	} else if comp := n.kernel.ir.Comp; comp.Fileset != nil {
		// Some messages come without: where the compiler was.
		if p := comp.Fileset.Position(comp.Pos); p.Filename == c.name {
			f.at(p)
		}
	}
	return f
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
		lines := strings.Split(n.sources[p.Filename], "\n")
		if i > 4 || p.Line < 1 || p.Line > len(lines) {
			continue
		}
		out = append(out, fmt.Sprintf("%5d | %s", p.Line, lines[p.Line-1]))
	}
	return out
}
