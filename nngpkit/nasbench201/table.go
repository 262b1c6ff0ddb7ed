package nasbench201

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/internal/csvfile"
	"github.com/nngplab/nngplab/internal/plainfile"
)

// Table is a table of numbers of cells: accuracies, proxies, costs.
type Table struct {
	Source string // the file's name

	cells []Cell
	names []string // of the columns of numbers
	cols  [][]float64
}

// Len returns the number of rows.
func (t *Table) Len() int { return len(t.cells) }

// Cell returns the cell of row i as it is written in the table.
func (t *Table) Cell(i int) Cell { return t.cells[i] }

// Names returns the names of the columns of numbers, in the order of the table.
func (t *Table) Names() []string { return append([]string(nil), t.names...) }

// Column returns one number a row, NaN where the table has none, and an error
// that names the columns for any other name.
func (t *Table) Column(name string) ([]float64, error) {
	k := slices.Index(t.names, name)
	if k < 0 {
		return nil, fmt.Errorf("%s: there is no column %q; there is %s", t.Source, name, strings.Join(t.names, ", "))
	}
	return append([]float64(nil), t.cols[k]...), nil
}

// DataFrame returns the table as a gota data frame of one row a cell: key (the
// text of the canonical form, which isomorphic cells share), arch (as written),
// and the columns of numbers.
func (t *Table) DataFrame() dataframe.DataFrame {
	key, arch := make([]string, t.Len()), make([]string, t.Len())
	for i, c := range t.cells {
		key[i], arch[i] = c.Canonical().String(), c.String()
	}
	cols := []series.Series{series.New(key, series.String, "key"), series.New(arch, series.String, "arch")}
	for k, name := range t.names {
		cols = append(cols, series.New(t.cols[k], series.Float, name))
	}
	return dataframe.New(cols...)
}

// OpenTable is ReadTable of a file.
func OpenTable(path string) (*Table, error) {
	f, err := plainfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadTable(f, path)
}

// ReadTable reads a table in CSV with a header line: a column of cells (arch,
// arch_str or net_str in the text form, or net as NASLib's six numbers), and
// columns of numbers under any name; a first column without a name, a count of
// the rows, is passed over. An empty field, or nan, is a missing number. If
// there are several columns of cells they must agree. The name is the file's,
// for messages.
//
// It returns an error that names the file, the line and the column for a
// missing column of cells, a cell that is none or comes twice, a value that is
// no number, or a row that is too short or too long.
func ReadTable(r io.Reader, name string) (*Table, error) {
	cr := csvfile.NewReader(r)
	cr.ReuseRecord = true
	header, err := cr.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: no header line: %w", name, err)
	}
	rd, err := newTableReader(slices.Clone(header))
	if err != nil {
		return nil, fmt.Errorf("%s: line 1: %w", name, err)
	}
	rd.t.Source = name
	for {
		rec, err := cr.Read()
		if err == io.EOF {
			break
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return nil, fmt.Errorf("%s: line %d: %w", name, bad.StartLine, bad.Err)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		line, _ := cr.FieldPos(0)
		if err := rd.row(rec, line); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", name, line, err)
		}
	}
	if rd.t.Len() == 0 {
		return nil, fmt.Errorf("%s: no rows", name)
	}
	return rd.t, nil
}

// tableReader takes the rows of a table.
type tableReader struct {
	t      *Table
	header []string
	cells  []int // columns of cells
	count  bool  // the first column counts the rows
	seen   map[Cell]int
}

func newTableReader(header []string) (*tableReader, error) {
	rd := &tableReader{t: &Table{}, header: header, seen: map[Cell]int{}}
	for i, h := range header {
		header[i] = strings.TrimSpace(h)
		isCell := slices.ContainsFunc(cellColumns, func(c []string) bool { return c[0] == header[i] })
		switch {
		case header[i] == "" && i == 0:
			rd.count = true
		case header[i] == "":
			return nil, fmt.Errorf("column %d has no name", i+1)
		case slices.Index(header, header[i]) < i:
			return nil, fmt.Errorf("column %s comes twice", header[i])
		case isCell:
			rd.cells = append(rd.cells, i)
		default:
			rd.t.names = append(rd.t.names, header[i])
		}
	}
	if rd.cells == nil {
		var known []string
		for _, c := range cellColumns {
			known = append(known, c[0])
		}
		return nil, fmt.Errorf("no column of cells: want one of %s", strings.Join(known, ", "))
	}
	rd.t.cols = make([][]float64, len(rd.t.names))
	return rd, nil
}

func (rd *tableReader) row(rec []string, line int) error {
	var c Cell
	for k, i := range rd.cells {
		a, err := nasbench201{}.ParseColumns(rd.header[i:i+1], rec[i:i+1])
		if err != nil {
			return fmt.Errorf("column %s: %w", rd.header[i], err)
		}
		cell := a.(architecture).cell
		if k > 0 && cell != c {
			return fmt.Errorf("column %s is %v, column %s %v", rd.header[rd.cells[0]], c, rd.header[i], cell)
		}
		c = cell
	}
	if first, again := rd.seen[c]; again {
		return fmt.Errorf("%v is in line %d already", c, first)
	}
	rd.seen[c] = line
	k := 0
	for i, text := range rec {
		if slices.Contains(rd.cells, i) || rd.count && i == 0 {
			continue
		}
		v, err := parseNumber(text)
		if err != nil {
			return fmt.Errorf("column %s: %w", rd.header[i], err)
		}
		rd.t.cols[k] = append(rd.t.cols[k], v)
		k++
	}
	rd.t.cells = append(rd.t.cells, c)
	return nil
}

// parseNumber reads a number, NaN where nothing is written.
func parseNumber(text string) (float64, error) {
	text = strings.TrimSpace(text)
	if text == "" || strings.EqualFold(text, "nan") {
		return math.NaN(), nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%s is no finite number", clip(text))
	}
	return v, nil
}
