package sweep

import (
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// viewRows returns a table of scores with a row for each of the given hashes,
// members and views, whose scores and log-determinants are given.
func viewRows(hash []string, members []int, view []string, score, logdet []float64) dataframe.DataFrame {
	n := len(hash)
	same := func(name string, v any) series.Series {
		x := make([]any, n)
		for i := range x {
			x[i] = v
		}
		if _, ok := v.(string); ok {
			return series.New(x, series.String, name)
		}
		return series.New(x, series.Int, name)
	}
	cost := make([]float64, n)
	for i, m := range members {
		cost[i] = 2 * float64(m)
	}
	return dataframe.New(series.New(hash, series.String, frame.KeyColumn), series.New(members, series.Int, MembersColumn), series.New(view, series.String, ViewColumn),
		same(WidthColumn, 8), same(TrainColumn, 50), same(ValColumn, 25), same(NormColumn, "none"), same(NormBatchColumn, 10), same(DrawColumn, "independent"),
		same(SeedColumn, 0), same(SplitSeedColumn, 0), same(truth.CellColumn, "0"), series.New(score, series.Float, "whole_lml"), series.New(logdet, series.Float, "log_det"),
		series.New(cost, series.Float, GFLOPsColumn), series.New(cost, series.Float, secondsColumn))
}

func TestByView(t *testing.T) {
	df := viewRows([]string{"a", "a", "b", "b", "a", "c"}, []int{1, 1, 1, 1, 2, 1}, []string{"depths", "maxima", "maxima", "depths", "depths", "depths"},
		[]float64{1, 2, 3, 4, 5, 6}, []float64{-1, -2, -3, -4, -5, -6})
	got, err := ByView(df)
	if err != nil {
		t.Fatal(err)
	}
	// The cell a with 2 members, and c, have no kernel of maxima.
	if h := got.Col(frame.KeyColumn).Records(); len(h) != 2 || h[0] != "a" || h[1] != "b" {
		t.Fatalf("rows %v", h)
	}
	for name, want := range map[string][2]float64{
		"whole_lml_depths": {1, 4}, "whole_lml_maxima": {2, 3}, "log_det_depths": {-1, -4}, "log_det_maxima": {-2, -3}, GFLOPsColumn: {2, 2}, MembersColumn: {1, 1},
	} {
		x, err := frame.Floats(got, name)
		if err != nil || x[0] != want[0] || x[1] != want[1] {
			t.Errorf("%s is %v, want %v; %v", name, x, want, err)
		}
	}
	for _, name := range got.Names() {
		if strings.HasPrefix(name, secondsColumn) || name == ViewColumn {
			t.Errorf("column %s is of one kernel", name)
		}
	}
	if _, err := ByView(df.RBind(df.Subset([]int{1}))); err == nil || !strings.Contains(err.Error(), "rows 1 and 6 both hold the view maxima of cell a") {
		t.Errorf("a row twice gives %v", err)
	}
	if _, err := ByView(df.Drop(TrainColumn)); err == nil || !strings.Contains(err.Error(), `"train"`) {
		t.Errorf("a table without a setting gives %v", err)
	}
	if _, err := ByView(df.Subset([]int{4, 1})); err == nil {
		t.Error("no row has all kernels, and no error")
	}
}

// TestByViewOfOne spreads a committed table, which has one kernel.
func TestByViewOfOne(t *testing.T) {
	df, err := OpenScores(t.Context(), "cheap")
	if err != nil {
		t.Fatal(err)
	}
	got, err := ByView(df)
	if err != nil || got.Nrow() != df.Nrow() {
		t.Fatalf("%d rows of %d, %v", got.Nrow(), df.Nrow(), err)
	}
	a, b := df.Col("accuracy").Float(), got.Col("accuracy_raw").Float()
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("row %d: %v became %v", i, a[i], b[i])
		}
	}
}

func TestViewSignal(t *testing.T) {
	for _, c := range []struct {
		score         string
		view          nngpkit.View
		column, label string
		lower         bool
	}{
		{"whole_lml", nngpkit.Depths, "whole_lml_depths", "all depths: marginal likelihood", false},
		{"whole_loo_squared_error", nngpkit.Raw, "whole_loo_squared_error_raw", "raw: leave-one-out error", true},
		{"log_det", nngpkit.Maxima, "log_det_maxima", "maxima: log-determinant", false},
		{"diagonal_cv", "other", "diagonal_cv_other", "other: spread of the diagonal", false},
		{"other", nngpkit.Maxima, "other_maxima", "maxima: other", false},
	} {
		if s := ViewSignal(c.score, c.view); s.Column != c.column || s.Label != c.label || s.Lower != c.lower {
			t.Errorf("%+v", s)
		}
	}
}
