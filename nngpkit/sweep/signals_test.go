package sweep

import (
	"testing"

	"github.com/nngplab/nngplab/nngpkit/gp"
)

// TestScoreSignal checks that every score of package gp has a label and its
// direction, and that suffixes do not lead to another score.
func TestScoreSignal(t *testing.T) {
	labels := map[string]string{}
	for _, s := range new(gp.Result).Scores() {
		got := ScoreSignal(s.Name)
		if got.Column != s.Name || got.Lower == s.Larger || got.Label == "" {
			t.Errorf("score %s, larger is better: %v, gives the signal %+v", s.Name, s.Larger, got)
		}
		if other, ok := labels[got.Label]; ok {
			t.Errorf("%s and %s share the label %q", s.Name, other, got.Label)
		}
		labels[got.Label] = s.Name
	}
	for _, c := range []struct {
		column, label string
		lower         bool
	}{
		{"squared_error_batch", "NNGP validation error [batch]", true},
		{"accuracy_loo_m8", "NNGP accuracy, ε by leave-one-out [m8]", false},
		{"participation_ratio", "participation ratio of the spectrum", false},
		{"effective_dimension_maxima", "effective dimension [maxima]", false},
		{"accuracies", "accuracies", false},
	} {
		if s := ScoreSignal(c.column); s.Name() != c.label || s.Lower != c.lower || s.Column != c.column {
			t.Errorf("column %s gives %+v named %q", c.column, s, s.Name())
		}
	}
}
