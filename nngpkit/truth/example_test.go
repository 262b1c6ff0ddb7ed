package truth_test

import (
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/truth"
)

// Twenty cells are drawn, whose accuracy nobody knows, with what is known
// of each for free.
func ExampleSampleCells() {
	c, err := truth.SampleCells(20, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Len(), "cells, truth known:", c.HasTruth())
	for _, s := range truth.Baselines() {
		fmt.Println(s.Name())
	}
	// Output:
	// 20 cells, truth known: false
	// parameters
	// FLOPs
	// number of conv3x3
}
