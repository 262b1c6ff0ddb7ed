package repocheck

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/nngplab/nngplab/"

// spaces are the packages of search spaces.
var spaces = []string{module + "nngpkit/nasbench", module + "nngpkit/nasbench201", module + "nngpkit/mnasnet"}

// mayImportSpaces are the packages that know a search space by name, with what
// they are for. Everything else speaks to the face of a space (package space) and
// to the tables that package published opens.
var mayImportSpaces = map[string]string{
	"nngpkit/spaces":         "registers the spaces",
	"nngpkit/published":      "reads the published tables",
	"internal/publishedtest": "makes tables for tests",
}

// listed is what `go list -json` says of a package.
type listed struct {
	ImportPath, Name, Dir              string
	Imports, TestImports, XTestImports []string
	XTestGoFiles                       []string
}

// packages lists the packages of the module.
func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Name,Dir,Imports,TestImports,XTestImports,XTestGoFiles", "./...")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// TestWhoKnowsSpaces checks that no package above the search spaces knows one of
// them: in its code or in its tests. The spaces' own packages and the benchmarks
// (bench) may.
func TestWhoKnowsSpaces(t *testing.T) {
	used := map[string]bool{}
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		own := strings.HasPrefix(name, "bench/") || slices.ContainsFunc(spaces, func(s string) bool {
			return p.ImportPath == s || strings.HasPrefix(p.ImportPath, s+"/")
		})
		for _, in := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if own || !slices.Contains(spaces, in) {
				continue
			}
			used[name] = true
			if mayImportSpaces[name] == "" {
				t.Errorf("%s imports %s: speak to package space or published, or say in mayImportSpaces why not", name, in)
			}
		}
	}
	for name := range mayImportSpaces {
		if !used[name] {
			t.Errorf("%s need not stand in mayImportSpaces: it imports none", name)
		}
	}
}

// TestDirection checks that nothing lower imports anything higher, and that the
// packages which a user of two columns or of one matrix takes stand alone.
func TestDirection(t *testing.T) {
	// From the ground up; packages of one line know nothing of each other unless
	// the first named imports the second.
	order := [][]string{
		{"arch"}, {"space"}, {"nasbench", "nasbench201", "mnasnet", "imageset", "forward", "onnx"}, {"spaces", "archlist"}, {"published"},
		{"truth"}, {"sweep"}, {"plan", "campaign"}, {"study"},
	}
	level := map[string]int{}
	for i, names := range order {
		for _, n := range names {
			level[module+"nngpkit/"+n] = i
		}
	}
	alone := []string{"corr", "gp", "frame"} // they may know each other, and nothing of networks
	for _, p := range packages(t) {
		mine, ordered := level[p.ImportPath]
		single := slices.Contains(alone, strings.TrimPrefix(p.ImportPath, module+"nngpkit/"))
		for _, in := range p.Imports {
			if theirs, ok := level[in]; ok && (single || ordered && theirs > mine) {
				t.Errorf("%s imports %s, which lies above it", p.ImportPath, in)
			}
		}
	}
}

// TestExamples checks that every package that a user imports has an example with
// verified output.
func TestExamples(t *testing.T) {
	without := map[string]string{"nngpkit/space/spacetest": "is called by tests alone"}
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		if p.Name == "main" || strings.Contains("/"+name+"/", "/internal/") || strings.HasPrefix(name, "bench/") || without[name] != "" {
			continue
		}
		found := false
		for _, f := range p.XTestGoFiles {
			b, err := os.ReadFile(filepath.Join(p.Dir, f))
			if err != nil {
				t.Fatal(err)
			}
			found = found || bytes.Contains(b, []byte("\nfunc Example")) && bytes.Contains(b, []byte("// Output:"))
		}
		if !found {
			t.Errorf("%s has no example with verified output", name)
		}
	}
}
