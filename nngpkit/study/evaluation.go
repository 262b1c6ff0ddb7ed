package study

import (
	"fmt"
	"math"
	"strings"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/report"
)

// Wilson returns the 95 % interval of a share, of which k of n was observed
// (Wilson 1927): what a few hundred images say about an accuracy.
func Wilson(share float64, n int) (lo, hi float64) {
	if n < 1 || math.IsNaN(share) {
		return math.NaN(), math.NaN()
	}
	const z = 1.959963984540054
	m := float64(n)
	mid := (share + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(share*(1-share)/m+z*z/(4*m*m))
	return math.Max(0, mid-half), math.Min(1, mid+half)
}

// EpsilonCurves returns validation accuracy over epsilon, a curve for each of
// the given numbers of members, with the interval that the number of
// validation images allows. The result must be one of Config.Running.
func EpsilonCurves(r *nngpkit.Result, members ...int) ([]figure.Series, error) {
	var out []figure.Series
	for _, m := range members {
		if m < 1 || m > len(r.Running) {
			return nil, fmt.Errorf("study: no scores after %d members: the evaluation kept those of %d (Config.Running)", m, len(r.Running))
		}
		at := r.Running[m-1]
		s := figure.Series{Name: report.Plural(m, "member")}
		for i, e := range at.Epsilons {
			lo, hi := Wilson(at.Accuracy[i], at.ValImages)
			add(&s, e, at.Accuracy[i], lo, hi)
		}
		out = append(out, s)
	}
	return out, nil
}

// MemberCurves returns accuracies over the number of members: the published
// score, whose epsilon is chosen on the validation images; the accuracy of the
// same images at the epsilon with the least leave-one-out error of the
// training images, which looks at no validation label; and the leave-one-out
// accuracy of all images. The result must be one of Config.Running.
func MemberCurves(r *nngpkit.Result) ([]figure.Series, error) {
	if len(r.Running) == 0 {
		return nil, fmt.Errorf("study: the evaluation kept no scores on the way (Config.Running)")
	}
	best := figure.Series{Name: "validation, best ε (the published score)"}
	blind := figure.Series{Name: "validation, ε chosen on training images"}
	loo := figure.Series{Name: "leave-one-out, all images"}
	for m, at := range r.Running {
		x := float64(m + 1)
		addShare(&best, x, at.BestAccuracy, at.ValImages)
		addShare(&blind, x, pick(at.Accuracy, at.Train.BestLeaveOneOut()), at.ValImages)
		addShare(&loo, x, pick(at.Whole.LOOAccuracy, at.Whole.BestLeaveOneOut()), at.Whole.Images)
	}
	return []figure.Series{best, blind, loo}, nil
}

func addShare(s *figure.Series, x, share float64, n int) {
	lo, hi := Wilson(share, n)
	add(s, x, share, lo, hi)
}

// pick returns x[i], NaN where i is -1.
func pick(x []float64, i int) float64 {
	if i < 0 {
		return math.NaN()
	}
	return x[i]
}

// RecordEvaluation appends the scores of one evaluation to the file of results.
// On another processor, accuracies may differ by an image whose two best classes
// are tied to rounding, the best epsilon by a step where two are, and the other
// scores by a ten-thousandth.
func RecordEvaluation(prefix string, r *gp.Result) error {
	lo, hi := Wilson(r.BestAccuracy, r.ValImages)
	image := 1 / float64(r.ValImages)
	if err := report.RecordWithin(prefix+".accuracy", r.BestAccuracy, lo, hi, r.ValImages, image); err != nil {
		return err
	}
	blind := pick(r.Accuracy, r.Train.BestLeaveOneOut())
	lo, hi = Wilson(blind, r.ValImages)
	if err := report.RecordWithin(prefix+".accuracy_epsilon_from_training", blind, lo, hi, r.ValImages, image); err != nil {
		return err
	}
	for _, v := range []struct {
		name     string
		value    float64
		relative float64
	}{
		{"best_epsilon", r.BestEpsilon, 2},
		{"leave_one_out_squared_error", pick(r.Whole.LOOSquaredError, r.Whole.BestLeaveOneOut()), 1e-4},
		{"log_marginal_likelihood", pick(r.Whole.LogMarginalScaled, r.Whole.BestLogMarginal()), 1e-4},
	} {
		if err := report.RecordWithin(prefix+"."+v.name, v.value, math.NaN(), math.NaN(), 0, v.relative*math.Abs(v.value)); err != nil {
			return err
		}
	}
	return nil
}

// Describe names a set of images without the folder that it came from.
func Describe(set *imageset.Set) string {
	kind := "images from files"
	switch {
	case strings.HasPrefix(set.Name, "drawn"):
		kind = "images drawn by code, no real data"
	case strings.HasPrefix(set.Name, "noise"):
		kind = "images of noise, no real data"
	}
	classes := fmt.Sprintf("%d classes", len(set.Classes))
	if !set.Labeled() {
		classes = "without labels"
	}
	return fmt.Sprintf("%s: %d %s, %dx%d pixels, %s", set.Name, set.Len(), kind, set.H, set.W, classes)
}
