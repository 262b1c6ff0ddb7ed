package conformance

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/nngplab/nngplab/internal/gokernel/conformance/batch"
)

// Kind grades what became of a program.
type Kind string

// The kinds. WrongOutput and WrongValue are silent: the kernel said nothing.
const (
	Pass         Kind = "pass"
	WrongOutput  Kind = "wrong output"  // it ended without an error, its output differs
	WrongValue   Kind = "wrong value"   // the program itself found a wrong value
	Crash        Kind = "crash"         // a panic of the interpreter's, or the end of the process
	CompileError Kind = "compile error" // a program that Go compiles is refused
	Timeout      Kind = "timeout"

	// of errorcheck programs
	RefusedHere   Kind = "refused at a marked line"
	RefusedElse   Kind = "refused elsewhere"
	RefusedImport Kind = "refused for an import"
	Accepted      Kind = "accepted"
)

// Kinds of run programs and of errorcheck programs, in the order of the tables.
var (
	RunKinds   = []Kind{Pass, WrongOutput, WrongValue, Crash, CompileError, Timeout}
	CheckKinds = []Kind{RefusedHere, RefusedElse, RefusedImport, Accepted, Crash, Timeout}
)

// Result is the outcome of one program.
type Result struct {
	Program *Program
	Kind    Kind
	Detail  string // the first message, or the first difference
	Seconds float64
}

// Try puts one program through the kernel.
func (p *Program) Try(ctx context.Context, k *batch.Kernel, limit time.Duration) (Result, error) {
	run, err := k.Run(ctx, limit, map[string]string{path.Base(p.Name) + ".go": p.Source}, p.Cells()...)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", p.Name, err)
	}
	res := Result{Program: p, Seconds: run.Seconds}
	if p.Check {
		res.Kind, res.Detail = gradeCheck(p, run)
	} else {
		res.Kind, res.Detail = gradeRun(p, run)
	}
	return res, nil
}

// gradeRun grades a program that has to run.
func gradeRun(p *Program, run *batch.Run) (Kind, string) {
	for _, c := range run.Cells {
		if c.OK {
			continue
		}
		if isRefusal(c.Name) {
			return CompileError, fmt.Sprintf("line %d: %s", c.Line(), batch.Clip(c.Message, 300))
		}
		kind := WrongValue
		if interpreterPanic(c.Message) {
			kind = Crash
		}
		return kind, fmt.Sprintf("line %d: %s: %s", c.Line(), c.Name, batch.Clip(c.Message+outputNote(run.Output), 300))
	}
	switch {
	case run.Timeout:
		return Timeout, fmt.Sprintf("cell %d did not end in %.0f s", len(run.Cells)+1, run.Seconds)
	case run.Status != 0 && fatal(run.Output):
		return Crash, fmt.Sprintf("exit status %d: %s", run.Status, batch.Clip(run.Output, 300))
	case run.Status != 0:
		return WrongValue, fmt.Sprintf("exit status %d: %s", run.Status, batch.Clip(run.Output, 300))
	case run.Output != p.want:
		return WrongOutput, firstDifference(run.Output, p.want)
	}
	return Pass, ""
}

// gradeCheck grades a program that has to be refused.
func gradeCheck(p *Program, run *batch.Run) (Kind, string) {
	if len(run.Cells) == 0 {
		if run.Timeout {
			return Timeout, fmt.Sprintf("it did not end in %.0f s", run.Seconds)
		}
		return Crash, fmt.Sprintf("exit status %d: %s", run.Status, batch.Clip(run.Output, 300))
	}
	c := run.Cells[0]
	detail := fmt.Sprintf("line %d: %s: %s", c.Line(), c.Name, batch.Clip(c.Message, 300))
	switch {
	case c.OK:
		return Accepted, fmt.Sprintf("it has errors at lines %s", batch.Clip(fmt.Sprint(p.Marked), 60))
	case !isRefusal(c.Name):
		return Accepted, "it ran, and failed: " + detail
	case slices.Contains(p.Marked, c.Line()):
		return RefusedHere, detail
	case c.Name == "ImportError":
		return RefusedImport, detail
	}
	return RefusedElse, detail
}

// isRefusal tells an error that keeps a cell from running from one of a cell
// that ran.
func isRefusal(name string) bool { return name == "CompileError" || name == "ImportError" }

// interpreterPanic reports whether a panic is of the interpreter or the Go
// runtime rather than of the program's own.
func interpreterPanic(msg string) bool {
	if strings.Contains(msg, " cannot be run: ") { // a function that the kernel says it lacks
		return true
	}
	for _, prefix := range []string{"reflect:", "reflect.", "runtime error", "interface conversion", "interface {} is", "internal error", "stack overflow", "value of type", "non-integer", "unimplemented"} {
		if strings.HasPrefix(msg, prefix) {
			return true
		}
	}
	return false
}

// fatal reports whether a process died of a Go panic or fatal error.
func fatal(output string) bool {
	return strings.Contains(output, "\ngoroutine ") && (strings.Contains(output, "panic:") || strings.Contains(output, "fatal error:") || strings.Contains(output, "SIGSEGV"))
}

func outputNote(out string) string {
	if out == "" {
		return ""
	}
	return " | printed: " + out
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		switch {
		case i >= len(g):
			return fmt.Sprintf("output ends before line %d: %q", i+1, batch.Clip(w[i], 100))
		case i >= len(w):
			return fmt.Sprintf("output goes on after line %d: %q", len(w), batch.Clip(g[i], 100))
		case g[i] != w[i]:
			return fmt.Sprintf("output line %d: %q, want %q", i+1, batch.Clip(g[i], 100), batch.Clip(w[i], 100))
		}
	}
	return "output differs"
}
