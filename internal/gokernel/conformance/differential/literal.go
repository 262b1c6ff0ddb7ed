package differential

import (
	"fmt"
	"strconv"
	"strings"
)

// Literals, and values that are as good as literals.

// composite is a struct, array, slice, map or pointer.
func (g *gen) composite(t *typ, depth int) string {
	if g.one(3) {
		return g.callOr(t, depth)
	}
	if s := g.place(t, false); s != "" && g.one(2) {
		if t.kind == sliceKind {
			return fmt.Sprintf("append(%s(nil), %s...)", t.name, s)
		}
		return s
	}
	return g.literal(t)
}

// literal is a value of t written out.
func (g *gen) literal(t *typ) string {
	switch t.kind {
	case intKind:
		return t.name + "(" + g.intLiteral(t.bits, true) + ")"
	case uintKind:
		return t.name + "(" + g.intLiteral(t.bits, false) + ")"
	case floatKind:
		return fmt.Sprintf("%s(%s)", t.name, pick(g, []string{"0", "1.5", "-2.25", "0.1", "3", "1e10", "-7e-3", "123456.789", "1.0 / 3", "16777217"}))
	case complexKind:
		return fmt.Sprintf("%s(%s)", t.name, pick(g, []string{"0", "1i", "1 + 2i", "-0.5i", "3", "2.5 - 1.25i"}))
	case stringKind:
		return t.name + "(" + pick(g, []string{`""`, `"a"`, `"hello"`, `"größe"`, `"x\x00y"`, "`raw\\n`", `"日本"`, `"-12"`, `"\xff"`}) + ")"
	case boolKind:
		return t.name + "(" + pick(g, []string{"true", "false"}) + ")"
	case structKind:
		var parts []string
		keyed := g.one(2)
		for _, f := range t.fields {
			if keyed && g.one(3) {
				continue
			}
			v := g.expr(f.typ, 0)
			if keyed {
				v = f.name + ": " + v
			}
			parts = append(parts, v)
		}
		return t.name + "{" + strings.Join(parts, ", ") + "}"
	case arrayKind, sliceKind:
		n := t.n
		if t.kind == sliceKind {
			n = g.r.IntN(5)
		} else {
			n = g.r.IntN(n + 1)
		}
		parts := make([]string, n)
		for i := range parts {
			parts[i] = g.expr(t.elem, 0)
		}
		return t.name + "{" + strings.Join(parts, ", ") + "}"
	case mapKind:
		var parts []string
		for _, k := range g.keys(t.key) {
			parts = append(parts, k+": "+g.expr(t.elem, 0))
		}
		return t.name + "{" + strings.Join(parts, ", ") + "}"
	case pointerKind:
		return "&" + g.literal(t.elem)
	}
	return "nil"
}

// zeroOr is a literal that needs no variables.
func (g *gen) zeroOr(t *typ) string {
	if t.kind >= sliceKind {
		return "nil"
	}
	if t.kind >= structKind {
		return t.name + "{}"
	}
	return g.literal(t)
}

// keys are different constants.
func (g *gen) keys(t *typ) []string {
	all := []string{"1", "2", "3", "100"}
	switch t.kind {
	case stringKind:
		all = []string{`"a"`, `"b"`, `"größe"`, `""`}
	case boolKind:
		all = []string{"true", "false"}
	}
	return all[:g.r.IntN(len(all)+1)]
}

func (g *gen) intLiteral(bits int, signed bool) string {
	switch g.r.IntN(6) {
	case 0:
		if signed {
			return fmt.Sprintf("-1 << %d", bits-1)
		}
		return fmt.Sprintf("1<<%d - 1", bits)
	case 1:
		if signed {
			return fmt.Sprintf("1<<%d - 1", bits-1)
		}
		return fmt.Sprintf("1 << %d", bits-1)
	case 2:
		if signed {
			return strconv.Itoa(-1 - g.r.IntN(100))
		}
	case 3:
		return "0x" + strconv.FormatInt(int64(g.r.IntN(127)), 16)
	}
	return strconv.Itoa(g.r.IntN(12))
}
