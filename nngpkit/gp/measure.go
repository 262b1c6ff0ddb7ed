package gp

import (
	"context"
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Measurement is all that the statistics of the catalogue are taken from.
type Measurement struct {
	Result  *Result  // of the sweep over epsilon; nil without labels, or where no epsilon gives a positive definite kernel
	Spectra *Spectra // of the centered kernel; nil where the sweep found no positive definite kernel
	Shape   Shape    // of the kernel as it is
}

// Shape says what a kernel's entries look like.
type Shape struct {
	MeanTrace  float64 // mean of the diagonal
	DiagonalCV float64 // coefficient of variation of the diagonal
	MeanCosine float64 // mean cosine between different images
}

// ShapeOf returns the shape of a kernel. DiagonalCV and MeanCosine are NaN where
// the diagonal is zero.
func ShapeOf(k mat.Symmetric) Shape {
	n := k.SymmetricDim()
	root := make([]float64, n)
	sum, squares := 0.0, 0.0
	for i := range root {
		v := k.At(i, i)
		root[i] = math.Sqrt(v)
		sum += v
		squares += v * v
	}
	mean, cos := sum/float64(n), 0.0
	for i := 0; i < n; i++ {
		for j := i + 1; j < n; j++ {
			cos += k.At(i, j) / (root[i] * root[j])
		}
	}
	return Shape{
		MeanTrace:  mean,
		DiagonalCV: math.Sqrt(math.Max(0, squares/float64(n)-mean*mean)) / mean,
		MeanCosine: cos / (float64(n) * float64(n-1) / 2),
	}
}

// Measure takes everything that the catalogue holds of a kernel of all images, of
// which the first nTrain train and the others validate. Without labels, which
// are nil then, nothing is taken that needs them.
//
// A kernel that no epsilon makes positive definite, such as that of members that
// are 0 on all images, is no error: it has a shape and nothing else. For other
// errors see Sweep and SpectraOf.
func Measure(ctx context.Context, k *mat.SymDense, nTrain int, labels []int, classes int, cfg Config) (*Measurement, error) {
	m := &Measurement{Shape: ShapeOf(k)}
	if labels != nil {
		r, err := SweepContext(ctx, k, nTrain, labels, classes, cfg)
		if errors.Is(err, ErrNotPositive) {
			return m, nil
		}
		if err != nil {
			return nil, err
		}
		m.Result = r
	}
	var err error
	m.Spectra, err = SpectraOf(ctx, k, 0)
	return m, err
}

// Score returns the statistic with its value.
func (m *Measurement) Score(s Statistic) Score {
	v, e := s.value(m)
	return Score{Name: s.Name, Value: v, Larger: s.Better == Larger, Epsilon: e, About: s.About}
}

// Scores returns every statistic of the catalogue with its value, NaN for those
// that could not be taken.
func (m *Measurement) Scores() []Score {
	var out []Score
	for _, s := range Catalogue() {
		out = append(out, m.Score(s))
	}
	return out
}

// Values returns the values of the catalogue by name, and the epsilons of those
// statistics whose Epsilon is set by EpsilonName. What is not finite is absent.
func (m *Measurement) Values() map[string]float64 {
	out := map[string]float64{}
	put := func(name string, v float64) {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			out[name] = v
		}
	}
	for _, s := range Catalogue() {
		v, e := s.value(m)
		put(s.Name, v)
		if s.Epsilon {
			put(EpsilonName(s.Name), e)
		}
	}
	return out
}
