package gp

import (
	"context"
	"errors"
	"fmt"
	"math"

	lapackgonum "gonum.org/v1/gonum/lapack/gonum"
	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/internal/dense"
)

// ErrNotPositive is returned, wrapped, where a kernel plus its noise is not
// numerically positive definite.
var ErrNotPositive = errors.New("not positive definite")

// negativeTolerance is how far below zero, in mean traces, the smallest
// eigenvalue of a kernel may lie. A kernel computed in float32 strays by some
// 1e-6; anything beyond 1e-4 is no rounding error.
const negativeTolerance = 1e-4

// Factorization is a symmetric positive semi-definite kernel reduced to
// tridiagonal form, from which K + noise*I is solved for any noise at O(n^2) a
// target column (O(n) once the targets are rotated).
type Factorization struct {
	// Threads is the number of goroutines used; 0 means GOMAXPROCS. No result
	// depends on it.
	Threads int

	n     int
	trace float64
	min   float64
	tri   *dense.Tridiagonal
	q     []float64 // nil until asked for
}

// Factorize reduces k, which stays as it is. It returns an error, wrapping
// ErrNotPositive where that is the reason, if k holds a NaN or an infinity, has
// no positive trace, or is further from positive semi-definite than rounding in
// single precision explains (smallest eigenvalue below -1e-4 mean traces).
func Factorize(ctx context.Context, k mat.Symmetric) (*Factorization, error) {
	return factorize(ctx, k, k.SymmetricDim(), 0)
}

// factorize reduces the leading n x n block of k.
func factorize(ctx context.Context, k mat.Symmetric, n, threads int) (*Factorization, error) {
	if n == 0 {
		return nil, errors.New("gp: empty kernel")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a, err := upper(k, n)
	if err != nil {
		return nil, err
	}
	f := &Factorization{Threads: threads, n: n}
	for i := 0; i < n; i++ {
		d := a[i*n+i]
		f.trace += d
		if d < 0 {
			return nil, fmt.Errorf("gp: diagonal entry %d of the kernel is %g: %w", i, d, ErrNotPositive)
		}
	}
	if !(f.trace > 0) || math.IsInf(f.trace, 0) {
		return nil, fmt.Errorf("gp: trace of the kernel is %g: %w", f.trace, ErrNotPositive)
	}
	f.tri, err = dense.Tridiagonalize(ctx, dense.Threads(threads), n, a)
	if err != nil {
		return nil, err
	}
	f.min = f.tri.MinEigenvalue()
	if mean := f.trace / float64(n); f.min < -negativeTolerance*mean {
		return nil, fmt.Errorf("gp: smallest eigenvalue of the kernel is %.3g, %.3g times its mean trace: %w", f.min, f.min/mean, ErrNotPositive)
	}
	return f, nil
}

// upper copies the upper triangle of the leading n x n block of k, and reports
// values that are not finite.
func upper(k mat.Symmetric, n int) ([]float64, error) {
	a := make([]float64, n*n)
	if r, ok := k.(mat.RawSymmetricer); ok {
		raw := r.RawSymmetric() // gonum keeps the upper triangle
		for i := 0; i < n; i++ {
			copy(a[i*n+i:i*n+n], raw.Data[i*raw.Stride+i:i*raw.Stride+n])
		}
	} else {
		for i := 0; i < n; i++ {
			for j := i; j < n; j++ {
				a[i*n+j] = k.At(i, j)
			}
		}
	}
	for i := 0; i < n; i++ {
		for j, v := range a[i*n+i : i*n+n] {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("gp: entry (%d, %d) of the kernel is %v", i, i+j, v)
			}
		}
	}
	return a, nil
}

// Symmetric returns k as a symmetric matrix. It returns an error naming the
// entry if k is not square, holds a NaN or an infinity, or if two mirrored
// entries differ by more than 1e-5 of the largest diagonal entry (more than
// single precision explains); smaller differences are averaged out.
func Symmetric(k mat.Matrix) (*mat.SymDense, error) {
	n, c := k.Dims()
	if n != c || n == 0 {
		return nil, fmt.Errorf("gp: kernel is %d x %d, want it square", n, c)
	}
	big := 0.0
	for i := 0; i < n; i++ {
		big = math.Max(big, math.Abs(k.At(i, i)))
	}
	s := mat.NewSymDense(n, nil)
	for i := 0; i < n; i++ {
		for j := i; j < n; j++ {
			a, b := k.At(i, j), k.At(j, i)
			if v := a + b; math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("gp: entry (%d, %d) of the kernel is %v, its mirror %v", i, j, a, b)
			}
			if math.Abs(a-b) > 1e-5*big {
				return nil, fmt.Errorf("gp: kernel is not symmetric: entry (%d, %d) is %v, entry (%d, %d) is %v", i, j, a, j, i, b)
			}
			s.SetSym(i, j, a+(b-a)/2)
		}
	}
	return s, nil
}

// Len returns the number of images.
func (f *Factorization) Len() int { return f.n }

// MeanTrace returns tr(K)/n, the unit of epsilon.
func (f *Factorization) MeanTrace() float64 { return f.trace / float64(f.n) }

// MinEigenvalue returns the smallest eigenvalue of K, to rounding (about
// 1e-16 n times the largest).
func (f *Factorization) MinEigenvalue() float64 { return f.min }

// Eigenvalues returns the eigenvalues of K in increasing order.
func (f *Factorization) Eigenvalues() ([]float64, error) {
	d := append([]float64(nil), f.tri.D...)
	e := append([]float64(nil), f.tri.E...)
	if !(lapackgonum.Implementation{}).Dsterf(f.n, d, e) {
		return nil, errors.New("gp: the eigenvalues did not converge")
	}
	return d, nil
}

func (f *Factorization) orthogonal(ctx context.Context) error {
	if f.q != nil {
		return nil
	}
	q, err := f.tri.Q(ctx)
	f.q = q
	return err
}

func (f *Factorization) shift(noise float64) (*dense.Shifted, error) {
	s, ok := f.tri.Shift(noise)
	if !ok {
		return nil, fmt.Errorf("gp: kernel plus noise %g (smallest eigenvalue of the kernel: %.3g): %w", noise, f.min, ErrNotPositive)
	}
	return s, nil
}

// Solve returns (K + noise*I)^-1 Y for an n x c matrix Y.
func (f *Factorization) Solve(noise float64, y mat.Matrix) (*mat.Dense, error) {
	n, c := y.Dims()
	if n != f.n {
		return nil, fmt.Errorf("gp: targets have %d rows, the kernel %d", n, f.n)
	}
	s, err := f.shift(noise)
	if err != nil {
		return nil, err
	}
	z := mat.DenseCopyOf(y)
	raw := z.RawMatrix().Data
	f.tri.Rotate(raw, c, true)
	s.Solve(raw, c, c)
	f.tri.Rotate(raw, c, false)
	return z, nil
}

// LogDet returns the logarithm of the determinant of K + noise*I.
func (f *Factorization) LogDet(noise float64) (float64, error) {
	s, err := f.shift(noise)
	if err != nil {
		return math.NaN(), err
	}
	return s.LogDet(), nil
}

// InverseDiagonal returns the diagonal of (K + noise*I)^-1.
func (f *Factorization) InverseDiagonal(noise float64) ([]float64, error) {
	s, err := f.shift(noise)
	if err != nil {
		return nil, err
	}
	if err := f.orthogonal(context.Background()); err != nil {
		return nil, err
	}
	d := make([]float64, f.n)
	dense.Quadratics(dense.Threads(f.Threads), []*dense.Shifted{s}, f.q, f.n, f.n, d)
	return d, nil
}

// LogMarginalLikelihood returns, for each column y of the n x c matrix Y, the
// log density of y under a Gaussian of mean zero and covariance K + noise*I,
// in nats (Rasmussen & Williams, Gaussian Processes for Machine Learning,
// equation 2.30).
func (f *Factorization) LogMarginalLikelihood(noise float64, y mat.Matrix) ([]float64, error) {
	n, c := y.Dims()
	if n != f.n {
		return nil, fmt.Errorf("gp: targets have %d rows, the kernel %d", n, f.n)
	}
	s, err := f.shift(noise)
	if err != nil {
		return nil, err
	}
	z := mat.DenseCopyOf(y).RawMatrix().Data
	f.tri.Rotate(z, c, true)
	w := append([]float64(nil), z...)
	s.Solve(w, c, c)
	out := make([]float64, c)
	for j := range out {
		for i := 0; i < n; i++ {
			out[j] += z[i*c+j] * w[i*c+j]
		}
		out[j] = -0.5 * (out[j] + s.LogDet() + float64(n)*math.Log(2*math.Pi))
	}
	return out, nil
}

// LeaveOneOut returns the n x c predictive means and the n predictive
// variances (noise included) that each image would get from all the others
// (Rasmussen & Williams, equations 5.10 to 5.12):
// mean = y_i - [K^-1 y]_i / [K^-1]_ii, variance = 1 / [K^-1]_ii, with K + noise*I
// for K.
func (f *Factorization) LeaveOneOut(noise float64, y mat.Matrix) (mean *mat.Dense, variance []float64, err error) {
	mean, err = f.Solve(noise, y)
	if err != nil {
		return nil, nil, err
	}
	variance, err = f.InverseDiagonal(noise)
	if err != nil {
		return nil, nil, err
	}
	_, c := y.Dims()
	for i, d := range variance {
		variance[i] = 1 / d
		for j := 0; j < c; j++ {
			mean.Set(i, j, y.At(i, j)-mean.At(i, j)/d)
		}
	}
	return mean, variance, nil
}
