package differential

import (
	"fmt"
	"strconv"
	"strings"
)

// expr is an expression of type t.
func (g *gen) expr(t *typ, depth int) string {
	if depth <= 0 || g.one(5) {
		if g.one(4) {
			return g.literal(t)
		}
		return g.leaf(t)
	}
	switch t.kind {
	case intKind, uintKind:
		return g.integer(t, depth)
	case floatKind:
		return g.float(t, depth)
	case complexKind:
		return g.complex(t, depth)
	case stringKind:
		return g.text(t, depth)
	case boolKind:
		return g.boolean(t, depth)
	}
	return g.composite(t, depth)
}

// leaf is a variable of type t, a part of one, or a literal.
func (g *gen) leaf(t *typ) string {
	if s := g.place(t, false); s != "" {
		return s
	}
	if t.integer() || t.kind == floatKind {
		if v := g.numberVariable(); v != nil {
			return g.convert(t, v.name, v.typ)
		}
		return fmt.Sprintf("(%s + %s(zero))", g.literal(t), t.name) // no constant, which may overflow
	}
	return g.literal(t)
}

func (g *gen) numberVariable() *variable {
	var list []*variable
	for _, v := range g.scope {
		if v.typ.integer() {
			list = append(list, v)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return pick(g, list)
}

// convert is x of type from as a value of the number type to.
func (g *gen) convert(to *typ, x string, from *typ) string {
	if from.kind == floatKind && to.integer() {
		return fmt.Sprintf("%s(toInt(float64(%s)))", to.name, x)
	}
	return fmt.Sprintf("%s(%s)", to.name, x)
}

// place is something of type t that is stored: a variable, or a part of one;
// assignable where assign is set. It returns "" where there is none.
func (g *gen) place(t *typ, assign bool) string {
	var list []string
	add := func(x string, et *typ) {
		if et.name == t.name {
			list = append(list, x)
		}
	}
	for _, v := range g.scope {
		if t.kind == sliceKind && v.appended && !assign {
			continue // no second name for a slice that is appended to
		}
		whole := !(assign && v.fixed)
		if whole {
			add(v.name, v.typ)
		}
		switch v.typ.kind {
		case structKind:
			for _, f := range v.typ.fields {
				if whole {
					add(v.name+"."+f.name, f.typ)
				}
			}
		case arrayKind:
			if whole {
				add(fmt.Sprintf("%s[%s]", v.name, g.index(v.typ.n)), v.typ.elem)
			}
		case sliceKind:
			if !g.inFunc || !assign { // functions have no effects
				if v.typ.elem.name == t.name && g.risk > 0 {
					g.risk--
					list = append(list, fmt.Sprintf("%s[%s]", v.name, g.index(4)))
				}
			}
		case mapKind:
			if (!g.inFunc || !assign) && v.typ.elem.name == t.name {
				list = append(list, fmt.Sprintf("%s[%s]", v.name, g.key(v.typ.key)))
			}
		}
	}
	if len(list) == 0 {
		return ""
	}
	return pick(g, list)
}

// maxKeys bounds keys within keys: of several maps whose keys and elements are of one
// type, each may be asked for a key of another.
const maxKeys = 12

// key is a key of a map.
func (g *gen) key(t *typ) string {
	if g.nested >= maxKeys {
		return g.literal(t)
	}
	g.nested++
	defer func() { g.nested-- }()
	return g.expr(t, 0)
}

// index is an index below n, of any integer type.
func (g *gen) index(n int) string {
	if v := g.numberVariable(); v != nil && g.one(2) {
		return fmt.Sprintf("at(int(%s), %d)", v.name, n)
	}
	i := strconv.Itoa(g.r.IntN(n))
	if g.one(4) {
		return pick(g, basicTypes[:10]).name + "(" + i + ")"
	}
	return i
}

func (g *gen) binary(t *typ, ops []string, depth int) string {
	return fmt.Sprintf("(%s %s %s)", g.leaf(t), pick(g, ops), g.expr(t, depth-1))
}

func (g *gen) integer(t *typ, depth int) string {
	switch g.r.IntN(16) {
	case 0, 1, 2:
		return g.binary(t, []string{"+", "-", "*"}, depth)
	case 3, 4:
		return g.binary(t, []string{"&", "|", "^", "&^"}, depth)
	case 5:
		return fmt.Sprintf("(%s %s (%s | 1))", g.expr(t, depth-1), pick(g, []string{"/", "%"}), g.leaf(t))
	case 6:
		if g.risk > 0 {
			g.risk--
			return fmt.Sprintf("(%s %s %s)", g.leaf(t), pick(g, []string{"/", "%"}), g.leaf(t))
		}
		return fmt.Sprintf("(%s %s %s)", g.leaf(t), pick(g, []string{"/", "%"}), strconv.Itoa(1+g.r.IntN(100)))
	case 7:
		return fmt.Sprintf("(%s %s %s)", g.expr(t, depth-1), pick(g, []string{"<<", ">>"}), g.shiftCount(t))
	case 8: // an untyped constant, shifted: it takes the type of its context
		return fmt.Sprintf("(%s %s 1<<%s)", g.leaf(t), pick(g, []string{"+", "|", "^"}), g.shiftCount(t))
	case 9:
		return pick(g, []string{"-", "^", "+"}) + g.leaf(t)
	case 10:
		from := pick(g, basicTypes[:13])
		return g.convert(t, g.expr(from, depth-1), from)
	case 11:
		return fmt.Sprintf("%s(%s(%s, %s))", "", pick(g, []string{"min", "max"}), g.leaf(t), g.expr(t, depth-1))
	case 12:
		if v := g.measured(); v != nil {
			return fmt.Sprintf("%s(%s)", t.name, measure(v.name, v.typ))
		}
	case 13:
		for _, n := range g.named {
			if n.method != "" && g.one(2) {
				return fmt.Sprintf("%s(%s.%s())", t.name, g.operand(n), n.method)
			}
		}
	}
	return g.callOr(t, depth)
}

// operand is a value of the type t on which a method can be called.
func (g *gen) operand(t *typ) string {
	if s := g.place(t, false); s != "" {
		return s
	}
	if t.kind == structKind {
		return g.literal(t)
	}
	return fmt.Sprintf("%s(%s)", t.name, g.literal(t))
}

func (g *gen) measured() *variable {
	var list []*variable
	for _, v := range g.scope {
		if v.typ.kind == stringKind || v.typ.kind >= arrayKind && v.typ.kind <= mapKind {
			list = append(list, v)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return pick(g, list)
}

func (g *gen) shiftCount(t *typ) string {
	switch g.r.IntN(4) {
	case 0:
		return strconv.Itoa(g.r.IntN(t.bits))
	case 1:
		u := pick(g, basicTypes[5:10])
		return fmt.Sprintf("%s & %d", g.paren(g.leaf(u)), t.bits-1) + ""
	case 2:
		if g.risk > 0 {
			g.risk--
			return g.paren(g.leaf(pick(g, basicTypes[:5]))) // a panic where it is negative
		}
	}
	return g.paren(g.leaf(pick(g, basicTypes[6:8])))
}

func (g *gen) paren(s string) string { return "(" + s + ")" }

func (g *gen) float(t *typ, depth int) string {
	switch g.r.IntN(9) {
	case 0, 1:
		return g.binary(t, []string{"+", "-", "/"}, depth)
	case 2, 3: // converted, so that no processor fuses it with a sum
		return fmt.Sprintf("%s(%s * %s)", t.name, g.expr(t, depth-1), g.leaf(t))
	case 4:
		return "-" + g.leaf(t)
	case 5:
		from := pick(g, basicTypes[:13])
		return g.convert(t, g.expr(from, depth-1), from)
	case 6:
		if t.basic && t.bits == 64 {
			return fmt.Sprintf("math.%s(%s)", pick(g, []string{"Floor", "Abs", "Sqrt", "Trunc", "Ceil"}), g.expr(t, depth-1))
		}
		return fmt.Sprintf("%s(%s, %s)", pick(g, []string{"min", "max"}), g.leaf(t), g.expr(t, depth-1))
	case 7:
		c := basicTypes[13]
		if t.bits == 32 {
			c = basicTypes[14]
		}
		return fmt.Sprintf("%s(%s(%s))", t.name, pick(g, []string{"real", "imag"}), g.expr(c, depth-1))
	}
	return g.callOr(t, depth)
}

func (g *gen) complex(t *typ, depth int) string {
	part := tFloat64
	if t.bits == 64 {
		part = basicTypes[12]
	}
	switch g.r.IntN(5) {
	case 0, 1:
		return g.binary(t, []string{"+", "-"}, depth)
	case 2:
		return fmt.Sprintf("%s(complex(%s, %s))", t.name, g.expr(part, depth-1), g.leaf(part))
	case 3:
		return "-" + g.leaf(t)
	}
	return g.callOr(t, depth)
}

func (g *gen) text(t *typ, depth int) string {
	switch g.r.IntN(10) {
	case 0, 1, 2:
		return fmt.Sprintf("%s(cut(string(%s) + string(%s)))", t.name, g.leaf(t), g.expr(t, depth-1))
	case 3:
		x := g.leaf(t)
		return fmt.Sprintf("%s[:min(len(%s), %d)]", x, x, g.r.IntN(5))
	case 4:
		return fmt.Sprintf("%s(strings.%s(string(%s)))", t.name, pick(g, []string{"ToUpper", "ToLower", "TrimSpace", "Title"}[:3]), g.expr(t, depth-1))
	case 5:
		return fmt.Sprintf("%s(rune(%s & 0x3ff))", t.name, g.leaf(tInt))
	case 6:
		return fmt.Sprintf("%s([]%s(%s))", t.name, pick(g, []string{"byte", "rune"}), g.expr(t, depth-1))
	case 7:
		o := g.anyType(1)
		if o.printable() {
			return fmt.Sprintf("%s(cut(fmt.Sprint(%s)))", t.name, g.expr(o, depth-1))
		}
	case 8:
		return fmt.Sprintf("%s(strconv.Itoa(%s))", t.name, g.expr(tInt, depth-1))
	}
	return g.callOr(t, depth)
}

func (g *gen) boolean(t *typ, depth int) string {
	switch g.r.IntN(6) {
	case 0, 1:
		for range 5 {
			o := g.anyType(1)
			if o.ordered() {
				return fmt.Sprintf("%s(%s %s %s)", t.name, g.leaf(o), pick(g, []string{"<", "<=", ">", ">=", "==", "!="}), g.expr(o, depth-1))
			}
		}
	case 2:
		for range 5 {
			o := g.anyType(1)
			if o.comparable() {
				return fmt.Sprintf("%s((%s) %s (%s))", t.name, g.leaf(o), pick(g, []string{"==", "!="}), g.leaf(o))
			}
		}
	case 3, 4:
		return g.binary(t, []string{"&&", "||"}, depth)
	case 5:
		return "!" + g.leaf(t)
	}
	return g.callOr(t, depth)
}

// callOr is a call that returns t, a function literal, or a leaf.
func (g *gen) callOr(t *typ, depth int) string {
	if !g.noCalls && depth > 0 && g.loops < 2 {
		for _, f := range g.funcs {
			if f.result.name != t.name || f.risky && g.risk <= 0 {
				continue
			}
			if f.risky {
				g.risk--
			}
			args := make([]string, len(f.params))
			for i, p := range f.params {
				args[i] = g.expr(p, depth-1)
			}
			return fmt.Sprintf("%s(%s)", f.name, strings.Join(args, ", "))
		}
	}
	switch g.r.IntN(6) {
	case 0:
		return fmt.Sprintf("func() %s {\n%s\tif %s {\n%s\t\treturn %s\n%s\t}\n%s\treturn %s\n%s}()", t.name, g.indent, g.expr(tBool, depth-1), g.indent, g.leaf(t), g.indent, g.indent, g.leaf(t), g.indent)
	case 1:
		return fmt.Sprintf("any(%s).(%s)", g.leaf(t), t.name)
	}
	return g.leaf(t)
}
