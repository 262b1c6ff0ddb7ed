package corr

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"
)

// extreme is the power of two from which on, and below whose inverse, cubes of
// numbers leave the range of float64.
const extreme = 300

// intervals makes percentile and BCa intervals of a bootstrap distribution. Of
// numbers so large or small that their squares and cubes would be none, it is that
// of smaller or larger ones.
func intervals(estimate float64, dist, jack []float64, level float64) *Interval {
	_, e := math.Frexp(largest(dist, jack, []float64{estimate}))
	if -extreme < e && e < extreme {
		return unscaledIntervals(estimate, dist, jack, level)
	}
	iv := unscaledIntervals(math.Ldexp(estimate, -e), scaled(dist, -e), scaled(jack, -e), level)
	for _, v := range []*float64{
		&iv.SE, &iv.Bias, &iv.Lower, &iv.Upper, &iv.PercentileLower, &iv.PercentileUpper, &iv.BCaLower, &iv.BCaUpper,
	} {
		*v = math.Ldexp(*v, e)
	}
	// What is much smaller than the largest was rounded to nothing.
	lo, hi := bounds(dist)
	for _, v := range []*float64{&iv.Lower, &iv.Upper, &iv.PercentileLower, &iv.PercentileUpper, &iv.BCaLower, &iv.BCaUpper} {
		*v = math.Min(math.Max(*v, lo), hi) // NaN stays
	}
	iv.Estimate = estimate
	return iv
}

// bounds returns the least and the largest number, NaN apart.
func bounds(x []float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range x {
		if !math.IsNaN(v) {
			lo, hi = math.Min(lo, v), math.Max(hi, v)
		}
	}
	return lo, hi
}

// largest returns the largest absolute value, NaN and infinities apart.
func largest(columns ...[]float64) float64 {
	top := 0.0
	for _, x := range columns {
		for _, v := range x {
			if v = math.Abs(v); v > top && !math.IsInf(v, 0) {
				top = v
			}
		}
	}
	return top
}

func scaled(x []float64, e int) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = math.Ldexp(v, e)
	}
	return out
}

func unscaledIntervals(estimate float64, dist, jack []float64, level float64) *Interval {
	iv := &Interval{Estimate: estimate, Level: level, Resamples: len(dist), Method: "percentile"}
	var d []float64
	for _, v := range dist {
		if math.IsNaN(v) {
			iv.Undefined++
		} else {
			d = append(d, v)
		}
	}
	nan := math.NaN()
	iv.SE, iv.Bias, iv.Lower, iv.Upper = nan, nan, nan, nan
	iv.PercentileLower, iv.PercentileUpper, iv.BCaLower, iv.BCaUpper = nan, nan, nan, nan
	if len(d) < 2 || math.IsNaN(estimate) {
		return iv
	}
	sort.Float64s(d)
	mean, sq := 0.0, 0.0
	for _, v := range d {
		mean += (v - d[0]) / float64(len(d)) // from d[0]: equal values give it exactly
	}
	mean += d[0]
	for _, v := range d {
		sq += (v - mean) * (v - mean)
	}
	iv.SE, iv.Bias = math.Sqrt(sq/float64(len(d)-1)), mean-estimate
	tail := (1 - level) / 2
	iv.PercentileLower, iv.PercentileUpper = quantile(d, tail), quantile(d, 1-tail)
	iv.BCaLower, iv.BCaUpper = bca(estimate, d, jack, tail)
	iv.Lower, iv.Upper = iv.PercentileLower, iv.PercentileUpper
	if !math.IsNaN(iv.BCaLower) && !math.IsNaN(iv.BCaUpper) {
		iv.Lower, iv.Upper, iv.Method = iv.BCaLower, iv.BCaUpper, "BCa"
	}
	return iv
}

// quantile interpolates linearly between order statistics, as NumPy does.
func quantile(sorted []float64, p float64) float64 {
	h := p * float64(len(sorted)-1)
	i := int(h)
	if i >= len(sorted)-1 {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (h-float64(i))*(sorted[i+1]-sorted[i])
}

// bca returns the quantiles of the sorted distribution d at levels corrected
// for bias (share of d below the estimate, ties half) and acceleration (skewness
// of the jackknife values). NaN where all of d lies on one side, or where a level is
// so near to 0 or 1 that the correction does not reach it.
func bca(estimate float64, d, jack []float64, tail float64) (lo, hi float64) {
	less := sort.SearchFloat64s(d, estimate)
	upTo := sort.Search(len(d), func(i int) bool { return d[i] > estimate })
	norm := distuv.UnitNormal
	share := float64(less+upTo) / 2 / float64(len(d))
	if share <= 0 || share >= 1 {
		return math.NaN(), math.NaN()
	}
	z0 := norm.Quantile(share)
	mean, count := 0.0, 0.0
	for _, v := range jack {
		if !math.IsNaN(v) {
			mean += v
			count++
		}
	}
	mean /= count
	var s2, s3 float64
	for _, v := range jack {
		if !math.IsNaN(v) {
			e := mean - v
			s2 += e * e
			s3 += e * e * e
		}
	}
	if s2 == 0 || count == 0 {
		return math.NaN(), math.NaN()
	}
	a := s3 / (6 * math.Pow(s2, 1.5))
	at := func(p float64) float64 {
		z := z0 + norm.Quantile(p)
		if math.IsInf(z, 0) || !(1-a*z > 0) { // beyond it the levels would fall again
			return math.NaN()
		}
		return quantile(d, norm.CDF(z0+z/(1-a*z)))
	}
	return at(tail), at(1 - tail)
}
