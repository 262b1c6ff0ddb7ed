package study

import (
	"fmt"
	"math"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestRankColumns: the ranks of a, twice, and of minus b, by hand. Row 3 has no a, so
// that ranks are among the other three, over 3: of a 1, 3, 2, of -b 2, 1, 3.
func TestRankColumns(t *testing.T) {
	df := dataframe.New(
		series.New([]string{"p", "q", "r", "s"}, series.String, "hash"),
		series.New([]float64{1, 9, 3, math.NaN()}, series.Float, "a"),
		series.New([]int{5, 7, 2, 1}, series.Int, "b"),
	)
	a, b := truth.Signal{Column: "a"}, truth.Signal{Column: "b", Lower: true}
	got, err := RankColumns(df, []truth.Signal{a, a, b})
	if err != nil {
		t.Fatal(err)
	}
	// q: (3 + 3 + 1) / 9, r: (2 + 2 + 3) / 9, p: (1 + 1 + 2) / 9.
	for name, want := range map[string]string{"hash": "[q r p s]", "place": "[1 1 3 NaN]"} {
		if g := fmt.Sprint(got.Col(name).Records()); g != want {
			t.Errorf("%s: %s, want %s", name, g, want)
		}
	}
	mixture := got.Col("mixture").Float()
	for i, want := range []float64{7. / 9, 7. / 9, 4. / 9} {
		if math.Abs(mixture[i]-want) > 1e-15 {
			t.Errorf("mixture %v of row %d, want %v", mixture[i], i, want)
		}
	}
	if !math.IsNaN(mixture[3]) {
		t.Errorf("mixture %v without a number in a", mixture[3])
	}
	for _, mix := range [][]truth.Signal{nil, {{Column: "c"}}} {
		if _, err := RankColumns(df, mix); err == nil {
			t.Errorf("ranked by %v", mix)
		}
	}
	if _, err := RankColumns(got, []truth.Signal{a}); err == nil {
		t.Error("a ranking was ranked again beside its own columns")
	}
}
