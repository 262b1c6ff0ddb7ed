package rtype

import (
	"fmt"
	"go/token"
	"go/types"
	"sort"
	"strconv"
	"strings"
)

// locals says what the names of types tell that are declared in functions.
type locals struct {
	number map[token.Pos]int                // by where it is declared: the how manieth it is
	outer  map[*types.TypeName][]types.Type // type arguments of the function
}

// DeclaredIn notes which of the types that an instance of a generic function
// mentions are the function's own: those have been made anew, without a scope,
// for its type arguments.
func (m *Maker) DeclaredIn(mentioned, args []types.Type) {
	m.mu.Lock()
	defer m.mu.Unlock()
	seen := map[types.Type]bool{}
	for _, t := range mentioned {
		walk(t, seen, func(n *types.Named) {
			o := n.Origin().Obj()
			if o.Pkg() == nil || o.Parent() != nil || m.locals.outer[o] != nil {
				return
			}
			if m.locals.outer == nil {
				m.locals.outer = map[*types.TypeName][]types.Type{}
			}
			m.locals.outer[o] = args
		})
	}
}

// NumberLocals numbers the types that functions of a cell declare, by their
// places in the order of the source.
func (m *Maker) NumberLocals(places []token.Pos) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.locals.number == nil {
		m.locals.number = map[token.Pos]int{}
	}
	for i, pos := range places {
		m.locals.number[pos] = i + 1
	}
}

// namer writes types as the compiler does, who names packages by their path
// between the brackets of a name, and by their name elsewhere.
type namer struct {
	locals *locals
	byPath bool
}

// typeName returns the name of a declared type as reflect has it: main.T,
// main.P[int,encoding/json.Number].
func (m *Maker) typeName(t *types.Named) string {
	q := namer{locals: &m.locals}
	name := t.Obj().Name() + q.typeArgs(t)
	if p := t.Obj().Pkg(); p != nil {
		name = p.Name() + "." + name
	}
	return name
}

// typeArgs are the type arguments of t, behind those of the function that
// declares it.
func (q namer) typeArgs(t *types.Named) string {
	q.byPath = true
	outer := q.locals.outer[t.Origin().Obj()]
	var args, before []string
	for _, a := range outer {
		before = append(before, q.of(a))
	}
	for a := range t.TypeArgs().Types() {
		args = append(args, q.of(a))
	}
	s := strings.Join(before, ",")
	if len(before) > 0 && len(args) > 0 {
		s += ";"
	}
	if s += strings.Join(args, ","); s == "" {
		return ""
	}
	return "[" + s + "]"
}

func (q namer) pkg(p *types.Package) string {
	if q.byPath {
		return p.Path()
	}
	return p.Name()
}

// of returns what the compiler writes for a type: no names of parameters, uint8
// for byte.
func (q namer) of(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		switch t.Kind() {
		case types.Byte:
			return "uint8"
		case types.Rune:
			return "int32"
		case types.UnsafePointer:
			return "unsafe.Pointer"
		}
		return t.Name()
	case *types.Named:
		name := t.Obj().Name() + q.typeArgs(t)
		if p := t.Obj().Pkg(); p != nil {
			name = q.pkg(p) + "." + name
		}
		if n := q.locals.number[t.Origin().Obj().Pos()]; n > 0 && q.byPath {
			name += fmt.Sprintf("·%d", n)
		}
		return name
	case *types.Pointer:
		return "*" + q.of(t.Elem())
	case *types.Slice:
		return "[]" + q.of(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), q.of(t.Elem()))
	case *types.Map:
		return "map[" + q.of(t.Key()) + "]" + q.of(t.Elem())
	case *types.Chan:
		return q.chanName(t)
	case *types.Signature:
		return "func" + q.signatureName(t)
	case *types.Struct:
		return q.structName(t)
	case *types.Interface:
		return q.interfaceName(t)
	}
	return types.TypeString(t, nil)
}

func (q namer) chanName(t *types.Chan) string {
	elem := q.of(t.Elem())
	switch t.Dir() {
	case types.SendOnly:
		return "chan<- " + elem
	case types.RecvOnly:
		return "<-chan " + elem
	}
	if strings.HasPrefix(elem, "<-") {
		elem = "(" + elem + ")"
	}
	return "chan " + elem
}

// signatureName is a function type without its keyword.
func (q namer) signatureName(t *types.Signature) string {
	var params, results []string
	for i := range t.Params().Len() {
		p := t.Params().At(i).Type()
		if s, ok := types.Unalias(p).(*types.Slice); ok && t.Variadic() && i == t.Params().Len()-1 {
			params = append(params, "..."+q.of(s.Elem()))
			continue
		}
		params = append(params, q.of(p))
	}
	for v := range t.Results().Variables() {
		results = append(results, q.of(v.Type()))
	}
	s := "(" + strings.Join(params, ", ") + ")"
	switch len(results) {
	case 0:
		return s
	case 1:
		return s + " " + results[0]
	}
	return s + " (" + strings.Join(results, ", ") + ")"
}

// ident is the name of a field or method: with its package where it is
// private.
func (q namer) ident(o types.Object) string {
	if o.Exported() || o.Pkg() == nil {
		return o.Name()
	}
	return q.pkg(o.Pkg()) + "." + o.Name()
}

func (q namer) structName(t *types.Struct) string {
	if t.NumFields() == 0 {
		return "struct {}"
	}
	var fields []string
	for i := range t.NumFields() {
		f := t.Field(i)
		s := q.of(f.Type())
		if !f.Embedded() {
			s = q.ident(f) + " " + s
		}
		if tag := t.Tag(i); tag != "" {
			s += " " + strconv.Quote(tag)
		}
		fields = append(fields, s)
	}
	return "struct { " + strings.Join(fields, "; ") + " }"
}

func (q namer) interfaceName(t *types.Interface) string {
	if t.NumMethods() == 0 {
		return "interface {}"
	}
	var public, private []string
	for f := range t.Methods() {
		s := q.ident(f) + q.signatureName(f.Signature())
		if f.Exported() {
			public = append(public, s)
		} else {
			private = append(private, s)
		}
	}
	sort.Strings(public)
	sort.Strings(private)
	return "interface { " + strings.Join(append(public, private...), "; ") + " }"
}
