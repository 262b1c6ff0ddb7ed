// Package syntax looks at the text of a notebook cell: whether it is whole,
// begun, or wrong, which a console asks before it runs what was typed; and
// whether it is of a size and depth that a compiler should be given at all.
package syntax

import (
	"fmt"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// Status says what a cell's text is.
type Status string

// The answers, in the words of Jupyter's protocol.
const (
	Complete   Status = "complete"
	Incomplete Status = "incomplete"
	Invalid    Status = "invalid"
)

// Check returns the status of a cell and, of an incomplete one, the white space
// to begin its next line with.
func Check(code string) (Status, string) {
	code = WithoutCommands(code)
	toks, state := scan(code)
	if state != Complete {
		return state, indent(toks, state)
	}
	open, ok := brackets(toks)
	switch {
	case !ok:
		return Invalid, ""
	case open > 0 || endsOpen(toks):
		return Incomplete, indent(toks, Incomplete)
	}
	for _, s := range statements(code, toks) {
		if !parses(s) {
			return Invalid, ""
		}
	}
	return Complete, ""
}

// WithoutCommands empties the leading lines that are commands of the kernel's,
// % and $, so that lines keep their numbers.
func WithoutCommands(code string) string {
	lines := strings.Split(code, "\n")
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '%' && line[0] != '$' {
			break
		}
		lines[i] = ""
	}
	return strings.Join(lines, "\n")
}

// tok is a token with its place in the text.
type tok struct {
	token.Token
	lit      string
	from, to int
}

// scan returns the tokens, and Incomplete or Invalid where the text ends inside
// of one or holds what is none.
func scan(code string) ([]tok, Status) {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(code))
	state := Complete
	var s scanner.Scanner
	s.Init(file, []byte(code), func(pos token.Position, msg string) {
		if state == Complete {
			state = badToken(code, pos.Offset, msg)
		}
	}, 0)
	var out []tok
	for {
		pos, t, lit := s.Scan()
		if t == token.EOF {
			return out, state
		}
		text := lit
		if text == "" || t == token.SEMICOLON {
			text = t.String()
		}
		from := file.Offset(pos)
		out = append(out, tok{t, lit, from, min(from+len(text), len(code))})
	}
}

// badToken tells a token that the end of the text cuts off from a wrong one. A
// raw string and a comment may go on in the next line, a string in quotes in
// the last line only.
func badToken(code string, offset int, msg string) Status {
	switch {
	case strings.HasPrefix(msg, "raw string literal not terminated"), strings.HasPrefix(msg, "comment not terminated"):
		return Incomplete
	case strings.HasPrefix(msg, "string literal not terminated") && !strings.Contains(code[offset:], "\n"):
		return Incomplete
	}
	return Invalid
}

var closers = map[token.Token]token.Token{token.RPAREN: token.LPAREN, token.RBRACK: token.LBRACK, token.RBRACE: token.LBRACE}

// brackets counts those that stay open; a wrong one gives false.
func brackets(toks []tok) (open int, ok bool) {
	var stack []token.Token
	for _, t := range toks {
		switch t.Token {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			stack = append(stack, t.Token)
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(stack) == 0 || stack[len(stack)-1] != closers[t.Token] {
				return 0, false
			}
			stack = stack[:len(stack)-1]
		}
	}
	return len(stack), true
}

// endsOpen reports whether the last token asks for another.
func endsOpen(toks []tok) bool {
	for len(toks) > 0 && toks[len(toks)-1].Token == token.SEMICOLON && toks[len(toks)-1].lit == "\n" {
		toks = toks[:len(toks)-1]
	}
	if len(toks) == 0 {
		return false
	}
	switch t := toks[len(toks)-1].Token; t {
	case token.INC, token.DEC, token.RPAREN, token.RBRACK, token.RBRACE, token.SEMICOLON, token.BREAK, token.CONTINUE, token.FALLTHROUGH, token.RETURN:
		return false
	case token.COLON:
		return true // a label, whose statement follows
	default:
		return t.IsOperator() || t.IsKeyword()
	}
}

// indent is the white space of the line to come: a tab for each open bracket.
func indent(toks []tok, state Status) string {
	if state != Incomplete {
		return ""
	}
	open, ok := brackets(toks)
	if !ok {
		return ""
	}
	return strings.Repeat("\t", open)
}

// statements cuts the text at the semicolons outside of brackets and of the
// heads of for, if and switch.
func statements(code string, toks []tok) [][]byte {
	var out [][]byte
	depth, from, head := 0, 0, false
	for _, t := range toks {
		switch t.Token {
		case token.FOR, token.IF, token.SWITCH:
			head = head || depth == 0
		case token.LPAREN, token.LBRACK, token.LBRACE:
			if t.Token == token.LBRACE && depth == 0 {
				head = false
			}
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
		case token.SEMICOLON:
			if depth == 0 && !head {
				out = append(out, []byte(code[from:t.from]))
				from = t.to
			}
		}
	}
	return append(out, []byte(code[from:]))
}

// parses reports whether a statement or declaration is one by its grammar.
func parses(s []byte) bool {
	const file, body = "package p\n", "package p\nfunc _() {\n"
	src := append([]byte(body), append(s, "\n}"...)...)
	if topLevel(s) {
		src = append([]byte(file), s...)
	}
	_, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	return err == nil
}

// topLevel reports whether a statement is an import or declares a function or
// method, which no function body may hold.
func topLevel(s []byte) bool {
	toks, _ := scan(string(s))
	if len(toks) < 2 || toks[0].Token != token.FUNC {
		return len(toks) > 0 && toks[0].Token == token.IMPORT
	}
	if toks[1].Token == token.IDENT {
		return true
	}
	depth := 0
	for i, t := range toks[1:] {
		switch t.Token {
		case token.LPAREN:
			depth++
		case token.RPAREN:
			if depth--; depth == 0 { // the receiver, and the method's name
				return i+3 < len(toks) && toks[i+2].Token == token.IDENT && toks[i+3].Token == token.LPAREN
			}
		}
	}
	return false
}

// Bounds of a cell.
const (
	MaxBytes = 1_000_000
	MaxDepth = 5000 // of brackets, and of operators before one operand
)

// Refuse returns why a cell is given to no compiler, or nil. It takes time in
// proportion to the cell's length, up to MaxBytes.
func Refuse(code string) error {
	if len(code) >= MaxBytes {
		return fmt.Errorf("the cell has %d bytes; a cell may have fewer than %d", len(code), MaxBytes)
	}
	toks, _ := scan(code)
	depth, run := 0, 0
	for _, t := range toks {
		switch t.Token {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth++
			run++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
			if t.Token == token.RBRACE {
				run = 0
			}
		case token.ADD, token.SUB, token.NOT, token.XOR, token.MUL, token.AND, token.ARROW, token.CHAN, token.FUNC, token.MAP, token.ELSE, token.IF:
			run++
		case token.SEMICOLON, token.COMMA, token.IDENT, token.INT, token.FLOAT, token.IMAG, token.CHAR, token.STRING:
			run = 0
		}
		if max(depth, run) > MaxDepth {
			line := 1 + strings.Count(code[:t.from], "\n")
			return &DepthError{line}
		}
	}
	if n := elseChain(toks); n > MaxDepth {
		return fmt.Errorf("a chain of %d else branches is too long", n)
	}
	return nil
}

// DepthError is that of a cell which nests too deeply.
type DepthError struct{ Line int }

// Error says how deep a cell may nest.
func (e *DepthError) Error() string {
	return fmt.Sprintf("the expression or block nests more than %d deep", MaxDepth)
}

// elseChain is the length of the longest chain of "} else if".
func elseChain(toks []tok) int {
	longest, run := 0, 0
	for i, t := range toks {
		switch {
		case t.Token == token.ELSE && i > 0 && toks[i-1].Token == token.RBRACE:
			run++
			longest = max(longest, run)
		case t.Token == token.SEMICOLON && i > 0 && toks[i-1].Token == token.RBRACE:
			run = 0
		}
	}
	return longest
}
