package main

import (
	"fmt"
	"io"
	"maps"
	"os"

	"github.com/nngplab/nngplab/internal/gokernel/engine"
)

// printOverrides are what a cell prints with most: they keep the order between
// standard output and standard error.
var printOverrides = map[string]any{
	"fmt.Print":    func(a ...any) (int, error) { return fmt.Fprint(inOrder(os.Stdout), a...) },
	"fmt.Println":  func(a ...any) (int, error) { return fmt.Fprintln(inOrder(os.Stdout), a...) },
	"fmt.Printf":   func(format string, a ...any) (int, error) { return fmt.Fprintf(inOrder(os.Stdout), format, a...) },
	"fmt.Fprint":   func(w io.Writer, a ...any) (int, error) { return fmt.Fprint(inOrder(w), a...) },
	"fmt.Fprintln": func(w io.Writer, a ...any) (int, error) { return fmt.Fprintln(inOrder(w), a...) },
	"fmt.Fprintf": func(w io.Writer, format string, a ...any) (int, error) {
		return fmt.Fprintf(inOrder(w), format, a...)
	},
	"io.WriteString": func(w io.Writer, s string) (int, error) { return io.WriteString(inOrder(w), s) },
	"(*os.File).Write": func(f *os.File, b []byte) (int, error) {
		if f == nil {
			return f.Write(b)
		}
		return inOrder(f).Write(b)
	},
	"(*os.File).WriteString": func(f *os.File, s string) (int, error) {
		if f == nil {
			return f.WriteString(s)
		}
		return io.WriteString(inOrder(f), s)
	},
}

// override puts this kernel's functions in the place of those of packages.
func (n *notebook) override() {
	maps.Copy(n.session.Prog.Override, printOverrides)
	maps.Copy(n.session.Prog.Override, exitOverrides)
	engine.PrintTo = func(b []byte) { inOrder(os.Stderr).Write(b) }
}

func inOrder(w io.Writer) io.Writer {
	if n := theNotebook; n != nil {
		return n.out.ordered(w)
	}
	return w
}
