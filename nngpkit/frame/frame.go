package frame

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/internal/printable"
)

// KeyColumn is the column by which frames of cells are joined.
const KeyColumn = "hash"

// ValuesOf returns the different values of a numeric column, rising.
func ValuesOf(df dataframe.DataFrame, column string) ([]float64, error) {
	x, err := Floats(df, column)
	if err != nil {
		return nil, err
	}
	sort.Float64s(x)
	var out []float64
	for _, v := range x {
		if len(out) == 0 || v > out[len(out)-1] {
			out = append(out, v)
		}
	}
	return out, nil
}

// Join returns the rows of two data frames that agree in the column key, in
// the order of the left one, with the columns of both. It is gota's InnerJoin
// in linear time, and stricter: a key that occurs twice in one frame, or a
// column that both frames have, is an error.
func Join(left, right dataframe.DataFrame, key string) (dataframe.DataFrame, error) {
	l, r, err := matches(left, right, key)
	if err != nil {
		return dataframe.DataFrame{}, err
	}
	if right.Ncol() == 1 { // gota has no frame without columns
		return left.Subset(l), nil
	}
	rest := right.Drop(key)
	if rest.Err != nil {
		return dataframe.DataFrame{}, fmt.Errorf("frame: join: %w", rest.Err)
	}
	return columnsOf(left.Subset(l), rest.Subset(r))
}

// LeftJoin is Join that keeps every row of the left frame; where the right
// frame has no such key, its columns hold NaN.
func LeftJoin(left, right dataframe.DataFrame, key string) (dataframe.DataFrame, error) {
	l, r, err := matches(left, right, key)
	if err != nil {
		return dataframe.DataFrame{}, err
	}
	at := make(map[int]int, len(l))
	for i, row := range l {
		at[row] = r[i]
	}
	cols := make([]series.Series, 0, left.Ncol()+right.Ncol()-1)
	for _, name := range left.Names() {
		cols = append(cols, left.Col(name))
	}
	for _, name := range right.Names() {
		if name == key {
			continue
		}
		c := right.Col(name)
		values := make([]any, left.Nrow())
		for i := range values {
			if j, ok := at[i]; ok {
				values[i] = c.Elem(j).Val()
			}
		}
		cols = append(cols, series.New(values, c.Type(), name))
	}
	return Checked(dataframe.New(cols...))
}

// matches returns the indices of the rows that agree in key.
func matches(left, right dataframe.DataFrame, key string) (l, r []int, err error) {
	for _, df := range []dataframe.DataFrame{left, right} {
		if df.Err != nil {
			return nil, nil, fmt.Errorf("frame: join: %w", df.Err)
		}
	}
	rows, err := KeyRows(right, "right", key)
	if err != nil {
		return nil, nil, err
	}
	if _, err := KeyRows(left, "left", key); err != nil {
		return nil, nil, err
	}
	has := map[string]bool{}
	for _, name := range left.Names() {
		has[name] = true
	}
	for _, name := range right.Names() {
		if name != key && has[name] {
			return nil, nil, fmt.Errorf("frame: join: both frames have a column %q", name)
		}
	}
	for i, k := range left.Col(key).Records() {
		if j, ok := rows[k]; ok {
			l, r = append(l, i), append(r, j)
		}
	}
	return l, r, nil
}

// KeyRows maps each key to its row.
func KeyRows(df dataframe.DataFrame, side, key string) (map[string]int, error) {
	c := df.Col(key)
	if c.Err != nil {
		return nil, fmt.Errorf("frame: join: the %s frame has no column %q", side, key)
	}
	rows := make(map[string]int, c.Len())
	for i, k := range c.Records() {
		if j, ok := rows[k]; ok {
			return nil, fmt.Errorf("frame: join: rows %d and %d of the %s frame have the same %s, %q", j, i, side, key, k)
		}
		rows[k] = i
	}
	return rows, nil
}

func columnsOf(frames ...dataframe.DataFrame) (dataframe.DataFrame, error) {
	var cols []series.Series
	for _, df := range frames {
		if df.Err != nil {
			return dataframe.DataFrame{}, fmt.Errorf("frame: join: %w", df.Err)
		}
		for _, name := range df.Names() {
			cols = append(cols, df.Col(name))
		}
	}
	return Checked(dataframe.New(cols...))
}

// Checked returns df, or the error that it carries: gota's functions return a frame
// with an error in it.
func Checked(df dataframe.DataFrame) (dataframe.DataFrame, error) {
	if df.Err != nil {
		return dataframe.DataFrame{}, fmt.Errorf("frame: %w", df.Err)
	}
	return df, nil
}

// Numbers returns a column of numbers: of integers where all of them are whole, so
// that counts look like counts, else of floats.
func Numbers(name string, x []float64) series.Series {
	whole := make([]int, len(x))
	for i, v := range x {
		if v != math.Trunc(v) || math.Abs(v) > 1<<53 {
			return series.New(x, series.Float, name)
		}
		whole[i] = int(v)
	}
	return series.New(whole, series.Int, name)
}

// Floats returns a numeric column. It is an error if there is no such column
// or a value is not a number.
func Floats(df dataframe.DataFrame, column string) ([]float64, error) {
	x, err := FloatsOrNaN(df, column)
	if err != nil {
		return nil, err
	}
	for i, v := range x {
		if math.IsNaN(v) {
			return nil, fmt.Errorf("frame: column %q has no number in row %d", column, i)
		}
	}
	return x, nil
}

// FloatsOrNaN returns a numeric column, NaN where a value is missing. It is an error
// if there is no such column.
func FloatsOrNaN(df dataframe.DataFrame, column string) ([]float64, error) {
	if df.Err != nil {
		return nil, fmt.Errorf("frame: %w", df.Err)
	}
	c := df.Col(column)
	if c.Err != nil {
		return nil, noColumn(df, column)
	}
	if c.Type() == series.String {
		if days, err := Days(df, column); err == nil && slices.ContainsFunc(days, func(d float64) bool { return !math.IsNaN(d) }) {
			return nil, fmt.Errorf("frame: column %q holds dates: Days makes numbers of them", column)
		}
		return nil, fmt.Errorf("frame: column %q holds text", column)
	}
	return c.Float(), nil
}

// Where returns the rows of a data frame in which a column has a value: a
// string or a number. It is an error if there is no such column or row.
func Where(df dataframe.DataFrame, column string, value any) (dataframe.DataFrame, error) {
	if df.Err != nil {
		return dataframe.DataFrame{}, fmt.Errorf("frame: %w", df.Err)
	}
	c := df.Col(column)
	if c.Err != nil {
		return dataframe.DataFrame{}, noColumn(df, column)
	}
	want := fmt.Sprint(value)
	var rows []int
	if c.Type() == series.String {
		for i, v := range c.Records() {
			if v == want {
				rows = append(rows, i)
			}
		}
	} else {
		x := series.New([]string{want}, series.Float, "").Float()[0]
		if math.IsNaN(x) {
			return dataframe.DataFrame{}, fmt.Errorf("frame: column %q holds numbers, not %q", column, want)
		}
		for i, v := range c.Float() {
			if v == x {
				rows = append(rows, i)
			}
		}
	}
	if len(rows) == 0 {
		return dataframe.DataFrame{}, fmt.Errorf("frame: no row has %s %v", column, value)
	}
	return Checked(df.Subset(rows))
}

// Suffixed returns the data frame with a suffix on the name of every column but
// the hash, so that the scores of two settings can stand in one frame.
func Suffixed(df dataframe.DataFrame, suffix string) (dataframe.DataFrame, error) {
	out := df.Copy()
	for _, name := range df.Names() {
		if name != KeyColumn {
			out = out.Rename(name+suffix, name)
		}
	}
	return Checked(out)
}

// Known returns the rows in which all the given columns hold a value, without changing
// the frame: a number, or in a column of text something other than "" and NaN, as gota
// calls what it lacks. A column that the frame lacks is an error.
func Known(df dataframe.DataFrame, columns ...string) (dataframe.DataFrame, error) {
	if df.Err != nil {
		return df, fmt.Errorf("frame: %w", df.Err)
	}
	known := make([]bool, df.Nrow())
	for i := range known {
		known[i] = true
	}
	for _, name := range columns {
		col := df.Col(name)
		if col.Err != nil {
			return df, noColumn(df, name)
		}
		for i, gap := range gaps(col) {
			known[i] = known[i] && !gap
		}
	}
	var rows []int
	for i, k := range known {
		if k {
			rows = append(rows, i)
		}
	}
	return Checked(df.Subset(rows))
}

// gaps says of each value of a column whether it is missing.
func gaps(c series.Series) []bool {
	out := make([]bool, c.Len())
	if c.Type() == series.String {
		for i := range out {
			e := c.Elem(i)
			out[i] = e.IsNA() || e.String() == ""
		}
		return out
	}
	for i, v := range c.Float() {
		out[i] = math.IsNaN(v)
	}
	return out
}

// Select returns the given columns, in this order. It is gota's Select, with an error in
// place of a frame that holds one.
func Select(df dataframe.DataFrame, columns ...string) (dataframe.DataFrame, error) {
	if df.Err != nil {
		return df, fmt.Errorf("frame: %w", df.Err)
	}
	if len(columns) == 0 {
		return df, fmt.Errorf("frame: no column is selected")
	}
	for _, name := range columns {
		if df.Col(name).Err != nil {
			return df, noColumn(df, name)
		}
	}
	return Checked(df.Select(columns))
}

// With returns the frame with one more column of numbers, or with other values in the one
// of that name. NaN is a missing value.
func With(df dataframe.DataFrame, column string, x []float64) (dataframe.DataFrame, error) {
	if df.Err != nil {
		return df, fmt.Errorf("frame: %w", df.Err)
	}
	if len(x) != df.Nrow() {
		return df, fmt.Errorf("frame: %d values of column %q for %d rows", len(x), column, df.Nrow())
	}
	return Checked(df.Mutate(series.New(x, series.Float, column)))
}

// noColumn says that a frame lacks a column, and which it has, of many the first.
func noColumn(df dataframe.DataFrame, name string) error {
	return fmt.Errorf("frame: there is no column %q, only %s", name, listed(df.Names(), maxNamesShown))
}

// maxNamesShown is how many columns of a frame an error names.
const maxNamesShown = 20

// listed names columns or keys, of many the first few.
func listed(names []string, shown int) string {
	var out []string
	for _, n := range names[:min(len(names), shown)] {
		out = append(out, printable.Text(printable.Clip(n, 80)))
	}
	text := strings.Join(out, ", ")
	if more := len(names) - len(out); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
