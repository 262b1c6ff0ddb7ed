package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/csvfile"
	"github.com/nngplab/nngplab/internal/printable"
)

// maxCorrRows bounds the rows that are kept: a stream of lines may never end.
const maxCorrRows = 1 << 24

// corrTable holds the wanted columns of a CSV file, the truth first.
type corrTable struct {
	columns [][]float64
	skipped int
	wanted  []corrColumn // in the same order
}

// corrColumn is what is known of a wanted column.
type corrColumn struct {
	name    string // as the header has it
	kind    csvfile.Kind
	count   [csvfile.Date + 1]int // values of each kind
	first   [csvfile.Date + 1]corrValue
	unsure  corrValue // the first of which it is not known what the comma is
	grouped bool      // commas separate thousands in it
	commas  int       // values that have a decimal comma where a point was expected
	comma   corrValue // the first of them
	gap     corrGap
}

// corrValue is a value and its line; a line of 0 means none.
type corrValue struct {
	line   int
	text   string
	number float64
}

// corrGap says how many rows were left out because of a column. A row counts for the
// first of the wanted columns that it lacks.
type corrGap struct {
	Column    string `json:"column"`
	Missing   int    `json:"missing"`
	NoNumber  int    `json:"no_number"` // values that are not of the column's kind
	FirstLine int    `json:"first_line"`
	Lines     []int  `json:"lines"` // the first maxGapLines
	missing   []int  // lines
	noNumber  []int
	value     corrValue // the first that is not of the kind
}

// Lines of a gap that JSON and text name.
const (
	maxGapLines   = 100
	shownGapLines = 5
)

func (g *corrGap) add(line int, text string, missing bool) {
	if missing {
		g.missing = append(g.missing, line)
		return
	}
	g.noNumber = append(g.noNumber, line)
	if g.value.line == 0 || line < g.value.line {
		g.value = corrValue{line: line, text: strings.Clone(text)}
	}
}

// gaps returns those of the columns that have some.
func (t *corrTable) gaps() []corrGap {
	var out []corrGap
	for i := range t.wanted {
		g := t.wanted[i].gap
		g.Column, g.Missing, g.NoNumber = t.wanted[i].name, len(g.missing), len(g.noNumber)
		if g.Missing+g.NoNumber == 0 {
			continue
		}
		slices.Sort(g.missing)
		slices.Sort(g.noNumber)
		g.Lines = append(slices.Clone(g.missing), g.noNumber...)
		slices.Sort(g.Lines)
		g.FirstLine = g.Lines[0]
		g.Lines = g.Lines[:min(len(g.Lines), maxGapLines)]
		out = append(out, g)
	}
	return out
}

// why says in which columns values are missing, and on which lines.
func (t *corrTable) why() string {
	var parts []string
	for _, g := range t.gaps() {
		var what []string
		if g.Missing > 0 {
			what = append(what, fmt.Sprintf("is missing in %d (%s)", g.Missing, onLines(g.missing)))
		}
		if g.NoNumber > 0 {
			kind := csvfile.Plain
			for i := range t.wanted {
				if t.wanted[i].name == g.Column && t.wanted[i].kind != csvfile.Text {
					kind = t.wanted[i].kind
				}
			}
			what = append(what, fmt.Sprintf("is %s in %d (%s: %s)", noKind(kind), g.NoNumber, onLines(g.noNumber), printable.Quote(g.value.text)))
		}
		parts = append(parts, fmt.Sprintf("%s %s", shownColumn(g.Column), strings.Join(what, " and ")))
	}
	return strings.Join(parts, "; ")
}

func shownColumn(name string) string { return printable.Text(printable.Clip(name, 80)) }

// onLines names the first of some lines.
func onLines(lines []int) string {
	word := "lines"
	if len(lines) == 1 {
		word = "line"
	}
	var shown []string
	for _, l := range lines[:min(len(lines), shownGapLines)] {
		shown = append(shown, fmt.Sprint(l))
	}
	s := word + " " + strings.Join(shown, ", ")
	if more := len(lines) - len(shown); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

func noKind(k csvfile.Kind) string {
	if k == csvfile.Percent {
		return "no percentage"
	}
	if k == csvfile.Date {
		return "no date"
	}
	return "no number"
}

// kinds returns what each column holds.
func (t *corrTable) kinds() map[string]string {
	out := map[string]string{}
	for _, c := range t.wanted {
		out[c.name] = c.kind.String()
	}
	return out
}

// readAs says how columns were read that do not hold plain numbers.
func (t *corrTable) readAs() []string {
	var out []string
	for _, c := range t.wanted {
		line := ""
		switch c.kind {
		case csvfile.Percent:
			line = fmt.Sprintf("%s holds percentages, which are read as shares: %s is %v.", shownColumn(c.name), printable.Text(c.first[c.kind].text), c.first[c.kind].number)
		case csvfile.Date:
			line = fmt.Sprintf("%s holds dates, which are read as days since 1970-01-01.", shownColumn(c.name))
		}
		if line != "" && !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}

func readCorrTable(cmd *cobra.Command, o corrOptions) (*corrTable, error) {
	in := cmd.InOrStdin()
	if o.file != "-" {
		// A pipe is as good as standard input: a signal ends the command however
		// long it waits.
		f, err := os.Open(o.file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	comma, err := o.comma()
	if err != nil {
		return nil, err
	}
	format, err := o.format()
	if err != nil {
		return nil, err
	}
	t, err := parseCorrTable(in, append([]string{o.truth}, o.signals...), comma, format, o.skipMissing)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.name(), err)
	}
	least := 2
	if o.topGiven {
		least = max(2, o.report.Top)
	}
	if n := len(t.columns[0]); n < least {
		skipped, top := "", ""
		if t.skipped > 0 {
			skipped, top = fmt.Sprintf(" (%d left out)", t.skipped), ": "+t.why()
		}
		if o.topGiven {
			top = fmt.Sprintf(" (--top %d)", o.report.Top) + top
		}
		return nil, fmt.Errorf("%s: %d rows with numbers%s, want at least %d%s", o.name(), n, skipped, least, top)
	}
	return t, nil
}

// corrRows are rows that hold a value in every wanted column, of any kind.
type corrRows struct {
	lines []int
	kinds [][]csvfile.Kind // of each column
}

// parseCorrTable reads the named columns; a name with a leading minus that is no
// column's own is the negative of the column without it. A column's kind is that of most
// of its values.
func parseCorrTable(in io.Reader, names []string, comma rune, format csvfile.Format, skipMissing bool) (*corrTable, error) {
	r := csvfile.NewGuessing(in)
	if comma != 0 {
		r.Comma = comma
	}
	r.ReuseRecord = true
	head, err := r.Read()
	if err == io.EOF {
		return nil, errors.New("no header line: the file is empty")
	}
	if err != nil {
		return nil, err
	}
	head = append([]string(nil), head...)
	t := &corrTable{columns: make([][]float64, len(names)), wanted: make([]corrColumn, len(names))}
	at, sign := make([]int, len(names)), make([]float64, len(names))
	for i, name := range names {
		if at[i], sign[i], err = findCorrColumn(head, name); err != nil {
			return nil, err
		}
		t.wanted[i].name = strings.TrimSpace(head[at[i]])
	}
	rows := &corrRows{kinds: make([][]csvfile.Kind, len(names))}
	row := make([]csvfile.Value, len(names))
	for {
		rec, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		whole := true
		for i, c := range at {
			text := strings.TrimSpace(rec[c])
			ok := false
			if row[i], ok = t.wanted[i].take(text, line, format); ok {
				if why := t.wanted[i].other(row[i].Kind, text); why != "" && !skipMissing {
					return nil, leftError(line, head[c], why)
				}
				continue
			}
			if !skipMissing {
				return nil, leftError(line, head[c], notTaken(text, format))
			}
			if whole {
				t.wanted[i].gap.add(line, text, csvfile.Missing(text))
				t.skipped++
			}
			whole = false
		}
		if !whole {
			continue
		}
		if len(t.columns[0]) == maxCorrRows {
			return nil, fmt.Errorf("line %d: more than %d rows", line, maxCorrRows)
		}
		rows.add(t, row, sign, line)
	}
	for i := range t.wanted {
		if err := t.wanted[i].decide(); err != nil {
			return nil, err
		}
	}
	rows.drop(t)
	return t, nil
}

func leftError(line int, column, why string) error {
	return fmt.Errorf("line %d, column %s: %s (--skip-missing leaves such rows out)", line, printable.Quote(column), why)
}

// notTaken says why a text is no value.
func notTaken(text string, format csvfile.Format) string {
	switch {
	case text == "":
		return "the value is missing"
	case csvfile.Missing(text):
		return "the value is missing: " + printable.Quote(text)
	}
	_, why := format.Read(text)
	if csvfile.DecimalComma(why) {
		return printable.Quote(text) + " has a decimal comma: say --decimal ,"
	}
	return fmt.Sprintf("%s %v", printable.Quote(text), why)
}

// take reads a value, and keeps what it says about its column.
func (c *corrColumn) take(text string, line int, format csvfile.Format) (csvfile.Value, bool) {
	if csvfile.Missing(text) {
		return csvfile.Value{}, false
	}
	v, err := format.Read(text)
	if csvfile.DecimalComma(err) {
		if c.commas++; c.commas == 1 {
			c.comma = corrValue{line: line, text: strings.Clone(text)}
		}
	}
	if err != nil {
		return v, false
	}
	if c.count[v.Kind]++; c.count[v.Kind] == 1 {
		c.first[v.Kind] = corrValue{line, strings.Clone(text), v.Number}
	}
	c.grouped = c.grouped || v.Grouped
	if v.Unsure && c.unsure.line == 0 {
		c.unsure = corrValue{line, strings.Clone(text), v.Number}
	}
	return v, true
}

// other says why a value is not of the kind of those before it; "" where it is.
func (c *corrColumn) other(k csvfile.Kind, text string) string {
	for _, before := range []csvfile.Kind{csvfile.Plain, csvfile.Percent, csvfile.Date} {
		if f := c.first[before]; before != k && f.line > 0 {
			return fmt.Sprintf("%s is a %s, and %s on line %d a %s", printable.Quote(text), k, printable.Quote(f.text), f.line, before)
		}
	}
	return ""
}

// decide settles the column's kind, that of most of its values, and what its commas are.
func (c *corrColumn) decide() error {
	for _, k := range []csvfile.Kind{csvfile.Plain, csvfile.Percent, csvfile.Date} {
		if c.count[k] > c.count[c.kind] {
			c.kind = k
		}
	}
	if c.commas > c.count[c.kind] {
		return fmt.Errorf("line %d, column %s: %s has a decimal comma, as most of the column have: say --decimal ,", c.comma.line, printable.Quote(c.name), printable.Quote(c.comma.text))
	}
	if c.unsure.line > 0 && !c.grouped {
		return fmt.Errorf("line %d, column %s: %s is %s or %s: say --decimal . or --decimal ,", c.unsure.line, printable.Quote(c.name), printable.Quote(c.unsure.text),
			strings.Replace(c.unsure.text, ",", "", 1), strings.Replace(c.unsure.text, ",", ".", 1))
	}
	return nil
}

// add keeps a row.
func (r *corrRows) add(t *corrTable, row []csvfile.Value, sign []float64, line int) {
	r.lines = append(r.lines, line)
	for i, v := range row {
		t.columns[i] = append(t.columns[i], sign[i]*v.Number)
		r.kinds[i] = append(r.kinds[i], v.Kind)
	}
}

// drop leaves the rows out in which a value is not of its column's kind.
func (r *corrRows) drop(t *corrTable) {
	n := 0
	for j, line := range r.lines {
		odd := -1
		for i := range t.wanted {
			if r.kinds[i][j] != t.wanted[i].kind {
				odd = i
				break
			}
		}
		if odd >= 0 {
			c := &t.wanted[odd]
			c.gap.add(line, c.first[r.kinds[odd][j]].text, false)
			t.skipped++
			continue
		}
		for i := range t.columns {
			t.columns[i][n] = t.columns[i][j]
		}
		n++
	}
	for i := range t.columns {
		t.columns[i] = t.columns[i][:n]
	}
}
