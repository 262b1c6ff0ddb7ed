package differential

import (
	"fmt"
	"strings"
)

// line is one line of a statement at the present indentation.
func (g *gen) line(format string, args ...any) string {
	return g.indent + fmt.Sprintf(format, args...) + "\n"
}

// declareVariable declares a variable of any type.
func (g *gen) declareVariable() string {
	g.risk = 1
	t := g.anyType(2)
	x := g.expr(t, 2)
	v := &variable{name: g.name("v"), typ: t, appended: t.kind == sliceKind && g.one(2)}
	if t.kind == sliceKind {
		x = fmt.Sprintf("append(%s(nil), %s...)", t.name, x)
	}
	var s string
	switch g.r.IntN(4) {
	case 0:
		s = g.line("var %s %s = %s", v.name, t.name, x)
	case 1:
		s = g.line("var %s %s", v.name, t.name)
		if t.kind == mapKind {
			s += g.line("%s = %s{}", v.name, t.name)
		}
		if t.kind == pointerKind {
			s += g.line("%s = %s", v.name, x)
		}
	default:
		s = g.line("%s := %s", v.name, x)
	}
	g.scope = append(g.scope, v)
	return s + g.line("_ = %s", v.name)
}

// statement is any statement, and what it did is printed now and then.
func (g *gen) statement() string {
	s := g.pureStatement()
	if g.one(2) {
		s += g.emitOne()
	}
	return s
}

// pureStatement prints nothing.
func (g *gen) pureStatement() string {
	g.risk = 1
	k := g.r.IntN(14)
	if g.depth >= 3 && k >= 8 {
		k = g.r.IntN(8)
	}
	switch k {
	case 0, 1:
		return g.assign()
	case 2, 3, 4:
		return g.operatorAssign()
	case 5:
		return g.tuple()
	case 6:
		return g.increment()
	case 7:
		return g.update()
	case 8, 9:
		return g.conditional()
	case 10:
		return g.loop()
	case 11:
		return g.rangeLoop()
	case 12:
		return g.switchOn()
	}
	return g.closure()
}

// block is the statements of a nested block.
func (g *gen) block(n int) string {
	outer, indent := len(g.scope), g.indent
	g.indent += "\t"
	g.depth++
	var b strings.Builder
	for range n {
		if g.one(4) {
			b.WriteString(g.declareVariable())
		}
		b.WriteString(g.pureStatement())
	}
	g.depth--
	g.scope, g.indent = g.scope[:outer], indent
	return b.String()
}

func (g *gen) conditional() string {
	s := g.line("if %s {", g.expr(tBool, 2)) + g.block(1+g.r.IntN(2))
	if g.one(2) {
		s += g.line("} else if %s {", g.safe(tBool)) + g.block(1)
	}
	if g.one(2) {
		s += g.line("} else {") + g.block(1)
	}
	return s + g.line("}")
}

// safe is an expression that cannot panic.
func (g *gen) safe(t *typ) string {
	risk := g.risk
	g.risk = 0
	defer func() { g.risk = risk }()
	return g.expr(t, 1)
}

func (g *gen) loop() string {
	if g.loops >= 2 {
		return g.conditional()
	}
	outer := len(g.scope)
	i := g.newVariable("i", pick(g, basicTypes[:10]))
	i.fixed = true
	g.loops++
	label := ""
	if g.one(3) {
		label = g.name("L")
	}
	var s string
	if label != "" {
		s = g.line("%s:", label)
	}
	s += g.line("for %s := %s(%d); %s < %d; %s++ {", i.name, i.typ.name, g.r.IntN(3), i.name, 2+g.r.IntN(5), i.name)
	s += g.block(1)
	if label != "" {
		s += g.line("\tfor {") + g.line("\t\tif %s {", g.safe(tBool)) + g.line("\t\t\tcontinue %s", label) + g.line("\t\t}") + g.line("\t\tbreak %s", label) + g.line("\t}")
	} else if g.one(3) {
		s += g.line("\tif %s {", g.safe(tBool)) + g.line("\t\t%s", pick(g, []string{"break", "continue"})) + g.line("\t}") + g.block(1)
	}
	g.loops--
	g.scope = g.scope[:outer]
	return s + g.line("}")
}

// rangeLoop ranges over a variable, an integer or a string.
func (g *gen) rangeLoop() string {
	if g.loops >= 2 {
		return g.conditional()
	}
	outer := len(g.scope)
	defer func() { g.scope = g.scope[:outer] }()
	over, kt, vt := g.ranged()
	var head string
	k, v := &variable{name: g.name("k"), typ: kt, fixed: true}, &variable{name: g.name("x"), typ: vt}
	switch {
	case vt == nil:
		head = g.line("for %s := range %s {", k.name, over) + g.line("\t_ = %s", k.name)
		g.scope = append(g.scope, k)
	case g.one(3):
		head = g.line("for _, %s := range %s {", v.name, over) + g.line("\t_ = %s", v.name)
		g.scope = append(g.scope, v)
	default:
		head = g.line("for %s, %s := range %s {", k.name, v.name, over) + g.line("\t_, _ = %s, %s", k.name, v.name)
		g.scope = append(g.scope, k, v)
	}
	if vt != nil {
		v.fixed = vt.kind == sliceKind || vt.kind == mapKind || vt.kind == pointerKind
	}
	g.loops++
	s := head + g.block(1+g.r.IntN(2)) + g.line("}")
	g.loops--
	return s
}

// ranged is what can be ranged over in one order.
func (g *gen) ranged() (over string, key, value *typ) {
	for range 4 {
		if len(g.scope) == 0 {
			break
		}
		v := pick(g, g.scope)
		switch v.typ.kind {
		case arrayKind:
			if g.one(3) && !v.fixed {
				return "&" + v.name, tInt, v.typ.elem
			}
			return v.name, tInt, v.typ.elem
		case sliceKind:
			return v.name, tInt, v.typ.elem
		case stringKind:
			return "string(" + v.name + ")", tInt, basicTypes[3]
		}
	}
	t := pick(g, basicTypes[:10])
	return fmt.Sprintf("%s(%d)", t.name, g.r.IntN(5)), t, nil
}

func (g *gen) switchOn() string {
	if g.one(3) {
		return g.typeSwitch()
	}
	t := pick(g, basicTypes[:10])
	s := g.line("switch x := %s; {", g.expr(t, 2))
	s += g.line("case x > %s:", "3") + g.block(1)
	if g.one(3) {
		s += g.line("\tfallthrough")
	}
	s += g.line("case x == 0, x == 2:") + g.block(1)
	if g.one(2) {
		s += g.line("default:") + g.block(1)
	}
	return s + g.line("}")
}

func (g *gen) typeSwitch() string {
	t, seen := g.anyType(1), map[string]bool{}
	s := g.line("switch x := any(%s).(type) {", g.leaf(t))
	for _, c := range []*typ{g.anyType(1), g.anyType(1), pick(g, basicTypes), t} {
		if seen[c.name] {
			continue
		}
		seen[c.name] = true
		s += g.line("case %s:", c.name) + g.line("\t_ = x") + g.block(1)
		if g.one(2) && !g.inFunc && c.printable() {
			s += g.line("\temit(\"case %s\", x)", c.name)
		}
	}
	return s + g.line("default:") + g.line("\t_ = x") + g.block(1) + g.line("}")
}

// closure is a function literal that changes what it captures, called as a
// statement of its own.
func (g *gen) closure() string {
	x, t := g.target(func(t *typ) bool { return t.integer() })
	if t == nil || strings.ContainsAny(x, ".[") {
		return g.assign()
	}
	f, p := g.name("c"), g.name("a")
	s := g.line("%s := func(%s %s) %s {", f, p, t.name, t.name) + g.line("\t%s += %s * 2", x, p) + g.line("\treturn %s - 1", x) + g.line("}")
	y := g.name("y")
	return s + g.line("%s := %s(%s)", y, f, g.literal(t)) + g.line("%s = %s(%s)", x, f, y) + g.line("_ = %s", x)
}

// emitOne prints a variable, with its type now and then.
func (g *gen) emitOne() string {
	var list []*variable
	for _, v := range g.scope {
		if v.typ.printable() {
			list = append(list, v)
		}
	}
	if len(list) == 0 {
		return ""
	}
	v := pick(g, list)
	if g.one(4) {
		return g.line("emit(fmt.Sprintf(\"%s %%T %%v\", %s, %s))", v.name, v.name, v.name)
	}
	if g.one(6) {
		return g.line("emit(fmt.Sprintf(\"%s %%+v %%#v\", %s, %s))", v.name, v.name, v.name)
	}
	return g.line("emit(%q, %s)", v.name, v.name)
}

func (g *gen) emitAll() string {
	var s string
	for _, v := range g.scope {
		switch {
		case v.typ.printable():
			s += g.line("emit(%q, %s)", v.name, v.name)
		case v.typ.kind == pointerKind && v.typ.elem.printable():
			s += g.line("emit(%q, *%s)", v.name, v.name)
		}
	}
	return s
}
