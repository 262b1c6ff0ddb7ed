package frame

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// Group is the rows of a data frame that agree in some columns.
type Group struct {
	Key   []string // the values in which they agree, as text, in the order of the columns
	Frame dataframe.DataFrame
}

// Groups divides a data frame by the values of columns, in the order in which they
// first occur. It is gota's GroupBy, which joins the values with "_" and so puts
// rows of ("x_y", "z") and ("x", "y_z") into one group.
func Groups(df dataframe.DataFrame, columns ...string) ([]Group, error) {
	if df.Err != nil {
		return nil, fmt.Errorf("frame: %w", df.Err)
	}
	if len(columns) == 0 {
		return nil, fmt.Errorf("frame: groups by no column")
	}
	values := make([][]string, len(columns))
	for i, name := range columns {
		c := df.Col(name)
		if c.Err != nil {
			return nil, noColumn(df, name)
		}
		values[i] = c.Records()
	}
	at := map[string]int{}
	var keys [][]string
	var rows [][]int
	for r := 0; r < df.Nrow(); r++ {
		key := make([]string, len(columns))
		var id strings.Builder
		for i := range columns {
			key[i] = values[i][r]
			fmt.Fprintf(&id, "%d:%s", len(key[i]), key[i])
		}
		g, ok := at[id.String()]
		if !ok {
			g = len(keys)
			at[id.String()] = g
			keys, rows = append(keys, key), append(rows, nil)
		}
		rows[g] = append(rows[g], r)
	}
	out := make([]Group, len(keys))
	for g := range out {
		part, err := Checked(df.Subset(rows[g]))
		if err != nil {
			return nil, err
		}
		out[g] = Group{keys[g], part}
	}
	return out, nil
}

// Describe returns what numeric columns hold, a row a column: how many numbers, how
// many missing values, and of the numbers the mean, the standard deviation (n - 1),
// the smallest, the quartiles and the largest. Without columns it takes all that
// are numeric. gota's Max, Min and Mean are NaN where a single value is missing, or
// depend on where it stands.
func Describe(df dataframe.DataFrame, columns ...string) (dataframe.DataFrame, error) {
	if df.Err != nil {
		return df, fmt.Errorf("frame: %w", df.Err)
	}
	if len(columns) == 0 {
		for _, name := range df.Names() {
			if t := df.Col(name).Type(); t == series.Float || t == series.Int {
				columns = append(columns, name)
			}
		}
	}
	stats := []string{"mean", "sd", "min", "q1", "median", "q3", "max"}
	cols := make([][]float64, len(stats))
	var numbers, missing []int
	for _, name := range columns {
		c := df.Col(name)
		if c.Err != nil {
			return dataframe.DataFrame{}, noColumn(df, name)
		}
		if c.Type() == series.String {
			return dataframe.DataFrame{}, fmt.Errorf("frame: column %q holds text", name)
		}
		var x []float64
		for _, v := range c.Float() {
			if !math.IsNaN(v) {
				x = append(x, v)
			}
		}
		numbers, missing = append(numbers, len(x)), append(missing, c.Len()-len(x))
		for i, v := range summary(x) {
			cols[i] = append(cols[i], v)
		}
	}
	out := []series.Series{
		series.New(columns, series.String, "column"), series.New(numbers, series.Int, "n"), series.New(missing, series.Int, "missing"),
	}
	for i, name := range stats {
		out = append(out, series.New(cols[i], series.Float, name))
	}
	return Checked(dataframe.New(out...))
}

// DescribeBy is Describe of one numeric column in each group of rows that agree in
// another, a row a group, in the order in which the groups first occur. Rows that lack a
// group are one under "".
func DescribeBy(df dataframe.DataFrame, by, column string) (dataframe.DataFrame, error) {
	groups, err := Groups(df, by)
	if err != nil {
		return dataframe.DataFrame{}, err
	}
	var all dataframe.DataFrame
	keys := make([]string, len(groups))
	for i, g := range groups {
		one, err := Describe(g.Frame, column)
		if err != nil {
			return dataframe.DataFrame{}, err
		}
		if keys[i] = g.Key[0]; i == 0 {
			all = one
		} else {
			all = all.RBind(one)
		}
	}
	if len(groups) == 0 {
		return dataframe.DataFrame{}, fmt.Errorf("frame: there are no rows to describe")
	}
	cols := []series.Series{series.New(keys, series.String, by)}
	for _, name := range all.Names()[1:] {
		cols = append(cols, all.Col(name))
	}
	return Checked(dataframe.New(cols...))
}

// summary returns mean, standard deviation, and the quantiles 0, 1/4, 1/2, 3/4 and
// 1, linear between values (type 7 of Hyndman & Fan 1996, R's and NumPy's).
func summary(x []float64) [7]float64 {
	var out [7]float64
	for i := range out {
		out[i] = math.NaN()
	}
	n := len(x)
	if n == 0 {
		return out
	}
	x = append([]float64(nil), x...)
	sort.Float64s(x)
	mean := 0.0
	for _, v := range x {
		mean += v / float64(n)
	}
	out[0] = mean
	if n > 1 {
		squares := 0.0
		for _, v := range x {
			squares += (v - mean) * (v - mean)
		}
		out[1] = math.Sqrt(squares / float64(n-1))
	}
	for q := 0; q <= 4; q++ {
		at := float64(q) / 4 * float64(n-1)
		lo := int(at)
		out[2+q] = x[lo]
		if lo+1 < n {
			out[2+q] += (at - float64(lo)) * (x[lo+1] - x[lo])
		}
	}
	return out
}
