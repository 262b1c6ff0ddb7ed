package conformance

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"go/build"
)

// Class says what a program needs of a kernel.
type Class string

// The classes of programs. Generic wins over Internals: what decides is type
// parameters, whatever else a program uses.
const (
	Ordinary  Class = "ordinary"
	Generic   Class = "generic"   // type parameters, or packages slices, maps, iter, cmp
	Internals Class = "internals" // unsafe, runtime, reflect, syscall, os/exec, internal packages, go:linkname
)

// Classes lists the classes in the order of the tables.
var Classes = []Class{Ordinary, Internals, Generic}

// Program is one program of GOROOT/test.
type Program struct {
	Name   string // path below GOROOT/test without .go
	Path   string // of the file
	Class  Class
	Check  bool   // an errorcheck program, to be refused
	Marked []int  // lines at which an errorcheck program has errors
	Source string // of the file
	want   string // what a run program prints
}

// Want is the output of a run program: its .out file, or nothing.
func (p *Program) Want() string { return p.want }

// Cells are the cells that the program becomes.
func (p *Program) Cells() []string {
	if p.Check {
		return []string{blankPackage(p.Source)}
	}
	return []string{blankPackage(p.Source), "main()"}
}

// Find lists the programs below goroot/test that a kernel can be tried with, in
// order of their names: run and errorcheck programs of a single file, without
// flags or arguments, which build on this platform.
func Find(goroot string) ([]*Program, error) {
	root := filepath.Join(goroot, "test")
	var out []*Program
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if strings.HasSuffix(path, ".dir") || d.Name() == "testdata" {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || !d.Type().IsRegular() {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		p, err := readProgram(path, strings.TrimSuffix(filepath.ToSlash(rel), ".go"))
		if p != nil {
			out = append(out, p)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("this toolchain carries no tests: %w", err)
	}
	if err == nil && len(out) == 0 {
		return nil, fmt.Errorf("there are no test programs below %s", root)
	}
	slices.SortFunc(out, func(a, b *Program) int { return cmp.Compare(a.Name, b.Name) })
	return out, err
}

// readProgram returns nil for a file that is no program to be tried.
func readProgram(path, name string) (*Program, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	src := string(b)
	act := action(src)
	if act != "run" && act != "errorcheck" || !builds(src) {
		return nil, nil
	}
	p := &Program{Name: name, Path: path, Class: classify(src), Check: act == "errorcheck", Source: src}
	if p.Check {
		p.Marked = markedLines(src)
		if len(p.Marked) == 0 {
			return nil, nil // it holds no error, or only ones of another compiler
		}
		return p, nil
	}
	want, err := os.ReadFile(strings.TrimSuffix(path, ".go") + ".out")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	p.want = string(want)
	return p, nil
}

// action is the recipe on the first line that is no build constraint, with its
// arguments.
func action(src string) string {
	for line := range strings.Lines(src) {
		line = strings.TrimSpace(line)
		if constraint.IsGoBuild(line) || constraint.IsPlusBuild(line) || line == "" {
			continue
		}
		text, ok := strings.CutPrefix(line, "//")
		if !ok {
			return ""
		}
		return strings.TrimSpace(text)
	}
	return ""
}

// builds reports whether the constraints of the source hold here.
func builds(src string) bool {
	for line := range strings.Lines(src) {
		if strings.HasPrefix(line, "package ") {
			break
		}
		expr, err := constraint.Parse(strings.TrimSpace(line))
		if err == nil && !expr.Eval(tagHolds) {
			return false
		}
	}
	return true
}

func tagHolds(tag string) bool {
	switch tag {
	case runtime.GOOS, runtime.GOARCH, "gc", "test_run":
		return true
	case "unix":
		return runtime.GOOS != "windows" && runtime.GOOS != "plan9" && runtime.GOOS != "js" && runtime.GOOS != "wasip1"
	}
	return slices.Contains(build.Default.ReleaseTags, tag) || slices.Contains(build.Default.ToolTags, tag)
}

// classify reads the imports and looks for type parameters.
func classify(src string) Class {
	if strings.Contains(src, "//go:linkname") {
		return Internals
	}
	f, _ := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if f == nil {
		return Ordinary
	}
	class := Ordinary
	for _, imp := range f.Imports {
		path, _ := strconv.Unquote(imp.Path.Value)
		first, _, _ := strings.Cut(path, "/")
		switch {
		case slices.Contains([]string{"slices", "maps", "iter", "cmp"}, path):
			return Generic
		case slices.Contains([]string{"unsafe", "runtime", "reflect", "syscall", "internal", "C"}, first), path == "os/exec":
			class = Internals
		}
	}
	if usesTypeParameters(f) {
		return Generic
	}
	return class
}

func usesTypeParameters(f *ast.File) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncType:
			found = found || n.TypeParams != nil
		case *ast.TypeSpec:
			found = found || n.TypeParams != nil
		case *ast.IndexListExpr:
			found = true
		case *ast.InterfaceType: // a union or ~T
			for _, m := range n.Methods.List {
				switch m.Type.(type) {
				case *ast.BinaryExpr, *ast.UnaryExpr:
					found = true
				}
			}
		}
		return !found
	})
	return found
}

// markedLines are the lines that gc has to report: those with a comment ERROR
// or GC_ERROR and a pattern.
func markedLines(src string) []int {
	var out []int
	for i, line := range strings.Split(src, "\n") {
		_, comment, ok := strings.Cut(line, "// ")
		if !ok {
			continue
		}
		for _, mark := range []string{"ERROR ", "ERRORAUTO ", "GC_ERROR "} {
			if j := strings.Index(comment, mark); j >= 0 && (j == 0 || comment[j-1] == ' ') {
				out = append(out, i+1)
				break
			}
		}
	}
	return out
}

// blankPackage replaces the package clause by blanks, so that what follows
// keeps its line.
func blankPackage(src string) string {
	fset := token.NewFileSet()
	f, _ := parser.ParseFile(fset, "", src, parser.PackageClauseOnly)
	if f == nil || f.Name == nil || !f.Package.IsValid() {
		return src
	}
	from, to := fset.Position(f.Package).Offset, fset.Position(f.Name.End()).Offset
	blank := []byte(src)
	for i := from; i < to && i < len(blank); i++ {
		if blank[i] != '\n' {
			blank[i] = ' '
		}
	}
	// a clause that ends in a semicolon on its line
	if to < len(blank) && blank[to] == ';' {
		blank[to] = ' '
	}
	return string(blank)
}
