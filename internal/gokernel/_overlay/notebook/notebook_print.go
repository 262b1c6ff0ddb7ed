package main

import (
	"fmt"
	"io"
	"os"
)

// keepOrder makes what a cell prints with these functions keep its order between
// standard output and standard error.
func (n *notebook) keepOrder() {
	n.session.Prog.Print = func(b []byte) { inOrder(os.Stderr).Write(b) }
	bind := func(pkg string, funcs map[string]any) {
		for name, f := range funcs {
			n.session.Prog.Override[pkg+"."+name] = f
		}
	}
	bind("fmt", map[string]any{
		"Print":    func(a ...any) (int, error) { return fmt.Fprint(inOrder(os.Stdout), a...) },
		"Println":  func(a ...any) (int, error) { return fmt.Fprintln(inOrder(os.Stdout), a...) },
		"Printf":   func(format string, a ...any) (int, error) { return fmt.Fprintf(inOrder(os.Stdout), format, a...) },
		"Fprint":   func(w io.Writer, a ...any) (int, error) { return fmt.Fprint(inOrder(w), a...) },
		"Fprintln": func(w io.Writer, a ...any) (int, error) { return fmt.Fprintln(inOrder(w), a...) },
		"Fprintf": func(w io.Writer, format string, a ...any) (int, error) {
			return fmt.Fprintf(inOrder(w), format, a...)
		},
	})
	bind("(*os.File)", map[string]any{
		"Write":       func(f *os.File, b []byte) (int, error) { return inOrder(f).Write(b) },
		"WriteString": func(f *os.File, s string) (int, error) { return io.WriteString(inOrder(f), s) },
	})
	bind("io", map[string]any{
		"WriteString": func(w io.Writer, s string) (int, error) { return io.WriteString(inOrder(w), s) },
	})
}

func inOrder(w io.Writer) io.Writer {
	if n := theNotebook; n != nil {
		return n.out.ordered(w)
	}
	return w
}
