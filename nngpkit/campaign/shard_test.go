package campaign

import (
	"context"
	"slices"
	"testing"
)

// TestShards: shards are disjoint, together everything, the same every time, and of
// about the same predicted cost.
func TestShards(t *testing.T) {
	p := planned(t, 2000)
	it, err := p.items()
	if err != nil {
		t.Fatal(err)
	}
	costs, err := p.costs(context.Background(), it)
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range []int{1, 2, 8, 33} {
		seen := make([]int, 2000)
		var sums []float64
		for i := 1; i <= of; i++ {
			mine, err := p.Items(context.Background(), Shard{i, of})
			if err != nil {
				t.Fatal(err)
			}
			again, err := p.Items(context.Background(), Shard{i, of})
			if err != nil || !slices.Equal(mine, again) {
				t.Fatalf("shard %d of %d differs from itself: %v", i, of, err)
			}
			if slices.IsSorted(mine) {
				t.Errorf("shard %d of %d is in the order of the plan", i, of)
			}
			sum := 0.0
			for _, k := range mine {
				seen[k]++
				sum += float64(costs[k])
			}
			sums = append(sums, sum)
		}
		if slices.Contains(seen, 0) || slices.Max(seen) > 1 {
			t.Errorf("%d shards are no partition", of)
		}
		// Graham's rule: the largest is above the least by at most one item.
		if least, most := slices.Min(sums), slices.Max(sums); most-least > float64(slices.Max(costs)) {
			t.Errorf("%d shards cost %.3g to %.3g", of, least, most)
		}
	}
}

// TestShardCheck: what is no shard is refused.
func TestShardCheck(t *testing.T) {
	p := planned(t, 3)
	for _, s := range []Shard{{0, 2}, {3, 2}, {-1, 1}, {1, 0}, {1, MaxShards + 1}} {
		if _, err := p.Items(context.Background(), s); err == nil {
			t.Errorf("%v is taken for a shard", s)
		}
	}
}
