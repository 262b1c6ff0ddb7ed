package csvfile

import (
	"bufio"
	"bytes"
	"io"
)

// Separators are the characters that a file's fields may be separated by.
const Separators = ",;\t|"

// Guess returns what separates the fields of a header line: of Separators the one
// that comes most often outside of quotes, a comma where none does.
func Guess(line []byte) rune {
	count := map[byte]int{}
	quoted := false
	for _, c := range line {
		switch {
		case c == '"':
			quoted = !quoted
		case !quoted && bytes.IndexByte([]byte(Separators), c) >= 0:
			count[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte(Separators) {
		if count[c] > count[best] {
			best = c
		}
	}
	return rune(best)
}

// NewGuessing returns a Reader of what r holds, with the separator that Guess
// finds in the first line of the first 64 kB.
func NewGuessing(r io.Reader) *Reader {
	in := bufio.NewReaderSize(r, 1<<16)
	head, _ := in.Peek(1 << 12) // a slow pipe is not waited for longer than for its first line
	if bytes.IndexByte(head, '\n') < 0 {
		head, _ = in.Peek(1 << 16)
	}
	head = bytes.TrimLeft(bytes.TrimPrefix(head, bom), "\r\n")
	line, _, _ := bytes.Cut(head, []byte("\n"))
	out := NewReader(in)
	out.Comma = Guess(line)
	return out
}
