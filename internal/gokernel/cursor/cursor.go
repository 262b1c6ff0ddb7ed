// Package cursor finds out, from the text of a notebook cell alone, what the
// cursor is at: the word, the operand of a selector, the call, the import.
// Cells under the cursor are seldom complete, so it reads them backwards and
// does without a parser. Positions are byte offsets.
package cursor

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// WordAround returns the bounds of the identifier around or just before pos.
func WordAround(code string, pos int) (start, end int) {
	start, end = pos, pos
	for start > 0 {
		r, size := utf8.DecodeLastRuneInString(code[:start])
		if !identRune(r) {
			break
		}
		start -= size
	}
	for end < len(code) {
		r, size := utf8.DecodeRuneInString(code[end:])
		if !identRune(r) {
			break
		}
		end += size
	}
	return start, end
}

func identRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// Operand returns the source of the expression before the dot that
// precedes start, and false where there is no dot.
func Operand(code string, start int) (string, bool) {
	i := skipSpaceBack(code, start)
	if i == 0 || code[i-1] != '.' {
		return "", false
	}
	end := skipSpaceBack(code, i-1)
	begin := end
	for {
		j := begin
		// calls, indexes, literals and assertions: balanced brackets
		for j > 0 && strings.IndexByte(")]}", code[j-1]) >= 0 {
			k := matching(code, j-1)
			if k < 0 {
				return "", true
			}
			j = k
		}
		w, _ := WordAround(code[:j], j)
		if w == j && j == begin {
			return "", true // nothing that could be an operand
		}
		begin = w
		d := skipSpaceBack(code, begin)
		if d == 0 || code[d-1] != '.' {
			break
		}
		begin = skipSpaceBack(code, d-1)
	}
	if begin > 0 && code[begin-1] == '&' {
		begin-- // &T{...}
	}
	return code[begin:end], true
}

func skipSpaceBack(s string, i int) int {
	for i > 0 && strings.IndexByte(" \t\r\n", s[i-1]) >= 0 {
		i--
	}
	return i
}

// matching returns the index of the bracket that opens the one at close, or
// -1. Brackets in strings count only where they are balanced themselves.
func matching(s string, close int) int {
	depth := 0
	for i := close; i >= 0; i-- {
		switch s[i] {
		case ')', ']', '}':
			depth++
		case '(', '[', '{':
			if depth--; depth == 0 {
				return i
			}
		case '"', '`', '\'':
			if j := strings.LastIndexByte(s[:i], s[i]); j >= 0 && i != close {
				i = j
			}
		}
	}
	return -1
}

// Literal returns the type of the composite literal around start, as it is written, where
// a field may be named at start: behind its opening brace or a comma.
func Literal(code string, start int) (typ string, ok bool) {
	i := skipSpaceBack(code, start)
	if i == 0 || code[i-1] != '{' && code[i-1] != ',' {
		return "", false
	}
	for i > 0 && code[i-1] != '{' {
		switch code[i-1] {
		case ')', ']', '}', '"', '`', '\'':
			k := strings.LastIndexByte(code[:i-1], code[i-1]) // of a string
			if strings.IndexByte(")]}", code[i-1]) >= 0 {
				k = matching(code, i-1)
			}
			if k < 0 {
				return "", false
			}
			i = k
		case '(', '[':
			return "", false // an argument, or an index
		default:
			i--
		}
	}
	if i == 0 {
		return "", false
	}
	m := literalType.FindStringSubmatch(code[:i-1])
	if m == nil {
		return "", false
	}
	return m[1], true
}

// literalType matches the type at the end of a text: no element type of a slice or map,
// and, since no blank follows, no condition in front of a block.
var literalType = regexp.MustCompile(`(?:^|[^\pL\d_.\])])((?:[\pL_][\pL\d_]*\.)?[\pL_][\pL\d_]*)$`)

// EnclosingCall returns the position just behind the function's name where pos
// is inside the arguments of a call, else pos.
func EnclosingCall(code string, pos int) int {
	depth := 0
	for i := pos - 1; i >= 0; i-- {
		switch code[i] {
		case ')':
			depth++
		case '(':
			if depth == 0 {
				return skipSpaceBack(code, i)
			}
			depth--
		}
	}
	return pos
}

// InsideImport reports whether pos is inside the string of an import
// declaration, and where the string begins.
func InsideImport(code string, pos int) (start int, ok bool) {
	line := code[strings.LastIndexByte(code[:pos], '\n')+1 : pos]
	m := openImport.FindStringSubmatchIndex(line)
	if m == nil {
		return 0, false
	}
	if !strings.HasPrefix(strings.TrimSpace(line), "import") {
		open := strings.LastIndex(code[:pos], "import (")
		if open < 0 || strings.Contains(code[open:pos], ")") {
			return 0, false
		}
	}
	return pos - len(line) + m[2], true
}

var openImport = regexp.MustCompile(`^[ \t]*(?:import[ \t]+\(?[ \t]*)?(?:[\pL_.][\pL\d_]*[ \t]+)?"([^"]*)$`)

// ByteOffset converts an offset in characters, as Jupyter counts, to one in
// bytes. Offsets beyond the end give the end.
func ByteOffset(s string, chars int) int {
	for i := range s {
		if chars <= 0 {
			return i
		}
		chars--
	}
	return len(s)
}
