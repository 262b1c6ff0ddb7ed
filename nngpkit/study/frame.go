package study

import (
	"fmt"
	"math"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

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
		return dataframe.DataFrame{}, fmt.Errorf("study: join: %w", rest.Err)
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
	return checked(dataframe.New(cols...))
}

// matches returns the indices of the rows that agree in key.
func matches(left, right dataframe.DataFrame, key string) (l, r []int, err error) {
	for _, df := range []dataframe.DataFrame{left, right} {
		if df.Err != nil {
			return nil, nil, fmt.Errorf("study: join: %w", df.Err)
		}
	}
	rows, err := keyRows(right, "right", key)
	if err != nil {
		return nil, nil, err
	}
	if _, err := keyRows(left, "left", key); err != nil {
		return nil, nil, err
	}
	has := map[string]bool{}
	for _, name := range left.Names() {
		has[name] = true
	}
	for _, name := range right.Names() {
		if name != key && has[name] {
			return nil, nil, fmt.Errorf("study: join: both frames have a column %q", name)
		}
	}
	for i, k := range left.Col(key).Records() {
		if j, ok := rows[k]; ok {
			l, r = append(l, i), append(r, j)
		}
	}
	return l, r, nil
}

// keyRows maps each key to its row.
func keyRows(df dataframe.DataFrame, side, key string) (map[string]int, error) {
	c := df.Col(key)
	if c.Err != nil {
		return nil, fmt.Errorf("study: join: the %s frame has no column %q", side, key)
	}
	rows := make(map[string]int, c.Len())
	for i, k := range c.Records() {
		if j, ok := rows[k]; ok {
			return nil, fmt.Errorf("study: join: rows %d and %d of the %s frame have the same %s, %q", j, i, side, key, k)
		}
		rows[k] = i
	}
	return rows, nil
}

func columnsOf(frames ...dataframe.DataFrame) (dataframe.DataFrame, error) {
	var cols []series.Series
	for _, df := range frames {
		if df.Err != nil {
			return dataframe.DataFrame{}, fmt.Errorf("study: join: %w", df.Err)
		}
		for _, name := range df.Names() {
			cols = append(cols, df.Col(name))
		}
	}
	return checked(dataframe.New(cols...))
}

func checked(df dataframe.DataFrame) (dataframe.DataFrame, error) {
	if df.Err != nil {
		return dataframe.DataFrame{}, fmt.Errorf("study: %w", df.Err)
	}
	return df, nil
}

// Floats returns a numeric column. It is an error if there is no such column
// or a value is not a number.
func Floats(df dataframe.DataFrame, column string) ([]float64, error) {
	if df.Err != nil {
		return nil, fmt.Errorf("study: %w", df.Err)
	}
	c := df.Col(column)
	if c.Err != nil {
		return nil, fmt.Errorf("study: there is no column %q, only %q", column, df.Names())
	}
	if c.Type() == series.String {
		return nil, fmt.Errorf("study: column %q holds text", column)
	}
	x := c.Float()
	for i, v := range x {
		if math.IsNaN(v) {
			return nil, fmt.Errorf("study: column %q has no number in row %d", column, i)
		}
	}
	return x, nil
}
