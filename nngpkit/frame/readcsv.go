package frame

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/internal/csvfile"
	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/internal/table"
)

// The kinds of columns of a CSV file, and what ReadCSV makes of them.
const (
	NumberColumn  = "number"  // whole numbers if all of them are, else floats; thousands may be separated
	PercentColumn = "percent" // shares: "93.4 %" is 0.934
	DateColumn    = "date"    // text such as 2024-03-05, or 2024-03-05T14:30:00 in UTC; see Days
	TextColumn    = "text"
)

// CSVConfig says how ReadCSV reads a file. Its zero value finds out.
type CSVConfig struct {
	// Comma separates fields; 0 means what the header line has most of: commas,
	// semicolons, tabs or bars.
	Comma rune

	// Decimal is the mark before decimals, '.' or ','; the other one may separate
	// thousands. 0 means a point, and an error for a column in which "1,234" could be
	// either and no other value tells.
	Decimal rune

	// Missing are the spellings of a missing value, beside an empty field; nil means
	// MissingValues.
	Missing []string

	// Kinds are the kinds of columns by their names. Of others, the kind is that of most
	// of their values, and text where none has more than half.
	Kinds map[string]string

	// Layouts are those of dates, as package time writes them, such as "01/02/2006"; nil
	// means DateLayouts.
	Layouts []string

	// BadAsMissing takes a value that is not of its column's kind as missing, and lists
	// it in Reading.Bad. Without it, such a value is an error.
	BadAsMissing bool
}

// MissingValues returns the spellings of a missing value that ReadCSV knows, beside an
// empty field: NA, NaN, null, None, -, ? and the like.
func MissingValues() []string { return csvfile.MissingValues() }

// DateLayouts returns the layouts of dates that ReadCSV knows: 2024-03-05, with a time or
// without, 2024/3/5, 5.3.2024, 5 Mar 2024, Mar 5, 2024.
func DateLayouts() []string { return csvfile.DateLayouts() }

// Reading says what ReadCSV found, column by column. A notebook shows it as a table.
type Reading struct {
	File    string // without its folder
	Rows    int
	Columns []ColumnReading
	Bad     []BadValue // those that were taken as missing, in the order of the lines
}

// ColumnReading says what a column holds.
type ColumnReading struct {
	Name      string
	Kind      string // NumberColumn, PercentColumn, DateColumn or TextColumn
	Values    int    // all but the missing and the bad ones
	Missing   int
	Bad       int
	Different int      // values that differ, as they are written
	Spellings []string // of the missing ones, such as NA, in the order of their first lines; "" for an empty field
	First     string   // the first value as it is written
}

// BadValue is a value that is not of its column's kind.
type BadValue struct {
	Line   int // in the file, from 1
	Column string
	Value  string
	Reason string // to stand behind the value: "is no date"
}

// maxCSVRows bounds the rows that ReadCSV keeps.
const maxCSVRows = 1 << 24

// ReadCSV reads a CSV file with a header line as a data frame, and says what it found.
// Missing numbers are NaN, missing texts and dates are empty; Known knows both. An
// error names the file, the line, the column and the value.
func ReadCSV(path string, cfg CSVConfig) (dataframe.DataFrame, *Reading, error) {
	f, err := plainfile.Open(path)
	if err != nil {
		return dataframe.DataFrame{}, nil, fmt.Errorf("frame: %w", err)
	}
	defer f.Close()
	return ParseCSV(f, path, cfg)
}

// ParseCSV is ReadCSV of what in holds; name stands for the file in errors.
func ParseCSV(in io.Reader, name string, cfg CSVConfig) (dataframe.DataFrame, *Reading, error) {
	fail := func(err error) (dataframe.DataFrame, *Reading, error) {
		return dataframe.DataFrame{}, nil, fmt.Errorf("frame: %s: %w", name, err)
	}
	if err := cfg.check(); err != nil {
		return fail(err)
	}
	raw, err := readRaw(in, cfg.Comma)
	if err != nil {
		return fail(err)
	}
	for name, kind := range cfg.Kinds {
		if !slices.Contains(raw.names, name) {
			return fail(fmt.Errorf("there is no column %q, only %s", name, listed(raw.names, maxNamesShown)))
		}
		if !slices.Contains([]string{NumberColumn, PercentColumn, DateColumn, TextColumn}, kind) {
			return fail(fmt.Errorf("column %q cannot be of the kind %q: want number, percent, date or text", name, kind))
		}
	}
	read := &Reading{File: filepath.Base(name), Rows: len(raw.lines)}
	var cols []series.Series
	for i, column := range raw.names {
		c := newCSVColumn(column, raw.columns[i], raw.lines, cfg)
		s, err := c.read()
		if err != nil {
			return fail(err)
		}
		cols = append(cols, s)
		read.Columns = append(read.Columns, c.found)
		read.Bad = append(read.Bad, c.bad...)
	}
	slices.SortStableFunc(read.Bad, func(a, b BadValue) int { return a.Line - b.Line })
	df, err := Checked(dataframe.New(cols...))
	return df, read, err
}

func (cfg *CSVConfig) check() error {
	if cfg.Comma == '"' || cfg.Comma == '\n' || cfg.Comma == '\r' || cfg.Comma == utf8.RuneError {
		return fmt.Errorf("fields cannot be separated by %q", cfg.Comma)
	}
	return csvfile.Format{Decimal: cfg.Decimal}.Check()
}

// rawCSV is a file as it is written, without the spaces around values.
type rawCSV struct {
	names   []string
	columns [][]string
	lines   []int // of each row
}

func readRaw(in io.Reader, comma rune) (*rawCSV, error) {
	r := csvfile.NewGuessing(in)
	if comma != 0 {
		r.Comma = comma
	}
	r.ReuseRecord = true
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("no header line: the file is empty")
	}
	if err != nil {
		return nil, err
	}
	raw := &rawCSV{columns: make([][]string, len(head))}
	for i, name := range head {
		if name = strings.TrimSpace(name); name == "" { // as pandas writes its index
			name = fmt.Sprintf("column_%d", i+1)
		}
		if j := slices.Index(raw.names, name); j >= 0 {
			return nil, fmt.Errorf("columns %d and %d are both named %s", j+1, i+1, printable.Quote(name))
		}
		raw.names = append(raw.names, strings.Clone(name))
	}
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		if len(raw.lines) == maxCSVRows {
			return nil, fmt.Errorf("line %d: more than %d rows", line, maxCSVRows)
		}
		raw.lines = append(raw.lines, line)
		for i, v := range rec {
			raw.columns[i] = append(raw.columns[i], strings.Clone(strings.TrimSpace(v)))
		}
	}
	if len(raw.lines) == 0 {
		return nil, errors.New("there is no row below the header line")
	}
	return raw, nil
}

// csvColumn reads one column.
type csvColumn struct {
	cfg    CSVConfig
	format csvfile.Format
	texts  []string
	lines  []int
	values []csvfile.Value // of each row, Text where it is missing
	why    []error         // why a value is Text
	gap    []bool          // whether it is missing
	found  ColumnReading
	bad    []BadValue
}

func newCSVColumn(name string, texts []string, lines []int, cfg CSVConfig) *csvColumn {
	c := &csvColumn{
		cfg: cfg, format: csvfile.Format{Decimal: cfg.Decimal, Layouts: cfg.Layouts}, texts: texts, lines: lines,
		values: make([]csvfile.Value, len(texts)), why: make([]error, len(texts)), gap: make([]bool, len(texts)),
		found: ColumnReading{Name: name},
	}
	missing := csvfile.Missing
	if cfg.Missing != nil {
		missing = func(text string) bool { return text == "" || slices.Contains(cfg.Missing, text) }
	}
	for i, text := range texts {
		if c.gap[i] = missing(text); c.gap[i] {
			c.found.Missing++
			if !slices.Contains(c.found.Spellings, text) {
				c.found.Spellings = append(c.found.Spellings, text)
			}
			continue
		}
		c.values[i], c.why[i] = c.format.Read(text)
		if c.values[i].Kind == csvfile.Plain && !csvfile.Exact(text) {
			c.values[i], c.why[i] = csvfile.Value{}, errors.New("loses zeros or digits as a number")
		}
	}
	return c
}

// read decides on the kind, and returns the column.
func (c *csvColumn) read() (series.Series, error) {
	if c.found.Kind = c.cfg.Kinds[c.found.Name]; c.found.Kind == "" {
		c.found.Kind = c.guess()
	}
	if err := c.check(); err != nil {
		return series.Series{}, err
	}
	different := map[string]bool{}
	for i, text := range c.texts {
		if c.gap[i] {
			continue
		}
		if c.found.Values++; c.found.Values == 1 {
			c.found.First = text
		}
		different[text] = true
	}
	c.found.Different = len(different)
	return c.series(), nil
}

// guess returns the kind of most values: of a decimal comma, too, which is an error then.
func (c *csvColumn) guess() string {
	count := map[string]int{}
	values := 0
	for i, v := range c.values {
		if c.gap[i] {
			continue
		}
		values++
		switch {
		case v.Kind != csvfile.Text:
			count[v.Kind.String()]++
		case csvfile.DecimalComma(c.why[i]) && strings.HasSuffix(c.texts[i], "%"):
			count[PercentColumn]++
		case csvfile.DecimalComma(c.why[i]):
			count[NumberColumn]++
		}
	}
	for _, kind := range []string{NumberColumn, PercentColumn, DateColumn} {
		if 2*count[kind] > values || values == 0 {
			return kind
		}
	}
	return TextColumn
}

// check takes the values that are not of the column's kind as missing, or returns an
// error for the first. That a comma may be either of two things is always one.
func (c *csvColumn) check() error {
	if c.found.Kind == TextColumn {
		return nil
	}
	unsure, grouped := -1, false
	for i, v := range c.values {
		if c.gap[i] {
			continue
		}
		if v.Kind.String() == c.found.Kind {
			grouped = grouped || v.Grouped
			if v.Unsure && unsure < 0 {
				unsure = i
			}
			continue
		}
		c.gap[i] = true
		c.found.Bad++
		c.bad = append(c.bad, BadValue{Line: c.lines[i], Column: c.found.Name, Value: strings.Clone(printable.Clip(c.texts[i], 80)), Reason: c.reason(i)})
	}
	if unsure >= 0 && !grouped {
		text := c.texts[unsure]
		return fmt.Errorf("line %d, column %s: %s is %s or %s: say CSVConfig.Decimal, '.' or ','", c.lines[unsure], printable.Quote(c.found.Name),
			printable.Quote(text), strings.Replace(text, ",", "", 1), strings.Replace(text, ",", ".", 1))
	}
	if len(c.bad) == 0 || c.cfg.BadAsMissing {
		return nil
	}
	more := ""
	if n := len(c.bad) - 1; n > 0 {
		more = fmt.Sprintf(", and so are %d more of the column", n)
		if n == 1 {
			more = ", and so is 1 more of the column"
		}
	}
	b := c.bad[0]
	return fmt.Errorf("line %d, column %s: %s %s%s (CSVConfig: %s)", b.Line, printable.Quote(b.Column), printable.Quote(b.Value), b.Reason, more, c.wayOut())
}

// reason says why a value is not of the column's kind.
func (c *csvColumn) reason(i int) string {
	if v := c.values[i]; v.Kind != csvfile.Text {
		switch c.found.Kind {
		case PercentColumn:
			return "has no percent sign, as most of the column have"
		case DateColumn:
			return "is no date"
		}
		return "is no number"
	}
	if why := c.why[i].Error(); !strings.HasPrefix(why, "is not") {
		return why
	}
	if c.found.Kind == PercentColumn {
		return "is no percentage"
	}
	return "is no " + c.found.Kind
}

// wayOut names the settings that read the column.
func (c *csvColumn) wayOut() string {
	for i := range c.texts {
		if c.why[i] != nil && csvfile.DecimalComma(c.why[i]) {
			return "Decimal reads decimal commas"
		}
	}
	if c.found.Kind == DateColumn {
		return "Layouts names other layouts, BadAsMissing leaves gaps"
	}
	return "Missing names other gaps, Kinds another kind, BadAsMissing leaves gaps"
}

// series returns the column as ReadCSV does.
func (c *csvColumn) series() series.Series {
	switch c.found.Kind {
	case TextColumn, DateColumn:
		out := make([]string, len(c.texts))
		for i, text := range c.texts {
			switch {
			case c.gap[i]:
			case c.found.Kind == DateColumn:
				out[i] = isoDate(c.values[i].Time)
			default:
				out[i] = text
			}
		}
		return series.New(out, series.String, c.found.Name)
	}
	return c.numbers()
}

// numbers returns a column of numbers, of whole ones where all are.
func (c *csvColumn) numbers() series.Series {
	floats, ints := make([]float64, len(c.texts)), make([]any, len(c.texts))
	whole, values := c.found.Kind == NumberColumn, 0
	for i, v := range c.values {
		if c.gap[i] {
			floats[i] = math.NaN()
			continue
		}
		values++
		floats[i], ints[i] = v.Number, int(v.Number)
		whole = whole && float64(int64(v.Number)) == v.Number && v.Number < 1<<53 && v.Number > -1<<53 && !strings.ContainsAny(c.texts[i], "eE")
	}
	if whole && values > 0 {
		return intSeries(ints, c.found.Name)
	}
	return series.New(floats, series.Float, c.found.Name)
}

// maxBadShown is how many bad values a notebook shows.
const maxBadShown = 20

// tables returns what was found as tables.
func (r *Reading) tables() []*table.Table {
	t := &table.Table{
		Title:   fmt.Sprintf("%s: %s", printable.Text(r.File), countOf(r.Rows, "row")),
		Columns: []string{"column", "kind", "values", "different", "missing", "written as", "bad", "the first"},
	}
	for _, c := range r.Columns {
		var as []string
		for _, s := range c.Spellings {
			if s == "" {
				s = "nothing"
			}
			as = append(as, printable.Text(printable.Clip(s, 20)))
		}
		t.Rows = append(t.Rows, []string{
			printable.Text(printable.Clip(c.Name, 80)), c.Kind, fmt.Sprint(c.Values), fmt.Sprint(c.Different), fmt.Sprint(c.Missing),
			strings.Join(as, ", "), fmt.Sprint(c.Bad), printable.Text(printable.Clip(c.First, 40)),
		})
	}
	out := []*table.Table{t}
	if len(r.Bad) == 0 {
		return out
	}
	bad := &table.Table{Title: "Taken as missing", Columns: []string{"line", "column", "value", "why"}}
	for _, b := range r.Bad[:min(len(r.Bad), maxBadShown)] {
		bad.Rows = append(bad.Rows, []string{fmt.Sprint(b.Line), printable.Text(b.Column), printable.Text(b.Value), "it " + b.Reason})
	}
	if n := len(r.Bad) - maxBadShown; n > 0 {
		bad.Notes = []string{fmt.Sprintf("%d more are in Reading.Bad.", n)}
	}
	return append(out, bad)
}

func (r *Reading) join(f func(*table.Table) string) string {
	var parts []string
	for _, t := range r.tables() {
		parts = append(parts, f(t))
	}
	return strings.Join(parts, "\n")
}

// HTML returns the tables as an HTML fragment.
func (r *Reading) HTML() string { return r.join((*table.Table).HTML) }

// Markdown returns the tables in GitHub's syntax.
func (r *Reading) Markdown() string { return r.join((*table.Table).Markdown) }

// String returns the tables for a terminal.
func (r *Reading) String() string { return r.join((*table.Table).String) }

// countOf returns a count with its noun.
func countOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
