package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"text/tabwriter"

	"github.com/nngplab/nngplab/nngpkit/corr"
)

func number(text string) (float64, error) {
	if text == "" {
		return math.NaN(), nil
	}
	return strconv.ParseFloat(text, 64)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// part is a signal with its weight in a mixture of ranks; of free counts, where
// the name is none of the columns.
type part struct {
	name   string
	weight float64
}

// mixture is a line of the report.
type mixture struct {
	title string
	parts []part
}

// mixtures are the lines of the report. The first is what the others are compared
// with.
var mixtures = []mixture{
	{"2e + j + parameters, recommended", []part{{"noise_entropy", 2}, {"noise_sensitivity", 1}, {"parameters", 1}}},
	{"2e + j + parameters, 16 images, 32 pictures", []part{{"entropy", 2}, {"sensitivity", 1}, {"parameters", 1}}},
	{"e: spectral entropy", []part{{"entropy", 1}}},
	{"entropy, means over pixels", []part{{"entropy_mean", 1}}},
	{"j: sensitivity", []part{{"sensitivity", 1}}},
	{"j, means over pixels", []part{{"sensitivity_mean", 1}}},
	{"j, maxima of quarters", []part{{"sensitivity_quarters", 1}}},
	{"entropy, batch norm", []part{{"entropy_batch", 1}}},
	{"c: agreement of codes", []part{{"agreement", 1}}},
	{"NASWOT, noise images", []part{{"naswot_noise", 1}}},
	{"NASWOT", []part{{"naswot", 1}}},
	{"Zen-score", []part{{"zen", 1}}},
	{"Zen-score as published code", []part{{"zen_published", 1}}},
	{"present pair", []part{{"pair_log_det", 1}, {"pair_effective_dimension", 1}}},
	{"present pair + parameters", []part{{"pair_log_det", .5}, {"pair_effective_dimension", .5}, {"parameters", 1}}},
	{"parameters", []part{{"parameters", 1}}},
	{"conv3x3", []part{{"conv3x3", 1}}},
	{"conv3x3 - shortest path", []part{{"conv3x3", 1}, {"shortest", -1}}},
	{"e + parameters", []part{{"entropy", 1}, {"parameters", 1}}},
	{"e + j", []part{{"entropy", 1}, {"sensitivity", 1}}},
	{"2e + j, means + parameters", []part{{"entropy", 2}, {"sensitivity_mean", 1}, {"parameters", 1}}},
	{"2e + j + parameters - shortest path", []part{{"entropy", 2}, {"sensitivity", 1}, {"parameters", 1}, {"shortest", -1}}},
	{"e + entropies of means + parameters", []part{{"entropy", 1}, {"entropy_mean", 1}, {"entropy_batch", 1}, {"parameters", 1}}},
	{"one recipe: e + e of means + J + j/2 + parameters", []part{{"entropy", 1}, {"entropy_mean", 1}, {"jacobian_entropy", 1}, {"sensitivity_cell", .5}, {"parameters", 1}}},
	{"J: entropy of Jacobians' angles", []part{{"jacobian_entropy", 1}}},
	{"jacov + parameters", []part{{"jacov", 1}, {"parameters", 1}}},
	{"nwot, published", []part{{"nwot", 1}}},
	{"jacov, published", []part{{"jacov", 1}}},
}

// half is one half of the cells, with their signals seed by seed.
type half struct {
	truth  []float64
	counts map[string][]float64
	seeds  []map[string][]float64
}

// report prints, for both halves, the mean over seeds of tau-b of every mixture
// with its interval over cells, its spread over seeds, the same for signals
// averaged over seeds, and the difference to the first.
func (o options) report(ctx context.Context, cells []cell, w io.Writer) error {
	var seeds []map[string]map[string]float64 // by cell and column
	for seed := range o.seeds {
		all, err := o.read(uint64(seed))
		if err != nil {
			return err
		}
		if len(all) > 0 {
			seeds = append(seeds, all)
		}
	}
	if len(seeds) == 0 {
		return fmt.Errorf("nothing has been measured in %s", o.out)
	}
	for _, choose := range []bool{true, false} {
		h := newHalf(cells, seeds, choose, o.need)
		name := "report"
		if choose {
			name = "choose"
		}
		fmt.Fprintf(w, "\n%s half: %d cells measured with %d seeds\n", name, len(h.truth), len(seeds))
		if len(h.truth) < 3 {
			continue
		}
		if err := h.print(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// read returns what all groups measured with one seed.
func (o options) read(seed uint64) (map[string]map[string]float64, error) {
	out := map[string]map[string]float64{}
	for name, g := range groups {
		rows, err := readRows(o.file(name, seed), g.columns)
		if err != nil {
			return nil, err
		}
		for key, values := range rows {
			if out[key] == nil {
				out[key] = map[string]float64{}
			}
			for i, c := range g.columns {
				out[key][c] = values[i]
			}
		}
	}
	return out, nil
}

// newHalf collects the cells of which all seeds have measured the column that is
// needed. Columns
// that some of them lack are left out.
func newHalf(cells []cell, seeds []map[string]map[string]float64, choose bool, need string) *half {
	h := &half{counts: map[string][]float64{}}
	for range seeds {
		h.seeds = append(h.seeds, map[string][]float64{})
	}
	for _, c := range cells {
		if c.choose != choose || slices.ContainsFunc(seeds, func(r map[string]map[string]float64) bool {
			_, ok := r[c.key][need]
			return !ok
		}) {
			continue
		}
		h.truth = append(h.truth, c.truth)
		for name, v := range c.counts {
			h.counts[name] = append(h.counts[name], v)
		}
		for s, r := range seeds {
			for name, v := range r[c.key] {
				h.seeds[s][name] = append(h.seeds[s][name], v)
			}
		}
	}
	for _, s := range h.seeds {
		for _, x := range s {
			worst(x)
		}
	}
	return h
}

// worst puts what is not defined below all that is: a dead network has no signal.
func worst(x []float64) {
	least := math.Inf(1)
	for _, v := range x {
		if finite(v) {
			least = min(least, v)
		}
	}
	for i, v := range x {
		if !finite(v) {
			x[i] = least - 1
		}
	}
}

// mix returns a mixture's ranks of one seed, or of the means over seeds of ranks
// where seed is -1; nil where a part is missing.
func (h *half) mix(m mixture, seed int) []float64 {
	var signals [][]float64
	var weights []float64
	for _, p := range m.parts {
		x := h.signal(p.name, seed)
		if len(x) != len(h.truth) || slices.ContainsFunc(x, func(v float64) bool { return !finite(v) }) {
			return nil
		}
		signals, weights = append(signals, x), append(weights, p.weight)
	}
	out, err := corr.WeightedRankMix(signals, weights)
	if err != nil {
		return nil
	}
	return out
}

func (h *half) signal(name string, seed int) []float64 {
	if x, ok := h.counts[name]; ok {
		return x
	}
	if seed >= 0 {
		return h.seeds[seed][name]
	}
	mean := make([]float64, len(h.truth))
	for _, s := range h.seeds {
		if len(s[name]) != len(mean) {
			return nil
		}
		for i, r := range corr.Ranks(s[name]) {
			mean[i] += r
		}
	}
	return mean
}

func (h *half) print(ctx context.Context, w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "signal\ttau-b, mean over seeds [95 %]\tsd over seeds\trho\tseeds averaged: tau-b\trho\tminus the first [95 %]\ttau in the better half")
	var first [][]float64 // that can be mixed
	for _, m := range mixtures {
		own := h.all(m)
		if own == nil {
			continue
		}
		if first == nil {
			first = own
		}
		tau := func(rows []int) float64 { return h.meanTau(own, rows) }
		iv, err := corr.BootstrapRows(ctx, len(h.truth), tau, corr.BootstrapConfig{Resamples: 500, Jackknife: 20})
		if err != nil {
			return err
		}
		d, err := corr.BootstrapRows(ctx, len(h.truth), func(rows []int) float64 { return tau(rows) - h.meanTau(first, rows) },
			corr.BootstrapConfig{Resamples: 500, Jackknife: 20})
		if err != nil {
			return err
		}
		averaged := h.mix(m, -1)
		fmt.Fprintf(tw, "%s\t%.3f [%.3f, %.3f]\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f [%.3f, %.3f]\t%.3f\n", m.title,
			iv.Estimate, iv.PercentileLower, iv.PercentileUpper, h.spread(own), h.meanRho(own),
			corr.Tau(h.truth, averaged), corr.SpearmanRho(h.truth, averaged),
			d.Estimate, d.PercentileLower, d.PercentileUpper, h.better(own))
	}
	return tw.Flush()
}

// all returns a mixture for every seed, nil where a part is missing.
func (h *half) all(m mixture) [][]float64 {
	var out [][]float64
	for s := range h.seeds {
		x := h.mix(m, s)
		if x == nil {
			return nil
		}
		out = append(out, x)
	}
	return out
}

func (h *half) meanTau(x [][]float64, rows []int) float64 {
	sum := 0.0
	for _, s := range x {
		sum += corr.Tau(pick(h.truth, rows), pick(s, rows))
	}
	return sum / float64(len(x))
}

func pick(x []float64, rows []int) []float64 {
	out := make([]float64, len(rows))
	for i, r := range rows {
		out[i] = x[r]
	}
	return out
}

func (h *half) meanRho(x [][]float64) float64 {
	sum := 0.0
	for _, s := range x {
		sum += corr.SpearmanRho(h.truth, s)
	}
	return sum / float64(len(x))
}

// spread returns the standard deviation of tau over seeds, NaN of one.
func (h *half) spread(x [][]float64) float64 {
	sum, squares := 0.0, 0.0
	for _, s := range x {
		t := corr.Tau(h.truth, s)
		sum += t
		squares += t * t
	}
	n := float64(len(x))
	return math.Sqrt(max(0, squares-sum*sum/n) / (n - 1))
}

// better returns the mean tau among the cells of the better half by truth.
func (h *half) better(x [][]float64) float64 {
	sorted := slices.Clone(h.truth)
	slices.Sort(sorted)
	var rows []int
	for i, t := range h.truth {
		if t >= sorted[len(sorted)/2] {
			rows = append(rows, i)
		}
	}
	return h.meanTau(x, rows)
}
