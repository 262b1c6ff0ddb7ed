package campaign

import (
	"context"
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
