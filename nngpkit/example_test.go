package nngpkit_test

import (
	"context"
	"fmt"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
	_ "github.com/nngplab/nngplab/nngpkit/spaces"
)

// A cell of NAS-Bench-101 is scored without training, in a setting that takes
// milliseconds, on images that are drawn by code. The zero Config is the
// published protocol.
func Example() {
	s, err := space.Find("nasbench101")
	if err != nil {
		fmt.Println(err)
		return
	}
	cell, err := s.Parse("011/001/000 input,conv3x3-bn-relu,output")
	if err != nil {
		fmt.Println(err)
		return
	}
	net, err := cell.Network(8, arch.Shape{H: 32, W: 32, C: 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := nngpkit.Evaluate(context.Background(), net, imageset.Drawn(60, 1), nngpkit.Config{
		Train: 40, Val: 20, Members: 2, NormBatch: 20,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := r.Measure(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.TrainImages, "training images,", r.ValImages, "validation images")
	fmt.Println("better than chance:", r.BestAccuracy > 0.1)
	fmt.Println(len(m.Scores()) > 5, "more statistics of the same kernel")
	// Output:
	// 40 training images, 20 validation images
	// better than chance: true
	// true more statistics of the same kernel
}

// A network of one's own is built node by node.
func Example_network() {
	b := arch.NewBuilder("residual", arch.Shape{H: 32, W: 32, C: 3})
	conv := arch.Layer{Channels: 8, Kernel: 3, Norm: true, Act: arch.ReLU}
	stem := b.Conv(0, conv)
	b.GlobalAvgPool(b.Sum(8, stem, b.Conv(stem, conv)))
	net, err := b.Network(10)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := nngpkit.Evaluate(context.Background(), net, imageset.Drawn(60, 1), nngpkit.Config{
		Train: 40, Val: 20, Members: 2, NormBatch: 20,
	})
	fmt.Println(err, net.Parameters(), "parameters, kernel of", r.Kernel.SymmetricDim(), "images")
	// Output: <nil> 914 parameters, kernel of 60 images
}
