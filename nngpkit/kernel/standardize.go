package kernel

import (
	"fmt"
	"math"
)

// flat is the spread, relative to a feature's largest magnitude, below which
// the feature counts as constant: what float32 rounding in a forward pass
// leaves of one that is.
const flat = 1e-5

// Standardize takes from each column of the n x d row-major matrix of features
// its mean over the images and divides by its standard deviation, in place, so
// that a feature counts by where it tells images apart and not by its size:
// without it, the few features of largest variance are the kernel. Columns that
// are constant (to 1e-5 of their largest magnitude) become zero.
//
// Means and deviations are computed in float64; the results are rounded to
// float32. It returns an error if the shape does not fit or a value is NaN or
// infinite.
func Standardize(features []float32, n, d int) error {
	if err := check(features, n, d); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	mean, most, squares := make([]float64, d), make([]float64, d), make([]float64, d)
	for i := 0; i < n; i++ {
		for j, v := range features[i*d:][:d] {
			mean[j] += float64(v)
			most[j] = math.Max(most[j], math.Abs(float64(v)))
		}
	}
	for j := range mean {
		mean[j] /= float64(n)
	}
	for i := 0; i < n; i++ {
		for j, v := range features[i*d:][:d] {
			x := float64(v) - mean[j]
			squares[j] += x * x
		}
	}
	scale := squares
	for j, s := range squares {
		std := math.Sqrt(s / float64(n))
		scale[j] = 0
		if std > flat*most[j] {
			scale[j] = 1 / std
		}
	}
	for i := 0; i < n; i++ {
		row := features[i*d:][:d]
		for j, v := range row {
			row[j] = float32((float64(v) - mean[j]) * scale[j])
		}
	}
	return nil
}
