package corr

import (
	"slices"
	"strings"
	"testing"
)

// TestFittingThresholds: the protocol's where they say something, else quantiles.
func TestFittingThresholds(t *testing.T) {
	percent := make([]float64, 100)
	for i := range percent {
		percent[i] = float64(i + 1)
	}
	gap := append(slices.Repeat([]float64{0.1}, 6), 0.95, 0.96, 0.97, 0.98)
	for _, c := range []struct {
		name  string
		truth []float64
		want  []float64
		from  string
	}{
		{"accuracy", []float64{.86, .9, .92, .94}, Thresholds(), "protocol"},
		{"percent", percent, []float64{10, 25, 50, 75, 90}, "quantiles"},
		{"low", []float64{.1, .2, .3, .4}, []float64{.1, .2, .3}, "quantiles"},
		{"all in one gap", gap, []float64{.1, .96, .97}, "quantiles"},
		{"constant", []float64{3, 3, 3}, []float64{}, "quantiles"},
	} {
		got, from := FittingThresholds(c.truth)
		if !slices.Equal(got, c.want) || from != c.from {
			t.Errorf("%s: %v from %s, want %v", c.name, got, from, c.want)
		}
	}
	r, err := Compare(t.Context(), percent, []Signal{{"x", percent}}, ReportConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if text := r.String(); !strings.Contains(text, "quantiles of truth") || strings.Contains(text, "Every row") || !strings.Contains(text, "p = 75") {
		t.Error(text)
	}
	r, err = Compare(t.Context(), percent, []Signal{{"x", percent}}, ReportConfig{Thresholds: []float64{0.5}})
	if err != nil || r.ThresholdsFrom != "given" || !strings.Contains(r.String(), "Every row has truth > 0.5") {
		t.Error(r, err)
	}
}
