// Package printable makes text from outside safe to show: on a terminal, which
// obeys control characters, and in an XML document, which forbids some.
package printable

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shown reports whether a terminal shows r, or ends a line, or goes on to the
// next column at it, and obeys nothing else. Characters that turn the direction
// of text, or have no width, can make a line read as another.
func shown(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return true
	case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029', r == '\ufeff', r == '\u200b':
		return false
	}
	return true
}

// Text returns s with every character that is not to be shown, or is no UTF-8,
// written as an escape such as \u001b, which also stands in a JSON string.
func Text(s string) string {
	if clean(s) {
		return s
	}
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, string(utf8.RuneError)) {
		if shown(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func clean(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !shown(r) {
			return false
		}
	}
	return true
}

// Clip shortens s to at most n bytes and says how many are left out.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	end := n
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s... (%d bytes more)", s[:end], len(s)-end)
}

// Quote returns s, which comes from outside, in quotes, shortened and without
// control characters, for a message.
func Quote(s string) string {
	if len(s) <= 80 {
		return fmt.Sprintf("%q", s)
	}
	end := 80
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%q... (%d bytes)", s[:end], len(s))
}

// Writer returns a writer that passes to w what Text makes of the text. A
// character may come in several pieces.
func Writer(w io.Writer) io.Writer { return &writer{w: w} }

type writer struct {
	w    io.Writer
	rest []byte // the beginning of a character
}

// Write implements io.Writer.
func (w *writer) Write(p []byte) (int, error) {
	text := p
	if len(w.rest) > 0 {
		text = append(w.rest, p...)
		w.rest = nil
	}
	whole := len(text)
	for k := 1; k < utf8.UTFMax && k <= len(text); k++ {
		if utf8.RuneStart(text[len(text)-k]) {
			if !utf8.FullRune(text[len(text)-k:]) {
				whole = len(text) - k
			}
			break
		}
	}
	w.rest = append([]byte(nil), text[whole:]...)
	if _, err := io.WriteString(w.w, Text(string(text[:whole]))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// XML returns s with U+FFFD in place of what XML 1.0 forbids, even escaped:
// most control characters and what is no UTF-8.
func XML(s string) string {
	bad := func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff
	}
	s = strings.ToValidUTF8(s, string(utf8.RuneError))
	if strings.IndexFunc(s, bad) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if bad(r) {
			return utf8.RuneError
		}
		return r
	}, s)
}
