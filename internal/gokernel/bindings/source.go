package bindings

import (
	"bytes"
	"fmt"
	"go/constant"
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
	untyped []string
	proxies []string
	code    bytes.Buffer // proxy declarations
}

type counts struct{ symbols, proxies int }

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

func (f *file) qualify(p *types.Package) string { return f.alias(p.Path()) }

// source returns the file's text, unformatted.
func (f *file) source() ([]byte, counts) {
	self := f.alias(f.pkg.Path())
	scope := f.pkg.Scope()
	for _, name := range scope.Names() { // sorted
		if token.IsExported(name) {
			f.object(self, scope.Lookup(name))
		}
	}
	n := counts{symbols: len(f.binds) + len(f.types), proxies: len(f.proxies)}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%spackage %s\n\nimport (\n\tr \"reflect\"\n\n\t\"github.com/cosmos72/gomacro/imports\"\n\n", header, f.out)
	paths := make([]string, 0, len(f.aliases))
	for p := range f.aliases {
		paths = append(paths, p)
	}
	sort.Strings(paths)
	for _, p := range paths {
		fmt.Fprintf(&b, "\t%s %q\n", f.aliases[p], p)
	}
	fmt.Fprintf(&b, ")\n\nfunc init() {\n\timports.Packages[%q] = imports.Package{\n\t\tName: %q,\n", f.pkg.Path(), f.pkg.Name())
	section := func(name, typ string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(&b, "\t\t%s: map[string]%s{\n\t\t\t%s\n\t\t},\n", name, typ, strings.Join(lines, "\n\t\t\t"))
		}
	}
	section("Binds", "r.Value", f.binds)
	section("Types", "r.Type", f.types)
	section("Proxies", "r.Type", f.proxies)
	section("Untypeds", "string", f.untyped)
	b.WriteString("\t}\n}\n")
	b.Write(f.code.Bytes())
	return b.Bytes(), n
}

// object adds the bindings of one exported object.
func (f *file) object(self string, o types.Object) {
	name := o.Name()
	switch o := o.(type) {
	case *types.Func:
		if o.Type().(*types.Signature).TypeParams().Len() == 0 {
			f.binds = append(f.binds, fmt.Sprintf("%q: r.ValueOf(%s.%s),", name, self, name))
		}
	case *types.Var:
		f.binds = append(f.binds, fmt.Sprintf("%q: r.ValueOf(&%s.%s).Elem(),", name, self, name))
	case *types.Const:
		f.constant(self, o)
	case *types.TypeName:
		f.typeName(self, o)
	}
}

// constant binds a typed constant by its value, and an untyped one by its
// exact value in gomacro's notation; the reflect.Value beside it only says
// that the name exists.
func (f *file) constant(self string, o *types.Const) {
	name := o.Name()
	b, basic := types.Unalias(o.Type()).(*types.Basic)
	if !basic || b.Info()&types.IsUntyped == 0 {
		f.binds = append(f.binds, fmt.Sprintf("%q: r.ValueOf(%s.%s),", name, self, name))
		return
	}
	f.binds = append(f.binds, fmt.Sprintf("%q: r.ValueOf(0),", name))
	f.untyped = append(f.untyped, fmt.Sprintf("%q: %q,", name, untypedNotation(b.Kind(), o.Val())))
}

// untypedNotation writes an untyped constant as gomacro reads it back:
// the kind, a colon, the exact value.
func untypedNotation(kind types.BasicKind, v constant.Value) string {
	switch kind {
	case types.UntypedBool:
		return "bool:" + v.ExactString()
	case types.UntypedRune:
		return "rune:" + v.ExactString()
	case types.UntypedInt:
		return "int:" + v.ExactString()
	case types.UntypedFloat:
		return "float:" + constant.ToFloat(v).ExactString()
	case types.UntypedComplex:
		v = constant.ToComplex(v)
		return "complex:" + constant.Real(v).ExactString() + ":" + constant.Imag(v).ExactString()
	case types.UntypedString:
		return "string:" + constant.StringVal(v)
	}
	return "nil"
}

func (f *file) typeName(self string, o *types.TypeName) {
	name := o.Name()
	t := o.Type()
	if generic(t) {
		return
	}
	it, isInterface := t.Underlying().(*types.Interface)
	if isInterface && !it.IsMethodSet() {
		return // a constraint, of no use without generics
	}
	f.types = append(f.types, fmt.Sprintf("%q: r.TypeOf((*%s.%s)(nil)).Elem(),", name, self, name))
	if isInterface && it.NumMethods() > 0 && f.nameable(it) {
		f.proxy(name, it)
	}
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

// nameable reports whether a proxy for it can be written outside its package:
// all methods and all types in their signatures are exported and importable.
func (f *file) nameable(it *types.Interface) bool {
	for i := 0; i < it.NumMethods(); i++ {
		m := it.Method(i)
		if !m.Exported() || !f.spellable(m.Type(), map[types.Type]bool{}) {
			return false
		}
	}
	return true
}

// spellable reports whether code outside the bound package can write t.
func (f *file) spellable(t types.Type, seen map[types.Type]bool) bool {
	if t == nil || seen[t] {
		return true
	}
	seen[t] = true
	sp := func(ts ...types.Type) bool {
		for _, t := range ts {
			if !f.spellable(t, seen) {
				return false
			}
		}
		return true
	}
	named := func(o *types.TypeName, args *types.TypeList) bool {
		if o.Pkg() != nil && (!o.Exported() || f.hidden(o.Pkg().Path())) {
			return false
		}
		for i := 0; i < args.Len(); i++ {
			if !sp(args.At(i)) {
				return false
			}
		}
		return true
	}
	switch t := t.(type) {
	case *types.Alias:
		return named(t.Obj(), t.TypeArgs())
	case *types.Named:
		return named(t.Obj(), t.TypeArgs())
	case *types.Pointer:
		return sp(t.Elem())
	case *types.Slice:
		return sp(t.Elem())
	case *types.Array:
		return sp(t.Elem())
	case *types.Chan:
		return sp(t.Elem())
	case *types.Map:
		return sp(t.Key(), t.Elem())
	case *types.Signature:
		return t.TypeParams().Len() == 0 && sp(tuple(t.Params())...) && sp(tuple(t.Results())...)
	case *types.Struct:
		for i := 0; i < t.NumFields(); i++ {
			if !t.Field(i).Exported() || !sp(t.Field(i).Type()) {
				return false
			}
		}
		return true
	case *types.Interface:
		if !t.IsMethodSet() {
			return false
		}
		for i := 0; i < t.NumMethods(); i++ {
			if !t.Method(i).Exported() || !sp(t.Method(i).Type()) {
				return false
			}
		}
		return true
	case *types.Basic:
		return t.Kind() != types.UnsafePointer
	}
	return false
}

func tuple(t *types.Tuple) []types.Type {
	out := make([]types.Type, t.Len())
	for i := range out {
		out[i] = t.At(i).Type()
	}
	return out
}

// hidden reports whether the package at path cannot be imported by the
// written package.
func (f *file) hidden(path string) bool {
	return path == "internal" || strings.HasPrefix(path, "internal/") || strings.HasPrefix(path, "vendor/") ||
		strings.Contains(path, "/internal/") || strings.HasSuffix(path, "/internal")
}

// proxy writes a struct that implements the interface by calling one function
// per method, in the shape that gomacro requires: field Object, then a field
// M_ for each method M, in the order of the names.
func (f *file) proxy(name string, it *types.Interface) {
	proxy := fmt.Sprintf("proxy_%s_%s", ident(f.pkg.Path()), name)
	f.proxies = append(f.proxies, fmt.Sprintf("%q: r.TypeOf((*%s)(nil)).Elem(),", name, proxy))
	methods := make([]*types.Func, it.NumMethods())
	for i := range methods {
		methods[i] = it.Method(i)
	}
	sort.Slice(methods, func(i, j int) bool { return methods[i].Name() < methods[j].Name() })
	fmt.Fprintf(&f.code, "\n// %s lets interpreted types implement %s.%s.\ntype %s struct {\n\tObject any\n", proxy, f.pkg.Path(), name, proxy)
	for _, m := range methods {
		sig := m.Type().(*types.Signature)
		params, _ := f.params(sig)
		fmt.Fprintf(&f.code, "\t%s_ func(%s)%s\n", m.Name(), strings.Join(append([]string{"_ any"}, params...), ", "), f.results(sig))
	}
	f.code.WriteString("}\n")
	for _, m := range methods {
		sig := m.Type().(*types.Signature)
		params, args := f.params(sig)
		ret := ""
		if sig.Results().Len() > 0 {
			ret = "return "
		}
		fmt.Fprintf(&f.code, "\n// %s calls the interpreted method.\nfunc (p *%s) %s(%s)%s {\n\t%sp.%s_(%s)\n}\n",
			m.Name(), proxy, m.Name(), strings.Join(params, ", "), f.results(sig), ret, m.Name(),
			strings.Join(append([]string{"p.Object"}, args...), ", "))
	}
}

// params returns the parameter list as declarations and as call arguments.
func (f *file) params(sig *types.Signature) (decls, args []string) {
	n := sig.Params().Len()
	for i := 0; i < n; i++ {
		t := sig.Params().At(i).Type()
		arg := fmt.Sprintf("a%d", i)
		typ := types.TypeString(t, f.qualify)
		if sig.Variadic() && i == n-1 {
			typ = "..." + types.TypeString(types.Unalias(t).(*types.Slice).Elem(), f.qualify)
			args = append(args, arg+"...")
		} else {
			args = append(args, arg)
		}
		decls = append(decls, arg+" "+typ)
	}
	return decls, args
}

func (f *file) results(sig *types.Signature) string {
	var ts []string
	for _, t := range tuple(sig.Results()) {
		ts = append(ts, types.TypeString(t, f.qualify))
	}
	switch len(ts) {
	case 0:
		return ""
	case 1:
		return " " + ts[0]
	}
	return " (" + strings.Join(ts, ", ") + ")"
}

// ident turns an import path into a Go identifier, injectively enough for
// paths that occur: bytes other than letters and digits become underscores.
func ident(path string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return '_'
	}, path)
}
