package bindings

import (
	"bytes"
	"fmt"
	"go/token"
	"go/types"
	"sort"
	"strings"
)

// file collects the bindings of one package.
type file struct {
	out     string         // name of the written package
	pkg     *types.Package // the bound package
	aliases map[string]string
	binds   []string
	types   []string
}

type counts struct{ symbols int }

func newFile(out string, pkg *types.Package) *file {
	return &file{out: out, pkg: pkg, aliases: map[string]string{}}
}

// alias returns the name under which the file imports the package at path.
func (f *file) alias(path string) string {
	if a, ok := f.aliases[path]; ok {
		return a
	}
	a := fmt.Sprintf("p%d", len(f.aliases))
	f.aliases[path] = a
	return a
}

// source returns the file's text, unformatted.
func (f *file) source() ([]byte, counts) {
	self := f.alias(f.pkg.Path())
	scope := f.pkg.Scope()
	constants := 0
	for _, name := range scope.Names() { // sorted
		if token.IsExported(name) {
			constants += f.object(self, scope.Lookup(name))
		}
	}
	n := counts{symbols: len(f.binds) + len(f.types) + constants}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%spackage %s\n\nimport (\n\tr \"reflect\"\n\n\t\"%s\"\n\t\"%s\"\n\n", header, f.out, enginePath, libraryPath)
	paths := make([]string, 0, len(f.aliases))
	for p := range f.aliases {
		paths = append(paths, p)
	}
	sort.Strings(paths)
	for _, p := range paths {
		a := f.aliases[p]
		if len(f.binds)+len(f.types) == 0 {
			a = "_"
		}
		fmt.Fprintf(&b, "\t%s %q\n", a, p)
	}
	fmt.Fprintf(&b, ")\n\nfunc init() {\n\tlibrary.Register(%q, func() *engine.Package {\n\t\treturn &engine.Package{\n\t\t\tName: %q,\n", f.pkg.Path(), f.pkg.Name())
	section := func(name, typ string, lines []string) {
		fmt.Fprintf(&b, "\t\t%s: map[string]%s{\n\t\t\t%s\n\t\t},\n", name, typ, strings.Join(lines, "\n\t\t\t"))
	}
	section("Binds", "r.Value", f.binds)
	section("Types", "r.Type", f.types)
	b.WriteString("\t\t}\n\t})\n}\n")
	return b.Bytes(), n
}

// object adds the bindings of one exported object. Constants need none: their
// values are part of the export data; their number is returned.
func (f *file) object(self string, o types.Object) int {
	name := o.Name()
	switch o := o.(type) {
	case *types.Func:
		if o.Type().(*types.Signature).TypeParams().Len() == 0 {
			f.binds = append(f.binds, fmt.Sprintf("%q: r.ValueOf(%s.%s),", name, self, name))
		}
	case *types.Var:
		f.binds = append(f.binds, fmt.Sprintf("%q: r.ValueOf(&%s.%s).Elem(),", name, self, name))
	case *types.Const:
		return 1
	case *types.TypeName:
		f.typeName(self, o)
	}
	return 0
}

func (f *file) typeName(self string, o *types.TypeName) {
	name := o.Name()
	t := o.Type()
	if generic(t) {
		return
	}
	if it, ok := t.Underlying().(*types.Interface); ok && !it.IsMethodSet() {
		return // a constraint: no value has it
	}
	f.types = append(f.types, fmt.Sprintf("%q: r.TypeOf((*%s.%s)(nil)).Elem(),", name, self, name))
}

// generic reports whether t is declared with type parameters.
func generic(t types.Type) bool {
	switch t := t.(type) {
	case *types.Alias:
		return t.TypeParams().Len() > 0 || generic(types.Unalias(t))
	case *types.Named:
		return t.TypeParams().Len() > 0 && t.TypeArgs().Len() == 0
	}
	return false
}
