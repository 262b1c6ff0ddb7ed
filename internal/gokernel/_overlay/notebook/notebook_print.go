package main

import (
	"fmt"
	"io"
	"os"
	"reflect"

	"github.com/cosmos72/gomacro/imports"
)

// What a cell prints with these functions keeps its order between standard
// output and standard error.
func init() {
	bind := func(pkg string, funcs map[string]any) {
		p, ok := imports.Packages[pkg]
		if !ok {
			return
		}
		for name, f := range funcs {
			p.Binds[name] = reflect.ValueOf(f)
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
