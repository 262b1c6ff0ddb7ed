package corr

import (
	"fmt"
	"math"
	"sort"

	"github.com/nngplab/nngplab/internal/nanjson"
)

// DiscoveredPerformance returns the best truth among the signal's top k rows:
// what one finds by training the k candidates that the signal likes best. Where
// the k-th place is tied it is the expectation over which of the tied rows are
// taken, all choices being equally likely. It needs k rows.
func DiscoveredPerformance(truth, signal []float64, k int) (float64, error) {
	if err := checkTop(truth, signal, k); err != nil {
		return 0, err
	}
	return discovered(truth, signal, k), nil
}

// Discovered returns the Statistic of DiscoveredPerformance at k (NaN with
// fewer than k rows).
func Discovered(k int) Statistic {
	return func(truth, signal []float64) float64 {
		if k < 1 || k > len(truth) {
			return math.NaN()
		}
		return discovered(truth, signal, k)
	}
}

func checkTop(truth, signal []float64, k int) error {
	if k < 1 {
		return fmt.Errorf("corr: top %d, want at least 1", k)
	}
	if err := checkPair("truth", "signal", truth, signal, 1); err != nil {
		return err
	}
	if k > len(truth) {
		return fmt.Errorf("corr: top %d of %d rows", k, len(truth))
	}
	return nil
}

// selection describes the top k rows of a column: those in row[above:] are in
// for certain, take of the rows in row[tied:above] by chance.
type selection struct {
	row         []int32
	tied, above int
	take        int
}

func selectTop(o *order, k int) selection {
	n := len(o.row)
	cut := o.group[n-k]
	lo := sort.Search(n, func(i int) bool { return o.group[i] >= cut })
	hi := sort.Search(n, func(i int) bool { return o.group[i] > cut })
	return selection{o.row, lo, hi, k - (n - hi)}
}

// share is the probability of a tied row to be in.
func (s selection) share() float64 { return float64(s.take) / float64(s.above-s.tied) }

func discovered(truth, signal []float64, k int) float64 {
	return selectTop(sortColumn(signal), k).expectedBest(truth)
}

// expectedBest returns the expected largest truth of the selection. Of g tied
// truths in decreasing order, the largest of r taken is the j-th (from 0) with
// probability C(g-1-j, r-1) / C(g, r); the ratio of neighbors,
// (g-r-j)/(g-1-j), gives them all without large numbers.
func (s selection) expectedBest(truth []float64) float64 {
	sure := math.Inf(-1)
	for _, r := range s.row[s.above:] {
		sure = math.Max(sure, truth[r])
	}
	g, take := s.above-s.tied, s.take
	group := make([]float64, g)
	for i, r := range s.row[s.tied:s.above] {
		group[i] = truth[r]
	}
	if take == g {
		for _, v := range group {
			sure = math.Max(sure, v)
		}
		return sure
	}
	sort.Sort(sort.Reverse(sort.Float64Slice(group)))
	// Summed as differences from the best possible, so that equal truths give
	// exactly their value.
	top, scale := math.Max(sure, group[0]), 1.0
	if math.IsInf(math.Max(sure, group[g-1])-top, 0) {
		scale = 0.25 // the difference of the largest numbers is none
	}
	p := float64(take) / float64(g)
	e := 0.0
	for j := 0; j <= g-take && p > 0; j++ {
		e += p * (scale*math.Max(sure, group[j]) - scale*top)
		p *= float64(g-take-j) / float64(g-1-j)
	}
	return (scale*top + e) / scale
}

// Overlap returns the share of the truth's top k rows that are among the
// signal's top k. Ties at either k-th place are broken at random, independently
// on the two sides, and the expectation is returned. It needs k rows.
func Overlap(truth, signal []float64, k int) (float64, error) {
	if err := checkTop(truth, signal, k); err != nil {
		return 0, err
	}
	return overlap(inclusion(truth, k), inclusion(signal, k)) / float64(k), nil
}

// OverlapAt returns the Statistic of Overlap at k (NaN with fewer than k rows).
func OverlapAt(k int) Statistic {
	return func(truth, signal []float64) float64 {
		if k < 1 || k > len(truth) {
			return math.NaN()
		}
		return overlap(inclusion(truth, k), inclusion(signal, k)) / float64(k)
	}
}

// Inclusion returns the probability of each row to be among the k rows that the
// signal likes best: 1 or 0, or between where the k-th place is tied. It needs k
// rows of finite numbers, and panics otherwise.
func Inclusion(signal []float64, k int) []float64 {
	if err := checkTop(signal, signal, k); err != nil {
		panic(err)
	}
	return inclusion(signal, k)
}

// inclusion returns each row's probability to be in the top k of x.
func inclusion(x []float64, k int) []float64 {
	s := selectTop(sortColumn(x), k)
	return s.inclusion(make([]float64, len(x)))
}

func (s selection) inclusion(dst []float64) []float64 {
	clear(dst)
	for _, r := range s.row[s.above:] {
		dst[r] = 1
	}
	p := s.share()
	for _, r := range s.row[s.tied:s.above] {
		dst[r] = p
	}
	return dst
}

func overlap(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// SharePoint says what is left of a space after a signal has cut it.
type SharePoint struct {
	Keep      int     `json:"keep"`       // rows kept
	KeepShare float64 `json:"keep_share"` // of all rows
	TopShare  float64 `json:"top_share"`  // share kept of the truth's top rows
	Mean      float64 `json:"mean"`       // expected mean truth of the rows kept
	Best      float64 `json:"best"`       // expected best truth of the rows kept
}

// MarshalJSON writes the point with null for NaN.
func (p SharePoint) MarshalJSON() ([]byte, error) { return nanjson.Marshal(p) }

// Shares returns, for each number of rows to keep, what is kept when a space is
// reduced to the rows that the signal likes best: the share of the truth's best
// top rows, the mean and the best truth. A worthless signal keeps the share
// that it keeps of all rows. All are expectations over ties.
func Shares(truth, signal []float64, top int, keep []int) ([]SharePoint, error) {
	if err := checkTop(truth, signal, top); err != nil {
		return nil, err
	}
	n := len(truth)
	want := inclusion(truth, top)
	s := sortColumn(signal)
	in := make([]float64, n)
	out := make([]SharePoint, len(keep))
	for i, k := range keep {
		if k < 1 || k > n {
			return nil, fmt.Errorf("corr: keep %d of %d rows", k, n)
		}
		sel := selectTop(s, k)
		sel.inclusion(in)
		out[i] = SharePoint{
			Keep:      k,
			KeepShare: float64(k) / float64(n),
			TopShare:  overlap(want, in) / float64(top),
			Mean:      overlap(truth, in) / float64(k),
			Best:      sel.expectedBest(truth),
		}
	}
	return out, nil
}

// EvenCounts returns about points numbers of rows, evenly spaced, the last of them
// n: the abscissa of Shares on an axis that is no logarithm.
func EvenCounts(n, points int) []int {
	step := max(1, n/points)
	var k []int
	for v := step; v < n; v += step {
		k = append(k, v)
	}
	return append(k, n)
}

// KeepCounts returns up to points numbers of rows from 1 to n, evenly spaced in
// the logarithm and without repeats: the usual abscissa of Shares.
func KeepCounts(n, points int) []int {
	var k []int
	for i := 0; i < points; i++ {
		f := 1.0
		if points > 1 {
			f = float64(i) / float64(points-1)
		}
		v := int(math.Round(math.Pow(float64(n), f)))
		if v >= 1 && v <= n && (len(k) == 0 || v > k[len(k)-1]) {
			k = append(k, v)
		}
	}
	return k
}
