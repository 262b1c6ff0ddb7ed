package gp

import "math"

// Unlabeled returns the result for images without labels: every score that
// compares with labels is NaN, and there are no epsilons.
func Unlabeled(train, val int) *Result {
	nan := math.NaN()
	return &Result{
		TrainImages: train, ValImages: val,
		Train: newSelfScores(train, 0), Whole: newSelfScores(train+val, 0),
		BestAccuracy: nan, BestEpsilon: nan, Best: -1, Alignment: nan, MinEigenvalue: nan,
	}
}

// Labeled reports whether the images had labels; without, every score is NaN.
func (r *Result) Labeled() bool { return r.Classes > 0 }
