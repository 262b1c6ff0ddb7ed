package learn

import (
	"fmt"
	"math"
)

// Method fits a model to rows.
type Method interface {
	// Name says the method in words, for tables and figures.
	Name() string
	// Fit returns a model of the target given the columns, all of one length. It
	// returns an error for columns that do not fit together, hold values that are
	// not finite, or have fewer than two rows.
	Fit(columns [][]float64, target []float64) (Model, error)
}

// Model predicts the target of rows.
type Model interface {
	// Predict returns a prediction a row. It returns an error where the columns are
	// not as many as were fitted, or do not fit together.
	Predict(columns [][]float64) ([]float64, error)
}

// checkFit returns why the columns cannot be fitted, or nil.
func checkFit(columns [][]float64, target []float64) error {
	if len(target) < 2 {
		return fmt.Errorf("learn: %d rows: at least two are needed", len(target))
	}
	if err := checkColumns(columns, len(columns), len(target)); err != nil {
		return err
	}
	return checkFinite("the target", target)
}

// checkColumns returns why columns cannot be used where so many are wanted, or nil.
// Rows of -1 means as many as the first has.
func checkColumns(columns [][]float64, want, rows int) error {
	if len(columns) == 0 || len(columns) != want {
		return fmt.Errorf("learn: %d columns, want %d", len(columns), max(want, 1))
	}
	if rows < 0 {
		rows = len(columns[0])
	}
	for k, c := range columns {
		if len(c) != rows {
			return fmt.Errorf("learn: column %d has %d rows, want %d", k, len(c), rows)
		}
		if err := checkFinite(fmt.Sprintf("column %d", k), c); err != nil {
			return err
		}
	}
	return nil
}

func checkFinite(name string, x []float64) error {
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("learn: %s is %v in row %d", name, v, i)
		}
	}
	return nil
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}
