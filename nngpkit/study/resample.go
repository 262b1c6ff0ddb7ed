package study

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/nngplab/nngplab/nngpkit/corr"
)

// resamples are several statistics of the same resampled rows: differences of any
// two keep what they have in common.
type resamples struct {
	n        int
	estimate []float64
	drawn    [][]float64 // by resample and statistic
}

// resample computes statistics of all rows and of rows drawn with repeats. F writes
// one value a statistic; it may be called by several goroutines.
func resample(ctx context.Context, n, statistics int, cfg CompareConfig, f func(rows []int, out []float64)) (*resamples, error) {
	c := cfg.bootstrap()
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	r := &resamples{n: n, estimate: make([]float64, statistics), drawn: make([][]float64, c.Resamples)}
	f(all, r.estimate)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for k := range r.drawn {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			rng := rand.New(rand.NewPCG(c.Seed, uint64(k)))
			rows := make([]int, n)
			for i := range rows {
				rows[i] = rng.IntN(n)
			}
			r.drawn[k] = make([]float64, statistics)
			f(rows, r.drawn[k])
			return nil
		})
	}
	return r, g.Wait()
}

// interval returns a combination of the statistics with its 95 % percentile
// interval.
func (r *resamples) interval(of func(x []float64) float64) *corr.Interval {
	iv := &corr.Interval{N: r.n, Estimate: of(r.estimate), Level: 0.95, Method: "percentile"}
	var x []float64
	sum, squares := 0.0, 0.0
	for _, d := range r.drawn {
		v := of(d)
		if math.IsNaN(v) {
			iv.Undefined++
			continue
		}
		x, sum, squares = append(x, v), sum+v, squares+v*v
	}
	iv.Resamples = len(r.drawn)
	nan := math.NaN()
	iv.SE, iv.Bias, iv.Lower, iv.Upper, iv.BCaLower, iv.BCaUpper = nan, nan, nan, nan, nan, nan
	if len(x) > 1 {
		k := float64(len(x))
		iv.SE = math.Sqrt(max(0, squares-sum*sum/k) / (k - 1))
		iv.Bias = sum/k - iv.Estimate
		slices.Sort(x)
		iv.Lower, iv.Upper = quantileOf(x, 0.025), quantileOf(x, 0.975)
	}
	iv.PercentileLower, iv.PercentileUpper = iv.Lower, iv.Upper
	return iv
}

// at returns one statistic with its interval.
func (r *resamples) at(k int) *corr.Interval {
	return r.interval(func(x []float64) float64 { return x[k] })
}

// minus returns the difference of two statistics with its interval.
func (r *resamples) minus(a, b int) *corr.Interval {
	return r.interval(func(x []float64) float64 { return x[a] - x[b] })
}

// quantileOf interpolates between sorted values.
func quantileOf(x []float64, q float64) float64 {
	at := q * float64(len(x)-1)
	i := int(at)
	if i+1 == len(x) {
		return x[i]
	}
	return x[i] + (at-float64(i))*(x[i+1]-x[i])
}
