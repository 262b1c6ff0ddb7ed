package study

import (
	"math"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// TestCurveLeavesUnscoredOut checks that a curve leaves out a cell that has a row
// without a score.
func TestCurveLeavesUnscoredOut(t *testing.T) {
	df := dataframe.New(
		series.New([]string{"a", "b"}, series.String, frame.KeyColumn), series.New([]int{1, 1}, series.Int, sweep.MembersColumn),
		series.New([]float64{math.NaN(), 0.5}, series.Float, "accuracy"), series.New([]float64{1, 1}, series.Float, sweep.GFLOPsColumn))
	c, err := ScoreCurve("some", df, sweep.PaperScore(), sweep.MembersColumn)
	if err != nil {
		t.Fatal(err)
	}
	if p := c.Points[0]; p.known("a") || !p.known("b") {
		t.Errorf("%+v", p)
	}
}
