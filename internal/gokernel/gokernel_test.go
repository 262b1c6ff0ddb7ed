package gokernel

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestApplyEdits(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.go")
	write(t, path, "one two two")
	if err := applyEdits(dir, []edit{{"a.go", "one", "1"}}); err != nil {
		t.Fatal(err)
	}
	for _, e := range []edit{{"a.go", "three", ""}, {"a.go", "two", ""}, {"b.go", "one", ""}} {
		if err := applyEdits(dir, []edit{e}); err == nil {
			t.Errorf("edit %v: no error", e)
		}
	}
	if b, _ := os.ReadFile(path); string(b) != "1 two two" {
		t.Errorf("file is %q", b)
	}
}

func TestMergeWith(t *testing.T) {
	got, err := mergeWith([]string{"x.org/a@v1.0.0", "x.org/b@v1.0.0"}, []string{"x.org/b@v2.0.0", "x.org/c@latest"})
	want := []string{"x.org/a@v1.0.0", "x.org/b@v2.0.0", "x.org/c@latest"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("mergeWith = %v, %v; want %v", got, err, want)
	}
	for _, bad := range []string{"x.org/a", "@v1", "x.org/a@", "fmt@v1.0.0", "x.org/a@v1 -exec"} {
		_, err := mergeWith(nil, []string{bad})
		var in *InputError
		if !errors.As(err, &in) || !strings.Contains(err.Error(), bad) {
			t.Errorf("mergeWith(%q): error %v", bad, err)
		}
	}
}

func TestImportable(t *testing.T) {
	list := `{"ImportPath":"x.org/a","Name":"a"}
{"ImportPath":"x.org/a/cmd/tool","Name":"main"}
{"ImportPath":"x.org/a/internal/b","Name":"b"}
{"ImportPath":"x.org/a/broken","Name":"broken","Incomplete":true}
{"ImportPath":"x.org/a/none","Error":{"Err":"no Go files"}}
{"ImportPath":"x.org/a/c","Name":"c"}`
	got, err := importable(list, false)
	if want := []string{"x.org/a", "x.org/a/c"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("importable = %v, %v; want %v", got, err, want)
	}
	if _, err := importable(list, true); err == nil || !strings.Contains(err.Error(), "no Go files") {
		t.Errorf("strict: error %v", err)
	}
}

func TestChangedPins(t *testing.T) {
	root, dir := t.TempDir(), t.TempDir()
	for d, v := range map[string]string{root: "v1.0.0", dir: "v1.1.0"} {
		write(t, filepath.Join(d, "go.mod"), "module m\n\nrequire (\n\tx.org/a "+v+"\n\tx.org/b v1.0.0\n)\n")
		write(t, filepath.Join(d, "go.sum"), "")
	}
	if got := changedPins(root, dir); !slices.Equal(got, []string{"x.org/a from v1.0.0 to v1.1.0"}) {
		t.Errorf("changedPins = %q", got)
	}
	if got := changedPins(root, root); len(got) != 0 {
		t.Errorf("nothing changed: %q", got)
	}
}

func TestBuildEnv(t *testing.T) {
	env := buildEnv([]string{"HOME=/h", "GOFLAGS=-mod=vendor", "GODEBUG=gotypesalias=0", "GONOSUMDB=x.org", "GOWORK=/w", "GOPROXY=https://p", "GOOS=plan9"})
	has := func(kv string) bool { return slices.Contains(env, kv) }
	if !has("HOME=/h") || !has("GOPROXY=https://p") || !has("GONOSUMDB=x.org,"+gomacroPath) || !has("CGO_ENABLED=0") || !has("GOWORK=off") {
		t.Errorf("env = %q", env)
	}
	for _, kv := range env {
		if strings.HasPrefix(kv, "GODEBUG=") || strings.HasPrefix(kv, "GOOS=") || kv == "GOFLAGS=-mod=vendor" {
			t.Errorf("%s is passed on", kv)
		}
	}
}

func TestDataDir(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_DATA_HOME", "")
	t.Setenv("JUPYTER_DATA_DIR", "")
	t.Setenv("VIRTUAL_ENV", "")
	t.Setenv("CONDA_PREFIX", "")
	check := func(l Location, want string) {
		t.Helper()
		if got, err := l.dataDir(); err != nil || got != want {
			t.Errorf("%+v: %q, %v; want %q", l, got, err, want)
		}
	}
	if runtime.GOOS == "linux" {
		check(Location{}, filepath.Join(home, ".local/share/jupyter"))
		t.Setenv("XDG_DATA_HOME", "/x")
		check(Location{}, "/x/jupyter")
	}
	t.Setenv("JUPYTER_DATA_DIR", "/j")
	check(Location{}, "/j")
	check(Location{Prefix: "/p"}, "/p/share/jupyter")
	check(Location{DataDir: "/d"}, "/d")
	if _, err := (Location{SysPrefix: true}).dataDir(); err == nil {
		t.Error("--sys-prefix without an environment: no error")
	}
	t.Setenv("CONDA_PREFIX", "/c")
	check(Location{SysPrefix: true}, "/c/share/jupyter")
	t.Setenv("VIRTUAL_ENV", "/v")
	check(Location{SysPrefix: true}, "/v/share/jupyter")
	for _, two := range []Location{{Prefix: "/p", DataDir: "/d"}, {User: true, SysPrefix: true}} {
		if _, err := two.dataDir(); err == nil {
			t.Errorf("%+v: no error", two)
		}
	}
	for _, bad := range []string{"", "a/b", "../x", "a b"} {
		if _, err := (Location{DataDir: "/d"}).specDir(bad); err == nil {
			t.Errorf("kernel name %q: no error", bad)
		}
	}
}

func TestProjectPackages(t *testing.T) {
	root := t.TempDir()
	for _, f := range []string{"nngpkit/a.go", "nngpkit/arch/b.go", "nngpkit/forward/internal/simd/c.go", "nngpkit/onlytest/d_test.go", "nngpkit/x/testdata/e.go", "nngpkit/deep/er/f.go", "other/g.go"} {
		write(t, filepath.Join(root, f), "package p\n")
	}
	got, err := projectPackages(root)
	want := prefixed(modulePath+"/", "nngpkit", "nngpkit/arch", "nngpkit/deep/er")
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("projectPackages = %v, %v; want %v", got, err, want)
	}
}

func TestUsableStandard(t *testing.T) {
	for path, want := range map[string]bool{
		"fmt": true, "math/rand/v2": true, "context": true, "internal/abi": false, "crypto/internal/fips140": false,
		"vendor/golang.org/x/net": false, "unsafe": false, "plugin": false, "runtime/cgo": false,
	} {
		if got := usableStandard(path); got != want {
			t.Errorf("usableStandard(%q) = %v", path, got)
		}
	}
}

func TestKeep(t *testing.T) {
	for rel, want := range map[string]bool{
		"go.mod": true, "fast/compile.go": true, "gls/id_amd64.s": true, "fast/x_package.go": false, "all_test.go": false, "main.go": false,
		"classic/a.go": false, "imports/a_package.go": true, "imports/fmt.go": false, "imports/syscall/syscall_darwin_amd64.go": false,
		"imports/util/util.go": true, "go/types/testdata/x.go": false, "go/types/api_test.go": false, "LICENSE": true,
	} {
		if got := keepGomacro(rel); got != want {
			t.Errorf("keepGomacro(%q) = %v", rel, got)
		}
	}
	for rel, want := range map[string]bool{"kernel.go": true, "kernel_test.go": false, "imports/a_package.go": false, "go.mod": false} {
		if got := keepGophernotes(rel); got != want {
			t.Errorf("keepGophernotes(%q) = %v", rel, got)
		}
	}
}

// repoRoot is the checkout that this test belongs to.
func repoRoot(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil || !isCheckout(root) {
		t.Skipf("no checkout at %s", root)
	}
	return root
}

// TestWriteModule copies and edits the real sources: every anchor must be there.
func TestWriteModule(t *testing.T) {
	g, err := findGo()
	if err != nil {
		t.Skip(err)
	}
	src := source{root: repoRoot(t)}
	dir := t.TempDir()
	if err := writeModule(context.Background(), g, src, dir); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"main.go", "notebook.go", "go.sum", "gomacro/fast/compile.go"} {
		if _, err := os.Stat(filepath.Join(dir, f)); err != nil {
			t.Error(err)
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse("go.mod", b, nil)
	if err != nil {
		t.Fatal(err)
	}
	pins, err := readPins(src.root)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range pins.mod.Require {
		if !slices.ContainsFunc(mod.Require, func(x *modfile.Require) bool { return x.Mod == r.Mod }) {
			t.Errorf("%v is not pinned in the kernel's go.mod", r.Mod)
		}
	}
	if len(mod.Replace) != 2 {
		t.Errorf("replacements: %d", len(mod.Replace))
	}
	// again over the first: nothing is edited twice
	f, err := openFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.claim([]string{"gomacro/fast/leftover.go"}); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "gomacro", "fast", "leftover.go"), "package fast\n")
	write(t, filepath.Join(dir, "gomacro", "notes.txt"), "mine")
	write(t, filepath.Join(dir, "mine.go"), "mine")
	if err := writeModule(context.Background(), g, src, dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "gomacro", "fast", "leftover.go")); err == nil {
		t.Error("a file of an earlier build is still there")
	}
	for _, name := range []string{"mine.go", "gomacro/notes.txt"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(b) != "mine" {
			t.Errorf("%s, which no build wrote: %q, %v", name, b, err)
		}
	}
}

func TestStamp(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "go.mod"), "module "+modulePath+"\n")
	write(t, filepath.Join(root, "go.sum"), "")
	write(t, filepath.Join(root, "nngpkit/a/a.go"), "package a\n")
	stamp := func(goVersion string, with ...string) string {
		t.Helper()
		s, err := stampOf(source{root: root}, goVersion, with)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := stamp("go1.26")
	same := func(what string, want bool, got string) {
		t.Helper()
		if (got == first) != want {
			t.Errorf("%s: stamp equal %v, want %v", what, got == first, want)
		}
	}
	same("nothing changed", true, stamp("go1.26"))
	same("another Go", false, stamp("go1.27"))
	same("another package", false, stamp("go1.26", "x.org/a@v1.0.0"))
	write(t, filepath.Join(root, "nngpkit/a/a_test.go"), "package a\n")
	write(t, filepath.Join(root, "nngpkit/a/testdata/x"), "x")
	same("a test", true, stamp("go1.26"))
	write(t, filepath.Join(root, "nngpkit/a/a.go"), "package a // changed\n")
	same("a source", false, stamp("go1.26"))
}

func TestFindSource(t *testing.T) {
	root := t.TempDir()
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real
	}
	write(t, filepath.Join(root, "go.mod"), "module "+modulePath+"\n")
	sub := filepath.Join(root, "notebooks", "deep")
	if err := os.MkdirAll(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(sub)
	if src, err := findSource(context.Background(), nil, "", ""); err != nil || src.root != root {
		t.Errorf("from below: %+v, %v", src, err)
	}
	t.Chdir(t.TempDir())
	var in *InputError
	if _, err := findSource(context.Background(), nil, "", ""); !errors.As(err, &in) {
		t.Errorf("outside of a checkout: error %v", err)
	}
	if _, err := findSource(context.Background(), nil, sub, ""); !errors.As(err, &in) {
		t.Errorf("a folder that is no checkout: error %v", err)
	}
	if src, err := findSource(context.Background(), nil, root, ""); err != nil || src.root != root {
		t.Errorf("named: %+v, %v", src, err)
	}
}

func TestPlace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kernels", "k")
	b := fakeBuild(t, healthy)
	changed, err := place(b, dir, "Shown")
	if err != nil || !changed {
		t.Fatalf("place = %v, %v", changed, err)
	}
	s, err := readSpec(dir)
	want := &spec{Argv: []string{filepath.Join(dir, binaryName()), "{connection_file}"}, DisplayName: "Shown", Language: "go", InterruptMode: "signal", Metadata: map[string]any{"debugger": false}}
	if err != nil || !reflect.DeepEqual(s, want) {
		t.Errorf("spec %+v, %v", s, err)
	}
	if changed, err := place(b, dir, "Shown"); err != nil || changed {
		t.Errorf("again: %v, %v", changed, err)
	}
	if changed, err := place(b, dir, "Otherwise"); err != nil || !changed {
		t.Errorf("another display name: %v, %v", changed, err)
	}
	if err := os.Remove(filepath.Join(dir, binaryName())); err != nil {
		t.Fatal(err)
	}
	if changed, err := place(b, dir, "Otherwise"); err != nil || !changed {
		t.Errorf("binary gone: %v, %v", changed, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 4 { // with the logo
		t.Errorf("%d files, %v: temporary ones are left", len(entries), err)
	}
}

func TestUninstall(t *testing.T) {
	data := t.TempDir()
	l := Location{DataDir: data}
	dir := filepath.Join(data, "kernels", DefaultName)
	if _, err := place(fakeBuild(t, healthy), dir, "x"); err != nil {
		t.Fatal(err)
	}
	build := filepath.Join(t.TempDir(), "build")
	if err := (&folder{dir: build}).claim([]string{"x"}); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(build, "x"), "x")
	removed, err := Uninstall(l, "", build, true)
	if err != nil || !slices.Equal(removed, []string{dir, build}) {
		t.Errorf("Uninstall = %v, %v", removed, err)
	}
	var in *InputError
	if _, err := Uninstall(l, "", "", false); !errors.As(err, &in) {
		t.Errorf("nothing there: error %v", err)
	}
	foreign := filepath.Join(data, "kernels", "python3", "kernel.json")
	write(t, foreign, "{}")
	if _, err := Uninstall(l, "python3", "", false); !errors.As(err, &in) {
		t.Errorf("another project's kernel: error %v", err)
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Error("another project's kernel was removed")
	}
}
