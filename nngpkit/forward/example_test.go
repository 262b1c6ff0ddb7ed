package forward_test

import (
	"context"
	"fmt"
	"log"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// A network of one's own, two members, and the inner product of the features
// of two images: one entry of the Monte-Carlo NNGP kernel.
func ExamplePlan_Members() {
	b := arch.NewBuilder("small", arch.Shape{H: 8, W: 8, C: 3})
	x := b.Conv(0, arch.Layer{Channels: 16, Kernel: 3, Norm: true, Act: arch.ReLU})
	b.GlobalAvgPool(x)
	net, err := b.Network(10)
	if err != nil {
		log.Fatal(err)
	}
	images := &imageset.Batch{N: 4, H: 8, W: 8, C: 3, Data: make([]float32, 4*8*8*3)}
	for i := range images.Data {
		images.Data[i] = float32(i*i%23)/11 - 1
	}
	plan, err := forward.Compile(net, forward.Config{Seed: 1, Threads: 1})
	if err != nil {
		log.Fatal(err)
	}
	k := 0.0
	err = plan.Members(context.Background(), 0, 2, images, images, func(m int, f *forward.Features) error {
		fmt.Printf("member %d: %d images x %d features\n", m, f.N, f.D)
		for i := range f.D {
			k += float64(f.Data[i]) * float64(f.Data[f.D+i]) / 2
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("kernel of the first two images: %.3f\n", k)
	// Output:
	// member 0: 4 images x 16 features
	// member 1: 4 images x 16 features
	// kernel of the first two images: 1.306
}
