package gp

import (
	"context"
	"math"

	"github.com/nngplab/nngplab/internal/dense"
)

// SelfScores are the scores that a set of labeled images gives from its own
// kernel, without images held out. Every slice has one value an epsilon; NaN
// where the factorization failed or the score was not asked for.
type SelfScores struct {
	Images int `json:"images"` // number of images

	// LogMarginal is the log marginal likelihood with the kernel divided by its
	// mean trace, in nats per target value.
	LogMarginal []float64 `json:"log_marginal"`
	// LogMarginalScaled is the same with kernel and noise multiplied by Scale.
	LogMarginalScaled []float64 `json:"log_marginal_scaled"`
	// Scale is the factor that maximizes the likelihood:
	// the mean over classes of y'(K+sI)^-1 y / n.
	Scale []float64 `json:"scale"`

	// LOOSquaredError, LOOAccuracy and LOOLogDensity compare each image's
	// targets with what all the others predict for it (Rasmussen & Williams,
	// equations 5.10 to 5.12). LOOLogDensity uses Scale, for which the image left
	// out did count.
	LOOSquaredError []float64 `json:"loo_squared_error"`
	LOOAccuracy     []float64 `json:"loo_accuracy"`
	LOOLogDensity   []float64 `json:"loo_log_density"`
}

func newSelfScores(images, eps int) SelfScores {
	return SelfScores{
		Images:            images,
		LogMarginal:       nans(eps),
		LogMarginalScaled: nans(eps),
		Scale:             nans(eps),
		LOOSquaredError:   nans(eps),
		LOOAccuracy:       nans(eps),
		LOOLogDensity:     nans(eps),
	}
}

func nans(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = math.NaN()
	}
	return x
}

// BestLeaveOneOut returns the index of the epsilon with the smallest
// leave-one-out squared error, the first among equals, or -1 where there is
// none.
func (s *SelfScores) BestLeaveOneOut() int { return best(s.LOOSquaredError, -1) }

// BestLogMarginal returns the index of the epsilon with the largest
// LogMarginalScaled, the first among equals, or -1 where there is none.
func (s *SelfScores) BestLogMarginal() int { return best(s.LogMarginalScaled, 1) }

// best returns the index of the largest sign*x that is a number, or -1.
func best(x []float64, sign float64) int {
	b := -1
	for i, v := range x {
		if !math.IsNaN(v) && (b < 0 || sign*v > sign*x[b]) {
			b = i
		}
	}
	return b
}

// spectrum is one factorized kernel with its targets, ready for any epsilon.
type spectrum struct {
	f       *Factorization
	classes int
	labels  []int
	y       []float64 // n x classes
	shifts  []*dense.Shifted
	coef    []float64 // n x (epsilons*classes): (K + sI)^-1 Y for every epsilon
}

// newSpectrum factors the leading block of len(labels) images at every
// epsilon. Failures are reported through fail.
func newSpectrum(ctx context.Context, f *Factorization, labels []int, classes int, eps []float64, fail func(i int, err error)) *spectrum {
	s := &spectrum{f: f, classes: classes, labels: labels, y: Targets(labels, classes).RawMatrix().Data}
	s.shifts = make([]*dense.Shifted, len(eps))
	for i, e := range eps {
		sh, err := f.shift(e * f.MeanTrace())
		if err != nil {
			fail(i, err)
			continue
		}
		s.shifts[i] = sh
	}
	return s
}

// likelihoods fills the marginal likelihoods and leaves in coef the solutions
// for every epsilon side by side, still rotated.
func (s *spectrum) likelihoods(out *SelfScores) {
	n, c := s.f.n, s.classes
	z := append([]float64(nil), s.y...)
	s.rotate(z, c, true)
	cols := c * len(s.shifts)
	s.coef = make([]float64, n*cols)
	for i := 0; i < n; i++ {
		for e := range s.shifts {
			copy(s.coef[i*cols+e*c:], z[i*c:i*c+c])
		}
	}
	dense.Parallel(dense.Threads(s.f.Threads), len(s.shifts), func(e int) {
		sh := s.shifts[e]
		if sh == nil {
			for i := 0; i < n; i++ {
				clear(s.coef[i*cols+e*c:][:c])
			}
			return
		}
		sh.Solve(s.coef[e*c:], cols, c)
		quad := 0.0
		for i := 0; i < n; i++ {
			for j := 0; j < c; j++ {
				quad += z[i*c+j] * s.coef[i*cols+e*c+j]
			}
		}
		fn, mean := float64(n), s.f.MeanTrace()
		quad /= fn * float64(c) // per target value
		logdet := sh.LogDet() / fn
		out.Scale[e] = quad
		out.LogMarginal[e] = -0.5 * (quad*mean + logdet - math.Log(mean) + math.Log(2*math.Pi))
		out.LogMarginalScaled[e] = -0.5 * (1 + logdet + math.Log(quad) + math.Log(2*math.Pi))
	})
}

// rotate replaces x by Q'x or Qx, through Q where it is there.
func (s *spectrum) rotate(x []float64, cols int, transposed bool) {
	n := s.f.n
	if s.f.q == nil {
		s.f.tri.Rotate(x, cols, transposed)
		return
	}
	q := dense.Of(s.f.q, n)
	if transposed {
		q = q.T()
	}
	y := make([]float64, len(x))
	dense.Gemm(dense.Threads(s.f.Threads), n, cols, n, 1, q, dense.Of(x, cols), y, cols, dense.Full)
	copy(x, y)
}

// leaveOneOut fills the leave-one-out scores; coef must have been rotated back.
func (s *spectrum) leaveOneOut(out *SelfScores) {
	n, c, ne := s.f.n, s.classes, len(s.shifts)
	diag := make([]float64, n*ne)
	dense.Quadratics(dense.Threads(s.f.Threads), s.shifts, s.f.q, n, n, diag)
	mu := make([]float64, c)
	for e, sh := range s.shifts {
		if sh == nil {
			continue
		}
		t := tally{scale: out.Scale[e]}
		for i := 0; i < n; i++ {
			d := diag[i*ne+e]
			for j := range mu {
				mu[j] = s.y[i*c+j] - s.coef[(i*ne+e)*c+j]/d
			}
			t.add(mu, s.y[i*c:i*c+c], s.labels[i], 1/d)
		}
		out.LOOSquaredError[e], out.LOOAccuracy[e], out.LOOLogDensity[e] = t.means(n, c)
	}
}

// tally sums up what predictions are worth.
type tally struct {
	scale          float64
	sq, logs, hits float64
}

// add counts one image: predictive means mu, targets y, predictive variance v
// in units of the kernel.
func (t *tally) add(mu, y []float64, label int, v float64) {
	sq := 0.0
	for j, m := range mu {
		d := m - y[j]
		sq += d * d
	}
	t.sq += sq
	v *= t.scale
	t.logs += -0.5 * (sq/v + float64(len(mu))*math.Log(2*math.Pi*v))
	if argmax(mu) == label {
		t.hits++
	}
}

func (t *tally) means(n, c int) (sq, accuracy, logs float64) {
	per := float64(n) * float64(c)
	return t.sq / per, t.hits / float64(n), t.logs / per
}
