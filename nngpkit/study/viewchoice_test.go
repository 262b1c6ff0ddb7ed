package study

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// choiceSample returns cells with a drawn truth and four scores of it, with independent
// noise: the best two are those of RecommendedPair.
func choiceSample(t *testing.T, n int) *truth.Cells {
	t.Helper()
	c, err := truth.SampleCells(n, 6)
	if err != nil {
		t.Fatal(err)
	}
	c.Name, c.Truth = "sampled", "drawn"
	r := rand.New(rand.NewPCG(7, 8))
	cols := map[string][]float64{}
	for range n {
		z := r.NormFloat64()
		cols[truth.TruthColumn] = append(cols[truth.TruthColumn], z)
		for i, name := range []string{"log_det_depths", "log_det_maxima", "effective_dimension_maxima", "effective_dimension_depths"} {
			noise := []float64{6, 1, 1, 5}[i]
			cols[name] = append(cols[name], math.Round(8*(z+noise*r.NormFloat64())))
		}
	}
	for name, x := range cols {
		c.Frame = c.Frame.Mutate(series.New(x[:c.Len()], series.Float, name))
	}
	return c
}

// TestChooseViews compares every tau with its definition on the cells whose
// hash ends in an even digit.
func TestChooseViews(t *testing.T) {
	c := choiceSample(t, 160)
	k, err := ChooseViews([]*truth.Cells{c, {Name: "without truth"}}, []nngpkit.View{nngpkit.Depths, nngpkit.Maxima}, []string{"effective_dimension", "log_det"})
	if err != nil {
		t.Fatal(err)
	}
	var even []int
	for i, h := range c.Frame.Col(frame.KeyColumn).Records() {
		if strings.ContainsAny(h[len(h)-1:], "02468ace") {
			even = append(even, i)
		}
	}
	values := func(column string) []float64 { return truth.PickRows(mustFloats(t, c, column), even) }
	truths := values(truth.TruthColumn)
	if len(k.Cells) != 1 || k.Cells[0].Len() != len(even) || len(k.Single) != 4 || len(k.Pairs) != 6 {
		t.Fatalf("%d tables, %d scores, %d pairs", len(k.Cells), len(k.Single), len(k.Pairs))
	}
	for _, s := range k.Single {
		if want := naiveTau(truths, values(s.Signals[0].Column)); math.Abs(s.Tau[0]-want) > 1e-12 {
			t.Errorf("%s has tau %v, want %v", s.Signals[0].Column, s.Tau[0], want)
		}
	}
	for i, p := range k.Pairs {
		want := naiveTau(truths, sumOfRanks(values(p.Signals[0].Column), values(p.Signals[1].Column)))
		if math.Abs(p.Tau[0]-want) > 1e-12 || i > 0 && p.Tau[0] > k.Pairs[i-1].Tau[0] {
			t.Errorf("pair %d, %s, has tau %v, want %v", i, p.name(), p.Tau[0], want)
		}
	}
	pair := RecommendedPair()
	if place, _ := k.PairRank(pair[1], pair[0]); place != 1 {
		t.Errorf("the pair of the sample's two best scores has place %d", place)
	}
	if place, _ := k.PairRank(pair[0], truth.Signal{Column: "nothing"}); place != 0 {
		t.Errorf("a pair of nothing has place %d", place)
	}
	html := k.HTML()
	for _, want := range []string{"maxima: effective dimension; maxima: log-determinant", report.Minus(k.Single[0].Tau[0], 2), "of 6 mean ranks"} {
		if !strings.Contains(html, want) {
			t.Errorf("the tables lack %q", want)
		}
	}
	path := filepath.Join(t.TempDir(), "results")
	t.Setenv(report.ResultsEnv, path)
	if err := k.Record("09"); err != nil {
		t.Fatal(err)
	}
	got := readFile(t, path)
	for _, want := range []string{`"09.choosing.sampled.tau.effective_dimension_maxima"`, `"09.choosing.sampled.tau.pair"`, `"09.choosing.pair.place","value":1`} {
		if strings.Count(got, want) != 1 {
			t.Errorf("the file of results has %s %d times", want, strings.Count(got, want))
		}
	}
	if _, err := ChooseViews([]*truth.Cells{choiceSample(t, 30)}, []nngpkit.View{nngpkit.Depths}, []string{"effective_dimension"}); err == nil || !strings.Contains(err.Error(), "want 30") {
		t.Errorf("half of 30 cells give %v", err)
	}
	none, err := ChooseViews([]*truth.Cells{{Name: "without truth"}}, []nngpkit.View{nngpkit.Depths}, []string{"effective_dimension"})
	if err != nil || none.Record("x") != nil || !strings.Contains(none.HTML(), "No table of trained accuracies") {
		t.Errorf("without truth: %v, %v", none, err)
	}
}

func TestDifferAll(t *testing.T) {
	c := choiceSample(t, 120)
	a, b := sweep.ViewSignal("effective_dimension", nngpkit.Maxima), sweep.ViewSignal("effective_dimension", nngpkit.Depths)
	d, err := DifferAll(t.Context(), []*truth.Cells{c, {Name: "without truth"}}, []truth.Signal{a}, []truth.Signal{b, truth.Parameters}, CompareConfig{Resamples: 60})
	if err != nil {
		t.Fatal(err)
	}
	truths := mustFloats(t, c, truth.TruthColumn)
	for j, column := range []string{b.Column, truth.Parameters.Column} {
		iv := d.Of[0][0][j]
		want := naiveTau(truths, mustFloats(t, c, a.Column)) - naiveTau(truths, mustFloats(t, c, column))
		if math.Abs(iv.Estimate-want) > 1e-12 || !iv.Excludes(0) || d.N[0] != c.Len() {
			t.Errorf("over %s: %v of %d cells, want %v", column, iv, d.N[0], want)
		}
	}
	path := filepath.Join(t.TempDir(), "results")
	t.Setenv(report.ResultsEnv, path)
	if err := d.Record("09"); err != nil {
		t.Fatal(err)
	}
	if got := readFile(t, path); strings.Count(got, `"09.sampled.tau_over.parameters.effective_dimension_maxima"`) != 1 {
		t.Errorf("recorded %s", got)
	}
	if s := d.HTML(); !strings.Contains(s, "over parameters") || !strings.Contains(s, report.Bracket(d.Of[0][0][0], 3)) {
		t.Errorf("table %s", s)
	}
	if _, err := DifferAll(t.Context(), []*truth.Cells{c}, nil, []truth.Signal{b}, CompareConfig{}); err == nil {
		t.Error("differences of nothing")
	}
	if s := new(Differences).HTML(); !strings.Contains(s, "No table of trained accuracies") {
		t.Errorf("without truth: %s", s)
	}
}
