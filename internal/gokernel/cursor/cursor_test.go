package cursor

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// at splits a text at the mark | into the text and the mark's offset.
func at(s string) (string, int) {
	i := strings.IndexByte(s, '|')
	return s[:i] + s[i+1:], i
}

func TestOperand(t *testing.T) {
	for _, c := range []struct {
		in, want string
		dotted   bool
	}{
		{"stat.|Mean", "stat", true},
		{"x + p.Title.|", "p.Title", true},
		{"f(a, b).|", "f(a, b)", true},
		{"xs[i+1].|", "xs[i+1]", true},
		{"m[k](3).y.|", "m[k](3).y", true},
		{`strings.NewReader("a.b(").|`, `strings.NewReader("a.b(")`, true},
		{"T{1, 2}.|", "T{1, 2}", true},
		{"y := &T{1}.|", "&T{1}", true},
		{"v.(*mat.Dense).|", "v.(*mat.Dense)", true},
		{"df.\n\tFilter(x).\n\t|", "df.\n\tFilter(x)", true},
		{"f(g(x).|", "g(x)", true},
		{"é.|", "é", true},
		{"foo|", "", false},
		{"|", "", false},
		{".|", "", true},
		{").|", "", true},
		{"a + .|", "", true},
	} {
		code, pos := at(c.in)
		got, dotted := Operand(code, pos)
		if got != c.want || dotted != c.dotted {
			t.Errorf("Operand(%q) = %q, %v; want %q, %v", c.in, got, dotted, c.want, c.dotted)
		}
	}
}

func TestLiteral(t *testing.T) {
	for in, want := range map[string]string{
		"figure.ScatterConfig{|":                       "figure.ScatterConfig",
		"figure.ScatterConfig{Ti|":                     "figure.ScatterConfig",
		"x := figure.ScatterConfig{Title: \"a, {\", |": "figure.ScatterConfig",
		"f(x, &T{A: g(1, 2), B: []int{1}, \n\tC|":      "T",
		"T{A: U{1}, |":                                 "T",
		"T{A: U{|":                                     "U",
		"T{A: |":                                       "",
		"T{A: x.|":                                     "",
		"f(a, |":                                       "",
		"func f() T {|":                                "",
		"[]T{|":                                        "",
		"x|":                                           "",
		"|":                                            "",
		"map[string]int{\"a\": 1, |":                   "",
	} {
		code, pos := at(in)
		start, _ := WordAround(code, pos)
		if got, ok := Literal(code, start); got != want || ok != (want != "") {
			t.Errorf("Literal(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
}

func TestWordAround(t *testing.T) {
	for in, want := range map[string]string{
		"stat.Me|an(x)": "Mean", "|abc d": "abc", "abc| d": "abc", "a + |": "", "größe|": "größe", "|": "",
	} {
		code, pos := at(in)
		start, end := WordAround(code, pos)
		if code[start:end] != want {
			t.Errorf("WordAround(%q) = %q, want %q", in, code[start:end], want)
		}
	}
}

func TestEnclosingCall(t *testing.T) {
	for in, want := range map[string]string{
		"stat.Mean(|)": "stat.Mean", "f(g(1), |": "f", "f(g(|": "f(g", "x := |": "x := ", "f (|": "f",
	} {
		code, pos := at(in)
		if got := code[:EnclosingCall(code, pos)]; got != want {
			t.Errorf("EnclosingCall(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestInsideImport(t *testing.T) {
	for in, want := range map[string]string{
		`import "gonum.org/|`:                  "gonum.org/",
		`import p "gon|`:                       "gon",
		"import (\n\t\"fmt\"\n\tq \"math/|":    "math/",
		`import ("|`:                           "",
		`x := "gonum.org/|`:                    "-",
		"import (\n\t\"fmt\"\n)\nf(\"a\", \"|": "-",
		"import \"fmt\"\n\"abc|":               "-",
	} {
		code, pos := at(in)
		start, ok := InsideImport(code, pos)
		got := "-"
		if ok {
			got = code[start:pos]
		}
		if got != want {
			t.Errorf("InsideImport(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestByteOffset(t *testing.T) {
	for _, c := range []struct {
		s           string
		chars, want int
	}{{"aéb", 0, 0}, {"aéb", 2, 3}, {"aéb", 3, 4}, {"aéb", 99, 4}, {"", 1, 0}, {"ab", -1, 0}} {
		if got := ByteOffset(c.s, c.chars); got != c.want {
			t.Errorf("ByteOffset(%q, %d) = %d, want %d", c.s, c.chars, got, c.want)
		}
	}
}

// FuzzAll: any text and offset gives positions inside the text.
func FuzzAll(f *testing.F) {
	for _, s := range []string{"stat.Mean(x, ", `f("a)".g[`, "import (\n\"", "a.b().c{d}.", ")]}.", "'\"`."} {
		f.Add(s, utf8.RuneCountInString(s))
	}
	f.Fuzz(func(t *testing.T, s string, chars int) {
		pos := ByteOffset(s, chars)
		start, end := WordAround(s, pos)
		if start < 0 || start > pos || end < pos || end > len(s) {
			t.Fatalf("WordAround(%q, %d) = %d, %d", s, pos, start, end)
		}
		if op, ok := Operand(s, start); !strings.Contains(s, op) || ok && !strings.Contains(s[:start], ".") {
			t.Fatalf("Operand(%q, %d) = %q, %v", s, start, op, ok)
		}
		if p := EnclosingCall(s, pos); p < 0 || p > pos {
			t.Fatalf("EnclosingCall(%q, %d) = %d", s, pos, p)
		}
		if p, ok := InsideImport(s, pos); ok && (p < 0 || p > pos) {
			t.Fatalf("InsideImport(%q, %d) = %d", s, pos, p)
		}
	})
}
