package gokernel

import (
	"context"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// gonumPackages, plotPackages and gotaPackages are linked into every kernel.
var (
	gonumPackages = prefixed("gonum.org/v1/gonum/",
		"blas", "blas/blas32", "blas/blas64", "cmplxs", "diff/fd", "dsp/fourier", "dsp/window",
		"floats", "floats/scalar", "graph", "graph/community", "graph/encoding/dot", "graph/iterator",
		"graph/layout", "graph/network", "graph/path", "graph/simple", "graph/topo", "graph/traverse",
		"integrate", "integrate/quad", "interp", "lapack", "lapack/lapack64", "mat", "mathext",
		"mathext/prng", "optimize", "optimize/convex/lp", "optimize/functions",
		"spatial/kdtree", "spatial/r2", "spatial/r3", "spatial/vptree",
		"stat", "stat/card", "stat/combin", "stat/distmat", "stat/distmv", "stat/distuv", "stat/mds",
		"stat/sampleuv", "stat/samplemv", "stat/spatial", "unit", "unit/constant")
	plotPackages = append([]string{"gonum.org/v1/plot"}, prefixed("gonum.org/v1/plot/",
		"font", "font/liberation", "palette", "palette/brewer", "palette/moreland", "plotter", "plotutil",
		"text", "tools/bezier", "vg", "vg/draw", "vg/recorder", "vg/vgeps", "vg/vgimg", "vg/vgpdf",
		"vg/vgsvg", "vg/vgtex")...)
	gotaPackages = prefixed("github.com/go-gota/gota/", "dataframe", "series")
)

func prefixed(prefix string, names ...string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = prefix + n
	}
	return out
}

// standardPackages lists the importable standard library of the go command
// that env selects, less what a notebook cannot use.
func standardPackages(ctx context.Context, g *goCommand, dir string) ([]string, error) {
	out, err := g.output(ctx, dir, "list", "std")
	if err != nil {
		return nil, err
	}
	var pkgs []string
	for _, p := range strings.Fields(out) {
		if usableStandard(p) {
			pkgs = append(pkgs, p)
		}
	}
	return pkgs, nil
}

func usableStandard(path string) bool {
	for _, elem := range strings.Split(path, "/") {
		if elem == "internal" || elem == "vendor" {
			return false
		}
	}
	switch path {
	case "unsafe", "plugin", "arena", "C", "runtime/cgo", "runtime/race", "runtime/msan", "runtime/asan",
		"runtime/coverage", "net/http/pprof", "testing/cryptotest":
		return false
	}
	return !strings.HasPrefix(path, "cmd/") && !strings.HasPrefix(path, "simd")
}

// projectPackages lists the import paths below nngpkit in the source tree at
// root that other modules may import.
func projectPackages(root string) ([]string, error) {
	var pkgs []string
	err := filepath.WalkDir(filepath.Join(root, "nngpkit"), func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return nil
		}
		name := d.Name()
		if name == "internal" || name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
			return filepath.SkipDir
		}
		has, err := hasGoFiles(path)
		if err != nil || !has {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		pkgs = append(pkgs, modulePath+"/"+filepath.ToSlash(rel))
		return nil
	})
	sort.Strings(pkgs)
	return pkgs, err
}

// hasGoFiles reports whether dir holds a Go file that is part of a library.
func hasGoFiles(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		if isSource(e.Name()) {
			return true, nil
		}
	}
	return false, nil
}

// isSource reports whether a file of this name is compiled into a package.
func isSource(name string) bool {
	return strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") &&
		!strings.HasPrefix(name, "_") && !strings.HasPrefix(name, ".")
}
