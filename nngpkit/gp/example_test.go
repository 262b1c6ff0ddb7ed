package gp_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit/gp"
)

// Two groups of images that are alike within a group: each image's class can be
// read off its neighbors.
func ExampleSweep() {
	features := mat.NewDense(6, 2, []float64{
		2, 0.1,
		0.2, 3,
		1.9, 0.3,
		0.1, 2.8,
		2.2, 0.2, // to validate
		0.3, 3.1,
	})
	k := mat.NewSymDense(6, nil)
	k.SymOuterK(1, features)
	r, err := gp.Sweep(k, 4, []int{0, 1, 0, 1, 0, 1}, 2, gp.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("accuracy:", r.BestAccuracy, "predicted:", r.Predicted)
	fmt.Printf("leave-one-out squared error of all images: %.4f\n", r.Score("whole_loo_squared_error"))
	// Output:
	// accuracy: 1 predicted: [0 1]
	// leave-one-out squared error of all images: 0.0018
}
