package corr

import (
	"math"
	"slices"
)

// WeightedTau returns the rank correlation of x and y that weighs the top more
// (Vigna, "A weighted correlation index for rankings with ties", 2015): Kendall's
// tau with the pair of rows i and j weighing 1/(1+r_i) + 1/(1+r_j), where r is the
// rank from the top, 0 for the largest. It is the mean of the values by the
// ranks of x (ties by y) and by those of y (ties by x): SciPy's weightedtau with its
// defaults. Larger is better, as everywhere here. There is no p-value: P is NaN, as in
// SciPy, and Value is where a column is constant. It takes O(n log n), and needs two
// rows.
func WeightedTau(x, y []float64) (Correlation, error) {
	if err := checkPair("x", "y", x, y, 2); err != nil {
		return Correlation{}, err
	}
	return Correlation{
		Method: "weighted tau", N: len(x), Value: TopTau(x, y), P: math.NaN(),
		Lower: math.NaN(), Upper: math.NaN(), Level: level,
	}, nil
}

// TopTau is the Statistic of WeightedTau.
func TopTau(x, y []float64) float64 {
	if len(x) < 2 || len(x) != len(y) {
		return math.NaN()
	}
	return (weightedByRank(x, y) + weightedByRank(y, x)) / 2
}

// weightedByRank returns the weighted tau by the ranks of x, ties by y.
func weightedByRank(x, y []float64) float64 {
	n := len(x)
	row := make([]int, n)
	for i := range row {
		row[i] = i
	}
	slices.SortStableFunc(row, func(a, b int) int {
		if c := compare(x[a], x[b]); c != 0 {
			return c
		}
		return compare(y[a], y[b])
	})
	m := &weighing{x: x, y: y, row: row, weight: make([]float64, n), spare: make([]int, n)}
	for i, r := range row {
		m.weight[r] = 1 / float64(n-i) // 1 + the rank from the top
	}
	both := m.ties(func(a, b int) bool { return x[a] == x[b] && y[a] == y[b] })
	inX := m.ties(func(a, b int) bool { return x[a] == x[b] })
	m.exchange(0, n)
	inY := m.ties(func(a, b int) bool { return y[a] == y[b] })
	if constant(x) || constant(y) {
		return math.NaN()
	}
	sum := 0.0
	for _, r := range m.row {
		sum += m.weight[r]
	}
	all := sum * float64(n-1)
	t := (all - (inY + inX - both) - 2*m.exchanged) / math.Sqrt(all-inX) / math.Sqrt(all-inY)
	return math.Max(-1, math.Min(1, t))
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// weighing sorts rows by y and adds up the weights of the pairs that it exchanges.
type weighing struct {
	x, y, weight []float64 // of each row; exchanges are those of y
	row, spare   []int
	exchanged    float64
}

// ties returns the weight of the pairs of rows that are the same: neighbors in the
// order at hand.
func (m *weighing) ties(same func(a, b int) bool) float64 {
	total, first, sum := 0.0, 0, 0.0
	for i := 0; i <= len(m.row); i++ {
		if i == len(m.row) || !same(m.row[first], m.row[i]) {
			total += sum * float64(i-first-1)
			first, sum = i, 0
		}
		if i < len(m.row) {
			sum += m.weight[m.row[i]]
		}
	}
	return total
}

// exchange sorts the rows [lo, hi) by y, merging halves: a row of the upper half that
// comes before what is left of the lower one is discordant with all of that. It
// returns the sum of the rows' weights.
func (m *weighing) exchange(lo, hi int) float64 {
	if hi-lo == 1 {
		return m.weight[m.row[lo]]
	}
	mid := lo + (hi-lo)/2
	rest := m.exchange(lo, mid) // weight of what is left of the lower half
	sum := rest + m.exchange(mid, hi)
	out := m.spare[:0]
	i, k := lo, mid
	for i < mid && k < hi {
		if a, b := m.row[i], m.row[k]; m.y[a] <= m.y[b] {
			out = append(out, a)
			rest -= m.weight[a]
			i++
		} else {
			out = append(out, b)
			m.exchanged += m.weight[b]*float64(mid-i) + rest
			k++
		}
	}
	out = append(out, m.row[i:mid]...)
	out = append(out, m.row[k:hi]...)
	copy(m.row[lo:hi], out)
	return sum
}
