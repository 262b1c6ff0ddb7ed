package learn_test

import (
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/learn"
)

// A line through four points, and what it says of a fifth.
func Example() {
	model, err := learn.Ridge{Penalty: 1e-9}.Fit([][]float64{{1, 2, 3, 4}}, []float64{3, 5, 7, 9})
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := model.Predict([][]float64{{5}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", y[0])
	// Output: 11.000
}
