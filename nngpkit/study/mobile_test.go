package study

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/search"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestRunsAgree measures made-up trainings: means over runs agree better than runs
// do, and what is printed are the means of tau over pairs.
func TestRunsAgree(t *testing.T) {
	c := sampled(t, 120)
	rng := rand.New(rand.NewPCG(1, 2))
	run := func(sd float64, quality []float64) []float64 {
		out := make([]float64, len(quality))
		for i, q := range quality {
			out[i] = q + sd*rng.NormFloat64()
		}
		return out
	}
	quality := run(1, make([]float64, c.Len()))
	columns := map[string][]float64{}
	for _, name := range []string{"short1", "short2", "short3"} {
		columns[name] = run(0.5, quality)
	}
	for _, name := range []string{"run1", "run2", "run3"} {
		columns[name] = run(0.2, quality)
	}
	for name, x := range columns {
		c.Frame = c.Frame.Mutate(frame.Numbers(name, x))
	}
	short, long := Runs{"short training", []string{"short1", "short2", "short3"}}, Runs{"long training", []string{"run1", "run2", "run3"}}
	none, err := RunsAgree(t.Context(), c, short, long, CompareConfig{Resamples: 20})
	if err != nil || len(none.Of) != 0 {
		t.Fatalf("networks without truth: %v, %v", none, err)
	}
	c.Name, c.Truth = "made", "made-up accuracy"
	got, err := RunsAgree(t.Context(), c, short, long, CompareConfig{Resamples: 50})
	if err != nil || len(got.Of) != 5 {
		t.Fatalf("%v, %v", got, err)
	}
	tau := func(a, b string) float64 { return corr.Tau(columns[a], columns[b]) }
	want := (tau("run1", "run2") + tau("run1", "run3") + tau("run2", "run3")) / 3
	if v := got.Of[0].Interval; math.Abs(v.Estimate-want) > 1e-12 || !(v.Lower < want && want < v.Upper) {
		t.Errorf("long runs agree at %+v, want %v", v, want)
	}
	sum := 0.0
	for _, a := range short.Columns {
		for _, b := range long.Columns {
			sum += tau(a, b) / 9
		}
	}
	if v := got.Of[2].Interval.Estimate; math.Abs(v-sum) > 1e-12 || !(got.Of[4].Interval.Estimate > v) {
		t.Errorf("short and long runs agree at %v, want %v; their means at %v", v, sum, got.Of[4].Interval.Estimate)
	}
	if lines := recorded(t, func() error { return got.Record("x") }); !strings.Contains(lines, `"x.made.runs.means"`) {
		t.Error(lines)
	}
	lacking, err := RunsAgree(t.Context(), c, Runs{"x", []string{"nothing"}}, long, CompareConfig{})
	if err != nil || len(lacking.Of) != 0 {
		t.Errorf("a table without runs: %v, %v", lacking, err)
	}
}

// TestTauBetween compares counts of cells with each other.
func TestTauBetween(t *testing.T) {
	c := sampled(t, 80)
	b, err := TauBetween(t.Context(), c, []truth.Signal{truth.Parameters, truth.FLOPs, {Column: "conv3x3", Lower: true}}, CompareConfig{Resamples: 30})
	if err != nil {
		t.Fatal(err)
	}
	x, y := c.Frame.Col("parameters").Float(), c.Frame.Col("conv3x3").Float()
	if got := b.Tau[2][0]; math.Abs(got.Estimate+corr.Tau(x, y)) > 1e-12 || b.Tau[0][2] != nil || got.N != 80 {
		t.Errorf("%+v, want %v", got, -corr.Tau(x, y))
	}
	if !strings.Contains(b.String(), "FLOPs") {
		t.Error(b)
	}
	if lines := recorded(t, func() error { return b.Record("x") }); !strings.Contains(lines, `"x.conv3x3.with_parameters"`) {
		t.Error(lines)
	}
}

// TestMobileRecipes: names are told apart, and weights of what rank takes are whole.
func TestMobileRecipes(t *testing.T) {
	for _, recipes := range [][]Recipe{MobileRecipes(), MobileTried()} {
		seen := map[string]bool{}
		for _, r := range recipes {
			if seen[r.Name] || seen[r.Label] || r.Label == "" || len(r.Parts) == 0 {
				t.Errorf("%+v", r)
			}
			seen[r.Name], seen[r.Label] = true, true
		}
	}
	for _, p := range MobileRecipe().Parts {
		if p.Weight != math.Round(p.Weight) || p.Weight < 1 {
			t.Errorf("%+v", p)
		}
	}
}

// TestOpenSample opens the committed sample of the wider space: its counts are those
// of its architectures.
func TestOpenSample(t *testing.T) {
	c, err := OpenSample(t.Context(), "mnasnetwide")
	if err != nil {
		t.Fatal(err)
	}
	if c.HasTruth() || c.Len() < 1000 {
		t.Fatalf("%d networks, truth %q", c.Len(), c.Truth)
	}
	p, x := c.Frame.Col("parameters").Float(), c.Frame.Col(sweep.AgreementColumn).Float()
	for i, a := range c.Architectures[:20] {
		if int(p[i]) != a.Parameters() || !(x[i] > 0 && x[i] < 1) {
			t.Errorf("network %d has %v parameters and c %v", i, p[i], x[i])
		}
	}
	if _, err := OpenSample(t.Context(), "nothing"); err == nil {
		t.Error("no error of a table that is not there")
	}
}

// TestGuidedSearches guides searches by the truth itself and by noise.
func TestGuidedSearches(t *testing.T) {
	s := seeded(t, 150)
	truths := s.Cells.Frame.Col(truth.TruthColumn).Float()
	s.Cells.Frame = s.Cells.Frame.Mutate(series.New(truths, series.Float, "oracle"))
	recipes := []Recipe{One(truth.Signal{Column: "oracle"}, ""), One(poorSignal, "")}
	cfg := SearchConfig{Budget: 20, Repeats: 100, Share: 0.6, Nearest: 15, Guided: 5, Population: 5, Sample: 2}
	got, err := ReplaySearches(t.Context(), s, recipes, cfg)
	if err != nil || len(got.Found) != 9 {
		t.Fatalf("%d strategies, %v", len(got.Found), err)
	}
	at := func(name string, budget int) float64 {
		f := got.find(name)
		if f == nil {
			t.Fatalf("no %q", name)
		}
		return f.Mean[budget-1]
	}
	random := search.Random{}.Name()
	// The best of five by the truth is what five random trainings find.
	if a, b := at("oracle_guided_random", 1), at(random, 5); math.Abs(a-b) > 0.003 {
		t.Errorf("the best of five has %v, five at random %v", a, b)
	}
	if !(at("oracle_guided_evolution", 20) >= at("poor_guided_evolution", 20)) || !(at("oracle_guided_evolution", 10) > at(search.Evolution{}.Name(), 10)) {
		t.Errorf("guided by the truth %v, by noise %v", at("oracle_guided_evolution", 10), at("poor_guided_evolution", 10))
	}
	if a, b := at("poor_guided_random", 10), at(random, 10); math.Abs(a-b) > 0.003 {
		t.Errorf("guided by noise %v, at random %v", a, b)
	}
	again, err := ReplaySearches(t.Context(), s, recipes, cfg)
	if err != nil || !slices.Equal(again.Found[8].Mean, got.Found[8].Mean) {
		t.Errorf("another run differs: %v", err)
	}
	for _, draw := range []func() error{
		func() error { _, err := got.Figure("x", 0); return err },
		func() error { _, err := got.GuidedFigure("x", 0); return err },
	} {
		if err := draw(); err != nil {
			t.Error(err)
		}
	}
	if lines := recorded(t, func() error { return got.Record("x") }); !strings.Contains(lines, `.10_trained.poor_guided_evolution"`) {
		t.Error(lines)
	}
	cfg.Guided = -1
	if _, err := ReplaySearches(t.Context(), s, recipes, cfg); err == nil {
		t.Error("no error of the best of -1")
	}
}
