package arch_test

import (
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// A small network of one's own: two convolutions with a skip connection.
func ExampleBuilder() {
	b := arch.NewBuilder("tiny", arch.Shape{H: 32, W: 32, C: 3})
	stem := b.Conv(0, arch.Layer{Channels: 16, Kernel: 3, Norm: true, Act: arch.ReLU})
	conv := b.Conv(stem, arch.Layer{Channels: 16, Kernel: 3, Norm: true, Act: arch.ReLU})
	b.GlobalAvgPool(b.Sum(16, stem, conv))
	net, err := b.Network(10)
	if err != nil {
		panic(err)
	}
	fmt.Println(net.Features(), "features")
	fmt.Println(net.Parameters(), "parameters")
	fmt.Println(net.FLOPs(), "FLOPs an image")
	// Output:
	// 16 features
	// 2970 parameters
	// 5603648 FLOPs an image
}
