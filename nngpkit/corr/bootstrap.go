package corr

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/nngplab/nngplab/internal/nanjson"
)

// MaxResamples bounds the resamples of a bootstrap, whose statistics are kept.
const MaxResamples = 1 << 24

// A Statistic is a number computed from two columns. It returns NaN where it is
// not defined, keeps neither slice, and may be called by several goroutines.
// Tau, PearsonR and SpearmanRho are statistics; AUCAbove, Discovered and
// OverlapAt make some.
type Statistic func(truth, signal []float64) float64

// BootstrapConfig says how to resample. Its zero value draws 2,000 resamples
// for 95 % intervals.
type BootstrapConfig struct {
	Resamples int     // 0 means 2000
	Level     float64 // 0 means 0.95
	Seed      uint64
	Threads   int // 0 means GOMAXPROCS; the result does not depend on it
	// Jackknife is the largest number of evaluations spent on the acceleration of
	// BCa intervals; 0 means 500. With more rows than that, rows are left out in
	// groups.
	Jackknife int
	// Progress, if not nil, is called now and then with the number of resamples
	// done, by one goroutine at a time.
	Progress func(done, total int)
}

func (c BootstrapConfig) defaults() (BootstrapConfig, error) {
	if c.Resamples == 0 {
		c.Resamples = 2000
	}
	if c.Level == 0 {
		c.Level = 0.95
	}
	if c.Jackknife == 0 {
		c.Jackknife = 500
	}
	if c.Threads <= 0 {
		c.Threads = runtime.GOMAXPROCS(0)
	}
	switch {
	case c.Resamples < 2 || c.Resamples > MaxResamples:
		return c, fmt.Errorf("corr: %d resamples, want 2 to %d", c.Resamples, MaxResamples)
	case !(c.Level > 0 && c.Level < 1):
		return c, fmt.Errorf("corr: level %v, want it between 0 and 1", c.Level)
	case c.Jackknife < 2:
		return c, fmt.Errorf("corr: %d jackknife evaluations, want at least 2", c.Jackknife)
	}
	// More would have nothing to do, and each has columns of its own.
	c.Threads = min(c.Threads, runtime.GOMAXPROCS(0), max(c.Resamples, c.Jackknife))
	return c, nil
}

// Interval is a statistic with bootstrap intervals (Efron & Tibshirani, An
// Introduction to the Bootstrap, 1993, chapters 13 and 14).
type Interval struct {
	N        int     `json:"n"`
	Estimate float64 `json:"estimate"`
	SE       float64 `json:"se"`   // standard deviation of the resamples
	Bias     float64 `json:"bias"` // mean of the resamples minus Estimate
	Level    float64 `json:"level"`

	// Lower and Upper are the bias-corrected and accelerated (BCa) bounds where
	// they are defined, else the percentile bounds; Method says which.
	Lower  float64 `json:"lower"`
	Upper  float64 `json:"upper"`
	Method string  `json:"method"`

	PercentileLower float64 `json:"percentile_lower"`
	PercentileUpper float64 `json:"percentile_upper"`
	BCaLower        float64 `json:"bca_lower"`
	BCaUpper        float64 `json:"bca_upper"`

	Resamples int `json:"resamples"`
	// Undefined counts the resamples whose statistic was NaN (for example without
	// a positive row); they are left out.
	Undefined int `json:"undefined"`
}

// MarshalJSON writes the interval with null for NaN.
func (iv Interval) MarshalJSON() ([]byte, error) { return nanjson.Marshal(iv) }

// Excludes tells whether v lies outside the interval; false if a bound is NaN.
func (iv *Interval) Excludes(v float64) bool { return v < iv.Lower || v > iv.Upper }

// String returns the estimate and its interval.
func (iv *Interval) String() string {
	return fmt.Sprintf("%.4f (%g %% %s interval %.4f to %.4f, n = %d)", iv.Estimate, 100*iv.Level, iv.Method, iv.Lower, iv.Upper, iv.N)
}

// Bootstrap returns the statistic of two columns with intervals from resampled
// rows.
func Bootstrap(ctx context.Context, truth, signal []float64, stat Statistic, cfg BootstrapConfig) (*Interval, error) {
	if err := checkPair("truth", "signal", truth, signal, 2); err != nil {
		return nil, err
	}
	return bootstrap(ctx, len(truth), func() func(rows []int) float64 {
		t, s := make([]float64, len(truth)), make([]float64, len(truth))
		return func(rows []int) float64 {
			return stat(gather(t, truth, rows), gather(s, signal, rows))
		}
	}, cfg)
}

// BootstrapDifference returns stat(truth, a) - stat(truth, b) with intervals:
// both signals are resampled on the same rows, so what they have in common
// cancels. An interval without zero says that one is better.
func BootstrapDifference(ctx context.Context, truth, a, b []float64, stat Statistic, cfg BootstrapConfig) (*Interval, error) {
	if err := checkPair("truth", "first signal", truth, a, 2); err != nil {
		return nil, err
	}
	if err := checkPair("truth", "second signal", truth, b, 2); err != nil {
		return nil, err
	}
	return bootstrap(ctx, len(truth), func() func(rows []int) float64 {
		t, s := make([]float64, len(truth)), make([]float64, len(truth))
		return func(rows []int) float64 {
			gather(t, truth, rows)
			x := stat(t[:len(rows)], gather(s, a, rows))
			return x - stat(t[:len(rows)], gather(s, b, rows))
		}
	}, cfg)
}

// BootstrapRows returns f(0, 1, ..., n-1) with intervals from f of resampled
// rows: for statistics of any columns that f knows. f may be called by several
// goroutines and must not keep or change its argument.
func BootstrapRows(ctx context.Context, n int, f func(rows []int) float64, cfg BootstrapConfig) (*Interval, error) {
	if n < 2 {
		return nil, fmt.Errorf("corr: %d rows, want at least 2", n)
	}
	return bootstrap(ctx, n, func() func([]int) float64 { return f }, cfg)
}

func gather(dst, src []float64, rows []int) []float64 {
	dst = dst[:len(rows)]
	for i, r := range rows {
		dst[i] = src[r]
	}
	return dst
}

// bootstrap calls worker once a goroutine.
func bootstrap(ctx context.Context, n int, worker func() func([]int) float64, cfg BootstrapConfig) (*Interval, error) {
	cfg, err := cfg.defaults()
	if err != nil {
		return nil, err
	}
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	groups := min(n, cfg.Jackknife)
	dist, jack := make([]float64, cfg.Resamples), make([]float64, groups)
	total := len(dist) + len(jack)
	var next, done atomic.Int64
	var mu sync.Mutex
	var workers errgroup.Group
	for range cfg.Threads {
		workers.Go(func() error {
			f := worker()
			rows := make([]int, n)
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= total {
					return nil
				}
				if i < len(dist) {
					dist[i] = f(resample(rows, cfg.Seed, i))
					if d := int(done.Add(1)); cfg.Progress != nil && (d%100 == 0 || d == len(dist)) {
						mu.Lock()
						cfg.Progress(d, len(dist))
						mu.Unlock()
					}
				} else {
					jack[i-len(dist)] = f(leaveOut(rows, i-len(dist), groups))
				}
			}
			return ctx.Err()
		})
	}
	if err := workers.Wait(); err != nil {
		return nil, err
	}
	iv := intervals(worker()(all), dist, jack, cfg.Level)
	iv.N = n
	return iv, nil
}

// resample draws the rows of resample i: its own random stream, so that the
// order of the work does not matter.
func resample(rows []int, seed uint64, i int) []int {
	rng := rand.New(rand.NewPCG(seed, uint64(i)))
	n := len(rows)
	for j := range rows {
		rows[j] = rng.IntN(n)
	}
	return rows
}

// leaveOut returns all rows but those of one group.
func leaveOut(rows []int, group, groups int) []int {
	n := len(rows)
	rows = rows[:0]
	for i := 0; i < n; i++ {
		if i%groups != group {
			rows = append(rows, i)
		}
	}
	return rows
}
