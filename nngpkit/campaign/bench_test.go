package campaign

import (
	"context"
	"errors"
	"testing"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/forward"
)

// noiseOfSample plans the noise signals of n cells drawn from NAS-Bench-101, and
// returns the plan, its cells, and what measures one of them.
func noiseOfSample(b *testing.B, n int, seed uint64) (*Plan, *items, measure) {
	b.Helper()
	p, err := NewPlan("nasbench101", SampleOf(n, seed), []Measurement{RecommendedNoise("nasbench101")}, []uint64{0}, nil)
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
	return p, it, measures[0]
}

// BenchmarkNoise measures the noise signals of cells drawn uniformly from
// NAS-Bench-101, one thread: what a sweep of the space takes per cell.
func BenchmarkNoise(b *testing.B) {
	_, it, noise := noiseOfSample(b, 64, 1)
	pool := new(forward.Pool)
	for i := 0; b.Loop(); i++ {
		a, err := it.at(i % it.n)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := noise(context.Background(), a, pool); err != nil && !errors.Is(err, nngpkit.ErrNoSignal) {
			b.Fatal(err)
		}
	}
}
