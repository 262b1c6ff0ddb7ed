package study

import (
	"testing"

	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// sampled returns cells drawn from the space, without truth.
func sampled(t *testing.T, n int) *truth.Cells {
	t.Helper()
	c, err := truth.SampleCells(n, 3)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tinyPass is a pass of milliseconds per cell.
func tinyPass(members ...int) sweep.Pass {
	return sweep.Pass{Setting: sweep.Setting{Width: 8, Train: 30, Val: 20, NormBatch: 10}, At: members}
}
