package study

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/learn"
	"github.com/nngplab/nngplab/nngpkit/search"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestPredictFew fits predictors to a truth that is known to depend on two signals:
// more accuracies help, and the tested cells are none of the fitted.
func TestPredictFew(t *testing.T) {
	s := seeded(t, 300)
	choose, reporting, err := s.Halves()
	if err != nil {
		t.Fatal(err)
	}
	inputs := []Inputs{{"signals", []truth.Signal{goodSignal, poorSignal}}, {"noise", []truth.Signal{poorSignal}}}
	few, err := PredictFew(t.Context(), choose, reporting, inputs, One(goodSignal, ""), FewLabelsConfig{Sizes: []int{20, 100, 400}, Repeats: 40})
	if err != nil {
		t.Fatal(err)
	}
	if len(few.Of) != 4 || few.Of[0].Method != (learn.Ridge{}).Name() || few.Of[0].Tau[2] != nil {
		t.Fatalf("predictors %+v", few.Of)
	}
	ridge, noise := few.Of[0].Tau, few.Of[2].Tau
	// With the one input that says something found, a prediction orders cells as it
	// does, but for a sign and a weight on noise.
	if !(ridge[1].Estimate > few.Without.Estimate-0.03) || !(ridge[0].Estimate <= ridge[1].Estimate+0.01) {
		t.Errorf("ridge has %v, unfitted %v", ridge, few.Without)
	}
	if math.Abs(noise[1].Estimate) > 0.15 || noise[1].Excludes(0) {
		t.Errorf("noise predicts %v", noise[1])
	}
	if ridge[0].N != reporting.Len() {
		t.Errorf("tested on %d cells of %d", ridge[0].N, reporting.Len())
	}
	again, err := PredictFew(t.Context(), choose, reporting, inputs, One(goodSignal, ""), FewLabelsConfig{Sizes: []int{20, 100, 400}, Repeats: 40})
	if err != nil || again.Of[1].Tau[0].Estimate != few.Of[1].Tau[0].Estimate {
		t.Errorf("another run differs: %v", err)
	}
	if _, err := few.Figure(); err != nil {
		t.Error(err)
	}
	if lines := recorded(t, func() error { return few.Record("x") }); !strings.Contains(lines, `"x.signals.ridge.100"`) || !strings.Contains(lines, `"x.unfitted"`) {
		t.Error(lines)
	}
	some, err := PredictFew(t.Context(), choose, reporting, append(inputs[1:], Inputs{"gaps", []truth.Signal{{Column: "proxy_partly"}}}), One(goodSignal, ""), FewLabelsConfig{Repeats: 2, Sizes: []int{20}})
	if err != nil || len(some.Of) != 2 || len(some.LeftOut) != 1 || !strings.Contains(some.String(), "lack a part: gaps") {
		t.Errorf("inputs that some cells lack: %v, %v", some, err)
	}
}

// TestSearches replays searches by the truth itself and by noise.
func TestSearches(t *testing.T) {
	s := seeded(t, 150)
	truths := s.Cells.Frame.Col(truth.TruthColumn).Float()
	s.Cells.Frame = s.Cells.Frame.Mutate(series.New(truths, series.Float, "oracle"))
	recipes := []Recipe{One(truth.Signal{Column: "oracle"}, ""), One(poorSignal, "")}
	for name, cfg := range map[string]SearchConfig{
		"all cells, neighbors":  {Budget: 40, Repeats: 60},
		"drawn cells, distance": {Budget: 40, Repeats: 60, Share: 0.6, Nearest: 10},
	} {
		got, err := ReplaySearches(t.Context(), s, recipes, cfg)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(got.Found) != 5 {
			t.Fatalf("%s: %d strategies", name, len(got.Found))
		}
		best := slices.Max(truths)
		if cfg.Share == 0 && got.Best != best || cfg.Share > 0 && !(got.Best < best) {
			t.Errorf("%s: the best is %v of %v", name, got.Best, best)
		}
		oracle := got.find("oracle")
		if math.Abs(oracle.Mean[0]-got.Best) > 1e-12 {
			t.Errorf("%s: the first by the truth is %v, the best %v", name, oracle.Mean[0], got.Best)
		}
		// The order of noise is a random one.
		random, poor := got.find(search.Random{}.Name()), got.find("poor")
		if off := math.Abs(random.Mean[39] - poor.Mean[39]); off > 0.006 {
			t.Errorf("%s: noise finds %v, chance %v", name, poor.Mean[39], random.Mean[39])
		}
		if k, err := got.Trainings("oracle", "poor", 40); err != nil || k != 1 {
			t.Errorf("%s: the truth needs %d trainings, %v", name, k, err)
		}
		if _, err := got.Figure("a search", 0); err != nil {
			t.Error(err)
		}
		if lines := recorded(t, func() error { return got.Record("x") }); !strings.Contains(lines, `"x.made.10_trained.regularized_evolution"`) {
			t.Error(lines)
		}
	}
	for name, f := range map[string]func() error{
		"too large a share": func() error { _, err := ReplaySearches(t.Context(), s, recipes, SearchConfig{Share: 1.5}); return err },
		"no signal":         func() error { _, err := ReplaySearches(t.Context(), s, nil, SearchConfig{}); return err },
		"gaps": func() error {
			_, err := ReplaySearches(t.Context(), s, []Recipe{One(truth.Signal{Column: "proxy_partly"}, "")}, SearchConfig{})
			return err
		},
	} {
		if f() == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if all, err := ReplaySearches(t.Context(), s, recipes, SearchConfig{Budget: 1000, Repeats: 3}); err != nil || len(all.Found[0].Mean) != 150 {
		t.Errorf("a budget of more than there are: %v", err)
	}
	if empty, err := ReplaySearches(t.Context(), nil, recipes, SearchConfig{}); err != nil || !strings.Contains(empty.String(), "No table") {
		t.Errorf("without a table: %v", err)
	}
}
