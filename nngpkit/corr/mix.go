package corr

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// RankMix returns the mean of the signals' ranks, each scaled to (0, 1] by the
// number of rows, ties averaged: a mixture with nothing fitted.
func RankMix(signals ...[]float64) ([]float64, error) {
	w := make([]float64, len(signals))
	for i := range w {
		w[i] = 1
	}
	return WeightedRankMix(signals, w)
}

// WeightedRankMix is RankMix with a weight for each signal, negative ones
// allowed; it divides by the sum of their absolute values.
func WeightedRankMix(signals [][]float64, weights []float64) ([]float64, error) {
	if err := checkSignals(signals); err != nil {
		return nil, err
	}
	if len(weights) != len(signals) {
		return nil, fmt.Errorf("corr: %d weights for %d signals", len(weights), len(signals))
	}
	if err := CheckColumn("weights", weights); err != nil {
		return nil, err
	}
	sum := 0.0
	for _, w := range weights {
		sum += math.Abs(w)
	}
	if sum == 0 {
		return nil, fmt.Errorf("corr: all weights are zero")
	}
	n := len(signals[0])
	out := make([]float64, n)
	// Scaled at the end: with whole weights the sums are exact, so that equal ones
	// stay ties.
	for i, s := range signals {
		for j, r := range Ranks(s) {
			out[j] += weights[i] * r
		}
	}
	for j := range out {
		out[j] /= sum * float64(n)
	}
	return out, nil
}

func checkSignals(signals [][]float64) error {
	if len(signals) == 0 {
		return fmt.Errorf("corr: no signals")
	}
	for i, s := range signals {
		name := fmt.Sprintf("signal %d", i)
		if err := checkPair("signal 0", name, signals[0], s, 1); err != nil {
			return err
		}
	}
	return nil
}

// MixConfig says how to fit a linear mixture. Its zero value fits ranks by
// least squares in 5 folds.
type MixConfig struct {
	Folds int // 0 means 5
	Seed  uint64
	// Ridge is added to the normal equations of the standardized signals, times
	// the number of rows.
	Ridge float64
	// Raw fits the values; otherwise signals and truth are first replaced by their
	// ranks. (Ranks of signals are taken over all rows, which tells a fold how its
	// rows' signals lie among the others, but nothing of their truths; ranks of
	// truths are taken within the rows that fit.)
	Raw bool
}

// Mix is a linear mixture of signals, cross-validated.
type Mix struct {
	// Predicted holds for each row the prediction of the mixture fitted without
	// its fold, in units of the truth (ranks scaled to (0, 1] unless Raw). Correlate
	// this with the truth.
	Predicted []float64
	Fold      []int // the fold of each row
	// Weights holds the coefficients of the standardized signals fitted on all
	// rows, FoldWeights those of each fold.
	Weights     []float64
	FoldWeights [][]float64
}

// CrossValidatedMix fits a linear mixture of the signals to the truth, fold by
// fold. Every fold needs two rows outside it. A signal that is constant or a
// combination of the ones before it, among the rows of a fit, gets weight 0.
func CrossValidatedMix(truth []float64, signals [][]float64, cfg MixConfig) (*Mix, error) {
	if cfg.Folds == 0 {
		cfg.Folds = 5
	}
	if err := checkSignals(signals); err != nil {
		return nil, err
	}
	if err := checkPair("truth", "signal 0", truth, signals[0], 1); err != nil {
		return nil, err
	}
	n := len(truth)
	if cfg.Folds < 2 || cfg.Folds > n || n < 4 {
		return nil, fmt.Errorf("corr: %d folds of %d rows, want 2 to n folds and at least 4 rows", cfg.Folds, n)
	}
	if !(cfg.Ridge >= 0) || math.IsInf(cfg.Ridge, 0) {
		return nil, fmt.Errorf("corr: ridge is %v", cfg.Ridge)
	}
	cols := signals
	if !cfg.Raw {
		cols = make([][]float64, len(signals))
		for i, s := range signals {
			cols[i] = Ranks(s)
		}
	}
	m := &Mix{Predicted: make([]float64, n), Fold: make([]int, n)}
	for i, r := range rand.New(rand.NewPCG(cfg.Seed, 0x6d6978)).Perm(n) {
		m.Fold[r] = i % cfg.Folds
	}
	for f := 0; f < cfg.Folds; f++ {
		w := fitFold(truth, cols, m.Fold, f, cfg, m.Predicted)
		m.FoldWeights = append(m.FoldWeights, w)
	}
	m.Weights = fitFold(truth, cols, m.Fold, -1, cfg, nil)
	return m, nil
}

// fitFold fits on the rows outside fold f and predicts those of it.
func fitFold(truth []float64, cols [][]float64, fold []int, f int, cfg MixConfig, predicted []float64) []float64 {
	var rows []int
	for i, g := range fold {
		if g != f {
			rows = append(rows, i)
		}
	}
	n, p := len(rows), len(cols)
	y := gather(make([]float64, n), truth, rows)
	if !cfg.Raw {
		y = Ranks(y)
		for i := range y {
			y[i] /= float64(n)
		}
	}
	mean, std := make([]float64, p), make([]float64, p)
	z := make([][]float64, p)
	for j, c := range cols {
		x := gather(make([]float64, n), c, rows)
		mean[j], std[j] = moments(x)
		z[j] = x
		for i := range x {
			x[i] -= mean[j]
			if std[j] > 0 {
				x[i] /= std[j]
			}
		}
	}
	yMean, _ := moments(y)
	w := leastSquares(z, y, yMean, cfg.Ridge)
	for i, g := range fold {
		if g != f {
			continue
		}
		predicted[i] = yMean
		for j, c := range cols {
			if std[j] > 0 {
				predicted[i] += w[j] * (c[i] - mean[j]) / std[j]
			}
		}
	}
	return w
}

// moments returns mean and standard deviation, the latter 0 for a constant.
func moments(x []float64) (mean, std float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	if constant(x) {
		return x[0], 0
	}
	for _, v := range x {
		std += (v - mean) * (v - mean) / float64(len(x))
	}
	return mean, math.Sqrt(std)
}

// leastSquares solves (Z'Z + ridge n I) w = Z'(y - mean) for standardized
// columns by Gram-Schmidt, leaving out dependent ones.
func leastSquares(z [][]float64, y []float64, mean, ridge float64) []float64 {
	n, p := len(y), len(z)
	w := make([]float64, p)
	var keep []int
	var basis [][]float64
	for j, c := range z {
		if constant(c) {
			continue
		}
		r, ok := residual(append([]float64(nil), c...), basis)
		if !ok {
			continue
		}
		norm := mat.Norm(mat.NewVecDense(n, r), 2)
		for i := range r {
			r[i] /= norm
		}
		basis = append(basis, r)
		keep = append(keep, j)
	}
	if len(keep) == 0 {
		return w
	}
	// Rows of sqrt(ridge n) I below Z make the ridge a least-squares problem.
	extra := 0
	if ridge > 0 {
		extra = len(keep)
	}
	a := mat.NewDense(n+extra, len(keep), nil)
	b := mat.NewDense(n+extra, 1, nil)
	for i := range y {
		for q, j := range keep {
			a.Set(i, q, z[j][i])
		}
		b.Set(i, 0, y[i]-mean)
	}
	for q := 0; q < extra; q++ {
		a.Set(n+q, q, math.Sqrt(ridge*float64(n)))
	}
	if n+extra < len(keep) {
		return w
	}
	var x mat.Dense
	if err := x.Solve(a, b); err != nil && x.IsEmpty() {
		return w
	}
	for q, j := range keep {
		w[j] = x.At(q, 0)
	}
	return w
}
