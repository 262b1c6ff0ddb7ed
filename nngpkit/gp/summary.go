package gp

import (
	"fmt"
	"math"

	"github.com/nngplab/nngplab/internal/nanjson"
	"github.com/nngplab/nngplab/internal/table"
)

// Score is one number by which kernels can be compared.
type Score struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Larger bool    `json:"larger"` // larger is better; otherwise smaller
	// Epsilon is where the score was taken, NaN for those without one.
	Epsilon float64 `json:"epsilon"`
	About   string  `json:"about"`
}

// MarshalJSON writes the score with null for NaN.
func (s Score) MarshalJSON() ([]byte, error) { return nanjson.Marshal(s) }

// Signal returns the value with the sign that makes larger better.
func (s Score) Signal() float64 {
	if s.Larger {
		return s.Value
	}
	return -s.Value
}

// Scores returns every score of the catalogue that the sweep gives; NaN for those
// left out by Config.
func (r *Result) Scores() []Score {
	m := &Measurement{Result: r}
	var out []Score
	for _, s := range labeled {
		out = append(out, m.Score(s))
	}
	return out
}

// Score returns the score of that name, NaN if there is none.
func (r *Result) Score(name string) float64 {
	for _, s := range r.Scores() {
		if s.Name == name {
			return s.Value
		}
	}
	return math.NaN()
}

func (r *Result) table() *table.Table {
	t := &table.Table{
		Title:   fmt.Sprintf("Scores of a kernel: %d training and %d validation images, %d classes", r.TrainImages, r.ValImages, r.Classes),
		Columns: []string{"score", "value", "epsilon", "better"},
	}
	for _, s := range r.Scores() {
		if math.IsNaN(s.Value) {
			continue
		}
		eps, better := "", "smaller"
		if !math.IsNaN(s.Epsilon) {
			eps = fmt.Sprintf("%.2g", s.Epsilon)
		}
		if s.Larger {
			better = "larger"
		}
		t.Rows = append(t.Rows, []string{s.Name, fmt.Sprintf("%.5g", s.Value), eps, better})
	}
	if !r.Labeled() {
		t.Title = fmt.Sprintf("Scores of a kernel: %d images without labels", r.TrainImages+r.ValImages)
		t.Notes = append(t.Notes, "scores that compare with labels are unavailable")
	}
	if n := len(r.Failures); n > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("%d factorizations failed and were skipped: %s", n, r.Failures[0].Reason))
	}
	return t
}

// HTML returns the scores as an HTML table.
func (r *Result) HTML() string { return r.table().HTML() }

// Markdown returns the scores as a table in GitHub's syntax.
func (r *Result) Markdown() string { return r.table().Markdown() }

// String returns the scores as a table for a terminal.
func (r *Result) String() string { return r.table().String() }

// resultJSON is Result as it is written: all but the predictive means.
type resultJSON struct {
	Epsilons      []float64  `json:"epsilons"`
	Classes       int        `json:"classes"`
	TrainImages   int        `json:"train_images"`
	ValImages     int        `json:"val_images"`
	Accuracy      []float64  `json:"accuracy"`
	SquaredError  []float64  `json:"squared_error"`
	LogDensity    []float64  `json:"log_density"`
	Top5          []float64  `json:"top5"`
	Train         SelfScores `json:"train"`
	Whole         SelfScores `json:"whole"`
	BestAccuracy  float64    `json:"best_accuracy"`
	BestEpsilon   float64    `json:"best_epsilon"`
	Predicted     []int      `json:"predicted"`
	Alignment     float64    `json:"alignment"`
	MinEigenvalue float64    `json:"min_eigenvalue"`
	Scores        []Score    `json:"scores"`
	Failures      []Failure  `json:"failures,omitempty"`
}

// MarshalJSON writes the result, without the predictive means and with null for
// NaN.
func (r *Result) MarshalJSON() ([]byte, error) {
	return nanjson.Marshal(resultJSON{
		r.Epsilons, r.Classes, r.TrainImages, r.ValImages, r.Accuracy, r.SquaredError, r.LogDensity, r.Top5, r.Train, r.Whole,
		r.BestAccuracy, r.BestEpsilon, r.Predicted, r.Alignment, r.MinEigenvalue, r.Scores(), r.Failures,
	})
}
