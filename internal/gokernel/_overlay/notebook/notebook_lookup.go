package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"regexp"
	"sort"
	"strings"

	"github.com/nngplab/nngplab/internal/gokernel/library"
	"github.com/nngplab/nngplab/internal/gokernel/session"
)

// operand is what stands before a dot: a package, or an expression or type.
type operand struct {
	pkg string     // import path
	typ types.Type // of the expression
}

// resolve finds out what the source of an operand denotes. v is the cell, whose
// imports and variables count although they have not run yet.
func (n *notebook) resolve(src, code string, v *session.View) operand {
	if path, t := v.Resolve(src); path != "" || t != nil {
		return operand{path, t}
	}
	e, err := parser.ParseExpr(src)
	if err != nil {
		return operand{}
	}
	return n.resolveLinked(e, code)
}

// resolveLinked resolves what begins with the name of a linked package that
// nothing imports yet.
func (n *notebook) resolveLinked(e ast.Expr, code string) operand {
	switch e := e.(type) {
	case *ast.Ident:
		return operand{pkg: importedAs(e.Name, code)}
	case *ast.SelectorExpr:
		x := n.resolveLinked(e.X, code)
		if x.pkg != "" {
			if o := n.packageMember(x.pkg, e.Sel.Name); o != nil {
				return operand{typ: o.Type()}
			}
		}
		if x.typ != nil {
			if o := session.Member(x.typ, e.Sel.Name); o != nil {
				return operand{typ: o.Type()}
			}
		}
	case *ast.CallExpr:
		f := n.resolveLinked(e.Fun, code)
		if sig, ok := f.typ.(*types.Signature); ok && sig.Results().Len() > 0 {
			return operand{typ: sig.Results().At(0).Type()}
		}
		return f // a conversion
	}
	return operand{}
}

// packageMember returns an exported declaration of a linked package.
func (n *notebook) packageMember(path, name string) types.Object {
	p, err := n.session.Import(path)
	if err != nil || !token.IsExported(name) {
		return nil
	}
	return p.Scope().Lookup(name)
}

// packageName is the name that a package at path is imported under.
func packageName(path string) string {
	name := path[strings.LastIndex(path, "/")+1:]
	if version.MatchString(name) && strings.Contains(path, "/") {
		rest := strings.TrimSuffix(path, "/"+name)
		name = rest[strings.LastIndex(rest, "/")+1:]
	}
	return name
}

var version = regexp.MustCompile(`^v\d+$`)

// importedAs returns the path of the package that name stands for: by an
// import in the cell, else by being the name of a linked package.
func importedAs(name, code string) string {
	for _, m := range importSpec.FindAllStringSubmatch(code, -1) {
		if !library.Has(m[2]) {
			continue
		}
		if m[1] == name || m[1] == "" && packageName(m[2]) == name {
			return m[2]
		}
	}
	var found []string
	for _, path := range library.Paths() {
		if packageName(path) == name {
			found = append(found, path)
		}
	}
	// Of several, the one that a notebook is more likely to mean.
	sort.Slice(found, func(i, j int) bool {
		if a, b := rank(found[i]), rank(found[j]); a != b {
			return a < b
		}
		if len(found[i]) != len(found[j]) {
			return len(found[i]) < len(found[j])
		}
		return found[i] < found[j]
	})
	if len(found) == 0 {
		return ""
	}
	return found[0]
}

func rank(path string) int {
	for i, prefix := range []string{"github.com/nngplab/", "gonum.org/", "github.com/go-gota/", "math/"} {
		if strings.HasPrefix(path, prefix) {
			return i
		}
	}
	return 9
}

var importSpec = regexp.MustCompile(`(?m)^[ \t]*(?:import[ \t]+\(?[ \t]*)?([\pL_][\pL\d_]*|\.)?[ \t]*"([^"\n]+)"[ \t]*$`)

// members lists the exported fields and methods of t, and all of those that a
// cell declared.
func (n *notebook) members(t types.Type) map[string]string {
	out := map[string]string{}
	for name, o := range session.Members(t) {
		out[name] = kindOf(o)
	}
	return out
}

// packageMembers lists what a package offers.
func (n *notebook) packageMembers(path string) map[string]string {
	out := map[string]string{}
	p, err := n.session.Import(path)
	if err != nil {
		return out
	}
	for _, name := range p.Scope().Names() {
		if token.IsExported(name) {
			out[name] = kindOf(p.Scope().Lookup(name))
		}
	}
	return out
}

// kindOf names the kind of an object as front ends do.
func kindOf(o types.Object) string {
	switch o.(type) {
	case *types.Func:
		return "function"
	case *types.TypeName:
		return "class"
	case *types.PkgName:
		return "module"
	}
	return "instance"
}
