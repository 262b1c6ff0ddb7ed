package proxy_test

import (
	"context"
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/proxy"
)

// A network of one's own is scored by NASWOT, which looks at the signs of what the
// rectifiers read: the same seed gives the same number.
func ExampleNASWOT() {
	b := arch.NewBuilder("plain", arch.Shape{H: 8, W: 8, C: 3})
	l := arch.Layer{Channels: 8, Kernel: 3, Norm: true, Act: arch.ReLU}
	b.GlobalAvgPool(b.Conv(b.Conv(0, l), l))
	net, err := b.Network(10)
	if err != nil {
		fmt.Println(err)
		return
	}
	images := &imageset.Batch{N: 4, H: 8, W: 8, C: 3, Data: make([]float32, 4*8*8*3)}
	for i := range images.Data {
		images.Data[i] = float32(i%17)/8 - 1
	}
	one, err := proxy.NASWOT(context.Background(), net, images, proxy.Config{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := proxy.NASWOT(context.Background(), net, images, proxy.Config{Seed: 1})
	fmt.Println(one == again, one > 0, err)
	// Output: true true <nil>
}
