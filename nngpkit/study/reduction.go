package study

import (
	"context"
	"fmt"
	"math"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// Kept is what is left of a table of cells when only a share of it is kept: the
// cells that a signal likes best, ties being averaged over.
type Kept struct {
	Signal  truth.Signal
	Share   float64        // of all cells that is kept
	Top     *corr.Interval // share kept of the truly best tenth
	Mean    *corr.Interval // mean truth of what is kept
	Best    float64        // expected best truth of what is kept
	Decided bool           // the signal alone says which cells are kept: no tie at the edge
}

// KeptAt returns the Statistic of the share of the truly best cells that is kept
// when a share of all cells is, the best being that share top of all.
func KeptAt(top, share float64) corr.Statistic {
	return shareStatistic(top, share, func(p corr.SharePoint) float64 { return p.TopShare })
}

// MeanAt returns the Statistic of the mean truth of the share of cells that is
// kept.
func MeanAt(share float64) corr.Statistic {
	return shareStatistic(share, share, func(p corr.SharePoint) float64 { return p.Mean })
}

func shareStatistic(top, share float64, of func(corr.SharePoint) float64) corr.Statistic {
	return func(truth, signal []float64) float64 {
		n := len(truth)
		p, err := corr.Shares(truth, signal, shareOf(top, n), []int{shareOf(share, n)})
		if err != nil {
			return math.NaN()
		}
		return of(p[0])
	}
}

// shareOf returns a share of n rows, at least one.
func shareOf(share float64, n int) int { return max(1, int(math.Round(share*float64(n)))) }

// bestTenth is the share of cells that count as the truly best.
const bestTenth = 0.1

// Kept returns what each signal leaves of the cells when a share of them is
// kept.
func (c *Comparison) Kept(ctx context.Context, share float64) ([]Kept, error) {
	if !(share > 0 && share <= 1) {
		return nil, fmt.Errorf("study: a share of %v of the cells is asked for", share)
	}
	cfg := corr.BootstrapConfig{Resamples: c.resamples, Seed: c.seed}
	k := shareOf(share, c.N())
	var out []Kept
	for i, s := range c.values {
		p, err := corr.Shares(c.truth, s.Values, shareOf(bestTenth, c.N()), []int{k})
		if err != nil {
			return nil, err
		}
		x := Kept{Signal: c.Signals[i], Share: share, Best: p[0].Best, Decided: true}
		for _, v := range corr.Inclusion(s.Values, k) {
			x.Decided = x.Decided && (v == 0 || v == 1)
		}
		if x.Top, err = corr.Bootstrap(ctx, c.truth, s.Values, KeptAt(bestTenth, share), cfg); err != nil {
			return nil, err
		}
		if x.Mean, err = corr.Bootstrap(ctx, c.truth, s.Values, MeanAt(share), cfg); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// Reductions holds what signals leave of several tables of cells, at several
// shares. Tables without truth are left out; where none has any, it says so.
type Reductions struct {
	of     *Comparisons
	Shares []float64
	Kept   [][][]Kept // by table, share and signal
}

// Reductions measures what is left of each table when shares of it are kept.
func (a *Comparisons) Reductions(ctx context.Context, shares ...float64) (*Reductions, error) {
	r := &Reductions{of: a, Shares: shares}
	for _, c := range a.Of {
		var table [][]Kept
		for _, share := range shares {
			k, err := c.Kept(ctx, share)
			if err != nil {
				return nil, err
			}
			table = append(table, k)
		}
		r.Kept = append(r.Kept, table)
	}
	return r, nil
}

// Sheets returns a table for each table of cells: the share of the truly best
// tenth that is kept, and at the first share the truth of what is kept.
func (r *Reductions) Sheets() report.Sheets {
	if len(r.Kept) == 0 {
		return noTruthSheet()
	}
	var out report.Sheets
	for i, table := range r.Kept {
		cells, c := r.of.Cells[i], r.of.Of[i]
		t := &corr.Table{
			Title:   fmt.Sprintf("%s, n = %d: share of the truly best tenth that is kept, 95 %% intervals in brackets", headed(cells, 0), c.N()),
			Columns: []string{"signal"},
		}
		for _, share := range r.Shares {
			t.Columns = append(t.Columns, fmt.Sprintf("of %.3g %%", 100*share))
		}
		first := fmt.Sprintf("of %.3g %%", 100*r.Shares[0])
		t.Columns = append(t.Columns, "mean "+cells.Truth+" "+first, "best "+first)
		for j, s := range c.Signals {
			row := []string{s.Name()}
			for k := range r.Shares {
				row = append(row, report.Bracket(table[k][j].Top, 2))
			}
			t.Rows = append(t.Rows, append(row, report.Bracket(table[0][j].Mean, 4), report.Minus(table[0][j].Best, 4)))
		}
		t.Notes = append(t.Notes, fmt.Sprintf("At random: the share itself. All cells: mean %.4f, best %.4f. Ties at the edge are averaged over.", meanOf(c.truth), c.Report.BestTruth))
		if text := c.missing(); text != "" {
			t.Notes = append(t.Notes, text)
		}
		out = append(out, t)
	}
	return out
}

func meanOf(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// HTML returns what is left as tables.
func (r *Reductions) HTML() string { return r.Sheets().HTML() }

// String returns what is left for a terminal.
func (r *Reductions) String() string { return r.Sheets().String() }

// Record appends what is left to the file of results, under names such as
// prefix.official.best_kept_of_10.conv3x3 and prefix.official.mean_of_10.conv3x3.
func (r *Reductions) Record(prefix string) error {
	for i, table := range r.Kept {
		c := r.of.Of[i]
		for k, share := range r.Shares {
			for _, x := range table[k] {
				for _, v := range []struct {
					what string
					iv   *corr.Interval
				}{{"best_kept_of", x.Top}, {"mean_of", x.Mean}} {
					name := fmt.Sprintf("%s.%s.%s_%.3g.%s", prefix, r.of.Cells[i].Name, v.what, 100*share, report.ResultName(x.Signal.Column))
					if err := report.Record(name, v.iv.Estimate, v.iv.Lower, v.iv.Upper, c.N()); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// Gaps returns how much more of the truly best tenth a signal keeps than another
// at each share, on every table that has both. Their records are named
// TABLE.best_kept_of_20.A_minus_B.
func (r *Reductions) Gaps(ctx context.Context, a, b string) (*Gaps, error) {
	out := &Gaps{nothing: report.NoTruth}
	for i, c := range r.of.Of {
		if c.lacks(a) || c.lacks(b) {
			continue
		}
		p, err := c.index(a)
		if err != nil {
			return nil, err
		}
		q, err := c.index(b)
		if err != nil {
			return nil, err
		}
		for _, share := range r.Shares {
			iv, err := corr.BootstrapDifference(ctx, c.truth, c.values[p].Values, c.values[q].Values, KeptAt(bestTenth, share),
				corr.BootstrapConfig{Resamples: c.resamples, Seed: c.seed})
			if err != nil {
				return nil, err
			}
			name := r.of.Cells[i].Name
			out.Of = append(out.Of, SignalGap{
				Table: name, Interval: iv, N: c.N(),
				Name: fmt.Sprintf("best_kept_of_%.3g.%s_minus_%s", 100*share, report.ResultName(c.Signals[p].Column), report.ResultName(c.Signals[q].Column)),
				Text: fmt.Sprintf("%s cells, keeping %.3g %%: share of the best tenth kept by %s minus that by %s: %s (n = %d)",
					name, 100*share, c.Signals[p].Name(), c.Signals[q].Name(), report.Bracket(iv, 2), c.N()),
			})
		}
	}
	return out, nil
}

// DistributionFigure draws the distribution of truth among all cells and among
// the share of them that signals, given by column, like best, a panel a table.
// Of cells that tie at the edge each counts by its chance to be kept. Truths
// below truthMin are not drawn; 0 shows all.
func (a *Comparisons) DistributionFigure(share, truthMin float64, signals ...string) (*figure.Figure, error) {
	title := fmt.Sprintf("Truth before and after keeping the best %.3g %% by a signal", 100*share)
	return a.beside(title, func(t *truth.Cells, c *Comparison) (*figure.Figure, error) {
		samples := []figure.Sample{{Name: "all " + nounOf(t) + "s", Values: c.truth}}
		for _, name := range signals {
			if c.lacks(name) {
				continue
			}
			i, err := c.index(name)
			if err != nil {
				return nil, err
			}
			s := figure.Sample{Name: c.Signals[i].Name(), Values: c.truth}
			s.Weights = corr.Inclusion(c.values[i].Values, shareOf(share, c.N()))
			samples = append(samples, s)
		}
		cfg := figure.DistributionConfig{XLabel: t.Truth, Height: 4.2}
		if truthMin != 0 {
			cfg.Min, cfg.Max = truthMin, c.Report.BestTruth+0.002
			below := 0
			for _, v := range c.truth {
				if v < truthMin {
					below++
				}
			}
			if below > 0 {
				cfg.Subtitle = fmt.Sprintf("%d of %d below %g: they count, and are not drawn", below, c.N(), truthMin)
			}
		}
		return figure.Distributions(samples, cfg)
	})
}
