package main

import (
	"unicode/utf8"

	interp "github.com/cosmos72/gomacro/fast"
)

// complete answers a complete_request; cursor counts characters.
func (n *notebook) complete(code string, cursor int) map[string]any {
	pos := byteOffset(code, cursor)
	head, matches, _ := n.kernel.ir.CompleteWords(code, pos)
	word := interp.TailIdentifier(code[:pos])
	_ = head
	if matches == nil {
		matches = []string{}
	}
	return map[string]any{
		"status":       "ok",
		"matches":      matches,
		"cursor_start": cursor - utf8.RuneCountInString(word),
		"cursor_end":   cursor,
		"metadata":     map[string]any{},
	}
}

// byteOffset converts an offset in characters to one in bytes.
func byteOffset(s string, chars int) int {
	for i := range s {
		if chars <= 0 {
			return i
		}
		chars--
	}
	return len(s)
}
