package syntax

import (
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
