package syntax

import "strings"

// InText reports whether the offset lies inside of a comment or of the quotes of
// a string, where nothing is to be completed.
func InText(code string, offset int) bool {
	if offset > len(code) {
		offset = len(code)
	}
	before := code[:offset]
	for i := 0; i < len(before); {
		switch c := before[i]; {
		case strings.HasPrefix(before[i:], "//"):
			end := strings.IndexByte(before[i:], '\n')
			if end < 0 {
				return true
			}
			i += end
		case strings.HasPrefix(before[i:], "/*"):
			end := strings.Index(before[i+2:], "*/")
			if end < 0 {
				return true
			}
			i += end + 4
		case c == '`':
			end := strings.IndexByte(before[i+1:], '`')
			if end < 0 {
				return true
			}
			i += end + 2
		case c == '"' || c == '\'':
			end, closed := endOfQuoted(before, i)
			if !closed && end == len(before) {
				return true
			}
			i = end
		default:
			i++
		}
	}
	return false
}

// endOfQuoted returns where the string or character that begins at i ends: at
// its quote, or at the end of the line.
func endOfQuoted(s string, i int) (end int, closed bool) {
	quote := s[i]
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case quote:
			return i + 1, true
		case '\n':
			return i, false
		}
	}
	return len(s), false
}
