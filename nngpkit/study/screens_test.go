package study

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestScreens screens made-up networks by the truth itself, by noise, and at random.
func TestScreens(t *testing.T) {
	s := seeded(t, 100)
	y := s.Cells.Frame.Col(truth.TruthColumn).Float()
	s.Cells.Frame = s.Cells.Frame.Mutate(series.New(y, series.Float, "oracle"))
	screens := []Screen{
		{Label: "at random"},
		{Label: "oracle", Recipes: []Recipe{One(truth.Signal{Column: "oracle"}, "")}, Cost: 0.25},
		{Label: "poor", Recipes: []Recipe{One(poorSignal, "")}},
	}
	got, err := ReplayScreens(t.Context(), s, screens, ScreenConfig{Candidates: []int{20, 100}, Keep: []int{1, 5, 20}, Repeats: 300})
	if err != nil || len(got.Of) != 5 {
		t.Fatalf("%+v, %v", got, err)
	}
	random, oracle, all, poor := got.Of[0], got.Of[1], got.Of[2], got.Of[3]
	// The best of 20 by the truth is what training all 20 finds.
	if a, b := oracle.Best[0].Estimate, random.Best[2].Estimate; math.Abs(a-b) > 1e-12 {
		t.Errorf("the best of 20 is %v and %v", a, b)
	}
	if math.Abs(all.Best[0].Estimate-all.Best[0].Lower) > 1e-12 || math.Abs(all.Best[0].Estimate-slices.Max(y)) > 1e-12 {
		t.Errorf("the best of all is %+v, want %v", all.Best[0], slices.Max(y))
	}
	if !slices.Equal(oracle.Cost, []float64{6, 10, 25}) || !slices.Equal(poor.Cost, []float64{1, 5, 20}) {
		t.Errorf("costs %v and %v", oracle.Cost, poor.Cost)
	}
	if a, b := poor.Best[1].Estimate, random.Best[1].Estimate; math.Abs(a-b) > 0.003 {
		t.Errorf("noise finds %v, chance %v", a, b)
	}
	if _, err := got.Figure("x"); err != nil {
		t.Error(err)
	}
	if lines := recorded(t, func() error { return got.Record("x") }); !strings.Contains(lines, `"x.made.oracle_of_20.5_trained.cost"`) {
		t.Error(lines)
	}
	if !strings.Contains(got.String(), "oracle, of 100") {
		t.Error(got)
	}
	if _, err := ReplayScreens(t.Context(), s, screens, ScreenConfig{Candidates: []int{101}}); err == nil {
		t.Error("no error of more candidates than networks")
	}
	if _, err := ReplayScreens(t.Context(), s, []Screen{{Label: "gaps", Recipes: []Recipe{One(truth.Signal{Column: "proxy_partly"}, "")}}}, ScreenConfig{}); err == nil {
		t.Error("no error of a signal that some lack")
	}
	none, err := ReplayScreens(t.Context(), nil, screens, ScreenConfig{})
	if err != nil || len(none.Of) != 0 {
		t.Errorf("no table: %v, %v", none, err)
	}
}
