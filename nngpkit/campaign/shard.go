package campaign

import (
	"container/heap"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// cost predicts what an item takes, in multiply-accumulates: the forward passes,
// and what an image takes whatever the network's size. The shape of images is the
// space's: shards must not depend on what a machine has.
func (p *Plan) cost(a space.Architecture) int64 {
	total := int64(0)
	for i := range p.Measurements {
		m := &p.Measurements[i]
		macs, err := space.MACs(a, m.width(), arch.Shape{})
		if err != nil { // it cannot be built: its failure costs nothing
			continue
		}
		total += m.passes() * (macs + passMACs)
	}
	return max(total*int64(len(p.Seeds)), 1)
}

// passMACs is what an image takes besides multiply-accumulates, in those: measured
// on cells of NAS-Bench-101 at width 8 (BenchmarkCost).
const passMACs = 2_500_000

func (m *Measurement) width() int {
	if m.Noise != nil {
		return m.Noise.Width
	}
	return m.Kernel.Width
}

// passes returns how many images run through the network.
func (m *Measurement) passes() int64 {
	if m.Noise != nil {
		return m.Noise.passes()
	}
	k := m.Kernel
	return int64(k.Train+k.Val+k.NormBatch) * int64(k.Members)
}

// Items returns the items of a shard in the order in which they are computed, one
// that says nothing of what they are: what is ready at any moment is a random sample.
// The shards of a plan have about the same predicted cost, and which items they
// have depends on the plan alone.
func (p *Plan) Items(ctx context.Context, s Shard) ([]int32, error) {
	s = s.resolved()
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("campaign: %w", err)
	}
	it, err := p.items()
	if err != nil {
		return nil, fmt.Errorf("campaign: %w", err)
	}
	return p.itemsOf(ctx, it, s)
}

func (p *Plan) itemsOf(ctx context.Context, it *items, s Shard) ([]int32, error) {
	mine := make([]int32, 0, it.n/s.Of+1)
	if s.Of == 1 {
		for i := range it.n {
			mine = append(mine, int32(i))
		}
	} else {
		costs, err := p.costs(ctx, it)
		if err != nil {
			return nil, fmt.Errorf("campaign: %w", err)
		}
		for i, of := range deal(costs, s.Of) {
			if of == s.I-1 {
				mine = append(mine, int32(i))
			}
		}
	}
	seed, _ := strconv.ParseUint(p.Hash[:16], 16, 64)
	rng := rand.New(rand.NewPCG(seed, uint64(s.Of)<<32|uint64(s.I)))
	rng.Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
	return mine, nil
}

// costs returns the predicted cost of every item.
func (p *Plan) costs(ctx context.Context, it *items) ([]int64, error) {
	out := make([]int64, it.n)
	for i := range out {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		a, err := it.at(i)
		if err != nil {
			return nil, err
		}
		out[i] = p.cost(a)
	}
	return out, nil
}

// deal distributes items over so many hands: the most expensive first, each to the
// hand that has least (Graham's rule), and returns the hand of each. Ties go to the
// first.
func deal(costs []int64, hands int) []int {
	order := make([]int, len(costs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch x, y := costs[a], costs[b]; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	h := make(handHeap, hands)
	for i := range h {
		h[i].number = i
	}
	out := make([]int, len(costs))
	for _, i := range order {
		out[i] = h[0].number
		h[0].cost += costs[i]
		heap.Fix(&h, 0)
	}
	return out
}

type hand struct {
	cost   int64
	number int
}

type handHeap []hand

func (h handHeap) Len() int { return len(h) }
func (h handHeap) Less(i, j int) bool {
	return h[i].cost < h[j].cost || h[i].cost == h[j].cost && h[i].number < h[j].number
}
func (h handHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *handHeap) Push(x any)   { *h = append(*h, x.(hand)) }
func (h *handHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
