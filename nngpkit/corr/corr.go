// Package corr measures how well a cheap signal predicts a truth: rank and
// linear correlation with p-values and intervals, partial correlation, ROC AUC
// and PQETP, discovered performance, top-k overlap, share curves, bootstrap
// intervals of any of them and of their differences, and mixtures of signals.
//
// It takes columns of numbers and stands alone. Truths and signals are better
// when larger: negate an error before it is used as a signal.
//
// # Rules
//
// A NaN or an infinity is an error that names the column and the row (rows
// count from 0), as are columns of different lengths and too few rows. A
// statistic that its definition leaves open, such as a correlation with a
// constant column or the AUC of one class, is NaN without an error.
//
// Ties. Kendall's tau is tau-b. Spearman and AUC use average ranks, so a tie
// counts half. Whatever asks for the top k (DiscoveredPerformance, Overlap,
// Shares) is the exact expectation over all orders of the tied rows, each
// equally likely, so that no result depends on the order of the rows.
//
// Results are the same bits for any number of threads.
package corr

import (
	"fmt"
	"math"

	"github.com/nngplab/nngplab/internal/nanjson"
)

// Correlation is a correlation coefficient with its test and interval.
type Correlation struct {
	Method string  `json:"method"`
	N      int     `json:"n"`
	Value  float64 `json:"value"`
	// P is the two-sided p-value of the hypothesis that the columns are
	// independent (for partial correlations: given the controls).
	P float64 `json:"p"`
	// Lower and Upper bound the interval at the given Level; NaN where the method
	// has none in closed form (Kendall: use Bootstrap).
	Lower float64 `json:"lower"`
	Upper float64 `json:"upper"`
	Level float64 `json:"level"`
	// Controls is the number of independent controls that were held fixed.
	Controls int `json:"controls,omitempty"`
}

// level is the level of the intervals given in closed form, and its normal
// quantile.
const (
	level         = 0.95
	levelQuantile = 1.959963984540054
)

// MarshalJSON writes the correlation with null for NaN.
func (c Correlation) MarshalJSON() ([]byte, error) { return nanjson.Marshal(c) }

// String returns the coefficient, its p-value and n on one line.
func (c Correlation) String() string {
	s := fmt.Sprintf("%s %.4f (p = %.3g, n = %d", c.Method, c.Value, c.P, c.N)
	if !math.IsNaN(c.Lower) {
		s += fmt.Sprintf(", %g %% interval %.4f to %.4f", 100*c.Level, c.Lower, c.Upper)
	}
	return s + ")"
}

// CheckColumn returns an error naming the first row of x that is NaN or
// infinite.
func CheckColumn(name string, x []float64) error {
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			if math.IsNaN(v) {
				return fmt.Errorf("corr: row %d of %s is NaN: leave rows with gaps out first, as frame.Known does", i, name)
			}
			return fmt.Errorf("corr: row %d of %s is %v", i, name, v)
		}
	}
	return nil
}

// checkPair checks two columns of at least need rows.
func checkPair(nx, ny string, x, y []float64, need int) error {
	if len(x) != len(y) {
		return fmt.Errorf("corr: %s has %d rows, %s has %d", nx, len(x), ny, len(y))
	}
	if len(x) < need {
		return fmt.Errorf("corr: %d rows, want at least %d", len(x), need)
	}
	if err := CheckColumn(nx, x); err != nil {
		return err
	}
	return CheckColumn(ny, y)
}

func constant(x []float64) bool {
	for _, v := range x {
		if v != x[0] {
			return false
		}
	}
	return true
}
