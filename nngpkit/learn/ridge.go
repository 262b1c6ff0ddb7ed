package learn

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Ridge is linear regression with an intercept on standardized columns, whose
// weights w minimize |y - b - Xw|^2 + Penalty |w|^2 (Hoerl & Kennard,
// Technometrics 12, 1970). A column that is constant has weight 0.
type Ridge struct {
	// Penalty, if it is 0, is the one of RidgePenalties with the least squared
	// leave-one-out error of the rows that are fitted.
	Penalty float64
}

// RidgePenalties returns the penalties that Ridge chooses from: 0.01 to 1,000, two
// a decade.
func RidgePenalties() []float64 {
	var out []float64
	for k := -4; k <= 6; k++ {
		out = append(out, math.Pow(10, float64(k)/2))
	}
	return out
}

// Name returns "ridge".
func (Ridge) Name() string { return "ridge" }

// RidgeModel is a fitted Ridge: prediction b + sum over columns of
// weight (x - mean) / scale.
type RidgeModel struct {
	Penalty     float64
	Intercept   float64
	Weights     []float64 // of standardized columns
	Mean, Scale []float64 // of each column
}

// Fit fits a *RidgeModel.
func (r Ridge) Fit(columns [][]float64, target []float64) (Model, error) {
	if err := checkFit(columns, target); err != nil {
		return nil, err
	}
	if r.Penalty < 0 || math.IsNaN(r.Penalty) || math.IsInf(r.Penalty, 0) {
		return nil, fmt.Errorf("learn: a penalty of %v", r.Penalty)
	}
	n, p := len(target), len(columns)
	m := &RidgeModel{Intercept: mean(target), Mean: make([]float64, p), Scale: make([]float64, p)}
	x := mat.NewDense(n, p, nil)
	for k, c := range columns {
		m.Mean[k], m.Scale[k] = standard(c)
		for i, v := range c {
			x.Set(i, k, (v-m.Mean[k])/m.Scale[k])
		}
	}
	y := mat.NewVecDense(n, nil)
	for i, v := range target {
		y.SetVec(i, v-m.Intercept)
	}
	var f mat.SVD
	if !f.Factorize(x, mat.SVDThin) {
		return nil, fmt.Errorf("learn: the columns cannot be factorized")
	}
	var u, v mat.Dense
	f.UTo(&u)
	f.VTo(&v)
	values := f.Values(nil)
	var uy mat.VecDense
	uy.MulVec(u.T(), y)
	m.Penalty = r.Penalty
	if m.Penalty == 0 {
		m.Penalty = leastLeftOut(&u, values, &uy, y)
	}
	for i, s := range values {
		uy.SetVec(i, uy.AtVec(i)*s/(s*s+m.Penalty))
	}
	var w mat.VecDense
	w.MulVec(&v, &uy)
	m.Weights = append([]float64(nil), w.RawVector().Data...)
	return m, nil
}

// standard returns the mean and the standard deviation, 1 for a column that is
// constant to rounding.
func standard(x []float64) (m, scale float64) {
	m = mean(x)
	sum := 0.0
	for _, v := range x {
		sum += (v - m) * (v - m)
	}
	scale = math.Sqrt(sum / float64(len(x)))
	if scale <= 1e-12*math.Abs(m) || scale == 0 {
		return m, 1
	}
	return m, scale
}

// leastLeftOut returns the penalty with the least squared leave-one-out error. The
// hat matrix of the regression with its intercept is 1/n + u diag(s²/(s²+penalty)) u'.
func leastLeftOut(u *mat.Dense, values []float64, uy, y *mat.VecDense) float64 {
	n, _ := u.Dims()
	best, least := 0.0, math.Inf(1)
	for _, penalty := range RidgePenalties() {
		loss := 0.0
		for i := range n {
			fit, hat := 0.0, 1/float64(n)
			for k, s := range values {
				share := s * s / (s*s + penalty)
				fit += u.At(i, k) * share * uy.AtVec(k)
				hat += u.At(i, k) * u.At(i, k) * share
			}
			if hat > 1-1e-9 { // the row decides its own fit: it says nothing
				loss = math.Inf(1)
				break
			}
			e := (y.AtVec(i) - fit) / (1 - hat)
			loss += e * e
		}
		if loss < least {
			best, least = penalty, loss
		}
	}
	if best == 0 {
		all := RidgePenalties()
		return all[len(all)-1]
	}
	return best
}

// Predict returns the predictions of rows.
func (m *RidgeModel) Predict(columns [][]float64) ([]float64, error) {
	if err := checkColumns(columns, len(m.Weights), -1); err != nil {
		return nil, err
	}
	out := make([]float64, len(columns[0]))
	floats.AddConst(m.Intercept, out)
	for k, c := range columns {
		for i, v := range c {
			out[i] += m.Weights[k] * (v - m.Mean[k]) / m.Scale[k]
		}
	}
	return out, nil
}
