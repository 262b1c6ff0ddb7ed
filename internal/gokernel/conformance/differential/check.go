package differential

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"sync"
)

// checker holds what is checked once: the imports.
var checker struct {
	sync.Mutex
	fset *token.FileSet
	imp  types.Importer
}

// valid reports whether the program is valid Go, as the type checker sees it.
func valid(p *Program) bool { return invalid(p) == nil }

func invalid(p *Program) error {
	checker.Lock()
	defer checker.Unlock()
	if checker.imp == nil {
		checker.fset = token.NewFileSet()
		checker.imp = importer.ForCompiler(checker.fset, "source", nil)
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", p.Source(), parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	conf := types.Config{Importer: checker.imp, GoVersion: "go1.26", Sizes: types.SizesFor("gc", "amd64")}
	_, err = conf.Check("main", fset, []*ast.File{f}, nil)
	return err
}
