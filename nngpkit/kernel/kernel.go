// Package kernel makes NNGP kernels: covariances, between images, of a random
// network's features.
//
// MonteCarlo estimates the kernel of any network as a sequence of running
// means over members, where a member is the network with newly drawn weights.
// FullyConnected computes the kernels of infinitely wide fully connected ReLU
// and erf networks in closed form; they are the yardstick of the estimator.
// Centered and Cosine turn a kernel into related ones.
//
// The package stands alone: it knows feature matrices and kernels, not how
// either was made or what it is for.
package kernel

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/internal/dense"
)

// Gram returns F F', the n x n matrix of inner products of the rows of F, an
// n x d row-major matrix. Products of float32 values are exact in float64, so
// the only errors are those of d additions: an entry is off by at most
// d * 2^-53 times the product of the two rows' norms.
//
// It returns an error if the shape does not fit or a value is NaN or infinite.
func Gram(features []float32, n, d int) (*mat.SymDense, error) {
	if err := check(features, n, d); err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	k := mat.NewSymDense(n, nil)
	raw := k.RawSymmetric()
	f := dense.Of(features, d)
	dense.Gemm(dense.Threads(0), n, n, d, 1, f, f.T(), raw.Data, raw.Stride, dense.Upper)
	return k, nil
}

// check reports what is wrong with an n x d feature matrix.
func check(features []float32, n, d int) error {
	if n <= 0 || d <= 0 {
		return fmt.Errorf("feature matrix is %d x %d, want at least 1 x 1", n, d)
	}
	if len(features) != n*d {
		return fmt.Errorf("feature matrix of %d x %d holds %d values, want %d", n, d, len(features), n*d)
	}
	// An exponent of all ones is an infinity or a NaN.
	for i, v := range features {
		if math.Float32bits(v)&0x7f800000 == 0x7f800000 {
			return fmt.Errorf("feature %d of image %d is %v", i%d, i/d, v)
		}
	}
	return nil
}

// Centered returns H K H with H = I - 11'/n: the kernel of features from which
// their mean over the images has been taken. k is unchanged.
func Centered(k mat.Symmetric) *mat.SymDense {
	n := k.SymmetricDim()
	row := make([]float64, n)
	for i := 0; i < n; i++ {
		for j := i; j < n; j++ {
			v := k.At(i, j)
			row[i] += v
			if j > i {
				row[j] += v
			}
		}
	}
	mean := 0.0
	for i := range row {
		row[i] /= float64(n)
		mean += row[i]
	}
	mean /= float64(n)
	c := mat.NewSymDense(n, nil)
	for i := 0; i < n; i++ {
		for j := i; j < n; j++ {
			c.SetSym(i, j, k.At(i, j)-row[i]-row[j]+mean)
		}
	}
	return c
}

// Cosine returns the kernel with a unit diagonal, k_ij / sqrt(k_ii k_jj): the
// cosine of the angle between two images' features. k is unchanged. It returns
// an error where a diagonal entry is not positive and finite.
func Cosine(k mat.Symmetric) (*mat.SymDense, error) {
	n := k.SymmetricDim()
	norm := make([]float64, n)
	for i := range norm {
		v := k.At(i, i)
		if !(v > 0) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("kernel: diagonal entry %d is %v, so image %d has no direction", i, v, i)
		}
		norm[i] = math.Sqrt(v)
	}
	c := mat.NewSymDense(n, nil)
	for i := 0; i < n; i++ {
		c.SetSym(i, i, 1)
		for j := i + 1; j < n; j++ {
			c.SetSym(i, j, k.At(i, j)/norm[i]/norm[j])
		}
	}
	return c, nil
}
