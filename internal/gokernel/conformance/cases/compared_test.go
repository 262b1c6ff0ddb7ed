package cases

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nngplab/nngplab/internal/gokernel/conformance/batch"
)

// TestCompared puts the programs of testdata/compared through the kernel, each
// in three ways: as a file, with the body of main in a cell of its own, and
// with a cell for each statement of it. What is right is what the compiled
// program prints.
func TestCompared(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a kernel")
	}
	k, err := batch.Built(context.Background(), func(s string) { t.Log(s) })
	if err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob("testdata/compared/*.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	var programs []*comparedProgram
	for _, path := range paths {
		p, err := readCompared(path)
		if err != nil {
			t.Fatal(err)
		}
		programs = append(programs, p)
	}
	bin := compileCompared(t, programs)
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(bin, p.pkg)
			b, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("the compiled program: %v\n%s", err, b)
			}
			want := strings.NewReplacer("compared/"+p.pkg, "main", p.pkg+".", "main.").Replace(string(b))
			for way, cells := range p.ways() {
				run, err := k.Run(context.Background(), time.Minute, nil, cells...)
				if err != nil {
					t.Fatal(err)
				}
				if wrong := differsFrom(want, len(cells), run); wrong != "" {
					t.Errorf("%s: %s", way, wrong)
				}
			}
		})
	}
}

// comparedProgram is a program of package main, which imports what it uses and
// ends by itself.
type comparedProgram struct {
	name, pkg  string   // pkg is the package that it is in the compiled binary
	source     string   // without its package clause, whose line stays
	decls      string   // the same without main
	statements []string // of main
}

func readCompared(path string) (*comparedProgram, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, b, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	at := func(p token.Pos) int { return fset.Position(p).Offset }
	name := strings.TrimSuffix(filepath.Base(path), ".go")
	p := &comparedProgram{name: name, pkg: "case" + strings.ReplaceAll(name, "_", ""), source: string(b[at(f.Name.End()):])}
	for _, d := range f.Decls {
		m, ok := d.(*ast.FuncDecl)
		if !ok || m.Name.Name != "main" || m.Recv != nil {
			continue
		}
		p.decls = string(b[at(f.Name.End()):at(m.Pos())]) + string(b[at(m.End()):])
		for _, s := range m.Body.List {
			p.statements = append(p.statements, string(b[at(s.Pos()):at(s.End())]))
		}
	}
	if p.statements == nil {
		return nil, fmt.Errorf("%s has no main", path)
	}
	return p, nil
}

// ways are the notebooks that the program becomes.
func (p *comparedProgram) ways() map[string][]string {
	ways := map[string][]string{
		"as a file": {p.source, "main()"},
		"in a cell": {p.decls, strings.Join(p.statements, "\n") + "\n;"},
	}
	alone := []string{p.decls}
	for _, s := range p.statements {
		if strings.HasPrefix(s, "defer ") {
			return ways // it would run at the end of its cell
		}
		alone = append(alone, s+"\n;")
	}
	ways["a cell for each statement"] = alone
	return ways
}

func differsFrom(want string, cells int, run *batch.Run) string {
	for _, c := range run.Cells {
		if !c.OK {
			return fmt.Sprintf("cell %d fails at line %d: %s: %s", c.Cell, c.Line(), c.Name, c.Message)
		}
	}
	if len(run.Cells) != cells {
		return fmt.Sprintf("%d of %d cells ended; status %d, timeout %t: %s", len(run.Cells), cells, run.Status, run.Timeout, batch.Clip(run.Output, 300))
	}
	if run.Output == want {
		return ""
	}
	got, lines := strings.Split(run.Output, "\n"), strings.Split(want, "\n")
	for i := range got {
		if i >= len(lines) || got[i] != lines[i] {
			return fmt.Sprintf("output line %d:\n%s\nwant\n%s", i+1, got[i], strings.Join(lines[min(i, len(lines)):min(i+1, len(lines))], ""))
		}
	}
	return fmt.Sprintf("its output ends after line %d", len(got))
}

// compileCompared builds the programs into one binary, which runs the one that
// its argument names.
func compileCompared(t *testing.T, programs []*comparedProgram) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var imports, cases strings.Builder
	for _, p := range programs {
		write(p.pkg+"/p.go", "package "+p.pkg+strings.Replace(p.source, "\nfunc main() {", "\nfunc Main() {", 1))
		fmt.Fprintf(&imports, "\t%q\n", "compared/"+p.pkg)
		fmt.Fprintf(&cases, "\tcase %q:\n\t\t%s.Main()\n", p.pkg, p.pkg)
	}
	write("go.mod", "module compared\n\ngo 1.26\n")
	write("main.go", "package main\n\nimport (\n\t\"os\"\n"+imports.String()+")\n\nfunc main() {\n\tswitch os.Args[1] {\n"+cases.String()+"\t}\n}\n")
	bin := filepath.Join(dir, "compared")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", bin, ".")
	build.Dir, build.Env = dir, append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GO111MODULE=on")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}
