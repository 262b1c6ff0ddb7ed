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
	"time"
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
	seconds float64
	found   string   // the output of a failure
	late    []string // inputs that hung or ended the process once, and not again
}

// String says how many executions there were.
func (r result) String() string {
	if r.found != "" {
		return "FOUND"
	}
	text := fmt.Sprintf("ok, %d executions in %.0f s", r.execs, r.seconds)
	if len(r.late) > 0 {
		text += fmt.Sprintf("; took too long once, and not alone: %s", strings.Join(r.late, ", "))
	}
	return text
}

// run fuzzes a target for its time. The fuzzer takes an execution of ten seconds, as
// there are on a busy machine, for a hang: an input that passes when it is tried
// alone, three times, is named and leaves the corpus, and the target goes on.
func (p program) run(t target, s settings) result {
	var all result
	for {
		left := s.each - time.Duration(all.seconds*float64(time.Second))
		if left < time.Second {
			return all
		}
		r := p.once(t, s, left)
		r.execs, r.seconds, r.late = all.execs+r.execs, all.seconds+r.seconds, all.late
		input := hung(r.found)
		if input == "" || len(r.late) == maxLate || !p.passes(t, input) {
			return r
		}
		r.late, r.found = append(r.late, input), ""
		_ = os.Remove(filepath.Join(p.dir, "testdata", "fuzz", t.name, input)) // the fuzzer would stumble over it again
		all = r
	}
}

// maxLate is how many inputs may take too long.
const maxLate = 10

var hanging = []*regexp.Regexp{
	regexp.MustCompile(`(?s)hung or terminated unexpectedly.*Failing input written to \S*?([0-9a-f]{16})\b`),
	regexp.MustCompile(`(?s)failure while testing seed corpus entry: \w+/([0-9a-f]{16})\b.*hung or terminated unexpectedly`),
}

// hung returns the name of the input that hung or ended the process, if that is what
// a run has found.
func hung(found string) string {
	for _, re := range hanging {
		if m := re.FindStringSubmatch(found); m != nil {
			return m[1]
		}
	}
	return ""
}

// passes tells whether an input of the corpus passes, three times.
func (p program) passes(t target, input string) bool {
	cmd := exec.Command(p.path, "-test.run", "^"+t.name+"$/^"+input+"$", "-test.count", "3", "-test.v", "-test.timeout", "10m")
	cmd.Dir = p.dir
	out, err := cmd.CombinedOutput()
	return err == nil && strings.Count(string(out), "--- PASS: "+t.name+"/"+input) == 3
}

func (p program) once(t target, s settings, length time.Duration) result {
	cmd := exec.Command(p.path, "-test.run", "^$", "-test.fuzz", "^"+t.name+"$", "-test.fuzztime", length.String(),
		"-test.fuzzminimizetime", s.minimize.String(), "-test.fuzzcachedir", p.cache,
		"-test.parallel", fmt.Sprint(s.parallel), "-test.timeout", "0")
	cmd.Dir = p.dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	err := cmd.Run()
	r := outcome(out.Bytes(), err)
	r.seconds = time.Since(start).Seconds()
	return r
}

var executions = regexp.MustCompile(`elapsed: \w+, execs: (\d+)`)

// Inputs of the corpus are executed before the others.
var baseline = regexp.MustCompile(`gathering baseline coverage: (\d+)/`)

// outcome reads the output of a run, which ended with err. A run without a single
// execution has fuzzed nothing, and fails.
func outcome(out []byte, err error) result {
	var r result
	if m := executions.FindAllSubmatch(out, -1); len(m) > 0 {
		r.execs, _ = strconv.ParseInt(string(m[len(m)-1][1]), 10, 64) // digits
	}
	if m := baseline.FindAllSubmatch(out, -1); len(m) > 0 {
		n, _ := strconv.ParseInt(string(m[len(m)-1][1]), 10, 64) // digits
		r.execs += n
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
