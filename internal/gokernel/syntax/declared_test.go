package syntax

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestInText(t *testing.T) {
	for _, c := range []struct {
		code string // with | at the cursor
		want bool
	}{
		{"// strings.T|", true}, {"\"strings.T|", true}, {"x := 1 // a\nstrings.T|", false}, {"`a\nb|", true}, {"`a\nb`|", false}, {"/* a\n b|", true}, {"/* a */ b|", false},
		{"\"a\\\"b|", true}, {"\"a\" + b|", false}, {"'\"' + b|", false}, {"\"unclosed\nb|", false}, {"|", false}, {"a / b|", false}, {"\"//\" + b|", false}, {"`//` + b|", false}, {"'a|", true},
	} {
		code, after, _ := strings.Cut(c.code, "|")
		if got := InText(code+after, len(code)); got != c.want {
			t.Errorf("InText(%q) = %t", c.code, got)
		}
	}
}

func TestDeclared(t *testing.T) {
	for code, want := range map[string]string{
		"grö := 2\nx := gr": "grö x",
		"a, b := 1, 2\nvar c, d = 3, 4\nconst e = 5\ntype T int\n(": "T a b c d e",
		"func f(p int) int { q := 1; return q }\nf":                 "f",
		"func f(p int, s string) {\n\tq := 1\n\tq": "f p q s",
		"for i, x := range xs {\n\ty := x\n\t":                      "i x y",
		"for i := 0; i < 3; i++ {\n\t":                              "i",
		"if v, err := f(); err != nil {\n\t":                        "err v",
		"import s \"strings\"\ns.":                                  "s",
		"f := func(a, b float64) float64 {\n\tc := a\n\treturn ":    "a b c",
		"_ = 1\n_, z := 1, 2\n":                                     "z",
		"func (t *T) m(a int) {\n\tt.":                              "a t",
	} {
		got := strings.Join(slices.Sorted(maps.Keys(Declared(code))), " ")
		if got != want {
			t.Errorf("Declared(%q) = %q, want %q", code, got, want)
		}
	}
}

func TestMembers(t *testing.T) {
	const decl = "type B struct{ n int }\ntype T struct {\n\tA, b int\n\tB\n\tnext *T\n}\nfunc (t *T) Get() int { return t.A }\nfunc (b B) base() {}\ntype I interface{ M(); N() }\n"
	for _, c := range []struct{ code, operand, want string }{
		{"t := T{}\nt.", "t", "A B Get b base n next"}, {"t := &T{A: 1}\n", "t", "A B Get b base n next"}, {"var t *T\n", "t", "A B Get b base n next"},
		{"t := new(T)\n", "t.B", ""}, {"ts := []T{}\n", "ts[0]", "A B Get b base n next"}, {"m := map[string]*B{}\n", "m[k]", "base n"}, {"for _, x := range []B{} {\n\tx.", "x", "base n"},
		{"func f(p *B) {\n\tp.", "p", "base n"}, {"var i I\n", "i", "M N"}, {"t := T{}\n", "t.next", "A B Get b base n next"}, {"u := unknown()\n", "u", ""}, {"", "T{}", "A B Get b base n next"},
		{"ts := make([]B, 3)\n", "ts[1]", "base n"}, {"a := T{}\nb := a\n", "b", "A B Get b base n next"}, {"a := b\nb := a\n", "a", ""},
	} {
		got := strings.Join(slices.Sorted(maps.Keys(Members(decl+c.code, c.operand))), " ")
		if got != c.want {
			t.Errorf("Members(%q, %q) = %q, want %q", c.code, c.operand, got, c.want)
		}
	}
}
