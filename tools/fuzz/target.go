package main

import (
	"bufio"
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// target is a fuzz function of a package.
type target struct{ dir, name string }

// targets lists the fuzz functions below root, by package and file.
func targets(root string) ([]target, error) {
	var all []target
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && path != root && (name == "testdata" || name == "build" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Fuzz") {
				all = append(all, target{"./" + filepath.ToSlash(filepath.Dir(path)), fn.Name.Name})
			}
		}
		return nil
	})
	return all, err
}

// program is the test program of a package, built for fuzzing.
type program struct {
	path, dir string
	cache     string // the folder of inputs that go test keeps for the package
}

func buildOne(path, dir string) (program, error) {
	// With -fuzz the code is built so that it counts what it runs through.
	if out, err := exec.Command("go", "test", "-c", "-fuzz", ".", "-o", path, dir).CombinedOutput(); err != nil {
		return program{}, fmt.Errorf("go test -c %s: %w\n%s", dir, err, out)
	}
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}}", dir).Output()
	if err != nil {
		return program{}, err
	}
	cache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		return program{}, err
	}
	name := filepath.FromSlash(strings.TrimSpace(string(out)))
	return program{path, dir, filepath.Join(strings.TrimSpace(string(cache)), "fuzz", name)}, nil
}

// result is what a run came to.
type result struct {
	execs   int64
	seconds string
	found   string // the output of a failure
}

// String says how many executions there were.
func (r result) String() string {
	if r.found != "" {
		return "FOUND"
	}
	return fmt.Sprintf("ok, %d executions in %s", r.execs, r.seconds)
}

func (p program) run(t target, s settings) result {
	cmd := exec.Command(p.path, "-test.run", "^$", "-test.fuzz", "^"+t.name+"$", "-test.fuzztime", s.each.String(),
		"-test.fuzzminimizetime", s.minimize.String(), "-test.fuzzcachedir", p.cache,
		"-test.parallel", fmt.Sprint(s.parallel), "-test.timeout", "0")
	cmd.Dir = p.dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	r := outcome(out.Bytes(), err)
	if r.seconds == "" {
		r.seconds = s.each.String()
	}
	return r
}

var executions = regexp.MustCompile(`elapsed: (\w+), execs: (\d+)`)

// outcome reads the output of a run, which ended with err. A run without a single
// execution has fuzzed nothing, and fails.
func outcome(out []byte, err error) result {
	var r result
	if m := executions.FindAllSubmatch(out, -1); len(m) > 0 {
		last := m[len(m)-1]
		r.seconds = string(last[1])
		r.execs, _ = strconv.ParseInt(string(last[2]), 10, 64) // digits
	}
	if err != nil && !onlyLate(out) || r.execs == 0 {
		r.found = tail(bytes.NewReader(out), 60)
		if r.found == "" {
			r.found = fmt.Sprint("no executions: ", err)
		}
	}
	return r
}

// onlyLate tells whether a run failed for nothing but that its last execution did
// not end in time, as go test reports on a busy machine.
func onlyLate(out []byte) bool {
	return bytes.Contains(out, []byte("context deadline exceeded")) && !bytes.Contains(out, []byte("Failing input"))
}

// tail returns the last lines of a text.
func tail(r io.Reader, n int) string {
	var lines []string
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		if lines = append(lines, sc.Text()); len(lines) > n {
			lines = lines[1:]
		}
	}
	return strings.Join(lines, "\n")
}
