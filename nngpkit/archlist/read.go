package archlist

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// Options of Read. The zero value finds out by itself.
type Options struct {
	// Column names the column of a CSV file, or the field of JSON objects, that
	// holds the architectures: keys or text forms. Empty means the space's own
	// columns (space.SpellColumns and the others of space.Tabular), its column
	// of keys, and common names of these.
	Column string
}

// Limits of a list, which is held in memory. A row that is no architecture takes
// more of it than its few bytes, for the reason is kept.
const (
	maxBytes = 1 << 28
	maxRow   = 1 << 20 // bytes of a row in JSON, and of a header
)

// Limits of rows; tests take smaller ones.
var (
	maxRows = 1 << 22
	maxBad  = 100_000
)

// ReadFile is Read of a file.
func ReadFile(ctx context.Context, path string, s space.Space, o Options) (*List, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(ctx, f, path, s, o)
}

// Read reads a list of architectures of the space. The layouts, told apart by
// their beginning:
//
//   - CSV with a header line, separated by commas, semicolons or tabs;
//   - a JSON array, or an object that holds one, of strings, of objects with
//     the same fields as CSV has columns, or of [matrix, operations] pairs;
//   - JSON lines of these;
//   - plain lines, each a key or a text form; empty lines and lines that begin
//     with # do not count.
//
// A row with both a key and a text must agree with itself. Errors of rows are
// in the list: see List.Err. The error is that of reading, of a file that is no
// list at all, or of the context. Source names the file in messages.
func Read(ctx context.Context, r io.Reader, source string, s space.Space, o Options) (*List, error) {
	// What is no list shows at its beginning: a device may never end.
	in := bufio.NewReaderSize(r, 1<<13)
	head, err := in.Peek(1 << 13)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	if err := refuse(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))); err != nil && len(bytes.TrimSpace(head)) > 0 {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	data, err := io.ReadAll(io.LimitReader(in, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if err := refuse(data); err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	rd := reader{ctx: ctx, space: s, names: namesOf(s, o.Column)}
	rows, err := rd.rows(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s: an empty list: no row names an architecture", source)
	}
	if len(rows) > maxRows {
		return nil, fmt.Errorf("%s: more than %d rows: too long a list", source, maxRows)
	}
	l := &List{Source: source, Space: s}
	bad := 0
	for _, row := range rows {
		e, err := rd.entry(row)
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", source, row.line, err)
		}
		if e.Err != nil {
			bad++
		}
		if bad > maxBad {
			return nil, fmt.Errorf("%s: more than %d rows are no architectures of %s, such as line %d: %w", source, maxBad, s.Name(), row.line, e.Err)
		}
		l.Entries = append(l.Entries, e)
	}
	return l, l.key(ctx, rows)
}

// refuse says what a file is that is no text.
func refuse(data []byte) error {
	switch {
	case len(data) > maxBytes:
		return fmt.Errorf("more than %d bytes: too long a list", maxBytes)
	case len(bytes.TrimSpace(data)) == 0:
		return errors.New("an empty file")
	case bytes.HasPrefix(data, []byte{0x1f, 0x8b}):
		return errors.New("compressed by gzip: unpack it first")
	case bytes.HasPrefix(data, []byte("PAR1")):
		return errors.New("a Parquet file: want CSV, JSON or lines")
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return errors.New("text in UTF-16: save it as UTF-8")
	case bytes.IndexByte(data[:min(len(data), 4096)], 0) >= 0:
		return errors.New("no text: it holds zero bytes")
	}
	return nil
}

// row is what one row says before it is understood: a text (a key or a text
// form), or columns that spell an architecture, or both.
type row struct {
	line    int
	text    string   // of the column of texts; with columns too, their key
	columns []string // a set of space.Tabular
	values  []string
	err     error
}

type reader struct {
	ctx   context.Context
	space space.Space
	names names
	first []byte // the first line, for a hint
}

// rows takes the file apart by its layout.
func (rd *reader) rows(data []byte) ([]row, error) {
	first, _, _ := bytes.Cut(bytes.TrimLeft(data, "\r\n"), []byte("\n"))
	rd.first = bytes.TrimSpace(first)
	if c := bytes.TrimSpace(data)[0]; c == '[' || c == '{' || c == '"' && json.Valid(data) {
		if json.Valid(data) || !rd.lineWise(data) {
			return rd.document(data), nil
		}
		return rd.lines(data), nil
	}
	if comma, ok := rd.names.separator(string(rd.first)); ok {
		return rd.csv(data, comma)
	}
	if rd.names.only != "" {
		return nil, fmt.Errorf("there is no column %q: the first line is %s", rd.names.only, printable.Quote(string(rd.first)))
	}
	return rd.lines(data), nil
}

// lineWise reports whether one of the first two lines says something by
// itself: then the file is JSON lines, or lines that begin with a bracket.
func (rd *reader) lineWise(data []byte) bool {
	seen := 0
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if json.Valid(line) {
			return true
		}
		if _, err := rd.space.Parse(string(line)); err == nil {
			return true
		}
		if seen++; seen == 2 {
			break
		}
	}
	return false
}

// lines reads an architecture a line, as text or as JSON.
func (rd *reader) lines(data []byte) []row {
	var out []row
	n := 0
	for line := range bytes.Lines(data) {
		n++
		if len(out) > maxRows { // Read says so
			break
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		if (line[0] == '{' || line[0] == '[' || line[0] == '"') && json.Valid(line) {
			r := rd.jsonRow(line)
			r.line = n
			out = append(out, r)
			continue
		}
		out = append(out, row{line: n, text: string(line)})
	}
	return out
}

// entry understands a row. The error is not the row's: it ends the reading.
func (rd *reader) entry(r row) (Entry, error) {
	e := Entry{Line: r.line, Text: r.text, Err: r.err}
	if r.columns != nil {
		e.Text = strings.Join(r.values, " ")
	}
	if e.Err != nil {
		return e, nil
	}
	var err error
	if r.columns != nil {
		e.Architecture, err = rd.space.(space.Tabular).ParseColumns(r.columns, r.values)
		if err != nil {
			err = rd.foreign(e.Text, err)
		}
	} else {
		e.Architecture, err = Resolve(rd.ctx, rd.space, r.text)
	}
	if cerr := rd.ctx.Err(); cerr != nil {
		return e, cerr
	}
	if err != nil {
		e.Err, e.Architecture = rd.hint(r, err), nil
	}
	return e, nil
}

// foreign says where a text is an architecture of another space.
func (rd *reader) foreign(text string, err error) error {
	if other := ofAnother(rd.ctx, rd.space, text); other != "" {
		return fmt.Errorf("%s is an architecture of %s, not of %s", printable.Quote(text), other, rd.space.Name())
	}
	return err
}

// hint adds to the error of a first line, which may be a header that nobody
// knows, what columns are known.
func (rd *reader) hint(r row, err error) error {
	if r.columns == nil && r.text == string(rd.first) && strings.ContainsAny(r.text, ",;\t") {
		return fmt.Errorf("%w (if this is a header: of its columns none is known; known are %s)", err, rd.names.known())
	}
	return err
}

// key computes the keys, all at once, and compares them with those that the
// rows state.
func (l *List) key(ctx context.Context, rows []row) error {
	var places []int
	var all []space.Architecture
	for i, e := range l.Entries {
		if e.Err == nil {
			places, all = append(places, i), append(all, e.Architecture)
		}
	}
	keys, err := space.Keys(ctx, l.Space, all)
	if err != nil {
		return fmt.Errorf("%s: %w", l.Source, err)
	}
	for k, i := range places {
		e, stated := &l.Entries[i], rows[i].text
		e.Key = keys[k]
		if rows[i].columns != nil && stated != "" && !strings.EqualFold(stated, e.Key) {
			e.Err = fmt.Errorf("the row states %s %s, and its architecture has %s", l.Space.Info().KeyColumn, printable.Quote(stated), e.Key)
			e.Architecture, e.Key = nil, ""
		}
	}
	return nil
}

// Resolve returns the architecture that a text names: by the space's text form
// or by a key. The error says which it is not, or of which other registered
// space it is an architecture.
func Resolve(ctx context.Context, s space.Space, text string) (space.Architecture, error) {
	text = strings.TrimSpace(text)
	if len(text) >= 2 && text[0] == text[len(text)-1] && (text[0] == '"' || text[0] == '\'') {
		text = text[1 : len(text)-1]
	}
	if text == "" {
		return nil, errors.New("nothing is written where an architecture should be")
	}
	a, err := s.Parse(text)
	if err == nil {
		return a, nil
	}
	b, kerr := space.ByKey(ctx, s, text)
	switch {
	case kerr == nil:
		return b, nil
	case !errors.Is(kerr, space.ErrNotKey) && !errors.Is(kerr, errors.ErrUnsupported):
		err = kerr
	}
	if other := ofAnother(ctx, s, text); other != "" {
		return nil, fmt.Errorf("%s is an architecture of %s, not of %s", printable.Quote(text), other, s.Name())
	}
	return nil, err
}

// ofAnother returns the name of another space of which the text is an
// architecture, or nothing.
func ofAnother(ctx context.Context, s space.Space, text string) string {
	for _, other := range space.All() {
		if other.Name() == s.Name() {
			continue
		}
		if _, err := other.Parse(text); err == nil {
			return other.Name()
		}
		if _, err := space.ByKey(ctx, other, text); err == nil {
			return other.Name()
		}
	}
	return ""
}
