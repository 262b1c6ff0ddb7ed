package main

import (
	"go/ast"
	"go/parser"
	"reflect"
	"regexp"
	"sort"

	"strings"

	interp "github.com/cosmos72/gomacro/fast"
	"github.com/cosmos72/gomacro/imports"
	"github.com/cosmos72/gomacro/xreflect"
)

// operand is what stands before a dot: a package, or an expression or type.
type operand struct {
	pkg string        // import path
	typ xreflect.Type // of the expression
}

func (o operand) valid() bool { return o.pkg != "" || o.typ != nil }

// resolve finds out what the source of an operand denotes. code is the cell,
// whose imports and assignments count although they have not run yet.
func (n *notebook) resolve(src, code string) operand {
	e, err := parser.ParseExpr(src)
	if err != nil {
		return operand{}
	}
	if id, ok := e.(*ast.Ident); ok {
		return n.resolveName(id.Name, code, 0)
	}
	if t := n.typeOf(e); t != nil {
		return operand{typ: t}
	}
	// The expression may begin with a name that only the cell declares.
	return n.resolveChain(e, code)
}

func (n *notebook) resolveName(name, code string, depth int) operand {
	comp := n.kernel.ir.Comp
	if sym := comp.TryResolve(name); sym != nil {
		if imp, ok := sym.Value.(*interp.Import); ok {
			return operand{pkg: imp.Path}
		}
	}
	if t := n.declaredType(name, code, depth); t != nil {
		return operand{typ: t}
	}
	if sym := comp.TryResolve(name); sym != nil && sym.Type != nil {
		return operand{typ: n.typeOf(&ast.Ident{Name: name})}
	}
	if t := comp.TryResolveType(name); t != nil {
		return operand{typ: t}
	}
	if path := importedAs(name, code); path != "" {
		return operand{pkg: path}
	}
	return operand{}
}

// resolveChain follows selectors and calls from a name that the cell declares.
func (n *notebook) resolveChain(e ast.Expr, code string) operand {
	switch e := e.(type) {
	case *ast.Ident:
		return n.resolveName(e.Name, code, 0)
	case *ast.ParenExpr:
		return n.resolveChain(e.X, code)
	case *ast.SelectorExpr:
		x := n.resolveChain(e.X, code)
		if x.pkg != "" {
			p := imports.Packages[x.pkg]
			if v, ok := p.Binds[e.Sel.Name]; ok && v.IsValid() {
				return operand{typ: n.fromReflect(v.Type())}
			}
			if t, ok := p.Types[e.Sel.Name]; ok {
				return operand{typ: n.fromReflect(t)}
			}
		}
		if x.typ != nil {
			return operand{typ: n.memberType(x.typ, e.Sel.Name)}
		}
	case *ast.CallExpr:
		f := n.resolveChain(e.Fun, code)
		if f.typ == nil {
			return operand{}
		}
		if f.typ.Kind() == reflect.Func && f.typ.NumOut() > 0 {
			return operand{typ: f.typ.Out(0)}
		}
		return f // a conversion
	case *ast.IndexExpr:
		x := n.resolveChain(e.X, code)
		if x.typ != nil {
			switch x.typ.Kind() {
			case reflect.Slice, reflect.Array, reflect.Map:
				return operand{typ: x.typ.Elem()}
			}
		}
	case *ast.StarExpr:
		x := n.resolveChain(e.X, code)
		if x.typ != nil && x.typ.Kind() == reflect.Pointer {
			return operand{typ: x.typ.Elem()}
		}
	}
	return operand{}
}

func (n *notebook) fromReflect(t reflect.Type) xreflect.Type {
	return n.kernel.ir.Comp.Universe.FromReflectType(t)
}

// typeOf compiles e without running it and returns its (first) type.
func (n *notebook) typeOf(e ast.Expr) (t xreflect.Type) {
	defer func() {
		if recover() != nil {
			t = nil
		}
	}()
	comp := interp.NewComp(n.kernel.ir.Comp, nil)
	x, typ := comp.Expr1OrType(e)
	if typ != nil {
		return typ
	}
	if x.NumOut() == 0 {
		return nil
	}
	if x.Untyped() {
		return x.DefaultType()
	}
	return x.Out(0)
}

// declaredType returns the type of a variable that the cell declares in a
// line of its own, such as "x, err := f(y)" or "var x T".
func (n *notebook) declaredType(name, code string, depth int) xreflect.Type {
	if depth > 3 {
		return nil
	}
	for _, m := range assignment.FindAllStringSubmatch(code, -1) {
		for i, lhs := range strings.Split(m[1], ",") {
			if strings.TrimSpace(lhs) != name {
				continue
			}
			if t := n.typeOfAssigned(m[2], i, code, depth); t != nil {
				return t
			}
		}
	}
	for _, m := range variable.FindAllStringSubmatch(code, -1) {
		if m[1] != name {
			continue
		}
		if e, err := parser.ParseExpr(strings.TrimSpace(m[2])); err == nil {
			if t := n.typeOf(e); t != nil {
				return t
			}
			if o := n.resolveChain(e, strings.Replace(code, m[0], "", 1)); o.typ != nil {
				return o.typ
			}
		}
	}
	return nil
}

var (
	assignment = regexp.MustCompile(`(?m)^[ \t]*(?:for |if )?([\pL_][\pL\d_]*(?:[ \t]*,[ \t]*[\pL_][\pL\d_]*)*)[ \t]*:=[ \t]*([^\n;]+)`)
	variable   = regexp.MustCompile(`(?m)^[ \t]*var[ \t]+([\pL_][\pL\d_]*)[ \t]+([^=\n]+)`)
)

func (n *notebook) typeOfAssigned(src string, i int, code string, depth int) (t xreflect.Type) {
	defer func() {
		if recover() != nil {
			t = nil
		}
	}()
	src = strings.TrimRight(src, " \t{")
	e, err := parser.ParseExpr(src)
	if err != nil {
		return nil
	}
	if call, ok := e.(*ast.CallExpr); ok {
		if f := n.resolveCallee(call, code, depth); f != nil && f.Kind() == reflect.Func {
			if i < f.NumOut() {
				return f.Out(i)
			}
			return nil
		}
	}
	if i > 0 {
		return nil
	}
	return n.typeOf(e)
}

func (n *notebook) resolveCallee(call *ast.CallExpr, code string, depth int) xreflect.Type {
	if t := n.typeOf(call.Fun); t != nil {
		return t
	}
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
		if id, ok := sel.X.(*ast.Ident); ok {
			o := n.resolveName(id.Name, code, depth+1)
			if o.pkg != "" {
				if v, ok := imports.Packages[o.pkg].Binds[sel.Sel.Name]; ok && v.IsValid() {
					return n.fromReflect(v.Type())
				}
			}
			if o.typ != nil {
				return n.memberType(o.typ, sel.Sel.Name)
			}
		}
	}
	return nil
}

// memberType returns the type of a field or method of t.
func (n *notebook) memberType(t xreflect.Type, name string) (res xreflect.Type) {
	defer func() {
		if recover() != nil {
			res = nil
		}
	}()
	comp := n.kernel.ir.Comp
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	field, isField, method, isMethod, err := comp.TryLookupFieldOrMethod(t, name)
	switch {
	case err != nil:
		return nil
	case isField:
		return field.Type
	case isMethod:
		mt := method.Type
		// method types carry the receiver as their first parameter
		if mt.NumIn() > 0 {
			in := make([]xreflect.Type, 0, mt.NumIn()-1)
			for i := 1; i < mt.NumIn(); i++ {
				in = append(in, mt.In(i))
			}
			out := make([]xreflect.Type, mt.NumOut())
			for i := range out {
				out[i] = mt.Out(i)
			}
			return comp.Universe.FuncOf(in, out, mt.IsVariadic())
		}
		return mt
	}
	return nil
}

// importedAs returns the path of the package that name stands for: by an
// import in the cell, else by being the name of a linked package.
func importedAs(name, code string) string {
	for _, m := range importSpec.FindAllStringSubmatch(code, -1) {
		p, ok := imports.Packages[m[2]]
		if !ok {
			continue
		}
		if m[1] == name || m[1] == "" && string(p.DefaultName(m[2])) == name {
			return m[2]
		}
	}
	var found []string
	for path, p := range imports.Packages {
		if p.Name == name {
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
func (n *notebook) members(t xreflect.Type) map[string]string {
	out := map[string]string{}
	addMembers(out, t, 0)
	return out
}

func addMembers(out map[string]string, t xreflect.Type, depth int) {
	if t == nil || depth > 5 {
		return
	}
	if rt := t.ReflectType(); rt != nil {
		if rt.Kind() != reflect.Pointer && rt.Kind() != reflect.Interface {
			rt = reflect.PointerTo(rt)
		}
		for i := 0; i < rt.NumMethod(); i++ {
			out[rt.Method(i).Name] = "function"
		}
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	own := t.PkgPath() == "main"
	if t.Named() || t.Kind() == reflect.Interface {
		for i := 0; i < t.NumMethod(); i++ {
			if name := t.Method(i).Name; own || ast.IsExported(name) {
				out[name] = "function"
			}
		}
	}
	if t.Kind() != reflect.Struct {
		return
	}
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		if own || ast.IsExported(f.Name) {
			if _, taken := out[f.Name]; !taken {
				out[f.Name] = "instance"
			}
		}
		if f.Anonymous {
			addMembers(out, f.Type, depth+1)
		}
	}
}

// packageMembers lists what a package offers.
func packageMembers(path string) map[string]string {
	out := map[string]string{}
	p := imports.Packages[path]
	for name, v := range p.Binds {
		switch {
		case v.IsValid() && v.Kind() == reflect.Func && !v.CanSet():
			out[name] = "function"
		default:
			out[name] = "instance"
		}
	}
	for name := range p.Types {
		out[name] = "class"
	}
	return out
}
