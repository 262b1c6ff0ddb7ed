package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/internal/testdata"
	"github.com/nngplab/nngplab/nngpkit/corr"
)

// TestChoices lists sets by hand.
func TestChoices(t *testing.T) {
	if c := choices(4, 2); len(c) != 6 || c[0][1] != 1 || c[5][0] != 2 || c[5][1] != 3 {
		t.Errorf("%v", c)
	}
	if c := choices(2, 3); len(c) != 0 {
		t.Errorf("%v", c)
	}
}

// TestHalf mixes columns of two seeds, of which one value is missing.
func TestHalf(t *testing.T) {
	nan := math.NaN()
	h := &half{
		truth: []float64{1, 2, 3, 4}, counts: map[string][]float64{"n": {4, 3, 2, 1}},
		seeds: []map[string][]float64{{"a": worst([]float64{nan, 3, 2, 4})}, {"a": {2, 1, 4, 6}}},
	}
	if x := h.signal("a", []int{0, 1}); x[0] != 2 || x[3] != 5 {
		t.Errorf("%v", x)
	}
	own := h.all(mixture{parts: []part{{"a", 1}, {"n", -2}}})
	if len(own) != 2 || h.meanTau(own, []int{0, 1, 2, 3}) != 1 {
		t.Errorf("%v", own)
	}
	if h.all(mixture{parts: []part{{"b", 1}}}) != nil {
		t.Error("a mixture of nothing")
	}
	if p := h.partial("a", "n"); !math.IsNaN(p) && math.Abs(p) > 1 {
		t.Errorf("partial %v", p)
	}
}

// TestRecipe: ranks and values give other sums, and what is missing is worst.
func TestRecipe(t *testing.T) {
	values := [][]attempt{{{"x": 1}, {"x": 10}, {}}}
	sum := recipe{"", true, []part{{"x", 1}, {"log parameters", 1}}}.mix([]float64{1, 1, math.E}, values, []int{0})
	if sum[0] != 1 || sum[1] != 10 || sum[2] != 2 {
		t.Errorf("%v", sum)
	}
	ranks := recipe{"", false, []part{{"x", 1}, {"parameters", 1}}}.mix([]float64{1, 2, 3}, values, []int{0})
	if corr.Tau(ranks, []float64{1, 3, 2}) != 1 && ranks[0] >= ranks[1] {
		t.Errorf("%v", ranks)
	}
}

// TestAttempts measures a few cells in every setting, on real accuracies.
func TestAttempts(t *testing.T) {
	if testing.Short() {
		t.Skip("measures cells in every setting")
	}
	t.Setenv("NNGPLAB_DATA", filepath.Dir(filepath.Dir(testdata.Path(t, "nasbench101", "uniform_subset.csv"))))
	o := options{space: "nasbench101", width: 8, stage: 1, every: 60, draws: 2, out: filepath.Join(t.TempDir(), "deep", "a.csv")}
	var text strings.Builder
	if err := o.attempts(t.Context(), &text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"general score", "J, last cell quarters by noise x2", "11 cells"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "NaN") {
		t.Errorf("NaN in\n%s", text.String())
	}
	data, err := os.ReadFile(o.out)
	if err != nil || strings.Count(string(data), "\n") != 23 {
		t.Errorf("%d lines, %v", strings.Count(string(data), "\n"), err)
	}
	if _, err := (options{space: "nasbench301"}).cells(t.Context()); err == nil {
		t.Error("a space without a table")
	}
}
