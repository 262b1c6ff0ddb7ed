package truth

import (
	"math"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
)

// TestPublishedCells checks the joined tables against figures computed from
// the same files with pandas and scipy.stats.kendalltau: the number of cells,
// and tau-b of the baselines with the truth.
func TestPublishedCells(t *testing.T) {
	fixture.WithData(t)
	for _, want := range []struct {
		name                    string
		cells                   int
		parameters, conv3x3, at float64 // at: tolerance of the last digit given
	}{
		{"official", 268, 0.402, 0.566, 0.0005},
		{"retrained", 772, 0.541, 0.671, 0.0005},
		{"uniform", 1237, 0.303, 0.405, 0.0005},
	} {
		c, err := OpenCells(t.Context(), want.name, 0)
		if err != nil {
			t.Fatal(err)
		}
		if c.Len() != want.cells || c.Frame.Nrow() != want.cells || !c.HasTruth() {
			t.Errorf("%s has %d cells, want %d", want.name, c.Len(), want.cells)
		}
		truth, err := frame.Floats(c.Frame, TruthColumn)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range []struct {
			s   Signal
			tau float64
		}{{Parameters, want.parameters}, {Conv3x3, want.conv3x3}} {
			x, err := b.s.Values(c.Frame)
			if err != nil {
				t.Fatal(err)
			}
			if tau := corr.Tau(truth, x); math.Abs(tau-b.tau) > want.at {
				t.Errorf("%s: tau of %s is %.4f, want %.3f", want.name, b.s.Name(), tau, b.tau)
			}
		}
		for i, h := range c.Frame.Col(frame.KeyColumn).Records() {
			if got := c.Architectures[i].Key(); got != h {
				t.Fatalf("%s: row %d has hash %s and the cell of %s", want.name, i, h, got)
			}
		}
		if f, err := OpenCells(t.Context(), want.name, 10); err != nil || f.Len() != 10 || f.Frame.Nrow() != 10 || f.Architectures[9] != c.Architectures[9] {
			t.Errorf("%s: the first 10 are %d, %v", want.name, f.Len(), err)
		}
	}
}
