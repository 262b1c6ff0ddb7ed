package conformance

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nngplab/nngplab/internal/gokernel/conformance/batch"
)

// theKernel builds the kernel of this checkout, or finds it built.
func theKernel(t *testing.T) *batch.Kernel {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a kernel")
	}
	k, err := batch.Built(context.Background(), func(s string) { t.Log(s) })
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestPart runs the fixed part of Go's own tests. What is required stands in
// thresholds.go.
func TestPart(t *testing.T) {
	k := theKernel(t)
	b, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skipf("no go command: %v", err)
	}
	programs, err := Find(strings.TrimSpace(string(b)))
	if err != nil {
		t.Skip(err) // as packaged by some distributions
	}
	suite := Suite{Kernel: k, Programs: Sample(programs, PartPercent), Limit: 20 * time.Second, Workers: 2}
	results, err := suite.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	WriteTables(&table, results)
	t.Log("\n" + table.String())
	for _, s := range PartRequired.Check(results) {
		t.Error(s)
	}
	if strings.HasPrefix(goVersion(t), KnownRelease) {
		for _, s := range Unexpected(results) {
			t.Error(s)
		}
	}
}

func goVersion(t *testing.T) string {
	t.Helper()
	b, err := exec.Command("go", "env", "GOVERSION").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

// TestKnown checks that the programs that are known to come out wrong are there.
func TestKnown(t *testing.T) {
	b, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil || !strings.HasPrefix(goVersion(t), KnownRelease) {
		t.Skip("another release of Go")
	}
	programs, err := Find(strings.TrimSpace(string(b)))
	if err != nil {
		t.Skip(err)
	}
	for _, name := range append(slices.Collect(maps.Keys(Known)), Slow...) {
		if !slices.ContainsFunc(programs, func(p *Program) bool { return p.Name == name && p.Class != Internals }) {
			t.Errorf("there is no ordinary or generic program %s", name)
		}
	}
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(root, "test", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("a.go", "// run\n\npackage main\n\nfunc main() { print(`x`) }\n")
	write("a.out", "x")
	write("fixedbugs/b.go", "//go:build !windows || windows\n\n// run\n\npackage main\n\nfunc f[T any]() {}\nfunc main() {}\n")
	write("c.go", "// run\n\npackage main\n\nimport _ \"unsafe\"\n\nfunc main() {}\n")
	write("d.go", "// errorcheck\n\npackage p\n\nvar x int = `` // ERROR \"cannot use\"\nvar y int // GCCGO_ERROR \"no\"\n")
	write("flags.go", "// run -race\n\npackage main\n\nfunc main() {}\n")
	write("two.go", "// run other.go\n\npackage main\n\nfunc main() {}\n")
	write("never.go", "//go:build plan9 && windows\n\n// run\n\npackage main\n\nfunc main() {}\n")
	write("build.go", "// build\n\npackage main\n\nfunc main() {}\n")
	write("m.dir/x.go", "// run\n\npackage main\n\nfunc main() {}\n")
	write("union.go", "// run\n\npackage main\n\ntype N interface{ ~int | string }\n\nfunc main() {}\n")
	got, err := Find(root)
	if err != nil {
		t.Fatal(err)
	}
	want := []Program{{Name: "a", Class: Ordinary}, {Name: "c", Class: Internals}, {Name: "d", Class: Ordinary, Check: true}, {Name: "fixedbugs/b", Class: Generic}, {Name: "union", Class: Generic}}
	if len(got) != len(want) {
		t.Fatalf("%d programs, want %d", len(got), len(want))
	}
	for i, w := range want {
		if g := got[i]; g.Name != w.Name || g.Class != w.Class || g.Check != w.Check {
			t.Errorf("%+v, want %+v", g, w)
		}
	}
	if got[0].Want() != "x" || got[1].Want() != "" {
		t.Errorf("the .out files: %q, %q", got[0].Want(), got[1].Want())
	}
	if !reflect.DeepEqual(got[2].Marked, []int{5}) {
		t.Errorf("marked lines %v, want 5", got[2].Marked)
	}
	cells := got[0].Cells()
	if len(cells) != 2 || strings.Contains(cells[0], "package") || strings.Count(cells[0], "\n") != strings.Count(got[0].Source, "\n") {
		t.Errorf("cells %q", cells)
	}
	if _, err := Find(t.TempDir()); err == nil {
		t.Error("a toolchain without tests: no error")
	}
}

func TestGrade(t *testing.T) {
	ok := []batch.Cell{{OK: true}, {OK: true}}
	failed := func(name, msg string) []batch.Cell { return []batch.Cell{{OK: true}, {Name: name, Message: msg}} }
	p := &Program{want: "x\n"}
	for _, c := range []struct {
		run  batch.Run
		want Kind
	}{
		{batch.Run{Cells: ok, Output: "x\n"}, Pass},
		{batch.Run{Cells: ok, Output: "y\n"}, WrongOutput},
		{batch.Run{Cells: ok[:1], Output: "bad\n", Status: 1}, WrongValue},
		{batch.Run{Cells: ok[:1], Output: "panic: x\n\ngoroutine 1 [running]:\n", Status: 2}, Crash},
		{batch.Run{Cells: failed("panic", "fail")}, WrongValue},
		{batch.Run{Cells: failed("panic", "reflect: call of reflect.Value.Elem on int Value")}, Crash},
		{batch.Run{Cells: failed("CompileError", "undefined: x")}, CompileError},
		{batch.Run{Cells: failed("ImportError", "not linked")}, CompileError},
		{batch.Run{Cells: ok[:1], Timeout: true, Status: -1}, Timeout},
	} {
		if got, detail := gradeRun(p, &c.run); got != c.want {
			t.Errorf("%+v: %s (%s), want %s", c.run, got, detail, c.want)
		}
	}
}

func TestThresholds(t *testing.T) {
	ordinary := &Program{Class: Ordinary}
	invalid := &Program{Class: Ordinary, Check: true}
	results := []Result{{Program: ordinary, Kind: Pass}, {Program: ordinary, Kind: WrongValue}, {Program: invalid, Kind: Accepted}}
	if short := (Thresholds{OrdinaryPass: 50, Silent: 1}).Check(results); len(short) != 0 {
		t.Errorf("%q", short)
	}
	if got := Unexpected([]Result{{Program: &Program{Name: "x"}, Kind: Crash}, {Program: &Program{Name: "fixedbugs/bug257"}, Kind: CompileError}, {Program: &Program{Class: Internals}, Kind: Crash}, {Program: &Program{Name: "y", Check: true}, Kind: RefusedElse}, {Program: &Program{Name: "z", Check: true}, Kind: Accepted}}); len(got) != 2 {
		t.Errorf("unexpected are %q, want x and z", got)
	}
	if short := (Thresholds{OrdinaryPass: 51, GenericPass: 80, Refused: 1}).Check(results); len(short) != 3 { // generic: none were run
		t.Errorf("%q, want three shortfalls", short)
	}
}
