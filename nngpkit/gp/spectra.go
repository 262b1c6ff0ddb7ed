package gp

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Alignment returns the centered kernel-target alignment of Cortes, Mohri and
// Rostamizadeh (JMLR 2012): the cosine between the centered kernel and the
// centered YY', with Y the one-hot labels of the kernel's images. It is NaN where
// either is zero.
func Alignment(k mat.Symmetric, labels []int, classes int) (float64, error) {
	if len(labels) != k.SymmetricDim() {
		return 0, fmt.Errorf("gp: %d labels for a kernel of %d images", len(labels), k.SymmetricDim())
	}
	if err := checkLabels(labels, classes); err != nil {
		return 0, err
	}
	return alignment(k, labels, classes), nil
}

// alignment takes the leading block of len(labels) images.
func alignment(k mat.Symmetric, labels []int, classes int) float64 {
	n := len(labels)
	c := centeredUpper(k, n)
	count := make([]float64, classes)
	for _, l := range labels {
		count[l]++
	}
	// Centered YY': [a == b] - (n_a + n_b)/n + sum n_c^2/n^2, a and b the labels.
	all := 0.0
	for _, x := range count {
		all += x * x
	}
	fn := float64(n)
	all /= fn * fn
	var kk, ky, yy float64
	for i := 0; i < n; i++ {
		for j := i; j < n; j++ {
			y := all - (count[labels[i]]+count[labels[j]])/fn
			if labels[i] == labels[j] {
				y++
			}
			w := 2.0
			if i == j {
				w = 1
			}
			v := c[i*n+j]
			kk += w * v * v
			ky += w * v * y
			yy += w * y * y
		}
	}
	// What rounding leaves of a centered constant is no direction.
	if scale := k.At(0, 0); kk <= square(fn*0x1p-50*scale) || yy <= square(fn*0x1p-50) {
		return math.NaN()
	}
	return ky / math.Sqrt(kk) / math.Sqrt(yy)
}

func square(x float64) float64 { return x * x }

// centeredUpper returns the upper triangle of HKH for the leading n x n block.
func centeredUpper(k mat.Symmetric, n int) []float64 {
	c := make([]float64, n*n)
	row := make([]float64, n)
	for i := 0; i < n; i++ {
		for j := i; j < n; j++ {
			v := k.At(i, j)
			c[i*n+j] = v
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
	for i := 0; i < n; i++ {
		for j := i; j < n; j++ {
			c[i*n+j] += mean - row[i] - row[j]
		}
	}
	return c
}

// Spectra are label-free measures of a kernel's spectrum: how many directions
// its images spread over.
type Spectra struct {
	Images int
	// ParticipationRatio is (sum of eigenvalues)^2 / sum of their squares, of the
	// centered kernel: between 1 and Images-1.
	ParticipationRatio float64
	// LogDet is the mean logarithm of the eigenvalues of the centered kernel
	// divided by its mean trace, plus Epsilon: log det(C/mean + epsilon I) / n.
	LogDet float64
	// EffectiveDimension is the number of directions that a regression with noise
	// Epsilon mean traces would use: sum of l / (l + epsilon mean).
	EffectiveDimension float64
	// TopShare is the share of the kernel's trace that centering takes away: near 1
	// where all images look alike to the network.
	TopShare float64
	Epsilon  float64

	// Entropy is the spectral entropy of the centered kernel in nats, between 0 and
	// log(Images-1): -sum p log p of the eigenvalues' shares p of the trace. Its
	// exponential is the effective rank (Roy & Vetterli, "The effective rank", 2007).
	Entropy float64
	// Levels holds LogDet and EffectiveDimension at other noise levels: those of
	// NoiseLevels, in their order.
	Levels []NoiseLevel
}

// NoiseLevel is what a kernel's spectrum looks like under noise of Epsilon mean
// traces; see Spectra.
type NoiseLevel struct {
	Epsilon            float64
	LogDet             float64
	EffectiveDimension float64
}

// NoiseLevels returns the noise levels of Spectra.Levels, in mean traces of the
// centered kernel.
func NoiseLevels() []float64 { return []float64{1e-1, 1e-2, 1e-3, 1e-4} }

// SpectraOf measures the centered kernel of k, with the given epsilon relative
// to the mean trace of the centered kernel; 0 means 1e-3. A kernel that centering
// makes zero, to rounding, has NaN throughout; where it leaves so little that
// rounding makes eigenvalues negative, all but ParticipationRatio are.
func SpectraOf(ctx context.Context, k mat.Symmetric, epsilon float64) (*Spectra, error) {
	if epsilon == 0 {
		epsilon = 1e-3
	}
	if !(epsilon > 0) || math.IsInf(epsilon, 0) {
		return nil, fmt.Errorf("gp: epsilon is %v, want a positive number", epsilon)
	}
	n := k.SymmetricDim()
	if n < 2 {
		return nil, fmt.Errorf("gp: spectrum of %d images, want at least 2", n)
	}
	if _, err := upper(k, n); err != nil {
		return nil, err
	}
	c := centeredUpper(k, n)
	trace, sum, squares := 0.0, 0.0, 0.0
	for i := 0; i < n; i++ {
		trace += k.At(i, i)
		sum += c[i*n+i]
		squares += c[i*n+i] * c[i*n+i]
		for _, v := range c[i*n+i+1 : i*n+n] {
			squares += 2 * v * v
		}
	}
	s := &Spectra{Images: n, Epsilon: epsilon, TopShare: 1 - sum/trace}
	s.unknown()
	if !(sum > float64(n)*0x1p-50*trace) {
		return s, nil
	}
	s.ParticipationRatio = sum * sum / squares
	f, err := Factorize(ctx, mat.NewSymDense(n, c))
	if errors.Is(err, ErrNotPositive) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	if s.LogDet, s.EffectiveDimension, err = f.level(epsilon); err != nil {
		return nil, err
	}
	for i := range s.Levels {
		l := &s.Levels[i]
		if l.LogDet, l.EffectiveDimension, err = f.level(l.Epsilon); errors.Is(err, ErrNotPositive) {
			continue // rounding leaves more than that noise
		} else if err != nil {
			return nil, err
		}
	}
	s.Entropy, err = f.entropy()
	return s, err
}

// unknown makes everything NaN that takes more than the trace.
func (s *Spectra) unknown() {
	nan := math.NaN()
	s.ParticipationRatio, s.LogDet, s.EffectiveDimension, s.Entropy = nan, nan, nan, nan
	for _, e := range NoiseLevels() {
		s.Levels = append(s.Levels, NoiseLevel{e, nan, nan})
	}
}

// level returns LogDet and EffectiveDimension of Spectra, NaN with an error.
func (f *Factorization) level(epsilon float64) (logDet, dimension float64, err error) {
	noise := epsilon * f.MeanTrace()
	sh, err := f.shift(noise)
	if err != nil {
		return math.NaN(), math.NaN(), err
	}
	n := float64(f.n)
	return sh.LogDet()/n - math.Log(f.MeanTrace()), n - noise*sh.InverseTrace(), nil
}

// entropy returns the entropy of the eigenvalues' shares, in nats. Eigenvalues
// that rounding made negative count as zero.
func (f *Factorization) entropy() (float64, error) {
	values, err := f.Eigenvalues()
	if err != nil {
		return math.NaN(), err
	}
	h := 0.0
	for _, v := range values {
		if p := v / f.trace; p > 0 {
			h -= p * math.Log(p)
		}
	}
	return h, nil
}
