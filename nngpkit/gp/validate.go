package gp

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/internal/dense"
)

// validation scores the predictive means of the validation images, group by group
// of epsilons.
type validation struct {
	r       *Result
	s       *spectrum
	k       *mat.SymDense
	labels  []int     // of the validation images
	y       []float64 // their targets, images x classes
	kvt     dense.View[float64]
	rotated []float64 // K_vt Q, images x training images; nil where coef is rotated back instead
	quad    []float64 // k'(K+sI)^-1 k, images x epsilons; nil without densities

	rotatedBack bool // coef of the group is
}

// validation prepares what all epsilons share.
func (r *Result) validation(k *mat.SymDense, labels []int, s *spectrum, cfg Config) *validation {
	n, images, c, ne := r.TrainImages, r.ValImages, r.Classes, len(r.Epsilons)
	r.Accuracy, r.SquaredError, r.LogDensity, r.Top5 = nans(ne), nans(ne), nans(ne), nans(ne)
	r.Best = -1
	v := &validation{r: r, s: s, k: k, labels: labels[n:], y: Targets(labels[n:], c).RawMatrix().Data, kvt: cross(k, n)}
	threads := dense.Threads(cfg.Threads)
	switch {
	case !cfg.SkipDensity:
		v.rotated = make([]float64, images*n)
		dense.Gemm(threads, images, n, n, 1, v.kvt, dense.Of(s.f.q, n), v.rotated, n, dense.Full)
		v.quad = make([]float64, images*ne)
		dense.Quadratics(threads, s.shifts, v.rotated, images, n, v.quad)
	case c > fewClasses && s.f.q == nil:
		// Rather than the solutions, of which there are many, rotate these.
		x := make([]float64, n*images)
		for i := 0; i < n; i++ {
			for j := 0; j < images; j++ {
				x[i*images+j] = k.At(i, n+j)
			}
		}
		s.f.tri.Rotate(x, images, true)
		v.rotated = make([]float64, images*n)
		for i := 0; i < n; i++ {
			for j := 0; j < images; j++ {
				v.rotated[j*n+i] = x[i*images+j]
			}
		}
	}
	return v
}

// group scores the epsilons that the spectrum holds.
func (v *validation) group() {
	s, images, cols := v.s, v.r.ValImages, v.s.width()
	n := s.f.n
	threads := dense.Threads(s.f.Threads)
	means := make([]float64, images*cols)
	v.rotatedBack = v.rotated == nil
	if v.rotatedBack {
		s.rotateBack()
		dense.Gemm(threads, images, cols, n, 1, v.kvt, dense.Of(s.coef, cols), means, cols, dense.Full)
	} else {
		dense.Gemm(threads, images, cols, n, 1, dense.Of(v.rotated, n), dense.Of(s.coef, cols), means, cols, dense.Full)
	}
	for e := s.lo; e < s.hi; e++ {
		if s.shifts[e] != nil {
			v.score(e, means)
		}
	}
}

// score takes the scores of one epsilon from the means of its group.
func (v *validation) score(e int, means []float64) {
	r, s, c, ne := v.r, v.s, v.r.Classes, len(v.r.Epsilons)
	noise := r.Epsilons[e] * s.f.MeanTrace()
	t := tally{scale: r.Train.Scale[e]}
	mu := make([]float64, c)
	for i, label := range v.labels {
		variance := math.NaN()
		if v.quad != nil {
			// Rounding may push the first difference below zero, never the truth.
			variance = math.Max(v.k.At(s.f.n+i, s.f.n+i)-v.quad[i*ne+e], 0) + noise
		}
		v.means(mu, means, i, e)
		t.add(mu, v.y[i*c:i*c+c], label, variance)
		t.addTop(mu, label)
	}
	r.SquaredError[e], r.Accuracy[e], r.LogDensity[e], r.Top5[e] = t.means(len(v.labels), c)
	if r.Best >= 0 && r.Accuracy[e] <= r.BestAccuracy {
		return
	}
	r.Best, r.BestAccuracy, r.BestEpsilon = e, r.Accuracy[e], r.Epsilons[e]
	if r.Means == nil {
		r.Means, r.Predicted = mat.NewDense(len(v.labels), c, nil), make([]int, len(v.labels))
	}
	for i := range v.labels {
		v.means(mu, means, i, e)
		r.Means.SetRow(i, mu)
		r.Predicted[i] = argmax(mu)
	}
}

// means sets mu to the means of image i, by class.
func (v *validation) means(mu, means []float64, i, e int) {
	x := means[v.s.at(i, e):]
	for j, col := range v.s.columns.of {
		mu[j] = x[col]
	}
}
