package forward

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// BenchmarkNetworks runs 24 cells drawn uniformly from NAS-Bench-101, after
// compiling each, with the memory of one pool: seconds a network, and nominal
// GFLOP/s (2 x multiply-accumulates of evaluation and normalisation batch).
func BenchmarkNetworks(b *testing.B) {
	for _, c := range []struct{ stem, images, norm, members, threads int }{
		{16, 750, 100, 8, 2},
		{128, 300, 100, 2, 2},
		{16, 750, 100, 8, 1},
		{8, 750, 100, 32, 2},
		{32, 750, 100, 8, 2},
		{128, 300, 100, 1, 1},
	} {
		b.Run(fmt.Sprintf("stem=%d/images=%d/members=%d/threads=%d", c.stem, c.images, c.members, c.threads), func(b *testing.B) {
			nets := benchCells(b, c.stem)
			r := rand.New(rand.NewPCG(1, 2))
			s := nets[0].InputShape()
			x, norm := randomBatch(r, c.images, s), randomBatch(r, c.norm, s)
			var pool Pool
			flops := 0.0
			run := func() {
				for i, net := range nets {
					start := cpuSeconds()
					plan, err := pool.Compile(net, Config{Threads: c.threads})
					if err != nil {
						b.Fatal(err)
					}
					err = plan.Members(context.Background(), 0, c.members, x, norm, func(int, *Features) error { return nil })
					if err != nil {
						b.Fatal(err)
					}
					flops += flopsOf(net) * float64((c.images+c.norm)*c.members)
					if testing.Verbose() {
						b.Logf("%2d %.3f cpu-s %.2f GFLOP", i, cpuSeconds()-start, 1e-9*flopsOf(net)*float64((c.images+c.norm)*c.members))
					}
				}
			}
			b.ResetTimer()
			cpu := cpuSeconds()
			for range b.N {
				run()
			}
			s1 := b.Elapsed().Seconds()
			b.ReportMetric(s1/float64(b.N*len(nets)), "s/network")
			b.ReportMetric((cpuSeconds()-cpu)/float64(b.N*len(nets)), "cpu-s/network")
			b.ReportMetric(flops/s1*1e-9, "GFLOP/s")
		})
	}
}

// BenchmarkLayouts runs every fourth of the cells at stem 128 with images and with
// channels side by side, in turns: what wide decides by.
func BenchmarkLayouts(b *testing.B) {
	usual := wide
	defer func() { wide = usual }()
	nets := benchCells(b, 128)
	r := rand.New(rand.NewPCG(1, 2))
	x, norm := randomBatch(r, 300, nets[0].InputShape()), randomBatch(r, 100, nets[0].InputShape())
	for round := range 3 {
		for _, layout := range []string{"images", "channels"} {
			wide.cache, wide.bytes = 0, usual.bytes
			if layout == "images" {
				wide.bytes = math.MaxInt
			}
			b.Run(fmt.Sprintf("%s/round=%d", layout, round), func(b *testing.B) {
				var pool Pool
				cpu, runs := cpuSeconds(), 0
				for range b.N {
					for i := 0; i < len(nets); i += 4 {
						plan, err := pool.Compile(nets[i], Config{Threads: 2})
						if err != nil {
							b.Fatal(err)
						}
						if err := plan.Members(context.Background(), 0, 2, x, norm, func(int, *Features) error { return nil }); err != nil {
							b.Fatal(err)
						}
						runs++
					}
				}
				b.ReportMetric(b.Elapsed().Seconds()/float64(runs), "s/network")
				b.ReportMetric((cpuSeconds()-cpu)/float64(runs), "cpu-s/network")
			})
		}
	}
}

// flopsOf returns twice the multiply-accumulates of one image.
func flopsOf(net *arch.Network) float64 {
	macs := int64(0)
	for i := range net.Nodes[1:] {
		macs += net.MACs(i + 1)
	}
	return 2 * float64(macs)
}

// BenchmarkSteadyState runs one member after another with a plan that has run
// before: it allocates nothing that grows with the network or the images.
func BenchmarkSteadyState(b *testing.B) {
	net := exampleNetwork(b, 16, 32)
	r := rand.New(rand.NewPCG(1, 2))
	x, norm := randomBatch(r, 64, net.InputShape()), randomBatch(r, 32, net.InputShape())
	plan, err := Compile(net, Config{Threads: 1})
	if err != nil {
		b.Fatal(err)
	}
	run := func(members int) {
		err := plan.Members(context.Background(), 0, members, x, norm, func(int, *Features) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
	}
	run(1)
	b.ReportAllocs()
	b.ResetTimer()
	run(b.N)
}
