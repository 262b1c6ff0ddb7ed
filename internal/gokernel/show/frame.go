package show

import (
	"math"
	"strconv"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

const (
	maxFrameRows    = 20
	maxFrameColumns = 24
	maxCell         = 80 // characters
)

// Failure returns the error that a value holds in place of its content, as gota's
// data frames and series do where the call that made them failed; nil where it holds
// none.
func Failure(v any) error {
	switch v := v.(type) {
	case dataframe.DataFrame:
		return v.Err
	case *dataframe.DataFrame:
		if v != nil {
			return v.Err
		}
	case series.Series:
		return v.Err
	case *series.Series:
		if v != nil {
			return v.Err
		}
	}
	return nil
}

// frameBundle shows a data frame: all of a small one, the first and last rows
// and columns of a large one, always with its size.
func frameBundle(df dataframe.DataFrame) Bundle {
	if df.Err != nil {
		return Bundle{Data: map[string]any{typeText: Cut("DataFrame with error: " + df.Err.Error())}}
	}
	rows, cols := df.Dims()
	ri, ci := picks(rows, maxFrameRows), picks(cols, maxFrameColumns)
	t := &table{note: size(rows, cols, len(ri) != rows || len(ci) != cols)}
	names := df.Names()
	data := make([]series.Series, len(ci))
	for k, j := range ci {
		if j < 0 {
			t.columns = append(t.columns, ellipsis)
			t.right = append(t.right, false)
			continue
		}
		data[k] = df.Col(names[j])
		t.columns = append(t.columns, oneLine(names[j])+"\n"+string(data[k].Type()))
		t.right = append(t.right, data[k].Type() != series.String)
	}
	for _, i := range ri {
		row := make([]string, len(ci))
		for k, j := range ci {
			if i < 0 || j < 0 {
				row[k] = ellipsis
			} else {
				row[k] = cell(data[k], i)
			}
		}
		t.rows = append(t.rows, row)
		t.names = append(t.names, rowName(i))
	}
	return t.bundle()
}

func seriesBundle(s series.Series) Bundle {
	if s.Err != nil {
		return Bundle{Data: map[string]any{typeText: Cut("Series with error: " + s.Err.Error())}}
	}
	ri := picks(s.Len(), maxFrameRows)
	note := plural(s.Len(), "value")
	if len(ri) != s.Len() {
		note += " (not all shown)"
	}
	t := &table{columns: []string{oneLine(s.Name) + "\n" + string(s.Type())}, right: []bool{s.Type() != series.String}, note: note}
	for _, i := range ri {
		c := ellipsis
		if i >= 0 {
			c = cell(s, i)
		}
		t.rows = append(t.rows, []string{c})
		t.names = append(t.names, rowName(i))
	}
	return t.bundle()
}

func rowName(i int) string {
	if i < 0 {
		return ellipsis
	}
	return strconv.Itoa(i)
}

// cell formats one value: floats in six significant digits, long texts cut.
func cell(s series.Series, i int) string {
	e := s.Elem(i)
	if e.IsNA() {
		return "NaN"
	}
	if s.Type() == series.Float {
		return number(e.Float())
	}
	return oneLine(e.String())
}

// number formats x in at most six significant digits.
func number(x float64) string {
	switch {
	case math.IsNaN(x):
		return "NaN"
	case x == math.Trunc(x) && math.Abs(x) < 1e15:
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	return strconv.FormatFloat(x, 'g', 6, 64)
}
