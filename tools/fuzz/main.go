// Command fuzz runs every fuzz target of this module, one after the other, for a
// time each:
//
//	go run ./tools/fuzz -time 60s [-match REGEXP] [-parallel N] [PACKAGE...]
//
// Minimizing an input is cut short, so that the time goes into executions. What is
// found stays in the corpus of its target, testdata/fuzz, and the exit code is 1.
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// target is a fuzz function of a package.
type target struct{ dir, name string }

func main() {
	each := flag.Duration("time", time.Minute, "time for each target")
	minimize := flag.Duration("minimize", time.Second, "time for making an input smaller")
	match := flag.String("match", "", "only targets whose package and name match")
	parallel := flag.Int("parallel", 0, "processes of a target; 0 for all processors")
	flag.Parse()
	re, err := regexp.Compile(*match)
	if err != nil {
		fail(err)
	}
	all, err := targets(".")
	if err != nil {
		fail(err)
	}
	failed := 0
	for _, t := range all {
		if !re.MatchString(t.dir + "." + t.name) {
			continue
		}
		fmt.Printf("%-45s %-22s ", t.dir, t.name)
		r := t.run(*each, *minimize, *parallel)
		fmt.Println(r)
		if r.found != "" {
			failed++
			fmt.Println(r.found)
		}
	}
	if failed > 0 {
		fail(fmt.Errorf("%d targets have findings", failed))
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "fuzz:", err)
	os.Exit(1)
}

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

// result is what a run came to.
type result struct {
	execs, seconds string
	found          string // the output of a failure
}

// String says how many executions there were.
func (r result) String() string {
	if r.found != "" {
		return "FOUND"
	}
	return fmt.Sprintf("ok, %s executions in %s", r.execs, r.seconds)
}

var executions = regexp.MustCompile(`elapsed: (\w+), execs: (\d+)`)

func (t target) run(each, minimize time.Duration, parallel int) result {
	args := []string{"test", "-run", "^$", "-fuzz", "^" + t.name + "$", "-fuzztime", each.String(), "-fuzzminimizetime", minimize.String()}
	if parallel > 0 {
		args = append(args, "-parallel", fmt.Sprint(parallel))
	}
	cmd := exec.Command("go", append(args, t.dir)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	r := result{execs: "no", seconds: each.String()}
	if m := executions.FindAllSubmatch(out.Bytes(), -1); len(m) > 0 {
		r.seconds, r.execs = string(m[len(m)-1][1]), string(m[len(m)-1][2])
	}
	if err != nil && !onlyLate(out.Bytes()) {
		r.found = tail(&out, 60)
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
