package bindings

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

const sample = `// Package sample is a sample.
package sample

import "io"

// Big does not fit an int.
const Big = 1 << 63

const (
	Third = 1.0 / 3 // a third
	Text  = "a\"b"
	Truth = true
	Rune  = 'x'
	Imag  = 2i
)

// Kind is typed.
type Kind int

// Zero is a Kind.
const Zero Kind = 0

// Table is a variable.
var Table []int

// Plain is a function.
func Plain(a int, b ...string) error { return nil }

// Map is generic.
func Map[T any](x T) T { return x }

// Set is generic.
type Set[T comparable] map[T]bool

// Number is a constraint.
type Number interface{ ~int | ~float64 }

// Shape can be implemented by anyone.
type Shape interface {
	// Area is the area.
	Area(scale float64, opts ...Kind) (float64, error)
	io.Closer
	Name() string
}

// Closed cannot: it has a hidden method.
type Closed interface{ hidden() }

type secret struct{}

// Reveal is promoted.
func (secret) Reveal() int { return 0 }

// Leaky cannot, its method's type is not exported.
type Leaky interface{ Give() secret }

// Box holds.
type Box struct {
	secret
	// Width is a field.
	Width float64
	inner int
}

// Open opens.
func (b *Box) Open() {}

func hidden() {}

// Ints is an instantiated type.
type Ints = Set[int]
`

func check(t *testing.T) *types.Package {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "sample.go", sample, 0)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := (&types.Config{Importer: importer.ForCompiler(fset, "source", nil)}).Check("example.org/sample", fset, []*ast.File{f}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}

func TestSource(t *testing.T) {
	src, n := newFile("tables", check(t)).source()
	s := string(src)
	if _, err := parser.ParseFile(token.NewFileSet(), "x.go", src, 0); err != nil {
		t.Fatalf("%v\n%s", err, s)
	}
	for _, want := range []string{
		`library.Register("example.org/sample", func() *engine.Package {`, `Name: "sample",`,
		`"Plain": r.ValueOf(p0.Plain),`, `"Table": r.ValueOf(&p0.Table).Elem(),`,
		`"Box": r.TypeOf((*p0.Box)(nil)).Elem(),`, `"Ints": r.TypeOf((*p0.Ints)(nil)).Elem(),`,
		`"Shape": r.TypeOf((*p0.Shape)(nil)).Elem(),`,
	} {
		if !strings.Contains(s, want) {
			t.Errorf("no %s in\n%s", want, s)
		}
	}
	// generics have no values; constants stand in the export data
	for _, not := range []string{`"Map"`, `"Set"`, `"Number"`, `"Big"`, `"Zero"`, "hidden", "secret", "inner"} {
		if strings.Contains(s, not) {
			t.Errorf("%s in\n%s", not, s)
		}
	}
	if n.symbols != 7+1+1+6 { // 7 constants, a function, a variable, 6 types
		t.Errorf("counted %+v", n)
	}
}

func TestHasGenerics(t *testing.T) {
	if !hasGenerics(check(t)) {
		t.Error("the sample has generics")
	}
	if hasGenerics(types.NewPackage("p", "p")) {
		t.Error("an empty package has none")
	}
}

func TestDocumentation(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sample.go")
	if err := os.WriteFile(file, []byte(sample), 0o644); err != nil {
		t.Fatal(err)
	}
	docs, err := documentation(&packages.Package{PkgPath: "example.org/sample", GoFiles: []string{file}, Types: check(t)})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][2]string{
		"":           {"package sample", "Package sample is a sample.\n"},
		"Plain":      {"func Plain(a int, b ...string) error", "Plain is a function.\n"},
		"Map":        {"func Map[T any](x T) T", "Map is generic.\n"},
		"Third":      {"const Third = 1.0 / 3", "a third\n"},
		"Zero":       {"const Zero Kind = 0", "Zero is a Kind.\n"},
		"Box.Width":  {"field Width float64", "Width is a field.\n"},
		"Box.Open":   {"func (b *Box) Open()", "Open opens.\n"},
		"Shape.Area": {"func (Shape) Area(scale float64, opts ...Kind) (float64, error)", "Area is the area.\n"},
	} {
		if e := docs[name]; e.Sig != want[0] || e.Doc != want[1] {
			t.Errorf("%s: %+v, want %q", name, e, want)
		}
	}
	if e := docs["Box.Reveal"]; e.Ref != "example.org/sample:secret.Reveal" {
		t.Errorf("Box.Reveal: %+v", e)
	}
	if e := docs["Shape.Close"]; e.Ref != "io:Closer.Close" {
		t.Errorf("Shape.Close: %+v", e)
	}
	for _, not := range []string{"hidden", "Box.inner", "secret"} {
		if _, ok := docs[not]; ok {
			t.Errorf("%s is documented", not)
		}
	}
}

// goHere runs the go command in this folder.
func goHere(args ...string) (string, error) {
	out, err := exec.Command("go", args...).Output()
	return string(out), err
}

func TestLoadNamesTheBrokenPackage(t *testing.T) {
	_, err := load(Config{Go: goHere, Paths: []string{"example.org/does/not/exist"}})
	if err == nil || !strings.Contains(err.Error(), "example.org/does/not/exist") {
		t.Errorf("error %v", err)
	}
}

// TestLoad compares what is loaded with what package packages loads.
func TestLoad(t *testing.T) {
	paths := []string{"strings", "maps", "unsafe", "iter", "gonum.org/v1/gonum/floats"}
	got, err := load(Config{Go: goHere, Paths: paths})
	if err != nil {
		t.Fatal(err)
	}
	want, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles |
		packages.NeedImports | packages.NeedDeps | packages.NeedTypes | packages.NeedExportFile}, paths...)
	if err != nil {
		t.Fatal(err)
	}
	sort.Slice(want, func(i, j int) bool { return want[i].PkgPath < want[j].PkgPath })
	if len(got) != len(paths) || len(want) != len(paths) {
		t.Fatalf("%d packages, %d", len(got), len(want))
	}
	describe := func(root *packages.Package) string {
		var b strings.Builder
		packages.Visit([]*packages.Package{root}, nil, func(p *packages.Package) {
			fmt.Fprintln(&b, p.PkgPath, p.Name, p.ExportFile)
		})
		fmt.Fprintln(&b, root.GoFiles, root.CompiledGoFiles)
		for _, name := range root.Types.Scope().Names() {
			fmt.Fprintln(&b, root.Types.Scope().Lookup(name))
		}
		return b.String()
	}
	for i, p := range got {
		if a, b := describe(p), describe(want[i]); a != b {
			t.Errorf("%s:\n%s\nwant\n%s", p.PkgPath, a, b)
		}
	}
}
