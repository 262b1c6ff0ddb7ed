package forward

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// BenchmarkNetworks runs 24 cells drawn uniformly from NAS-Bench-101, after
// compiling each, with the memory of one pool: seconds per network, and nominal
// GFLOP/s (2 x multiply-accumulates of evaluation and normalization batch).
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
			runNetworks(b, nets, c.threads, c.members, randomBatch(r, c.images, s), randomBatch(r, c.norm, s))
		})
	}
}

// runNetworks is one benchmark of BenchmarkNetworks.
func runNetworks(b *testing.B, nets []*arch.Network, threads, members int, x, norm *imageset.Batch) {
	var pool Pool
	flops := 0.0
	b.ResetTimer()
	cpu := cpuSeconds()
	for range b.N {
		for i, net := range nets {
			start := cpuSeconds()
			plan, err := pool.Compile(net, Config{Threads: threads})
			if err != nil {
				b.Fatal(err)
			}
			err = plan.Members(context.Background(), 0, members, x, norm, func(int, *Features) error { return nil })
			if err != nil {
				b.Fatal(err)
			}
			work := flopsOf(net) * float64((x.N+norm.N)*members)
			flops += work
			if testing.Verbose() {
				b.Logf("%2d %.3f cpu-s %.2f GFLOP", i, cpuSeconds()-start, 1e-9*work)
			}
		}
	}
	seconds, runs := b.Elapsed().Seconds(), float64(b.N*len(nets))
	b.ReportMetric(seconds/runs, "s/network")
	b.ReportMetric((cpuSeconds()-cpu)/runs, "cpu-s/network")
	b.ReportMetric(flops/seconds*1e-9, "GFLOP/s")
}

// BenchmarkLayouts runs every fourth of the cells at stem 128 with images and with
// channels side by side, in turns: what wide decides by.
func BenchmarkLayouts(b *testing.B) {
	usual := wide
	defer func() { wide = usual }()
	var nets []*arch.Network
	for i, net := range benchCells(b, 128) {
		if i%4 == 0 {
			nets = append(nets, net)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	x, norm := randomBatch(r, 300, nets[0].InputShape()), randomBatch(r, 100, nets[0].InputShape())
	for round := range 3 {
		for _, layout := range []string{"images", "channels"} {
			wide.cache, wide.bytes = 0, usual.bytes
			if layout == "images" {
				wide.bytes = math.MaxInt
			}
			b.Run(fmt.Sprintf("%s/round=%d", layout, round), func(b *testing.B) {
				runNetworks(b, nets, 2, 2, x, norm)
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
