package gp

import (
	"fmt"
	"math"
	"strings"
)

// Direction says which values of a statistic promise a good network.
type Direction int8

// The directions of a statistic.
const (
	Unknown Direction = iota // not known beforehand: it is chosen on cells that are set aside for choosing
	Larger
	Smaller
)

// String returns "larger", "smaller" or "unknown".
func (d Direction) String() string {
	switch d {
	case Larger:
		return "larger"
	case Smaller:
		return "smaller"
	}
	return "unknown"
}

// Role says on which kernels a statistic is weighed on its own when evidence is
// gathered about settings.
type Role uint8

// The roles of a statistic.
const (
	Beside    Role = iota // on none: it describes a kernel, or is part of a mixture
	Published             // on the paper's kernel
	AnyKernel             // on every kernel
	LabelFree             // on the kernel of maxima, which needs no labels
)

// Statistic is an entry of the catalogue: one number by which kernels, and so
// networks, can be compared.
type Statistic struct {
	Name  string // of its column in tables, in JSON and on the command line
	Label string // in figures and tables that people read
	Short string // beside the name of a view
	About string // its definition, with units

	Better  Direction
	Labels  bool // it needs the classes of the images
	Epsilon bool // tables hold the epsilon where it was taken, too (see EpsilonName)
	Role    Role

	value func(m *Measurement) (value, epsilon float64)
}

// EpsilonName returns the name of the column that holds the epsilon of a
// statistic.
func EpsilonName(statistic string) string { return statistic + "_epsilon" }

// Catalogue returns every statistic of a kernel, those that need labels first.
// It is the only list of them: tables, commands, notebooks and evidence hold
// what it has.
func Catalogue() []Statistic {
	return append(append([]Statistic(nil), labeled...), labelFree...)
}

// Find returns the statistic of that name.
func Find(name string) (Statistic, error) {
	var names []string
	for _, s := range Catalogue() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Statistic{}, fmt.Errorf("gp: there is no statistic %q; there are %s", name, strings.Join(names, ", "))
}

// labeled are the statistics that need labels, all taken from one sweep over
// epsilon.
var labeled = []Statistic{
	{
		Name: "accuracy", Label: "NNGP accuracy (the paper's score)", Short: "accuracy", Better: Larger, Epsilon: true, Role: Published,
		About: "best validation accuracy over epsilon: the published score, optimistic, for epsilon is chosen on the same images",
		value: swept(func(r *Result) ([]float64, int) { return r.Accuracy, best(r.Accuracy, 1) }),
	},
	{
		Name: "accuracy_top5", Label: "NNGP top-5 accuracy", Short: "top-5 accuracy", Better: Larger,
		About: "best validation top-5 accuracy over epsilon: the class is among the five largest predictions; for more than five classes",
		value: swept(func(r *Result) ([]float64, int) { return r.Top5, best(r.Top5, 1) }),
	},
	{
		Name: "accuracy_loo", Label: "NNGP accuracy, ε by leave-one-out", Short: "accuracy, ε by leave-one-out", Better: Larger,
		About: "validation accuracy at the epsilon with the smallest leave-one-out squared error of the training images",
		value: swept(func(r *Result) ([]float64, int) { return r.Accuracy, r.Train.BestLeaveOneOut() }),
	},
	{
		Name: "accuracy_lml", Label: "NNGP accuracy, ε by marginal likelihood", Short: "accuracy, ε by marginal likelihood", Better: Larger,
		About: "validation accuracy at the epsilon with the largest scaled log marginal likelihood of the training images",
		value: swept(func(r *Result) ([]float64, int) { return r.Accuracy, r.Train.BestLogMarginal() }),
	},
	{
		Name: "squared_error", Label: "NNGP validation error", Short: "validation error", Better: Smaller, Role: Published,
		About: "smallest validation squared error over epsilon",
		value: swept(func(r *Result) ([]float64, int) { return r.SquaredError, best(r.SquaredError, -1) }),
	},
	{
		Name: "log_density", Label: "NNGP validation log density", Short: "validation log density", Better: Larger, Role: Published,
		About: "largest validation log density over epsilon, nats per target value",
		value: swept(func(r *Result) ([]float64, int) { return r.LogDensity, best(r.LogDensity, 1) }),
	},
	{
		Name: "train_loo_squared_error", Label: "NNGP leave-one-out error, training images", Short: "leave-one-out error, training images", Better: Smaller,
		About: "smallest leave-one-out squared error of the training images",
		value: swept(func(r *Result) ([]float64, int) { return r.Train.LOOSquaredError, r.Train.BestLeaveOneOut() }),
	},
	{
		Name: "train_lml", Label: "NNGP marginal likelihood, training images", Short: "marginal likelihood, training images", Better: Larger,
		About: "largest scaled log marginal likelihood of the training images, nats per target value",
		value: swept(func(r *Result) ([]float64, int) { return r.Train.LogMarginalScaled, r.Train.BestLogMarginal() }),
	},
	{
		Name: "whole_loo_squared_error", Label: "NNGP leave-one-out error", Short: "leave-one-out error", Better: Smaller, Epsilon: true, Role: AnyKernel,
		About: "smallest leave-one-out squared error of all images",
		value: swept(func(r *Result) ([]float64, int) { return r.Whole.LOOSquaredError, r.Whole.BestLeaveOneOut() }),
	},
	{
		Name: "whole_loo_accuracy", Label: "NNGP leave-one-out accuracy", Short: "leave-one-out accuracy", Better: Larger,
		About: "best leave-one-out accuracy of all images",
		value: swept(func(r *Result) ([]float64, int) { return r.Whole.LOOAccuracy, best(r.Whole.LOOAccuracy, 1) }),
	},
	{
		Name: "whole_loo_top5", Label: "NNGP leave-one-out top-5 accuracy", Short: "leave-one-out top-5 accuracy", Better: Larger,
		About: "best leave-one-out top-5 accuracy of all images, for more than five classes",
		value: swept(func(r *Result) ([]float64, int) { return r.Whole.LOOTop5, best(r.Whole.LOOTop5, 1) }),
	},
	{
		Name: "whole_lml", Label: "NNGP marginal likelihood", Short: "marginal likelihood", Better: Larger, Epsilon: true, Role: AnyKernel,
		About: "largest scaled log marginal likelihood of all images, nats per target value",
		value: swept(func(r *Result) ([]float64, int) { return r.Whole.LogMarginalScaled, r.Whole.BestLogMarginal() }),
	},
	{
		Name: "whole_loo_log_density", Label: "NNGP leave-one-out log density", Short: "leave-one-out log density", Better: Larger, Role: Published,
		About: "largest leave-one-out log density of all images, nats per target value",
		value: swept(func(r *Result) ([]float64, int) { return r.Whole.LOOLogDensity, best(r.Whole.LOOLogDensity, 1) }),
	},
	{
		Name: "whole_lml_unit", Label: "NNGP marginal likelihood, unit trace", Short: "marginal likelihood, unit trace", Better: Larger,
		About: "largest log marginal likelihood of all images, kernel of unit mean trace, nats per target value",
		value: swept(func(r *Result) ([]float64, int) { return r.Whole.LogMarginal, best(r.Whole.LogMarginal, 1) }),
	},
	{
		Name: "alignment", Label: "kernel-target alignment", Short: "target alignment", Better: Larger,
		About: "centered kernel-target alignment of the training images (see Alignment)",
		value: func(m *Measurement) (float64, float64) {
			if m.Result == nil {
				return math.NaN(), math.NaN()
			}
			return m.Result.Alignment, math.NaN()
		},
	},
}

// labelFree are the statistics that need no labels: of the spectrum of the
// centered kernel, and of the shape of the kernel as it is.
var labelFree = []Statistic{
	{
		Name: "participation_ratio", Label: "participation ratio of the spectrum", Short: "participation ratio",
		About: "squared sum of the eigenvalues of the centered kernel over the sum of their squares",
		value: spectral(func(s *Spectra) float64 { return s.ParticipationRatio }),
	},
	{
		Name: "log_det", Label: "log determinant", Short: "log-determinant", Role: LabelFree,
		About: "mean log of the relative eigenvalues of the centered kernel, plus 0.001",
		value: spectral(func(s *Spectra) float64 { return s.LogDet }),
	},
	{
		Name: "effective_dimension", Label: "effective dimension", Short: "effective dimension", Role: LabelFree,
		About: "directions that a regression with noise of 0.001 mean traces would use, of the centered kernel",
		value: spectral(func(s *Spectra) float64 { return s.EffectiveDimension }),
	},
	{
		Name: "top_share", Label: "share of the mean image", Short: "share of the mean image",
		About: "share of the kernel's trace that centering takes away: near 1 where all images look alike",
		value: spectral(func(s *Spectra) float64 { return s.TopShare }),
	},
	{
		Name: "mean_trace", Label: "mean trace", Short: "mean trace",
		About: "mean of the kernel's diagonal",
		value: func(m *Measurement) (float64, float64) { return m.Shape.MeanTrace, math.NaN() },
	},
	{
		Name: "diagonal_cv", Label: "spread of the diagonal", Short: "spread of the diagonal",
		About: "coefficient of variation of the kernel's diagonal",
		value: func(m *Measurement) (float64, float64) { return m.Shape.DiagonalCV, math.NaN() },
	},
	{
		Name: "mean_cosine", Label: "mean cosine", Short: "mean cosine",
		About: "mean cosine between the features of different images",
		value: func(m *Measurement) (float64, float64) { return m.Shape.MeanCosine, math.NaN() },
	},
	{
		Name: "spectral_entropy", Label: "spectral entropy", Short: "spectral entropy", Role: LabelFree,
		About: "entropy of the eigenvalues' shares of the centered kernel's trace, nats",
		value: spectral(func(s *Spectra) float64 { return s.Entropy }),
	},
	{
		Name: "effective_dimension_0.1", Label: "effective dimension, noise 0.1", Short: "effective dimension, noise 0.1", Role: LabelFree,
		About: "effective_dimension with noise of 0.1 mean traces",
		value: noisy(0.1, NoiseLevel.dimension),
	},
	{
		Name: "effective_dimension_0.01", Label: "effective dimension, noise 0.01", Short: "effective dimension, noise 0.01", Role: LabelFree,
		About: "effective_dimension with noise of 0.01 mean traces",
		value: noisy(0.01, NoiseLevel.dimension),
	},
	{
		Name: "effective_dimension_0.0001", Label: "effective dimension, noise 0.0001", Short: "effective dimension, noise 0.0001",
		About: "effective_dimension with noise of 0.0001 mean traces",
		value: noisy(0.0001, NoiseLevel.dimension),
	},
	{
		Name: "log_det_0.1", Label: "log determinant, plus 0.1", Short: "log-determinant, plus 0.1",
		About: "log_det with 0.1 in place of 0.001",
		value: noisy(0.1, NoiseLevel.logDet),
	},
	{
		Name: "log_det_0.01", Label: "log determinant, plus 0.01", Short: "log-determinant, plus 0.01",
		About: "log_det with 0.01 in place of 0.001",
		value: noisy(0.01, NoiseLevel.logDet),
	},
	{
		Name: "log_det_0.0001", Label: "log determinant, plus 0.0001", Short: "log-determinant, plus 0.0001",
		About: "log_det with 0.0001 in place of 0.001",
		value: noisy(0.0001, NoiseLevel.logDet),
	},
}

func (l NoiseLevel) dimension() float64 { return l.EffectiveDimension }
func (l NoiseLevel) logDet() float64    { return l.LogDet }

// noisy takes a statistic from the spectrum at one of NoiseLevels.
func noisy(epsilon float64, of func(NoiseLevel) float64) func(*Measurement) (float64, float64) {
	return spectral(func(s *Spectra) float64 {
		for _, l := range s.Levels {
			if l.Epsilon == epsilon {
				return of(l)
			}
		}
		return math.NaN()
	})
}

func init() {
	for i := range labeled {
		labeled[i].Labels = true
	}
}

// swept takes a statistic from a sweep: a slice with a value an epsilon, and
// which of them.
func swept(of func(r *Result) ([]float64, int)) func(*Measurement) (float64, float64) {
	return func(m *Measurement) (float64, float64) {
		if m.Result == nil {
			return math.NaN(), math.NaN()
		}
		x, i := of(m.Result)
		if i < 0 {
			return math.NaN(), math.NaN()
		}
		return x[i], m.Result.Epsilons[i]
	}
}

// spectral takes a statistic from the spectrum.
func spectral(of func(s *Spectra) float64) func(*Measurement) (float64, float64) {
	return func(m *Measurement) (float64, float64) {
		if m.Spectra == nil {
			return math.NaN(), math.NaN()
		}
		return of(m.Spectra), math.NaN()
	}
}
