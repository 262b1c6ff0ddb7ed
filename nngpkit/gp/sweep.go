package gp

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/internal/dense"
)

// Config says what a sweep computes. Its zero value is the published protocol's
// epsilons and every score.
type Config struct {
	Epsilons []float64 // relative to the mean trace; nil means Epsilons()
	Threads  int       // goroutines; 0 means GOMAXPROCS. No result depends on it.

	// SkipWhole leaves out the scores of all images together, which take a
	// factorization of their own and are most of the work.
	SkipWhole bool
	// SkipLeaveOneOut leaves out leave-one-out scores, and SkipDensity the
	// predictive density of the validation images; without either, the
	// factorization takes half the work.
	SkipLeaveOneOut bool
	SkipDensity     bool
}

// A Failure is an epsilon that was skipped because K + noise*I was not
// numerically positive definite.
type Failure struct {
	Epsilon float64 `json:"epsilon"`
	Whole   bool    `json:"whole"` // in the kernel of all images, not of the training images
	Reason  string  `json:"reason"`
}

// Result holds the scores of one kernel. Slices have one value an epsilon, in
// the order of Epsilons, NaN where the factorization failed.
type Result struct {
	Epsilons    []float64
	Classes     int
	TrainImages int
	ValImages   int

	// Of the validation images, predicted from the training images.
	Accuracy     []float64 // share of images whose largest mean is their class
	SquaredError []float64 // mean over images and classes
	LogDensity   []float64 // log predictive density, nats per target value
	Top5         []float64 // share of images whose class has one of the five largest means; NaN for five classes or fewer

	Train SelfScores // of the training images
	Whole SelfScores // of training and validation images together

	// BestAccuracy is the published score: the best validation accuracy over
	// epsilon, reached first at BestEpsilon (index Best). It is optimistic,
	// because epsilon is chosen on the images that it is measured on.
	BestAccuracy float64
	BestEpsilon  float64
	Best         int

	// Predicted holds the predicted classes of the validation images at
	// BestEpsilon, and Means their predictive means, one row an image.
	Predicted []int
	Means     *mat.Dense

	// Alignment is the cosine between the centered kernel of the training images
	// and YY' (Cortes, Mohri & Rostamizadeh, JMLR 2012).
	Alignment float64
	// MinEigenvalue is the smallest eigenvalue of the training kernel, in mean
	// traces.
	MinEigenvalue float64

	Failures []Failure
}

// Sweep scores the kernel k of all images, of which the first nTrain train and
// the others validate; labels are those of all images, in [0, classes). See the
// package comment for the definitions and Config for what can be left out.
//
// A failing factorization is recorded in Failures and its epsilon skipped, as
// the protocol does. It is an error if all fail, if k holds a value that is not
// finite or is not positive semi-definite, or if the counts do not fit.
func Sweep(k *mat.SymDense, nTrain int, labels []int, classes int, cfg Config) (*Result, error) {
	return SweepContext(context.Background(), k, nTrain, labels, classes, cfg)
}

// SweepContext is Sweep, ended early when ctx is done.
func SweepContext(ctx context.Context, k *mat.SymDense, nTrain int, labels []int, classes int, cfg Config) (*Result, error) {
	eps, err := checkSweep(k, nTrain, labels, classes, cfg)
	if err != nil {
		return nil, err
	}
	n := k.SymmetricDim()
	r := &Result{
		Epsilons:    eps,
		Classes:     classes,
		TrainImages: nTrain,
		ValImages:   n - nTrain,
		Train:       newSelfScores(nTrain, len(eps)),
		Whole:       newSelfScores(n, len(eps)),
	}
	if err := r.train(ctx, k, labels, cfg); err != nil {
		return nil, err
	}
	r.Alignment = alignment(k, labels[:nTrain], classes)
	if !cfg.SkipWhole {
		if err := r.whole(ctx, k, labels, cfg); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func checkSweep(k *mat.SymDense, nTrain int, labels []int, classes int, cfg Config) ([]float64, error) {
	if k == nil {
		return nil, fmt.Errorf("gp: no kernel")
	}
	n := k.SymmetricDim()
	if nTrain < 1 || nTrain >= n {
		return nil, fmt.Errorf("gp: %d of %d images train, want at least one to train and one to validate", nTrain, n)
	}
	if len(labels) != n {
		return nil, fmt.Errorf("gp: %d labels for a kernel of %d images", len(labels), n)
	}
	if err := checkLabels(labels, classes); err != nil {
		return nil, err
	}
	return checkEpsilons(cfg.Epsilons)
}

func checkEpsilons(eps []float64) ([]float64, error) {
	if eps == nil {
		return Epsilons(), nil
	}
	if len(eps) == 0 {
		return nil, fmt.Errorf("gp: no epsilon to try")
	}
	for i, e := range eps {
		if !(e >= 0) || math.IsInf(e, 0) {
			return nil, fmt.Errorf("gp: epsilon %d is %v, want a number of at least 0", i, e)
		}
	}
	return append([]float64(nil), eps...), nil
}

// train fills everything that comes from the kernel of the training images.
func (r *Result) train(ctx context.Context, k *mat.SymDense, labels []int, cfg Config) error {
	n := r.TrainImages
	s, err := r.spectrum(ctx, k, labels[:n], false, cfg)
	if err != nil {
		return err
	}
	r.MinEigenvalue = s.f.MinEigenvalue() / s.f.MeanTrace()
	if !cfg.SkipDensity && s.f.q == nil {
		if err := s.f.orthogonal(ctx); err != nil {
			return err
		}
	}
	var diag []float64
	if !cfg.SkipLeaveOneOut {
		diag = s.diagonals()
	}
	v := r.validation(k, labels, s, cfg)
	if err := s.groups(ctx, &r.Train, func() {
		v.group()
		if !cfg.SkipLeaveOneOut {
			if !v.rotatedBack {
				s.rotateBack()
			}
			s.leaveOneOut(&r.Train, diag)
		}
	}); err != nil {
		return err
	}
	return nil
}

// whole fills the scores of all images together.
func (r *Result) whole(ctx context.Context, k *mat.SymDense, labels []int, cfg Config) error {
	s, err := r.spectrum(ctx, k, labels, true, cfg)
	if err != nil {
		return err
	}
	var diag []float64
	if !cfg.SkipLeaveOneOut {
		diag = s.diagonals()
	}
	return s.groups(ctx, &r.Whole, func() {
		if !cfg.SkipLeaveOneOut {
			s.rotateBack()
			s.leaveOneOut(&r.Whole, diag)
		}
	})
}

// spectrum factors the kernel of the first len(labels) images and records the
// epsilons that fail; it is an error if all do.
func (r *Result) spectrum(ctx context.Context, k *mat.SymDense, labels []int, whole bool, cfg Config) (*spectrum, error) {
	f, err := factorize(ctx, k, len(labels), cfg.Threads)
	if err != nil {
		return nil, err
	}
	if !cfg.SkipLeaveOneOut {
		if err := f.orthogonal(ctx); err != nil {
			return nil, err
		}
	}
	var last error
	failed := 0
	s := newSpectrum(ctx, f, labels, r.Classes, r.Epsilons, func(i int, err error) {
		r.Failures = append(r.Failures, Failure{r.Epsilons[i], whole, err.Error()})
		last = err
		failed++
	})
	if failed == len(r.Epsilons) {
		return nil, fmt.Errorf("gp: every epsilon failed, the last so: %w", last)
	}
	return s, nil
}

// cross returns the view K_vt of the kernel: rows of validation images, columns
// of the first n.
func cross(k *mat.SymDense, n int) dense.View[float64] {
	raw := k.RawSymmetric() // upper triangle: K_tv is stored, its transpose meant
	return dense.View[float64]{Data: raw.Data[n:], Row: raw.Stride, Col: 1}.T()
}
