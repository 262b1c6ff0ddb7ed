package corr

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
)

// related draws n rows of a truth and two signals of different strength.
func related(n int, seed uint64) (truth, strong, weak []float64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for i := 0; i < n; i++ {
		z := rng.NormFloat64()
		truth = append(truth, z)
		strong = append(strong, z+0.5*rng.NormFloat64())
		weak = append(weak, z+3*rng.NormFloat64())
	}
	return truth, strong, weak
}

// TestBootstrapReproducible checks that neither threads nor time change a bit.
func TestBootstrapReproducible(t *testing.T) {
	truth, a, b := related(50, 1)
	var ref string
	for _, threads := range []int{1, 2, 5} {
		cfg := BootstrapConfig{Resamples: 200, Seed: 7, Threads: threads}
		iv, err := Bootstrap(t.Context(), truth, a, Tau, cfg)
		if err != nil {
			t.Fatal(err)
		}
		df, err := BootstrapDifference(t.Context(), truth, a, b, PearsonR, cfg)
		if err != nil {
			t.Fatal(err)
		}
		j, err := json.Marshal([]*Interval{iv, df})
		if err != nil {
			t.Fatal(err)
		}
		if ref == "" {
			ref = string(j)
		} else if string(j) != ref {
			t.Errorf("%d threads: %s, want %s", threads, j, ref)
		}
	}
	other, err := Bootstrap(t.Context(), truth, a, Tau, BootstrapConfig{Resamples: 200, Seed: 8})
	if err != nil {
		t.Fatal(err)
	}
	if j, _ := json.Marshal(other); strings.Contains(ref, string(j)) {
		t.Error("another seed gives the same interval")
	}
}

// TestBootstrapCoverage draws many samples of known correlation. With 200
// samples, an interval that covers with probability 0.90 covers in 180 of them
// with a standard deviation of 4.2; percentile and BCa intervals of 60 rows are
// known to fall a few percent short. The bounds are five deviations wide below
// 0.88 and above 0.92.
func TestBootstrapCoverage(t *testing.T) {
	const samples, n, rho = 200, 60, 0.6
	var bca, pct int
	for s := 0; s < samples; s++ {
		rng := rand.New(rand.NewPCG(99, uint64(s)))
		x, y := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i] = rng.NormFloat64()
			y[i] = rho*x[i] + math.Sqrt(1-rho*rho)*rng.NormFloat64()
		}
		iv, err := Bootstrap(t.Context(), x, y, PearsonR, BootstrapConfig{Resamples: 400, Level: 0.9, Seed: uint64(s)})
		if err != nil {
			t.Fatal(err)
		}
		if iv.BCaLower <= rho && rho <= iv.BCaUpper {
			bca++
		}
		if iv.PercentileLower <= rho && rho <= iv.PercentileUpper {
			pct++
		}
	}
	for name, c := range map[string]int{"BCa": bca, "percentile": pct} {
		if c < 155 || c > 198 {
			t.Errorf("%s intervals of 90 %% covered in %d of %d samples", name, c, samples)
		}
	}
}

// TestBootstrapDifference: the better signal's advantage is found, and a signal
// against itself has none.
func TestBootstrapDifference(t *testing.T) {
	truth, a, b := related(150, 3)
	iv, err := BootstrapDifference(t.Context(), truth, a, b, Tau, BootstrapConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if !iv.Excludes(0) || iv.Lower <= 0 || iv.Estimate != Tau(truth, a)-Tau(truth, b) {
		t.Errorf("strong minus weak: %v", iv)
	}
	iv, err = BootstrapDifference(t.Context(), truth, a, a, Tau, BootstrapConfig{Resamples: 100})
	if err != nil {
		t.Fatal(err)
	}
	if iv.Lower != 0 || iv.Upper != 0 || iv.Excludes(0) || iv.Method != "percentile" {
		t.Errorf("a signal against itself: %+v", iv)
	}
}

// TestBootstrapRows agrees with Bootstrap where both can be used.
func TestBootstrapRows(t *testing.T) {
	truth, a, _ := related(40, 4)
	cfg := BootstrapConfig{Resamples: 100, Jackknife: 10, Seed: 5}
	want, err := Bootstrap(t.Context(), truth, a, SpearmanRho, cfg)
	if err != nil {
		t.Fatal(err)
	}
	got, err := BootstrapRows(t.Context(), len(truth), func(rows []int) float64 {
		x, y := make([]float64, len(rows)), make([]float64, len(rows))
		return SpearmanRho(gather(x, truth, rows), gather(y, a, rows))
	}, cfg)
	if err != nil || *got != *want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// TestBootstrapUndefined counts resamples without a value, and gives NaN where
// none has one.
func TestBootstrapUndefined(t *testing.T) {
	truth := []float64{0, 0, 0, 0, 0, 1}
	signal := []float64{1, 2, 3, 4, 5, 6}
	iv, err := Bootstrap(t.Context(), truth, signal, AUCAbove(0.5), BootstrapConfig{Resamples: 1000})
	if err != nil {
		t.Fatal(err)
	}
	// Without the last row (probability (5/6)^6 = 0.335, deviation 0.015), or with
	// nothing else.
	if iv.Undefined < 260 || iv.Undefined > 410 || iv.Resamples != 1000 {
		t.Errorf("%d of %d resamples undefined", iv.Undefined, iv.Resamples)
	}
	iv, err = Bootstrap(t.Context(), truth, signal, AUCAbove(2), BootstrapConfig{Resamples: 10})
	if err != nil || !math.IsNaN(iv.Estimate) || !math.IsNaN(iv.Lower) || !math.IsNaN(iv.Upper) {
		t.Errorf("no positive row at all: %+v, %v", iv, err)
	}
	j, err := json.Marshal(iv)
	if err != nil || !strings.Contains(string(j), `"estimate":null`) {
		t.Errorf("JSON %s, %v", j, err)
	}
}

func TestBootstrapStops(t *testing.T) {
	truth, a, _ := related(30, 6)
	ctx, cancel := context.WithCancel(t.Context())
	var calls atomic.Int64
	_, err := Bootstrap(ctx, truth, a, func(x, y []float64) float64 {
		if calls.Add(1) == 10 {
			cancel()
		}
		return 0
	}, BootstrapConfig{Resamples: 100000, Threads: 2})
	if !errors.Is(err, context.Canceled) || calls.Load() > 20 {
		t.Errorf("after canceling: %v, %d calls", err, calls.Load())
	}
	for _, c := range []BootstrapConfig{{Resamples: 1}, {Resamples: -5}, {Level: 1}, {Level: -1}, {Jackknife: 1}} {
		if _, err := Bootstrap(t.Context(), truth, a, Tau, c); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
	last := 0
	_, err = Bootstrap(t.Context(), truth, a, Tau, BootstrapConfig{Resamples: 350, Threads: 2, Progress: func(done, total int) {
		if total != 350 {
			t.Errorf("total %d", total)
		}
		last = max(last, done)
	}})
	if err != nil || last != 350 {
		t.Errorf("progress ended at %d, %v", last, err)
	}
}
