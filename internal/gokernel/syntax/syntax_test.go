package syntax

import (
	"strings"
	"testing"
	"time"
)

func TestCheck(t *testing.T) {
	for status, samples := range map[Status][]string{
		Complete: {
			"x := 1", "", "// comment", "import \"fmt\"", "import (\n\t\"fmt\"\n\t\"os\"\n)\nfmt.Println(1)", "func f() int { return 1 }\nf()",
			"func (t *T) m(a, b int) (int, error) { return 0, nil }", "type T struct {\n\ta int\n}", "x++", "for i := range 3 {\n}", "func() {}()",
			"f := func() {}", "if a {\n} else {\n}", "%packages gonum\nx := 1", "$echo hi", "%cd (", "m := map[string]int{\n\t`a`: 1,\n}", "`a\nb`",
			"func g[T any](x T) T { return x }", "type L[T any] struct{ v T }", "x.y\n\n", "return", "again:\n\tx++", "select {}", "go f()", "`(`", "\"{\"", "'('",
			"a := 1; b := 2", "var x, y = 1, 2", "const (\n\ta = iota\n\tb\n)", "p.a.b[1](2)", "x = -1", "<-c", "c <- 1",
			"for i := 0; i < 3; i++ {\n}", "for ; ; {\n}", "if x := f(); x {\n}\ny := 1", "switch x := 1; x {\ncase 1:\n}", "outer:\n\tfor i := 0; i < 1; i++ {\n\t}\nx := 1",
			"if a {\n} else if b := f(); b {\n}", "a := 1; for i := 0; i < a; i++ { f() }; b := 2",
		},
		Incomplete: {
			"for {", "x :=", "x := 1 +", "f(1,", "fmt.Println(`a", "s := \"abc", "/* a", "if x {\n\ty := 1", "a && ", "p.", "x.\n", "func f(", "import (",
			"type T struct {", "[]int{1,\n2,", "switch x {\ncase 1:", "return func() {", "func", "var", "x := 1\ny := x *\n", "if a {\n} else", "again:",
			"map[string]int{", "go", "c <-", "x :=\n\n", "f(\n\t1,\n\t2,\n", "m := map[string][]int{\n\t`a`: {1,\n", "$ls\nfor {",
		},
		Invalid: {
			"x = = 1", ")", "f(]", "for }", "x := 1 y := 2", "func f() { return", "if { } }", "\"abc\nx := 1", "'ab'", "x := := 2", "import fmt",
			"func 3() {}", "var 1x = 2", "a b c", "else {}", "case 1:\nx", "@", "type = 3", "package p; }", "x := 08", "goto", "1 = ",
		},
	} {
		for _, code := range samples {
			got, _ := Check(code)
			switch code {
			case "func f() { return", "goto", "1 = ": // they could go on
				if got != Incomplete {
					t.Errorf("Check(%q) = %s, want incomplete", code, got)
				}
				continue
			}
			if got != status {
				t.Errorf("Check(%q) = %s, want %s", code, got, status)
			}
		}
	}
}

func TestIndent(t *testing.T) {
	for code, want := range map[string]string{"for {": "\t", "if a {\n\tf(": "\t\t", "x :=": "", "for {\n}\nif b {": "\t"} {
		if s, got := Check(code); s != Incomplete || got != want {
			t.Errorf("Check(%q) = %s, %q; want an indent of %q", code, s, got, want)
		}
	}
}

// TestRefuse checks that inputs made to be hard are refused at once, and
// ordinary ones are not.
func TestRefuse(t *testing.T) {
	deep := strings.Repeat
	for name, code := range map[string]string{
		"parentheses":  "x := " + deep("(", 200_000) + "1" + deep(")", 200_000),
		"unclosed":     deep("[", 200_000),
		"blocks":       deep("{", 200_000) + deep("}", 200_000),
		"calls":        deep("f(", 200_000) + deep(")", 200_000),
		"minus":        "x := " + deep("- ", 200_000) + "1",
		"dereferences": "x := " + deep("*", 200_000) + "p",
		"types":        "var x " + deep("[]", 200_000) + "int",
		"channels":     "var x " + deep("chan ", 100_000) + "int",
		"functions":    "var x " + deep("func() ", 100_000),
		"else":         "if a {}" + deep(" else if a {}", 60_000),
		"long":         deep("x++\n", 300_000),
		"pointers":     "var x " + deep("*", 200_000) + "int",
		"literals":     "x := " + deep("[]any{", 100_000) + deep("}", 100_000),
	} {
		start := time.Now()
		if err := Refuse(code); err == nil {
			t.Errorf("%s: not refused", name)
		}
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%s: refused after %v", name, d)
		}
	}
	for name, code := range map[string]string{
		"3,000 parentheses": "x := " + deep("(", 3000) + "1" + deep(")", 3000),
		"20,000 terms":      "1" + deep("+1", 20_000),
		"2,000 nested ifs":  deep("if a {\n", 2000) + deep("}\n", 2000),
		"a large table":     "x := [][]int{" + deep("{1, -2, 3},\n", 50_000) + "}",
		"many statements":   deep("x := -1\n", 100_000),
		"many ifs":          deep("if a {\n} else {\n}\n", 20_000),
		"signs":             "x := " + deep("1 + -1 + ", 20_000) + "1",
	} {
		if err := Refuse(code); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
