package repocheck

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"sort"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// root returns the top folder of the repository.
func root(t *testing.T) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("no caller information")
	}
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root(t), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// tracked returns the names of the committed files.
func tracked(t *testing.T) []string {
	t.Helper()
	cmd := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("git ls-files: %v (not a git checkout)", err)
	}
	return strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
}

// TestBinder: Binder reads nothing outside of .binder, so that the environment lies
// there, too; what it runs is executable and asks for no variable that it lacks.
func TestBinder(t *testing.T) {
	content := func(name string) string {
		var lines []string
		for _, line := range strings.Split(read(t, name), "\n") {
			if !strings.HasPrefix(line, "#") {
				lines = append(lines, line)
			}
		}
		return strings.Join(lines, "\n")
	}
	if content(".binder/environment.yml") != content("environment.yml") {
		t.Error(".binder/environment.yml is not environment.yml")
	}
	info, err := os.Stat(filepath.Join(root(t), ".binder", "postBuild"))
	if err != nil || info.Mode()&0o111 == 0 {
		t.Errorf("postBuild: %v, %v", info, err)
	}
	if post := read(t, ".binder/postBuild"); regexp.MustCompile(`\$\{?CONDA_PREFIX\}?["\s]`).MatchString(post) || !strings.Contains(post, "NB_PYTHON_PREFIX:-") {
		t.Error("postBuild wants a variable that Binder does not set")
	}
}

// TestPins compares the Python packages of requirements.txt, which the
// Makefile installs, with those of environment.yml, which conda installs.
func TestPins(t *testing.T) {
	pin := regexp.MustCompile(`^[a-z0-9_.-]+==[0-9][0-9A-Za-z.]*$`)
	var txt []string
	for _, line := range strings.Split(read(t, "requirements.txt"), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if !pin.MatchString(line) {
			t.Errorf("requirements.txt: %q is not NAME==VERSION", line)
		}
		txt = append(txt, line)
	}
	_, pip, ok := strings.Cut(read(t, "environment.yml"), "- pip:\n")
	if !ok {
		t.Fatal("environment.yml has no pip section")
	}
	var yml []string
	for _, line := range strings.Split(strings.TrimSpace(pip), "\n") {
		yml = append(yml, strings.TrimPrefix(strings.TrimSpace(line), "- "))
	}
	sort.Strings(txt)
	sort.Strings(yml)
	if !reflect.DeepEqual(txt, yml) {
		t.Errorf("requirements.txt and environment.yml differ:\n%v\n%v", txt, yml)
	}
	if len(txt) == 0 {
		t.Error("nothing is pinned")
	}
}

// TestModule checks what installing a released version needs: no replace
// directives; and that conda's Go is the one of go.mod.
func TestModule(t *testing.T) {
	m, err := modfile.Parse("go.mod", []byte(read(t, "go.mod")), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Replace) > 0 || len(m.Exclude) > 0 {
		t.Errorf("go.mod replaces %d and excludes %d modules", len(m.Replace), len(m.Exclude))
	}
	tools := map[string]bool{}
	for _, tool := range m.Tool {
		tools[tool.Path] = true
	}
	if !tools["github.com/gopherdata/gophernotes"] {
		t.Error("go.mod does not list gophernotes as a tool")
	}
	minor := strings.Join(strings.SplitN(m.Go.Version, ".", 3)[:2], ".")
	if !strings.Contains(read(t, "environment.yml"), "- go="+minor+"\n") {
		t.Errorf("environment.yml does not ask for Go %s, as go.mod does", minor)
	}
}

// TestNoTraces searches the committed text for paths of a developer's machine
// and for hosts of package registries: a clone must build wherever the usual
// clients of its user look.
func TestNoTraces(t *testing.T) {
	bad := []*regexp.Regexp{
		regexp.MustCompile(`(^|[\s"'=(:])/(` + strings.Join([]string{"work", "root", "home/[a-z]+", "Users/[A-Za-z]+"}, "|") + `)/`),
		regexp.MustCompile(`(` + strings.Join([]string{`py` + `pi\.org`, `proxy\.` + `golang`, `npm` + `js\.org`, `sum\.` + `golang`, `files\.python` + `hosted`, `index-` + `url`}, "|") + `)`),
	}
	for _, name := range tracked(t) {
		b, err := os.ReadFile(filepath.Join(root(t), name))
		if err != nil || bytes.IndexByte(b[:min(len(b), 4096)], 0) >= 0 {
			continue // deleted, or not text
		}
		for i, line := range strings.Split(string(b), "\n") {
			for _, re := range bad {
				if m := re.FindString(line); m != "" {
					t.Errorf("%s:%d: %q", name, i+1, m)
				}
			}
		}
	}
}

// TestMakefile checks that every target is explained by `make help`, and that
// the README and the continuous integration name targets that exist.
func TestMakefile(t *testing.T) {
	mk := read(t, "Makefile")
	explained := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^([a-z0-9]+):.*## \S`).FindAllStringSubmatch(mk, -1) {
		explained[m[1]] = true
	}
	phony := regexp.MustCompile(`(?m)^\.PHONY: (.*)$`).FindStringSubmatch(mk)
	if phony == nil {
		t.Fatal("the Makefile has no .PHONY line")
	}
	for _, target := range strings.Fields(phony[1]) {
		if target != "FORCE" && target != "begin" && !explained[target] {
			t.Errorf("make help does not explain %q", target)
		}
	}
	for _, name := range []string{"README.md", ".ci/run", "tools/newcomer.py"} {
		used := regexp.MustCompile("(?m)(?:^|`|\\s\\s)make ([a-z0-9]+)").FindAllStringSubmatch(read(t, name), -1)
		if len(used) == 0 {
			t.Errorf("%s names no target of make", name)
		}
		for _, m := range used {
			if !explained[m[1]] {
				t.Errorf("%s: there is no target %q", name, m[1])
			}
		}
	}
}

// TestExecutable checks the files that are started by name.
func TestExecutable(t *testing.T) {
	for _, name := range []string{".ci/run", ".binder/postBuild", "tools/venv.sh"} {
		info, err := os.Stat(filepath.Join(root(t), name))
		if err != nil {
			t.Error(err)
		} else if info.Mode()&0o111 == 0 {
			t.Errorf("%s is not executable", name)
		}
	}
}

// TestLinks checks that relative links in the committed Markdown lead to
// files.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#\s]+)(#[^)]*)?\)`)
	for _, name := range tracked(t) {
		if filepath.Ext(name) != ".md" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(root(t), name))
		if err != nil {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(string(b), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			if _, err := os.Stat(filepath.Join(root(t), filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s: the link %q leads nowhere", name, m[1])
			}
		}
	}
}
