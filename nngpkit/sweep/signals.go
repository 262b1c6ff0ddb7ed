package sweep

import (
	"fmt"
	"strings"

	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// Signals returns every statistic of the catalogue of package gp as a signal of a
// frame of OpenScores.
func Signals() []truth.Signal {
	var out []truth.Signal
	for _, s := range gp.Catalogue() {
		out = append(out, ScoreSignal(s.Name))
	}
	return out
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

// ScoreSignal returns the signal of a column of OpenScores: a statistic of the
// catalogue of package gp by its name, with the direction in which it is better;
// where that is not known beforehand, more counts as better. The column may carry
// a suffix (see frame.Suffixed), which the label shows in brackets.
func ScoreSignal(column string) truth.Signal {
	var best gp.Statistic
	for _, s := range gp.Catalogue() {
		if strings.HasPrefix(column, s.Name) && len(s.Name) > len(best.Name) {
			best = s
		}
	}
	if best.Name == "" {
		return truth.Signal{Column: column}
	}
	out := truth.Signal{Column: column, Label: best.Label, Lower: best.Better == gp.Smaller}
	if suffix := strings.TrimLeft(column[len(best.Name):], "_"); suffix != "" {
		out.Label = fmt.Sprintf("%s [%s]", out.Label, suffix)
	}
	return out
}
