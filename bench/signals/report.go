package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// part is a signal with its weight in a mixture of ranks: a column of the table of
// signals, a free count, or a published proxy.
type part struct {
	name   string
	weight float64
}

// mixture is a line of the report. Its values are means over so many draws: over
// seeds of the table, all choices of them.
type mixture struct {
	title string
	draws int // 0 means 1
	parts []part
}

// mixtures are the lines of the report. The first is what the others are compared
// with.
var mixtures = []mixture{
	{"2e + j + parameters, recommended", 1, []part{{"noise_entropy", 2}, {"noise_sensitivity", 1}, {"parameters", 1}}},
	{"general score, three draws", 3, []part{{"noise_score", 1}}},
	{"general score, one draw", 1, []part{{"noise_score", 1}}},
	{"e, recommended", 1, []part{{"noise_entropy", 1}}},
	{"e, one draw of 16 images, 4 members", 1, []part{{"entropy", 1}}},
	{"entropy, means over pixels", 1, []part{{"entropy_means", 1}}},
	{"j, recommended", 1, []part{{"noise_sensitivity", 1}}},
	{"j of the last cell, normalized by noise", 1, []part{{"cell_sensitivity", 1}}},
	{"entropy, normalized by noise", 1, []part{{"noise_norm_entropy", 1}}},
	{"entropy, normalized by pictures", 1, []part{{"picture_entropy", 1}}},
	{"J: entropy of Jacobians' angles", 1, []part{{"noise_jacobian", 1}}},
	{"J, normalized by pictures", 1, []part{{"picture_jacobian", 1}}},
	{"c: agreement of codes", 1, []part{{"noise_agreement", -1}}},
	{"NASWOT, noise images", 1, []part{{"noise_naswot", 1}}},
	{"NASWOT, noise images, normalized by pictures", 1, []part{{"picture_naswot", 1}}},
	{"NASWOT", 1, []part{{"naswot", 1}}},
	{"Zen-score", 1, []part{{"zen", 1}}},
	{"Zen-score as published code", 1, []part{{"zen_published", 1}}},
	{"present pair", 1, []part{{"pair_log_det", 1}, {"pair_effective_dimension", 1}}},
	{"present pair + parameters", 1, []part{{"pair_log_det", .5}, {"pair_effective_dimension", .5}, {"parameters", 1}}},
	{"present pair + parameters + conv3x3", 1, []part{{"pair_log_det", .5}, {"pair_effective_dimension", .5}, {"parameters", 1}, {"conv3x3", 1}}},
	{"parameters", 1, []part{{"parameters", 1}}},
	{"FLOPs", 1, []part{{"gflops", 1}}},
	{"conv3x3", 1, []part{{"conv3x3", 1}}},
	{"conv3x3 - shortest path", 1, []part{{"conv3x3", 1}, {"shortest_path", -1}}},
	{"e + parameters", 1, []part{{"noise_entropy", 1}, {"parameters", 1}}},
	{"2e + j + parameters - shortest path", 1, []part{{"noise_entropy", 2}, {"noise_sensitivity", 1}, {"parameters", 1}, {"shortest_path", -1}}},
	{"2e + j + parameters + conv3x3", 1, []part{{"noise_entropy", 2}, {"noise_sensitivity", 1}, {"parameters", 1}, {"conv3x3", 1}}},
	{"published nwot", 1, []part{{"proxy_nwot", 1}}},
	{"published jacov", 1, []part{{"proxy_jacov", 1}}},
	{"published jacov + parameters", 1, []part{{"proxy_jacov", 1}, {"parameters", 1}}},
	{"published synflow", 1, []part{{"proxy_synflow", 1}}},
	{"published zen", 1, []part{{"proxy_zen", 1}}},
}

// report prints, for both halves and all cells, tau-b of every mixture with the
// truth.
func (o options) report(ctx context.Context, adds bool, w io.Writer) error {
	truths := []string{truth.TruthColumn}
	if o.table == "signals_nasbench201" {
		truths = append(truths, "imagenet16_120_val")
	}
	for _, column := range truths {
		all, err := halves(ctx, o.table, column, o.peers)
		if err != nil {
			return err
		}
		for _, h := range all {
			fmt.Fprintf(w, "\n%s by %s, %s: %d cells, %d seeds\n", o.table, column, h.name, len(h.truth), len(h.seeds))
			if len(h.truth) < 10 {
				return fmt.Errorf("%d cells: too few", len(h.truth))
			}
			f := h.print
			if adds {
				f = h.adds
			}
			if err := f(ctx, w, o.resamp); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h *half) print(ctx context.Context, w io.Writer, resamples int) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "signal\ttau-b, mean over seeds [95 %]\tsd over seeds\trho\tseeds averaged: tau-b\trho\tminus the first [95 %]\ttau in the better half")
	var first [][]float64
	for _, m := range mixtures {
		own := h.all(m)
		if own == nil {
			continue
		}
		if first == nil {
			first = own
		}
		cfg := corr.BootstrapConfig{Resamples: resamples, Jackknife: 20}
		tau := func(rows []int) float64 { return h.meanTau(own, rows) }
		iv, err := corr.BootstrapRows(ctx, len(h.truth), tau, cfg)
		if err != nil {
			return err
		}
		d, err := corr.BootstrapRows(ctx, len(h.truth), func(rows []int) float64 { return tau(rows) - h.meanTau(first, rows) }, cfg)
		if err != nil {
			return err
		}
		averaged := h.mix(m, h.every())
		fmt.Fprintf(tw, "%s\t%.3f [%.3f, %.3f]\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f [%.3f, %.3f]\t%.3f\n", m.title,
			iv.Estimate, iv.PercentileLower, iv.PercentileUpper, h.spread(own), h.meanRho(own),
			corr.Tau(h.truth, averaged), corr.SpearmanRho(h.truth, averaged),
			d.Estimate, d.PercentileLower, d.PercentileUpper, h.better(own))
	}
	return tw.Flush()
}

// adds prints Kendall's partial tau of the recommended signals given others, means
// over seeds.
func (h *half) adds(ctx context.Context, w io.Writer, _ int) error {
	signals := []string{"noise_entropy", "noise_sensitivity", "cell_sensitivity", "noise_norm_entropy", "picture_entropy", "noise_jacobian", "noise_naswot", "noise_score"}
	given := []string{"", "parameters", "gflops", "conv3x3", "shortest_path", "zen", "naswot"}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(tw, "tau, and partial tau given")
	for _, g := range given {
		fmt.Fprintf(tw, "\t%s", g)
	}
	fmt.Fprintln(tw)
	for _, s := range signals {
		fmt.Fprint(tw, s)
		for _, g := range given {
			fmt.Fprintf(tw, "\t%.3f", h.partial(s, g))
		}
		fmt.Fprintln(tw)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	return ctx.Err()
}

// partial returns the mean over seeds of tau, given another signal unless it is
// empty; NaN where one is missing.
func (h *half) partial(name, given string) float64 {
	sum := 0.0
	for s := range h.seeds {
		x := h.signal(name, []int{s})
		if x == nil {
			return math.NaN()
		}
		if given == "" {
			sum += corr.Tau(h.truth, x)
			continue
		}
		y := h.signal(given, []int{s})
		if y == nil {
			return math.NaN()
		}
		c, err := corr.PartialKendall(h.truth, x, y)
		if err != nil {
			return math.NaN()
		}
		sum += c.Value
	}
	return sum / float64(len(h.seeds))
}

func (h *half) meanTau(x [][]float64, rows []int) float64 {
	sum := 0.0
	t := truth.PickRows(h.truth, rows)
	for _, s := range x {
		sum += corr.Tau(t, truth.PickRows(s, rows))
	}
	return sum / float64(len(x))
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
