package bindings

import (
	"bytes"
	"fmt"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"

	"github.com/nngplab/nngplab/internal/gokernel/library"
)

// writeExports writes the types of pkgs and of all that they import, in the
// form that cells are checked by.
func writeExports(w io.Writer, pkgs []*packages.Package) error {
	data := map[string][]byte{}
	read := map[string]*types.Package{}
	var first error
	packages.Visit(pkgs, nil, func(p *packages.Package) {
		if first != nil || p.ExportFile == "" || p.PkgPath == "unsafe" {
			return
		}
		b, err := exportData(p, read)
		if err != nil {
			first = fmt.Errorf("export data of %s: %w", p.PkgPath, err)
			return
		}
		data[p.PkgPath] = b
	})
	if first != nil {
		return first
	}
	return library.WriteExports(w, data)
}

// exportData rewrites what the compiler wrote in the indexed format, which is
// a fifth of the size.
func exportData(p *packages.Package, read map[string]*types.Package) ([]byte, error) {
	tp, err := typesOf(p, read)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = gcexportdata.Write(&out, token.NewFileSet(), tp)
	return out.Bytes(), err
}

// writeSources writes the files of those pkgs that export generic functions or
// types: their instances are made from source.
func writeSources(w io.Writer, pkgs []*packages.Package) error {
	files := map[string][]byte{}
	for _, p := range pkgs {
		if !hasGenerics(p.Types) {
			continue
		}
		for _, name := range p.CompiledGoFiles {
			if !strings.HasSuffix(name, ".go") {
				continue
			}
			b, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			files[p.PkgPath+"/"+filepath.Base(name)] = b
		}
	}
	return library.WriteSources(w, files)
}

func hasGenerics(p *types.Package) bool {
	for _, name := range p.Scope().Names() {
		o := p.Scope().Lookup(name)
		if !o.Exported() {
			continue
		}
		switch o := o.(type) {
		case *types.Func:
			if o.Signature().TypeParams().Len() > 0 {
				return true
			}
		case *types.TypeName:
			if generic(o.Type()) {
				return true
			}
		}
	}
	return false
}
