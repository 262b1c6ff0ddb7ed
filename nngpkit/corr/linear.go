package corr

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Pearson returns Pearson's correlation of x and y, its two-sided p-value (from
// the distribution of r for independent normal columns) and its 95 % interval
// by Fisher's transformation. Value and P are NaN if a column is constant; for
// two rows P is 1 and the interval NaN; for three the interval is -1 to 1. It
// needs two rows.
func Pearson(x, y []float64) (Correlation, error) {
	if err := checkPair("x", "y", x, y, 2); err != nil {
		return Correlation{}, err
	}
	r := PearsonR(x, y)
	c := Correlation{Method: "Pearson", N: len(x), Value: r, P: pearsonP(r, float64(len(x)-2)), Level: level}
	c.Lower, c.Upper = fisher(r, float64(len(x)-3), 1)
	return c, nil
}

// Spearman returns Spearman's rank correlation of x and y, that is Pearson's of
// their average ranks, with its two-sided p-value from Student's t and its 95 %
// interval by Fisher's transformation with the variance of Bonett and Wright
// (Psychometrika 65, 2000). It needs two rows.
func Spearman(x, y []float64) (Correlation, error) {
	if err := checkPair("x", "y", x, y, 2); err != nil {
		return Correlation{}, err
	}
	r := SpearmanRho(x, y)
	c := Correlation{Method: "Spearman", N: len(x), Value: r, P: pearsonP(r, float64(len(x)-2)), Level: level}
	if len(x) == 2 { // Student's t has no freedom left
		c.P = math.NaN()
	}
	c.Lower, c.Upper = fisher(r, float64(len(x)-3), 1+r*r/2)
	return c, nil
}

// PearsonR is the Statistic of Pearson's correlation.
func PearsonR(x, y []float64) float64 {
	if len(x) < 2 || constant(x) || constant(y) {
		return math.NaN()
	}
	return cosine(centered(x), centered(y))
}

// SpearmanRho is the Statistic of Spearman's correlation.
func SpearmanRho(x, y []float64) float64 { return PearsonR(Ranks(x), Ranks(y)) }

// centered returns x minus its mean, scaled so that its largest entry is 1 in
// absolute value (which no correlation sees, and no square over- or underflows).
func centered(x []float64) []float64 {
	big := 0.0
	for _, v := range x {
		big = math.Max(big, math.Abs(v))
	}
	if big == 0 {
		return make([]float64, len(x))
	}
	mean := 0.0
	for _, v := range x {
		mean += v / big / float64(len(x))
	}
	c := make([]float64, len(x))
	top, rest := 0.0, 0.0
	for i, v := range x {
		c[i] = v/big - mean
		rest += c[i]
	}
	rest /= float64(len(x)) // what rounding left of the mean
	for i := range c {
		c[i] -= rest
		top = math.Max(top, math.Abs(c[i]))
	}
	if top > 0 {
		for i := range c {
			c[i] /= top
		}
	}
	return c
}

// cosine returns a'b / |a||b|, NaN if either is zero.
func cosine(a, b []float64) float64 {
	var ab, aa, bb float64
	for i, v := range a {
		ab += v * b[i]
		aa += v * v
		bb += b[i] * b[i]
	}
	if aa == 0 || bb == 0 {
		return math.NaN()
	}
	return math.Max(-1, math.Min(1, ab/math.Sqrt(aa)/math.Sqrt(bb)))
}

// pearsonP returns the two-sided p-value of a correlation r with dof degrees of
// freedom: I_(1-r^2)(dof/2, 1/2), the tail of Student's t.
func pearsonP(r, dof float64) float64 {
	switch {
	case math.IsNaN(r) || dof < 0:
		return math.NaN()
	case dof == 0:
		return 1
	}
	if r*r*dof < 1 { // 1-r^2 would round a small r away, 1-p a small p
		return 1 - mathext.RegIncBeta(0.5, dof/2, r*r)
	}
	return mathext.RegIncBeta(dof/2, 0.5, (1-r)*(1+r))
}

// fisher returns the interval tanh(atanh(r) +- z sqrt(factor/dof)).
func fisher(r, dof, factor float64) (lo, hi float64) {
	switch {
	case math.IsNaN(r) || dof < 0:
		return math.NaN(), math.NaN()
	case dof == 0:
		return -1, 1
	}
	z, w := math.Atanh(r), levelQuantile*math.Sqrt(factor/dof)
	return math.Tanh(z - w), math.Tanh(z + w)
}
