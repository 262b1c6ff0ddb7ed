package campaign

import (
	"context"
	"fmt"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/forward"
)

// BenchmarkNoise measures the noise signals of cells drawn uniformly from
// NAS-Bench-101, one thread: what a sweep of the space takes per cell.
func BenchmarkNoise(b *testing.B) {
	p, err := NewPlan("nasbench101", SampleOf(64, 1), []Measurement{RecommendedNoise()}, []uint64{0}, nil)
	if err != nil {
		b.Fatal(err)
	}
	g, err := p.gallery(nil)
	if err != nil {
		b.Fatal(err)
	}
	measures, err := g.measures()
	if err != nil {
		b.Fatal(err)
	}
	it, err := p.items()
	if err != nil {
		b.Fatal(err)
	}
	pool := new(forward.Pool)
	for i := 0; b.Loop(); i++ {
		a, err := it.at(i % it.n)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := measures[0](context.Background(), a, pool); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOverhead measures what a run takes per item besides measuring: the
// whole of NAS-Bench-101, planned, run and merged, with a measurement that costs
// nothing.
func BenchmarkOverhead(b *testing.B) {
	faked(b, nil)
	for _, shards := range []int{1, 8} {
		b.Run(fmt.Sprintf("shards=%d", shards), func(b *testing.B) {
			for b.Loop() {
				p, err := NewPlan("nasbench101", Cells{Choice: All, N: 423624}, []Measurement{small}, []uint64{0}, nil)
				if err != nil {
					b.Fatal(err)
				}
				dir := b.TempDir()
				if err := p.Save(dir + "/plan.json"); err != nil {
					b.Fatal(err)
				}
				for i := range shards {
					if _, err := Run(context.Background(), p, RunConfig{Dir: dir, Shard: Shard{i + 1, shards}, Progress: func(Progress) {}}); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := Merge(context.Background(), p, dir, "", false); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/423624, "ns/item")
		})
	}
}
