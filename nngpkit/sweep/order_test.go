package sweep

import (
	"math/rand/v2"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

// TestScoresKnowNoVertexOrder writes 200 cells down in three random vertex
// orders each: a score belongs to the cell, so all have the same bits.
func TestScoresKnowNoVertexOrder(t *testing.T) {
	set, rng := imageset.Drawn(20, 1), rand.New(rand.NewPCG(7, 0))
	cells, err := nasbench.Sample(200, 5)
	if err != nil {
		t.Fatal(err)
	}
	pass := tinyPass(1)
	pass.Train, pass.Val, pass.NormBatch = 10, 6, 6
	pass = pass.Resolved()
	pool, others := new(forward.Pool), 0
	for _, spec := range cells {
		orders := spec.Reorderings()
		var want []measured
		for range 3 {
			written := orders[rng.IntN(len(orders))]
			if written != spec.Canonical() {
				others++
			}
			rows, err := measure(t.Context(), written, set, pass, 1, pool, "")
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = rows
				continue
			}
			for i, r := range rows {
				for name, v := range r.Values {
					timed := name == forwardColumn || name == secondsColumn
					if !timed && v != want[i].Values[name] {
						t.Errorf("%s written as %v: %s is %v, in another order %v", spec.Hash(), written, name, v, want[i].Values[name])
					}
				}
			}
		}
	}
	if others < 200 {
		t.Errorf("only %d of 600 cells were written in an order of their own", others)
	}
}
