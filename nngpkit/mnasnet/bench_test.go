package mnasnet

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// BenchmarkForward runs twelve networks of Accel-NASBench's table (every 342nd row),
// compiled before, with normalization folded into the weights: seconds and processor
// seconds per network, of one member, the drawing of its weights included.
func BenchmarkForward(b *testing.B) {
	text, err := os.ReadFile("testdata/networks12.txt")
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range []struct{ size, width, images int }{
		{224, 32, 64}, {224, 8, 96}, {96, 32, 96}, {96, 8, 192}, {64, 32, 192}, {64, 8, 384},
	} {
		b.Run(fmt.Sprintf("pixels=%d/width=%d/images=%d", s.size, s.width, s.images), func(b *testing.B) {
			shape := arch.Shape{H: s.size, W: s.size, C: 3}
			x := &imageset.Batch{N: s.images, H: s.size, W: s.size, C: 3, Data: make([]float32, s.images*shape.Size())}
			r := rand.New(rand.NewPCG(1, 2))
			for i := range x.Data {
				x.Data[i] = float32(r.NormFloat64())
			}
			var pool forward.Pool
			var plans []*forward.Plan
			for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
				d, err := ParseDecisions(line)
				if err != nil {
					b.Fatal(err)
				}
				net, err := d.Network(Skeleton{Width: s.width, Input: shape})
				if err != nil {
					b.Fatal(err)
				}
				plan, err := pool.Compile(net, forward.Config{Norm: forward.None})
				if err != nil {
					b.Fatal(err)
				}
				plans = append(plans, plan)
			}
			run := func() {
				for _, p := range plans {
					if err := p.Members(b.Context(), 0, 1, x, nil, func(int, *forward.Features) error { return nil }); err != nil {
						b.Fatal(err)
					}
				}
			}
			run()
			cpu := cpuSeconds()
			b.ResetTimer()
			for range b.N {
				run()
			}
			n := float64(b.N * len(plans))
			b.ReportMetric(b.Elapsed().Seconds()/n, "s/network")
			b.ReportMetric((cpuSeconds()-cpu)/n, "cpu-s/network")
		})
	}
}
