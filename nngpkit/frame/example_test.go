package frame_test

import (
	"fmt"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/frame"
)

// Two tables are joined by the key of their rows, and the rows whose accuracy is
// known are taken.
func Example() {
	scores := dataframe.New(
		series.New([]string{"a", "b", "c"}, series.String, "hash"),
		series.New([]float64{0.31, 0.36, 0.28}, series.Float, "nngp"),
	)
	truths := dataframe.New(
		series.New([]string{"c", "a"}, series.String, "hash"),
		series.New([]float64{0.91, 0.93}, series.Float, "accuracy"),
	)
	all, err := frame.LeftJoin(scores, truths, "hash")
	if err != nil {
		fmt.Println(err)
		return
	}
	known, err := frame.Known(all, "accuracy")
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := frame.Floats(known, "nngp")
	fmt.Println(all.Nrow(), "rows,", known.Nrow(), "known:", x, err)
	_, err = frame.Floats(all, "accuracy")
	fmt.Println(err)
	// Output:
	// 3 rows, 2 known: [0.31 0.28] <nil>
	// frame: column "accuracy" has no number in row 1
}

// A file as people have them: a gap, a date that is none, percents. Without BadAsMissing
// the date is an error.
func ExampleParseCSV() {
	file := `family,measured,accuracy
residual,2024-03-05,93.4 %
plain,2024-02-30,91 %
residual,2024-03-07,NA
`
	_, _, err := frame.ParseCSV(strings.NewReader(file), "mine.csv", frame.CSVConfig{})
	fmt.Println(err)
	df, read, err := frame.ParseCSV(strings.NewReader(file), "mine.csv", frame.CSVConfig{BadAsMissing: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(read)
	known, err := frame.Known(df, "measured", "accuracy")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(known.Nrow(), "of", df.Nrow(), "rows:", known.Col("accuracy").Float())
	// Output:
	// frame: mine.csv: line 3, column "measured": "2024-02-30" is no day of the calendar (CSVConfig: Layouts names other layouts, BadAsMissing leaves gaps)
	// mine.csv: 3 rows
	// column       kind  values  different  missing  written as  bad   the first
	// family       text       3          2        0                0    residual
	// measured     date       2          2        0                1  2024-03-05
	// accuracy  percent       2          2        1          NA    0      93.4 %
	//
	// Taken as missing
	// line    column       value                           why
	// 3     measured  2024-02-30  it is no day of the calendar
	// 1 of 3 rows: [0.934]
}
