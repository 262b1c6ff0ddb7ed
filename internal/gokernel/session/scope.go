package session

import (
	"bytes"
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"strings"
	"unsafe"

	"golang.org/x/tools/go/gcexportdata"
)

// importer reads packages from export data, each once.
type importer struct {
	lib  Library
	fset *token.FileSet
	pkgs map[string]*types.Package
}

func newImporter(lib Library, fset *token.FileSet) *importer {
	return &importer{lib: lib, fset: fset, pkgs: map[string]*types.Package{"unsafe": types.Unsafe}}
}

// Import implements types.Importer.
func (im *importer) Import(path string) (*types.Package, error) {
	if p := im.pkgs[path]; p != nil && p.Complete() {
		return p, nil
	}
	b := im.lib.Export(path)
	if b == nil {
		return nil, fmt.Errorf("package %q is not linked into this kernel", path)
	}
	p, err := gcexportdata.Read(bytes.NewReader(b), im.fset, im.pkgs, path)
	if err != nil {
		return nil, fmt.Errorf("export data of %q: %w", path, err)
	}
	return p, nil
}

// parentOffset is where types.Scope keeps its outer scope.
var parentOffset = func() uintptr {
	f, ok := reflect.TypeFor[types.Scope]().FieldByName("parent")
	if !ok || f.Type != reflect.TypeFor[*types.Scope]() {
		return ^uintptr(0)
	}
	return f.Offset
}()

// setParent puts outer around scope: a package's scope lies in the universe's
// otherwise, and a cell's lies in what earlier cells declared.
func setParent(scope, outer *types.Scope) {
	*(**types.Scope)(unsafe.Add(unsafe.Pointer(scope), parentOffset)) = outer
}

// elemsOffset is where types.Scope keeps its names.
var elemsOffset = func() uintptr {
	f, ok := reflect.TypeFor[types.Scope]().FieldByName("elems")
	if !ok || f.Type != reflect.TypeFor[map[string]types.Object]() {
		return ^uintptr(0)
	}
	return f.Offset
}()

// elems returns the names of a scope that holds some, to give an object a
// second name there, or a name a second object.
func elems(scope *types.Scope) map[string]types.Object {
	p := (*map[string]types.Object)(unsafe.Add(unsafe.Pointer(scope), elemsOffset))
	if *p == nil {
		*p = map[string]types.Object{}
	}
	return *p
}

func scopeCheck() error {
	if parentOffset == ^uintptr(0) || elemsOffset == ^uintptr(0) || methodsOffset == ^uintptr(0) {
		return fmt.Errorf("go/types keeps scopes in another way")
	}
	p := types.NewPackage("p", "p")
	outer := types.NewScope(types.Universe, token.NoPos, token.NoPos, "outer")
	setParent(p.Scope(), outer)
	if p.Scope().Parent() != outer {
		return fmt.Errorf("go/types keeps scopes in another way")
	}
	return nil
}

// oldMark ends the names under which a cell's statements see what a name meant
// before the cell declares it. The checker must take it for a name: the first
// character is a letter, of the Lisu script.
const oldMark = "ꓸold"

func hidden(name string) bool {
	return strings.Contains(name, "·") || strings.HasSuffix(name, oldMark)
}

// clean removes from a message what only translated cells contain.
func clean(msg string) string {
	msg = strings.ReplaceAll(msg, oldMark, "")
	for {
		i := strings.Index(msg, "main.")
		if i < 0 {
			return msg
		}
		if i > 0 && (isWord(msg[i-1]) || msg[i-1] == '.' || msg[i-1] == '/') {
			rest := clean(msg[i+5:])
			return msg[:i+5] + rest
		}
		msg = msg[:i] + msg[i+5:]
	}
}

func isWord(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}
