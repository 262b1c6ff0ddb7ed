package session

import (
	"go/token"
	"strings"
)

// IsComplete reports whether a cell can be run as it stands: "complete",
// "incomplete", with the indentation of the line to come, or "invalid".
func IsComplete(code string) (status, indent string) {
	toks, serr := scan("cell", code)
	depth := 0
	for _, t := range toks {
		switch t.tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
		}
	}
	switch {
	case serr != nil && (strings.Contains(serr.Msg, "not terminated") && strings.Contains(code, "`") || strings.Contains(serr.Msg, "comment not terminated")):
		return "incomplete", ""
	case serr != nil:
		return "invalid", ""
	case depth > 0:
		return "incomplete", strings.Repeat("\t", depth)
	case depth < 0:
		return "invalid", ""
	}
	last := token.SEMICOLON
	for _, t := range toks {
		if t.tok != token.EOF {
			last = t.tok
		}
	}
	if last != token.SEMICOLON && last != token.EOF {
		return "incomplete", "" // an operator, a comma, a keyword
	}
	return "complete", ""
}
