package imageset_test

import (
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// Images that are drawn by code are split once, by a seed, and the training images
// become what a network reads.
func Example() {
	set := imageset.Drawn(60, 1)
	split, err := imageset.NewSplit(set.Len(), 40, 20, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	batch, err := set.Batch(split.Train, imageset.Normalization{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.Len(), "images in", len(set.Classes), "classes")
	fmt.Println(batch.N, "of them:", batch.H, "x", batch.W, "x", batch.C)
	_, err = imageset.NewSplit(60, 50, 20, 0)
	fmt.Println(err != nil)
	// Output:
	// 60 images in 10 classes
	// 40 of them: 32 x 32 x 3
	// true
}
