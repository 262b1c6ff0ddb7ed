package study

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// sample returns a frame with a truth, a good signal, the same with its sign
// turned, noise, and a signal of few values.
func sample(n int) dataframe.DataFrame {
	r := rand.New(rand.NewPCG(1, 1))
	truth, good, loss, noise, coarse := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range truth {
		z := r.NormFloat64()
		truth[i] = 0.9 + 0.02*z
		good[i] = z + r.NormFloat64()
		loss[i] = -good[i]
		noise[i] = r.NormFloat64()
		coarse[i] = math.Round(good[i])
	}
	return fixture.Frame(fixture.Floats("truth", truth...), fixture.Floats("good", good...), fixture.Floats("loss", loss...), fixture.Floats("noise", noise...), fixture.Floats("coarse", coarse...))
}

func compareSample(t *testing.T) *Comparison {
	t.Helper()
	c, err := Compare(context.Background(), sample(200), "truth", []truth.Signal{
		{Column: "good", Label: "a good signal"}, {Column: "loss", Lower: true}, {Column: "coarse"}, {Column: "noise", Baseline: true},
	}, CompareConfig{Resamples: 60})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCompare(t *testing.T) {
	c := compareSample(t)
	s := c.Report.Signals
	if s[0].Kendall.Value != s[1].Kendall.Value {
		t.Errorf("a signal of which less is better is not turned: %v, %v", s[0].Kendall.Value, s[1].Kendall.Value)
	}
	if c.N() != 200 || len(s) != 4 {
		t.Fatalf("n = %d, %d signals", c.N(), len(s))
	}
	if !s[0].KendallInterval.Excludes(0) || s[3].KendallInterval.Excludes(0) {
		t.Errorf("intervals %v and %v", s[0].KendallInterval, s[3].KendallInterval)
	}
	df := c.Frame()
	if rows, cols := df.Dims(); rows != 4 || cols != 14 {
		t.Errorf("the frame is %d x %d", rows, cols)
	}
	tied := df.Col("tied_pairs").Float()
	if tied[0] != 0 || !(tied[2] > 0.1 && tied[2] < 0.6) {
		t.Errorf("tied pairs %v", tied)
	}
	for _, want := range []string{"n = 200", "a good signal", "<i>noise</i>", "["} {
		if !strings.Contains(c.HTML(), want) {
			t.Errorf("the table lacks %q", want)
		}
	}
	caption, err := c.Caption("good")
	if err != nil || !strings.Contains(caption, "n = 200") {
		t.Errorf("caption %q, %v", caption, err)
	}
	if _, err := c.Caption("none"); err == nil {
		t.Error("there is a caption of a signal that was not compared")
	}
}

func TestCurves(t *testing.T) {
	c := compareSample(t)
	auc, err := c.PQETP([]float64{0, 0.88, 0.9, 0.92, 1})
	if err != nil {
		t.Fatal(err)
	}
	if y := auc[0].Y; !math.IsNaN(y[0]) || !math.IsNaN(y[4]) || y[2] < 0.6 {
		t.Errorf("PQETP %v", y)
	}
	if !auc[3].Baseline || auc[0].Name != "a good signal" {
		t.Errorf("series %+v", auc[3])
	}
	found, err := c.Discovered(context.Background(), []int{1, 10, 200}, 50)
	if err != nil {
		t.Fatal(err)
	}
	if y := found[0].Y; y[0] > y[1] || y[2] != c.Report.BestTruth || found[0].Lo[1] > found[0].Hi[1] {
		t.Errorf("discovered %v", y)
	}
	kept, err := c.Reduction(10)
	if err != nil {
		t.Fatal(err)
	}
	last := len(kept[0].Y) - 1
	if kept[0].X[0] != 0 || kept[0].X[last] != 1 || kept[0].Y[last] != 1 {
		t.Errorf("reduction ends at %v, %v", kept[0].X[last], kept[0].Y[last])
	}
	for name, s := range map[string][]figure.Series{"pqetp": auc, "discovered": found, "reduction": kept} {
		if _, err := figure.Curves(s, figure.CurveConfig{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := c.Scatter("loss", figure.ScatterConfig{}); err != nil {
		t.Error(err)
	}
	names, baseline := c.Labels()
	if _, err := figure.Bars(names, []figure.BarGroup{c.Bars("all")}, figure.BarsConfig{Baseline: baseline}); err != nil {
		t.Error(err)
	}
}

func TestComparisonRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r")
	t.Setenv(report.ResultsEnv, path)
	c := compareSample(t)
	if err := c.Record("02.x"); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Count(string(b), "\n"), 4*(4+len(corr.Thresholds())); got != want {
		t.Errorf("%d results, want %d", got, want)
	}
	for _, want := range []string{`"name":"02.x.tau.good","value":`, `"name":"02.x.best_of_top_10.coarse"`, `"name":"02.x.pqetp_0.93.noise"`, `"n":200`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("the results lack %s", want)
		}
	}
}

func TestCompareErrors(t *testing.T) {
	df := sample(20)
	ctx := context.Background()
	for want, f := range map[string]func() error{
		`no column "accuracy"`: func() error {
			_, err := Compare(ctx, df, "accuracy", []truth.Signal{{Column: "good"}}, CompareConfig{})
			return err
		},
		`signal "flops"`: func() error {
			_, err := Compare(ctx, df, "truth", []truth.Signal{{Column: "flops"}}, CompareConfig{})
			return err
		},
		"no signal": func() error { _, err := Compare(ctx, df, "truth", nil, CompareConfig{}); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want it to say %q", err, want)
		}
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Compare(stopped, df, "truth", []truth.Signal{{Column: "good"}}, CompareConfig{}); err == nil {
		t.Error("a canceled comparison returned no error")
	}
}

// TestRandom compares with the expectation from its definition: over all pairs
// of rows, the mean of the larger truth.
func TestRandom(t *testing.T) {
	c := compareSample(t)
	s, err := c.Random([]int{1, 2, c.N()})
	if err != nil {
		t.Fatal(err)
	}
	sum, pairs, mean, best := 0.0, 0.0, 0.0, 0.0
	for i, a := range c.truth {
		mean += a / float64(c.N())
		best = math.Max(best, a)
		for _, b := range c.truth[:i] {
			sum += math.Max(a, b)
			pairs++
		}
	}
	for k, want := range []float64{mean, sum / pairs, best} {
		if math.Abs(s.Y[k]-want) > 1e-12 {
			t.Errorf("expected best of %v at random: %v, want %v", s.X[k], s.Y[k], want)
		}
	}
}

// TestGoodness checks the table against the report it shows.
func TestGoodness(t *testing.T) {
	c := compareSample(t)
	sheet := c.Goodness()
	if len(sheet.Rows) != 4 || len(sheet.Columns) != 7 {
		t.Fatalf("table %+v", sheet)
	}
	a := c.Report.Signals[0].PQETP[2]
	want := fmt.Sprintf("%.2f [%.2f, %.2f]", a.Value, a.Lower, a.Upper)
	if sheet.Rows[0][3] != want || !strings.Contains(sheet.Columns[3], fmt.Sprintf("%d above", a.Positives)) {
		t.Errorf("PQETP at %g is %q under %q, want %q", a.Threshold, sheet.Rows[0][3], sheet.Columns[3], want)
	}
	iv := c.Report.Signals[0].DiscoveredInterval
	if want := fmt.Sprintf("%.4f [%.4f, %.4f]", iv.Estimate, iv.PercentileLower, iv.PercentileUpper); sheet.Rows[0][6] != want {
		t.Errorf("best of the top 10 is %q, want %q", sheet.Rows[0][6], want)
	}
	all := (&Comparisons{Cells: []*truth.Cells{{Name: "sampled", Truth: "accuracy"}}, Of: []*Comparison{c}}).Goodness()
	if len(all) != 1 || !strings.Contains(all.HTML(), "sampled cells, n = 200") || !strings.Contains(all.String(), "a good signal") {
		t.Errorf("tables %v", all)
	}
	if none := (&Comparisons{}).Goodness(); !strings.Contains(none.Markdown(), "nngplab data fetch") {
		t.Errorf("without truth the table says %q", none)
	}
}

// TestPartial leaves a signal out on the table that does not know it for every
// cell, says so, and keeps its place in the figures.
func TestPartial(t *testing.T) {
	whole, some := sample(60), sample(60)
	some = some.Mutate(series.New(append([]float64{math.NaN()}, fixture.Floats("good", make([]float64, 59)...).Float()...), series.Float, "good"))
	tables := []*truth.Cells{{Name: "some", Truth: "accuracy", Frame: some}, {Name: "whole", Truth: "accuracy", Frame: whole}}
	signals := []truth.Signal{{Column: "good", Label: "a good signal"}, {Column: "coarse"}, {Column: "noise", Baseline: true}}
	if _, err := CompareAll(t.Context(), tables, signals, CompareConfig{Resamples: 10}); err == nil {
		t.Error("a signal that is not known is no error")
	}
	all, err := CompareAll(t.Context(), tables, signals, CompareConfig{Resamples: 10, Partial: true})
	if err != nil {
		t.Fatal(err)
	}
	if c := all.Table("some"); len(c.Signals) != 2 || len(c.Missing) != 1 || !strings.Contains(c.HTML(), "left out: a good signal") || !strings.Contains(c.Goodness().String(), "left out: a good signal") {
		t.Errorf("signals %v, missing %v", c.Signals, c.Missing)
	}
	if c := all.Table("whole"); len(c.Signals) != 3 || len(c.Missing) != 0 {
		t.Errorf("signals %v, missing %v", c.Signals, c.Missing)
	}
	for name, f := range map[string]func() (*figure.Figure, error){
		"pqetp":      func() (*figure.Figure, error) { return all.PQETPFigure([]float64{0.88, 0.9}) },
		"discovered": func() (*figure.Figure, error) { return all.DiscoveredFigure(t.Context(), 20) },
		"tau":        all.TauFigure,
	} {
		fig, err := f()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n := strings.Count(fig.SVG(), ">a good signal<"); n != 1 {
			t.Errorf("%s names the partial signal %d times, want once in a legend for all panels", name, n)
		}
	}
}
