package study

import (
	"math"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// kernelRows returns a table of scores with a row for each of the given hashes,
// members and kernels, whose scores and log-determinants are given.
func kernelRows(hash []string, members []int, kernel []string, score, logdet []float64) dataframe.DataFrame {
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
	return dataframe.New(series.New(hash, series.String, KeyColumn), series.New(members, series.Int, membersColumn), series.New(kernel, series.String, kernelColumn),
		same(stemColumn, 8), same(trainColumn, 50), same(valColumn, 25), same(normColumn, "none"), same(normBatchColumn, 10), same(estimatorColumn, Independent),
		same(seedColumn, 0), same(splitSeedColumn, 0), same(cellColumn, "0"), series.New(score, series.Float, "whole_lml"), series.New(logdet, series.Float, "log_det"),
		series.New(cost, series.Float, gflopsColumn), series.New(cost, series.Float, secondsColumn))
}

func TestByKernel(t *testing.T) {
	df := kernelRows([]string{"a", "a", "b", "b", "a", "c"}, []int{1, 1, 1, 1, 2, 1}, []string{"depths", "maxima", "maxima", "depths", "depths", "depths"},
		[]float64{1, 2, 3, 4, 5, 6}, []float64{-1, -2, -3, -4, -5, -6})
	got, err := ByKernel(df)
	if err != nil {
		t.Fatal(err)
	}
	// The cell a with 2 members, and c, have no kernel of maxima.
	if h := got.Col(KeyColumn).Records(); len(h) != 2 || h[0] != "a" || h[1] != "b" {
		t.Fatalf("rows %v", h)
	}
	for name, want := range map[string][2]float64{
		"whole_lml_depths": {1, 4}, "whole_lml_maxima": {2, 3}, "log_det_depths": {-1, -4}, "log_det_maxima": {-2, -3}, gflopsColumn: {2, 2}, membersColumn: {1, 1},
	} {
		x, err := Floats(got, name)
		if err != nil || x[0] != want[0] || x[1] != want[1] {
			t.Errorf("%s is %v, want %v; %v", name, x, want, err)
		}
	}
	for _, name := range got.Names() {
		if strings.HasPrefix(name, secondsColumn) || name == kernelColumn {
			t.Errorf("column %s is of one kernel", name)
		}
	}
	if _, err := ByKernel(df.RBind(df.Subset([]int{1}))); err == nil || !strings.Contains(err.Error(), "rows 1 and 6 both hold the maxima kernel of cell a") {
		t.Errorf("a row twice gives %v", err)
	}
	if _, err := ByKernel(df.Drop(trainColumn)); err == nil || !strings.Contains(err.Error(), `"train"`) {
		t.Errorf("a table without a setting gives %v", err)
	}
	if _, err := ByKernel(df.Subset([]int{4, 1})); err == nil {
		t.Error("no row has all kernels, and no error")
	}
}

// TestByKernelOfOne spreads a committed table, which has one kernel.
func TestByKernelOfOne(t *testing.T) {
	df, err := OpenScores(t.Context(), "cheap")
	if err != nil {
		t.Fatal(err)
	}
	got, err := ByKernel(df)
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

func TestKernelSignal(t *testing.T) {
	for _, c := range []struct {
		score, kernel, column, label string
		lower                        bool
	}{
		{"whole_lml", DepthsKernel, "whole_lml_depths", "all depths: marginal likelihood", false},
		{"whole_loo_squared_error", RawKernel, "whole_loo_squared_error_raw", "raw: leave-one-out error", true},
		{"log_det", MaximaKernel, "log_det_maxima", "maxima: log-determinant", false},
		{"diagonal_cv", CosineKernel, "diagonal_cv_cosine", "cosine: diagonal_cv", false},
	} {
		if s := KernelSignal(c.score, c.kernel); s.Column != c.column || s.Label != c.label || s.Lower != c.lower {
			t.Errorf("%+v", s)
		}
	}
}

// averageRanks returns ranks from their definition: one more than the number of
// smaller values, and half for each equal one.
func averageRanks(x []float64) []float64 {
	out := make([]float64, len(x))
	for i := range x {
		out[i] = 0.5
		for _, v := range x {
			switch {
			case v < x[i]:
				out[i]++
			case v == x[i]:
				out[i] += 0.5
			}
		}
	}
	return out
}

// sumOfRanks is what a mean of ranks orders by.
func sumOfRanks(cols ...[]float64) []float64 {
	out := make([]float64, len(cols[0]))
	for _, c := range cols {
		for i, r := range averageRanks(c) {
			out[i] += r
		}
	}
	return out
}

// TestMixCurve compares a mixture along the members with tau of summed ranks,
// among the cells that all points know.
func TestMixCurve(t *testing.T) {
	cells, scores := costSample(t, 80)
	var second []float64
	for i, h := range scores.Col(KeyColumn).Records() {
		second = append(second, math.Mod(float64(i)*7919, 101)+float64(h[0])/10)
	}
	scores = scores.Mutate(series.New(second, series.Float, "whole_lml"))
	parts := []Signal{PaperScore(), MarginalLikelihood()}
	curve, err := MixCurve("a mixture", scores, membersColumn, parts, Conv3x3)
	if err != nil {
		t.Fatal(err)
	}
	all, err := CompareAllCosts(t.Context(), []*Cells{cells}, []Curve{curve}, CostConfig{Resamples: 40})
	if err != nil {
		t.Fatal(err)
	}
	c := all.Of[0]
	four := map[string]bool{}
	for i, m := range scores.Col(membersColumn).Records() {
		four[scores.Col(KeyColumn).Records()[i]] = four[scores.Col(KeyColumn).Records()[i]] || m == "4"
	}
	rows, err := keyRows(cells.Frame, "cells", KeyColumn)
	if err != nil {
		t.Fatal(err)
	}
	truth, conv := mustFloats(t, cells, TruthColumn), mustFloats(t, cells, Conv3x3.Column)
	for _, m := range []string{"1", "4"} {
		var y, a, b, free []float64
		for i, h := range scores.Col(KeyColumn).Records() {
			if scores.Col(membersColumn).Records()[i] == m && four[h] {
				y, free = append(y, truth[rows[h]]), append(free, conv[rows[h]])
				a, b = append(a, scores.Col("accuracy").Float()[i]), append(b, second[i])
			}
		}
		p, err := c.At("a mixture", map[string]string{"1": "1 member", "4": "4 members"}[m])
		if err != nil {
			t.Fatal(err)
		}
		if want := naiveTau(y, sumOfRanks(a, b, free)); c.N() != len(y) || math.Abs(p.Tau.Estimate-want) > 1e-12 {
			t.Errorf("%s members: tau %v of %d cells, want %v of %d", m, p.Tau.Estimate, c.N(), want, len(y))
		}
	}
	if _, err := MixCurve("none", scores, membersColumn, nil); err == nil {
		t.Error("a mixture of nothing")
	}
	if gone, err := OpenMixCurve(t.Context(), "gone", "tomorrow", membersColumn, parts); err != nil || gone.Missing == "" {
		t.Errorf("a table that is not computed yet gives %+v, %v", gone, err)
	}
}
