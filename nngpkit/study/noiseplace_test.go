package study

import (
	"errors"
	"math"
	"testing"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestMeasureCell measures a cell of the committed table again: its score is that of
// the table's draws but for their weights, and its place is counted here by hand.
func TestMeasureCell(t *testing.T) {
	for name, table := range map[string]string{"nasbench101": "signals_uniform", "nasbench201": "signals_nasbench201"} {
		held, err := sweep.CommittedScores(table)
		if err != nil {
			t.Fatal(err)
		}
		a, err := truth.NewCell(held.Frame.Col(truth.CellColumn).Records()[0])
		if err != nil {
			t.Fatal(err)
		}
		got, err := MeasureCell(t.Context(), a, NoiseWidth, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		seed0, err := frame.Where(held.Frame, sweep.SeedColumn, 0)
		if err != nil {
			t.Fatal(err)
		}
		e := seed0.Col("noise_entropy").Float()
		if math.Abs(got.Entropy.Value-e[0]) > sweep.RoundingTolerance*(1+e[0]) {
			t.Errorf("%s: entropy %v, the table has %v", name, got.Entropy.Value, e[0])
		}
		below := 0
		for _, v := range e {
			if !(v >= got.Entropy.Value) {
				below++
			}
		}
		if got.Cells != len(e) || got.Entropy.Share != float64(below)/float64(len(e)) {
			t.Errorf("%s: %d cells, share %v, want %d of %d", name, got.Cells, got.Entropy.Share, below, len(e))
		}
		scores, err := sweep.NoiseScores(held.Frame, 3)
		if err != nil || len(scores) != len(e) {
			t.Fatalf("%d scores, %v", len(scores), err)
		}
		if math.Abs(scores[0]-got.Score.Value) > 2 {
			t.Errorf("%s: score %v, by the table's draws %v", name, got.Score.Value, scores[0])
		}
		wide, err := MeasureCell(t.Context(), a, 9, 0, 1)
		if err != nil || wide.Cells != 0 || !math.IsNaN(wide.Score.Share) {
			t.Errorf("%s: at width 9 %+v, %v", name, wide, err)
		}
	}
	s, err := space.Find("nasbench201")
	if err != nil {
		t.Fatal(err)
	}
	none, err := s.Parse("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := MeasureCell(t.Context(), none, NoiseWidth, 0, 1); !errors.Is(err, nngpkit.ErrNoSignal) {
		t.Errorf("a cell of nothing: %v", err)
	}
}
