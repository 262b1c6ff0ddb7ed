package sweep_test

import (
	"context"
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// A committed table is opened, which computes nothing, and the rows of one setting
// are taken.
func ExampleOpenScores() {
	df, err := sweep.OpenScores(context.Background(), "members8")
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := sweep.FindExperiment("members8")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Name, df.Nrow() > 0, sweep.PaperScore().Name())
	// Output:
	// members8 true NNGP accuracy (the paper's score)
}
