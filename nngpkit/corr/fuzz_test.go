package corr

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"testing"
)

// TestExtremeNumbers: statistics of the largest and the smallest numbers, and
// intervals of levels next to 1, lie where they can lie.
func TestExtremeNumbers(t *testing.T) {
	big, small := []float64{1e308, -1e308, 1.7e308, 1e-320, 3}, []float64{5e-324, 1e-320, -1e-310, 2e-323, 1e-322}
	plain := []float64{2, 3, -1, 1e308, 0}
	for _, c := range []struct{ truth, signal []float64 }{{big, plain}, {plain, big}, {big, big}, {small, plain}, {plain, small}, {big, small}, {small, small}} {
		for _, level := range []float64{0.5, 0.95, 0.9999999999999999, math.Nextafter(1, 0), 5e-324} {
			checkReport(t, c.truth, c.signal, ReportConfig{Top: 2, Bootstrap: 50, Level: level, Threads: 1})
		}
	}
}

// TestScaledIntervals: intervals of numbers times a power of two are those of the
// numbers, times that power.
func TestScaledIntervals(t *testing.T) {
	dist := []float64{1, 1.5, 2, 2.25, 2.5, 3, 3, 4, 5, 8}
	jack := []float64{2, 2.5, 2.75, 3, 2.5}
	want := intervals(2.75, dist, jack, 0.8)
	if want.Method != "BCa" || math.IsNaN(want.SE) {
		t.Fatalf("%+v", want)
	}
	for _, e := range []int{-1000, -400, 400, 1000} {
		got := intervals(math.Ldexp(2.75, e), scaled(dist, e), scaled(jack, e), 0.8)
		for name, v := range map[string][2]float64{
			"estimate": {got.Estimate, want.Estimate}, "SE": {got.SE, want.SE}, "bias": {got.Bias, want.Bias}, "lower": {got.Lower, want.Lower}, "upper": {got.Upper, want.Upper},
			"percentile": {got.PercentileLower, want.PercentileLower},
		} {
			if v[0] != math.Ldexp(v[1], e) {
				t.Errorf("2^%d: %s %v, want %v", e, name, v[0], math.Ldexp(v[1], e))
			}
		}
	}
}

// checkReport compares two columns, and checks what must hold of any.
func checkReport(t *testing.T, truth, signal []float64, cfg ReportConfig) {
	t.Helper()
	r, err := Compare(context.Background(), truth, []Signal{{"a", signal}, {"b", truth}}, cfg)
	if err != nil {
		return
	}
	within := func(what string, v, lo, hi float64) {
		if v < lo || v > hi { // NaN is neither
			t.Errorf("%s %v is not within %v and %v: %v, %v, %+v", what, v, lo, hi, truth, signal, cfg)
		}
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range truth {
		lo, hi = min(lo, v), max(hi, v)
	}
	for _, s := range r.Signals {
		for _, c := range []Correlation{s.Kendall, s.Pearson, s.Spearman} {
			within(c.Method, c.Value, -1, 1)
			within(c.Method+" p", c.P, 0, 1)
			within(c.Method+" interval", c.Lower, -1, c.Upper)
		}
		for _, a := range s.PQETP {
			within("AUC", a.Value, 0, 1)
		}
		within("overlap", s.Overlap, 0, 1)
		if within("discovered", s.Discovered, lo, hi); math.IsNaN(s.Discovered) {
			t.Errorf("discovered is no number: %v, %v, %+v", truth, signal, cfg)
		}
		for i, iv := range []*Interval{s.KendallInterval, s.PearsonInterval, s.SpearmanInterval, s.DiscoveredInterval} {
			if iv == nil {
				continue
			}
			least, most := -1.0, 1.0
			if i == 3 {
				least, most = lo, hi
			}
			within("lower bound", iv.Lower, least, iv.Upper)
			within("upper bound", iv.Upper, iv.Lower, most)
			if iv.SE < 0 || iv.N != len(truth) || iv.Undefined < 0 || iv.Undefined > iv.Resamples {
				t.Errorf("%+v", iv)
			}
		}
	}
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
	if r.String() == "" {
		t.Error("an empty report")
	}
}

// FuzzCompare: of whatever finite numbers, statistics lie where they can lie, and
// nothing panics.
func FuzzCompare(f *testing.F) {
	column := func(x ...float64) []byte {
		var b []byte
		for _, v := range x {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		return b
	}
	f.Add(column(1, 2, 2, 3, 3, 1, 4, 5), uint8(1), uint8(10), 0.95, 0.9, uint64(1))
	f.Add(column(1e308, 2, -1e308, 3, 1.7e308, -1e308), uint8(2), uint8(5), math.Nextafter(1, 0), -1e308, uint64(2))
	f.Add(column(5e-324, 0, -5e-324, 1, 0, 0), uint8(1), uint8(3), 1e-300, 0.0, uint64(3))
	f.Fuzz(func(t *testing.T, data []byte, top, resamples uint8, level, threshold float64, seed uint64) {
		var cols [2][]float64
		for i := 0; i+8 <= len(data) && i < 8*128; i += 8 {
			v := math.Float64frombits(binary.LittleEndian.Uint64(data[i:]))
			cols[i/8%2] = append(cols[i/8%2], v)
		}
		n := min(len(cols[0]), len(cols[1]))
		checkReport(t, cols[0][:n], cols[1][:n], ReportConfig{
			Top: int(top), Bootstrap: int(resamples % 32), Level: level, Thresholds: []float64{threshold}, Seed: seed, Threads: 1,
		})
	})
}
