package truth

import (
	"math"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
)

func TestRankTogether(t *testing.T) {
	df := fixture.Frame(fixture.Text(frame.KeyColumn, "a", "b", "c"), fixture.Floats("x", 1, 2, 2), fixture.Floats("loss", 3, 1, 2))
	got, err := RankTogether(df, "both", Signal{Column: "x"}, Signal{Column: "loss", Lower: true})
	if err != nil {
		t.Fatal(err)
	}
	// Ranks 1, 2.5, 2.5 and 1, 3, 2.
	for i, want := range []float64{2.0 / 6, 5.5 / 6, 4.5 / 6} {
		if v := got.Col("both").Float()[i]; math.Abs(v-want) > 1e-15 {
			t.Errorf("row %d is %v, want %v", i, v, want)
		}
	}
	if _, err := RankTogether(df, "both", Signal{Column: "y"}); err == nil {
		t.Error("a column that is not there gives no error")
	}
	if _, err := RankTogether(df, "both"); err == nil {
		t.Error("a mixture of nothing")
	}
}
