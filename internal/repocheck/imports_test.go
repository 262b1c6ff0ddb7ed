package repocheck

import (
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const (
	module   = "github.com/nngplab/nngplab/"
	nasbench = module + "nngpkit/nasbench"
)

// mayImportNASBench are the packages that know NAS-Bench-101 by name, with what
// they are for. Everything else speaks to the face of a search space (package
// space) and to the tables that package published opens.
var mayImportNASBench = map[string]string{
	"nngpkit/spaces":         "registers the spaces",
	"nngpkit/published":      "reads the published tables",
	"internal/publishedtest": "makes tables for tests",
}

// listed is what `go list -json` says of a package.
type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// packages lists the packages of the module.
func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
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

// TestWhoKnowsNASBench checks that no package above the search spaces knows one
// of them: in its code or in its tests. Benchmarks (bench) may.
func TestWhoKnowsNASBench(t *testing.T) {
	used := map[string]bool{}
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		if p.ImportPath == nasbench || strings.HasPrefix(p.ImportPath, nasbench+"/") || strings.HasPrefix(name, "bench/") {
			continue
		}
		if !slices.Contains(slices.Concat(p.Imports, p.TestImports, p.XTestImports), nasbench) {
			continue
		}
		used[name] = true
		if mayImportNASBench[name] == "" {
			t.Errorf("%s imports nasbench: speak to package space or published, or say in mayImportNASBench why not", name)
		}
	}
	for name := range mayImportNASBench {
		if !used[name] {
			t.Errorf("%s need not stand in mayImportNASBench: it does not import nasbench", name)
		}
	}
}

// TestDirection checks that nothing lower imports anything higher, and that the
// packages which a user of two columns or of one matrix takes stand alone.
func TestDirection(t *testing.T) {
	// From the ground up; packages of one line know nothing of each other unless
	// the first named imports the second.
	order := [][]string{
		{"arch"}, {"space"}, {"nasbench", "imageset", "forward"}, {"spaces", "archlist"}, {"published"},
		{"truth"}, {"sweep"}, {"plan"}, {"study"},
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
