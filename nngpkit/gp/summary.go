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

// Scores returns every single-number score of the sweep; NaN for those left out
// by Config. The names are stable.
func (r *Result) Scores() []Score {
	nan := math.NaN()
	at := func(x []float64, i int) (float64, float64) {
		if i < 0 {
			return nan, nan
		}
		return x[i], r.Epsilons[i]
	}
	var out []Score
	add := func(name string, x []float64, i int, larger bool, about string) {
		v, e := at(x, i)
		out = append(out, Score{name, v, larger, e, about})
	}
	tr, wh := &r.Train, &r.Whole
	add("accuracy", r.Accuracy, best(r.Accuracy, 1), true, "best validation accuracy over epsilon: the published score, optimistic, for epsilon is chosen on the same images")
	add("accuracy_loo", r.Accuracy, tr.BestLeaveOneOut(), true, "validation accuracy at the epsilon with the smallest leave-one-out squared error of the training images")
	add("accuracy_lml", r.Accuracy, tr.BestLogMarginal(), true, "validation accuracy at the epsilon with the largest scaled log marginal likelihood of the training images")
	add("squared_error", r.SquaredError, best(r.SquaredError, -1), false, "smallest validation squared error over epsilon")
	add("log_density", r.LogDensity, best(r.LogDensity, 1), true, "largest validation log density over epsilon, nats per target value")
	add("train_loo_squared_error", tr.LOOSquaredError, tr.BestLeaveOneOut(), false, "smallest leave-one-out squared error of the training images")
	add("train_lml", tr.LogMarginalScaled, tr.BestLogMarginal(), true, "largest scaled log marginal likelihood of the training images")
	add("whole_loo_squared_error", wh.LOOSquaredError, wh.BestLeaveOneOut(), false, "smallest leave-one-out squared error of all images")
	add("whole_loo_accuracy", wh.LOOAccuracy, best(wh.LOOAccuracy, 1), true, "best leave-one-out accuracy of all images")
	add("whole_loo_log_density", wh.LOOLogDensity, best(wh.LOOLogDensity, 1), true, "largest leave-one-out log density of all images")
	add("whole_lml", wh.LogMarginalScaled, wh.BestLogMarginal(), true, "largest scaled log marginal likelihood of all images")
	add("whole_lml_unit", wh.LogMarginal, best(wh.LogMarginal, 1), true, "largest log marginal likelihood of all images, kernel of unit mean trace")
	return append(out, Score{"alignment", r.Alignment, true, nan, "centred kernel-target alignment of the training images"})
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
		t.Notes = append(t.Notes, fmt.Sprintf("%d factorisations failed and were skipped: %s", n, r.Failures[0].Reason))
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
		r.Epsilons, r.Classes, r.TrainImages, r.ValImages, r.Accuracy, r.SquaredError, r.LogDensity, r.Train, r.Whole,
		r.BestAccuracy, r.BestEpsilon, r.Predicted, r.Alignment, r.MinEigenvalue, r.Scores(), r.Failures,
	})
}
