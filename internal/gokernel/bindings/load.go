package bindings

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"io"
	"path/filepath"
	"sort"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"

	"github.com/nngplab/nngplab/internal/plainfile"
)

// listed is a package as the go command lists it.
type listed struct {
	ImportPath, Name, Dir, Export string
	GoFiles, CompiledGoFiles      []string
	Imports                       []string
	ImportMap                     map[string]string
	DepOnly                       bool
	Error                         *struct{ Err string }
}

// fields names what is asked of the go command.
const fields = "-json=ImportPath,Name,Dir,Export,GoFiles,CompiledGoFiles,Imports,ImportMap,DepOnly,Error"

// list asks the go command for packages. Package packages does the same, but the
// go command that it starts, and the compilers that this starts, would outlive an
// interrupted build: cfg.Go ends them all.
func list(cfg Config, args ...string) ([]*listed, error) {
	out, err := cfg.Go(append([]string{"list", "-e", fields}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("loading packages: %w", err)
	}
	var all []*listed
	dec := json.NewDecoder(strings.NewReader(out))
	for {
		p := new(listed)
		switch err := dec.Decode(p); {
		case err == io.EOF:
			return all, nil
		case err != nil:
			return nil, fmt.Errorf("loading packages: what go list says: %w", err)
		}
		all = append(all, p)
	}
}

// load resolves cfg.Paths, sorted, with types from export data.
func load(cfg Config) ([]*packages.Package, error) {
	all, err := list(cfg, append([]string{"-export", "-deps", "-compiled", "--"}, cfg.Paths...)...)
	if err != nil {
		return nil, err
	}
	byPath := map[string]*packages.Package{}
	read := map[string]*types.Package{}
	var roots []*packages.Package
	var errs []error
	for _, l := range all { // what is imported comes before what imports it
		p := l.files()
		byPath[l.ImportPath] = p
		p.Imports = map[string]*packages.Package{}
		for _, path := range l.Imports {
			if to, ok := l.ImportMap[path]; ok {
				path = to
			}
			if q := byPath[path]; q != nil {
				p.Imports[path] = q
			}
		}
		if l.DepOnly {
			continue
		}
		if l.Error != nil {
			errs = append(errs, fmt.Errorf("package %s: %s", l.ImportPath, strings.TrimSpace(l.Error.Err)))
			continue
		}
		if p.Types, err = typesOf(p, read); err != nil {
			errs = append(errs, fmt.Errorf("package %s: no type information: %w", l.ImportPath, err))
			continue
		}
		roots = append(roots, p)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	sort.Slice(roots, func(i, j int) bool { return roots[i].PkgPath < roots[j].PkgPath })
	return roots, nil
}

// files returns what a listed package consists of.
func (l *listed) files() *packages.Package {
	abs := func(names []string) []string {
		out := make([]string, len(names))
		for i, n := range names {
			if out[i] = n; !filepath.IsAbs(n) {
				out[i] = filepath.Join(l.Dir, n)
			}
		}
		return out
	}
	return &packages.Package{
		ID: l.ImportPath, PkgPath: l.ImportPath, Name: l.Name, ExportFile: l.Export,
		GoFiles: abs(l.GoFiles), CompiledGoFiles: abs(l.CompiledGoFiles),
	}
}

// typesOf reads the types of a package from what the compiler wrote.
func typesOf(p *packages.Package, read map[string]*types.Package) (*types.Package, error) {
	if p.PkgPath == "unsafe" {
		return types.Unsafe, nil
	}
	if p.ExportFile == "" {
		return nil, errors.New("the compiler wrote none")
	}
	f, err := plainfile.Open(p.ExportFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := gcexportdata.NewReader(f) //nolint:staticcheck // the toolchain at hand writes what it reads
	if err != nil {
		return nil, err
	}
	return gcexportdata.Read(r, token.NewFileSet(), read, p.PkgPath)
}
