package frame_test

import (
	"fmt"

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
