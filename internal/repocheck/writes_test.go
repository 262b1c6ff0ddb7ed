package repocheck

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
)

// What changes files: of package os by its name, of whatever value by names that
// mean little else, and what calls package wholefile, through which the rest goes.
// Making a folder changes nothing that is there.
var (
	changesOfOS = []string{
		"Chmod", "Chown", "Chtimes", "CopyFS", "Create", "CreateTemp", "Link", "OpenFile", "Remove", "RemoveAll", "Rename",
		"Symlink", "Truncate", "WriteFile",
	}
	changes = []string{"OpenFile", "Remove", "RemoveAll", "Rename", "Truncate", "Unlink", "Unlinkat", "Renameat", "Renameat2"}

	// In Python and in shells, by their text.
	changesOfPython = regexp.MustCompile(`\bshutil\.(rmtree|move|copy\w*)|\bos\.(remove|rename|replace|unlink|rmdir|symlink|link)\(|[\w)]\.(unlink|rename|rmdir|write_text|write_bytes|symlink_to)\(|\b(open)\([^)]*["'][wax]b?\+?["']`)
	changesOfShell  = regexp.MustCompile(`(?:^|[\s;|&(@])(rm|mv|cp|rmdir|ln|touch|truncate|tee|dd)\s`)
	redirected      = regexp.MustCompile(`(?:^|[^0-9&>-])>>?\s*"?[$\w./{]`)
)

// notFiles are the names that mean something else in a file.
var notFiles = map[string]string{
	"cmd/nngplab/data.go Remove":               "of package datasets",
	"cmd/nngplab/rank_list.go Rename":          "a column of a frame",
	"nngpkit/frame/frame.go Rename":            "a column of a frame",
	"nngpkit/study/estimator.go Rename":        "a column of a frame",
	"nngpkit/frame/readparquet.go OpenFile":    "a Parquet file in memory, for reading",
	"internal/gokernel/build.go Truncate":      "a time",
	"internal/faults/disk.go Remove":           "of a disk of tests",
	"internal/faults/disk.go Rename":           "of a disk of tests",
	"internal/plainfile/plainfile.go OpenFile": "what the callers of plainfile ask for",
}

// places counts what changes files, by name, in every file of the repository that
// runs anywhere: tests, what they hold, and package wholefile apart.
func places(t *testing.T) map[string]map[string]int {
	t.Helper()
	out := map[string]map[string]int{}
	count := func(file, what string) {
		if out[file] == nil {
			out[file] = map[string]int{}
		}
		out[file][what]++
	}
	for _, name := range tracked(t) {
		base := path.Base(name)
		if strings.Contains(name, "testdata/") || strings.HasPrefix(name, "internal/wholefile/") || strings.HasPrefix(base, "test_") {
			continue
		}
		switch {
		case strings.HasSuffix(name, "_test.go"):
		case strings.HasSuffix(name, ".go"):
			for _, what := range changesIn(t, name) {
				count(name, what)
			}
		case strings.HasSuffix(name, ".py"):
			for _, m := range changesOfPython.FindAllStringSubmatch(read(t, name), -1) {
				count(name, strings.Join(m[1:], ""))
			}
		case strings.HasSuffix(name, ".sh"), base == "Makefile", name == ".ci/run":
			for line := range strings.Lines(read(t, name)) {
				if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") {
					continue
				}
				for _, m := range changesOfShell.FindAllStringSubmatch(line, -1) {
					count(name, m[1])
				}
				for range redirected.FindAllString(strings.ReplaceAll(line, ">/dev/null", ""), -1) {
					count(name, ">")
				}
			}
		}
	}
	return out
}

// changesIn returns the calls, or mere mentions, in a Go file.
func changesIn(t *testing.T, name string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), name, read(t, name), parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := s.X.(*ast.Ident)
		what := s.Sel.Name
		switch {
		case notFiles[name+" "+what] != "":
		case slices.Contains(changes, what), ok && x.Name == "os" && slices.Contains(changesOfOS, what):
			out = append(out, what)
		case ok && x.Name == "wholefile" && slices.Contains([]string{"Write", "Place", "PlaceMode"}, what):
			out = append(out, "wholefile."+what)
		}
		return true
	})
	return out
}

// rowOfList matches a row of the list in docs/RELIABILITY.md: file, calls, reason.
var rowOfList = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| ([^|]+) \\| ([^|]+) \\|$")

// TestEveryWrite compares the list in docs/RELIABILITY.md of every place that
// writes, renames or removes with the places. Whoever adds one says in the list
// why it harms nothing that a user made.
func TestEveryWrite(t *testing.T) {
	_, text, ok := strings.Cut(read(t, "docs/RELIABILITY.md"), "\n## Every place that writes\n")
	if !ok {
		t.Fatal("docs/RELIABILITY.md has no list of the places that write")
	}
	inList := map[string]string{}
	for _, m := range rowOfList.FindAllStringSubmatch(text, -1) {
		inList[m[1]] = strings.TrimSpace(m[2])
	}
	found := places(t)
	if len(found) < 20 {
		t.Fatalf("only %d places found", len(found))
	}
	var files []string
	for file := range found {
		files = append(files, file)
	}
	sort.Strings(files)
	for _, file := range files {
		if want := spelled(found[file]); inList[file] != want {
			t.Errorf("docs/RELIABILITY.md lists %q for it, want a row\n| `%s` | %s | why it harms nothing that a user made |", inList[file], file, want)
		}
		delete(inList, file)
	}
	for file := range inList {
		t.Errorf("docs/RELIABILITY.md lists %s, which changes no file", file)
	}
}

func spelled(calls map[string]int) string {
	var out []string
	for name, n := range calls {
		if n > 1 {
			name += fmt.Sprintf(" %d", n)
		}
		out = append(out, name)
	}
	sort.Strings(out)
	return strings.Join(out, ", ")
}

// opened are the places that open files by package os alone, which waits for pipes
// and reads devices without end, and why they may.
var opened = map[string]string{
	"cmd/nngplab/corr_table.go":                       "a CSV file may be a pipe; a signal ends the waiting",
	"nngpkit/archlist/read.go":                        "a list may be a pipe; a signal ends the waiting",
	"datasets/disk_linux.go":                          "a folder, to sync it",
	"nngpkit/forward/internal/simd/cache.go":          "a file of the kernel in /sys",
	"internal/gokernel/edits.go":                      "sources that the build has just written",
	"internal/gokernel/bindings/exports.go":           "sources that the go command names",
	"internal/gokernel/_overlay/notebook/notebook.go": "the connection file that Jupyter names, which may be a pipe",
	"internal/gokernel/conformance/program.go":        "Go's own test programs",
	"internal/gokernel/conformance/batch/batch.go":    "what the batch has just written",
	"bench/scores50/main.go":                          "a research program's own tables",
	"bench/stats/main.go":                             "a research program's own tables",
}

// TestEveryOpen: files that come from outside are opened by package plainfile,
// which refuses pipes and devices.
func TestEveryOpen(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range tracked(t) {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "testdata/") ||
			strings.HasPrefix(name, "internal/plainfile/") || strings.HasPrefix(name, "internal/wholefile/") || strings.HasPrefix(name, "tools/") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, read(t, name), parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "os" && (s.Sel.Name == "Open" || s.Sel.Name == "ReadFile") {
					seen[name] = true
				}
			}
			return true
		})
	}
	for name := range seen {
		if opened[name] == "" {
			t.Errorf("%s opens files by package os: use plainfile, or say in the list why it may", name)
		}
	}
	for name := range opened {
		if !seen[name] {
			t.Errorf("the list has %s, which opens no file by package os", name)
		}
	}
}
