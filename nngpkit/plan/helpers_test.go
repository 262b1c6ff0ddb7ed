package plan

import (
	"testing"

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
