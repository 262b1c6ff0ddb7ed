package session

import (
	"go/ast"
	"regexp"
	"strings"
)

// The few messages that go/types words otherwise than the compiler does.
var compilerWords = []struct {
	typesSays *regexp.Regexp
	compiler  string
}{
	{regexp.MustCompile(`^break not in for, switch, or select statement$`), "break is not in a loop, switch, or select"},
	{regexp.MustCompile(`^continue not in for statement$`), "continue is not in a loop"},
	{regexp.MustCompile(`^label (\S+) declared and not used$`), "label $1 defined and not used"},
	{regexp.MustCompile(`^label (\S+) not declared$`), "label $1 not defined"},
}

// worded returns a message of go/types as the compiler words it.
func (b *builder) worded(msg string) string {
	msg = clean(msg)
	for _, w := range compilerWords {
		msg = w.typesSays.ReplaceAllString(msg, w.compiler)
	}
	if m := invalidLabel.FindStringSubmatch(msg); m != nil && !b.hasLabel(m[2]) {
		msg = m[1] + " label not defined: " + m[2]
	}
	return msg
}

var invalidLabel = regexp.MustCompile(`^invalid (break|continue) label (\S+)$`)

func (b *builder) hasLabel(name string) (found bool) {
	b.inspect(func(n ast.Node) {
		if l, ok := n.(*ast.LabeledStmt); ok && l.Label.Name == name {
			found = true
		}
	})
	return found
}

// syntaxError words a message of the parser.
func syntaxError(msg string) string {
	if strings.HasPrefix(msg, "expression in ") { // of go and defer: the compiler's checker says it
		return msg
	}
	return "syntax error: " + msg
}
