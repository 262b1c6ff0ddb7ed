package archlist

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"

	"github.com/nngplab/nngplab/internal/csvfile"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// Common names of columns of keys and of text forms, beside the space's own.
var (
	keyNames  = []string{"hash", "module_hash", "key"}
	textNames = []string{space.TextColumn, "arch", "arch_str", "net_str", "cell", "network"}
)

// names are the columns that say something.
type names struct {
	only string // the column asked for
	key  string // of the space
	sets [][]string
}

func namesOf(s space.Space, only string) names {
	n := names{only: strings.TrimSpace(only), key: s.Info().KeyColumn}
	if t, ok := s.(space.Tabular); ok {
		n.sets = t.Columns()
	}
	return n
}

func (n names) keys() []string { return append([]string{n.key}, keyNames...) }

// known lists all names for a message.
func (n names) known() string {
	all := append(append([]string(nil), n.keys()...), textNames...)
	for _, set := range n.sets {
		all = append(all, strings.Join(set, " with "))
	}
	sort.Strings(all)
	return strings.Join(slices.Compact(all), ", ")
}

// layout says where the fields of a row stand that name an architecture; -1 or
// nil where the table has none.
type layout struct {
	text, key int
	set       []string // of space.Tabular
	at        []int    // of the set's columns
}

func (l layout) found() bool { return l.text >= 0 || l.key >= 0 || l.set != nil }

// layout finds the columns in a header. Names are compared without regard to
// capitals.
func (n names) layout(header []string) layout {
	find := func(name string) int {
		return slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), name) })
	}
	first := func(of []string) int {
		for _, name := range of {
			if i := find(name); i >= 0 {
				return i
			}
		}
		return -1
	}
	if n.only != "" {
		return layout{text: find(n.only), key: -1}
	}
	l := layout{text: -1, key: first(n.keys())}
	for _, set := range n.sets {
		at := make([]int, len(set))
		for k, name := range set {
			at[k] = find(name)
		}
		if !slices.Contains(at, -1) {
			l.set, l.at = set, at
			return l
		}
	}
	l.text = first(textNames)
	return l
}

// separator returns the character that separates the columns of a header with
// known names, and false where the line is none.
func (n names) separator(header string) (rune, bool) {
	if len(header) > maxRow {
		return 0, false
	}
	for _, comma := range []rune{',', '\t', ';'} {
		r := csvfile.NewReader(strings.NewReader(header))
		r.Comma = comma
		if fields, err := r.Read(); err == nil && n.layout(fields).found() {
			return comma, true
		}
	}
	return 0, false
}

// row takes what names an architecture from the fields of a row.
func (l layout) row(field func(i int) string) row {
	var r row
	if l.key >= 0 {
		r.text = strings.TrimSpace(field(l.key))
	}
	if l.set != nil {
		r.columns = l.set
		for _, i := range l.at {
			r.values = append(r.values, field(i))
		}
		// A row may have a key alone.
		if r.text != "" && strings.TrimSpace(strings.Join(r.values, "")) == "" {
			r.columns, r.values = nil, nil
		}
		return r
	}
	if l.text >= 0 {
		if text := strings.TrimSpace(field(l.text)); text != "" || l.key < 0 {
			r.text = text
		}
	}
	return r
}

// csv reads rows below a header.
func (rd *reader) csv(data []byte, comma rune) ([]row, error) {
	r := csvfile.NewReader(bytes.NewReader(data))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = comma, -1, true
	header, err := r.Read()
	if err != nil {
		return nil, err
	}
	columns := len(header)
	l := rd.names.layout(header)
	var out []row
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return out, nil
		}
		if len(out) > maxRows { // Read says so
			return out, nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			out = append(out, row{line: bad.StartLine, err: rowError(bad)})
			if csvfile.TooLong(err) {
				return out, nil
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		if len(fields) != columns {
			out = append(out, row{line: line, text: strings.Join(fields, string(comma)), err: fmt.Errorf("the row has %d fields, the header %d", len(fields), columns)})
			continue
		}
		next := l.row(func(i int) string { return fields[i] })
		next.line = line
		out = append(out, next)
	}
}

// rowError says what a damaged row is.
func rowError(bad *csv.ParseError) error {
	if errors.Is(bad, csv.ErrQuote) && bad.Line > bad.StartLine {
		return fmt.Errorf("a quote that is opened here is not closed properly by line %d: what lies between is not read", bad.Line)
	}
	if csvfile.TooLong(bad) {
		return fmt.Errorf("%w; what follows is not read", bad.Err)
	}
	return fmt.Errorf("%w in column %d", bad.Err, bad.Column)
}
