package differential

import (
	"fmt"
)

// Assignments of all kinds.

// target is a place and its type.
func (g *gen) target(ok func(*typ) bool) (string, *typ) {
	for range 12 {
		t := g.anyType(1)
		if !ok(t) {
			continue
		}
		if s := g.place(t, true); s != "" {
			return s, t
		}
	}
	for _, v := range g.scope {
		if ok(v.typ) && !v.fixed {
			return v.name, v.typ
		}
	}
	return "", nil
}

func (g *gen) assign() string {
	x, t := g.target(func(t *typ) bool { return t.kind != sliceKind })
	if t == nil {
		return g.declareVariable()
	}
	return g.line("%s = %s", x, g.expr(t, 3))
}

func (g *gen) operatorAssign() string {
	x, t := g.target(func(t *typ) bool { return t.number() || t.kind == stringKind })
	if t == nil {
		return g.declareVariable()
	}
	var op, y string
	switch t.kind {
	case intKind, uintKind:
		op = pick(g, []string{"+", "-", "*", "&", "|", "^", "&^", "/", "%", "<<", ">>"})
		switch op {
		case "/", "%":
			y = fmt.Sprintf("(%s | 1)", g.leaf(t))
		case "<<", ">>":
			y = g.shiftCount(t)
		default:
			y = g.expr(t, 2)
		}
	case stringKind:
		// Cut again, or loops over a string that grows would double it each time.
		return g.line("%s += %s[:min(1, len(%s))]", x, g.place2(t), g.place2(t)) + g.line("%s = %s(cut(string(%s)))", x, t.name, x)
	case complexKind:
		op, y = pick(g, []string{"+", "-"}), g.expr(t, 2)
	default:
		op, y = pick(g, []string{"+", "-", "/"}), g.expr(t, 2)
	}
	return g.line("%s %s= %s", x, op, y)
}

// place2 is always the same short string: one that can be named twice.
func (g *gen) place2(t *typ) string { return t.name + `("ab")` }

func (g *gen) increment() string {
	x, t := g.target(func(t *typ) bool { return t.integer() || t.kind == floatKind })
	if t == nil {
		return g.declareVariable()
	}
	return g.line("%s%s", x, pick(g, []string{"++", "--"}))
}

// tuple assigns to two variables at once.
func (g *gen) tuple() string {
	var list []*variable
	for _, v := range g.scope {
		if !v.fixed && v.typ.kind != sliceKind {
			list = append(list, v)
		}
	}
	if len(list) < 2 {
		return g.declareVariable()
	}
	a := pick(g, list)
	for _, b := range list {
		if b != a && b.typ.name == a.typ.name {
			return g.line("%s, %s = %s, %s", a.name, b.name, b.name, a.name)
		}
	}
	b := pick(g, list)
	if a == b {
		return g.line("%s, _ = %s, %s", a.name, g.expr(a.typ, 1), a.name)
	}
	return g.line("%s, %s = %s, %s", a.name, b.name, g.expr(a.typ, 1), g.expr(b.typ, 1))
}

// update changes a slice or a map.
func (g *gen) update() string {
	for range 6 {
		if len(g.scope) == 0 {
			break
		}
		v := pick(g, g.scope)
		if v.fixed || g.inFunc {
			continue
		}
		switch {
		case v.typ.kind == sliceKind && v.appended:
			if g.one(3) {
				return g.line("%s = append(%s, %s, %s)", v.name, v.name, g.expr(v.typ.elem, 1), g.expr(v.typ.elem, 1))
			}
			return g.line("%s = append(%s, %s)", v.name, v.name, g.expr(v.typ.elem, 2)) + g.line("if len(%s) > 12 {", v.name) + g.line("\t%s = %s[:3]", v.name, v.name) + g.line("}")
		case v.typ.kind == sliceKind:
			switch g.r.IntN(3) {
			case 0:
				return g.line("%s = %s[:len(%s)/2]", v.name, v.name, v.name)
			case 1:
				return g.line("copy(%s, %s)", v.name, g.literal(v.typ))
			}
			return g.line("for i := range %s {", v.name) + g.line("\t%s[i] = %s", v.name, g.expr(v.typ.elem, 1)) + g.line("}")
		case v.typ.kind == mapKind:
			k := g.expr(v.typ.key, 0)
			switch g.r.IntN(4) {
			case 0:
				return g.line("delete(%s, %s)", v.name, k)
			case 1:
				ok := g.name("ok")
				return g.line("if x, %s := %s[%s]; %s {", ok, v.name, k, ok) + g.line("\t%s[%s] = x", v.name, g.expr(v.typ.key, 0)) + g.line("}")
			}
			return g.line("%s[%s] = %s", v.name, k, g.expr(v.typ.elem, 1))
		case v.typ.kind == pointerKind:
			f := pick(g, v.typ.elem.fields)
			if f.typ.kind == sliceKind {
				continue
			}
			return g.line("%s.%s = %s", v.name, f.name, g.expr(f.typ, 1))
		}
	}
	return g.assign()
}
