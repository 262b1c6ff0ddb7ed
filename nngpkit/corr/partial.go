package corr

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// PartialPearson returns the correlation of what is left of x and y after a
// linear regression (with intercept) on the controls. Its p-value is that of a
// correlation with n - 2 - c degrees of freedom, c being the number of linearly
// independent, non-constant controls; the interval is Fisher's with n - 3 - c.
// Value and P are NaN where the controls determine x or y. It needs 3 + c rows.
func PartialPearson(x, y []float64, controls ...[]float64) (Correlation, error) {
	if err := checkPartial(x, y, controls); err != nil {
		return Correlation{}, err
	}
	return partial("partial Pearson", x, y, controls)
}

// PartialSpearman is PartialPearson of average ranks.
func PartialSpearman(x, y []float64, controls ...[]float64) (Correlation, error) {
	if err := checkPartial(x, y, controls); err != nil {
		return Correlation{}, err
	}
	ranks := make([][]float64, len(controls))
	for i, c := range controls {
		ranks[i] = Ranks(c)
	}
	return partial("partial Spearman", Ranks(x), Ranks(y), ranks)
}

func checkPartial(x, y []float64, controls [][]float64) error {
	if err := checkPair("x", "y", x, y, 3); err != nil {
		return err
	}
	for i, c := range controls {
		name := fmt.Sprintf("control %d", i)
		if len(c) != len(x) {
			return fmt.Errorf("corr: x has %d rows, %s has %d", len(x), name, len(c))
		}
		if err := CheckColumn(name, c); err != nil {
			return err
		}
	}
	return nil
}

// collinear is the share of a centered column's norm below which what is left of
// it after the other controls is rounding.
const collinear = 1e-10

func partial(method string, x, y []float64, controls [][]float64) (Correlation, error) {
	n := len(x)
	basis := orthonormal(controls)
	rank := len(basis)
	if n < rank+3 {
		return Correlation{}, fmt.Errorf("corr: %d rows and %d controls, want at least %d rows", n, rank, rank+3)
	}
	c := Correlation{Method: method, N: n, Level: level, Controls: rank, Value: math.NaN()}
	if !constant(x) && !constant(y) {
		rx, okX := residual(centered(x), basis)
		ry, okY := residual(centered(y), basis)
		if okX && okY {
			c.Value = cosine(rx, ry)
		}
	}
	c.P = pearsonP(c.Value, float64(n-2-rank))
	c.Lower, c.Upper = fisher(c.Value, float64(n-3-rank), 1)
	return c, nil
}

// orthonormal returns an orthonormal basis of the centered columns, without
// those that are constant or depend on the ones before.
func orthonormal(columns [][]float64) [][]float64 {
	var basis [][]float64
	for _, col := range columns {
		if constant(col) {
			continue
		}
		r, ok := residual(centered(col), basis)
		if !ok {
			continue
		}
		norm := mat.Norm(mat.NewVecDense(len(r), r), 2)
		for i := range r {
			r[i] /= norm
		}
		basis = append(basis, r)
	}
	return basis
}

// residual takes the basis out of x, in place and twice, which leaves nothing
// of it but rounding; false where hardly anything else is left.
func residual(x []float64, basis [][]float64) ([]float64, bool) {
	v := mat.NewVecDense(len(x), x)
	before := mat.Norm(v, 2)
	for pass := 0; pass < 2; pass++ {
		for _, b := range basis {
			q := mat.NewVecDense(len(b), b)
			v.AddScaledVec(v, -mat.Dot(q, v), q)
		}
	}
	return x, mat.Norm(v, 2) > collinear*before
}

// PartialKendall returns the partial rank correlation of Kendall: with T the
// matrix of tau-b between all columns, -P_xy / sqrt(P_xx P_yy) for P = T^-1,
// which for one control is (t_xy - t_xz t_yz) / sqrt((1 - t_xz^2)(1 - t_yz^2)).
// The p-value is the usual normal approximation with variance
// 2(2m+5) / (9m(m-1)), m = n - c; it has no interval (use BootstrapRows). A
// control that orders the rows as others do counts once. Value and P are NaN
// where the controls determine the order of x or y, or a column is constant.
func PartialKendall(x, y []float64, controls ...[]float64) (Correlation, error) {
	if err := checkPartial(x, y, controls); err != nil {
		return Correlation{}, err
	}
	n := len(x)
	var cols [][]float64
	for _, c := range controls {
		if !constant(c) {
			cols = append(cols, c)
		}
	}
	v, rank := partialTau(x, y, cols)
	c := Correlation{Method: "partial Kendall", N: n, Level: level, Controls: rank, Value: v, P: math.NaN(), Lower: math.NaN(), Upper: math.NaN()}
	m := float64(n - rank)
	if m < 2 {
		return Correlation{}, fmt.Errorf("corr: %d rows and %d controls, want at least %d rows", n, rank, rank+2)
	}
	if !math.IsNaN(v) {
		z := v / math.Sqrt(2*(2*m+5)/(9*m*(m-1)))
		c.P = math.Erfc(math.Abs(z) / math.Sqrt2)
	}
	return c, nil
}

// partialTau works on the Cholesky factor of the matrix of tau-b, controls
// first: tau-b is a cosine (between the signs of all pairs), so the factor's
// last rows are x and y with the controls taken out.
func partialTau(x, y []float64, controls [][]float64) (tau float64, rank int) {
	if constant(x) || constant(y) {
		return math.NaN(), len(controls)
	}
	cols := append(append([][]float64{}, controls...), x, y)
	var rows [][]float64 // rows of the factor, of the columns kept
	var kept [][]float64
	extend := func(c []float64) (row []float64, rest float64) {
		rest = 1
		for i, k := range kept {
			s := countPairs(k, c).tauB()
			for j := 0; j < i; j++ {
				s -= rows[i][j] * row[j]
			}
			s /= rows[i][i]
			row = append(row, s)
			rest -= s * s
		}
		return row, rest
	}
	for _, c := range cols[:len(controls)] {
		if row, rest := extend(c); rest > collinear {
			rows = append(rows, append(row, math.Sqrt(rest)))
			kept = append(kept, c)
		}
	}
	rx, restX := extend(x)
	ry, restY := extend(y)
	if !(restX > collinear) || !(restY > collinear) {
		return math.NaN(), len(kept)
	}
	s := countPairs(x, y).tauB()
	for i, v := range rx {
		s -= v * ry[i]
	}
	return math.Max(-1, math.Min(1, s/math.Sqrt(restX)/math.Sqrt(restY))), len(kept)
}
