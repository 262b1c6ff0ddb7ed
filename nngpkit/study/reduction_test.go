package study

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestReductions counts by hand what is left of twenty cells: the signal likes
// the best and the worst cell most, the other one cannot tell half of the cells
// from each other.
func TestReductions(t *testing.T) {
	n := 20
	var truths, signal, coarse []float64
	for i := 0; i < n; i++ {
		truths = append(truths, float64(i)/100)
		signal = append(signal, float64(i))
		coarse = append(coarse, math.Floor(float64(i)/10))
	}
	signal[0] = 100
	c := &truth.Cells{Name: "made", Truth: "accuracy", Frame: fixture.Frame(fixture.Floats(truth.TruthColumn, truths...), fixture.Floats("signal", signal...), fixture.Floats("coarse", coarse...))}
	a, err := CompareAll(t.Context(), []*truth.Cells{c}, []truth.Signal{{Column: "signal"}, {Column: "coarse", Baseline: true}}, CompareConfig{Resamples: 40})
	if err != nil {
		t.Fatal(err)
	}
	r, err := a.Reductions(t.Context(), 0.1, 0.25)
	if err != nil {
		t.Fatal(err)
	}
	// Of 20 cells the best tenth are two. Two are kept: cell 0 and the best.
	for _, w := range []struct {
		what      string
		got, want float64
	}{
		{"signal, a tenth, share of the best", r.Kept[0][0][0].Top.Estimate, 0.5},
		{"signal, a tenth, mean", r.Kept[0][0][0].Mean.Estimate, (0 + 0.19) / 2},
		{"signal, a quarter, share of the best", r.Kept[0][1][0].Top.Estimate, 1},
		{"coarse, a tenth, share of the best", r.Kept[0][0][1].Top.Estimate, 0.2},
		{"coarse, a quarter, share of the best", r.Kept[0][1][1].Top.Estimate, 0.5},
		{"coarse, a tenth, mean", r.Kept[0][0][1].Mean.Estimate, 0.145},
		// The best of two out of ten has the mean index 22/3 of 0..9.
		{"coarse, a tenth, best", r.Kept[0][0][1].Best, 0.10 + 0.01*(22.0/3-1)},
	} {
		if math.Abs(w.got-w.want) > 1e-12 {
			t.Errorf("%s is %v, want %v", w.what, w.got, w.want)
		}
	}
	if !r.Kept[0][0][0].Decided || r.Kept[0][0][1].Decided {
		t.Error("ties at the edge are not told from none")
	}
	path := filepath.Join(t.TempDir(), "results")
	t.Setenv(report.ResultsEnv, path)
	if err := r.Record("06"); err != nil {
		t.Fatal(err)
	}
	if s := readFile(t, path); !strings.Contains(s, `"06.made.best_kept_of_10.signal","value":0.5`) || !strings.Contains(s, `"06.made.mean_of_25.coarse"`) {
		t.Errorf("results: %s", s)
	}
	gaps, err := r.Gaps(t.Context(), "signal", "coarse")
	if err == nil {
		err = gaps.Record("06")
	}
	if err != nil || len(gaps.Of) != 2 || !strings.Contains(gaps.Of[0].Text, "minus that by coarse: 0.30 [") || !strings.Contains(readFile(t, path), "best_kept_of_25.signal_minus_coarse") {
		t.Errorf("gaps: %v, %v", gaps, err)
	}
	fig, err := a.DistributionFigure(0.1, 0, "signal", "coarse")
	if err != nil || !strings.Contains(fig.SVG(), ">coarse (n = 2)<") {
		t.Errorf("the figure does not say that two cells are kept, %v", err)
	}
	if _, err := a.DistributionFigure(0.1, 0, "other"); err == nil {
		t.Error("a signal that was not compared gives no error")
	}
	if _, err := a.Reductions(t.Context(), 0); err == nil {
		t.Error("a share of 0 gives no error")
	}
	if s := (&Reductions{}).HTML(); !strings.Contains(s, "No table of trained accuracies") {
		t.Errorf("without a truth: %q", s)
	}
	if x := KeptAt(0.1, 0.1)([]float64{1, 2}, []float64{1, math.NaN()}); x == x {
		t.Errorf("the statistic of NaN is %v", x)
	}
	if p := corr.Inclusion(coarse, 2); p[0] != 0 || math.Abs(p[15]-0.2) > 1e-15 {
		t.Errorf("chances to be kept: %v", p)
	}
}
