package gp

import (
	"context"

	"github.com/nngplab/nngplab/internal/dense"
)

// Solutions for many classes are held for so many columns at a time, in all; for
// fewer than fewClasses classes at all epsilons at once.
const (
	groupColumns = 640
	fewClasses   = groupColumns / 20
)

// columns are the different columns of the targets: of many classes those that no
// image has are all the same one.
type columns struct {
	of     []int // by class
	n      int
	absent int // classes that share the last column; 0 where none does
}

func newColumns(labels []int, classes int) columns {
	c := columns{of: make([]int, classes)}
	if classes <= fewClasses {
		for j := range c.of {
			c.of[j] = j
		}
		c.n = classes
		return c
	}
	seen := make([]bool, classes)
	for _, l := range labels {
		seen[l] = true
	}
	for j, ok := range seen {
		if ok {
			c.of[j] = c.n
			c.n++
		} else {
			c.absent++
		}
	}
	if c.absent > 0 {
		for j, ok := range seen {
			if !ok {
				c.of[j] = c.n
			}
		}
		c.n++
	}
	return c
}

// spectrum is one factorized kernel with its targets, ready for any epsilon.
type spectrum struct {
	f       *Factorization
	classes int
	labels  []int
	y       []float64 // n x classes
	columns columns
	z       []float64 // n x columns.n: Q'Y
	shifts  []*dense.Shifted

	lo, hi int       // epsilons of which coef holds the solutions
	coef   []float64 // n x ((hi-lo) * columns.n): (K + sI)^-1 Y, side by side

	half, inverse []float64 // of rotateBack, n x n
}

// newSpectrum factors the leading block of len(labels) images at every
// epsilon. Failures are reported through fail.
func newSpectrum(ctx context.Context, f *Factorization, labels []int, classes int, eps []float64, fail func(i int, err error)) *spectrum {
	s := &spectrum{f: f, classes: classes, labels: labels, y: Targets(labels, classes).RawMatrix().Data}
	s.columns = newColumns(labels, classes)
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

// groups calls visit after each group of epsilons has been solved for: coef holds
// the solutions, still rotated, and the marginal likelihoods are filled.
func (s *spectrum) groups(ctx context.Context, out *SelfScores, visit func()) error {
	n, m := s.f.n, s.columns.n
	s.z = make([]float64, n*m)
	for i := 0; i < n; i++ {
		for j, col := range s.columns.of {
			s.z[i*m+col] = s.y[i*s.classes+j]
		}
	}
	s.rotate(s.z, m, true)
	size := len(s.shifts)
	if s.classes > fewClasses {
		size = max(1, groupColumns/m)
	}
	for s.lo = 0; s.lo < len(s.shifts); s.lo = s.hi {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.hi = min(s.lo+size, len(s.shifts))
		s.solve(out)
		visit()
	}
	return ctx.Err()
}

// width returns the columns of coef.
func (s *spectrum) width() int { return (s.hi - s.lo) * s.columns.n }

// at returns the place in coef of the solutions of image i at epsilon e.
func (s *spectrum) at(i, e int) int { return i*s.width() + (e-s.lo)*s.columns.n }

// solve fills coef and the marginal likelihoods for the epsilons of a group.
func (s *spectrum) solve(out *SelfScores) {
	n, m, cols := s.f.n, s.columns.n, s.width()
	if len(s.coef) != n*cols {
		s.coef = make([]float64, n*cols)
	}
	for i := 0; i < n; i++ {
		for e := s.lo; e < s.hi; e++ {
			copy(s.coef[s.at(i, e):], s.z[i*m:i*m+m])
		}
	}
	dense.Parallel(dense.Threads(s.f.Threads), s.hi-s.lo, func(k int) {
		e := s.lo + k
		sh := s.shifts[e]
		if sh == nil {
			for i := 0; i < n; i++ {
				clear(s.coef[s.at(i, e):][:m])
			}
			return
		}
		sh.Solve(s.coef[k*m:], cols, m)
		s.likelihood(e, out)
	})
}

// likelihood fills the marginal likelihoods at one epsilon.
func (s *spectrum) likelihood(e int, out *SelfScores) {
	n, m, c := s.f.n, s.columns.n, s.classes
	own := m // columns of one class
	if s.columns.absent > 0 {
		own--
	}
	quad := 0.0
	for i := 0; i < n; i++ {
		z, x := s.z[i*m:][:m], s.coef[s.at(i, e):][:m]
		for j := range own {
			quad += z[j] * x[j]
		}
		if own < m {
			quad += float64(s.columns.absent) * (z[own] * x[own])
		}
	}
	out.likelihood(e, quad/(float64(n)*float64(c)), s.shifts[e].LogDet()/float64(n), s.f.MeanTrace())
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

// rotateBack makes coef the solutions themselves. Where there are nearly as many
// columns as images, the whole inverse is cheaper: half a product of matrices, and
// sums by class.
func (s *spectrum) rotateBack() {
	n, m := s.f.n, s.columns.n
	if s.classes <= fewClasses || s.f.q == nil || 2*m <= n {
		s.rotate(s.coef, s.width(), false)
		return
	}
	if s.half == nil {
		s.half, s.inverse = make([]float64, n*n), make([]float64, n*n)
	}
	b, inverse := s.half, s.inverse
	for e := s.lo; e < s.hi; e++ {
		if s.shifts[e] == nil {
			continue // the zeros that are there
		}
		copy(b, s.f.q)
		threads := dense.Threads(s.f.Threads)
		dense.Parallel(threads, threads, func(k int) {
			from, to := k*n/threads, (k+1)*n/threads
			s.shifts[e].Half(b[from*n:], to-from, n)
		})
		clear(inverse)
		dense.Gemm(threads, n, n, n, 1, dense.Of(b, n), dense.Of(b, n).T(), inverse, n, dense.Upper)
		s.sumByClass(e, inverse)
	}
}

// sumByClass sets the solutions at one epsilon from the upper triangle of
// (K + sI)^-1.
func (s *spectrum) sumByClass(e int, inverse []float64) {
	n, m := s.f.n, s.columns.n
	sums := make([]float64, n)
	for i := 0; i < n; i++ {
		clear(s.coef[s.at(i, e):][:m])
	}
	for i := 0; i < n; i++ {
		own := s.columns.of[s.labels[i]]
		x := s.coef[s.at(i, e):][:m]
		for j := i; j < n; j++ {
			v := inverse[i*n+j]
			x[s.columns.of[s.labels[j]]] += v
			sums[i] += v
			if j > i {
				s.coef[s.at(j, e)+own] += v
				sums[j] += v
			}
		}
	}
	for i := 0; i < n; i++ {
		x, less := s.coef[s.at(i, e):][:m], sums[i]/float64(s.classes)
		for j := range x {
			x[j] -= less
		}
	}
}

// leaveOneOut fills the leave-one-out scores of a group from the diagonals of the
// inverses (see diagonals); coef must have been rotated back.
//
// A class whose only image is left out is predicted like one that has none. So that
// rounding does not order them, it gets the value of the first of these.
func (s *spectrum) leaveOneOut(out *SelfScores, diag []float64) {
	n, c, ne := s.f.n, s.classes, len(s.shifts)
	mu := make([]float64, c)
	none, alone := s.rare()
	for e := s.lo; e < s.hi; e++ {
		if s.shifts[e] == nil {
			continue
		}
		t := tally{scale: out.Scale[e]}
		for i := 0; i < n; i++ {
			d := diag[i*ne+e]
			y, x := s.y[i*c:i*c+c], s.coef[s.at(i, e):]
			for j := range mu {
				mu[j] = y[j] - x[s.columns.of[j]]/d
			}
			l := s.labels[i]
			tied := none >= 0 && alone[l]
			if tied && c > fewClasses {
				mu[l] = mu[none]
			}
			t.add(mu, y, l, 1/d)
			if tied {
				mu[l] = mu[none]
			}
			t.addTop(mu, l)
		}
		out.LOOSquaredError[e], out.LOOAccuracy[e], out.LOOLogDensity[e], out.LOOTop5[e] = t.means(n, c)
	}
}

// rare returns the first class that no image has, -1 where there is none, and which
// classes one image has.
func (s *spectrum) rare() (none int, alone []bool) {
	count := make([]int, s.classes)
	for _, l := range s.labels {
		count[l]++
	}
	none, alone = -1, make([]bool, s.classes)
	for l, n := range count {
		if n == 0 && none < 0 {
			none = l
		}
		alone[l] = n == 1
	}
	return none, alone
}

// diagonals returns the diagonal of (K + sI)^-1 for every epsilon, images x epsilons.
func (s *spectrum) diagonals() []float64 {
	n := s.f.n
	diag := make([]float64, n*len(s.shifts))
	dense.Quadratics(dense.Threads(s.f.Threads), s.shifts, s.f.q, n, n, diag)
	return diag
}
