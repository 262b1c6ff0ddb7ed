package sweep

import (
	"fmt"
	"strings"

	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// KernelSignals returns every score of package gp and every statistic of the
// kernel that a frame of OpenScores has. The direction of a statistic is not
// known beforehand: BestSignals chooses it.
func KernelSignals() []truth.Signal {
	var out []truth.Signal
	for _, s := range new(gp.Result).Scores() {
		out = append(out, ScoreSignal(s.Name))
	}
	for _, name := range spectra {
		out = append(out, truth.Signal{Column: name, Label: SpectraLabels[name]})
	}
	return out
}

var spectra = []string{"participation_ratio", "log_det", "effective_dimension", "top_share", "mean_trace", "diagonal_cv", "mean_cosine"}

var SpectraLabels = map[string]string{
	"participation_ratio": "participation ratio of the spectrum", "log_det": "log determinant", "effective_dimension": "effective dimension",
	"top_share": "share of the largest eigenvalue", "mean_trace": "mean trace", "diagonal_cv": "spread of the diagonal", "mean_cosine": "mean cosine",
}

// scoreLabels are short names of the scores of package gp, for figures.
var scoreLabels = map[string]string{
	"accuracy":                "NNGP accuracy (the paper's score)",
	"accuracy_loo":            "NNGP accuracy, ε by leave-one-out",
	"accuracy_lml":            "NNGP accuracy, ε by marginal likelihood",
	"squared_error":           "NNGP validation error",
	"log_density":             "NNGP validation log density",
	"train_loo_squared_error": "NNGP leave-one-out error, training images",
	"train_lml":               "NNGP marginal likelihood, training images",
	"whole_loo_squared_error": "NNGP leave-one-out error",
	"whole_loo_accuracy":      "NNGP leave-one-out accuracy",
	"whole_loo_log_density":   "NNGP leave-one-out log density",
	"whole_lml":               "NNGP marginal likelihood",
	"whole_lml_unit":          "NNGP marginal likelihood, unit trace",
	"alignment":               "kernel-target alignment",
}

// PaperScore is the paper's score as OpenScores has it: the best validation
// accuracy over epsilon, which is chosen on the same validation images.
func PaperScore() truth.Signal { return ScoreSignal("accuracy") }

// LeaveOneOut is the closed-form leave-one-out squared error of all images at
// its best epsilon, as OpenScores has it: it looks at every label once.
func LeaveOneOut() truth.Signal { return ScoreSignal("whole_loo_squared_error") }

// MarginalLikelihood is the log marginal likelihood of all images at its best
// epsilon and scale, as OpenScores has it.
func MarginalLikelihood() truth.Signal { return ScoreSignal("whole_lml") }

// ScoreSignal returns the signal of a column of OpenScores: a score of package
// gp by its name, with the direction in which it is better, or a statistic of
// the kernel, of which more counts as better. The column may carry a suffix
// (see Suffixed), which the label shows in brackets.
func ScoreSignal(column string) truth.Signal {
	var best *gp.Score
	for _, s := range new(gp.Result).Scores() {
		if strings.HasPrefix(column, s.Name) && (best == nil || len(s.Name) > len(best.Name)) {
			best = &gp.Score{Name: s.Name, Larger: s.Larger}
		}
	}
	if best == nil {
		return truth.Signal{Column: column}
	}
	out := truth.Signal{Column: column, Label: scoreLabels[best.Name], Lower: !best.Larger}
	if suffix := strings.TrimLeft(column[len(best.Name):], "_"); suffix != "" {
		out.Label = fmt.Sprintf("%s [%s]", out.Label, suffix)
	}
	return out
}
